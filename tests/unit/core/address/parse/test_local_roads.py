"""Roads that some counties name in a way of their own, and numbered roads whose kind is written twice."""

from __future__ import annotations

import pytest

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import RawAddress

LITTLEROCK = ("Littlerock", "CA", "93543")
LOSANTVILLE = ("Losantville", "IN", "47354")
ANGOLA = ("Angola", "IN", "46703")
FLOYD = ("Floyd", "NM", "88118")
THORNVILLE = ("Thornville", "OH", "43076")
KITTS_HILL = ("Kitts Hill", "OH", "45645")
YUMA = ("Yuma", "AZ", "85365")
ROSEBUD = ("Rosebud", "SD", "57570")
CRAWFORD = ("Crawford", "OK", "73638")
ANCHORAGE = ("Anchorage", "AK", "99501")
SALISBURY = ("Salisbury", "NH", "03268")


def keys_of(line: str, place: tuple[str, str, str], second: str = "") -> set[str]:
    point = examine_address(RawAddress(line, second, *place)).delivery_point
    return set(keys(point)) if point else set()


@pytest.mark.parametrize(
    ("twice", "once", "place"),
    [
        ("2738 North United States Highway US 33", "2738 North US Highway 33", ANGOLA),
        ("1344 South State Road SR 109", "1344 South State Road 109", ANGOLA),
        ("5390 East County Road 950 N North", "5390 East County Road 950 N", LOSANTVILLE),
        ("2738 State Highway HIGHWAY 62 North", "2738 State Highway 62 North", ("Blanch", "NC", "27212")),
        ("2264 Highway Route 20", "2264 Route 20", ("Carlisle", "NY", "12031")),
        ("28823 Bureau Of Indian Affairs Route 1", "28823 BIA Route 1", ROSEBUD),
        ("10813 TWP 258", "10813 Township Road 258", ("North Lewisburg", "OH", "43060")),
    ],
)
def test_a_road_whose_kind_is_written_twice_is_that_road(
    twice: str, once: str, place: tuple[str, str, str]
) -> None:
    assert keys_of(twice, place)
    assert keys_of(twice, place) == keys_of(once, place)


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        ("9220 East Avenue T-6", "9220 East Avenue T Apt 6", LITTLEROCK),
        ("9220 East Avenue T6", "9220 East Avenue T", LITTLEROCK),
        ("280 Ln 375 Crooked Lake", "280 Ln 375 Hamilton Lake", ANGOLA),
        ("108 Ems T15 Lane", "108 Ems T15A Lane", ("Leesburg", "IN", "46538")),
        ("275 South Roosevelt Road AG", "275 South Roosevelt Road AH", FLOYD),
        ("11229 Thorn Twp Rd 88", "11229 Walnut Twp Rd 88", THORNVILLE),
        ("11229 Thorn Twp Rd 88", "11229 Twp Rd 88", THORNVILLE),
        ("140 Pvt Dr 6798 Ste Rte 141", "140 Pvt Dr 6798 Co Rd 141", KITTS_HILL),
        ("140 Pvt Dr 6798 Ste Rte 141", "140 Ste Rte 141", KITTS_HILL),
        ("1433 Co Rd 5-2", "1433 Co Rd 5-3", ("Delta", "OH", "43515")),
        ("36870 East County 8th Street South", "36870 East 8th Street South", YUMA),
        ("15 Third Rd Tucker Pond", "15 Fourth Rd Tucker Pond", SALISBURY),
        ("119 B Street Bear Lake Sands", "119 A Street Bear Lake Sands", ("Saint Charles", "ID", "83272")),
    ],
)
def test_a_local_road_is_read_and_every_word_of_it_counts(
    one: str, other: str, place: tuple[str, str, str]
) -> None:
    assert keys_of(one, place)
    assert keys_of(one, place).isdisjoint(keys_of(other, place))


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("5390 East County Road 950 N South", LOSANTVILLE),
        ("3363 Quay Road BC.8", ("House", "NM", "88121")),
        ("275 South Roosevelt Road AP", FLOYD),
        ("280 Ln 375 Crooked Lake 7", ANGOLA),
        ("9220 East Avenue T-6 4", LITTLEROCK),
        ("11229 Thorn Twp Rd 88", ANGOLA),
        ("18020 LOT 1 E 840 Road", CRAWFORD),
    ],
)
def test_a_road_that_can_be_read_in_two_ways_is_refused(line: str, place: tuple[str, str, str]) -> None:
    assert not keys_of(line, place)


def test_a_unit_before_a_numbered_road_ends_where_a_directional_word_begins() -> None:
    before = keys_of("18020 LOT 1 East 840 Road", CRAWFORD)
    assert before
    assert before == keys_of("18020 East 840 Road", CRAWFORD, "LOT 1")


def test_a_duplex_and_a_triplex_are_units_of_their_own() -> None:
    doors = [
        keys_of("2400 Cordova Street", ANCHORAGE, unit) for unit in ("DUPL 2", "TRI 2", "APT 2", "BLDG 2")
    ]
    assert all(doors)
    assert len(set().union(*doors)) == sum(map(len, doors))
