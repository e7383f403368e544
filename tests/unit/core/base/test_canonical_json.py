"""Canonical JSON is read inside its profile only, and every other text is refused by an error of ours."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.canonical_json import (
    MAX_DEPTH,
    MAX_INTEGER,
    canonical_bytes,
    parse_canonical,
    parse_texts,
)
from narrowgate.core.base.errors import EnvelopeError

values = st.recursive(
    st.text() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_a_value_of_the_profile_reads_back(value: object) -> None:
    assert parse_canonical(canonical_bytes(value), "here") == value


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"null", "null"),
        (b'{"a":null}', "null"),
        (b'{"a":["x",null]}', "null"),
        (b"1.5", "not whole"),
        (b'{"a":1.0}', "not whole"),
        (b"1e3", "not whole"),
        (b"9007199254740992", "2\\^53"),
        (b"-9007199254740992", "2\\^53"),
        (b'{"a":18446744073709551615}', "2\\^53"),
        (b"99999999999999999999999", "not whole"),
        ('{"\u00e9":"x"}'.encode(), "not ASCII"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "16 deep"),
        (b"[" * 300 + b"]" * 300, "16 deep"),
        (b'{"a":' * 300 + b'"x"' + b"}" * 300, "16 deep"),
        (b"[" * 100_000, "not JSON"),
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b'"\\ud800"', "not JSON"),
        (b"-0", "canonical form"),
        (b'{"b":"1","a":"2"}', "canonical form"),
        (b'{"a":"1","a":"2"}', "canonical form"),
        (b'"\\u0041"', "canonical form"),
        (b"[ ]", "canonical form"),
    ],
)
def test_a_text_outside_the_profile_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(EnvelopeError, match=problem) as caught:
        parse_canonical(data, "rows.ndjson:7")
    assert caught.value.where == "rows.ndjson:7"


def test_the_deepest_value_of_the_profile_is_read() -> None:
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert canonical_bytes(parse_canonical(deepest, "")) == deepest


@given(
    st.binary(max_size=60) | st.text(alphabet='[]{}",:0123456789.-eEntrufals', max_size=60).map(str.encode)
)
def test_any_bytes_are_read_or_refused_by_an_error_of_ours(data: bytes) -> None:
    try:
        value = parse_canonical(data, "here")
    except EnvelopeError:
        return
    assert json.loads(data) == value


@given(
    st.dictionaries(st.sampled_from("abc"), st.text(max_size=3), min_size=2),
    st.sampled_from(
        [(b"", b""), (b'":', b'": '), (b'"a"', b'"\\u0061"'), (b"}", b',"c":"x"}'), (b'"b"', b'"a"')]
    ),
)
def test_texts_under_known_keys_are_read_as_any_object_is(
    value: dict[str, str], change: tuple[bytes, bytes]
) -> None:
    data = canonical_bytes(value).replace(*change)
    try:
        expected = parse_canonical(data, "here")
    except EnvelopeError:
        expected = None
    found = parse_texts(data, ("a", "b", "c"))
    is_of_these_keys = expected is not None and sorted(expected) == ["a", "b", "c"]
    assert found == (tuple(expected[key] for key in "abc") if is_of_these_keys else None)
