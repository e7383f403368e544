"""What a case file says beside the person and the address: order, investigation, reason, officers."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

_SOURCES = ("lease", "utility bill", "vehicle registration", "interview", "employer's letter", "court filing")
_GROUNDS = (
    "8 USC 1227(a)(1)(B)",
    "8 USC 1227(a)(1)(C)(i)",
    "8 USC 1227(a)(2)(A)(ii)",
    "8 USC 1227(a)(2)(B)(i)",
)
_OPENINGS = {
    "CORROBORATE_RESIDENCE": (
        "The landlord stated in {month} that the subject rents there",
        "A {source} found in {month} shows the subject at the address",
        "A neighbor interviewed in {month} places the subject there",
        "The subject gave this address to {authority} in {month}",
    ),
    "ESTABLISH_IDENTITY": (
        "Two persons of this name appear in the file and a {source} of {month} points here",
        "Fingerprints taken by {authority} in {month} match a person of another spelling at the address",
        "The {source} obtained in {month} carries another birth place for the subject",
    ),
    "SERVE_PROCESS": (
        "A summons issued in {month} came back from the former home and a {source} names this one",
        "The court ordered service in {month} and {authority} named this address",
    ),
    "REBUT_DEFENSE": (
        "Counsel claimed in {month} that the subject had left the country, against a {source}",
        "The subject testified in {month} to have moved away before the order, which {authority} disputes",
    ),
}
_USES = (
    "the return would show residence after the order became final",
    "the charge of willful failure to depart turns on presence in that year",
    "the grand jury asked for proof of where the subject lived",
    "the affidavit has to state the residence in the year named",
    "the defense of departure would fail if the address stands",
)
_AUTHORITIES = (
    "the county clerk",
    "the probation office",
    "the state police",
    "the school district",
    "the sheriff",
)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")


class Paperwork:
    """Columns that every eligibility rule accepts on the day ``today``.

    Args:
        random: drawn from in a fixed order.
        today: the day of the package.
        officers: how many officers share the cases.
    """

    def __init__(self, random: Random, today: date, officers: int) -> None:
        self._random = random
        self._today = today
        self._officers = [f"OFF-{number:04d}" for number in range(1, officers + 1)]
        self._serial = 0

    @property
    def officers(self) -> tuple[str, ...]:
        """Everybody whom an item may name."""
        return tuple(self._officers)

    def columns(self) -> dict[str, str]:
        """One item's columns, without item id, person, address and tax years."""
        random = self._random
        self._serial += 1
        ordered_on = self.day(120, 900)
        code = random.choice(tuple(_OPENINGS))
        return {
            "alien_number": f"A{random.randint(20_000_000, 219_999_999):09d}",
            "address_source": random.choice(_SOURCES),
            "address_verified_on": self.day(2, 80),
            "statute": "8 USC 1253(a)(1)",
            "investigation_number": f"INV-{self._today.year}-{self._serial:06d}",
            "investigation_opened_on": self.day(5, 110),
            "removal_order_number": f"RO-{ordered_on[:4]}-{random.randint(100_000, 999_999)}",
            "removal_order_date": ordered_on,
            "removal_ground": random.choice(_GROUNDS),
            "stayed": "no",
            "in_custody": "no",
            "reason_code": code,
            "reason": self._reason(code),
            "officers": " ".join(
                sorted(random.sample(self._officers, random.randint(1, min(2, len(self._officers)))))
            ),
        }

    def day(self, least: int, most: int) -> str:
        """A day between ``least`` and ``most`` days ago, in ISO 8601."""
        return (self._today - timedelta(days=self._random.randint(least, most))).isoformat()

    def _reason(self, code: str) -> str:
        random = self._random
        opening = random.choice(_OPENINGS[code]).format(
            month=random.choice(_MONTHS),
            source=random.choice(_SOURCES),
            authority=random.choice(_AUTHORITIES),
        )
        return f"{opening}; {random.choice(_USES)}."


def ineligible(paperwork: Paperwork) -> dict[str, tuple[str, dict[str, str]]]:
    """What makes an item ineligible whatever its address, by name: the rule expected and the columns changed."""
    tomorrow = paperwork.day(-30, -1)
    return {
        "statute on improper entry": ("R-12", {"statute": "8 USC 1325(a)"}),
        "civil provision": ("R-12", {"statute": "8 USC 1231(a)"}),
        "no tax year": ("R-13", {"tax_years": ""}),
        "tax year before the window": ("R-13", {"tax_years": "1999"}),
        "order 30 days old": ("R-14", {"removal_order_date": paperwork.day(30, 30)}),
        "order stayed": ("R-14", {"stayed": "yes"}),
        "no order number": ("R-14", {"removal_order_number": ""}),
        "inadmissible only": ("R-14", {"removal_ground": "8 USC 1182(a)(6)(A)(i)"}),
        "to locate": ("R-15", {"reason_code": "LOCATE_PERSON"}),
        "civil removal": ("R-15", {"reason_code": "CIVIL_REMOVAL"}),
        "boilerplate": ("R-15", {"reason": "Address needed."}),
        "no investigation": ("R-16", {"investigation_number": ""}),
        "investigation not begun": ("R-16", {"investigation_opened_on": tomorrow}),
        "in custody": ("R-19", {"in_custody": "yes"}),
        "verified long ago": ("R-19", {"address_verified_on": paperwork.day(200, 300)}),
        "no source": ("R-19", {"address_source": ""}),
        "no officer": ("R-24", {"officers": ""}),
        "impossible number": ("R-61", {"tin": "000-12-3456"}),
        "no birth date": ("R-69", {"birth_date": ""}),
        "impossible alien number": ("R-72", {"alien_number": "A000000000"}),
    }
