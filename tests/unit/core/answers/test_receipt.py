from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.answers.receipt import (
    Receipt,
    RefusalLine,
    parse_receipt,
    parse_refusal_line,
    receipt_bytes,
    refusal_line_bytes,
)
from narrowgate.core.base.canonical_json import canonical_bytes, parse_canonical
from narrowgate.core.base.errors import EnvelopeError

RECEIVED = datetime(2026, 3, 2, 6, tzinfo=UTC)
RECEIPT = Receipt(
    package_id="package-0001",
    manifest_sha256="11" * 32,
    agreement_sha256="22" * 32,
    received=RECEIVED,
    decided=RECEIVED + timedelta(minutes=4),
    slot=RECEIVED + timedelta(hours=6),
    log_origin="narrowgate.example/log",
    received_leaf=1000,
    first_item_leaf=1001,
    decided_leaf=1009,
    items=8,
    refused=3,
    refused_by_rule={"R-12": 2, "R-62a": 1, "R-64": 1},
)


def changed(**fields: Any) -> bytes:
    return canonical_bytes(parse_canonical(receipt_bytes(RECEIPT), "receipt.json") | fields)


def test_a_receipt_comes_back_as_it_was() -> None:
    assert parse_receipt(receipt_bytes(RECEIPT), "receipt.json") == RECEIPT


def test_a_receipt_says_how_many_items_were_admitted() -> None:
    assert parse_canonical(receipt_bytes(RECEIPT), "receipt.json")["admitted"] == 5


def test_a_package_without_refusals_has_a_receipt() -> None:
    clean = replace(RECEIPT, refused=0, refused_by_rule={})
    assert parse_receipt(receipt_bytes(clean), "receipt.json").admitted == 8


def test_a_receipt_has_no_field_that_a_tax_record_could_change() -> None:
    """A new field must be put here by hand, and thought about."""
    assert {field.name for field in fields_of(Receipt)} == {
        "package_id",
        "manifest_sha256",
        "agreement_sha256",
        "received",
        "decided",
        "slot",
        "log_origin",
        "received_leaf",
        "first_item_leaf",
        "decided_leaf",
        "items",
        "refused",
        "refused_by_rule",
    }


@pytest.mark.parametrize("key", sorted(parse_canonical(receipt_bytes(RECEIPT), "receipt.json")))
def test_a_receipt_with_a_key_missing_or_of_another_kind_is_refused(key: str) -> None:
    fields = parse_canonical(receipt_bytes(RECEIPT), "receipt.json")
    without = canonical_bytes({name: value for name, value in fields.items() if name != key})
    for data in (without, changed(**{key: None}), changed(**{key: True}), changed(**{key: {"R-12": -1}})):
        with pytest.raises(EnvelopeError):
            parse_receipt(data, "receipt.json")


@pytest.mark.parametrize(
    "fields",
    [
        {"confirmed": 3},
        {"admitted": 4},
        {"items": 9},
        {"items": 0, "admitted": 0, "refused": 0, "refused_by_rule": {}},
        {"refused": 9, "admitted": -1},
        {"refused_by_rule": {"R-12": 2}},
        {"refused_by_rule": {"R-12": 4}},
        {"refused_by_rule": {"R-12": 3, "R-64": 0}},
        {"refused_by_rule": {"": 3}},
        {"refused_by_rule": {"R-12": "3"}},
        {"decided": "2026-03-02T05:59:59Z"},
    ],
)
def test_a_receipt_whose_counts_or_times_contradict_each_other_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError, match=r"receipt\.json: The document cannot be used"):
        parse_receipt(changed(**fields), "receipt.json")


def test_nothing_is_written_that_the_reader_would_refuse() -> None:
    with pytest.raises(EnvelopeError, match="refused_by_rule"):
        receipt_bytes(replace(RECEIPT, refused=2, refused_by_rule={"R-12": 1}))


rule_ids = st.from_regex(r"R-[0-9]{2}[a-z]?", fullmatch=True)


@given(
    ordinal=st.integers(0, 2**53 - 1),
    item=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:#/-]{0,63}", fullmatch=True) | st.just("row 7"),
    findings=st.lists(rule_ids, min_size=1, unique=True),
)
def test_a_refusal_comes_back_as_it_was_on_a_line_of_its_own(
    ordinal: int, item: str, findings: list[str]
) -> None:
    line = RefusalLine(ordinal, item, tuple(findings))
    data = refusal_line_bytes(line)
    assert data.index(b"\n") == len(data) - 1
    assert parse_refusal_line(data[:-1], "refusals.ndjson:1") == line


@pytest.mark.parametrize(
    "fields",
    [
        {"findings": []},
        {"findings": ["R-12", "R-12"]},
        {"findings": "R-12"},
        {"findings": [12]},
        {"item": "two\nlines"},
        {"item": "row 0"},
        {"item": ""},
        {"ordinal": "0"},
        {"outcome": "NOT_CONFIRMED"},
    ],
)
def test_a_refusal_of_another_form_is_refused(fields: dict[str, Any]) -> None:
    good = {"ordinal": 0, "item": "A-1", "findings": ["R-12"]}
    with pytest.raises(EnvelopeError, match=r"refusals\.ndjson:7"):
        parse_refusal_line(canonical_bytes(good | fields), "refusals.ndjson:7")


def test_a_refusal_that_is_no_object_is_refused() -> None:
    with pytest.raises(EnvelopeError, match="not a JSON object"):
        parse_refusal_line(b"[]", "refusals.ndjson:7")


def test_the_reference_shows_a_refusal_as_it_is() -> None:
    page = (Path(__file__).parents[4] / "docs" / "reference" / "protocol" / "receipt.md").read_bytes()
    shown = page.partition(b"```\n")[2].partition(b"\n```")[0]
    assert parse_refusal_line(shown, "receipt.md") == RefusalLine(6, "A-0007", ("R-12", "R-62a"))
