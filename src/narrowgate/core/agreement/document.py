"""Reading a TOML document key by key, remembering every problem with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from narrowgate.core.base.shown import UNNAMED, is_word

Choice = TypeVar("Choice", bound=str)

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
MAX_TEXT: Final = 4_000


class Problems:
    """Every problem of one document, each with the line of its key where the line is known."""

    def __init__(self, text: str) -> None:
        self._lines = _line_numbers(text)
        self._found: list[str] = []

    def add(self, path: str, problem: str, is_named: bool = True) -> None:
        """Remember that the key ``path``, such as ``office[2].role``, has ``problem``; named where it is ours."""
        line = self._lines.get(path) or self._lines.get(path.rpartition(".")[0])
        name = path if is_named else UNNAMED
        place = f"line {line}, {name}" if line else name
        self._found.append(f"{place} {problem}")

    def listed(self) -> tuple[str, ...]:
        """The problems in the order in which they were met."""
        return tuple(self._found)


class Table:
    """One table of the document: takes each key once and of one form; ``close`` reports what is left.

    A value of another form is reported and replaced by a harmless one, so that reading goes on to the next
    problem; the caller drops the result when there was any.
    """

    def __init__(self, values: Mapping[str, Any], path: str, problems: Problems) -> None:
        self._left = dict(values)
        self.path = path
        self._problems = problems

    def report(self, key: str, problem: str) -> None:
        """Remember a problem of ``key``."""
        self._problems.add(f"{self.path}.{key}" if self.path else key, problem)

    def has(self, key: str) -> bool:
        """Whether the document gives ``key`` and nothing took it yet."""
        return key in self._left

    def holds(self, key: str, text: str) -> bool:
        """Whether the document gives ``key`` exactly the value ``text``."""
        return bool(self._left.get(key) == text)

    def close(self, of: str = "an agreement") -> None:
        """Report every key that nothing took: the document is closed."""
        for key in self._left:
            self._problems.add(
                f"{self.path}.{key}" if self.path else key, f"is not a key of {of}", is_word(key)
            )

    def _take(self, key: str, kind: type[Any], form: str) -> Any:
        if key not in self._left:
            self.report(key, "is missing")
            return None
        value = self._left.pop(key)
        if type(value) is not kind:
            self.report(key, f"is not {form}")
            return None
        return value

    def text(self, key: str) -> str:
        """A text that is not blank and not longer than 4,000 characters."""
        value = self._take(key, str, "a text")
        if value is not None and not (value.strip() and len(value) <= MAX_TEXT):
            self.report(key, f"is blank or longer than {MAX_TEXT} characters")
        return value or ""

    def flag(self, key: str) -> bool:
        """``true`` or ``false``."""
        return bool(self._take(key, bool, "true or false"))

    def day(self, key: str, not_before: date = date.min) -> date:
        """A TOML date such as ``2026-01-31``, without quotes and without a time."""
        value: date | None = self._take(key, date, "a date such as 2026-01-31, without quotes")
        if value is not None and value < not_before:
            self.report(key, f"is before {not_before}, the date it ends")
        return value or not_before

    def whole(self, key: str, least: int, most: int) -> int:
        """A whole number from ``least`` to ``most``."""
        value = self._take(key, int, "a whole number")
        if value is None:
            return least
        if not least <= value <= most:
            self.report(key, f"is not between {least} and {most}")
            return least
        return int(value)

    def digest(self, key: str) -> str:
        """64 lower-case hex digits."""
        value = self._take(key, str, "a text")
        if value is not None and not _SHA256.fullmatch(value):
            self.report(key, "is not a SHA-256 digest of 64 lower-case hex digits")
        return value or ""

    def one_of(self, key: str, allowed: Sequence[Choice]) -> Choice:
        """One of ``allowed``, compared as text."""
        value = self._take(key, str, "a text")
        if value is not None and value not in allowed:
            self.report(key, f"is none of: {', '.join(allowed)}")
        return next((choice for choice in allowed if choice == value), allowed[0])

    def some_of(self, key: str, allowed: Sequence[Choice]) -> tuple[Choice, ...]:
        """At least one of ``allowed``, none twice, in the document's order."""
        entries = self.texts(key)
        if any(entry not in allowed for entry in entries):
            self.report(key, f"may only hold: {', '.join(allowed)}")
        return tuple(choice for entry in entries for choice in allowed if choice == entry)

    def texts(self, key: str) -> tuple[str, ...]:
        """An array of at least one text, none twice."""
        value = self._take(key, list, "an array")
        if value is None:
            return ()
        if not value or not all(isinstance(entry, str) for entry in value) or len(set(value)) < len(value):
            self.report(key, "is not an array of different texts with at least one entry")
            return ()
        return tuple(value)

    def digests(self, key: str) -> tuple[str, ...]:
        """An array of at least one SHA-256 digest."""
        entries = self.texts(key)
        if not all(_SHA256.fullmatch(entry) for entry in entries):
            self.report(key, "holds an entry that is not a SHA-256 digest of 64 lower-case hex digits")
        return entries

    def table(self, key: str) -> Table:
        """The table ``key``; empty when it is missing, which is reported."""
        value = self._take(key, dict, "a table")
        return Table(value or {}, f"{self.path}.{key}" if self.path else key, self._problems)

    def tables(self, key: str) -> list[Table]:
        """The array of tables ``key``, at least one; their paths count from 1."""
        value = self._take(key, list, "an array of tables")
        path = f"{self.path}.{key}" if self.path else key
        if value is not None and not (value and all(isinstance(entry, dict) for entry in value)):
            self.report(key, "is not an array of tables with at least one entry")
            return []
        return [
            Table(entry, f"{path}[{number}]", self._problems) for number, entry in enumerate(value or [], 1)
        ]


def _line_numbers(text: str) -> dict[str, int]:
    """The line of each key and header by path, for messages only: nothing is decided on it."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    path = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.fullmatch(line)
        if header:
            path = _header_path(header[1] == "[[", header[2], counts)
            lines.setdefault(path, number)
        elif key := _KEY.match(line):
            lines.setdefault(f"{path}.{key[1]}" if path else key[1], number)
    return lines


def _header_path(array: bool, name: str, counts: dict[str, int]) -> str:
    """The path of a header; an array's tables count from 1 within the last table of the array above."""
    parent, _, last = name.rpartition(".")
    above = f"{parent}[{counts[parent]}]" if parent in counts else parent
    path = f"{above}.{last}" if above else last
    if not array:
        return path
    counts[path] = counts.get(path, 0) + 1
    return f"{path}[{counts[path]}]"
