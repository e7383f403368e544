"""One way of writing an address text: capital letters, digits, single spaces, and few signs.

Folding changes how a text is written, never what it says: what has no plain form stays as it is and is refused later.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

MAXIMUM_LENGTH = 250
"""Characters of the longest address text that is read; a longer one is no address."""

_READABLE = re.compile(r"[A-Z0-9 ,#/.-]*")
_WORDS = re.compile(r"[A-Z]+(?: [A-Z]+)*")
_PLAIN = re.compile(r"(?:[A-Z]+|[0-9]+[A-Z]*)(?: (?:[A-Z]+|[0-9]+[A-Z]*))*")

_FRACTIONS = {
    ord(sign): f" {unicodedata.normalize('NFKC', sign).replace(chr(0x2044), '/')} "
    for sign in "¼½¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚"
}
_LETTERS = {
    ord(letter): plain
    for letter, plain in {
        "ß": "SS", "ẞ": "SS", "Æ": "AE", "æ": "AE", "Œ": "OE", "œ": "OE", "Ø": "O", "ø": "O",
        "Đ": "D", "đ": "D", "Ð": "D", "ð": "D", "Ł": "L", "ł": "L", "Þ": "TH", "þ": "TH", "\u0131": "I",
    }.items()
}  # fmt: skip
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_APOSTROPHES = "'`\u2019\u2018\u02bc\u00b4\u2032\u02bb"
_SIGNS = dict.fromkeys(map(ord, _DASHES), "-") | dict.fromkeys(map(ord, _APOSTROPHES), "'")
_TRANSLATION = _FRACTIONS | _LETTERS | _SIGNS

UNREADABLE = "\ufffd"
"""Denotes a sign that must not be read as a plain digit, such as a superscript."""


class Rewriting(NamedTuple):
    """What to replace, and a text that is in everything replaced: without it, there is nothing to look for."""

    sign: str
    pattern: re.Pattern[str]
    replacement: str


def _rules(*rules: tuple[str, str, str]) -> tuple[Rewriting, ...]:
    return tuple(Rewriting(sign, re.compile(pattern), replacement) for sign, pattern, replacement in rules)


_SPACING = _rules(
    (",", r"^([1-9][0-9]{0,2}),([0-9]{3})(?= )", r"\1\2"),
    ("", r"(?<=[0-9])['\"`]+(?=[0-9])", UNREADABLE),
    ("", r"['\"`]", ""),
    ("", r"[ \t\v\f_]+", " "),
    ("", r"[,;:|\n\r()\[\]{}]", " , "),
    ("/", r"\bM/C\b", " MC "),
    ("/", r"\bC/ ?(?!O\b)(?=[A-Z0-9])", " CALLE "),
    (".", r"(?<![0-9])\.|\.(?![0-9])", " "),
    ("", r"[&+]", " AND "),
    ("#", r"#", " # "),
    ("/", r"(?<=[A-Z])/(?=[A-Z])", " / "),
    ("/", r"(?<=[0-9]) ?/ ?(?=[0-9])", "/"),
)
_HYPHENS = _rules(
    ("-", r"(?<=[0-9]) *-+ *(?=[0-9])", "-"),
    ("-", r"(?<![A-Z0-9])([A-Z])-(?=[0-9])", r"\1"),
    ("-", r"(?<=[0-9])-(?=[A-Z](?![A-Z]))", ""),
    ("-", r"(?<=[A-Z0-9])-(?=[A-Z]{2})|(?<=[A-Z]{2})-(?=[A-Z])|(?<=[A-Z])-(?=[A-Z])", " "),
    ("-", r"(?<=[A-Z]{2})(?<!(?<![A-Z0-9])NE)-(?=[0-9])", " "),
    ("-", r"(?:^| )-+(?= |$)", " , "),
    ("-", r"(?<![A-Z0-9])-+|-+(?![A-Z0-9])", " "),
)
_GLUED_WORDS = (
    "APARTMENT|APTO?|SUITE|STE|UNIT|BUILDING|BLDG|FLOOR|FLR?|ROOM|RM|LOT|LT|BOX|BX|P ?O ?BOX|POB|H ?CR?|RR|RFD"
    "|RTE?|ROUTE|SPC|TRLR|PH|FM|CR|SR|SH|US|HWY|CTH|CMR|PSC|KM|CARR|CALLE|URB"
)
_GLUED = _rules(
    ("", rf"(?<![A-Z0-9])({_GLUED_WORDS})(?=[0-9])", r"\1 "),
    ("", r"(?<=[0-9])(APT|STE|UNIT|BLDG)(?![A-Z0-9])", r" \1"),
)
_BREAKS = _rules(
    ("  ", r" {2,}", " "),
    (", ,", r"(?:, )+(?=,)", ""),
    (" , ", r" , (?=(?:JR|SR|JUNIOR|SENIOR)(?![A-Z]))", " "),
    ("", r"^[ ,]+|[ ,]+$", ""),
)


def fold(text: str) -> str:
    """Two ways of writing the same address text have one folded form.

    Case, accents, punctuation, the width of letters and of spaces, and the kind of dash or apostrophe make no
    difference; a comma, a line break or a bracket becomes `` , ``. A number's hyphen, fraction and decimal point stay.
    The folded form of a folded form is itself. Text outside Latin letters stays as it is.

    Source: Publication 28 sections 221 to 225 (upper case, punctuation), 233 (hyphens and fractions).
    """
    upper = text.upper() if text.isascii() else _latin(text).upper()
    if _WORDS.fullmatch(upper):
        return upper
    if _PLAIN.fullmatch(upper):
        return _apply(_GLUED, upper) if upper[0].isalpha() else upper
    for rules in (_SPACING, _HYPHENS, _BREAKS, _GLUED, _BREAKS):
        upper = _apply(rules, upper)
    return upper


def is_readable(folded: str) -> bool:
    """Whether a folded text holds nothing but Latin letters, digits and the signs of addresses."""
    return _READABLE.fullmatch(folded) is not None


def _apply(rules: tuple[Rewriting, ...], text: str) -> str:
    for sign, pattern, replacement in rules:
        if sign in text:
            text = pattern.sub(replacement, text)
    return text


def _latin(text: str) -> str:
    """Without accents, look-alike dashes and invisible signs; digits that are no plain digits become unreadable."""
    plain: list[str] = []
    for sign in text.translate(_TRANSLATION):
        if sign.isascii():
            plain.append(sign)
        elif sign.isnumeric() and not sign.isdecimal():
            plain.append(UNREADABLE)
        elif sign.isspace():
            plain.append("\n" if sign in "\u2028\u2029\x85" else " ")
        else:
            plain.extend(
                part
                for part in unicodedata.normalize("NFKD", sign)
                if unicodedata.category(part) not in {"Mn", "Cf"}
            )
    return "".join(plain).translate(_SIGNS)
