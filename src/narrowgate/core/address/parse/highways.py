"""Numbered roads: highways, county, state, farm and township roads, Publication 28 section 234 and Appendix F.

Spellings that surely name the same numbered road have one name; a bare ``HIGHWAY 50`` is not known to be
US 50 or a state's 50, so it stays a road of its own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from narrowgate.core.address.parse.designators import DESIGNATORS
from narrowgate.core.address.parse.directionals import DIRECTIONAL_WORDS, DIRECTIONALS
from narrowgate.core.address.parse.state_roads import LETTERED, read_state
from narrowgate.core.address.parse.street_names import in_tenths
from narrowgate.core.address.parse.suffixes import STREET_SUFFIXES
from narrowgate.core.address.postal import is_county
from narrowgate.core.address.words.word_list import words as word_set

_HIGHWAY = r"(?:HIGHWAYS?|HIGHWY|HIWAY|HIWY|HWAY|HWYS?|HGWY|HY)"
_ROUTE = r"(?:ROUTES?|RTES?|RT)"
_ROAD = r"(?:ROAD|RD)"
_ANY = rf"(?:{_HIGHWAY}|{_ROUTE}|{_ROAD})"
_NUMBER = r"[0-9]{1,5}(?!(?:ST|ND|RD|TH)(?![A-Z]))[A-Z]{0,2}(?: [0-9]/[0-9]{1,2})?|[0-9]{1,4}\.[0-9]{1,2}"
_CONCURRENT = r"[0-9]{1,3}(?: AND |/|-)[0-9]{1,3}"
_DIGITS = rf"A1A|{_NUMBER}"
_LETTERS = r"[A-Z]{1,3}"
_LETTER_NUMBER = r"[A-HJ-Z][0-9]{1,3}[A-Z]?"
"""A letter and a number, such as Iowa's ``T17`` and California's ``J59``; never an interstate."""

_KINDS: tuple[tuple[str, str, bool], ...] = (
    ("INTERSTATE", rf"INTERSTATE(?: {_HIGHWAY}| {_ROUTE})?|I ?H|I(?: {_HIGHWAY})?", False),
    ("US HIGHWAY", rf"(?:U ?S|UNITED STATES)(?: {_HIGHWAY}| {_ROUTE})?", False),
    ("COUNTY STATE AID HIGHWAY", rf"CSAH|(?:COUNTY|CO) STATE AID {_ANY}", False),
    (
        "COUNTY ROAD",
        rf"(?:COUNTY|CNTY|CTY|CO) (?:{_ANY}|(?:TRUNK|TRK|TRNK)(?: {_HIGHWAY}| {_ROAD})?)|COUNTY|C ?R|C ?T ?H",
        True,
    ),
    ("STATE ROUTE", rf"(?:STATE|ST)(?: (?:TRUNK|TRK|TRNK))? {_ANY}|S ?R|S ?H|S ?T ?H", True),
    ("FARM TO MARKET", rf"F ?M(?: {_ROAD})?|FARM (?:TO|2) (?:MARKET|MKT)(?: {_ANY})?", False),
    ("FARM ROAD", rf"FARM {_ROAD}", False),
    ("RANCH ROAD", rf"R ?M(?: {_ROAD})?|R ?R|RANCH (?:(?:TO|2) (?:MARKET|MKT)(?: {_ANY})?|{_ROAD})", False),
    ("TOWNSHIP ROAD", rf"(?:TOWNSHIP|TWNSHP|TWP) {_ANY}|T ?R", False),
    ("FOREST SERVICE ROAD", rf"(?:US)?FS {_ROAD}|(?:US )?FOREST SERVICE {_ROAD}|NF(?: {_ROAD})?", False),
    ("BIA ROUTE", rf"(?:BIA|NAVAJO)(?: {_ANY})?|INDIAN {_ROUTE}", False),
    ("PRIVATE ROAD", rf"PRIVATE {_ROAD}|(?:PVT|PRVT) {_ROAD}|P ?R", False),
    ("PARISH ROAD", rf"PARISH {_ROAD}", False),
    ("LOOP", r"(?:STATE )?LOOP", False),
    ("SPUR", r"(?:STATE )?SPUR", False),
    ("HIGHWAY", _HIGHWAY, True),
    ("ROUTE", _ROUTE, True),
    ("ROAD", _ROAD, True),
    ("AVENUE", r"AVENUE|AVENIDA|AVDA|AVENU|AVNUE|AVEN|AVN|AVE|AV", True),
    ("CALLE", r"CALLE|CLL|CLLE", True),
    ("VIA", r"VIA", False),
    ("CARRETERA", r"CARR(?:ETERA)?(?: ESTATAL)?(?: PR)?", False),
    ("DRIVE", r"DRIVE", False),
    ("MILE", r"MILE", False),
    ("BUSINESS", r"BUSINESS|BUS|BSNSS", False),
)
"""Name of the kind of road, its spellings, and whether it also has letters (``COUNTY ROAD MM``)."""

_STREET_WORDS = frozenset(("AVENUE", "ROAD", "DRIVE", "MILE", "VIA"))
"""Kinds behind which a number sign begins a unit: ``WEST RD # 25``."""
_LETTER_AND_NUMBER = frozenset(("COUNTY ROAD", "HIGHWAY", "ROUTE"))
"""Kinds whose roads may have a letter and a number (``HIGHWAY T17``)."""
_TOGETHER = frozenset(("US HIGHWAY", "STATE ROUTE", "HIGHWAY", "ROUTE"))
"""Kinds of which two run together on one road (``ROUTE 5 AND 20``)."""
_ELSEWHERE_CALLED = {("FARM ROAD", "TX"): "FARM TO MARKET", ("STATE ROUTE", "PR"): "CARRETERA"}
_WITHOUT_A_PLACE = frozenset(("INTERSTATE", "US HIGHWAY", "STATE ROUTE", "FARM TO MARKET", "HIGHWAY"))
"""Kinds that have one road of a number, so that a directional says which part of it, before the name or behind it."""
_NUMBERED_BY = {"RANCH ROAD": ("TX",), "FARM ROAD": ("TX", "MO")}
"""Kinds that only some states number, so that a number sign elsewhere begins a unit: ``22 RANCH RD # 5``."""
_MODIFIERS = {
    "BUSINESS": "BUSINESS", "BUS": "BUSINESS", "BSNSS": "BUSINESS", "BYPASS": "BYPASS", "BYP": "BYPASS",
    "ALTERNATE": "ALTERNATE", "ALT": "ALTERNATE", "TRUCK": "TRUCK", "SCENIC": "SCENIC", "SPUR": "SPUR", "LOOP": "LOOP",
}  # fmt: skip
_BESIDE = {
    "FRONTAGE": "FRONTAGE", "FRONTG": "FRONTAGE", "FRNTGE": "FRONTAGE", "FRTG": "FRONTAGE", "FRNTG": "FRONTAGE",
    "SERVICE": "SERVICE", "SVC": "SERVICE", "SERV": "SERVICE", "ACCESS": "ACCESS", "FEEDER": "FEEDER",
}  # fmt: skip
"""Roads beside a highway; each is a road of its own."""
_MODIFIER = "|".join(_MODIFIERS)
_DIRECTION = "|".join(DIRECTIONALS)


def _identifiers(name: str, *, letters: bool) -> str:
    parts = [_CONCURRENT] if name in _TOGETHER else []
    parts += [_DIGITS, _LETTER_NUMBER] if name in _LETTER_AND_NUMBER else [_DIGITS]
    return "|".join([*parts, _LETTERS] if letters else parts)


_ROADS = tuple(
    (
        name,
        re.compile(
            rf"(?P<age>(?:OLD|NEW) )?(?P<way>(?:{_DIRECTION}) )?(?P<before>(?:{_MODIFIER}) )?"
            rf"(?:{spellings})(?: |(?=[0-9]))"
            rf"{'' if name in _STREET_WORDS else '(?P<sign>(?:#|NO|NUM|NUMBER) (?=[0-9]))?'}"
            rf"(?P<id>{_identifiers(name, letters=letters)})(?= |$)"
        ),
    )
    for name, spellings, letters in _KINDS
)
_BEHIND_STATE = re.compile(
    rf"(?: STATE)?(?P<word> {_ANY})?(?: |(?=[0-9]))(?P<sign>(?:#|NO) )?"
    rf"(?P<id>{_CONCURRENT}|{_DIGITS}|{_LETTERS})(?= |$)"
)
_COUNTY_NAMED = re.compile(
    rf"(?P<county>[A-Z]+(?: [A-Z]+){{0,2}}?) ?(?:(?:COUNTY|CNTY|CTY|CO) {_ANY}|C ?R)(?: |(?=[0-9]))"
    rf"(?:(?:#|NO|NUM|NUMBER) (?=[0-9]))?(?P<id>{_NUMBER})(?= |$)"
)
_COUNTY_ALONE = re.compile(rf"(?P<county>[A-Z]+(?: [A-Z]+){{0,2}}) COUNTY (?P<id>{_NUMBER})(?= |$)")
"""A county's road without the word for a road, as Arkansas writes it: ``MARION COUNTY 172``."""
_TAIL_NOISE = re.compile(rf" (?:{_ANY})(?= |$)")
_AFTER = re.compile(rf" (?P<modifier>{_MODIFIER})(?= |$)(?: {_ANY}(?= |$))?")
_BESIDE_ROAD = re.compile(
    rf"(?: (?P<way>{_DIRECTION}))? (?P<beside>{'|'.join(_BESIDE)})(?: {_ROAD}(?= |$))?(?= |$)"
)
_GLUED_WAY = re.compile(r"([0-9]{3,5})([NSEW])")
_LEADING_ZEROS = re.compile(r"^0+(?=[0-9])")
_LONGEST_STATE_NUMBER = 3
"""Digits of a road that a state names by itself; behind ``WASHINGTON`` a longer number is a unit."""
_COASTAL = "A1A"
"""The one numbered road whose number begins with a letter: Florida's State Road A1A."""
_ROADS_OF = word_set("COUNTY CNTY CTY CO STATE US BIA NAVAJO TOWNSHIP TWP PARISH INTERSTATE ROUTE RTE TRUNK")
_ROAD_WORDS = word_set("ROAD RD HIGHWAY HWY ROUTE RTE RT TRUNK")
_MORE_THAN_STATES = frozenset(
    ("CO", "CT", "NE", "AL", "MI", "ST", "AS", "OR", "IN", "ME", "FM", "MH", "PW", "PR")
)
"""Codes of states that are words or other roads in another state."""
_COUNTY_LETTER = re.compile(r"([A-DF-HK-MT-VX]) ?([0-9]{2,3})(?= [NSEW]$|$)")
_LEADING = word_set(f"OLD NEW {' '.join(DIRECTIONALS)} {' '.join(_MODIFIERS)}")
_FIRST_WORDS: dict[str, frozenset[str]] = {
    "INTERSTATE": word_set("I IH INTERSTATE"),
    "US HIGHWAY": word_set("U US UNITED"),
    "COUNTY STATE AID HIGHWAY": word_set("CSAH COUNTY CO"),
    "COUNTY ROAD": word_set("COUNTY CNTY CTY CO C CR CTH"),
    "STATE ROUTE": word_set("STATE ST S SR SH STH"),
    "FARM TO MARKET": word_set("F FM FARM"),
    "FARM ROAD": word_set("FARM"),
    "RANCH ROAD": word_set("R RM RR RANCH"),
    "TOWNSHIP ROAD": word_set("TOWNSHIP TWNSHP TWP T TR"),
    "FOREST SERVICE ROAD": word_set("FS USFS US FOREST NF"),
    "BIA ROUTE": word_set("BIA NAVAJO INDIAN"),
    "PRIVATE ROAD": word_set("PRIVATE PVT PRVT P PR"),
    "PARISH ROAD": word_set("PARISH"),
    "LOOP": word_set("STATE LOOP"),
    "SPUR": word_set("STATE SPUR"),
    "HIGHWAY": word_set("HIGHWAY HIGHWAYS HIGHWY HIWAY HIWY HWAY HWY HWYS HGWY HY"),
    "ROUTE": word_set("ROUTE ROUTES RTE RTES RT"),
    "ROAD": word_set("ROAD RD"),
    "AVENUE": word_set("AVENUE AVENIDA AVDA AVENU AVNUE AVEN AVN AVE AV"),
    "CALLE": word_set("CALLE CLL CLLE"),
    "VIA": word_set("VIA"),
    "CARRETERA": word_set("CARR CARRETERA"),
    "DRIVE": word_set("DRIVE"),
    "MILE": word_set("MILE"),
    "BUSINESS": word_set("BUSINESS BUS BSNSS"),
}
_BY_FIRST_WORD: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    word: tuple((name, pattern) for name, pattern in _ROADS if word in _LEADING | _FIRST_WORDS[name])
    for word in _LEADING.union(*_FIRST_WORDS.values())
}
ROAD_WORDS = _ROADS_OF | _ROAD_WORDS | _LEADING.union(*_FIRST_WORDS.values())
"""Every word that a numbered road may begin with."""
_FIRST_LETTERS = re.compile(r"[A-Z]+")


class Road(NamedTuple):
    """A numbered road, the directional that its number carried, and the text behind it."""

    name: str
    directional: str
    rest: str
    has_one_road: bool = False
    """Its directional says which part of it, wherever it is written."""


NO_ROAD = Road("", "", "")
"""A number behind the word for a road, of which the road cannot be told."""


def read_road(text: str, state: str, counties: frozenset[str] = frozenset()) -> Road | None:
    """The numbered road that the text begins with, ``None`` where none does, ``NO_ROAD`` where it cannot be told.

    Args:
        text: folded street text behind house number and predirectional.
        state: two-letter code; ``KY 44`` is the state route only in Kentucky.
        counties: of the place; ``WELD COUNTY ROAD 7`` is its ``COUNTY ROAD 7`` where Weld is the county.
    """
    found = _named_by_state(text, state) or _numbered(text, state) or _lettered(text, state)
    return found or (_named_by_county(text, counties) if may_name_a_county(text) else None)


def may_name_a_county(text: str) -> bool:
    """Whether a county may stand before its road, so that ``read_road`` wants to know the county."""
    return ("COUNTY " in text or "CNTY " in text or "CTY " in text or "CR " in text or " CO " in text) and (
        _COUNTY_NAMED.search(text) is not None or _COUNTY_ALONE.match(text) is not None
    )


def _numbered(text: str, state: str) -> Road | None:
    first = _FIRST_LETTERS.match(text)
    for name, pattern in _BY_FIRST_WORD.get(first[0], ()) if first else ():
        found = pattern.match(text)
        if found and _is_identifier(found["id"], name, state) and _is_numbered_here(name, found, state):
            return _road(_kind(name, found["id"], state), found, text)
    return None


def _is_numbered_here(name: str, found: re.Match[str], state: str) -> bool:
    """Whether the sign, if any, is the road's: behind a road with a name, and a ranch's, it is a unit's."""
    if name in _STREET_WORDS or not found["sign"]:
        return True
    return not (name == "HIGHWAY" and found["way"]) and state in _NUMBERED_BY.get(name, (state,))


def _kind(name: str, identifier: str, state: str) -> str:
    """The kind of road that the words mean in the state: a lettered highway is its county's or the state's."""
    if (name, state) in _ELSEWHERE_CALLED:
        return _ELSEWHERE_CALLED[name, state]
    if name in {"HIGHWAY", "ROUTE"} and identifier[0].isalpha() and state in LETTERED:
        return LETTERED[state]
    return name


def _lettered(text: str, state: str) -> Road | None:
    """``F 41``: a county-designated highway with a letter of its own; Florida's ``A1A``."""
    if text == _COASTAL or text.startswith(f"{_COASTAL} "):
        return Road(f"STATE ROUTE {_COASTAL}", "", text.removeprefix(_COASTAL).strip(), True)
    found = _COUNTY_LETTER.match(text)
    if not found:
        return None
    name = f"COUNTY ROAD {found[1]}{found[2]}" if state == "IA" else f"{found[1]} {found[2]}"
    return Road(name, "", text[found.end() :].strip())


def _is_identifier(identifier: str, name: str, state: str) -> bool:
    """Whether letters behind the kind of road are its letters, not the next word of the line."""
    if not identifier.isalpha():
        return True
    if name in {"AVENUE", "CALLE", "ROAD"}:
        return len(identifier) == 1
    if name == "STATE ROUTE" and LETTERED.get(state) != name:
        return False
    return not (
        identifier in STREET_SUFFIXES
        or identifier in DESIGNATORS
        or (len(identifier) > 1 and identifier in DIRECTIONALS)
        or (len(identifier) == 3 and name != "COUNTY ROAD")
        or identifier in {"OF", "THE", "LA", "EL", "DE", "DEL", "LOS", "LAS", "OAK", "LINE", "NO"}
    )


def _named_by_state(text: str, state: str) -> Road | None:
    """``KY 44``, ``KENTUCKY HIGHWAY 44``, ``NEW YORK 12``, ``M 28``: a state's own numbered road."""
    age = text[:4] if text.startswith(("OLD ", "NEW ")) else ""
    code, length = read_state(text, state)
    if not code and age:
        code, length = read_state(text[4:], state)
        length += 4
    else:
        age = ""
    found = _BEHIND_STATE.match(text, length) if code else None
    if not found or not _is_named(text[len(age) : length], found, state):
        return None
    written, word = text[len(age) : length], (found["word"] or "").strip()
    is_road = word in {"ROAD", "RD"}
    if code == state:
        if len(written) > 2 and found["sign"] and (is_road or not word):
            return None
        if written == "CO" and is_road:
            return None
        return _road("CARRETERA" if code == "PR" else "STATE ROUTE", found, text, age)
    if len(written) > 2 and (is_road or not word):
        return None if found["sign"] or len(found["id"]) > _LONGEST_STATE_NUMBER else NO_ROAD
    return _road(f"{code} HIGHWAY", found, text, age)


def _is_named(written: str, found: re.Match[str], state: str) -> bool:
    """Whether the number behind the letters is a road's: ``OR 99`` is in Oregon, ``CO HWY 7`` in Colorado."""
    if found["id"].isalpha():
        return LETTERED.get(state) == "STATE ROUTE" and (found["word"] is not None or written == state)
    if written in _MORE_THAN_STATES and written != state:
        return found["word"] is not None and written != "CO" and written not in DIRECTIONALS
    return True


def _named_by_county(text: str, counties: frozenset[str]) -> Road | None:
    """``WELD COUNTY ROAD 7``, ``WCR 7``, ``VZ COUNTY ROAD 2120``: the county's road, its name or letters first.

    The road of another county than that of the place keeps the name: a ZIP Code may lie in two.
    """
    found = _COUNTY_NAMED.match(text)
    if not found:
        alone = _COUNTY_ALONE.match(text)
        is_here = alone is not None and alone["county"].replace(" ", "") in counties
        return _road("COUNTY ROAD", alone, text) if alone and is_here else None
    county = found["county"].replace(" ", "")
    if county in {"OLD", "NEW"}:
        return None
    if any(county == name or _abbreviates(county, name) for name in counties):
        return _road("COUNTY ROAD", found, text)
    if is_county(county):
        road = _road("COUNTY ROAD", found, text)
        return road._replace(name=f"{found['county']} {road.name}")
    return NO_ROAD


def _abbreviates(letters: str, county: str) -> bool:
    """Whether up to three letters of the county's name are left, in their order and from its first one."""
    rest = iter(county)
    return len(letters) <= 3 and letters[0] == county[0] and all(letter in rest for letter in letters)


def is_number_of_a_road(words: list[str], at: int) -> bool:
    """Whether the number at this word belongs to the words for a road before it, so that it is no unit."""
    before = words[at - 1]
    return (
        before in _ROADS_OF
        or (at == 1 and before in _MORE_THAN_STATES)
        or (before in _ROAD_WORDS and at > 1 and words[at - 2] in _ROADS_OF)
    )


def _road(name: str, found: re.Match[str], text: str, age: str = "") -> Road:
    groups = found.groupdict()
    identifier, directional = _LEADING_ZEROS.sub("", found["id"]), ""
    if identifier == _COASTAL:
        name = "STATE ROUTE"
    if name in {"COUNTY ROAD", "ROAD"} and (glued := _GLUED_WAY.fullmatch(identifier)):
        identifier, directional = glued.groups()
    parts = [(age or groups.get("age") or "").strip(), _word(groups.get("way")), name, _plain(identifier)]
    rest = text[found.end() :]
    if name not in {"AVENUE", "CALLE", "VIA", "MILE", "LOOP", "ROAD", "DRIVE"}:
        rest = _TAIL_NOISE.sub("", rest, count=1) if _TAIL_NOISE.match(rest) else rest
    modifiers = [_MODIFIERS[groups["before"].strip()]] if groups.get("before") else []
    if after := _AFTER.match(rest):
        modifiers.append(_MODIFIERS[after["modifier"]])
        rest = rest[after.end() :]
    if not directional and (beside := _BESIDE_ROAD.match(rest)):
        modifiers.append(_BESIDE[beside["beside"]])
        directional = DIRECTIONALS[beside["way"]] if beside["way"] else ""
        rest = rest[beside.end() :]
    is_one = name in _WITHOUT_A_PLACE or (len(name) == 10 and name.endswith(" HIGHWAY"))
    return Road(
        " ".join(part for part in (*parts, *modifiers) if part),
        directional,
        rest.strip(),
        has_one_road=is_one,
    )


def _plain(identifier: str) -> str:
    """The number in one form: ``12.5`` for ``12 1/2``, two roads that run together in the order of their numbers."""
    number, space, fraction = identifier.partition(" ")
    if together := re.fullmatch(r"([0-9]+)(?: AND |/|-)([0-9]+)", identifier):
        return " AND ".join(sorted(together.groups(), key=int))
    return in_tenths(number, fraction) if space else identifier


def _word(directional: str | None) -> str:
    return DIRECTIONAL_WORDS[DIRECTIONALS[directional.strip()]] if directional else ""
