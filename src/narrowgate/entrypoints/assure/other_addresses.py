"""Addresses that a confirmed one is not: another one of each part, and the streets beside it that look most alike."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from difflib import get_close_matches

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import AddressClass, DeliveryPoint, RawAddress
from narrowgate.core.address.render import render
from narrowgate.core.request.item import Item
from narrowgate.entrypoints.assure.stage import Stage

Question = tuple[str, Item]
"""What a question tries, and the item."""


def mutated(stage: Stage) -> Iterator[Question]:
    """Every confirmed item about another address, which differs from it in one part."""
    number = 0
    for item in stage.confirmed:
        point = _examined(item)
        if point is None:
            continue
        changes = (
            _street_changes(point) if point.address_class is AddressClass.STREET else _box_changes(point)
        )
        for part, changed in (*changes, *_place_changes(point)):
            number += 1
            if (asked := _written(item, f"m{number}", changed)) is not None:
                yield f"another {part}", asked
        if item.state and item.zip:
            other = "AK" if item.state.upper() not in {"AK", "ALASKA"} else "HI"
            yield "another state beside its ZIP Code", item._replace(item=f"s{number}", state=other)


def _box_changes(point: DeliveryPoint) -> Iterator[tuple[str, DeliveryPoint]]:
    """Another route, another box, another kind of route."""
    for box in (f"{point.box}1", f"1{point.box}", f"{point.box}A", point.box[:-1]):
        if box and box != point.box:
            yield "box", point._replace(box=box)
    if point.route.isdigit():
        yield "route", point._replace(route=str(int(point.route) + 1))
        yield "route", point._replace(route=f"1{point.route}")
    others = {AddressClass.RURAL_ROUTE, AddressClass.HIGHWAY_CONTRACT} - {point.address_class}
    for kind in sorted(others):
        yield "kind of route", point._replace(address_class=kind)


def _place_changes(point: DeliveryPoint) -> Iterator[tuple[str, DeliveryPoint]]:
    """Another ZIP Code, or where there is none another city or state; another urbanization."""
    if point.zip5:
        last = str((int(point.zip5[4]) + 1) % 10)
        for zip5 in (point.zip5[:4] + last, point.zip5[0] + point.zip5[:0:-1], f"{point.zip5[:3]}00"):
            if zip5 != point.zip5:
                yield "ZIP Code", point._replace(zip5=zip5)
    else:
        yield "city", point._replace(city="SPRINGFIELD" if point.city != "SPRINGFIELD" else "FRANKLIN")
        yield "state", point._replace(state="AK" if point.state != "AK" else "HI")
    if point.urbanization:
        for name in ("VILLA QUIMERA", f"{point.urbanization} HEIGHTS"):
            yield "urbanization", point._replace(urbanization=name)


def _number_changes(point: DeliveryPoint) -> Iterator[tuple[str, DeliveryPoint]]:
    digits = "".join(filter(str.isdigit, point.number)) or "1"
    yield "number", point._replace(number=str(int(digits) + 2))
    yield "number", point._replace(number=f"{digits}1")
    yield (
        "number",
        point._replace(number=digits[::-1] if digits[::-1].lstrip("0") not in {"", digits} else f"9{digits}"),
    )
    for number in (f"{digits} 1/2", f"{digits}A", digits[:-1]):
        if number and number != point.number:
            yield "number", point._replace(number=number)


def _street_changes(point: DeliveryPoint) -> Iterator[tuple[str, DeliveryPoint]]:
    """Each part of an address as another one; a blank suffix is neither asked nor filled in, which a rule may allow."""
    yield from _number_changes(point)
    for direction in ("N", "S", "E", "W", "NE", "SW", ""):
        if direction != point.predirectional:
            yield "direction before the street", point._replace(predirectional=direction)
        if direction != point.postdirectional:
            yield "direction behind the street", point._replace(postdirectional=direction)
    for suffix in ("ST", "AVE", "CT", "LN", "RD"):
        if point.suffix not in {"", suffix}:
            yield "suffix", point._replace(suffix=suffix)
    for name in ("QUARRY HOLLOW", "ZEPHYR", f"{point.street_name} HILL"):
        yield "street", point._replace(street_name=name)
    for units in (("77",), (*point.units, "BLDG 9"), point.units[:-1]):
        if units != point.units:
            yield "unit", point._replace(units=units)


def other_streets(stage: Stage) -> Iterator[Question]:
    """Other streets of the ZIP Code, both known to the street reference: no slip, which a rule may mend."""
    known: dict[str, set[str]] = {}
    with (stage.home / "streets.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            known.setdefault(row["zip"], set()).add(row["street_name"].upper())
    number = 0
    for item in stage.confirmed:
        point = _examined(item)
        streets = known.get(point.zip5, set()) if point else set()
        if point is None or point.street_name not in streets:
            continue
        others = streets - {point.street_name}
        for name in get_close_matches(point.street_name, others, n=6, cutoff=0.2):
            number += 1
            if (asked := _written(item, f"l{number}", point._replace(street_name=name))) is not None:
                yield "a street of this ZIP Code that looks alike", asked


def _examined(item: Item) -> DeliveryPoint | None:
    return examine_address(
        RawAddress(item.address_line_1, item.address_line_2, item.city, item.state, item.zip)
    ).delivery_point


def point_of(item: Item) -> str:
    """Where the item's address leads, as a text: the same for the same place; the first line where it is no place."""
    point = _examined(item)
    return repr(point) if point else item.address_line_1


def _written(item: Item, name: str, point: DeliveryPoint) -> Item | None:
    """The item about another delivery point, unless the text of it is read as the one it had."""
    changed = item._replace(item=name, **render(point)._asdict())
    return changed if point_of(changed) != point_of(item) else None
