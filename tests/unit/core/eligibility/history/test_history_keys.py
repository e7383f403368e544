"""The digests under which the history knows persons, addresses, reasons and questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.address.keys import keys as address_keys
from narrowgate.core.address.model import AddressClass, DeliveryPoint
from narrowgate.core.base.errors import OperationalError
from narrowgate.core.eligibility.history.digests import HistoryDigester, history_key_check
from narrowgate.core.eligibility.history.keys import (
    ABSENT,
    ADDRESS_COLUMN,
    BIRTH_DATE_COLUMN,
    DIGEST_SIZE,
    HEAD_SIZE,
    KINDS,
    QUESTION_COLUMN,
    REASON_COLUMN,
    HistoryKeys,
)
from narrowgate.core.person.identity import request_identities
from narrowgate.core.person.model import Person

DIGESTER = HistoryDigester(b"k" * 32, b"term")
PERSON = Person(("MARIA", "ELENA"), ("GARCIA", "LOPEZ"), birth_date="1980-02-03", tin="900701234")
POINT = DeliveryPoint(
    AddressClass.STREET, number="12", street_name="OAK", suffix="ST", city="TULSA", state="OK", zip5="74103"
)
TIN, ALIEN, ORDER = range(3)
NAMES = st.sampled_from(["MARIA", "ELENA", "GARCIA", "LOPEZ", "CRUZ"])


def kept(
    person: Person = PERSON,
    alien_number: str = "A012-345-678",
    order: str = "RO-77/12",
    point: DeliveryPoint = POINT,
    reason: str = "Seen at the door on 3 May.",
    years: tuple[int, ...] = (2022,),
    digester: HistoryDigester = DIGESTER,
) -> HistoryKeys:
    keys = HistoryKeys()
    keys.append(
        0, digester.record(person, (alien_number, order), address_keys(point), years, reason), ("OFF-1",)
    )
    return keys


def columns(**changes: object) -> list[bytes]:
    keys = kept(**changes)  # type: ignore[arg-type]  # arguments by name
    return [keys.digest(0, column) for column in range(len(KINDS))]


def names(person: Person) -> set[bytes]:
    return set(kept(person).names(0))


def test_the_digests_of_one_item_all_differ() -> None:
    found = [*columns(), *names(PERSON)]
    assert len(set(found)) == len(found) > len(KINDS)


def test_an_identifier_the_item_lacks_is_absent() -> None:
    bare = columns(person=PERSON._replace(tin="", birth_date=""), alien_number="")
    assert [bare[column] == ABSENT for column in (TIN, ALIEN, ORDER, BIRTH_DATE_COLUMN)] == [
        True,
        True,
        False,
        True,
    ]
    assert names(PERSON._replace(birth_date="")) == set()


def test_numbers_count_without_their_punctuation() -> None:
    other = columns(alien_number="012345678", order="ro 7712")
    assert (other[ALIEN], other[ORDER]) == (columns()[ALIEN], columns()[ORDER])


@pytest.mark.parametrize(
    "other",
    [
        PERSON._replace(given_names=("MARIA",)),
        PERSON._replace(surnames=("LOPEZ", "GARCIA")),
        PERSON._replace(surnames=("LOPEZ",), tin=""),
        PERSON._replace(surnames=("CRUZ", "GARCIA"), tin="900704321"),
        PERSON._replace(given_names=("MARIAELENA",), tin=""),
        PERSON._replace(given_names=("GARCIA",), surnames=("MARIA",)),
    ],
)
def test_one_given_name_and_one_surname_in_common_are_the_same_person(other: Person) -> None:
    assert names(other) & names(PERSON)


@pytest.mark.parametrize(
    "other",
    [
        PERSON._replace(given_names=("ROSA",)),
        PERSON._replace(surnames=("CRUZ",)),
        PERSON._replace(birth_date="1980-02-04"),
    ],
)
def test_another_given_name_surname_or_birth_date_is_another_person(other: Person) -> None:
    assert not names(other) & names(PERSON)


def test_the_formal_name_and_the_nickname_are_one_person() -> None:
    by_nickname = PERSON._replace(given_names=("BILL",))
    formal = PERSON._replace(given_names=("WILLIAM",), tin="")
    assert names(by_nickname) & names(formal)
    assert not names(by_nickname) & names(formal._replace(given_names=("ROBERT",)))


@given(
    st.lists(NAMES, min_size=1, max_size=3), st.lists(NAMES, min_size=1, max_size=3),
    st.lists(NAMES, min_size=1, max_size=3), st.lists(NAMES, min_size=1, max_size=3),
    st.sampled_from(["", "900701234"]),
)  # fmt: skip
def test_two_persons_that_ask_for_one_identity_are_one_subject(
    given_names: list[str], surnames: list[str], other_given: list[str], other_surnames: list[str], tin: str
) -> None:
    one = Person(tuple(given_names), tuple(surnames), birth_date="1980-02-03", tin=tin)
    other = Person(tuple(other_given), tuple(other_surnames), birth_date="1980-02-03", tin=tin)
    if set(request_identities(one)) & set(request_identities(other)):
        assert tin or names(one) & names(other)
        assert columns(person=one)[TIN] == columns(person=other)[TIN]


def test_inside_a_zip_the_city_is_no_other_address_and_without_one_it_is() -> None:
    assert columns(point=POINT._replace(city="SAPULPA"))[ADDRESS_COLUMN] == columns()[ADDRESS_COLUMN]
    without = POINT._replace(zip5="")
    assert (
        columns(point=without)[ADDRESS_COLUMN]
        != columns(point=without._replace(city="SAPULPA"))[ADDRESS_COLUMN]
    )


@pytest.mark.parametrize(
    "change",
    [{"number": "13"}, {"suffix": "AVE"}, {"units": ("2",)}, {"predirectional": "N"}, {"zip5": "74104"}],
)
def test_another_part_is_another_address(change: dict[str, object]) -> None:
    other = POINT._replace(**change)  # type: ignore[arg-type]  # fields by name
    assert columns(point=other)[ADDRESS_COLUMN] != columns()[ADDRESS_COLUMN]


def test_reasons_count_without_case_digits_and_spaces() -> None:
    assert columns(reason="SEEN at  the door on 14 May.")[REASON_COLUMN] == columns()[REASON_COLUMN]
    assert columns(reason="Seen at the gate on 3 May.")[REASON_COLUMN] != columns()[REASON_COLUMN]


def test_the_same_question_in_another_spelling_is_the_same_question_and_another_year_is_not() -> None:
    same = columns(
        person=PERSON._replace(surnames=("LOPEZ", "GARCIA")), reason="Another reason.", order="RO-1"
    )
    assert same[QUESTION_COLUMN] == columns()[QUESTION_COLUMN]
    for change in (
        {"years": (2022, 2023)},
        {"person": PERSON._replace(tin="")},
        {"person": PERSON._replace(surnames=("LOPEZ",))},
        {"point": POINT._replace(number="13")},
    ):
        assert columns(**change)[QUESTION_COLUMN] != columns()[QUESTION_COLUMN]


def test_the_bit_that_hides_an_answer_is_that_of_the_question() -> None:
    masks = [kept(point=POINT._replace(number=str(number))).mask(0) for number in range(1, 65)]
    assert set(masks) == {0, 1}
    assert masks == [kept(point=POINT._replace(number=str(number))).mask(0) for number in range(1, 65)]


def test_another_key_or_term_shares_no_digest() -> None:
    for digester in (HistoryDigester(b"j" * 32, b"term"), HistoryDigester(b"k" * 32, b"next term")):
        assert not set(columns(digester=digester)) & set(columns())
        assert not set(kept(digester=digester).names(0)) & names(PERSON)


def test_the_check_value_tells_keys_apart_and_is_no_digest_of_an_item() -> None:
    assert history_key_check(b"k" * 32) != history_key_check(b"j" * 32)
    assert history_key_check(b"k" * 32)[:DIGEST_SIZE] not in columns()


def test_without_budgets_of_persons_only_reason_and_question_have_digests() -> None:
    lifted = HistoryDigester(b"k" * 32, b"term", subjects=False)
    found = columns(digester=lifted)
    assert {column for column, digest in enumerate(found) if digest != ABSENT} == {
        REASON_COLUMN,
        QUESTION_COLUMN,
    }
    assert kept(digester=lifted).names(0) == []


def test_names_that_rows_share_are_found_and_no_others() -> None:
    keys = HistoryKeys()
    persons = [PERSON, PERSON._replace(surnames=("CRUZ",)), PERSON._replace(surnames=("LOPEZ",), tin="")]
    for ordinal, person in enumerate(persons):
        keys.append(ordinal, DIGESTER.record(person, ("", ""), address_keys(POINT), (2022,), "r"), ("OFF-1",))
    shared = set(keys.names(0)) & set(keys.names(2))
    assert {row: set(digests) for row, digests in keys.repeated_names().items()} == {0: shared, 2: shared}


def test_items_come_in_order_and_whole() -> None:
    keys = HistoryKeys()
    record = DIGESTER.record(PERSON, ("", ""), address_keys(POINT), (2022,), "reason")
    keys.append(4, record, ("OFF-2", "OFF-1", "OFF-2"))
    assert keys.officers == [("OFF-1", "OFF-2")]
    for ordinal, wrong in ((4, record), (3, record), (5, record[:-1]), (5, record[: HEAD_SIZE - 1])):
        with pytest.raises(OperationalError):
            keys.append(ordinal, wrong, ())


def test_rows_with_one_digest_share_a_number_and_absent_ones_do_not() -> None:
    keys = HistoryKeys()
    for ordinal, (tin, order) in enumerate(
        [("1", "x"), ("2", "x"), ("1", "y"), ("", "z"), ("", "v"), ("2", "w")]
    ):
        keys.append(
            ordinal,
            DIGESTER.record(PERSON._replace(tin=tin), ("", order), address_keys(POINT), (2022,), "r"),
            (),
        )
    assert list(keys.repeats(TIN)) == [1, 2, 1, 0, 0, 2]
    assert list(keys.repeats(ALIEN)) == [0] * 6
    assert list(keys.repeats(ADDRESS_COLUMN)) == [1] * 6
