"""Is this a sufficient address, and if so, which delivery point?"""

from __future__ import annotations

import re
from collections.abc import Container
from functools import lru_cache

from narrowgate.core.address.keys import keys
from narrowgate.core.address.locality_check import judge_locality
from narrowgate.core.address.model import Defect, DeliveryPoint, Examined, RawAddress
from narrowgate.core.address.parse.fold import fold
from narrowgate.core.address.parse.localities import Locality, read_fields
from narrowgate.core.address.parse.numbers import hyphenated_in_queens, is_in_queens
from narrowgate.core.address.parse.parse import Draft, parse, parse_folded
from narrowgate.core.address.parse.plain_streets import read_plain_street
from narrowgate.core.address.parse.streets import Street, street_text
from narrowgate.core.address.parse.units import NO_UNITS
from narrowgate.core.address.plain_addresses import read_plain_address
from narrowgate.core.address.render import render
from narrowgate.core.address.sufficiency.facilities import is_listed_name, is_listed_point
from narrowgate.core.address.sufficiency.judge import early_defects

_PLAIN_NUMBER = re.compile(r"([1-9][0-9]{0,5}) (?=(?:[NSEWnsew] )?[A-Za-z]{2})")


def examine_address(raw: RawAddress, facilities: Container[str] = frozenset()) -> Examined:
    """A delivery point in canonical form, or every defect found; never both, and no text raises.

    Args:
        raw: the address as written.
        facilities: entries of the facilities that the agreement lists; an address that is or names one is refused.
    """
    if plain := read_plain_address(raw):
        listed = facilities and is_listed_name(raw, facilities)
        return (
            _unless_listed(plain, facilities) if not listed else Examined(None, (Defect.INSTITUTION_LISTED,))
        )
    early = early_defects(raw)
    if facilities and is_listed_name(raw, facilities):
        early = (*early, Defect.INSTITUTION_LISTED)
    return Examined(None, early) if early else _unless_listed(_examine_line(raw), facilities)


def _unless_listed(found: Examined, facilities: Container[str]) -> Examined:
    """What was found, or the defect that its delivery point is a listed facility's."""
    if facilities and found.delivery_point and is_listed_point(found.delivery_point, facilities):
        return Examined(None, (Defect.INSTITUTION_LISTED,))
    return found


def _examine_line(raw: RawAddress) -> Examined:
    """The delivery point or its defects; a plain house number takes no part in how the rest is read."""
    numbered = _PLAIN_NUMBER.match(raw.address_line_1)
    if not numbered:
        return _examine_parsed(raw)
    rest = raw.address_line_1[numbered.end() :]
    found = _examine_behind_number(rest, raw.address_line_2, raw.city, raw.state, raw.zip)
    point = found.delivery_point
    if point is None or point.number != "1":
        return _examine_parsed(raw)
    number = numbered[1]
    if len(number) > 2 and is_in_queens(point.city, point.state, point.zip5):
        number = hyphenated_in_queens(number)
    return Examined(_with_number(point, number), (), found.warnings)


@lru_cache(maxsize=16384)
def _examine_behind_number(line_1: str, line_2: str, city: str, state: str, zip_code: str) -> Examined:
    """The delivery point with house number 1; kept, because a file has many numbers on each street."""
    return _examine_parsed(RawAddress(f"1 {line_1}", line_2, city, state, zip_code))


def _with_number(point: DeliveryPoint, number: str) -> DeliveryPoint:
    return DeliveryPoint(
        point.address_class,
        number,
        point.predirectional,
        point.street_name,
        point.suffix,
        point.postdirectional,
        point.units,
        point.route,
        point.box,
        point.urbanization,
        point.city,
        point.state,
        point.zip5,
    )


def _examine_parsed(raw: RawAddress) -> Examined:
    draft = parse(raw)
    conflict, warnings = judge_locality(draft.locality)
    if draft.defects or conflict:
        return Examined(None, tuple(dict.fromkeys((*draft.defects, *conflict))))
    point = delivery_point(draft)
    if _is_written_as_read(draft):
        return Examined(point, (), warnings)
    if not _is_its_own_canonical_form(draft, point):
        return Examined(None, (Defect.NOT_UNDERSTOOD,))
    shown = early_defects(render(point))  # 12 TRLR shows none, 12 TRAILER does
    return Examined(None, shown) if shown else Examined(point, (), warnings)


def _is_written_as_read(draft: Draft) -> bool:
    """Whether street and city are already written as they are read."""
    return (
        draft.is_simple
        and draft.street_text == street_text(draft.street)
        and draft.raw.city == draft.locality.city
    )


def _is_its_own_canonical_form(draft: Draft, point: DeliveryPoint) -> bool:
    """Whether the address that the point is written as is read as the same point; else it is not understood."""
    if draft.is_simple:
        street = draft.street._replace(units=NO_UNITS) if draft.units else draft.street
        return _is_read_the_same_at_once(street, draft.locality) or _street_is_its_own_canonical_form(
            street, draft.locality
        )
    return _is_read_the_same(point)


def _is_read_the_same_at_once(street: Street, locality: Locality) -> bool:
    """Whether every part is read the same, so that the keys are too; a line that is folded needs only later stages.

    Where a part is not, the keys may still be the same: that only ``_is_read_the_same`` finds.
    """
    text = street_text(street)
    is_place = bool(locality.city and locality.state and locality.zip5) and locality.state != "PR"
    if is_place and read_plain_street(text) == street[:4]:
        return read_fields(locality.city, locality.state, locality.zip5) == locality
    line = f"1 {text}"
    if fold(line) != line or read_fields(locality.city, locality.state, locality.zip5) != locality:
        return False
    again = parse_folded(line, locality)
    return (
        again.is_simple
        and not (again.defects or again.units)
        and (again.number, again.street, again.locality) == ("1", street, locality)
    )


@lru_cache(maxsize=16384)
def _street_is_its_own_canonical_form(street: Street, locality: Locality) -> bool:
    """The same for every plain number and unit of a street: found once, because files repeat their streets."""
    return _is_read_the_same(
        delivery_point(Draft(RawAddress(), number="1", street=street, locality=locality))
    )


def _is_read_the_same(point: DeliveryPoint) -> bool:
    again = parse(render(point))
    return not again.defects and keys(delivery_point(again)) == keys(point)


def delivery_point(draft: Draft) -> DeliveryPoint:
    """The delivery point of a parsed address without defects."""
    street = draft.street
    return DeliveryPoint(
        address_class=draft.address_class,
        number=draft.number,
        predirectional=street.predirectional,
        street_name=street.name,
        suffix=street.suffix,
        postdirectional=street.postdirectional,
        units=tuple(draft.units),
        route=draft.route,
        box=draft.box,
        urbanization=draft.urbanization,
        city=draft.locality.city,
        state=draft.locality.state,
        zip5=draft.locality.zip5,
    )
