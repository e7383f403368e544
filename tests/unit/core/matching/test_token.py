"""Tokens: keyed, separated by domain, and equal for equal identity and delivery point only."""

from __future__ import annotations

import hashlib
import hmac
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.address.model import CANONICAL_FORM_VERSION, AddressClass, DeliveryPoint
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.matching import token as tokens
from narrowgate.core.matching.record import has_street_row, record_rows, street_row
from narrowgate.core.matching.token import IndexKey, place

KEY = IndexKey(bytes(range(32)))
POINT = DeliveryPoint(
    AddressClass.STREET,
    number="538",
    predirectional="N",
    street_name="HOWELL",
    suffix="AVE",
    postdirectional="E",
    units=("4B",),
    urbanization="VILLA",
    city="CINCINNATI",
    state="OH",
    zip5="45220",
)
IDENTITY = "T|212345671|MARIA|GARCIA"


@pytest.mark.parametrize("size", [32, 64, 65, 100])
def test_the_mac_is_hmac_sha256_for_keys_of_any_length(size: int) -> None:
    raw = bytes(number % 251 for number in range(size))
    assert IndexKey(raw).mac(b"message") == hmac.new(raw, b"message", hashlib.sha256).digest()


def test_a_key_shorter_than_the_hash_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="too short"):
        IndexKey(bytes(31))


def test_a_key_prints_as_its_id_and_never_as_itself() -> None:
    assert repr(KEY) == f"IndexKey(key_id='{KEY.key_id}')"
    assert bytes(range(32)).hex() not in repr(KEY)


def test_a_key_reaches_a_worker_process_unchanged() -> None:
    assert pickle.loads(pickle.dumps(KEY)) == KEY  # noqa: S301  our own bytes


def test_keys_of_other_bytes_differ_in_id_and_in_every_token() -> None:
    other = IndexKey(bytes(range(1, 33)))
    assert other.key_id != KEY.key_id
    assert other != KEY
    assert not set(record_rows(KEY, (IDENTITY,), POINT)) & set(record_rows(other, (IDENTITY,), POINT))


CHANGES = {
    "number": "540",
    "predirectional": "S",
    "street_name": "LOWELL",
    "suffix": "ST",
    "postdirectional": "",
    "units": ("4C",),
    "route": "RR1",
    "box": "7",
    "urbanization": "",
    "zip5": "45202",
    "address_class": AddressClass.PO_BOX,
}


@pytest.mark.parametrize("part", CHANGES)
def test_no_part_of_an_address_changes_without_changing_the_token(part: str) -> None:
    changed = POINT._replace(**{part: CHANGES[part]})
    assert record_rows(KEY, (IDENTITY,), changed) != record_rows(KEY, (IDENTITY,), POINT)


def test_the_city_is_no_evidence_inside_a_zip() -> None:
    assert record_rows(KEY, (IDENTITY,), POINT._replace(city="NORWOOD")) == record_rows(
        KEY, (IDENTITY,), POINT
    )


def test_two_units_are_not_one_unit_of_both_names() -> None:
    assert record_rows(KEY, (IDENTITY,), POINT._replace(units=("4", "B"))) != record_rows(
        KEY, (IDENTITY,), POINT
    )


@given(st.lists(st.text("AB|", max_size=3), min_size=2, max_size=2, unique=True))
def test_distinct_identities_have_distinct_tokens(identities: list[str]) -> None:
    one, other = record_rows(KEY, tuple(identities), POINT)
    assert one != other


def test_a_row_is_one_hash_over_its_three_parts() -> None:
    here = place(KEY, POINT, "Z45220")
    street = tokens.street_value(KEY, "Z45220", "HOWELL")
    suffix = tokens.suffix_value(KEY, "AVE")
    assert here.ending == street + suffix
    anchor = KEY.mac(here.anchor + IDENTITY.encode())[:16]
    parts = b"narrowgate/" + CANONICAL_FORM_VERSION.encode() + b"/row\x1f" + anchor + street + suffix
    assert here.rows(KEY, (IDENTITY,)) == [hashlib.sha256(parts).digest()]


def test_every_domain_has_its_own_tokens_for_the_same_words() -> None:
    made = [
        tokens.street_value(KEY, "Z1", "A"),
        tokens.suffix_value(KEY, "Z1\x1fA"),
        tokens.known_street(KEY, "Z1", "A")[:8],
        tokens.covered_zip(KEY, "Z1\x1fA")[:8],
        tokens.exclusion_token(KEY, "Z1\x1fA")[:8],
    ]
    assert len(set(made)) == len(made)


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=32, max_size=32))
def test_a_mask_taken_twice_gives_the_value_back(value: bytes, guard: bytes) -> None:
    assert tokens.masked(guard, tokens.masked(guard, value)) == value


def test_only_a_street_address_in_a_zip_code_says_something_of_its_street() -> None:
    assert has_street_row(POINT, "Z45220")
    assert not has_street_row(POINT, "CCINCINNATI,OH")
    assert not has_street_row(POINT._replace(address_class=AddressClass.PO_BOX), "Z45220")


def test_a_street_row_gives_its_suffix_unless_the_name_is_whole_without_one() -> None:
    row = street_row(KEY, "Z45220", POINT)
    assert tokens.masked(row.guard, row.value) == tokens.suffix_value(KEY, "AVE")
    whole = street_row(KEY, "Z45220", POINT._replace(street_name="DEER RUN"))
    assert whole.value == tokens.several(whole.guard)


def test_the_macs_that_a_build_takes_begin_with_the_tokens() -> None:
    found = tokens.exclusion_macs(KEY, ("T|212345671", "B|1980-01-02|GARCIA MARIA"))
    assert found[0].startswith(tokens.exclusion_token(KEY, "T|212345671"))
    assert found[1].startswith(tokens.exclusion_token(KEY, "B|1980-01-02|GARCIA MARIA"))
