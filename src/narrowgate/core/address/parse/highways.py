"""Numbered roads: highways, county, state, farm and township roads, Publication 28 section 234 and Appendix F.

Spellings that surely name the same numbered road have one name; a bare ``HIGHWAY 50`` is not known to be
US 50 or a state's 50, so it stays a road of its own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from narrowgate.core.address.parse.designators import DESIGNATORS
from narrowgate.core.address.parse.directionals import DIRECTIONAL_WORDS, DIRECTIONALS
from narrowgate.core.address.parse.place_names import STATE_CODES, state_code
from narrowgate.core.address.parse.suffixes import STREET_SUFFIXES
from narrowgate.core.address.words.word_list import words as word_set

_HIGHWAY = r"(?:HIGHWAY|HIGHWY|HIWAY|HIWY|HWAY|HWY|HGWY|HY)"
_ROUTE = r"(?:ROUTE|RTE|RT)"
_ROAD = r"(?:ROAD|RD)"
_ANY = rf"(?:{_HIGHWAY}|{_ROUTE}|{_ROAD})"
_DIGITS = r"A1A|[0-9]{1,5}(?!(?:ST|ND|RD|TH)(?![A-Z]))[A-Z]{0,2}(?: [0-9]/[0-9])?|[0-9]{1,4}\.[0-9]"
_LETTERS = r"[A-Z]{1,3}"

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
    ("BIA ROUTE", rf"(?:BIA|NAVAJO) {_ANY}|INDIAN {_ROUTE}", False),
    ("PRIVATE ROAD", rf"PRIVATE {_ROAD}|(?:PVT|PRVT) {_ROAD}|P ?R", False),
    ("PARISH ROAD", rf"PARISH {_ROAD}", False),
    ("LOOP", r"(?:STATE )?LOOP", False),
    ("SPUR", r"(?:STATE )?SPUR", False),
    ("HIGHWAY", _HIGHWAY, True),
    ("ROUTE", _ROUTE, True),
    ("ROAD", _ROAD, False),
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
_MODIFIERS = {
    "BUSINESS": "BUSINESS", "BUS": "BUSINESS", "BSNSS": "BUSINESS", "BYPASS": "BYPASS", "BYP": "BYPASS",
    "ALTERNATE": "ALTERNATE", "ALT": "ALTERNATE", "TRUCK": "TRUCK", "SCENIC": "SCENIC", "SPUR": "SPUR", "LOOP": "LOOP",
}  # fmt: skip
_MODIFIER = "|".join(_MODIFIERS)
_DIRECTION = "|".join(DIRECTIONALS)

_ROADS = tuple(
    (
        name,
        re.compile(
            rf"(?P<age>(?:OLD|NEW) )?(?P<way>(?:{_DIRECTION}) )?(?P<before>(?:{_MODIFIER}) )?"
            rf"(?:{spellings})(?: |(?=[0-9]))"
            rf"{'' if name in _STREET_WORDS else '(?:(?:#|NO|NUM|NUMBER) (?=[0-9]))?'}"
            rf"(?P<id>{_DIGITS}{'|' + _LETTERS if letters else ''})(?= |$)"
        ),
    )
    for name, spellings, letters in _KINDS
)
_STATE_ROAD = re.compile(
    rf"(?P<age>(?:OLD|NEW) )?(?P<state>[A-Z]{{1,2}}|[NS] (?:CAROLINA|DAKOTA)|[A-Z]{{4,}}(?: [A-Z]{{4,}})??)"
    rf"(?: STATE)?(?P<word> {_ANY})?(?: |(?=[0-9]))(?:(?:#|NO) )?(?P<id>{_DIGITS})(?= |$)"
)
_DIGIT = re.compile(r"[0-9]")
_TAIL_NOISE = re.compile(rf" (?:{_ANY})(?= |$)")
_AFTER = re.compile(rf" (?P<modifier>{_MODIFIER})(?= |$)(?: {_ANY}(?= |$))?")
_GLUED_WAY = re.compile(r"([0-9]{3,5})([NSEW])")
_COASTAL = "A1A"
"""The one numbered road whose number begins with a letter: Florida's State Road A1A."""
_ONE_LETTER_STATES = {"M": "MI", "K": "KS"}
_MORE_THAN_STATES = frozenset(
    ("CO", "CT", "NE", "AL", "MI", "ST", "AS", "OR", "IN", "ME", "FM", "MH", "PW", "PR")
)
_COUNTY_LETTER = re.compile(r"([A-DF-HK-MT-VX]) ?([0-9]{2,3})(?= [NSEW]$|$)")
_FIRST_WORDS = word_set(
    """
    OLD NEW PR I IH INTERSTATE U US UNITED CSAH COUNTY CO CNTY CTY C CR CTH STATE ST S SR SH STH FM F
    FARM R RM RR RANCH TOWNSHIP TWNSHP TWP T TR FS USFS FOREST NF BIA NAVAJO INDIAN PRIVATE PVT PRVT
    PARISH LOOP SPUR P HIGHWAY HIGHWY HIWAY HIWY HWAY HWY HGWY HY ROUTE RTE RT ROAD RD
    AVENUE AVENIDA AVDA AVENU AVNUE AVEN AVN AVE
    AV CALLE CLL CLLE VIA DRIVE MILE BUSINESS BUS BSNSS BYPASS BYP ALTERNATE ALT TRUCK SCENIC
    """
)


class Road(NamedTuple):
    """A numbered road, the directional that its number carried, and the text behind it."""

    name: str
    directional: str
    rest: str


def read_road(text: str, state: str) -> Road | None:
    """The numbered road that the text begins with, or ``None``.

    Args:
        text: folded street text behind house number and predirectional.
        state: two-letter code; ``KY 44`` is the state route only in Kentucky.
    """
    first = text.partition(" ")[0]
    if first not in _FIRST_WORDS and not _DIGIT.search(text):
        return None
    return _named_by_state(text, state) or _numbered(text, state) or _lettered(text)


def _numbered(text: str, state: str) -> Road | None:
    for name, pattern in _ROADS:
        found = pattern.match(text)
        if found and _is_identifier(found["id"], name):
            in_texas = name == "FARM ROAD" and state == "TX"
            return _road("FARM TO MARKET" if in_texas else name, found, text)
    return None


def _lettered(text: str) -> Road | None:
    """``F 41``: a county-designated highway with a letter of its own; Florida's ``A1A``."""
    if text == _COASTAL or text.startswith(f"{_COASTAL} "):
        return Road(f"STATE ROUTE {_COASTAL}", "", text.removeprefix(_COASTAL).strip())
    found = _COUNTY_LETTER.match(text)
    return Road(f"{found[1]} {found[2]}", "", text[found.end() :].strip()) if found else None


def _is_identifier(identifier: str, name: str) -> bool:
    """Whether letters behind the kind of road are its letters, not the next word of the line."""
    if not identifier.isalpha():
        return True
    if name in {"AVENUE", "CALLE"}:
        return len(identifier) == 1
    return not (
        identifier in STREET_SUFFIXES
        or identifier in DESIGNATORS
        or (len(identifier) > 1 and identifier in DIRECTIONALS)
        or (len(identifier) == 3 and name != "COUNTY ROAD")
        or identifier in {"OF", "THE", "LA", "EL", "DE", "DEL", "LOS", "LAS", "OAK", "LINE", "NO"}
    )


def _named_by_state(text: str, state: str) -> Road | None:
    """``KY 44``, ``KENTUCKY HIGHWAY 44``, ``M 28``: the state's own numbered road."""
    found = _STATE_ROAD.match(text)
    if not found:
        return None
    written = found["state"]
    code = _ONE_LETTER_STATES.get(written, "") if len(written) == 1 else state_code(written)
    if not code or code == "FM" or (len(written) > 2 and not found["word"]):
        return None
    if written == "CO" or (
        not found["word"] and written in _MORE_THAN_STATES and (written, state) != ("PR", "PR")
    ):
        return None
    if code == state:
        return _road("CARRETERA" if code == "PR" else "STATE ROUTE", found, text)
    if len(written) == 1 or code not in STATE_CODES:
        return None
    return _road(f"{code} HIGHWAY", found, text)


def _road(name: str, found: re.Match[str], text: str) -> Road:
    groups = found.groupdict()
    identifier, directional = found["id"], ""
    if identifier == _COASTAL:
        name = "STATE ROUTE"
    if name in {"COUNTY ROAD", "ROAD"} and (glued := _GLUED_WAY.fullmatch(identifier)):
        identifier, directional = glued.groups()
    parts = [(groups["age"] or "").strip(), _word(groups.get("way")), name, identifier]
    rest = text[found.end() :]
    if name not in {"AVENUE", "CALLE", "VIA", "MILE", "LOOP", "ROAD", "DRIVE"}:
        rest = _TAIL_NOISE.sub("", rest, count=1) if _TAIL_NOISE.match(rest) else rest
    modifiers = [_MODIFIERS[groups["before"].strip()]] if groups.get("before") else []
    if after := _AFTER.match(rest):
        modifiers.append(_MODIFIERS[after["modifier"]])
        rest = rest[after.end() :]
    return Road(" ".join(part for part in (*parts, *modifiers) if part), directional, rest.strip())


def _word(directional: str | None) -> str:
    return DIRECTIONAL_WORDS[DIRECTIONALS[directional.strip()]] if directional else ""
