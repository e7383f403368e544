"""Canonical JSON has the same bytes, and the same texts are read, with the library and without it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base import canonical_json
from narrowgate.core.base.canonical_json import MAX_INTEGER, bytes_in_python, canonical_bytes, parse_canonical
from narrowgate.core.base.errors import EnvelopeError

_texts = st.text(st.characters(exclude_categories=["Cs"]))
_values = st.recursive(
    st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | _texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=20,
)
_TEXTS = [
    b'{"a":1,"a":1}',
    b'{"a":1.0}',
    b'{"a":1e5}',
    b'{"a":NaN}',
    b'{"a":-Infinity}',
    b'{"a":null}',
    b'{"a": 1}',
    b'{"a":9007199254740992}',
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"a":"\\ud800"}',
    b'{"a":"\xff"}',
    b'{"a":"\\u0041"}',
    b'{"a":"\t"}',
    b'\xef\xbb\xbf{"a":1}',
    '{"a":1}'.encode("utf-16"),
    b"[" * 100_000,
    b"[" * 20 + b"]" * 20,
    b"",
    b"{",
    '{"é":1}'.encode(),
    b'{"a":"\x7f\xe2\x80\xa8"}',
    b'{"a":"\\u001f\\b\\n"}',
    b'{"b":1,"a":2}',
    b'{"a":1}x',
    b'{"a":-0}',
    b'{"a":01}',
]


def read(data: bytes) -> Any:
    try:
        return parse_canonical(data, "")
    except EnvelopeError:
        return "refused"


@given(_values)
def test_equal_values_have_equal_bytes(value: Any) -> None:
    assert bytes_in_python(value) == canonical_bytes(value)


@pytest.mark.parametrize("data", _TEXTS, ids=range(len(_TEXTS)))
def test_a_text_is_read_or_refused_alike(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read(data)
    monkeypatch.setattr(canonical_json, "WITH_LIBRARY", False)
    assert read(data) == expected


@given(st.binary(max_size=30), _values, st.integers(0, 1000))
def test_changed_texts_are_read_or_refused_alike(extra: bytes, value: Any, position: int) -> None:
    data = canonical_bytes(value)
    data = data[: position % (len(data) + 1)] + extra + data[position % (len(data) + 1) :]
    with pytest.MonkeyPatch.context() as patch:
        expected = read(data)
        patch.setattr(canonical_json, "WITH_LIBRARY", False)
        assert read(data) == expected
