"""Classes of addresses that were once taken for each other, each made for every state, suffix word and directional."""

from __future__ import annotations

import itertools
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import RawAddress
from narrowgate.core.address.parse.directionals import DIRECTIONALS
from narrowgate.core.address.parse.streets import read_street
from narrowgate.core.address.postal import _postal, city_words
from narrowgate.core.base.tables import read_table
from narrowgate.core.person.nicknames import KNOWN_GIVEN_NAMES

VECTORS = Path(__file__).parents[3] / "vectors" / "address"
WORDS = "narrowgate.core.address.words"
SPRINGFIELD = ("Springfield", "IL", "62704")
STATES = [row.split("|")[0].strip() for row in read_table(WORDS, "state_roads.txt")]
ROAD_STATES = [state for state in STATES if state not in {"DC", "PR"}]


def keys_of(line: str, place: tuple[str, str, str] = SPRINGFIELD) -> set[str]:
    point = examine_address(RawAddress(line, "", *place)).delivery_point
    return set(keys(point)) if point else set()


def place_in(state: str) -> tuple[str, str, str]:
    zip5 = next(one for one, of in _postal().state_by_zip.items() if of == state)
    return _postal().cities_by_zip[zip5][0], state, zip5


def name_of(state: str) -> str:
    names = {row.split("|")[0].strip(): row.split("|")[1] for row in read_table(WORDS, "state_roads.txt")}
    return names[state].split(",")[0].strip()


@cache
def known_words() -> frozenset[str]:
    """The words that streets are named by: surnames, given names and words of cities among them."""
    rows = (VECTORS / "street_words.txt").read_text(encoding="ascii").splitlines()
    words = {word for row in rows if not row.startswith("#") for word in row.split()}
    return frozenset(word for word in words | city_words() | KNOWN_GIVEN_NAMES if word.isalpha())


def words_of_streets() -> frozenset[str]:
    """The same, and every spelling of every suffix."""
    return known_words().union(word for row in read_table(WORDS, "suffixes.txt") for word in row.split())


OTHER_EQUALITIES = {
    frozenset(("JR", "JUNIOR")): "generational suffix and its abbreviation",
    frozenset(("SR", "SENIOR")): "generational suffix and its abbreviation",
    frozenset(("SAINT", "SAINTE")): "both are abbreviated ST and STE by the Postal Service",
    frozenset(("DR", "DRIVE")): "DR behind a name is a drive",
    frozenset(("CNTY", "COUNTY")): "abbreviation of the county before its roads",
    frozenset(("TX", "TEXAS")): "two-letter code (Publication 28 Appendix B)",
}
"""What shares a key besides the words of ``name_words.txt``, and why."""


def test_no_two_words_inside_a_name_share_a_key_but_those_of_the_published_table() -> None:
    published = {row.split()[0]: row.split()[1] for row in read_table(WORDS, "name_words.txt")}
    by_street: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for word in words_of_streets():
        street = read_street(f"{word} RD", "IL")
        if not street.defect and street.name:
            by_street[street[:4]].add(word)
    wrong = [
        sorted(words)
        for words in by_street.values()
        if len({published.get(word, word) for word in words}) > 1 and frozenset(words) not in OTHER_EQUALITIES
    ]
    assert not wrong


def test_every_row_of_the_published_table_has_a_reason_and_is_no_surname_or_word_of_its_own() -> None:
    for row in read_table(WORDS, "name_words.txt"):
        spelling, word, reason = row.split(maxsplit=2)
        assert reason
        assert len(spelling) < len(word)
        assert spelling not in known_words() or set(spelling[:-1]).isdisjoint("AEIOU"), spelling


@pytest.mark.parametrize(
    "words",
    ["FRY FERRY", "PARKS PARK", "TRAILS TRAIL", "ISLES ISLE", "FORESTS FOREST", "HOLLOWS HOLLOW", "CENTRE CENTER",
     "EXPRESS EXPRESSWAY", "TERRANCE TERRACE", "ALLY ALLEY", "ALLEE ALLEY", "STA STATION", "PIKES PIKE", "PATHS PATH",
     "RANCHES RANCH", "TRACES TRACE", "TRACKS TRACK", "SPURS SPUR", "WALKS WALK", "LOOPS LOOP", "TUNNELS TUNNEL",
     "CROSSINGS CROSSING", "XING CROSSING", "VIS VISTA", "RAD RADIAL", "VIA VIADUCT", "VILL VILLAGE", "KY KEY",
     "HY HIGHWAY", "UN UNION", "BUS BUSINESS", "MEDOWS MEADOWS", "VALLY VALLEY", "HARB HARBOR"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["4512 {} Rd", "4512 Old {} Rd", "4512 {} Creek Rd", "4512 N {} Dr"])
def test_a_suffix_word_inside_a_name_is_not_another_one(words: str, form: str) -> None:
    one, other = (keys_of(form.format(word)) for word in words.split())
    assert one
    assert other
    assert not one & other


@pytest.mark.parametrize("state", ROAD_STATES)
def test_a_state_writes_its_road_in_many_ways_and_no_other_road_so(state: str) -> None:
    place, name = place_in(state), name_of(state)
    own = keys_of("1234 State Route 12", place)
    written = [
        f"1234 {state}-12",
        f"1234 {name} 12",
        f"1234 {name} Highway 12",
        f"1234 {name} Route 12",
        f"1234 {name} State Route 12",
        "1234 State Highway 12",
        "1234 State Road 12",
        "1234 SR 12",
        "1234 St Rt 0012",
        f"1234 {state} Hwy 12",
        f"1234 {state} Route 12",
        f"1234 {state} Hwy #12",
    ]
    assert own
    assert [line for line in written if keys_of(line, place) != own] == []
    others = [
        f"1234 {name} Apt 12",
        f"1234 {name} # 12",
        f"1234 {name} Ave Apt 12",
        f"1234 {name} Ave 12",
        "1234 County Road 12",
        "1234 CR 12",
        "1234 Highway 12",
        "1234 US Highway 12",
        "1234 Interstate 12",
        "1234 State Route 12 Apt 12",
        f"1234 {state} 12th St",
    ]
    assert [line for line in others if keys_of(line, place) & own] == []


@pytest.mark.parametrize("state", ROAD_STATES)
def test_a_number_behind_another_states_name_is_its_road_or_refused(state: str) -> None:
    place = place_in("OH" if state != "OH" else "PA")
    own = keys_of("1234 State Route 12", place)
    for line in (f"1234 {name_of(state)} 12", f"1234 {name_of(state)} Highway 12", f"1234 {state} Hwy 12"):
        assert not keys_of(line, place) & own
        assert not keys_of(line, place) & keys_of(f"1234 {name_of(state)} Apt 12", place)


def test_co_highway_is_the_states_in_colorado_and_a_countys_elsewhere() -> None:
    erie, ozark = ("Erie", "CO", "80516"), ("Ozark", "AL", "36360")
    assert keys_of("1234 CO Highway 7", erie) == keys_of("1234 State Highway 7", erie)
    assert keys_of("1234 CO Rd 7", erie) == keys_of("1234 County Road 7", erie)
    assert not keys_of("1234 CO Hwy 7", erie) & keys_of("1234 CR 7", erie)
    assert keys_of("1234 Co Hwy 7", ozark) == keys_of("1234 County Road 7", ozark)


@pytest.mark.parametrize(
    ("named", "place"),
    [
        ("Weld County Road", ("Fort Lupton", "CO", "80621")),
        ("WCR", ("Fort Lupton", "CO", "80621")),
        ("Anderson County Rd", ("Frankston", "TX", "75763")),
        ("Anderson CR", ("Frankston", "TX", "75763")),
        ("VZ County Road", ("Wills Point", "TX", "75169")),
        ("Van Zandt CR", ("Wills Point", "TX", "75169")),
    ],
)
def test_a_county_before_its_road_is_the_places_and_the_number_no_unit(
    named: str, place: tuple[str, str, str]
) -> None:
    road = keys_of("12326 County Road 18", place)
    assert keys_of(f"12326 {named} 18", place) == road
    assert keys_of(f"12326 {named} #18", place) == road
    assert not keys_of(f"12326 {named} Apt 18", place) & road
    assert not keys_of(f"12326 {named} 18 # 18", place) & road
    assert not keys_of("12326 Larimer County Road 18", place) & road


GENERAL = ("Apt", "Unit", "Ste", "#")


@pytest.mark.parametrize("pair", list(itertools.permutations(GENERAL, 2)), ids="-".join)
def test_of_two_general_units_each_keeps_its_designator(pair: tuple[str, str]) -> None:
    one, other = pair
    there = keys_of(f"123 Main St {one} 2 {other} 3")
    assert there
    assert keys_of(f"123 Main St {other} 3 {one} 2") == there
    for line in (
        f"123 Main St {one} 3 {other} 2",
        f"123 Main St {one} 2 {one} 3",
        f"123 Main St {one} 2",
        f"123 Main St {other} 3",
    ):
        assert not keys_of(line) & there, line
    assert not keys_of(f"123 Main St {one} 2 {other} 2") & keys_of(f"123 Main St {one} 2")


@pytest.mark.parametrize(
    "words", [(short, word) for word, short in DIRECTIONALS.items() if word != short], ids="-".join
)
@pytest.mark.parametrize("designator", ["Apt", "Unit", "Ste", "#", "Bldg"])
def test_a_unit_named_by_a_direction_is_not_its_letter(words: tuple[str, str], designator: str) -> None:
    short, word = words
    assert not keys_of(f"123 Main St {designator} {short}") & keys_of(f"123 Main St {designator} {word}")


@pytest.mark.parametrize("kind", ["Bldg", "Tower", "Wing", "Hall", "House"])
@pytest.mark.parametrize("place", ["Rear", "Front", "North", "Lincoln"])
def test_a_named_building_is_not_the_unit_of_that_name(kind: str, place: str) -> None:
    named = keys_of(f"123 Main St {place} {kind}")
    assert not named & keys_of(f"123 Main St {place}")
    for other in {"Bldg", "Tower", "Wing", "Hall"} - {kind}:
        assert not named & keys_of(f"123 Main St {place} {other}")


@pytest.mark.parametrize("word", ["Mile", "Oaks", "Points", "Ball", "Hare", "Mart", "Corners", "Star"])
def test_a_digit_glued_before_a_word_is_no_letter(word: str) -> None:
    for digit, letter in (("5", "S"), ("8", "B"), ("1", "I"), ("1", "L"), ("6", "G"), ("2", "Z")):
        assert not keys_of(f"4512 {digit}{word} Rd") & keys_of(f"4512 {letter}{word} Rd")


@pytest.mark.parametrize(
    ("city", "state", "zip5"),
    [
        ("St Paul", "MN", "55105"),
        ("Des Moines", "IA", "50309"),
        ("Lansing", "MI", "48912"),
        ("Hartford", "CT", "06103"),
        ("Little Rock", "AR", "72201"),
        ("Bountiful", "UT", "84010"),
        ("Palm Beach", "FL", "33480"),
        ("New Haven", "CT", "06511"),
        ("Miami", "FL", "33132"),
    ],
)
@pytest.mark.parametrize("directional", ["N", "S", "E", "W", "North", "West"])
def test_the_city_at_the_end_of_a_line_swallows_no_directional(
    city: str, state: str, zip5: str, directional: str
) -> None:
    """The directional stays the street's, or the address is refused; without the ZIP Code too."""
    behind = keys_of(f"44 Cleveland Ave {directional}", (city, state, zip5))
    for end in (f"{city} {state} {zip5}", f"{city} {state}"):
        found = keys_of(f"44 Cleveland Ave {directional} {end}", ("", "", ""))
        assert not found or found & behind
        assert not found & keys_of("44 Cleveland Ave", (city, state, zip5))


def test_no_directional_is_swallowed_in_any_state() -> None:
    table = _postal()
    zips = [zip5 for at, zip5 in enumerate(sorted(table.cities_by_zip)) if at % 211 == 0]
    for zip5, directional in zip(zips, itertools.cycle(("N", "S", "E", "W")), strict=False):
        city, state = table.cities_by_zip[zip5][0], table.state_by_zip[zip5]
        if state in STATES and state != "PR" and f"{directional} {city}" not in table.cities_by_zip[zip5]:
            line = f"44 Cleveland Ave {directional} {city} {state} {zip5}"
            found = keys_of(line, ("", "", ""))
            assert not found or found & keys_of(f"44 Cleveland Ave {directional}", (city, state, zip5)), line


@pytest.mark.parametrize(("first", "second"), [(12, 14), (6, 100), (4512, 4514), (100, 102), (723, 725)])
@pytest.mark.parametrize("street", ["Main St", "N Main St", "Oak Ave", "E 75th St"])
def test_two_house_numbers_are_refused(first: int, second: int, street: str) -> None:
    assert not keys_of(f"{first} {second} {street}")


@pytest.mark.parametrize("phrase", [
    phrase.strip()
    for row in read_table(WORDS, "placeholders_in_other_languages.txt")
    for phrase in row.partition(":")[2].split("|")
])  # fmt: skip
@pytest.mark.parametrize("number", ["1", "12", "123"])
def test_a_number_before_words_for_no_address_is_refused_in_every_language(number: str, phrase: str) -> None:
    assert not keys_of(f"{number} {phrase}", ("Houston", "TX", "77002"))


@pytest.mark.parametrize(
    "line",
    ["12 AVE REVOLUCION TIJUANA BC 22000", "12 AVE JUAREZ CIUDAD JUAREZ CHIH", "CALLE 5 NO 12 COL CENTRO, PUEBLA",
     "12 RUA AUGUSTA SAO PAULO SP 01305", "12 CALLE REAL SAN SALVADOR EL SALVADOR", "12 AVE REFORMA GUATEMALA CITY"],
)  # fmt: skip
def test_a_city_abroad_in_the_line_is_refused(line: str) -> None:
    assert not keys_of(line, ("Houston", "TX", "77002"))


@pytest.mark.parametrize(
    "line", ["12 Tijuana St", "12 Avenida Guadalajara", "12 Monterrey Dr", "12 Puebla Ct"]
)
def test_a_street_named_after_a_city_abroad_is_a_street(line: str) -> None:
    assert keys_of(line, ("Houston", "TX", "77002"))


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("12 Carver Homes Apt 3", ("Atlanta", "GA", "30315")),
        ("A1 Calle 1", ("Bayamon", "PR", "00956")),
        ("Urb Levittown 4ta Secc, L12 Calle Leila", ("Toa Baja", "PR", "00949")),
        ("3ra Ext Country Club OJ12 Calle 508", ("Carolina", "PR", "00982")),
        ("Calle 19 Blq 199 Casa 31", ("San Juan", "PR", "00921")),
        ("Villa Espana Edif D-12 Apt 120", ("San Juan", "PR", "00921")),
        ("Edif D-12 Calle 5", ("San Juan", "PR", "00921")),
        ("81 Boulevard", ("Newport", "RI", "02842")),
        ("1701 South Avenue West", ("Missoula", "MT", "59801")),
        ("4512 Road K", ("Leipsic", "OH", "45856")),
        ("9553 Hwy T14 South", ("Reasnor", "IA", "50232")),
        ("1270 109C Ave SW", ("Garrison", "ND", "58540")),
        ("2834 B 4/10 Road", ("Grand Junction", "CO", "81503")),
        ("1060 V-1 Road", ("Lander", "WY", "82520")),
        ("1234 US Highway 93 Frontage Rd", ("Missoula", "MT", "59808")),
        ("906 Route 5 and 20", ("Hanover", "NY", "14081")),
        ("800 Apt 134 West Hancock Ave", ("Tucumcari", "NM", "88401")),
        ("100 Main St, Willow Creek Apartments Apt 5", SPRINGFIELD),
        ("Lot 2-B MN 108", ("Dent", "MN", "56528")),
        ("2102 1/2 Rue De St Germaine", ("Austin", "TX", "78746")),
        ("123 Main St, Houston, TX 77002, US", ("", "", "")),
        ("10600 Folsom Blvd Rancho Cordova 95670 CA", ("", "", "")),
        ("127 Pennsylvania Ave, Lower Merion Township, PA 19010", ("", "", "")),
        ("4617 Loma Del Rey Cir, City of El Paso, TX 79934", ("", "", "")),
    ],
)
def test_a_real_form_is_accepted(line: str, place: tuple[str, str, str]) -> None:
    assert keys_of(line, place)


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        ("12 Brighton 3 St", "12 Brighton 3rd St", ("Brooklyn", "NY", "11235")),
        ("12 Bay 31", "12 Bay 31st", ("Brooklyn", "NY", "11214")),
        ("7507 Astoria Blvd", "75-07 Astoria Blvd", ("East Elmhurst", "NY", "11370")),
        ("14-1 Broadway", "14-01 Broadway", ("Astoria", "NY", "11106")),
        ("123 No 5th St", "123 N 5th St", SPRINGFIELD),
        ("123 So 5th St", "123 S 5th St", SPRINGFIELD),
        ("123 Maple Tr", "123 Maple Trl", SPRINGFIELD),
        ("123 Maple La", "123 Maple Ln", SPRINGFIELD),
        ("123 Green Mt Dr", "123 Green Mountain Dr", SPRINGFIELD),
        ("123 Mt Hope Ave", "123 Mount Hope Ave", SPRINGFIELD),
        ("123 Oak St Ut C2", "123 Oak St Unit C2", SPRINGFIELD),
        ("123 Oak St Apt 02", "123 Oak St Apt 2", SPRINGFIELD),
        ("123 Oak St TH-5", "123 Oak St TH5", SPRINGFIELD),
        ("123 Oak St Rear Apt 1", "123 Oak St Apt 1 Rear", SPRINGFIELD),
        ("123 Lake Ave CH", "123 Lake Ave Coach House", ("Chicago", "IL", "60614")),
        ("123 Lake Ave Gdn", "123 Lake Ave Garden Apt", ("Chicago", "IL", "60614")),
        ("123 N Northwest Highway #5", "123 N Northwest Hwy Apt 5", ("Chicago", "IL", "60630")),
        ("123 Ranch Rd #5", "123 Ranch Rd Apt 5", ("San Rafael", "CA", "94903")),
        ("123 Iowa Road #5", "123 Iowa Rd Apt 5", ("Humboldt", "KS", "66748")),
        ("123 County Road 0030", "123 County Road 30", ("Corsicana", "TX", "75109")),
        ("123 S IH 35", "123 IH-35 S", ("Waco", "TX", "76706")),
        ("715 9 8/10 Rd", "715 9.8 Rd", ("Fruita", "CO", "81521")),
        ("715 24 1/2 Rd", "715 24.5 Rd", ("Fruita", "CO", "81521")),
        ("123 Highway K", "123 State Route K", ("Rolla", "MO", "65401")),
        ("123 Highway K", "123 CTH K", ("Madison", "WI", "53703")),
    ],
)
def test_two_spellings_of_one_door_share_their_keys(
    one: str, other: str, place: tuple[str, str, str]
) -> None:
    assert keys_of(one, place)
    assert keys_of(one, place) == keys_of(other, place)


def test_a_queens_number_is_one_only_in_queens() -> None:
    yonkers, queens = ("Yonkers", "NY", "10701"), ("Flushing", "NY", "11367")
    assert not keys_of("1210 Main St", yonkers) & keys_of("12-10 Main St", yonkers)
    assert not keys_of("112-10 Main St", queens) & keys_of("11-210 Main St", queens)
