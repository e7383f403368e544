"""The data dictionary of a case file: what each column holds, in which form, for templates and documentation."""

from __future__ import annotations

from typing import Final, NamedTuple

from narrowgate.core.eligibility.rules.r15_reason import ACCEPTED

YES_OR_NO: Final = ("yes", "no")


class ColumnEntry(NamedTuple):
    """One column of a case file.

    Args:
        name: as in the heading.
        holds: what it holds and in which form.
        example: a value in that form, of nobody.
        rule: the rule that judges it first.
        required: whether a blank is always refused.
        choices: the only values there are; empty where there are others.
    """

    name: str
    holds: str
    example: str
    rule: str
    required: bool = True
    choices: tuple[str, ...] = ()


DICTIONARY: Final = (
    ColumnEntry(
        "item",
        "id of the row, different in every row: one word of at most 64 letters, digits and . _ : # / -, beginning "
        "with a letter or digit",
        "case-0001",
        "R-10",
    ),
    ColumnEntry("given_names", "the given names in full, as on the source document", "Maria Elena", "R-71"),
    ColumnEntry("surnames", "every surname in full", "Garcia Lopez", "R-71"),
    ColumnEntry("birth_date", "ISO 8601", "1984-03-09", "R-69"),
    ColumnEntry(
        "tin", "SSN or ITIN, nine digits with or without hyphens", "900-70-1234", "R-61", required=False
    ),
    ColumnEntry("alien_number", "A and seven to nine digits", "A012345678", "R-72", required=False),
    ColumnEntry("address_line_1", "the delivery line", "1234 N Oak St Apt 4B", "R-62a"),
    ColumnEntry(
        "address_line_2", "the unit, where the first line does not hold it", "", "R-63", required=False
    ),
    ColumnEntry("city", "the city; may be blank beside a ZIP Code", "Houston", "R-62c", required=False),
    ColumnEntry("state", "the state; may be blank beside a ZIP Code", "TX", "R-62c", required=False),
    ColumnEntry(
        "zip", "the ZIP Code, five digits or nine; or city and state", "77002", "R-62c", required=False
    ),
    ColumnEntry(
        "address_source", "where the requester has the address from", "lease found in the search", "R-19"
    ),
    ColumnEntry(
        "address_verified_on", "the day on which it was last verified, ISO 8601", "2026-10-15", "R-19"
    ),
    ColumnEntry("tax_years", "years separated by spaces, earliest first", "2022 2023", "R-13"),
    ColumnEntry("statute", "one that the agreement names", "8 USC 1253(a)(1)", "R-12"),
    ColumnEntry("investigation_number", "of the criminal investigation", "HSI-2026-00417", "R-16"),
    ColumnEntry("investigation_opened_on", "ISO 8601", "2026-05-04", "R-16"),
    ColumnEntry("removal_order_number", "of the final removal order", "RO-2025-118", "R-14"),
    ColumnEntry("removal_order_date", "ISO 8601, more than 90 days ago", "2025-11-03", "R-14"),
    ColumnEntry("removal_ground", "several are separated by semicolons", "8 USC 1227(a)(1)(B)", "R-14"),
    ColumnEntry("stayed", "whether the order is stayed, in small letters", "no", "R-14", choices=YES_OR_NO),
    ColumnEntry(
        "in_custody", "whether the person is in custody, in small letters", "no", "R-19", choices=YES_OR_NO
    ),
    ColumnEntry("reason_code", "what the answer serves", "CORROBORATE_RESIDENCE", "R-15", choices=ACCEPTED),
    ColumnEntry(
        "reason",
        "what the address shows in this person's case, in a sentence",
        "The lease names this apartment; residence there after the order shows willful failure to depart.",
        "R-15",
    ),
    ColumnEntry(
        "officers",
        "ids of the officers personally and directly engaged, separated by spaces",
        "officer-1 officer-2",
        "R-24",
    ),
)
"""Every column, in the order of the closed schema (rule R-18)."""
