"""The strings of the pages in other languages, found by the English ones, as gettext does.

A catalogue is a TOML file of ``"English" = "other language"``. What the rules, the messages and the attestations say is
law or a part of the protocol, and is in English everywhere.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from narrowgate.core.base.errors import UsageError

ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "es")
"""Languages that the pages have, by their tag (RFC 5646)."""


class Strings:
    """The strings of one language.

    Args:
        language: one of ``LANGUAGES``.
        folders: that hold a catalogue ``LANGUAGE.toml``, the kit's and an application's.

    Raises:
        UsageError: there is no such language.
    """

    def __init__(self, language: str, folders: Sequence[Path]) -> None:
        if language not in LANGUAGES:
            raise UsageError(
                "The pages do not have that language.", next_step=f"Choose one of {', '.join(LANGUAGES)}."
            )
        self.language = language
        self._entries: dict[str, str] = {}
        if language != ENGLISH:
            for folder in folders:
                self._entries |= read_catalogue(folder / f"{language}.toml")

    def gettext(self, text: str) -> str:
        """The text in the language; in English where the catalogue has none."""
        return self._entries.get(text) or text

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The text for one, or for another number."""
        return self.gettext(singular if number == 1 else plural)


def read_catalogue(path: Path) -> Mapping[str, str]:
    """The entries of a catalogue."""
    entries: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    return entries


def translatable(text: str) -> str:
    """The text as it is; the call marks a string in code for the catalogues, as ``_`` does in a template."""
    return text
