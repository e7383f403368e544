"""Geographic directionals, Publication 28 section 233 and Appendix C: one letter or two for each spelling."""

from __future__ import annotations

DIRECTIONALS: dict[str, str] = {
    "N": "N", "NORTH": "N", "S": "S", "SOUTH": "S", "E": "E", "EAST": "E", "W": "W", "WEST": "W",
    "NE": "NE", "NORTHEAST": "NE", "NW": "NW", "NORTHWEST": "NW",
    "SE": "SE", "SOUTHEAST": "SE", "SW": "SW", "SOUTHWEST": "SW",
}  # fmt: skip
"""Every spelling of a directional, and its abbreviation."""

DIRECTIONAL_WORDS: dict[str, str] = {
    "N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST",
    "NE": "NORTHEAST", "NW": "NORTHWEST", "SE": "SOUTHEAST", "SW": "SOUTHWEST",
}  # fmt: skip
"""Every abbreviation, and its word: what a directional inside a street name becomes."""

SPANISH_DIRECTIONALS: dict[str, str] = {
    "NORTE": "N", "SUR": "S", "ESTE": "E", "OESTE": "W",
    "NORESTE": "NE", "NOROESTE": "NW", "SURESTE": "SE", "SUROESTE": "SW",
}  # fmt: skip
"""Spanish directionals, read only behind a Spanish street name."""


def leading_directional(words: list[str]) -> tuple[str, int]:
    """The directional that the words begin with and how many words it takes; ``("", 0)`` when there is none.

    ``N E`` and ``NORTH EAST`` are one directional; ``E N`` is none of the eight, so only its first word is read.
    """
    if not words:
        return "", 0
    first = DIRECTIONALS.get(words[0], "")
    if not first and words[0] in {"NO", "SO"} and (len(words) == 1 or _goes_on(words[0], words[1])):
        first = words[0][0]
    if (
        first in {"N", "S"}
        and len(words) > 1
        and DIRECTIONALS.get(words[1]) in {"E", "W"}
        and (words[0] in DIRECTIONALS or len(words[1]) > 1)
    ):
        return first + DIRECTIONALS[words[1]], 2
    return first, 1 if first else 0


def _goes_on(short: str, following: str) -> bool:
    """Whether ``NO`` or ``SO`` is north or south: ``NO 5TH`` is, ``NO 5`` is a number, ``NO NAME RD`` a name."""
    if following.isalpha():
        return following != "NAME"
    return short == "SO" or following.endswith(("ST", "ND", "RD", "TH"))
