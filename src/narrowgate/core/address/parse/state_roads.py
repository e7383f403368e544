"""The state before the number of its road: ``KY 44``, ``NEW YORK STATE ROUTE 12``, ``M 28``, ``W VA 12``."""

from __future__ import annotations

import re

from narrowgate.core.base.tables import read_table

LETTERED: dict[str, str] = {}
"""By state, the kind of road that a highway with a letter is: a county's or the state's own."""

_NAMES: dict[str, list[tuple[str, str]]] = {}
"""By first word, every name of a state with its code, the longest first."""
_ABBREVIATIONS: dict[str, str] = {}
"""Every two-letter code, and what only one state writes before its numbers."""
_LEADING_LETTERS = re.compile(r"([A-Z]{1,3})(?=[ 0-9-])")


def _read_states() -> None:
    for row in read_table("narrowgate.core.address.words", "state_roads.txt"):
        code, names, own, lettered = (part.strip() for part in row.split("|"))
        for name in names.split(", "):
            _NAMES.setdefault(name.partition(" ")[0], []).append((f"{name} ", code))
        _ABBREVIATIONS.update(dict.fromkeys((code, *own.split()), code))
        if lettered:
            LETTERED[code] = {"county": "COUNTY ROAD", "state": "STATE ROUTE"}[lettered]
    for found in _NAMES.values():
        found.sort(key=lambda one: -len(one[0]))


_read_states()
STATE_WORDS = frozenset(_ABBREVIATIONS).union(
    word for found in _NAMES.values() for name, _ in found for word in name.split()
)
"""Every word that the name or abbreviation of a state is made of."""


def read_state(text: str, state: str) -> tuple[str, int]:
    """The state whose name or abbreviation the text begins with, and its length; ``("", 0)`` where none does.

    An abbreviation of one letter, or of two that are another word, is the state's only in the state itself.

    Args:
        text: folded, behind house number and predirectional.
        state: two-letter code of the address.
    """
    for name, code in _NAMES.get(text.partition(" ")[0], ()):
        if text.startswith(name) and (len(name) > 4 or code == state):
            return code, len(name) - 1
    found = _LEADING_LETTERS.match(text)
    code = _ABBREVIATIONS.get(found[1], "") if found else ""
    if not found or not code or (code != found[1] and code != state):
        return "", 0
    return code, found.end()
