"""The layout of a record as a COBOL copybook writes it (ISO/IEC 1989, data description entry)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NoReturn

from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.taxfile.mapping_source import Field, FieldType

_SENTENCE = re.compile(r"\.(?=\s|$)")
_REPEAT = re.compile(r"(.)\((\d+)\)")
_PICTURE = re.compile(r"\bPIC(?:TURE)?(?:\s+IS)?\s+(\S+)")
_OCCURS = re.compile(r"\bOCCURS\s+(\d+)")
_REDEFINES = re.compile(r"\bREDEFINES\s+(\S+)")
_PACKED = re.compile(r"\b(?:COMP-3|COMPUTATIONAL-3|PACKED-DECIMAL)(?=\s|$)")
_BINARY = re.compile(r"\b(?:COMP|COMPUTATIONAL|BINARY)(?:-[45])?(?=\s|$)")
_NOT_FIXED = re.compile(
    r"\b(?:DEPENDING|SYNC|SYNCHRONIZED|COMP-[12]|COMPUTATIONAL-[12]|POINTER|INDEX)(?=\s|$)"
)
_CONDITION, _RENAMES = 88, 66


@dataclass(frozen=True, slots=True)
class Copybook:
    """What a copybook says of a record.

    Args:
        fields: by byte range, in their order; no group, no filler, and none whose bytes no reader takes.
        record_length: bytes of the record.
    """

    fields: tuple[Field, ...]
    record_length: int


@dataclass(slots=True)
class _Entry:
    """One data description, and those below it."""

    level: int
    name: str
    clauses: str
    below: list[_Entry] = field(default_factory=list)


def parse_copybook(text: str, where: str) -> Copybook:
    """The byte ranges of the first record that ``text`` describes; an item that occurs n times stands n times.

    Args:
        text: of fixed or free form.
        where: its name, for messages.

    Raises:
        ConfigurationError: it describes no record, or one whose bytes it does not fix.
    """
    top = _Entry(0, "", "")
    path = [top]
    for entry in _entries(text, where):
        while path[-1].level >= entry.level:
            path.pop()
        path[-1].below.append(entry)
        path.append(entry)
    if not top.below:
        raise ConfigurationError(
            "The copybook describes no record.",
            where=where,
            next_step="Name a copybook with a record description, level 01 first.",
        )
    layout = _Layout(where)
    # Several records of level 01 are forms of one; the first is taken.
    end = layout.place(top.below[0] if top.below[0].level == 1 else top, 1)
    return Copybook(tuple(_with_unique_names(layout.found)), end - 1)


def _entries(text: str, where: str) -> Iterator[_Entry]:
    for sentence in _SENTENCE.split(" ".join(map(_code, text.upper().splitlines()))):
        words = sentence.split(None, 2)
        if not words:
            continue
        if not words[0].isdigit() or int(words[0]) == _RENAMES:
            raise ConfigurationError(
                "The copybook has a statement that is no data description.",
                next_step="Give the copybook of the record alone.",
                where=where,
            )
        if int(words[0]) != _CONDITION:
            name = words[1] if len(words) > 1 else "FILLER"
            unnamed = name in {"PIC", "PICTURE"}
            clauses = " ".join(words[1:]) if unnamed else " ".join(words[2:])
            yield _Entry(int(words[0]), "FILLER" if unnamed else name, clauses)


def _code(line: str) -> str:
    """A line without sequence numbers (columns 1 to 6), what lies behind column 72, and comments."""
    if line[6:7] in {"*", "/"}:
        return ""
    numbered = line[:6].isdigit() or (not line[:6].strip() and len(line) > 72)
    return (line[6:72] if numbered else line).partition("*>")[0]


class _Layout:
    """Where each item stands.

    Args:
        where: name of the copybook, for messages.
    """

    def __init__(self, where: str) -> None:
        self.found: list[tuple[str, Field]] = []
        """Each field with the name of the group that it is in."""
        self._where = where

    def place(self, entry: _Entry, start: int, group: str = "", index: str = "") -> int:
        """Put ``entry`` and what is below it at byte ``start``; the first byte behind it."""
        if _NOT_FIXED.search(entry.clauses):
            self._refuse(entry, "Its length depends on data, on alignment or on the machine.")
        occurs = _OCCURS.search(entry.clauses)
        for order in range(1, (int(occurs[1]) if occurs else 1) + 1):
            numbered = f"{index}({order})" if occurs else index
            if entry.below:
                start = self._place_group(entry, start, numbered)
            else:
                start = self._place_item(entry, start, group, numbered)
        return start

    def _place_group(self, group: _Entry, start: int, index: str) -> int:
        if _PACKED.search(group.clauses) or _BINARY.search(group.clauses):
            self._refuse(group, "A group has a usage; write it at each item.")
        starts: dict[str, int] = {}
        end = start
        for entry in group.below:
            redefined = _REDEFINES.search(entry.clauses)
            starts[entry.name] = starts.get(redefined[1], end) if redefined else end
            end = max(end, self.place(entry, starts[entry.name], group.name, index))
        return end

    def _place_item(self, item: _Entry, start: int, group: str, index: str) -> int:
        picture = _PICTURE.search(item.clauses)
        if picture is None:
            self._refuse(item, "It has neither a picture nor items below it.")
        symbols = _REPEAT.sub(lambda match: match[1] * int(match[2]), picture[1])
        length, kind = _bytes_of(symbols, item.clauses)
        if kind is not None and item.name != "FILLER":
            digits = 0 if kind is FieldType.TEXT else symbols.count("9")
            self.found.append((group, Field(item.name + index, start, length, kind, digits)))
        return start + length

    def _refuse(self, entry: _Entry, why: str) -> NoReturn:
        raise ConfigurationError(
            f"The copybook does not fix the bytes of {entry.name}.",
            why=why,
            next_step="Write the [[field]] tables by hand.",
            where=self._where,
        )


def _bytes_of(symbols: str, clauses: str) -> tuple[int, FieldType | None]:
    """How many bytes a picture takes, and how a reader takes them; None where none does."""
    if set(symbols) - set("S9V"):
        return len(symbols.replace("V", "")), FieldType.TEXT
    digits = symbols.count("9")
    if _PACKED.search(clauses):
        return digits // 2 + 1, FieldType.PACKED
    if _BINARY.search(clauses):
        return 2 if digits <= 4 else 4 if digits <= 9 else 8, None
    if "SEPARATE" in clauses:
        return digits + 1, None
    return digits, None if "LEADING" in clauses else FieldType.ZONED


def _with_unique_names(found: list[tuple[str, Field]]) -> Iterator[Field]:
    times = Counter(item.name for _, item in found)
    for group, item in found:
        yield item if times[item.name] == 1 else replace(item, name=f"{item.name} OF {group}")
