"""An address text as the sufficiency rules read it: words, street lines and locality, before any parse."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from narrowgate.core.address.model import RawAddress
from narrowgate.core.address.parse.place_names import STATE_CODES, fold_place, state_code, without_accents
from narrowgate.core.address.parse.suffixes import STREET_SUFFIXES
from narrowgate.core.address.postal import canonical_city, cities_of_zip, is_city_of_state
from narrowgate.core.address.words.word_list import phrases
from narrowgate.core.address.words.word_list import words as word_list

Words = tuple[str, ...]

STREET_TYPES = frozenset(STREET_SUFFIXES) | word_list(
    """
    ALLEY ALY AVE AVENUE AV BAYOU BEND BND BLVD BOULEVARD BRANCH BR BYPASS BYP CIR CIRCLE CT COVE CV
    CREEK CRK CRES CRESCENT CROSSING XING DR DRIVE EXPY EXPRESSWAY EXT EXTENSION FREEWAY FWY HIGHWAY
    HWY HL HILL HILLS HTS HEIGHTS LANDING LNDG LANE LN LOOP PARKWAY PKWY PKY PASS PATH PIKE PLACE PL
    PLAZA PLZ POINT PT RD RDG RIDGE ROAD ROUTE RTE ROW RUN SQ SQUARE ST STREET STR TER TERR TERRACE
    TPKE TURNPIKE TRAIL TRL TR VIEW VW VIS VISTA WALK WAY BLV BLF BLUFF CAMP CMP GLEN GLN GRADE GREEN
    GRN GRV GROVE HOLLOW HOLW KNL KNOLL LK LAKE MALL MDWS MEADOWS MEWS ML MILL PARK SPG SPRING SPGS
    SPRINGS TRCE TRACE VLY VALLEY COURT CAUSEWAY CSWY COMMONS CMNS CUTOFF
    """
)
"""Words after which a street name is complete (Publication 28 Appendix C1, the common ones)."""

UNIT_WORDS = word_list(
    """
    APT APARTMENT APTO UNIT STE SUITE RM ROOM FL FLOOR FLR BLDG BUILDING LOT SPC SPACE TRLR NO NUM PH
    PENTHOUSE BSMT BASEMENT FRNT FRONT REAR UPPR UPPER LOWR LOWER DEPT OFC OFFICE SIDE SLIP STOP HNGR
    KEY
    """
)
"""Secondary unit designators (Publication 28 Appendix C2)."""

DIRECTIONS = word_list(
    """
    N S E W NE NW SE SW NORTH SOUTH EAST WEST NORTHEAST NORTHWEST SOUTHEAST SOUTHWEST
    """
)

_BREAK = re.compile(r"[,;\n\r\t]+")
_ZIP = re.compile(r"\d{5}(?:\d{4})?")
_HOME_COUNTRY = phrases(
    "USA|US|UNITED STATES|UNITED STATES OF AMERICA|U S A|U S|EE UU|EEUU|ESTADOS UNIDOS|EUA"
)
_HOME_COUNTRY_ENDS = frozenset(name.split()[-1] for name in _HOME_COUNTRY)


class AddressReading(NamedTuple):
    """The words of an address.

    ``text`` is upper case without accents, punctuation kept, one field a line; ``street`` holds the words
    of each part of the street lines, with any locality at the end of a one-line text taken off;
    ``city``, ``state`` (a code) and ``zip5`` are that locality, empty where it has none;
    ``state_text`` is the state as written.
    """

    text: str
    words: Words
    street: tuple[Words, ...]
    city: str
    state: str
    zip5: str
    state_text: str

    @property
    def is_us_place(self) -> bool:
        """Whether the locality is a place in the United States by its state, or by its ZIP and city."""
        return bool(self.state) or self.city in cities_of_zip(self.zip5)


def read(raw: RawAddress) -> AddressReading:
    """The reading of an address; nothing is refused here."""
    fields = (raw.address_line_1, raw.address_line_2, raw.city, raw.state, raw.zip)
    text = "\n".join(filter(None, fields))
    text = text.upper() if text.isascii() else without_accents(text)
    lines = _parts(raw.address_line_1)
    if raw.address_line_2:
        lines += _parts(raw.address_line_2)
    words = tuple(chain.from_iterable(lines))
    if raw.city or raw.state:
        place_words, city, state, state_text = _read_place(raw.city, raw.state)
        words += place_words + tuple(fold_place(raw.zip).split())
        return AddressReading(text, words, tuple(lines), city, state, raw.zip.strip()[:5], state_text)
    if raw.zip:
        lines.append(tuple(fold_place(raw.zip).split()))
        words += lines[-1]
    street, city, state, zip5 = _without_locality([line for line in lines if line])
    return AddressReading(text, words, street, city, state, zip5, "")


@lru_cache(maxsize=65536)
def _read_place(city: str, state: str) -> tuple[Words, str, str, str]:
    """The words of both, the city, the code of the state, and the state as written; kept, because cities repeat."""
    state_text = fold_place(state)
    words = (*fold_place(city).split(), *state_text.split())
    return words, canonical_city(city), state_code(state), state_text


def _parts(line: str) -> list[Words]:
    return [words for part in _BREAK.split(line) if (words := tuple(fold_place(part).split()))]


def _without_locality(lines: list[Words]) -> tuple[tuple[Words, ...], str, str, str]:
    """Take country, ZIP, state and city, in this order, off the end of the lines."""
    rest = [list(line) for line in lines]
    if rest and rest[-1][-1] in _HOME_COUNTRY_ENDS:
        _take(rest, 4, lambda words: " ".join(words) in _HOME_COUNTRY)
    zip5 = _take_zip(rest)
    parts = len(rest)
    longest = 1 if rest and rest[-1][-1] in STATE_CODES else 3
    state_words = _take(rest, longest, lambda words: bool(state_code("".join(words))))
    state = state_code("".join(state_words))
    city = canonical_city(" ".join(_take(rest, 5, lambda words: _is_city(words, state, zip5))))
    if not (city or zip5 or len(rest) < parts) and state:
        rest[-1].extend(state_words)  # the CT of "123 OAK CT" is a street suffix
        state = ""
    if not city and (state or zip5) and len(rest) > 1 and not any(word.isdigit() for word in rest[-1]):
        city = canonical_city(" ".join(rest.pop()))
    return tuple(tuple(line) for line in rest), city, state, zip5


def _take(rest: list[list[str]], most: int, wanted: Callable[[list[str]], bool]) -> list[str]:
    """Take the longest run of at most ``most`` words that is wanted off the end of the last line."""
    if not rest:
        return []
    last = rest[-1]
    for count in range(min(most, len(last)), 0, -1):
        if wanted(last[-count:]):
            taken = last[-count:]
            del last[-count:]
            if not last:
                rest.pop()
            return taken
    return []


def _take_zip(rest: list[list[str]]) -> str:
    """Take a ZIP Code or ZIP+4 off the end, unless it is all there is."""
    if not rest or (len(rest) == 1 and len(rest[0]) == 1):
        return ""
    last = rest[-1]
    if len(last) > 1 and len(last[-1]) == 4 and (last[-2] + last[-1]).isdigit() and len(last[-2]) == 5:
        last.pop()
    taken = _take(rest, 1, lambda words: _ZIP.fullmatch(words[0]) is not None)
    return taken[0][:5] if taken else ""


def _is_city(words: list[str], state: str, zip5: str) -> bool:
    if words[0].isdigit():
        return False
    city = canonical_city(" ".join(words))
    return city in cities_of_zip(zip5) or (bool(state) and is_city_of_state(city, state))
