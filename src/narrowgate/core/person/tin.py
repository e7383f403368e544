"""Taxpayer identification numbers of natural persons: SSN and ITIN, by their published structure."""

from __future__ import annotations

_DIGITS = 9
_SEPARATED = len("123-45-6789")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))

_ITIN_GROUPS = frozenset(
    f"{group:02d}"
    for first, last in ((50, 65), (70, 88), (90, 92), (94, 99))
    for group in range(first, last + 1)
)
"""Fourth and fifth digit of an ITIN (Internal Revenue Manual 3.21.263; 93 is the ATIN's, below 50 the IRS's
own)."""

_NEVER_ISSUED = frozenset(
    {
        "078051120",  # printed on a card in a wallet (Social Security Administration, history of the number)
        "219099999",  # printed in a leaflet of the Social Security Board of 1940 (same source)
        "123456789",
        "987654321",
        *(digit * 9 for digit in "0123456789"),
        *(f"98765432{digit}" for digit in "0123456789"),  # kept for advertisements
    }
)


def parse_tin(text: str) -> str | None:
    """The nine digits of a number that can be a person's TIN; None for every other text.

    Accepted are nine ASCII digits, or three, two and four with the same separator (hyphen or space) in both
    places. An SSN has no area 000, 666 or 900-999, no group 00 and no serial 0000 (20 CFR 422.103 and the
    Social Security Administration's randomization rules of 2011). A number from 900 is an ITIN when its
    fourth and fifth digits are 50-65, 70-88, 90-92 or 94-99. An ATIN (group 93) is given to a child in
    adoption, who is never a filer here, and an EIN for no person: both are refused.

    Args:
        text: the number as written; leading zeros present.
    """
    text = text.strip()
    tin = text if text.isascii() else text.translate(_DASHES)
    if len(tin) == _SEPARATED and tin[3] == tin[6] and tin[3] in "- ":
        tin = tin.replace(tin[3], "")
    if len(tin) != _DIGITS or not (tin.isascii() and tin.isdigit()) or tin in _NEVER_ISSUED:
        return None
    area, group = tin[:3], tin[3:5]
    if area >= "900":
        return tin if group in _ITIN_GROUPS else None
    if area in {"000", "666"} or group == "00" or tin.endswith("0000"):
        return None
    return tin
