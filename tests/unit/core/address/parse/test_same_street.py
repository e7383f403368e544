"""An address is read the same whether its street is read with its own number or once for all numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import DeliveryPoint, RawAddress
from narrowgate.core.address.parse.same_street import point_at_every_number, take_apart

PLACE = ("Cincinnati", "OH", "45220")

STREETS = (
    "MAIN ST",
    "N Main St",
    "OAK AVENUE WEST",
    "5TH ST",
    "BROADWAY",
    "AVENUE OF THE AMERICAS",
    "COUNTY ROAD 12",
    "HIGHWAY 73",
    "STATE ROUTE 731 N",
    "HIGHWAY",
    "COUNTY ROAD",
    "MAIN ST BLDG 4",
    "MAIN ST FL 2",
    "MAIN ST 73",
    "MAIN ST # 73",
    "MAIN ST, REAR",
    "MAIN ST LOT 5",
    "KY 44",
    "UNKNOWN",
    "NO NAME ST",
    "TEST ST",
    "PO BOX 73",
    "URB VILLA NEVAREZ CALLE 3",
    "CHURCH",
    "COUNTY JAIL",
    "GENERAL DELIVERY",
    "c/o Ann Reyes Main St",
    "MAIN ST CINCINNATI OH",
)
UNITS = ("", "APT {}", "Unit {}", "STE {}", "# {}", "APT {}B", "APT B{}", "RM {}", "APT APT {}", "FL {}")


def read_whole(line_1: str, line_2: str, place: tuple[str, str, str]) -> DeliveryPoint | None:
    return examine_address(RawAddress(line_1, line_2, *place)).delivery_point


def read_apart(line_1: str, line_2: str, place: tuple[str, str, str]) -> DeliveryPoint | None:
    """The point by way of its street, or as a whole where there is no such way."""
    apart = take_apart(line_1, line_2)
    if apart is None:
        return read_whole(line_1, line_2, place)
    number, unit, street, below = apart
    point = point_at_every_number(street, below, *place, has_unit=bool(unit))
    if point is None:
        return read_whole(line_1, line_2, place)
    return point._replace(number=number, units=(unit,) if unit else point.units)


@settings(deadline=None)  # the first one reads the postal table
@given(
    st.integers(1, 999_999),
    st.sampled_from(STREETS),
    st.sampled_from(UNITS),
    st.integers(0, 12_000),
    st.booleans(),
    st.sampled_from((PLACE, ("San Juan", "PR", "00927"), ("FPO", "AP", "96601"), ("Cincinnati", "OH", ""))),
)
def test_number_and_unit_take_no_part_in_how_a_street_is_read(
    number: int, street: str, unit: str, unit_number: int, behind: bool, place: tuple[str, str, str]
) -> None:
    written = unit.format(unit_number)
    lines = (f"{number} {street}", written) if behind else (f"{number} {street} {written}".strip(), "")
    assert read_apart(*lines, place) == read_whole(*lines, place)


@pytest.mark.parametrize("unit", ["APT 5", "APT 12", "APT 731", "APT 4521"])
def test_a_street_is_read_once_for_all_its_numbers_and_units(unit: str) -> None:
    first, second = take_apart("12 Main St", "APT 88"), take_apart("4100 Main St", unit)
    assert first
    assert second
    assert first[2:] == second[2:]


@pytest.mark.parametrize(
    "line", ["MAIN ST", "12-4 MAIN ST", "012 MAIN ST", "12 1/2 MAIN ST", "123 MAIN ST", ""]
)
def test_an_address_without_a_plain_number_is_not_taken_apart(line: str) -> None:
    assert take_apart(line, "") is None
