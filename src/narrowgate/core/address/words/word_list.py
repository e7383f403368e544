"""Word lists as they are written in the tables of this package."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of the text, which white space parts."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The phrases of the text, which ``|`` and line ends part."""
    parts = (" ".join(part.split()) for part in text.replace("\n", "|").split("|"))
    return frozenset(part for part in parts if part)
