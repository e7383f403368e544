"""City, state and ZIP Code: from their fields, or from the end of a line (Publication 28 section 22)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from narrowgate.core.address.parse.designators import DESIGNATORS, STANDING_ALONE, UNMISTAKABLE
from narrowgate.core.address.parse.directionals import DIRECTIONALS
from narrowgate.core.address.parse.fold import fold
from narrowgate.core.address.parse.place_names import STATE_CODES
from narrowgate.core.address.parse.suffixes import STREET_SUFFIXES
from narrowgate.core.address.postal import (
    canonical_city,
    cities_of_zip,
    is_city_of_state,
    state_accepts_zip,
    state_code,
)

MILITARY_CITIES = frozenset(("APO", "FPO", "DPO"))
MILITARY_STATES = frozenset(("AA", "AE", "AP"))

TWO_READINGS = "\ufffd"
"""Behind a line whose city could begin at either of two words."""

_COUNTRY = re.compile(
    r"(?: ?,)? ?(?<![A-Z0-9])(?:U S A|USA|UNITED STATES(?: OF AMERICA)?|EE ?UU|EUA|ESTADOS UNIDOS(?: DE AMERICA)?"
    r"|(?<= [0-9]{5} )U ?S|(?<=-[0-9]{4} )U ?S|(?<=, )U ?S)$"
)
_COUNTRY_ENDS = ("A", "S", "U")
_ZIP = re.compile(r"([0-9]{5})(?:[- ]?([0-9]{4}))?")
_ZIP_AT_END = re.compile(r"(?:^|(?<= ))(?:([0-9]{5})(?:[- ]?[0-9]{4})?)$")
_SHORT_ZIP = re.compile(r"([0-9]{3,4})(?:-([0-9]{4}))?|([0-9]{7,8})")
_ZIP_BEFORE_STATE = re.compile(r" ([0-9]{5}(?:-[0-9]{4})?)(?: ,)? ([A-Z]+(?: [A-Z]+){0,2})$")
_LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_AMBIGUOUS_CODES = frozenset(("CT", "NE"))
_LONGEST_CITY = 5
_SHORTEST_CITY_WORD = 4


class Locality(NamedTuple):
    """City and state in canonical spelling and five digits of ZIP Code; ``understood`` unless a field is unreadable."""

    city: str = ""
    state: str = ""
    zip5: str = ""
    understood: bool = True

    @property
    def is_sufficient(self) -> bool:
        """Whether the locality is a place: a ZIP Code, or else city and state."""
        return bool(self.zip5 or (self.city and self.state and self.city not in MILITARY_CITIES))


NOWHERE = Locality()


@lru_cache(maxsize=65536)
def read_fields(city: str, state: str, zip_code: str) -> Locality:
    """The locality that the three fields name; what a field holds and cannot be read is not understood.

    A ZIP Code that lost its leading zeros gets them back where the state then accepts it (``1701`` in MA is ``01701``).
    """
    state_text = _without_country(fold(state)).strip(" ,")
    code = state_code(state_text)
    city_text = _without_country(fold(city)).strip(" ,")
    zip_text = _without_country(fold(zip_code)).strip(" ,")
    zip5 = _zip5(zip_text, code)
    understood = bool(code or not state_text) and bool(zip5 or not zip_text) and city_text.isascii()
    found = Locality("", code or _only_state_of(city_text) if not zip5 else code, zip5, understood)
    if city_text and not (code and zip5):
        left, at_end = read_end(city_text, found)
        if at_end.state and (at_end.city or left):
            return at_end if not left else at_end._replace(city=canonical_city(left))
    return found._replace(city=canonical_city(city_text))


def is_canonical(city: str, state: str, zip_code: str) -> bool:
    """Whether the fields are a place of the postal table in its own spelling, which ``read_fields`` leaves as it is."""
    return (
        city in cities_of_zip(zip_code)
        and state_accepts_zip(state, zip_code)
        and _without_country(city) == city
    )


def _without_country(text: str) -> str:
    return _COUNTRY.sub("", text) if text.endswith(_COUNTRY_ENDS) else text


@lru_cache(maxsize=4096)
def _only_state_of(city: str) -> str:
    """The state of a city whose name only one state has; ``""`` for the others (Publication 28 section 223)."""
    name = canonical_city(city) if city else ""
    states = [state for state in STATE_CODES if is_city_of_state(name, state)] if name else []
    return states[0] if len(states) == 1 else ""


def _zip5(text: str, state: str) -> str:
    if found := _ZIP.fullmatch(text):
        return found[1] if found[1] != "00000" else ""
    if state and (short := _SHORT_ZIP.fullmatch(text)):
        padded = short[1].zfill(5) if short[1] else short[3].zfill(9)[:5]
        return padded if state_accepts_zip(state, padded) else ""
    return ""


def read_end(text: str, known: Locality) -> tuple[str, Locality]:
    """The text without the locality at its end, and that locality, ``known`` parts taken as given.

    What the fields already say may be repeated at the end of the line; what they leave open is read from there. A
    city is read where the postal table knows it for the ZIP Code or the state; where the line goes on with a state or
    ZIP Code, also an unknown one behind a comma or a complete street.
    """
    text = _without_country(text)
    if text.endswith(_LETTERS) and (swapped := _ZIP_BEFORE_STATE.search(text)):
        code = state_code(swapped[2])
        if code and state_accepts_zip(code, swapped[1][:5]):
            text = f"{text[: swapped.start()]} {swapped[2]} {swapped[1]}"
    if not known.state and not known.zip5 and (alone := _city_alone(text)):
        return alone
    text, zip5 = _take_zip(text, known)
    text, state = _take_state(text, known._replace(zip5=zip5))
    found = known._replace(zip5=zip5, state=state)
    rest, city = _take_city(text, found)
    if rest == text and not city and not known.city and found != known:
        rest, city = _city_behind_a_street(text.split(), found.state)
    return rest, found._replace(city=city or known.city)


def _city_alone(text: str) -> tuple[str, Locality] | None:
    """The city behind the last comma where only one state has a city of that name."""
    rest, comma, city = text.rpartition(" , ")
    is_name = bool(comma) and city.replace(" ", "").isalpha() and not state_code(city)
    state = _only_state_of(city) if is_name else ""
    return (rest, Locality(canonical_city(city), state)) if state else None


def _take_zip(text: str, known: Locality) -> tuple[str, str]:
    at_end = _ZIP_AT_END.search(text)
    if not at_end:
        return _take_short_zip(text, known)
    if at_end[1] == "00000" or known.zip5 not in {"", at_end[1]}:
        return text, known.zip5
    if text[: at_end.start()].endswith(("# ", "BOX ", "APT ", "STE ", "UNIT ", "SUITE ")):
        return text, known.zip5
    return text[: at_end.start()].rstrip(" ,"), at_end[1]


def _take_short_zip(text: str, known: Locality) -> tuple[str, str]:
    """A ZIP Code without its leading zeros, right behind the state that has it: ``MA 1241``."""
    words = text.split()
    if known.zip5 or len(words) < 4 or len(words[-2]) != 2:
        return text, known.zip5
    zip5 = _zip5(words[-1], state_code(words[-2]))
    return (" ".join(words[:-1]), zip5) if zip5 and words[-1].isdigit() else (text, known.zip5)


def _take_state(text: str, known: Locality) -> tuple[str, str]:
    words = text.split()
    for length in (3, 2, 1):
        if len(words) <= length and (known.city or known.state):
            continue
        last = words[-length:]
        is_text = len(words) >= length and "," not in last and not (length > 1 and last[0] == "WASHINGTON")
        code = state_code(" ".join(last)) if is_text else ""
        if not code or known.state not in {"", code}:
            continue
        rest = " ".join(words[:-length]).rstrip(" ,")
        if _is_state_here(last, code, rest, known):
            return rest, code
    return text, known.state


def _is_state_here(words: list[str], code: str, rest: str, known: Locality) -> bool:
    """Whether the last words are the state, not the end of the street (``OAK CT``, ``N WASHINGTON``)."""
    if (
        known.zip5
        and not known.state
        and (len(words[0]) > 2 or code in _AMBIGUOUS_CODES)
        and not state_accepts_zip(code, known.zip5)
    ):
        return False
    if code in _AMBIGUOUS_CODES or len(words[0]) > 2 or not known.zip5:
        behind_comma = rest.rpartition(" , ")[2].split() if "," in rest else []
        return _take_city(rest, known._replace(state=code))[0] != rest or (
            bool(behind_comma) and all(map(str.isalpha, behind_comma)) and not _is_unit(behind_comma)
        )
    return True


def _take_city(text: str, known: Locality) -> tuple[str, str]:
    """The text without the city at its end, and the city; no city when none can be told from the street.

    A directional between a street and a city is the street's or the city's (``MAIN ST N LITTLE ROCK``): where both
    are a city of the place, without a comma, neither is taken, and the address is not understood.
    """
    words = text.split()
    end = len(words)
    found: tuple[int, str] | None = None
    for length in range(min(_LONGEST_CITY, end), 0, -1):
        last = words[-length:]
        if "," in last or not all(map(str.isalpha, last)):
            continue
        if found and not (length == end - found[0] - 1 and _may_be_the_streets(words, found[0])):
            break
        if last[0] in DIRECTIONALS and _is_half_a_grid(words[:-length]):
            continue
        city = canonical_city(" ".join(last))
        if _is_known(city, known) and _may_end_a_line(words[:-length], known):
            if found:
                return f"{text} {TWO_READINGS}", ""
            found = end - length, city
            if not found[0] or words[found[0] - 1] == "," or city == known.city:
                break
    return (" ".join(words[: found[0]]).rstrip(" ,"), found[1]) if found else (text, "")


def _may_be_the_streets(words: list[str], at: int) -> bool:
    """Whether the word is a directional that the street before it can have: ``ST S`` can have ``E``, ``ST SE`` not."""
    if words[at] not in DIRECTIONALS:
        return False
    before = DIRECTIONALS.get(words[at - 1], "") if at else ""
    return not before or (before in {"N", "S"} and DIRECTIONALS[words[at]] in {"E", "W"})


def _is_half_a_grid(words: list[str]) -> bool:
    """Whether the words end in a coordinate that still wants its directional: ``1234 S 500``, before ``W``."""
    return len(words) > 2 and words[-1].isdigit() and words[-2] in DIRECTIONALS


def _is_known(city: str, known: Locality) -> bool:
    """Whether the place has a city of this name: the ZIP Code where it is known, else the state."""
    if city == known.city or city in MILITARY_CITIES:
        return True
    if known.zip5 and (cities := cities_of_zip(known.zip5)):
        return city in cities
    return not known.city and is_city_of_state(city, known.state)


def _may_end_a_line(words: list[str], known: Locality) -> bool:
    """Whether a delivery line can end with these words, so that the city after them is no part of the street."""
    if not words or words[-1] == ",":
        return True
    last = words[-1]
    if last in DESIGNATORS and last not in STANDING_ALONE:
        return False
    if last in STREET_SUFFIXES:
        return len(words) > 2 or last not in {"ST", "PLAZA", "AVENUE", "AVE"}
    if last in DIRECTIONALS or last in STANDING_ALONE or not last.isalpha() or len(last) == 1:
        return (
            len(words) > 2
            or (not known.city and words[0][0].isdigit() and len(words) == 2)
            or (len(words) == 2 and words[0] in DESIGNATORS)
            or (not last.isalpha() and len(words) > 1)
        )
    return not known.city and len(words) > 1


def _city_behind_a_street(words: list[str], state: str) -> tuple[str, str]:
    """A city that the table does not know, behind a comma or a complete street."""
    end = len(words)
    while end and words[end - 1].isalpha() and not _ends_a_street(words, end - 1):
        end -= 1
    city = words[end:]
    if not city or end < 2 or _is_unit(city):
        return " ".join(words), ""
    name = canonical_city(" ".join(city))
    if words[end - 1] in DIRECTIONALS and is_city_of_state(canonical_city(f"{words[end - 1]} {name}"), state):
        return f"{' '.join(words)} {TWO_READINGS}", ""  # the directional may be the city's
    return " ".join(words[:end]).rstrip(" ,"), name


def _ends_a_street(words: list[str], at: int) -> bool:
    word = words[at]
    if word == "," or word in STREET_SUFFIXES:
        return at > 0
    if word in DIRECTIONALS:
        return at > 1 and _ends_a_street(words, at - 1)
    if len(word) == 1:
        return words[at - 1] in DESIGNATORS
    return not word.isalpha() and at > 1


def _is_unit(words: list[str]) -> bool:
    """Whether the words are a unit, not a city whose name begins like one (``KEY WEST``, ``LOWER MERION``)."""
    if words[0] in UNMISTAKABLE:
        return True
    is_designator = words[0] in DESIGNATORS or words[0] in STANDING_ALONE
    return is_designator and (len(words) == 1 or len(words[1]) < _SHORTEST_CITY_WORD or _is_unit(words[1:]))
