"""The published nickname table, ``nicknames.txt``: which given names count as equal beside a TIN.

Two names are equal exactly when one row holds both; the relation is not passed on. The head of the file says what has a
place in it.
"""

from __future__ import annotations

from narrowgate.core.base.tables import read_table


def _equals(rows: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for line in rows:
        row = line.split()
        for name in row:
            found.setdefault(name, set()).update(row)
    return {name: tuple(sorted(names)) for name, names in found.items()}


def _heads(rows: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in rows:
        head, *others = line.split()
        for name in {head, *others}:
            found.setdefault(name, []).append(head)
    return {name: tuple(sorted(set(heads))) for name, heads in found.items()}


_ROWS = read_table(__package__, "nicknames.txt")
_HEADS = _heads(_ROWS)
_EQUALS = _equals(_ROWS)
KNOWN_GIVEN_NAMES = frozenset(_EQUALS)
"""Every name of the table: in an unmarked full name, a middle word among them is a given name."""


def nickname_equals(given_name: str) -> tuple[str, ...]:
    """All names that one row of the table holds beside ``given_name``, itself included, sorted.

    Args:
        given_name: one canonical given name, A-Z.
    """
    return _EQUALS.get(given_name, (given_name,))


def formal_names(given_name: str) -> tuple[str, ...]:
    """The formal names of all rows that hold ``given_name``, or itself: two names share one exactly when equal.

    Args:
        given_name: one canonical given name, A-Z.
    """
    return _HEADS.get(given_name, (given_name,))
