"""Puerto Rico: urbanizations, Spanish street words and numbers behind the street, Publication 28 section 29."""

from __future__ import annotations

import re

from narrowgate.core.address.parse.designators import DESIGNATORS, STANDING_ALONE
from narrowgate.core.address.words.word_list import words as word_set

_AREAS = {
    "URB": "", "URBANIZACION": "", "BO": "BO", "BARRIO": "BO", "BDA": "BDA", "BARRIADA": "BDA", "SECTOR": "SECTOR",
    "SECT": "SECTOR", "COMUNIDAD": "COM", "COM": "COM", "PARCELAS": "PARC", "PARC": "PARC",
}  # fmt: skip
_DESCRIPTORS = {
    "ALTS": "ALTURAS", "ALT": "ALTURAS", "JARD": "JARDINES", "JARDS": "JARDINES", "QTAS": "QUINTAS", "REPTO": "REPARTO",
    "MANS": "MANSIONES", "EST": "ESTANCIAS", "ESTS": "ESTANCIAS", "EXT": "EXTENSION",
    "VLLA": "VILLA", "STA": "SANTA", "STO": "SANTO", "HACS": "HACIENDAS", "COL": "COLINAS", "VLLS": "VILLAS",
}  # fmt: skip
_STARTING = word_set(
    """
    ALTURAS JARDINES QUINTAS REPARTO MANSIONES ESTANCIAS EXTENSION VILLA VILLAS HACIENDA HACIENDAS
    COLINAS LOMAS VALLE TERRAZAS BOSQUE PARQUE VISTAS VEGAS PRADERAS BRISAS RIBERAS SIERRA
    """
)
_BUILDINGS = {"COND": "COND", "CONDOMINIO": "COND", "RES": "RES", "RESIDENCIAL": "RES"}
_STREET_WORDS = word_set(
    """
    CALLE AVE AVENIDA AVENUE VIA CALLEJON CARR CARRETERA PASEO CAMINO PASAJE BULEVAR BLVD HC RR PO BOX KM
    """
)
_ENDS_A_NAME = _STREET_WORDS.union(
    _AREAS,
    _BUILDINGS,
    DESIGNATORS.keys() - {"LOCAL", "KEY", "BAY"},
    ("INT", "EDIF", "INTERIOR"),
)
_BLOCK = re.compile(r"(?:BLQ|BLOQUE|BLK) ([A-Z]{1,2}|[0-9]{1,3}) (?:# |CASA |NUM |NO )*([0-9]{1,4})(?= |$)")
_BLOCK_BEHIND = re.compile(
    r"(?P<street>(?:CALLE|AVE|AVENIDA|CALLEJON|PASEO|CAMINO|VIA)(?: [A-Z0-9]+)+?) "
    r"(?:BLQ|BLOQUE|BLK) (?P<block>[A-Z]{1,2}|[0-9]{1,3}) (?:# |CASA |NUM |NO )*(?P<house>[0-9]{1,4}[A-Z]?)"
    r"(?P<rest> .*)?"
)
"""The Postal Service's own example for Puerto Rico: ``CALLE 19 BLQ 199 CASA 31``."""
_PART_NUMBER = re.compile(r"([0-9]{1,2})(?:RA|DA|TA|MA|VA|NA|ERA|ER|ST|ND|RD|TH)?")
_PARTS = {
    "SECC": "SECCION", "SECCION": "SECCION", "SEC": "SECCION", "SECTION": "SECCION",
    "EXT": "EXTENSION", "EXTENSION": "EXTENSION", "EXTN": "EXTENSION",
}  # fmt: skip
"""Numbered parts of an urbanization: ``4TA SECC`` and ``SECCION 4`` are ``SECCION 4``."""
_BLOCK_APART = re.compile(r"([A-Z]{1,2}) ([0-9]{1,4}) (?=(?:CALLE|AVE|AVENIDA) )")
_NUMBER_BEHIND = re.compile(
    r"(?P<street>(?:CALLE|AVE|AVENIDA|CALLEJON|PASEO|CAMINO|PASAJE|BULEVAR|BLVD|VIA)(?: [A-Z0-9]+)+?) "
    r"(?:# |NUM |NO |NUMERO )?(?P<number>[0-9]{1,2}[A-Z]{2} [0-9]{1,3}|(?<=# )[A-Z]{1,2} [0-9]{1,4}"
    r"|[A-Z]{0,2}[0-9]{1,5}[A-Z]?)(?P<rest> .*)?"
)
_KILOMETER = re.compile(
    r"(?P<road>(?:CARR|CARRETERA|PR)(?: ESTATAL| PR)?(?: NUM| NO| #)? [0-9]{1,4}[A-Z]?) (?:, )?"
    r"(?:KM|KILOMETRO) (?P<km>[0-9]{1,3}(?:\.[0-9])?)"
    r"(?: (?:HM|H) (?P<hm>[0-9]))?(?P<rest> .*)?"
)


def is_puerto_rico(state: str, zip5: str) -> bool:
    """Whether the locality is in Puerto Rico, by its state or its ZIP prefix (006, 007, 009)."""
    return state == "PR" or (not state and zip5[:3] in {"006", "007", "009"})


def take_areas(segment: str) -> tuple[str, str, str]:
    """The urbanization, the condominium or residential, and the rest of a segment that names them.

    ``URB LAS GLADIOLAS`` is ``LAS GLADIOLAS``; a barrio, sector or community keeps its kind (``BO CANDELARIA``).
    """
    words = _with_part_behind(segment.split())
    areas: list[str] = []
    building = ""
    rest: list[str] = []
    at = 0
    while at < len(words):
        starts = (
            words[at] in _AREAS or words[at] in _BUILDINGS or (at == 0 and _expanded(words[0]) in _STARTING)
        )
        end = _end_of_name(words, at + 1) if starts else at
        parts, end_of_parts = (
            _parts_of_area(words, end) if starts and words[at] not in _BUILDINGS else ("", end)
        )
        if end > at + 1 or (starts and words[at] not in _AREAS | _BUILDINGS and end > at):
            name = [_expanded(word) for word in words[at:end]] + parts.split()
            if words[at] in _BUILDINGS:
                building = " ".join([_BUILDINGS[words[at]], *name[1:]])
            elif words[at] in _AREAS:
                areas.append(" ".join([_AREAS[words[at]], *name[1:]]).strip())
            else:
                areas.append(" ".join(name))
            at = end_of_parts
        else:
            rest.append(words[at])
            at += 1
    return ", ".join(areas), building, " ".join(rest)


def _with_part_behind(words: list[str]) -> list[str]:
    """The words with a numbered part behind its area: ``URB COUNTRY CLUB EXT 3`` for ``3RA EXT COUNTRY CLUB``."""
    if not words:
        return words
    has_kind = words[0] in _AREAS
    number = _PART_NUMBER.fullmatch("".join(words[has_kind : has_kind + 1]))
    if not number or number[0].isdigit() or "".join(words[has_kind + 1 : has_kind + 2]) not in _PARTS:
        return words
    end = _end_of_name(words, has_kind + 2)
    name = words[has_kind + 2 : end]
    return (
        [words[0] if has_kind else "URB", *name, words[has_kind + 1], number[1], *words[end:]]
        if name
        else words
    )


def _parts_of_area(words: list[str], at: int) -> tuple[str, int]:
    """The numbered section or extension behind the name of an area, in one spelling, and where it ends."""
    found = ""
    while at + 1 < len(words):
        first, second = words[at], words[at + 1]
        if (number := _PART_NUMBER.fullmatch(first)) and second in _PARTS:
            found = f"{found} {_PARTS[second]} {number[1]}"
        elif first in _PARTS and (number := _PART_NUMBER.fullmatch(second)):
            found = f"{found} {_PARTS[first]} {number[1]}"
        else:
            break
        at += 2
    return found.strip(), at


def _expanded(word: str) -> str:
    return _DESCRIPTORS.get(word, word)


def _end_of_name(words: list[str], at: int) -> int:
    start = at
    while at < len(words) and words[at].isalpha() and len(words[at]) > 1 and words[at] not in _ENDS_A_NAME:
        if at > start and words[at] in _PARTS and _PART_NUMBER.fullmatch("".join(words[at + 1 : at + 2])):
            break
        at += 1
    return at


def with_kind(area: str) -> str:
    """The area as an address writes it: an urbanization behind ``URB``, any other behind its own kind."""
    return area if area.partition(" ")[0] in _AREAS.values() else f"URB {area}"


def names_an_area(segment: str) -> bool:
    """Whether the segment still holds the word for an urbanization or barrio, whose name could not be read."""
    return not _AREAS.keys().isdisjoint(segment.split())


def number_first(segment: str) -> str:
    """The segment with its house number in front: ``CALLE SOL 123``, ``BLQ H CASA 10 CALLE 5``, ``CARR 2 KM 14.5``."""
    if found := _KILOMETER.fullmatch(segment):
        kilometer = found["km"] if "." in found["km"] or not found["hm"] else f"{found['km']}.{found['hm']}"
        road = found["road"].replace("PR ", "CARR ", 1) if found["road"].startswith("PR ") else found["road"]
        return f"KM {kilometer} {road}{found['rest'] or ''}"
    if found := _BLOCK_BEHIND.fullmatch(segment):
        joint = "-" if found["block"].isdigit() else ""
        return f"{found['block']}{joint}{found['house']} {found['street']}{found['rest'] or ''}"
    if found := _BLOCK.match(segment):
        joint = "-" if found[1].isdigit() else ""
        segment = f"{found[1]}{joint}{found[2]}{segment[found.end() :]}"
    elif found := _BLOCK_APART.match(segment):
        segment = f"{found[1]}{found[2]} {segment[found.end() :]}"
    if (found := _NUMBER_BEHIND.fullmatch(segment)) and _is_street(found["street"]):
        return f"{found['number'].replace(' ', '')} {found['street']}{found['rest'] or ''}"
    return segment


def _is_street(text: str) -> bool:
    return not any(word in DESIGNATORS or word in STANDING_ALONE for word in text.split()[1:])
