"""Alien registration numbers: the letter A and seven to nine digits, one form for every way to write them."""

from __future__ import annotations

import re
from typing import Final

_WRITTEN: Final = re.compile(r"A?[ -]?((?:[0-9][ -]?){6,8}[0-9])", re.IGNORECASE)
_DIGITS: Final = 9
_BETWEEN: Final = str.maketrans("", "", " -")


def parse_alien_number(text: str) -> str:
    """The nine digits of an alien number, with leading zeros; empty when ``text`` is none that can exist.

    Older numbers have seven or eight digits and are the same number with leading zeros.

    Args:
        text: as written, such as ``A012345678``, ``A12-345-678`` or ``012 345 678``.
    """
    plain = text[1:] if text[:1] == "A" else text
    if len(plain) == _DIGITS and plain.isascii() and plain.isdigit():
        digits = plain
    else:
        match = _WRITTEN.fullmatch(text.strip())
        if match is None:
            return ""
        digits = match[1].translate(_BETWEEN)
    if digits == digits[0] * len(digits):
        return ""
    return digits.zfill(_DIGITS)


def is_possible(text: str) -> bool:
    """Whether ``text`` is an alien number that can have been issued."""
    return bool(parse_alien_number(text))
