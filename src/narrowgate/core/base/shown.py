"""What a message may repeat of a stranger's text: nothing that is a person's, and nothing that moves a cursor."""

from __future__ import annotations

import re
from typing import Final

CONTROLS: Final = "\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
"""Of a class of a regular expression: C0 and C1 controls, DEL, separators of lines and paragraphs, and the controls of
direction, which show a reader another text than the one compared (Unicode Technical Report 36, section 3.2)."""

UNNAMED: Final = "a key that is no word in small letters"
"""In the place of a key that is not repeated."""

_UNSHOWN: Final = re.compile(f"[{CONTROLS}\ud800-\udfff]")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PLACE: Final = re.compile(r"\(at [a-z0-9 ,]+\)")


def visible(text: str) -> str:
    """The text with every character spelled out that a terminal obeys instead of showing it, but for line feeds."""
    return _UNSHOWN.sub(lambda found: found[0] if found[0] == "\n" else ascii(found[0])[1:-1], text)


def is_word(key: str) -> bool:
    """Whether a key has the form that keys of our files have.

    A file of another kind that was named by mistake has keys that are names, numbers and addresses.
    """
    return _KEY.fullmatch(key) is not None


def key_shown(key: str) -> str:
    """An unknown key of a file, as a message may name it: the word it is, or that it is none."""
    return f"'{key}'" if is_word(key) else UNNAMED


def toml_reason(error: Exception) -> str:
    """Why a text is not TOML, and where; what it repeats of the text is left out."""
    said = str(error)
    place = _PLACE.search(said)
    where = f" {place[0]}" if place else ""
    if not said.startswith(("Cannot", "Duplicate")):
        return visible(said)
    return f"a key or table is given twice, or a value is given to part of another{where}"
