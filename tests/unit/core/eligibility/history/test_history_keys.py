"""The digests under which the history knows subjects, addresses and reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.address.keys import keys as address_keys
from narrowgate.core.address.model import AddressClass, DeliveryPoint
from narrowgate.core.base.errors import OperationalError
from narrowgate.core.eligibility.history.keys import (
    ABSENT,
    ADDRESS_COLUMN,
    DIGEST_SIZE,
    REASON_COLUMN,
    RECORD_SIZE,
    HistoryDigester,
    HistoryKeys,
)
from narrowgate.core.person.identity import request_identities
from narrowgate.core.person.model import Person

DIGESTER = HistoryDigester(b"k" * 32, b"term")
PERSON = Person(("MARIA", "ELENA"), ("GARCIA", "LOPEZ"), birth_date="1980-02-03", tin="900701234")
POINT = DeliveryPoint(
    AddressClass.STREET, number="12", street_name="OAK", suffix="ST", city="TULSA", state="OK", zip5="74103"
)
TIN, ALIEN, ORDER, NAME = range(4)
NAMES = st.sampled_from(["MARIA", "ELENA", "GARCIA", "LOPEZ", "CRUZ"])


def columns(
    person: Person = PERSON,
    alien_number: str = "A012-345-678",
    order: str = "RO-77/12",
    point: DeliveryPoint = POINT,
    reason: str = "Seen at the door on 3 May.",
    digester: HistoryDigester = DIGESTER,
) -> list[bytes]:
    record = digester.record(person, alien_number, order, address_keys(point)[0], reason)
    return [record[at : at + DIGEST_SIZE] for at in range(0, len(record), DIGEST_SIZE)]


def test_a_record_is_six_different_digests() -> None:
    assert len(set(columns())) == 6


def test_an_identifier_the_item_lacks_is_absent() -> None:
    bare = columns(replace(PERSON, tin="", birth_date=""), alien_number="")
    assert [bare[column] == ABSENT for column in range(4)] == [True, True, False, True]


def test_numbers_count_without_their_punctuation() -> None:
    other = columns(alien_number="012345678", order="ro 7712")
    assert (other[ALIEN], other[ORDER]) == (columns()[ALIEN], columns()[ORDER])


def test_a_second_given_name_or_another_order_is_no_other_subject() -> None:
    for person in (
        replace(PERSON, given_names=("MARIA",)),
        replace(PERSON, surnames=("LOPEZ", "GARCIA")),
        replace(PERSON, given_names=("GARCIA",), surnames=("LOPEZ", "MARIA")),
    ):
        assert columns(person)[NAME] == columns()[NAME]


@given(
    st.lists(NAMES, min_size=1, max_size=3), st.lists(NAMES, min_size=1, max_size=3),
    st.lists(NAMES, min_size=1, max_size=3), st.lists(NAMES, min_size=1, max_size=3),
)  # fmt: skip
def test_two_persons_that_ask_for_one_identity_are_one_subject(
    given_names: list[str], surnames: list[str], other_given: list[str], other_surnames: list[str]
) -> None:
    one = Person(tuple(given_names), tuple(surnames), birth_date="1980-02-03")
    other = Person(tuple(other_given), tuple(other_surnames), birth_date="1980-02-03")
    if request_identities(one) == request_identities(other):
        assert columns(one)[NAME] == columns(other)[NAME]


def test_inside_a_zip_the_city_is_no_other_address_and_without_one_it_is() -> None:
    assert columns(point=replace(POINT, city="SAPULPA"))[ADDRESS_COLUMN] == columns()[ADDRESS_COLUMN]
    without = replace(POINT, zip5="")
    assert (
        columns(point=without)[ADDRESS_COLUMN]
        != columns(point=replace(without, city="SAPULPA"))[ADDRESS_COLUMN]
    )


@pytest.mark.parametrize(
    "change",
    [{"number": "13"}, {"suffix": "AVE"}, {"units": ("2",)}, {"predirectional": "N"}, {"zip5": "74104"}],
)
def test_another_part_is_another_address(change: dict[str, object]) -> None:
    other = replace(POINT, **change)  # type: ignore[arg-type]  # fields by name
    assert columns(point=other)[ADDRESS_COLUMN] != columns()[ADDRESS_COLUMN]


def test_reasons_count_without_case_digits_and_spaces() -> None:
    assert columns(reason="SEEN at  the door on 14 May.")[REASON_COLUMN] == columns()[REASON_COLUMN]
    assert columns(reason="Seen at the gate on 3 May.")[REASON_COLUMN] != columns()[REASON_COLUMN]


def test_another_key_or_term_shares_no_digest() -> None:
    for digester in (HistoryDigester(b"j" * 32, b"term"), HistoryDigester(b"k" * 32, b"next term")):
        assert not set(columns(digester=digester)) & set(columns())


def test_items_come_in_order_whole_and_with_a_subject() -> None:
    keys = HistoryKeys()
    record = DIGESTER.record(PERSON, "", "", address_keys(POINT)[0], "reason")
    keys.append(4, record, ("OFF-2", "OFF-1", "OFF-2"))
    assert keys.officers == [("OFF-1", "OFF-2")]
    for ordinal, wrong in ((4, record), (3, record), (5, record[:-1]), (5, bytes(RECORD_SIZE))):
        with pytest.raises(OperationalError):
            keys.append(ordinal, wrong, ())


def test_rows_with_one_digest_share_a_number_and_absent_ones_do_not() -> None:
    keys = HistoryKeys()
    for ordinal, (tin, order) in enumerate(
        [("1", "x"), ("2", "x"), ("1", "y"), ("", "z"), ("", "v"), ("2", "w")]
    ):
        keys.append(
            ordinal, DIGESTER.record(replace(PERSON, tin=tin), "", order, address_keys(POINT)[0], "r"), ()
        )
    assert list(keys.repeats(TIN)) == [1, 2, 1, 0, 0, 2]
    assert list(keys.repeats(ALIEN)) == [0] * 6
    assert list(keys.repeats(ADDRESS_COLUMN)) == [1] * 6
