"""What a reason counts by (R-25): its letters, as a reader sees them.

Case, digits, spaces, punctuation, accents and characters that show nothing make no other reason, and neither does a
character that looks like a letter of A to Z. Letters of other scripts that look like none of those count as themselves.
"""

from __future__ import annotations

import re
import unicodedata

from narrowgate.core.base.tables import read_table

_FILLERS = "\u115f\u1160"
"""Hangul fillers are letters by category and show nothing (Unicode, property Default_Ignorable_Code_Point)."""

_WORD_WITH_DIGITS = re.compile(r"(?<![a-z0-9])(?=[a-z]*[01])[a-z01]+(?![a-z0-9])")
_LETTERS_OF_DIGITS = str.maketrans("01", "ol")


def _look_alikes() -> dict[int, str]:
    """Each character of the table, and its other case where the table has none, with the letter it looks like."""
    found: dict[str, str] = dict.fromkeys(_FILLERS, "")
    for row in read_table(__package__, "look_alikes.txt"):
        letter, *codes = row.split()
        found.update((chr(int(code, 16)), letter.lower()) for code in codes)
    for character, letter in list(found.items()):
        for other in (character.lower(), character.upper()):
            if len(other) == 1 and not other.isascii():
                found.setdefault(other, letter)
    return {ord(character): letter for character, letter in found.items()}


_LOOK_ALIKES = _look_alikes()
# A capital I and a small L cannot be told apart in many typefaces; so with RN and M, VV and W (UTS 39, section 4).
_NOT_LETTERS = "".join(character for character in map(chr, range(128)) if not character.isalpha()).encode()
_ONE_SHAPE = bytes.maketrans(b"i", b"l")


def _as_letters(word: re.Match[str]) -> str:
    """Noughts and ones among letters read as letters; those of ``1B`` or ``Apt 10B`` stay a number."""
    letters = sum(map(str.isalpha, word[0]))
    is_word = letters > 1 or (len(word[0]) == 2 and "0" in word[0])
    return word[0].translate(_LETTERS_OF_DIGITS) if is_word else word[0]


def counted_reason(reason: str) -> str:
    """The letters that two reasons share exactly when they count as one text (R-25)."""
    if not reason.isascii():  # NFKD leaves ASCII as it is
        decomposed = unicodedata.normalize("NFKD", reason).translate(_LOOK_ALIKES)
        reason = unicodedata.normalize("NFKD", decomposed.casefold()).translate(_LOOK_ALIKES)
        reason = "".join([c for c in reason if c.isalpha() or c.isascii()])
    lowered = reason.lower()
    if "0" in lowered or "1" in lowered:
        lowered = _WORD_WITH_DIGITS.sub(_as_letters, lowered)
    if not lowered.isascii():
        lowered = "".join([c for c in lowered if c.isalpha()]).replace("i", "l")
        return lowered.replace("rn", "m").replace("vv", "w")
    letters = lowered.encode().translate(_ONE_SHAPE, _NOT_LETTERS)
    return letters.replace(b"rn", b"m").replace(b"vv", b"w").decode()
