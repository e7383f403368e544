"""What a build says for people beside its counts: rows set aside, each reason in words, and what was passed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from narrowgate.entrypoints.cli.frame import note, warn

IN_WORDS: Final = {
    "person_tin_malformed": ": no nine digits, or a number that cannot have been issued",
    "person_birth_date_malformed": ": no possible date in the form that the mapping names",
    "person_identifier_missing": ": neither a TIN nor a birth date",
    "person_name_missing": ": no name",
    "person_name_incomplete": ": a given name or a family name is missing",
    "person_name_not_understood": ": a name that cannot be taken apart with certainty",
    "tax_year_malformed": ": not four digits from 1990 to 2053",
    "suppressed_malformed": ": neither yes, no nor blank",
}
"""Reasons of which the id alone does not say what is wrong with the row (``narrowgate docs mapping`` has all)."""

_PASSED_OVER = {
    "tins_passed_over": "have a TIN that cannot be one; they are kept under their birth date",
    "states_passed_over": "have a state that contradicts ZIP Code and city; they are kept under the ZIP Code",
}


def say_what_was_passed_over(counts: dict[str, Any], quarantine: Path) -> None:
    """Says on stderr how many rows were set aside, for which reasons, and what was kept in another way.

    A mapping to the wrong columns shows here: nearly every row is set aside, or nearly every TIN is none.

    Args:
        counts: of the build.
        quarantine: the file of the rows set aside.
    """
    aside = counts["rows_read"] - counts["rows_loaded"]
    if aside:
        warn(f"{aside:,} of {counts['rows_read']:,} rows were quarantined; see {quarantine}")
        for reason, rows in sorted(
            counts["rows_quarantined"].items(), key=lambda entry: (-entry[1], entry[0])
        ):
            warn(f"  {rows:,} {reason}{IN_WORDS.get(reason, '')}")
    for count, what in _PASSED_OVER.items():
        if counts[count]:
            note(f"{counts[count]:,} of {counts['entries_loaded']:,} entries {what}")
