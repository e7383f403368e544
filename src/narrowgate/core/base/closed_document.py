"""Reading the small canonical JSON documents that go out: complete, closed, nothing defaulted."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from narrowgate.core.base.canonical_json import MAX_INTEGER, parse_canonical
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.base.times import TIME, parse_time

SHA256 = re.compile(r"[0-9a-f]{64}")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}")
"""Ids, versions and origins: what a log leaf takes, too."""


class Fields:
    """The keys of one JSON object, each taken once and of one form; ``close`` refuses what is left.

    Args:
        value: a parsed JSON value.
        where: file and line for the message.
        path: the keys above the object, ending in a dot; empty at the top.

    Raises:
        EnvelopeError: the value is not an object.
    """

    def __init__(self, value: Any, where: str, path: str = "") -> None:
        self._where = where
        self._path = path
        if not isinstance(value, dict):
            raise self.refused("", "is not a JSON object")
        self._left: dict[str, Any] = dict(value)

    def refused(self, key: str, problem: str) -> EnvelopeError:
        """The error about ``key``, which never repeats a value."""
        name = f"{self._path}{key}".rstrip(".") or "it"
        return EnvelopeError(f"The document cannot be used: {name} {problem}.", where=self._where)

    def has(self, key: str) -> bool:
        """Whether ``key`` is there and not yet taken."""
        return key in self._left

    def text(self, key: str, form: re.Pattern[str]) -> str:
        """A string that ``form`` describes from end to end."""
        value = self._take(key)
        if not isinstance(value, str) or not form.fullmatch(value):
            raise self.refused(key, "does not have the form the protocol states")
        return value

    def constant(self, key: str, expected: str) -> str:
        """Exactly ``expected``."""
        if self._take(key) != expected:
            raise self.refused(key, "is not the one this version knows")
        return expected

    def count(self, key: str) -> int:
        """A whole number from 0 to 2^53 - 1."""
        value = self._take(key)
        if not _is_count(value):
            raise self.refused(key, "is not a count")
        return int(value)

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self._take(key)
        if not isinstance(value, bool):
            raise self.refused(key, "is neither true nor false")
        return value

    def table(self, key: str) -> dict[str, Any]:
        """An object that is taken as it is: only for what is shown and decides nothing."""
        value = self._take(key)
        if not isinstance(value, dict):
            raise self.refused(key, "is not an object")
        return value

    def time(self, key: str) -> datetime:
        """A UTC time in whole seconds."""
        text = self.text(key, TIME)
        try:
            return parse_time(text)
        except ValueError as error:
            raise self.refused(key, "is not a time") from error

    def texts(self, key: str, form: re.Pattern[str]) -> tuple[str, ...]:
        """Strings of one form, none twice."""
        values = self._list(key)
        if not all(isinstance(value, str) and form.fullmatch(value) for value in values):
            raise self.refused(key, "holds an entry without the form the protocol states")
        if len(set(values)) != len(values):
            raise self.refused(key, "holds an entry twice")
        return tuple(values)

    def counts(self, key: str, form: re.Pattern[str]) -> dict[str, int]:
        """Counts by names of one form."""
        table = self._take(key)
        if not isinstance(table, dict) or not all(map(form.fullmatch, table)):
            raise self.refused(key, "is not a table of counts")
        if not all(map(_is_count, table.values())):
            raise self.refused(key, "is not a table of counts")
        return table

    def objects(self, key: str) -> list[Fields]:
        """Objects, each to be taken apart and closed like this one."""
        return [
            Fields(value, self._where, f"{self._path}{key}[{index}].")
            for index, value in enumerate(self._list(key))
        ]

    def close(self) -> None:
        """No key is left over.

        Raises:
            EnvelopeError: the object has keys the protocol does not know.
        """
        if self._left:
            raise self.refused("", f"has {len(self._left)} unknown key(s)")

    def _take(self, key: str) -> Any:
        if key not in self._left:
            raise self.refused(key, "is missing")
        return self._left.pop(key)

    def _list(self, key: str) -> list[Any]:
        value = self._take(key)
        if not isinstance(value, list):
            raise self.refused(key, "is not a list")
        return value


def read_document(data: bytes, where: str) -> Fields:
    """The fields of a document that is its own canonical form.

    Raises:
        EnvelopeError: the bytes are not the canonical JSON of an object.
    """
    return Fields(parse_canonical(data, where), where)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_INTEGER
