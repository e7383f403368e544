"""Birth dates: one strict form at a time, read from the text alone."""

from __future__ import annotations

import re
from enum import StrEnum

from narrowgate.core.base.times import parse_date

EARLIEST_YEAR = 1880
"""No person born earlier is alive: an earlier date is a slip."""


class BirthDateForm(StrEnum):
    """How a source writes birth dates; a mapping names one, items always use ISO 8601."""

    ISO = "YYYY-MM-DD"
    COMPACT = "YYYYMMDD"
    US = "MM/DD/YYYY"


_OTHER_FORMS = {
    BirthDateForm.COMPACT: re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})\Z"),
    BirthDateForm.US: re.compile(r"(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/(?P<year>[0-9]{4})\Z"),
}


def parse_birth_date(text: str, form: BirthDateForm = BirthDateForm.ISO) -> str | None:
    """The date in ISO 8601 form; None unless the text is a possible date from 1880 on.

    The text must be written exactly in ``form``. Whether the date lies in the future is judged where the
    time is known.

    Args:
        text: the date as written.
        form: the only form accepted.
    """
    text = text.strip()
    iso = text if form is BirthDateForm.ISO else _to_iso(text, form)
    born = parse_date(iso)
    return iso if born is not None and born.year >= EARLIEST_YEAR else None


def _to_iso(text: str, form: BirthDateForm) -> str:
    written = _OTHER_FORMS[form].match(text)
    return f"{written['year']}-{written['month']}-{written['day']}" if written else ""
