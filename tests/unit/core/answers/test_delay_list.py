"""A list of delayed accounts has one text, and its digest says nothing of what is on it."""

from __future__ import annotations

import json
from datetime import date

import pytest

from narrowgate.core.answers.delay_list import (
    DelayedItem,
    DelayList,
    delay_list_bytes,
    delay_list_sha256,
    parse_delay_list,
)
from narrowgate.core.base.errors import EnvelopeError

ITEMS = (
    DelayedItem("p-20260101-aaaaaa", 1, date(2026, 2, 1)),
    DelayedItem("p-20260101-aaaaaa", 10, date(2026, 3, 1)),
    DelayedItem("p-20260101-bbbbbb", 0, date(2026, 2, 1)),
)


def test_a_list_is_read_back_and_its_salt_changes_its_digest() -> None:
    first, second = (DelayList(bytes([salt] * 32), ITEMS) for salt in (1, 2))
    assert parse_delay_list(delay_list_bytes(first), "a list") == first
    assert delay_list_sha256(delay_list_bytes(first)) != delay_list_sha256(delay_list_bytes(second))


def test_an_item_is_delayed_up_to_and_including_its_day() -> None:
    delays = DelayList(bytes(32), ITEMS)
    assert delays.delays("p-20260101-aaaaaa", 1, date(2026, 2, 1))
    assert not delays.delays("p-20260101-aaaaaa", 1, date(2026, 2, 2))
    assert not delays.delays("p-20260101-aaaaaa", 0, date(2026, 1, 1))


@pytest.mark.parametrize(
    "change",
    [
        {"salt": "00"},
        {"schema": "narrowgate/delay-list/v2"},
        {"items": [{"package": "p-20260101-aaaaaa", "row": 1, "until": "2026-02-31"}]},
        {"items": [{"package": "p-20260101-aaaaaa", "row": -1, "until": "2026-02-01"}]},
        {"items": [{"package": "p-20260101-aaaaaa", "row": 1, "until": "2026-02-01", "name": "x"}]},
        {"items": [{"package": "p-20260101-aaaaaa", "row": 1, "until": "2026-02-01"}] * 2},
        {"more": 1},
    ],
)
def test_what_is_no_list_is_refused(change: dict[str, object]) -> None:
    value = json.loads(delay_list_bytes(DelayList(bytes(32), ITEMS))) | change
    data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(EnvelopeError):
        parse_delay_list(data, "a list")
