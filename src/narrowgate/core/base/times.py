"""Times and dates as documents write them: one time, one text (RFC 3339), and nothing else is read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
"""A UTC time in whole seconds; such texts sort as the times do."""

DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"
_DATE_LENGTH: Final = 10


def format_time(moment: datetime) -> str:
    """Returns the time in UTC with whole seconds and ``Z``, the one text that every document has for it.

    Raises:
        ValueError: the time has no zone, or a fraction of a second.

    Source: RFC 3339 section 5.6.
    """
    if moment.utcoffset() is None or moment.microsecond:
        raise ValueError("a time in a document has a zone and whole seconds")
    return moment.astimezone(UTC).strftime(_FORM)


def parse_time(text: str) -> datetime:
    """Returns the aware time that :func:`format_time` writes as ``text``.

    Raises:
        ValueError: it writes none so.
    """
    return _parsed_time(text)


@lru_cache(maxsize=256)
def _parsed_time(text: str) -> datetime:
    """Kept, because the thousand parts of a package have few times."""
    if not TIME.fullmatch(text):
        raise ValueError("the text is not a UTC time in whole seconds")
    return datetime.strptime(text, _FORM).replace(tzinfo=UTC)


def parse_date(text: str) -> date | None:
    """Returns the date of a text in the extended form of ISO 8601, such as ``2026-01-31``, and nothing for any other.

    ISO 8601 has forms by week and without hyphens too, which are not read.
    """
    if len(text) != _DATE_LENGTH or text[4] != "-" or text[7] != "-":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
