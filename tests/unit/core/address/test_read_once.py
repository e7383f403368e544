"""What was read is not read again: apartments share the reading of their street, canonical text is its own proof."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

import pytest

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import RawAddress
from narrowgate.core.address.parse import localities, parse, streets

PLACE = "Springfield", "IL", "62704"


def calls(act: Callable[[], object], *functions: Callable[..., object]) -> list[int]:
    """How often ``act`` runs the body of each function; what a cache answers does not."""
    seen: Counter[CodeType] = Counter()

    def count(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            seen[frame.f_code] += 1

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return [seen[getattr(function, "__wrapped__", function).__code__] for function in functions]


def examine(line: str, second: str = "") -> None:
    assert examine_address(RawAddress(line, second, *PLACE)).delivery_point is not None


@pytest.mark.parametrize(
    "written",
    [
        lambda number: (f"{number} County Quarterhorse Trl Apt {number}B", ""),
        lambda number: (f"700 County Quarterdeck Trl Bldg 2 Apt {number}", ""),
        lambda number: ("700 County Quartermoon Trl", f"Unit {number}-A"),
    ],
    ids=["houses and apartments", "apartments of two levels", "second line"],
)
def test_apartments_and_houses_share_one_reading_of_their_street(
    written: Callable[[int], tuple[str, str]],
) -> None:
    def all_doors() -> None:
        for number in range(131, 161):
            examine(*written(number))

    [read] = calls(all_doors, streets._read_once)
    assert 1 <= read <= 2  # as written, and in its canonical form


def test_a_plain_address_is_not_parsed_and_its_place_is_read_once_for_all() -> None:
    def all_doors() -> None:
        for number in range(131, 161):
            examine(f"{number} Larkspur Ct Apt {number}")

    parsed, fields = calls(all_doors, parse.parse, localities.read_fields)
    assert parsed == 0
    assert fields <= 2


def test_a_canonical_street_that_takes_the_long_way_is_parsed_once() -> None:
    [parsed] = calls(lambda: examine("12 COUNTY QUARTERSTAFF TRL APT 5B"), parse.parse)
    assert parsed == 1
