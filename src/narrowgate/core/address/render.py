"""A delivery point as an address again."""

from __future__ import annotations

from narrowgate.core.address.model import AddressClass, DeliveryPoint, RawAddress
from narrowgate.core.address.parse.puerto_rico import with_kind
from narrowgate.core.address.parse.streets import Street, street_text
from narrowgate.core.address.parse.units import Units

_UNNUMBERED_STAR_ROUTE = "STAR"
_STANDARD_NAMES = {
    AddressClass.PO_BOX: "PO",
    AddressClass.RURAL_ROUTE: "RR",
    AddressClass.HIGHWAY_CONTRACT: "HC",
}


def render(point: DeliveryPoint) -> RawAddress:
    """An address that is examined to the same keys as the delivery point: the canonical form is its own canonical form.

    Source: Publication 28 sections 211 to 214 (order of the lines and their parts).
    """
    lines = [line for line in (_street_line(point), _box_line(point)) if line]
    return RawAddress(
        address_line_1=lines[0] if lines else "",
        address_line_2=", ".join(lines[1:]),
        city=point.city,
        state=point.state,
        zip=point.zip5,
    )


def _street_line(point: DeliveryPoint) -> str:
    areas = [with_kind(area) for area in point.urbanization.split(", ")] if point.urbanization else []
    street = Street(
        point.predirectional, point.street_name, point.suffix, point.postdirectional, Units(point.units)
    )
    return ", ".join((*areas, f"{point.number} {street_text(street)}".strip()))


def _box_line(point: DeliveryPoint) -> str:
    if not point.box:
        return ""
    if point.route == _UNNUMBERED_STAR_ROUTE:
        return f"STAR ROUTE BOX {point.box}"
    kind = _STANDARD_NAMES.get(point.address_class, "")
    return " ".join(part for part in (kind, point.route, "BOX", point.box) if part)
