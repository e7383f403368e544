"""The street of a delivery line: directionals, name, suffix, and the units behind it (Publication 28 section 231)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from narrowgate.core.address.model import Defect
from narrowgate.core.address.parse.buildings import units_behind_complex
from narrowgate.core.address.parse.designators import NAMED_BUILDINGS, STANDING_ALONE
from narrowgate.core.address.parse.directionals import DIRECTIONALS, SPANISH_DIRECTIONALS, leading_directional
from narrowgate.core.address.parse.highways import (
    NO_ROAD,
    Road,
    is_number_of_a_road,
    may_name_a_county,
    read_road,
)
from narrowgate.core.address.parse.local_roads import read_local_road, written_once
from narrowgate.core.address.parse.number_words import NUMBER_WORDS, ORDINAL, ordinal, ordinals_in_digits
from narrowgate.core.address.parse.plain_streets import read_plain_street
from narrowgate.core.address.parse.street_names import canonical_name
from narrowgate.core.address.parse.suffixes import PLAIN_SUFFIXES, STREET_SUFFIXES, SUFFIX_WORDS
from narrowgate.core.address.parse.units import (
    NO_UNITS,
    Units,
    first_unit,
    is_bare_identifier,
    read_units,
    starts_units,
)
from narrowgate.core.address.words.word_list import words as word_set


class Street(NamedTuple):
    """The canonical parts of a street, or the defect that keeps it from being one."""

    predirectional: str = ""
    name: str = ""
    suffix: str = ""
    postdirectional: str = ""
    units: Units = NO_UNITS
    defect: Defect | None = None


_NUMBERED_UNIT = re.compile(
    r"([^#]+(?<!HIGHWAY)(?<!HWY)(?<!ROUTE)(?<!RTE)(?<! RT)(?<! RD)(?<!ROAD)) "
    r"(APT|UNIT|STE|#) ([0-9]{1,5}[A-Z]?|[A-Z][0-9]{1,4})"
)
"""A street and its numbered unit, in a building or not: the most frequent form, read without a look at the unit."""
_BUILDING = "BLDG "

_GRID_NAME = re.compile(r"([0-9]{2,5})([NSEW])")
"""A coordinate with its directional: ``E 5000N RD``, ``S 4700W``."""
_NOT_UNDERSTOOD = Street(defect=Defect.NOT_UNDERSTOOD)
_STREET_MISSING = Street(defect=Defect.STREET_MISSING)
_REAR_WORDS = frozenset(
    ("REAR", "BSMT", "BASEMENT", "FRNT", "UPPR", "LOWR", "UPPER", "LOWER", "LBBY", "LOBBY", "STUDIO")
)
_STATE_DIRECTIONALS = frozenset(("N", "S", "W", "NORTH", "SOUTH", "WEST", "NE"))
_TWO_WORD_STATE = re.compile(
    r"(?:(?:N|S|NORTH|SOUTH) (?:CAROLINA|DAKOTA|CAR|DAK)|(?:W|WEST) (?:VIRGINIA|VA)) "
    r"|(?:N (?:H|J|M|MEX|Y|C|D)|S (?:C|D)) (?:STATE|H[A-Z]*Y|RO?U?TE?|ROAD|RD) "
)
_NEBRASKA = "NE-"
_NEBRASKA_OR_NORTHEAST = re.compile(r"NE [0-9]")
_ENDS_IN_A_ROAD = re.compile(
    r"(?:^| )(?:[A-Z]{0,2}CR|FM|RM|RR|SR|SH|US|I|IH|CTH|CSAH|BIA|COUNTY|STATE|INTERSTATE|CARR)$"
)
"""Behind such a road a sign begins its number: ``WCR # 18``."""
_NUMBERED_IN_NEW_YORK = {
    "BCH": "BEACH",
    **{name: name for name in ("BAY", "BEACH", "BRIGHTON", "FLATLANDS", "PAERDEGAT", "PLUMB")},
}
"""Names whose numbers are ordinals in Brooklyn and Queens: ``BAY 31 ST`` is Bay 31st Street."""
_AVENUES = frozenset(("AVENUE", "AVE", "AV"))
_WHOLE_NAMES = frozenset(("BOULEVARD", "BLVD", "PARKWAY", "PKWY", "TURNPIKE", "TPKE"))
"""Plain suffixes that streets are named by themselves: ``81 BOULEVARD``."""
_BUILDINGS = frozenset(NAMED_BUILDINGS.values())
_HALF_A_NAME = frozenset(("THE", "OLD", "NEW", "COUNTY", "RURAL", "US"))
_ROUTES_WITHOUT_BOX = frozenset(("RURAL ROUTE", "STAR ROUTE", "HIGHWAY CONTRACT ROUTE"))
_PARTICLES = frozenset(("DE", "DEL", "DU", "OF", "LA", "THE", "RUE"))
_SPANISH_TYPES = word_set("CALLE AVENIDA AVENUE CALLEJON CAMINO CARRETERA PASEO VIA BULEVAR PASAJE")


_NO_COUNTIES = frozenset[str]()


def read_street(text: str, state: str, counties: Callable[[], frozenset[str]] = frozenset) -> Street:
    """The street and units in a text behind its house number; every word is understood, or the defect says so.

    A street whose canonical form would be read as another one is not understood.

    Args:
        text: folded text without commas.
        state: two-letter code or ``""``; it decides whether ``KY 44`` is the state's own route.
        counties: finds the counties of the place; called only where a county's name may stand before its road.

    Source: Publication 28 sections 231 (order of the parts), 232 (suffixes), 233 (directionals), 234 (units).
    """
    if plain := read_plain_street(text):
        return Street(*plain)
    known = counties() if may_name_a_county(text) else _NO_COUNTIES
    if (numbered_unit := _NUMBERED_UNIT.fullmatch(text)) and not _ENDS_IN_A_ROAD.search(numbered_unit[1]):
        plain = read_plain_street(numbered_unit[1])
        street = Street(*plain) if plain else _read(numbered_unit[1], state, known)
        outer = street.units
        in_building = (
            outer.general == ("",) and not outer.missing and outer.identifiers[0].startswith(_BUILDING)
        )
        if (
            street.defect is None
            and (outer == NO_UNITS or in_building)
            and numbered_unit[3] not in DIRECTIONALS
        ):
            unit = numbered_unit[3].lstrip("0") or "0"
            units = Units((*outer.identifiers, unit), general=(*outer.general, numbered_unit[2]))
            return street._replace(units=units)
    return _read(text, state, known)


@lru_cache(maxsize=16384)
def _read(text: str, state: str, counties: frozenset[str]) -> Street:
    """Cached, because a file names the same streets again and again; the unit is cut off before."""
    street = _read_once(text, state, counties)
    if street.defect or street.units.missing:
        return street
    canonical = street_text(street)
    again = street if canonical == text else _read_once(canonical, state, counties)
    return street if again == street or _is_same(again, street) else _NOT_UNDERSTOOD


def _is_same(one: Street, other: Street) -> bool:
    """Whether both are one street with the same units, whatever general designator one of them is written with."""
    return one._replace(units=NO_UNITS) == other._replace(units=NO_UNITS) and (
        one.units.identifiers,
        one.units.missing,
    ) == (other.units.identifiers, other.units.missing)


@lru_cache(maxsize=16384)
def _read_once(text: str, state: str, counties: frozenset[str]) -> Street:
    words = ordinals_in_digits(text.split())
    if state == "NY" and len(words) > 1 and words[0] in _NUMBERED_IN_NEW_YORK and words[1].isdigit():
        words[:2] = _NUMBERED_IN_NEW_YORK[words[0]], ordinal(int(words[1]))
    if text.partition(" ")[0].partition("-")[0] in _STATE_DIRECTIONALS and (
        named := _on_state_road(text, state)
    ):
        return named
    predirectional, taken = _predirectional(words)
    if taken == 1 and len(words) > 2 and len(words[0]) == 1 and "/" in words[1]:
        predirectional, taken = "", 0  # E 1/2 RD is half a mile behind E RD
    rest = words[taken:]
    if not rest:
        return _STREET_MISSING
    if predirectional and (grid := _GRID_NAME.fullmatch(rest[0])):
        rest[:1] = grid.groups()
    if predirectional and len(rest) > 1 and rest[0] in _AVENUES and len(DIRECTIONALS.get(rest[1], "")) == 1:
        rest[1] = DIRECTIONALS[rest[1]]  # SOUTH AVENUE WEST and S AVENUE W are written for each other
    street = (
        _on_numbered_road(predirectional, " ".join(rest), state, counties)
        or _with_units_cut_off(predirectional, rest)
        or _NOT_UNDERSTOOD
    )
    return (_on_local_road(predirectional, " ".join(rest), state) or street) if street.defect else street


def _on_local_road(predirectional: str, text: str, state: str) -> Street | None:
    """The street on a road that no other rule understands."""
    if once := written_once(text, state):
        return _on_numbered_road(predirectional, once, state, _NO_COUNTIES)
    road = read_local_road(text, state)
    return _street_on(road, predirectional) if road else None


def _on_state_road(text: str, state: str) -> Street | None:
    """A road of a state whose name begins with a directional, or whose code is one (``NE-2`` in Nebraska)."""
    if text.startswith(_NEBRASKA):
        plain = text.replace("-", " ", 1)
        road = read_road(plain.replace(" ", " HIGHWAY ", 1), state) if state == "NE" else None
        return _street_on(road, "") if road else _read_once(plain, state, _NO_COUNTIES)
    if text.startswith("NE ") and state == "NE":
        road = read_road(text, state)
        if not road:
            return None
        return _NOT_UNDERSTOOD if _NEBRASKA_OR_NORTHEAST.match(text) else _street_on(road, "")
    return _on_numbered_road("", text, state, _NO_COUNTIES) if _TWO_WORD_STATE.match(text) else None


def street_text(street: Street) -> str:
    """The street written in its canonical form, in the order of Publication 28 section 231."""
    name = street.name
    if name.isdigit() and not (street.predirectional and street.postdirectional and not street.suffix):
        name = ordinal(int(name))
    parts = (
        street.predirectional,
        name,
        street.suffix,
        street.postdirectional,
        *map(_unit_text, street.units.identifiers),
    )
    return " ".join(filter(None, parts))


def _unit_text(unit: str) -> str:
    designator, _, identifier = unit.partition(" ")
    if designator in _BUILDINGS and identifier.isalpha() and (len(identifier) > 2 or designator == "HALL"):
        return f"{identifier} {designator}"
    return unit if identifier or unit in STANDING_ALONE else f"APT {unit}"


def _predirectional(words: list[str]) -> tuple[str, int]:
    """The predirectional and its length; a directional that is itself the street name is none (``NORTH ST``)."""
    directional, taken = leading_directional(words)
    while taken and _is_no_name(words[taken:]):
        taken -= 1
        directional = DIRECTIONALS.get(words[0], words[0][0]) if taken else ""
    return directional, taken


def _is_no_name(words: list[str]) -> bool:
    """Whether the words after a directional leave no street name: a suffix or units at once."""
    if not words:
        return True
    if words[0] in STREET_SUFFIXES:
        if len(words) == 1 or words[1] in DIRECTIONALS:
            return not (words[0] in _AVENUES and len(words) > 1 and len(DIRECTIONALS[words[1]]) == 1)
        return (
            starts_units(words, 1)
            or _starts_number_sign(words[1:])
            or (words[0] in {"ST", "STREET"} and is_bare_identifier(words[1]))
        )
    return False


def _on_numbered_road(predirectional: str, text: str, state: str, counties: frozenset[str]) -> Street | None:
    road = read_road(text, state, counties)
    return _street_on(road, predirectional) if road else None


def _street_on(road: Road, predirectional: str) -> Street | None:
    if road == NO_ROAD:
        return _NOT_UNDERSTOOD
    rest = road.rest.split()
    suffix = ""
    if rest and rest[0] in STREET_SUFFIXES and not road.directional:
        suffix, rest = STREET_SUFFIXES[rest[0]], rest[1:]
    tail = _read_tail(rest)
    if tail is None or (road.directional and tail[0]):
        return None
    postdirectional = road.directional or tail[0]
    if road.has_one_road and predirectional and not postdirectional and not suffix:
        predirectional, postdirectional = "", predirectional
    return Street(predirectional, road.name, suffix, postdirectional, tail[1])


def _read_tail(words: list[str]) -> tuple[str, Units] | None:
    """Postdirectional and units behind a complete street; ``None`` unless every word is understood."""
    directional, taken = ("", 0) if _starts_number_sign(words) else leading_directional(words)
    units = read_units(words[taken:])
    if units is None:
        units = units_behind_complex(words[taken:], apart=False)
    return None if units is None else (directional, units)


def _starts_number_sign(words: list[str]) -> bool:
    """Whether ``NO`` is the number sign of a unit (``NO 5``, ``NO B`` at the end), not north."""
    return words[:1] == ["NO"] and (
        (len(words) == 2 and is_bare_identifier(words[1])) or (len(words) > 2 and not words[1].isalpha())
    )


def _with_units_cut_off(predirectional: str, words: list[str]) -> Street | None:
    """The street up to the first unmistakable designator, and the units from there."""
    if any(words[at][0].isdigit() and is_number_of_a_road(words, at) for at in range(1, len(words))):
        return None
    end = first_unit(words)
    for suffix_at in range(end - 1, 0, -1):
        if words[suffix_at] in STREET_SUFFIXES:
            tail = _read_tail(words[suffix_at + 1 :])
            if tail is not None:
                return _street(predirectional, words[:suffix_at], words[suffix_at], *tail)
            if STREET_SUFFIXES[words[suffix_at]] in PLAIN_SUFFIXES and not _leads_a_name(words, suffix_at):
                return None
    return _without_suffix(predirectional, words[:end], words[end:])


def _leads_a_name(words: list[str], at: int) -> bool:
    """Whether the suffix word is before its name (``LA AVENIDA DE SAN LUIS``), or is a saint (``RUE DE ST CYR``)."""
    if words[at] == "ST" and words[at - 1] in _PARTICLES:
        return True
    return (
        words[at] in _SPANISH_TYPES
        and words[at + 1] in {"DE", "DEL", "OF"}
        and words[at - 1] in {"LA", "THE"}
    )


def _without_suffix(predirectional: str, words: list[str], designated: list[str]) -> Street | None:
    """A street that is all name (``BROADWAY``, ``AVENUE OF THE AMERICAS``), perhaps with directional and bare units."""
    end = len(words) - 2 if len(words) > 2 and _starts_number_sign(words[-2:]) else len(words)
    while end > 1 and (words[end - 1] in _REAR_WORDS or (_is_unit_word(words[end - 1]))):
        end -= 1
    if end > 1 and _starts_number_sign(words[end - 1 :]):
        end -= 1
    units = read_units(words[end:] + designated)
    if units is None:
        return None
    postdirectional, name = _postdirectional(words[:end])
    if len(name) > 1 and name[-1] == "LA":
        return _street(predirectional, name[:-1], "LN", postdirectional, units)
    if len(name) == 1 and not _is_whole_name(name[0], bool(predirectional or postdirectional)):
        return _STREET_MISSING
    return _street(predirectional, name, "", postdirectional, units)


def _is_unit_word(word: str) -> bool:
    return is_bare_identifier(word) and word not in DIRECTIONALS and not ORDINAL.fullmatch(word)


def _postdirectional(words: list[str]) -> tuple[str, list[str]]:
    for taken in (2, 1):
        if len(words) > taken:
            directional, length = leading_directional(words[-taken:])
            if length == taken and directional:
                return directional, words[:-taken]
    if (
        len(words) > 2
        and words[0] in _SPANISH_TYPES
        and words[-1] in SPANISH_DIRECTIONALS
        and words[-2] not in {"DEL", "DE"}
    ):
        return SPANISH_DIRECTIONALS[words[-1]], words[:-1]
    return "", words


def _is_whole_name(word: str, has_directional: bool) -> bool:
    """Whether one word without a suffix names a street."""
    if word in _WHOLE_NAMES:
        return True
    if word in STREET_SUFFIXES:
        return STREET_SUFFIXES[word] not in PLAIN_SUFFIXES and word == SUFFIX_WORDS.get(STREET_SUFFIXES[word])
    if word in _HALF_A_NAME:
        return False
    if word in DIRECTIONALS:
        return len(word) > 2
    return has_directional if word.isdigit() else len(word) > 1


def _is_intersection(name: list[str]) -> bool:
    """Whether ``AND`` joins two streets (``MAIN ST AND ELM``, ``1ST AND PIKE``) instead of two words of one name."""
    first = name[: name.index("AND")]
    return any(word in STREET_SUFFIXES for word in first[1:]) or any(
        word in NUMBER_WORDS or ORDINAL.fullmatch(word) for word in name
    )


def _street(
    predirectional: str, name: list[str], suffix: str, postdirectional: str, units: Units
) -> Street | None:
    if name == ["THE"]:
        name, suffix = ["THE", suffix], ""
    if "AND" in name and _is_intersection(name):
        return None
    canonical = canonical_name(name, has_suffix=bool(suffix))
    if not canonical or name == ["ST"] or "NO" in name[1:] or canonical in _ROUTES_WITHOUT_BOX:
        return None
    return Street(predirectional, canonical, STREET_SUFFIXES.get(suffix, ""), postdirectional, units)
