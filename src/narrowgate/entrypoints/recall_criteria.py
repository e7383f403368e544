"""Which answers are to be recalled, as people write it, on the command line and on a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from narrowgate.core.base.closed_document import SHA256
from narrowgate.core.base.times import format_time, parse_time
from narrowgate.verify.source import Source

CRITERIA: Final = {
    "rule_set": "rule-set",
    "canonical_form": "canonical-form",
    "match_rule": "match-rule",
    "index": "index",
    "agreement": "agreement",
    "office": "office",
    "signer": "signer",
    "recipient": "recipient",
    "start": "from",
    "end": "until",
}
"""Each text of :class:`Criteria`, and its option of ``recall find``; ``items`` beside them is ``--item``."""

_ITEM: Final = re.compile(r"([^:/#]+)(?:([:/#])([0-9]{1,9})(?:-([0-9]{1,9}))?)?")

DIGESTS: Final = frozenset({"agreement", "signer", "recipient"})
TIMES: Final = frozenset({"start", "end"})


def item_of(text: str) -> str:
    """An item as a list names it, rows from 0.

    Args:
        text: ``PACKAGE``; ``PACKAGE:ROW`` or ``PACKAGE:FIRST-LAST`` as a log counts rows, from 0; or the same with a
            slash as officers see them, from 1.

    Raises:
        ValueError: it is of another form; the message says of which it must be.
    """
    match = _ITEM.fullmatch(text)
    if match is None:
        raise ValueError(
            "It must be PACKAGE, PACKAGE:ROW or PACKAGE:FIRST-LAST, rows from 0 as in the log; or PACKAGE/ROW or "
            "PACKAGE/FIRST-LAST, rows from 1."
        )
    package, mark, begin, end = match.groups()
    if not mark:
        return package
    start = 1 if mark == "/" else 0
    first, last = int(begin) - start, int(end or begin) - start
    if not 0 <= first <= last:
        raise ValueError("Rows behind a slash are counted from 1, as 'narrowgate answers open' shows them.")
    return f"{package}:{first}-{last}"


def digest_of(text: str) -> str:
    """A digest, or nothing: a mistyped one picks nothing, which would read as if nothing were concerned.

    Raises:
        ValueError: it is none.
    """
    if text and not SHA256.fullmatch(text):
        raise ValueError("It must be a SHA-256 in 64 lower-case hexadecimal digits.")
    return text


def time_of(text: str) -> str:
    """A time as the log writes it; empty for an empty text.

    Raises:
        ValueError: it is none.
    """
    if not text:
        return ""
    try:
        return format_time(parse_time(text))
    except ValueError as error:
        raise ValueError("It must be a UTC time such as 2027-01-31T08:00:00Z.") from error


def answers_of(source: Source) -> tuple[Path, ...]:
    """Where answers of a world lie; none beside a bare log."""
    places = (source.log.parent / "answers", source.log.parent / "staging" / "released")
    return tuple(place for place in places if place.is_dir())
