"""What holds for every address text: it is read or refused, its canonical form is its own, and no change confirms."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from narrowgate.core.address.examine import delivery_point, examine_address
from narrowgate.core.address.explain import explain
from narrowgate.core.address.keys import key_street_name, key_urbanization, keys
from narrowgate.core.address.model import DeliveryPoint, RawAddress
from narrowgate.core.address.parse.fold import fold
from narrowgate.core.address.parse.parse import parse
from narrowgate.core.address.render import render

VOCABULARY = """
    123 5 5TH 22 1/2 112-10 N S E W NE NORTH EAST MAIN OAK ST AVE STREET AVENUE RD CT DR BLVD HWY US
    CR COUNTY ROAD STATE ROUTE FM LOOP APT # UNIT STE BLDG FL 2ND FLOOR REAR BSMT LOWER LEVEL PO P O
    BOX RR HC RFD RT 4 B 5B A1 N6W230 H10 SAINT LA DE THE OF OLD AND & , . - / SPRINGFIELD IL 62704
    60601-1234 USA CALLE SOL URB COND RES KM CARR BO PSC APO AE MILE ONE SEVEN TWENTY SECOND FIRST
    TOWER BUILDING KY 44 I 95 STAR DRAWER NO GROUND SIDE PARK PLACE ISLAND JR MLK KING ½ é (REAR)
"""
PLACES = [
    ("Springfield", "IL", "62704"), ("San Juan", "PR", "00926"), ("Chicago", "IL", ""), ("", "", "60601"), ("", "", ""),
]  # fmt: skip
places = st.sampled_from(PLACES)
phrases = st.lists(st.sampled_from(VOCABULARY.split()), min_size=1, max_size=8).map(" ".join)
numbered = st.builds("{} {}".format, st.integers(1, 99999), phrases)


@settings(deadline=None)  # the first one reads the postal table
@given(
    st.text(max_size=300),
    st.text(max_size=60),
    st.text(max_size=40),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_any_text_is_read_or_refused(line_1: str, line_2: str, city: str, state: str, zip_code: str) -> None:
    raw = RawAddress(line_1, line_2, city, state, zip_code)
    examined = examine_address(raw)
    assert (examined.delivery_point is None) == bool(examined.defects)
    explain(raw)


@given(phrases | numbered | st.text(max_size=80))
@example("0 - JR")
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(max_examples=300, deadline=None)
@given(phrases | numbered, phrases | st.just(""), places)
def test_the_canonical_form_is_its_own_canonical_form(
    line_1: str, line_2: str, place: tuple[str, str, str]
) -> None:
    point = examine_address(RawAddress(line_1, line_2, *place)).delivery_point
    if point:
        again = examine_address(render(point)).delivery_point
        assert again
        assert keys(again) == keys(point)


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 999999), phrases, places)
def test_a_house_number_takes_no_part_in_how_the_rest_is_read(
    number: int, rest: str, place: tuple[str, str, str]
) -> None:
    """The point that is kept for a street with number 1 is the one that any other number reads."""
    raw = RawAddress(f"{number} {rest}", "", *place)
    point = examine_address(raw).delivery_point
    if point:
        draft = parse(raw)
        assert not draft.defects
        assert delivery_point(draft) == point


@settings(max_examples=200, deadline=None)
@given(numbered, places)
def test_case_spacing_and_accents_make_no_difference(line: str, place: tuple[str, str, str]) -> None:
    plain = parse(RawAddress(line, "", *place))
    for other in (line.lower(), line.replace(" ", "  "), line.replace("O", "Ó"), f" {line} "):
        draft = parse(RawAddress(other, "", *place))
        assert (draft.number, draft.street, draft.units, draft.defects) == (
            plain.number,
            plain.street,
            plain.units,
            plain.defects,
        )


CONFIRMED = [
    ("123 N Main St Apt 5B", ("Springfield", "IL", "62704")),
    ("112-10 35th Ave Apt 3C", ("Corona", "NY", "11368")),
    ("842 E 1700 S", ("Salt Lake City", "UT", "84105")),
    ("39 1/2 West End Ave Fl 2", ("New York", "NY", "10023")),
    ("N6W23001 Bluemound Rd", ("Waukesha", "WI", "53188")),
    ("1234 FM 1960 Rd W Bldg 1 Ste 100", ("Houston", "TX", "77090")),
    ("4013 W County Road MM", ("Lebanon", "WI", "53047")),
    ("100 S St NW # 4", ("Washington", "DC", "20001")),
    ("RR 2 Box 45", ("Springfield", "IL", "62704")),
    ("HC 68 Box 23A", ("Cobalt", "ID", "83229")),
    ("PO Box 1289", ("Springfield", "IL", "62704")),
    ("PSC 802 Box 74", ("APO", "AE", "09499")),
    ("URB Las Gladiolas, 150 Calle A", ("San Juan", "PR", "00926")),
    ("H10 Ave Flamboyan", ("San Juan", "PR", "00926")),
]
DIRECTIONS = ("", "N", "S", "E", "W", "NE", "NW", "SE", "SW")
SUFFIXES = ("", "ST", "AVE", "RD", "CT", "DR", "LN", "BLVD")


def _changed(text: str) -> set[str]:
    """Every text with one digit or letter changed, dropped or doubled, or two neighbors swapped."""
    changed: set[str] = set()
    for at, sign in enumerate(text):
        if sign.isalnum():
            alphabet = string.digits if sign.isdigit() else string.ascii_uppercase
            changed |= {text[:at] + other + text[at + 1 :] for other in alphabet}
            changed |= {text[:at] + text[at + 1 :], text[:at] + sign + text[at:]}
        changed.add(text[:at] + text[at + 1 : at + 2] + sign + text[at + 2 :])
    return changed - {text}


def _mutations(point: DeliveryPoint) -> list[DeliveryPoint]:
    """Every delivery point that differs in one component."""
    changed = [point._replace(predirectional=one) for one in DIRECTIONS]
    changed += [point._replace(postdirectional=one) for one in DIRECTIONS]
    changed += [point._replace(suffix=one) for one in SUFFIXES]
    for name in ("number", "street_name", "route", "box", "urbanization", "zip5"):
        changed += [point._replace(**{name: one}) for one in _changed(getattr(point, name))]
    for at, unit in enumerate(point.units):
        changed += [
            point._replace(units=(*point.units[:at], one, *point.units[at + 1 :])) for one in _changed(unit)
        ]
        changed.append(point._replace(units=(*point.units[:at], *point.units[at + 1 :])))
    changed.append(point._replace(units=(*point.units, "9")))
    return [one for one in changed if not _differs_in_spelling_only(one, point)]


def _differs_in_spelling_only(one: DeliveryPoint, other: DeliveryPoint) -> bool:
    """Spaces between letters and leading zeros say nothing, so they are no change."""
    return _spelled(one) == _spelled(other)


def _spelled(point: DeliveryPoint) -> DeliveryPoint:
    return point._replace(
        number=point.number.lstrip("0"),
        box=point.box.lstrip("0"),
        street_name=key_street_name(point),
        urbanization=key_urbanization(point),
    )


OTHER_SPELLINGS = {
    "39 1/2 West End Ave Fl 2": {"39 1/2 W END AVE APT FL2"},
    "1234 FM 1960 Rd W Bldg 1 Ste 100": {
        "1234 FARM TO MARKET 1960 RD W BLDG 1 APT 100",
        "1234 FARM TO MARKET 1960 W BLD 1 APT 100",
        "1234 FARM TO MARKET 1960 W BLG 1 APT 100",
        "1234 FARM TO MARKET 1960 W APT BLDG1  APT 100",
    },
    "4013 W County Road MM": {"4013 W COUNTY ROAD MM RD"},
    "PSC 802 Box 74": {"PSC 802 BOX 74"},
    "URB Las Gladiolas, 150 Calle A": {
        "URB LAS GLADIOLAS, 150 CLLE A",
        "URB LAS GLADIOLAS, 150 CALLE A",
    },
    "H10 Ave Flamboyan": {"H10 AVENU FLAMBOYAN", "H10 AVNUE FLAMBOYAN", "H10 AVENUE FLAMBOYAN"},
}
"""Changes that end in another accepted spelling of the same address (the last of each without its ZIP's zeros)."""


@pytest.mark.parametrize(("line", "place"), CONFIRMED, ids=[line for line, _ in CONFIRMED])
def test_no_change_of_any_component_keeps_the_key(line: str, place: tuple[str, str, str]) -> None:
    """Not as a delivery point, and not as the address that somebody then writes."""
    point = examine_address(RawAddress(line, "", *place)).delivery_point
    assert point
    own = set(keys(point))
    mutations = _mutations(point)
    assert len(mutations) > 100
    same_as_written = set()
    for mutation in mutations:
        assert not own & set(keys(mutation)), mutation
        written = render(mutation)
        again = examine_address(written).delivery_point
        if again and own & set(keys(again)):
            same_as_written.add(written.address_line_1)
    assert {text.strip() for text in same_as_written} == {
        text.strip() for text in OTHER_SPELLINGS.get(line, set())
    }
