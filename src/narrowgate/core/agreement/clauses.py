"""The standard clauses: the words two agencies start from, each with the rules that hold it.

They are the text of ``examples/agreement.toml`` and of every sandbox agreement. A real agreement may word
them otherwise; what the software does is in the rules, and no wording widens it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from narrowgate.core.agreement.model import Clause

PEOPLE: Final[tuple[str, ...]] = ()
"""In place of rules: the clause binds people and no software."""

_I2B: Final = "26 USC 6103(i)(2)(B)"

_STANDARD: Final[tuple[tuple[str, str, str, tuple[str, ...]], ...]] = (
    (
        "1.1",
        (
            "The custodian answers one question about one person: whether the address that the requester "
            "states appears in that person's tax file for a year that the requester names. The only "
            "answers are CONFIRMED and NOT_CONFIRMED; no address and no other part of a tax record leaves "
            "the custodian."
        ),
        "26 USC 6103(a); 26 USC 6103(i)(2)",
        (
            "R-1",
            "R-2",
            "R-60",
        ),
    ),
    (
        "1.2",
        (
            "That no record exists, that another address stands in it, that a disclosure is barred under "
            "26 USC 6103(i)(6), and that too many filers share the address are one and the same answer: "
            "NOT_CONFIRMED."
        ),
        "26 USC 6103(b)(8); 26 USC 6103(i)(6)",
        (
            "R-6",
            "R-55",
            "R-70",
        ),
    ),
    (
        "1.3",
        (
            "A request that lacks an element is refused with its reasons, which are drawn from the "
            "request alone, before any tax record is looked at."
        ),
        _I2B,
        (
            "R-4",
            "R-10",
            "R-18",
        ),
    ),
    (
        "2.1",
        (
            "Only the Secretary of Homeland Security and the Acting Director of U.S. Immigration and "
            "Customs Enforcement may ask, each by a key bound to the office for stated dates. Nobody "
            "signs for them. The custodian may switch either office off."
        ),
        "26 USC 6103(i)(2)(A)",
        (
            "R-20",
            "R-21",
            "R-22",
            "R-23",
        ),
    ),
    (
        "2.2",
        (
            "With each package the official attests the sole use, the named recipients, that nothing is "
            "redisclosed, that each person is under criminal investigation, and verification before "
            "action."
        ),
        "26 USC 6103(i)(2)(A); 26 USC 6103(p)(4)",
        ("R-17",),
    ),
    (
        "2.3",
        (
            "The official reads the package summary before signing, keeps the card in person and tells "
            "nobody the PIN."
        ),
        "26 USC 6103(i)(2)(A)",
        PEOPLE,
    ),
    (
        "3.1",
        (
            "Each item states the full name, the birth date and the full address of one person, and may state "
            "the taxpayer number: a name and an address alone identify nobody."
        ),
        f"{_I2B}(i)",
        (
            "R-11",
            "R-61",
            "R-69",
            "R-71",
            "R-72",
        ),
    ),
    (
        "3.2",
        (
            "The address is complete: number, street, unit where the building has units, and ZIP Code or "
            "city and state; or route and box. Every word of it is understood. A text that stands in "
            "place of an address is none."
        ),
        f"{_I2B}(i); USPS Publication 28",
        (
            "R-62a",
            "R-62b",
            "R-62c",
            "R-62d",
            "R-62e",
            "R-62f",
            "R-62g",
            "R-63",
            "R-64",
        ),
    ),
    (
        "3.3",
        (
            "The address is where a person can live: no institution, no address in care of another, no "
            "private mailbox, general delivery, military or foreign mail, and of a class that section "
            "[addresses] accepts."
        ),
        f"{_I2B}(i)",
        (
            "R-65a",
            "R-65b",
            "R-65c",
            "R-65d",
            "R-65e",
            "R-65f",
            "R-65g",
            "R-65h",
            "R-65i",
        ),
    ),
    (
        "3.4",
        "Each item names the taxable years asked about, few and within section [tax_years].",
        f"{_I2B}(ii)",
        ("R-13",),
    ),
    (
        "3.5",
        (
            "Each item cites the Federal criminal statute, from section [statutes], and the number and "
            "opening date of the criminal investigation of this person."
        ),
        f"{_I2B}(iii)",
        (
            "R-12",
            "R-16",
        ),
    ),
    (
        "3.6",
        (
            "Each item gives the number and date of a final removal order that is more than 90 days old, "
            "rests on a ground of 8 USC 1227(a) and is not stayed."
        ),
        "8 USC 1253(a)(1)",
        ("R-14",),
    ),
    (
        "3.7",
        (
            "Each item gives the reason why the answer is relevant in this person's case. To find a "
            "person, and to carry out a civil removal, are no reasons. A text repeated from item to item "
            "is no specific reason."
        ),
        f"{_I2B}(iv); 26 USC 6103(i)(5)",
        (
            "R-15",
            "R-25",
        ),
    ),
    (
        "3.8",
        (
            "Each item states where the address comes from and when the requester last verified it, "
            "within 90 days, and that the person is not in custody."
        ),
        f"{_I2B}(iv)",
        ("R-19",),
    ),
    (
        "4.1",
        (
            "Each item names the officers personally and directly engaged in the case, no officer in more "
            "cases than section [limits] allows. Only they can open its answer."
        ),
        "26 USC 6103(i)(2)(A)",
        (
            "R-24",
            "R-40",
        ),
    ),
    (
        "4.2",
        (
            "An officer named completes the safeguards training before registration and acknowledges the "
            "penalties of 26 USC 7213, 7213A and 7431."
        ),
        "26 USC 6103(p)(4)(C) and (D)",
        PEOPLE,
    ),
    (
        "5.1",
        (
            "A package over a quota of section [limits], or whose rows are not as many as it declares, is "
            "refused whole."
        ),
        "26 USC 6103(p)(4)",
        (
            "R-26",
            "R-27",
        ),
    ),
    (
        "5.2",
        (
            "One person is not asked about at one address after another, nor one address for one person "
            "after another, beyond section [limits]. Questions about one person are counted together while "
            "this agreement runs, however it is amended. A question repeated gets the answer of the first "
            "time."
        ),
        "26 USC 6103(b)(8); 26 USC 6103(i)(6)",
        (
            "R-28",
            "R-29",
            "R-73",
            "R-74",
        ),
    ),
    (
        "6.1",
        (
            "No package is answered unless this agreement and the requester's safeguards approval are in "
            "force, without an open finding."
        ),
        "26 USC 6103(p)(4); 5 USC 552a(o)(2)(C)",
        ("R-51",),
    ),
    (
        "6.2",
        (
            "The custodian's disclosure officers may place a hold at any time, for one office or for "
            "both; no answer leaves while it stands."
        ),
        "Orders of a court",
        ("R-52",),
    ),
    (
        "6.3",
        (
            "The custodian keeps a permanent accounting of every request and every answer, refused ones "
            "included, that anyone who may inspect it can verify."
        ),
        "26 USC 6103(p)(3)(A)",
        (
            "R-30",
            "R-32",
        ),
    ),
    (
        "7.1",
        (
            "A confirmation says that an address stands in a tax file for a year, and nothing about where "
            "anybody lives today. The requester verifies it independently before any action."
        ),
        "5 USC 552a(p) (as good practice)",
        PEOPLE,
    ),
    (
        "7.2",
        (
            "Answers are used solely for the investigation or proceeding of their item, are passed on to "
            "nobody, and are destroyed after use."
        ),
        "26 USC 6103(i)(2)(A); 26 USC 6103(p)(4)(F)",
        PEOPLE,
    ),
    (
        "7.3",
        "Either side reports a possible improper use within 24 hours, without tax data in the report.",
        "IRS Publication 1075 (incident reporting)",
        PEOPLE,
    ),
)


def standard_clauses(valid_from: date, valid_to: date) -> tuple[Clause, ...]:
    """The standard clauses, in force from one day to another, both included."""
    return tuple(
        Clause(number, text, citation, valid_from, valid_to, rules)
        for number, text, citation, rules in _STANDARD
    )
