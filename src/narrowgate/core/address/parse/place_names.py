"""One spelling for the name of a city and for the name of a state, without any table of ZIP codes.

Source: Publication 28 Appendix B (two-letter state and possession abbreviations) and section 223 on city
names; the traditional state abbreviations are those in common use before 1963.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CITY_WORDS = {
    "BCH": "BEACH",
    "CENTRE": "CENTER",
    "CTR": "CENTER",
    "CTY": "CITY",
    "EAST": "E",
    "FORT": "FT",
    "GDNS": "GARDENS",
    "GRV": "GROVE",
    "HBR": "HARBOR",
    "HGTS": "HEIGHTS",
    "HTS": "HEIGHTS",
    "IS": "ISLAND",
    "ISL": "ISLAND",
    "JCT": "JUNCTION",
    "LK": "LAKE",
    "LKS": "LAKES",
    "MOUNT": "MT",
    "MOUNTAIN": "MTN",
    "NORTH": "N",
    "PK": "PARK",
    "SAINT": "ST",
    "SAINTE": "STE",
    "SOUTH": "S",
    "SPG": "SPRING",
    "SPGS": "SPRINGS",
    "SPNG": "SPRING",
    "SPNGS": "SPRINGS",
    "STA": "SANTA",
    "TWP": "TOWNSHIP",
    "VLG": "VILLAGE",
    "VLY": "VALLEY",
    "WEST": "W",
}
"""Words of city names; every value is the word all of its spellings become."""

_WHOLE_CITIES = {
    "BKLYN": "BROOKLYN",
    "CINTI": "CINCINNATI",
    "INDPLS": "INDIANAPOLIS",
    "MPLS": "MINNEAPOLIS",
    "NEW YORK CITY": "NEW YORK",
    "NY": "NEW YORK",
    "NYC": "NEW YORK",
    "PHILA": "PHILADELPHIA",
    "SLC": "SALT LAKE CITY",
    "WASHINGTON D C": "WASHINGTON",
    "WASHINGTON DC": "WASHINGTON",
}
"""Whole names in common postal use; ``LA`` and ``SF`` are left out, they name several places."""

_DROPPED = dict.fromkeys(map(ord, "'.`\u00b4\u2018\u2019"))
_NOT_A_LETTER = re.compile(r"[^A-Z0-9]+")


def fold_place(text: str) -> str:
    """Text in upper case A-Z, 0-9 and single spaces: no accents, apostrophes or periods.

    Args:
        text: any text; every other character becomes a space.
    """
    if text.isascii() and text.replace(" ", "").isalnum():
        return " ".join(text.upper().split())
    plain = text.upper() if text.isascii() else without_accents(text)
    return _NOT_A_LETTER.sub(" ", plain.translate(_DROPPED)).strip()


def without_accents(text: str) -> str:
    """The text in upper case with every accent taken off its letter (NFKD)."""
    decomposed = unicodedata.normalize("NFKD", text.upper())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def fold_city(text: str) -> str:
    """The name of a city in one spelling of its words (``SAINT`` is ``ST``, ``SPGS`` is ``SPRINGS``).

    Folding a folded name changes nothing.
    """
    words = " ".join(_CITY_WORDS.get(word, word) for word in fold_place(text).split())
    return _WHOLE_CITIES.get(words, words)


_STATES = """
AL ALABAMA ALA|AK ALASKA ALAS|AZ ARIZONA ARIZ|AR ARKANSAS ARK|CA CALIFORNIA CALIF CALI CAL|CO COLORADO COLO
CT CONNECTICUT CONN|DE DELAWARE DEL|DC DISTRICTOFCOLUMBIA DISTOFCOLUMBIA WASHINGTONDC|FL FLORIDA FLA FLOR
GA GEORGIA|HI HAWAII|ID IDAHO IDA|IL ILLINOIS ILL ILLS|IN INDIANA IND|IA IOWA|KS KANSAS KANS KAN
KY KENTUCKY KENT|LA LOUISIANA|ME MAINE|MD MARYLAND MARY|MA MASSACHUSETTS MASS|MI MICHIGAN MICH
MN MINNESOTA MINN|MS MISSISSIPPI MISS|MO MISSOURI|MT MONTANA MONT|NE NEBRASKA NEBR NEB|NV NEVADA NEV
NH NEWHAMPSHIRE NHAMP|NJ NEWJERSEY NJERSEY|NM NEWMEXICO NMEX NEWMEX NMEXICO NUEVOMEXICO|NY NEWYORK NYORK
NC NORTHCAROLINA NCAROLINA NOCAROLINA NCAR NOCAR CAROLINADELNORTE|ND NORTHDAKOTA NDAKOTA NDAK NODAK NODAKOTA
OH OHIO|OK OKLAHOMA OKLA|OR OREGON OREG ORE|PA PENNSYLVANIA PENNA PENN PENNSYLVANNIA|RI RHODEISLAND
SC SOUTHCAROLINA SCAROLINA SOCAROLINA SCAR SOCAR CAROLINADELSUR|SD SOUTHDAKOTA SDAKOTA SDAK SODAK SODAKOTA
TN TENNESSEE TENN|TX TEXAS TEX TEJAS|UT UTAH|VT VERMONT|VA VIRGINIA VIRG|WA WASHINGTON WASH WASHINGTONSTATE
WV WESTVIRGINIA WVIRGINIA WVA WESTVA|WI WISCONSIN WISC WIS|WY WYOMING WYO
PR PUERTORICO PTORICO|VI VIRGINISLANDS USVIRGINISLANDS USVI ISLASVIRGENES|GU GUAM|AS AMERICANSAMOA
MP NORTHERNMARIANAISLANDS NORTHERNMARIANAS CNMI|FM FEDERATEDSTATESOFMICRONESIA MICRONESIA
MH MARSHALLISLANDS|PW PALAU REPUBLICOFPALAU
AA ARMEDFORCESAMERICAS|AE ARMEDFORCESEUROPE|AP ARMEDFORCESPACIFIC
"""
"""Two-letter code, then its spellings without spaces."""

_STATE_CODES = {
    spelling: words.split()[0]
    for words in _STATES.replace("\n", "|").split("|")
    for spelling in words.split()
}

STATE_CODES = frozenset(_STATE_CODES.values())
"""The two-letter codes of Publication 28 Appendix B, military ones included."""


@lru_cache(maxsize=4096)
def state_code(text: str) -> str:
    """The two-letter code of a state, territory or military region; ``""`` for anything else.

    Args:
        text: a code, a full name in English or Spanish, or a traditional abbreviation (``Calif.``,
            ``N. Carolina``), in any case, spacing and punctuation.

    Source: Publication 28 Appendix B.
    """
    return _STATE_CODES.get(fold_place(text).replace(" ", ""), "")
