"""From an address as written to its parts: named stages, each a small function, run in one order.

``examine`` and ``explain`` run the same stages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from narrowgate.core.address.model import AddressClass, Defect, RawAddress
from narrowgate.core.address.parse.boxes import read_box, read_military
from narrowgate.core.address.parse.buildings import read_building, units_behind_complex
from narrowgate.core.address.parse.designators import DESIGNATORS, STANDING_ALONE, UNMISTAKABLE
from narrowgate.core.address.parse.directionals import DIRECTIONALS, leading_directional
from narrowgate.core.address.parse.fold import MAXIMUM_LENGTH, fold, is_readable
from narrowgate.core.address.parse.lines import behind_its_units, read_line
from narrowgate.core.address.parse.localities import (
    MILITARY_CITIES,
    MILITARY_STATES,
    NOWHERE,
    TWO_READINGS,
    Locality,
    read_end,
    read_fields,
)
from narrowgate.core.address.parse.numbers import (
    hyphenated_in_queens,
    is_in_queens,
    is_zero,
    read_plain_number,
)
from narrowgate.core.address.parse.puerto_rico import is_puerto_rico, names_an_area, number_first, take_areas
from narrowgate.core.address.parse.streets import Street, read_street
from narrowgate.core.address.parse.suffixes import STREET_SUFFIXES
from narrowgate.core.address.parse.units import NO_UNITS, Units, in_order, is_general, read_units
from narrowgate.core.address.postal import counties_of, states_of_zip

_GENERAL = {"APT": "APT", "UNIT": "UNIT", "STE": "STE", "#": "#"}
_UNIT_LINE = re.compile(r"(APT|UNIT|STE|#) (0*[1-9][0-9]{0,4}[A-Z]?)")
_MOST_GENERAL = 2
"""General units of one door: with a third one, letters of a word were read as doors (``J A I L``)."""
_NO_FIELDS = RawAddress()
_NO_STREET = Street()
_BETWEEN_NUMBER_AND_STREET = UNMISTAKABLE | {"SP"}
_NOTHING = frozenset(
    ("NA", "N A", "N / A", "NONE", "NULL", "NIL", "NAN", "BLANK", "EMPTY", "HOUSE", "HOME", "RESIDENCE")
)
"""What a form's second line holds instead of nothing, or instead of a unit."""


@dataclass(slots=True)
class Draft:
    """An address between two stages: what is already read, and in ``text`` what is not."""

    raw: RawAddress
    text: str = ""
    locality: Locality = NOWHERE
    address_class: AddressClass = AddressClass.STREET
    number: str = ""
    street: Street = _NO_STREET
    units: list[str] = field(default_factory=list)
    general: list[str] = field(default_factory=list)
    """With which general designator each unit is written."""
    unit_missing: bool = False
    route: str = ""
    box: str = ""
    urbanization: str = ""
    building: str = ""
    defects: list[Defect] = field(default_factory=list)
    is_simple: bool = False
    """One line of plain number, street and at most one unit."""
    street_text: str = ""
    """The text of such a street."""

    @property
    def state(self) -> str:
        """The state, or else the only one that the ZIP Code can belong to."""
        return self.locality.state or _only_state(self.locality.zip5)

    def add_units(self, units: Units) -> None:
        """Take units of one part of the address to those of the others."""
        self.units += units.identifiers
        self.general += units.general or [""] * len(units.identifiers)
        self.unit_missing |= units.missing

    def counties(self) -> frozenset[str]:
        """The county of the place, where the postal table has one."""
        return counties_of(self.locality.zip5, self.locality.city, self.state)

    def read_street(self, text: str) -> Street:
        """The street of a text behind its house number, in this place."""
        street = self._read_street(text)
        if street.defect and text.partition(" ")[0] in _BETWEEN_NUMBER_AND_STREET:
            return behind_its_units(text.split(), self._read_street) or street
        return street

    def _read_street(self, text: str) -> Street:
        return read_street(text, self.state, self.counties)


@lru_cache(maxsize=65536)
def _only_state(zip5: str) -> str:
    states = states_of_zip(zip5) if zip5 else frozenset()
    return next(iter(states)) if len(states) == 1 else ""


def fold_lines(draft: Draft) -> None:
    """Write the street lines in capital letters without accents or needless punctuation."""
    raw = draft.raw
    if len(raw.address_line_1) + len(raw.address_line_2) > MAXIMUM_LENGTH:
        draft.defects.append(Defect.NOT_UNDERSTOOD)
        return
    draft.text = fold(raw.address_line_1)
    if raw.address_line_2 and (second := fold(raw.address_line_2)) and second != draft.text:
        draft.text = f"{draft.text} , {second}" if draft.text else second
    if not is_readable(draft.text):
        draft.defects.append(Defect.NOT_UNDERSTOOD)
        draft.text = ""


def read_locality_fields(draft: Draft) -> None:
    """Read city, state and ZIP Code from their fields."""
    raw = draft.raw
    if len(raw.city) + len(raw.state) + len(raw.zip) > MAXIMUM_LENGTH:
        draft.defects.append(Defect.NOT_UNDERSTOOD)
        return
    draft.locality = read_fields(raw.city, raw.state, raw.zip)
    if not draft.locality.understood:
        draft.defects.append(Defect.NOT_UNDERSTOOD)


def take_locality_from_line(draft: Draft) -> None:
    """Take city, state and ZIP Code off the end of the line where the fields lack or repeat them."""
    known = draft.locality
    if known.city and known.state and known.zip5 and not _may_repeat(draft.text, known):
        return
    text, draft.locality = read_end(draft.text, known)
    draft.text = text.removesuffix(f" {TWO_READINGS}")
    if text != draft.text:
        draft.defects.append(Defect.NOT_UNDERSTOOD)


def _may_repeat(text: str, known: Locality) -> bool:
    """Whether a line can end in a place although the fields have one: it then ends in a word that no street ends in."""
    last = text[text.rfind(" ") + 1 :]
    if last.isdigit() and len(last) < len(known.zip5):
        return False
    return "," in text or last == known.zip5 or (last.isalpha() and _is_place_word(last))


@lru_cache(maxsize=65536)
def _is_place_word(word: str) -> bool:
    return len(word) > 1 and not (
        word in STREET_SUFFIXES or word in DIRECTIONALS or word in DESIGNATORS or word in STANDING_ALONE
    )


def take_box(draft: Draft) -> None:
    """Read a post office box, rural route, highway contract or military box."""
    military = draft.locality.city in MILITARY_CITIES or draft.locality.state in MILITARY_STATES
    box = read_military(draft.text) if military else read_box(draft.text)
    if isinstance(box, Defect):
        draft.defects.append(box)
        draft.text = ""
    elif box:
        draft.address_class, draft.route, draft.box, draft.text = box
    elif military:
        draft.defects.append(Defect.NOT_UNDERSTOOD)


def take_urbanization(draft: Draft) -> None:
    """In Puerto Rico, read urbanization, barrio and condominium, and put the house number before the street."""
    if not is_puerto_rico(draft.locality.state, draft.locality.zip5):
        return
    areas: list[str] = []
    rests: list[str] = []
    for segment in draft.text.split(" , "):
        area, building, rest = take_areas(segment)
        areas.append(area)
        if names_an_area(rest):
            draft.defects.append(Defect.NOT_UNDERSTOOD)
        draft.building = draft.building or building
        rests.append(number_first(rest))
    draft.urbanization = ", ".join(filter(None, areas))
    draft.text = " , ".join(filter(None, rests))


def read_delivery_line(draft: Draft) -> None:
    """Read house number, street and units; every word is understood or the address is not."""
    if not draft.text:
        return
    if "," not in draft.text and draft.address_class is AddressClass.STREET and not draft.urbanization:
        number, rest = read_plain_number(draft.text)
        if number:
            draft.number, draft.street = number, draft.read_street(rest)
            draft.add_units(draft.street.units)
            draft.is_simple = draft.street.name[:1].isalpha() and _is_plain_unit(draft.units)
            draft.street_text = rest
            if draft.street.defect:
                draft.defects.append(draft.street.defect)
            draft.text = ""
            return
    segments = draft.text.split(" , ")
    if len(segments) == 2 and draft.address_class is AddressClass.STREET and not draft.urbanization:
        _read_street_and_unit(draft, *segments)
    if not draft.text:
        return
    read: list[str] = []
    for at, segment in enumerate(segments):
        if segment in read or not segment or (len(segments) > 1 and segment in _NOTHING):
            continue
        read.append(segment)
        if segment.isdigit() and not draft.number and at + 1 < len(segments):
            segments[at + 1] = f"{segment} {segments[at + 1]}"
            continue
        _read_segment(draft, segment)
    draft.text = ""


def _read_street_and_unit(draft: Draft, line: str, unit: str) -> None:
    """Read a plain house number and street, and on the second line one plain unit; leave every other text unread."""
    found = _UNIT_LINE.fullmatch(unit)
    number, rest = read_plain_number(line) if found and unit != line else ("", "")
    street = draft.read_street(rest) if number else _NO_STREET
    if not found or not street.name[:1].isalpha() or street.defect or street.units != NO_UNITS:
        return
    draft.number, draft.street, draft.text = number, street, ""
    draft.units, draft.general = [found[2].lstrip("0")], [_GENERAL[found[1]]]
    draft.is_simple, draft.street_text = True, rest


def _is_plain_unit(units: list[str]) -> bool:
    return not units or (len(units) == 1 and units[0][0].isdigit())


def _read_segment(draft: Draft, segment: str) -> None:
    if not draft.number:
        line = read_line(segment, draft.read_street)
        if line:
            draft.number, draft.street = line.number, line.street
            draft.add_units(line.units_before)
            draft.add_units(line.street.units)
            if line.street.defect:
                draft.defects.append(line.street.defect)
            return
    words = segment.split()
    directional, taken = _postdirectional_apart(words, draft)
    units = read_units(words[taken:])
    if units is not None:
        draft.street = draft.street._replace(postdirectional=draft.street.postdirectional or directional)
        draft.add_units(units)
        return
    if draft.number and (units := units_behind_complex(words, apart=True)) is not None:
        draft.add_units(units)
        return
    building = read_building(words)
    if building is None:
        draft.defects.append(_why_no_line(segment, draft))
    elif building:
        draft.add_units(Units((building,)))


def _postdirectional_apart(words: list[str], draft: Draft) -> tuple[str, int]:
    """The postdirectional behind a comma, alone or before a designated unit (``PEACHTREE ST, NE STE 2000``)."""
    if not draft.number or draft.street.postdirectional:
        return "", 0
    directional, taken = leading_directional(words)
    return (directional, taken) if words[taken : taken + 1] == [] or words[taken] in DESIGNATORS else ("", 0)


def _why_no_line(segment: str, draft: Draft) -> Defect:
    """Without a house number a readable street lacks just that; anything else is not understood."""
    if draft.number or draft.read_street(segment).defect:
        return Defect.NOT_UNDERSTOOD
    return Defect.NUMBER_MISSING


def complete(draft: Draft) -> None:
    """Find what an address of this class still lacks."""
    if draft.building:
        _place_building(draft)
    if draft.number and len(draft.number) > 2 and is_in_queens(*draft.locality[:3]):
        draft.number = hyphenated_in_queens(draft.number)
    if draft.number and Defect.NUMBER_MISSING in draft.defects:
        draft.defects = [Defect.NOT_UNDERSTOOD]
    if (
        draft.address_class is AddressClass.STREET
        and not draft.defects
        and not draft.building.startswith("STREET")
        and not _is_project(draft)
    ):
        if not draft.number or is_zero(draft.number):
            draft.defects.append(Defect.NUMBER_MISSING)
        if not draft.street.name:
            draft.defects.append(Defect.STREET_MISSING)
    if draft.unit_missing:
        draft.defects.append(Defect.UNIT_MISSING)
    if not draft.locality.is_sufficient:
        draft.defects.append(Defect.LOCALITY_MISSING)
    if len(draft.units) > 1:
        _put_units_in_order(draft)


def _put_units_in_order(draft: Draft) -> None:
    draft.units = list(in_order(zip(draft.units, draft.general, strict=True))[0])
    if not draft.defects and sum(map(is_general, draft.units)) > _MOST_GENERAL:
        draft.defects.append(Defect.NOT_UNDERSTOOD)


def _is_project(draft: Draft) -> bool:
    """Whether a building and an apartment of an area say which door, as in the public housing of Puerto Rico."""
    is_area_alone = bool(draft.urbanization) and not (draft.number or draft.street.name)
    return is_area_alone and len(draft.units) > 1 and any(unit.startswith("BLDG ") for unit in draft.units)


def _place_building(draft: Draft) -> None:
    """A condominium is written like a building beside a street, and is itself the street where it has none."""
    if draft.number:
        draft.add_units(Units((draft.building,)))
        return
    draft.street = draft.street._replace(name=draft.building)
    draft.building = "STREET"
    if not draft.units:
        draft.unit_missing = True


class NamedStage(NamedTuple):
    """One step of the canonical form."""

    name: str
    why: str
    run: Callable[[Draft], None]


STAGES: tuple[NamedStage, ...] = (
    NamedStage(
        "fold", "case, accents, punctuation and spacing say nothing (Publication 28, 221)", fold_lines
    ),
    NamedStage(
        "locality fields",
        "one spelling of city, state and ZIP Code (Publication 28, 22)",
        read_locality_fields,
    ),
    NamedStage(
        "locality in the line", "city, state and ZIP Code are no part of the street", take_locality_from_line
    ),
    NamedStage("box", "boxes and routes have one spelling (Publication 28, 24, 25, 28, 238)", take_box),
    NamedStage(
        "urbanization",
        "Puerto Rico: areas, condominiums, number behind the street (Publication 28, 29)",
        take_urbanization,
    ),
    NamedStage(
        "delivery line",
        "house number, directionals, street name, suffix, units (Publication 28, 23)",
        read_delivery_line,
    ),
    NamedStage(
        "completeness",
        "a delivery point has a number, a street or box, and a place; in Queens two digits are behind the hyphen",
        complete,
    ),
)
"""Every stage, in order."""


def parse(raw: RawAddress) -> Draft:
    """The parts of an address, with the defects that keep it from being a delivery point."""
    draft = Draft(raw)
    for stage in STAGES:
        stage.run(draft)
    return draft


def parse_folded(line: str, locality: Locality) -> Draft:
    """The same as ``parse`` of a line that is its own folded form, in a locality that its fields are read as."""
    draft = Draft(_NO_FIELDS, line, locality)
    for stage in STAGES[2:]:
        stage.run(draft)
    return draft
