"""From Unicode text to the letters A-Z: plain diacritics fold, everything else is refused."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = "'`\u00b4\u2018\u2019\u02bb\u02bc\u02b9\u2032"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"

_LETTERS = {
    "\u00c6": "AE", "\u0152": "OE", "\u1e9e": "SS", "\u00de": "TH", "\u0132": "IJ",
    "\u00d8": "O", "\u00d0": "D", "\u0110": "D", "\u0126": "H", "\u0141": "L", "\u0166": "T",
    "\u00aa": "A", "\u00ba": "O",
}  # fmt: skip
"""Letters of the Latin script that Unicode does not decompose: Æ Œ ẞ Þ Ĳ Ø Ð Đ Ħ Ł Ŧ, and the raised ª º of Mª."""

_TRANSLATION = str.maketrans(
    {
        **_LETTERS,
        **dict.fromkeys(_APOSTROPHES + _INVISIBLE, ""),
        **dict.fromkeys(
            map(chr, range(0x0300, 0x0363)), ""
        ),  # combining diacritical marks, not the letters after
        **dict.fromkeys(_DASHES, "-"),
        ".": " ",
    }
)

_UNDERSTOOD = re.compile(r"[A-Z0-9 ,-]*\Z")

# UTF-8 read as Windows-1252 or Latin-1 turns an accented letter into one of these leads and a high byte.
_MOJIBAKE = re.compile(
    "[\u00c2-\u00c5][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
)

_MARKS = {"\u00c4": "AE", "\u00d6": "OE", "\u00dc": "UE", "\u00d8": "OE", "\u00c5": "AA"}
"""How German and the Scandinavian languages write Ä Ö Ü Ø Å without the mark (DIN 5007-2; Den Danske Ordbog)."""

_MARKED = re.compile("|".join(_MARKS))
_SPANISH_DIAERESIS = re.compile("(?<=[GQ])\u00dc(?=[EI])")


def fold_name(text: str) -> str | None:
    """The text in the alphabet ``A-Z 0-9 space , -``; None when a character is not understood.

    Diacritics fall away (Unicode canonical decomposition), the letters that do not decompose have a table,
    apostrophes and invisible characters vanish, periods become spaces. A letter of another script, a
    symbol, a replacement character and UTF-8 read in another encoding are not understood: nothing is
    guessed.

    Args:
        text: one name field as written.
    """
    if not text.isascii():
        if _MOJIBAKE.search(text):
            return None
        text = unicodedata.normalize("NFD", text.upper())
    folded = " ".join(text.upper().translate(_TRANSLATION).split())
    return folded if _UNDERSTOOD.match(folded) else None


def marks_written_out(text: str) -> str | None:
    """The text in capitals with the marks of Ä Ö Ü Ø Å written out as letters (``MUELLER``); None where it has none.

    A name that is *written* with the mark has both spellings, MULLER and MUELLER. One that is written MUELLER has that
    one only: the E of SAENZ, LOERA, YUEN and HAEJIN is a letter of its own. The Spanish Ü of AGÜERO is no umlaut.

    Args:
        text: one name field as written.
    """
    if text.isascii():
        return None
    capitals = _SPANISH_DIAERESIS.sub("U", unicodedata.normalize("NFC", text.upper()))
    written_out = _MARKED.sub(lambda mark: _MARKS[mark[0]], capitals)
    return written_out if written_out != capitals else None


def split_camel_case(text: str) -> str:
    """The text with a space where a small letter meets a capital: ``AlonsoTellez`` was two words.

    A word stays whole where a piece would be a single letter. All-capital text has no such evidence and
    stays joined.

    Args:
        text: one name field as written.
    """
    if text.isupper() or text.islower():
        return text
    return " ".join(_split_word(word) for word in text.split())


def _split_word(word: str) -> str:
    seams = [i for i in range(1, len(word)) if word[i - 1].islower() and word[i].isupper()]
    if not seams:
        return word
    pieces = [word[start:end] for start, end in zip([0, *seams], [*seams, len(word)], strict=True)]
    return word if min(map(len, pieces)) < 2 else " ".join(pieces)
