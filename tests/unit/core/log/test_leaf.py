"""Leaves: canonical, complete, and silent about people."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.errors import EnvelopeError, OperationalError
from narrowgate.core.log.leaf import (
    ItemLeaves,
    PackageDecided,
    PackageReceived,
    PackageRefused,
    Salts,
    build_leaf,
    parse_leaf,
)

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
DIGEST = bytes(range(32))
RECEIVED = PackageReceived(
    "pkg-1", DIGEST, DIGEST, DIGEST, DIGEST, 2_000, DIGEST, "office-1", DIGEST, NOON, NOON
)
REFUSED = PackageRefused("pkg-1", bytes(32), "an-office", b"", ("R-20", "R-26"), NOON)
DECIDED = PackageDecided("pkg-1", 1_999, 1, {"R-64": 1}, DIGEST, "2026-01-a", "2025-12-31", DIGEST, NOON)


@pytest.mark.parametrize("built", [RECEIVED, REFUSED, DECIDED])
def test_a_leaf_reads_back_and_is_canonical(built: PackageReceived | PackageRefused | PackageDecided) -> None:
    data = built.leaf()
    assert canonical_bytes(parse_leaf(data, "leaf 0")) == data


@pytest.mark.parametrize("findings", [(), ("R-64",), ("R-12", "R-65/a")])
def test_an_item_leaf_is_exactly_its_canonical_json(findings: tuple[str, ...]) -> None:
    data = ItemLeaves("pkg-1", "1", "2026.1").leaf(7, findings, DIGEST, DIGEST[::-1], sha256(b"").digest())
    fields = parse_leaf(data, "leaf 7")
    assert fields == {
        "type": "item-decided",
        "package": "pkg-1",
        "row": 7,
        "class": "refused" if findings else "answered",
        "findings": list(findings),
        "row_commitment": DIGEST.hex(),
        "address_commitment": DIGEST[::-1].hex(),
        "outcome_commitment": sha256(b"").hexdigest(),
        "canonical_form": "1",
        "rule_set": "2026.1",
    }
    assert data == canonical_bytes(fields)


def test_confirmed_and_not_confirmed_leave_leaves_of_the_same_length_and_class() -> None:
    salts, leaves = Salts(bytes(32)), ItemLeaves("pkg-1", "1", "1")
    built = [
        leaves.leaf(0, (), DIGEST, DIGEST, salts.commit("outcome", 0, outcome))
        for outcome in (b"CONFIRMED", b"NOT_CONFIRMED")
    ]
    assert len(built[0]) == len(built[1])
    shown = [{k: v for k, v in parse_leaf(leaf, "").items() if k != "outcome_commitment"} for leaf in built]
    assert shown[0] == shown[1]


def test_no_leaf_counts_confirmations() -> None:
    assert b"onfirm" not in DECIDED.leaf() + RECEIVED.leaf()


def test_salts_are_truncated_hmacs_of_label_and_ordinal() -> None:
    for key in (bytes(range(32)), bytes(range(100))):
        expected = hmac.digest(key, b"row" + (5).to_bytes(8, "big"), "sha256")[:16]
        assert Salts(key).salt("row", 5) == expected
        assert Salts(key).commit("row", 5, b"value") == sha256(expected + b"value").digest()


def test_commitments_to_many_values_are_those_to_each() -> None:
    salts, values = Salts(b"k" * 32), [b"", b"one", b"two"]
    assert salts.commit_all("row", 254, values) == [
        salts.commit("row", 254 + at, value) for at, value in enumerate(values)
    ]


def test_leaves_of_many_items_are_those_of_each() -> None:
    leaves = ItemLeaves("pkg-1", "1", "1")
    findings, commitments, outcomes = (
        [(), ("R-24",), ()],
        [DIGEST + bytes(32)] * 3,
        [DIGEST, bytes(32), DIGEST],
    )
    assert leaves.leaves(range(8, 11), findings, b"".join(commitments), outcomes) == [
        leaves.leaf(row, found, each[:32], each[32:], outcome)
        for row, found, each, outcome in zip(range(8, 11), findings, commitments, outcomes, strict=True)
    ]


def test_salts_differ_by_label_row_and_package() -> None:
    salts = {
        Salts(key).salt(label, row)
        for key in (bytes(32), b"\1" * 32)
        for label in ("row", "address", "outcome", "index")
        for row in range(10)
    }
    assert len(salts) == 2 * 4 * 10


def test_a_short_salt_key_is_refused() -> None:
    with pytest.raises(OperationalError):
        Salts(bytes(31))


@pytest.mark.parametrize("word", ["", "two words", 'a"b', "a\\b", "ü", "x" * 201, "a\n"])
def test_only_plain_words_enter_a_leaf(word: str) -> None:
    with pytest.raises(EnvelopeError):
        ItemLeaves(word, "1", "1")
    with pytest.raises(EnvelopeError):
        ItemLeaves("pkg-1", "1", "1").leaf(0, (word,), DIGEST, DIGEST, DIGEST)
    with pytest.raises(EnvelopeError):
        PackageRefused("pkg-1", bytes(32), "an-office", b"", (word,), NOON).leaf()


@pytest.mark.parametrize(
    "change",
    [
        {"type": "other"},
        {"type": []},
        {"name": "x"},
        {"answered": -1},
        {"answered": True},
        {"answered": "1"},
        {"refusals_by_rule": []},
        {"refusals_by_rule": {"R-64": -1}},
        {"answers_sha256": "00"},
        {"index_data_as_of": "2025-12-31T00:00:00Z"},
        {"time": "2025-12-31 00:00:00"},
    ],
)
def test_a_field_of_another_form_is_refused(change: dict[str, object]) -> None:
    fields = parse_leaf(DECIDED.leaf(), "") | change
    with pytest.raises(EnvelopeError):
        build_leaf(fields)
    with pytest.raises(EnvelopeError):
        parse_leaf(canonical_bytes(fields), "leaf 3")


def test_a_leaf_with_a_missing_field_or_without_an_object_is_refused() -> None:
    with pytest.raises(EnvelopeError):
        parse_leaf(canonical_bytes({"type": "package-refused"}), "")
    with pytest.raises(EnvelopeError):
        parse_leaf(b"[]", "")
    with pytest.raises(EnvelopeError):
        parse_leaf(canonical_bytes({**parse_leaf(REFUSED.leaf(), ""), "rules": "R-20"}), "")


def test_a_leaf_beyond_the_limit_of_the_format_is_refused() -> None:
    with pytest.raises(EnvelopeError):
        PackageRefused("pkg-1", bytes(32), "an-office", b"", ("R-20",) * 20_000, NOON).leaf()
