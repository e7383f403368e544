"""What is wrong with the form of one value of a case file, in words that repeat nothing of it.

A rule says that a date is no ISO 8601 date; here it is told that this one is written month/day/year, and what it would
be if it were written well, so that what the rules say of the corrected item can be told in the same pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from narrowgate.core.base.times import parse_date
from narrowgate.core.eligibility.rules.r15_reason import ACCEPTED
from narrowgate.core.request.dictionary import DICTIONARY
from narrowgate.core.request.item import Item

_ISO_HINT: Final = "Write it in ISO 8601, such as 2026-01-31."


class FormProblem(NamedTuple):
    """What is wrong with the form of a value.

    Args:
        problem: continues "the value ...", with its full stop or question mark.
        hint: what to do about it.
        corrected: the value in the right form; empty where it cannot be told.
    """

    problem: str
    hint: str
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class ValueFault:
    """A value in a form that no rule accepts.

    Args:
        column: that holds it.
        found: what is wrong with it.
        rules: ids of the rules that may refuse the item for it.
    """

    column: str
    found: FormProblem
    rules: tuple[str, ...]


_NUMBER_ENDS: Final = re.compile(r"[0-9]+\.0+")
_SCIENTIFIC: Final = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+")
_SLASHES: Final = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})")
_WITH_TIME: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9:.]+(?:Z|[+-][0-9:]+)?")
_EXCEL_DAYS: Final = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_US_TIN: Final = re.compile(r"[0-9]+(?:[ -][0-9]+)*")


def _date_problem(text: str) -> FormProblem | None:
    if parse_date(text):
        return None
    if _EXCEL_DAYS.fullmatch(text):
        return FormProblem(
            "is a number of days, which is how Excel keeps a date.",
            "Format the column as text in Excel and type the dates again.",
        )
    for form, problem_of in _OTHER_DATES:
        if written := form.fullmatch(text):
            return problem_of(written)
    return None


def _date_with_time(written: re.Match[str]) -> FormProblem:
    return FormProblem(
        "has a time behind the date.", "Write the date alone, such as 2026-01-31.", _iso(written[1])
    )


def _year_first_date(written: re.Match[str]) -> FormProblem:
    year, separator, month, day = written.groups()
    if separator == "-" and (len(month), len(day)) == (2, 2):
        return FormProblem("is no day of the calendar.", "Compare it with the source document.")
    how = {"": "is written without hyphens.", "-": "has a month or day of one digit."}
    problem = how.get(separator, "has other separators than hyphens.")
    return FormProblem(problem, _ISO_HINT, _iso(f"{year}-{month:0>2}-{day:0>2}"))


def _turned_date(written: re.Match[str]) -> FormProblem:
    first, _, second, year = written.groups()
    if len(year) == 2:
        return FormProblem("has a year of two digits.", _ISO_HINT)
    if int(first) > 12:
        return FormProblem(
            "is written day first, not in ISO 8601.", _ISO_HINT, _iso(f"{year}-{second:0>2}-{first:0>2}")
        )
    return FormProblem("is written month/day/year.", _ISO_HINT, _iso(f"{year}-{first:0>2}-{second:0>2}"))


_OTHER_DATES: Final = (
    (_WITH_TIME, _date_with_time),
    (_SLASHES, _turned_date),
    (_YEAR_FIRST, _year_first_date),
)


def _iso(text: str) -> str:
    return text if parse_date(text) else ""


def _number_problem(text: str, widths: tuple[int, ...], unit: str) -> FormProblem | None:
    """What is wrong with the digits of a number that has so many of them."""
    if _SCIENTIFIC.fullmatch(text):
        return FormProblem(
            "is a number with an exponent: its last digits are gone.",
            "Take it from the source document, as text.",
        )
    bare = text
    if _NUMBER_ENDS.fullmatch(text):
        bare = text.partition(".")[0]
    if not _US_TIN.fullmatch(bare):
        return FormProblem("holds something else than digits.", f"Write {unit}.") if text else None
    digits = re.sub(r"[ -]", "", bare)
    if len(digits) in widths:
        if bare == text:
            return None
        return FormProblem("ends in .0, as a number does.", "Write the column as text.", bare)
    longer = [width for width in widths if width > len(digits)]
    if longer and longer[0] - len(digits) <= 2:
        lost = (
            "has a leading zero been lost?"
            if longer[0] - len(digits) == 1
            else "have leading zeros been lost?"
        )
        return FormProblem(
            f"has {len(digits)} digits: {lost}",
            f"Write {unit}, as text.",
            digits.zfill(longer[0]) if digits == bare else "",
        )
    return FormProblem(f"has {len(digits)} digits.", f"Write {unit}.")


def _tin_problem(text: str) -> FormProblem | None:
    return _number_problem(text, (9,), "nine digits, with or without hyphens")


def _zip_problem(text: str) -> FormProblem | None:
    return _number_problem(text, (5, 9), "five digits, or nine")


def _alien_number_problem(text: str) -> FormProblem | None:
    bare = text[1:].lstrip(" -") if text[:1] in {"A", "a"} else text
    return _number_problem(bare, (7, 8, 9), "A and seven to nine digits")


def _yes_or_no_problem(text: str) -> FormProblem | None:
    if text in {"yes", "no"}:
        return None
    hint = "Write yes or no, in small letters."
    if text.lower() in {"yes", "no"}:
        return FormProblem("is not in small letters.", hint, text.lower())
    word = {"y": "yes", "true": "yes", "t": "yes", "1": "yes", "n": "no", "false": "no", "f": "no", "0": "no"}
    if text.lower() in word:
        return FormProblem("means yes or no and is neither word.", hint, word[text.lower()])
    return FormProblem("is neither yes nor no.", hint)


def _tax_years_problem(text: str) -> FormProblem | None:
    hint = "Write the years separated by spaces, earliest first: 2022 2023."
    years = re.findall(r"[0-9]{4}", text)
    if not years or re.sub(r"[0-9]{4}", "", text).strip(" ,;/&.0-") not in {"", "and"}:
        return None
    written = " ".join(sorted(set(years)))
    if re.search(r"[0-9]{4} ?[-\u2013] ?[0-9]{4}", text):
        return FormProblem("is a range of years.", "Name each year: 2022 2023.")
    if _NUMBER_ENDS.fullmatch(text):
        return FormProblem("ends in .0, as a number does.", "Write the column as text.", written)
    if text.split() != years:
        return FormProblem("separates the years by something else than spaces.", hint, written)
    if len(set(years)) < len(years):
        return FormProblem("names a year twice.", hint, written)
    return FormProblem("has its years out of order.", hint, written) if years != sorted(years) else None


def _reason_code_problem(text: str) -> FormProblem | None:
    written = re.sub(r"[\s_-]+", "_", text.strip()).upper()
    if written == text or not text:
        return None
    return FormProblem(
        "is not in capital letters with underscores.",
        "Write it as CORROBORATE_RESIDENCE is written.",
        written,
    )


def _officers_problem(text: str) -> FormProblem | None:
    if not re.search(r"[,;]", text):
        return None
    written = " ".join(re.split(r"[\s,;]+", text.strip(" ,;")))
    return FormProblem(
        "separates the officers by something else than spaces.", "Separate their ids by spaces.", written
    )


_FORMS: Final[Mapping[str, tuple[Callable[[str], FormProblem | None], tuple[str, ...]]]] = {
    "birth_date": (_date_problem, ("R-71", "R-69")),
    "tin": (_tin_problem, ("R-61", "R-69")),
    "alien_number": (_alien_number_problem, ("R-72",)),
    "zip": (_zip_problem, ("R-62c", "R-62d", "R-62e", "R-62f", "R-62a", "R-65h", "R-64")),
    "address_verified_on": (_date_problem, ("R-19",)),
    "tax_years": (_tax_years_problem, ("R-13",)),
    "investigation_opened_on": (_date_problem, ("R-16",)),
    "removal_order_date": (_date_problem, ("R-14",)),
    "stayed": (_yes_or_no_problem, ("R-14",)),
    "in_custody": (_yes_or_no_problem, ("R-19",)),
    "reason_code": (_reason_code_problem, ("R-15",)),
    "officers": (_officers_problem, ("R-24",)),
}


BLANK: Final = FormProblem("is blank.", "Fill it in from the source document.")
"""Of a column that has to be filled in."""
_MAY_BE_BLANK: Final = frozenset(entry.name for entry in DICTIONARY if not entry.required) | {"officers"}


def value_faults(item: Item) -> tuple[ValueFault, ...]:
    """Every value of the item that is in a form which no rule accepts, in the order of the columns."""
    found = []
    for column, (look, rules) in _FORMS.items():
        value = getattr(item, column)
        problem = look(value) if value else None if column in _MAY_BE_BLANK else BLANK
        if problem:
            found.append(ValueFault(column, problem, rules))
    return tuple(found)


def corrected_item(item: Item) -> Item:
    """The item with every value in its right form, where that can be told."""
    values = {fault.column: fault.found.corrected for fault in value_faults(item) if fault.found.corrected}
    return item._replace(**values) if values else item


def well_formed_item(item: Item, faults: Iterable[ValueFault], today: date, tax_year: int) -> Item:
    """The item as if these faults were not there, to see what else is wrong; never to ask with.

    A value whose right form cannot be told is another's that no rule refuses, but for ZIP Codes and officers, which
    are judged beside other values.

    Args:
        item: with the faults.
        faults: of its values.
        today: the UTC day from which ages count.
        tax_year: one that the agreement allows.
    """
    long_ago = (today - timedelta(days=365)).isoformat()
    others = {
        "birth_date": "1980-01-01",
        "tin": "",
        "alien_number": "",
        "address_verified_on": today.isoformat(),
        "tax_years": str(tax_year),
        "investigation_opened_on": long_ago,
        "removal_order_date": long_ago,
        "stayed": "no",
        "in_custody": "no",
        "reason_code": ACCEPTED[0],
    }
    values = {fault.column: fault.found.corrected or others.get(fault.column, "") for fault in faults}
    return item._replace(**{column: value for column, value in values.items() if value or column in others})
