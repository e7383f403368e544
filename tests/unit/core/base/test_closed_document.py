import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import WORD, Fields, read_document
from narrowgate.core.base.errors import EnvelopeError


def test_every_kind_of_field_is_read_once_and_nothing_is_left() -> None:
    parts = [{"name": "first"}, {"name": "second"}]
    data = {
        "at": "2026-03-02T06:00:00Z",
        "by": {"R-12": 2},
        "ids": ["a", "b"],
        "n": 0,
        "parts": parts,
        "v": "1",
    }
    fields = read_document(canonical_bytes(data), "file.json")
    assert fields.time("at") == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert fields.counts("by", WORD) == {"R-12": 2}
    assert fields.texts("ids", WORD) == ("a", "b")
    assert fields.count("n") == 0
    assert fields.constant("v", "1") == "1"
    assert [part.text("name", WORD) for part in fields.objects("parts")] == ["first", "second"]
    fields.close()
    with pytest.raises(EnvelopeError, match="n is missing"):
        fields.count("n")


def test_an_error_names_the_place_and_the_key_and_never_the_value() -> None:
    (inner,) = read_document(b'{"parts":[{"name":"Some Body"}]}', "file.json").objects("parts")
    with pytest.raises(EnvelopeError) as caught:
        inner.text("name", re.compile("[a-z]+"))
    assert str(caught.value).startswith("file.json: The document cannot be used: parts[0].name does not")
    assert "Body" not in str(caught.value)


def test_a_text_must_fit_its_form_from_end_to_end() -> None:
    for value in ("word\n", " word", "two words", ""):
        with pytest.raises(EnvelopeError, match="name does not have the form"):
            Fields({"name": value}, "file.json").text("name", WORD)


@pytest.mark.parametrize("value", [-1, 2**53, 1.0, True, "1", None])
def test_a_count_is_a_whole_number_that_every_parser_reads_alike(value: object) -> None:
    with pytest.raises(EnvelopeError, match="n is not a count"):
        Fields({"n": value}, "file.json").count("n")


@given(keys=st.sets(st.sampled_from("abcdef"), min_size=1))
def test_a_key_that_nobody_takes_is_refused(keys: set[str]) -> None:
    fields = Fields(dict.fromkeys(keys, 1), "file.json")
    with pytest.raises(EnvelopeError, match=rf"it has {len(keys)} unknown key\(s\)"):
        fields.close()


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'"text"', b'{"a":1,"a":2}', b'{"b":1,"a":2}', b'{"a": 1}']
)
def test_what_is_not_the_canonical_form_of_an_object_is_refused(data: bytes) -> None:
    with pytest.raises(EnvelopeError, match=r"file\.json"):
        read_document(data, "file.json")
