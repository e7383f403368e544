"""One item: what the requester says about one person, as text, and its only byte string."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from operator import itemgetter
from typing import Final, NamedTuple

from narrowgate.core.base.canonical_json import canonical_bytes, parse_canonical, parse_texts
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.base.shown import CONTROLS

MAX_ROW_BYTES: Final = 4_096
"""Longest canonical row; a longer one is a mistake or an attack, never one person."""


class Item(NamedTuple):
    """The 25 columns of a case file for one person: text, unparsed; an absent value is the empty string.

    Dates are ISO 8601; ``tax_years`` and ``officers`` are separated by spaces; ``stayed`` and ``in_custody``
    are ``yes`` or ``no``. A named tuple, because packages hold a million of them.
    """

    item: str
    given_names: str
    surnames: str
    birth_date: str
    tin: str
    alien_number: str
    address_line_1: str
    address_line_2: str
    city: str
    state: str
    zip: str
    address_source: str
    address_verified_on: str
    tax_years: str
    statute: str
    investigation_number: str
    investigation_opened_on: str
    removal_order_number: str
    removal_order_date: str
    removal_ground: str
    stayed: str
    in_custody: str
    reason_code: str
    reason: str
    officers: str


ITEM_COLUMNS: Final = Item._fields
"""The closed schema, in the order of a case file (rule R-18)."""

ADDRESS_COLUMNS: Final = slice(ITEM_COLUMNS.index("address_line_1"), ITEM_COLUMNS.index("zip") + 1)
"""Where the parts of the address lie, in the order of ``core.address.model.RawAddress``."""

_COLUMN_SET: Final = frozenset(ITEM_COLUMNS)
_values_in_order: Final = itemgetter(*ITEM_COLUMNS)
_SORTED_COLUMNS: Final = tuple(sorted(ITEM_COLUMNS))
_sorted_values_in_order: Final = itemgetter(*map(_SORTED_COLUMNS.index, ITEM_COLUMNS))
# Keys and punctuation take less than 600 bytes, and a printable character at most four (UTF-8).
_SURELY_SHORT: Final = (MAX_ROW_BYTES - 600) // 4
_ITEM_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:#/-]{0,63}")
_CALLED: Final = {"\n": "a line break", "\r": "a line break", "\t": "a tab", "\x00": "a NUL character"}
_CONTROL: Final = re.compile(f"[{CONTROLS}]")


def schema_problem(columns: Iterable[str]) -> str:
    """Every unknown, repeated or missing column by name; empty when ``columns`` is exactly the schema.

    An unknown column's name is shown cut to 40 printable characters: it is text of a stranger.
    """
    counts = Counter(columns)
    groups = {
        "unknown": [shown(name) for name in counts if name not in _COLUMN_SET],
        "repeated": [name for name in ITEM_COLUMNS if counts[name] > 1],
        "missing": [name for name in ITEM_COLUMNS if not counts[name]],
    }
    return "; ".join(f"{label}: {listed(names)}" for label, names in groups.items() if names)


def value_problems(values: Item) -> tuple[str, ...]:
    """Everything that makes the text of an item unusable in any package; empty when nothing does.

    The item id is one printable word of at most 64 characters, because answers and messages repeat it; no
    value holds a control character. The result names columns, never values.
    """
    found = []
    if not values.item:
        found.append("the item id is blank")
    elif not _ITEM_ID.fullmatch(values.item):
        found.append("the item id is not one word of at most 64 letters, digits and . _ : # / -")
    if not "".join(values).isprintable():
        for column, value in zip(ITEM_COLUMNS, values, strict=True):
            if match := _CONTROL.search(value):
                found.append(
                    f"{_CALLED.get(match[0], 'a control character')} in the cell of the column {column}"
                )
    return tuple(found)


def value_problem(values: Item) -> str:
    """The first of :func:`value_problems`; empty when there is none."""
    problems = value_problems(values)
    return problems[0] if problems else ""


def row_problems(item: Item) -> tuple[str, ...]:
    """Everything that keeps an item out of every package, its length included; empty when nothing does.

    The result names columns, never values.
    """
    problems = value_problems(item)
    # Writing a row out only to measure it costs as much as building the package.
    if problems or sum(map(len, item)) <= _SURELY_SHORT:
        return problems
    too_long = _length_problem(canonical_bytes(item._asdict()))
    return (too_long,) if too_long else ()


def item_row(item: Item) -> bytes:
    """The canonical JSON line of an item, without the line feed; all 25 keys, string values only.

    Raises:
        EnvelopeError: the line would be longer than 4,096 bytes, or a value cannot be in a package.
    """
    problem = value_problem(item)
    if problem:
        raise _refused(problem, "")
    try:
        row = canonical_bytes(dict(zip(ITEM_COLUMNS, item, strict=True)))
    except TypeError as error:
        raise _refused("a value is not valid Unicode text", "") from error
    if problem := _length_problem(row):
        raise _refused(problem, "")
    return row


def parse_item(line: bytes, where: str) -> Item:
    """The item of one line, which is its own canonical serialization, byte for byte.

    Args:
        line: one row of ``rows.ndjson`` without its line feed.
        where: file and line for the message.

    Raises:
        EnvelopeError: the line is over 4,096 bytes, not canonical (R-10), has an unknown or missing key
            (R-18), a value that is no text, a control character, or an item id that is no word.
    """
    if problem := _length_problem(line):
        raise _refused(problem, where)
    if plain := _plain_item(line):
        return plain
    row = parse_canonical(line, where)
    if not isinstance(row, dict) or row.keys() != _COLUMN_SET:
        columns = row.keys() if isinstance(row, dict) else ()
        raise EnvelopeError(
            f"The row does not have exactly the 25 columns: {schema_problem(columns)}.",
            why="The schema is closed: what the agreement does not name is not taken.",
            where=where,
            rule="R-18",
        )
    item = Item._make(_values_in_order(row))
    try:
        usable = "".join(item).isprintable() and _ITEM_ID.fullmatch(item.item)
    except TypeError as error:
        raise _refused("a value is not text", where) from error
    if not usable and (problem := value_problem(item)):
        raise _refused(problem, where)
    return item


def _plain_item(line: bytes) -> Item | None:
    """The item of a row in which nothing is wrong; every other one is read again, to say what is."""
    values = parse_texts(line, _SORTED_COLUMNS)
    if values is None:
        return None
    item = Item._make(_sorted_values_in_order(values))
    try:
        text = "".join(item)
    except TypeError:
        return None
    # A canonical line writes every control character but DEL with a backslash.
    is_plain = line.isascii() and b"\\" not in line and b"\x7f" not in line
    return item if (is_plain or text.isprintable()) and _ITEM_ID.fullmatch(item.item) else None


def _length_problem(row: bytes) -> str:
    return f"the row is longer than {MAX_ROW_BYTES} bytes" if len(row) > MAX_ROW_BYTES else ""


def _refused(problem: str, where: str) -> EnvelopeError:
    return EnvelopeError(
        f"The row cannot be in a package: {problem}.",
        next_step="Correct the case file and build the package again.",
        where=where,
        rule="R-10",
    )


def listed(names: list[str]) -> str:
    """Names joined by commas, no more than a case file has columns."""
    more = len(names) - len(ITEM_COLUMNS)
    return ", ".join(names[: len(ITEM_COLUMNS)]) + (f" and {more} more" if more > 0 else "")


def shown(name: str) -> str:
    """The name of a stranger's column, cut to 40 printable characters."""
    return "".join(character for character in name[:40] if character.isprintable()) or "(blank)"
