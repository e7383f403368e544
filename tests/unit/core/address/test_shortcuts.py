"""A shortcut that most addresses take never reads them otherwise than the rules that it leaves out."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from narrowgate.core.address import examine
from narrowgate.core.address.model import Examined, RawAddress
from narrowgate.core.address.parse import fold, localities, plain_streets, street_names, streets
from narrowgate.core.address.parse.designators import DESIGNATORS, STANDING_ALONE
from narrowgate.core.address.parse.directionals import DIRECTIONALS
from narrowgate.core.address.parse.highways import may_name_a_county
from narrowgate.core.address.parse.localities import read_fields
from narrowgate.core.address.parse.number_words import NUMBER_WORDS
from narrowgate.core.address.parse.parse import parse, parse_folded
from narrowgate.core.address.parse.streets import read_street
from narrowgate.core.address.parse.suffixes import NAME_WORDS, STREET_SUFFIXES
from narrowgate.core.address.parse.units import NO_UNITS, first_unit, starts_units
from narrowgate.core.address.plain_addresses import read_plain_address
from narrowgate.core.address.postal import cities_of_zip, states_of_zip
from narrowgate.core.address.sufficiency import judge, placeholders, plain_lines
from narrowgate.core.address.words.word_list import words as word_set

OTHERS = """
    MARTIN LUTHER KING MLK M L ML JR REV DR ST STE CO COUNTY LINE CNTY CLL CAMINO AVD VIA LEVEL FLOOR FL 2FL 2ND 5 5TH
    THE OF DE LA AND NO SO HIGHWAY CR COUNTY ROAD STATE ROUTE LOOP BOX RR PO CAROLINA DAKOTA SOUTH MAPLE QUAIL
    SPRINGFIELD IL 62704 RURAL STAR CALLE URB TR
"""
TABLES = (DESIGNATORS, STANDING_ALONE, DIRECTIONALS, NUMBER_WORDS, NAME_WORDS, OTHERS.split())
VOCABULARY = sorted({word for table in TABLES for word in table})
COUNTRY_WORDS = [
    "USA",
    "U",
    "S",
    "A",
    "UNITED",
    "STATES",
    "OF",
    "AMERICA",
    "EE",
    "UU",
    "EUA",
    "62704",
    ",",
    "IL",
]
words = st.lists(
    st.sampled_from(VOCABULARY) | st.from_regex(r"[A-Z]{1,9}", fullmatch=True), min_size=1, max_size=6
)
streets_without_name = st.lists(
    st.sampled_from(
        [*sorted(placeholders.UNLIKELY_NAMES), "X", "XX", "A", "AAA", "NO", "NAME", "N", "ST", "OAK", "APT"]
    ),
    min_size=1,
    max_size=4,
)
places = st.sampled_from(
    [("SPRINGFIELD", "IL", "62704"), ("SAN JUAN", "PR", "00926"), ("CHICAGO", "IL", ""), ("", "", "60601"),
     ("Saint Louis", "Missouri", "63101-1234"), ("APO", "AE", "09499")]
)  # fmt: skip
RULES = [
    rule for rules in (fold._SPACING, fold._HYPHENS, fold._BREAKS, fold._GLUED) for rule in rules if rule.sign
]


@given(st.text("AMBOCJR019 ,./#-'&", max_size=24))
def test_no_rule_of_folding_finds_anything_without_its_sign(text: str) -> None:
    for rule in RULES:
        if rule.sign not in text:
            assert not rule.pattern.search(text)


@given(st.lists(st.sampled_from(COUNTRY_WORDS)))
@example(["UNITED", "STATES"])
@example(["62704", "U", "S"])
def test_no_country_ends_in_another_letter(text: list[str]) -> None:
    line = " ".join(text)
    assert localities._without_country(line) == localities._COUNTRY.sub("", line)


@given(words)
@example(["MARTIN", "LUTHER", "KING"])
def test_a_name_that_no_rule_is_about_is_what_the_rules_make_of_it(name: list[str]) -> None:
    if street_names.RULED_WORDS.isdisjoint(name) and " ".join(name).replace(" ", "").isalpha():
        assert street_names._by_the_rules(name) == " ".join(name)
        assert not street_names._KING.fullmatch(" ".join(name))


@given(words)
def test_the_first_unit_is_where_units_start_first(street: list[str]) -> None:
    starts = [at for at in range(1, len(street)) if starts_units(street, at)]
    assert first_unit(street) == (starts[0] if starts else len(street))


@given(st.sampled_from(["12", "123", "0", "00", "007"]), streets_without_name)
def test_a_line_passed_over_has_the_name_of_a_street(number: str, name: list[str]) -> None:
    line = number, *name
    assert placeholders._has_no_street_name(line) == placeholders._names_no_street(line)


SUFFIXES = sorted(STREET_SUFFIXES)
NAMES = [
    *DIRECTIONALS,
    *SUFFIXES[::7],
    *sorted(NAME_WORDS)[::5],
    *["OAK", "HILL", "PARK", "RUE", "FRY", "TRAILS"],
]
STATES = st.sampled_from(["IL", "NY", "NE", "WV", "TX"])
plain = st.lists(
    st.sampled_from(NAMES) | st.from_regex(r"[A-Z]{1,9}", fullmatch=True), min_size=1, max_size=5
)
TELLING = sorted(
    word_set("""
    UNKNOWN HOMELESS SAME AS ABOVE NO ADDRESS LIVES WITH SISTER IN CARE OF GENERAL DELIVERY CHURCH JAIL HOTEL ICE
    MEXICO TIJUANA CALLE NEXT TO MILE PMB STORE NONE TEST AAA A N ST APT 5 12TH OAK ELM LA
""")
)
lines = st.lists(
    st.sampled_from(TELLING) | st.from_regex(r"[A-Z]{1,9}", fullmatch=True), min_size=1, max_size=5
)
towns = st.sampled_from(
    [
        ("Springfield", "IL"),
        ("St. Louis", "MO"),
        ("Mexico", "MO"),
        ("Care", "CO"),
        ("Unknown", "TX"),
        ("", "IL"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(plain, st.sampled_from(SUFFIXES), st.sampled_from(["", *DIRECTIONALS]), STATES)
def test_a_plain_street_is_read_like_any_street(
    name: list[str], suffix: str, behind: str, state: str
) -> None:
    text = " ".join(filter(None, (*name, suffix, behind)))
    found = plain_streets.read_plain_street(text)
    if found:
        assert streets._read(text, state, frozenset()) == streets.Street(*found)


@settings(max_examples=400, deadline=None)
@given(lines, towns)
@example(["NO"], ("Address", "IL"))
@example(["LA", "CALLE"], ("Springfield", "IL"))
def test_a_line_passed_over_shows_no_defect(line: list[str], place: tuple[str, str]) -> None:
    street = " ".join(line)
    if plain_lines.shows_nothing(street, *place):
        assert judge._defects(RawAddress(f"4217 {street}", "", *place)) == ()


@settings(deadline=None)  # the first one reads the postal table
@given(words, places)
def test_a_folded_line_is_parsed_like_any_line(street: list[str], place: tuple[str, str, str]) -> None:
    line, locality = f"1 {' '.join(street)}", read_fields(*place)
    fields = locality.city, locality.state, locality.zip5
    if fold.fold(line) == line and read_fields(*fields) == locality:
        draft = parse(RawAddress(line, "", *fields))
        draft.raw = RawAddress()
        assert parse_folded(line, locality) == draft


@settings(max_examples=200, deadline=None)
@given(words, places)
def test_a_street_read_the_same_at_once_is_its_own_canonical_form(
    street: list[str], place: tuple[str, str, str]
) -> None:
    draft = parse(RawAddress(f"12 {' '.join(street)}", "", *place))
    if draft.is_simple and not draft.defects:
        own = draft.street._replace(units=NO_UNITS), draft.locality
        if examine._is_read_the_same_at_once(*own):
            assert examine._street_is_its_own_canonical_form(*own)


@settings(deadline=None)
@given(st.data())
def test_a_place_of_the_table_is_read_as_it_is_written(data: st.DataObject) -> None:
    zip5 = data.draw(st.sampled_from(["62704", "78262", "00926", "09499", "10001", "83440", "02108"]))
    city = data.draw(st.sampled_from([*cities_of_zip(zip5), "KELLY USA", "FORT WORTH"]))
    state = data.draw(st.sampled_from([*states_of_zip(zip5), "TX"]))
    if localities.is_canonical(city, state, zip5):
        assert read_fields(city, state, zip5) == localities.Locality(city, state, zip5)


NAMED = st.lists(
    st.sampled_from(NAMES) | st.sampled_from(TELLING) | st.from_regex(r"[A-Z]{1,9}", fullmatch=True),
    min_size=1,
    max_size=4,
)


@given(
    plain,
    st.sampled_from(["BLDG 2", "BLDG A", "BLDG ST", "BLDG", "BLDG 02", "FL 2", "DEPARTMENT BLDG 4"]),
    st.sampled_from(["APT 101", "STE A1", "# 5", "UNIT 007", "APT N1", "APT S"]),
    STATES,
)
@example(["OAK", "TRL"], "BLDG 2", "APT 101", "IL")
@example(["HOLD", "XRD", "ROOM"], "BLDG 2", "UNIT 5", "IL")
def test_a_unit_cut_off_from_its_building_changes_nothing(
    street: list[str], building: str, unit: str, state: str
) -> None:
    text = " ".join((*street, building, unit))
    if not may_name_a_county(text):
        assert read_street(text, state) == streets._read(text, state, frozenset())


UNITS = st.sampled_from(
    ["", "", "APT 5", "Unit 1234", "STE 12345", "LOT 5", "# 7", "#12", "#0", "# 7B", "#", "APT 3B"]
)
SECOND_LINES = st.sampled_from(["", "", "", "apt 5", "#12", "# 1234", "STE 0", "UNIT B", "REAR"])
ANYWHERE = st.sampled_from(
    [
        ("Springfield", "IL", "62704"),
        ("St. Louis", "Missouri", "63101-1234"),
        ("Jamaica", "NY", "11432"),
        ("Greeley", "CO", "80631"),
        ("Chicago", "IL", "90210"),
        ("Address", "IL", "62704"),
        ("Care", "CO", "80631"),
        ("San Juan", "PR", "00926"),
        ("APO", "AE", "09499"),
        ("Mexico", "MO", "65265"),
        ("Omaha", "NE", ""),
    ]
)


def _the_long_way(raw: RawAddress) -> Examined:
    early = judge.early_defects(raw)
    return Examined(None, early) if early else examine._examine_line(raw)


@settings(max_examples=1000, deadline=None)
@given(
    st.sampled_from(["1", "12", "123", "7507", "07", "123456", "12B", ""]),
    NAMED,
    st.sampled_from(["", "", "ST", *SUFFIXES]),
    st.sampled_from(["", "", *DIRECTIONALS]),
    UNITS,
    SECOND_LINES,
    ANYWHERE,
)
@example("12", ["NO"], "ST", "", "", "", ("Address", "IL", "62704"))
@example("12", ["WCR"], "", "", "#18", "", ("Greeley", "CO", "80631"))
@example("12", ["OAK", "SPRINGFIELD"], "", "", "", "", ("Springfield", "IL", "62704"))
@example("12", ["AVENIDA", "TIJUANA"], "", "", "", "", ("Springfield", "IL", "62704"))
@example("", ["TEST"], "ST", "", "", "", ("Springfield", "IL", "62704"))
@example("", ["OAK"], "COURT", "", "", "", ("Springfield", "IL", "62704"))
@example("12", ["MARTIN", "LUTHER", "KING"], "ST", "", "", "", ("Springfield", "IL", "62704"))
@example("12", ["HOWARD", "JOHNSON"], "RD", "", "#7", "", ("Springfield", "IL", "62704"))
@example("12", ["SUPERIOR"], "COURT", "", "", "", ("Springfield", "IL", "62704"))
@example("12", ["TUXTLA", "GUTIERREZ"], "ST", "SE", "", "", ("Springfield", "IL", "62704"))
@example("7507", ["OAKLEAF"], "RD", "N", "APT 5", "", ("Jamaica", "NY", "11432"))
@example("12", ["WELD"], "RD", "", "UNIT 18", "", ("Greeley", "CO", "80631"))
@example("12", ["N", "MAPLE"], "RD", "", "", "#12", ("St. Louis", "Missouri", "63101-1234"))
def test_a_plain_address_is_examined_like_any_address(
    number: str,
    name: list[str],
    suffix: str,
    behind: str,
    unit: str,
    second_line: str,
    place: tuple[str, str, str],
) -> None:
    line = " ".join(filter(None, (number, *name, suffix, behind, unit)))
    raw = RawAddress(line, second_line, *place)
    found = read_plain_address(raw)
    if found:
        assert found == _the_long_way(raw)


def test_a_plain_address_is_read_at_once() -> None:
    found = read_plain_address(
        RawAddress("7507 N Oakleaf Rd APT 5", "", "Springfield", "Illinois", "62704-1234")
    )
    assert found is not None
    assert found.delivery_point is not None
    assert found.delivery_point.units == ("5",)
    assert found.delivery_point.zip5 == "62704"
