"""The development pairs: precision without exception, recall by class."""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache

import pytest

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import Defect, RawAddress
from support.labelled_data import LABELLED

pytestmark = pytest.mark.skipif(
    not LABELLED.exists(), reason="the labelled data is not here (NARROWGATE_DATA)"
)

NEVER_SHARED = {"A-unit-missing", "A-directional-missing"}
NEEDS_A_RELAXATION = {"P-human-cluster", "P-typo1-name", "P-ocr-name"}
INSUFFICIENT = {
    Defect.LOCALITY_MISSING,
    Defect.ZIP_STATE_CONFLICT,
    Defect.UNIT_MISSING,
    Defect.NUMBER_MISSING,
}


@cache
def pairs() -> tuple[dict[str, str], ...]:
    with (LABELLED / "address_pairs.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def side(row: dict[str, str], which: str) -> RawAddress:
    return RawAddress(
        *(row[f"{which}_{name}"] if name else "" for name in ("line1", "", "city", "state", "zip"))
    )


def keys_of(raw: RawAddress) -> set[str]:
    point = examine_address(raw).delivery_point
    return set(keys(point)) if point else set()


def share(row: dict[str, str]) -> bool:
    return bool(keys_of(side(row, "a")) & keys_of(side(row, "b")))


def test_no_different_or_incomplete_pair_shares_a_key() -> None:
    wrong = [row for row in pairs() if (row["label"] == "0" or row["cls"] in NEVER_SHARED) and share(row)]
    assert not wrong


def test_format_variants_share_a_key_in_at_least_99_of_100_pairs_of_each_class() -> None:
    """Pairs that both lack a place, a number or a unit, or whose ZIP Code is another state's, are no addresses."""
    total: Counter[str] = Counter()
    shared: Counter[str] = Counter()
    for row in pairs():
        insufficient = [INSUFFICIENT & set(examine_address(side(row, which)).defects) for which in "ab"]
        if row["label"] == "1" and row["cls"] not in NEEDS_A_RELAXATION and not all(insufficient):
            total[row["cls"]] += 1
            shared[row["cls"]] += share(row)
    missed = {name: (shared[name], total[name]) for name in total if shared[name] < 0.98 * total[name]}
    assert not missed
    assert sum(shared.values()) >= 0.99 * sum(total.values())


def test_at_most_2_of_1000_addresses_with_a_place_are_not_understood() -> None:
    sides = [side(row, which) for row in pairs() if row["cls"] != "N-zip-only" for which in "ab"]
    placed = [raw for raw in sides if raw.zip or (raw.city and raw.state)]
    refused = [raw for raw in placed if Defect.NOT_UNDERSTOOD in examine_address(raw).defects]
    assert len(refused) <= 0.002 * len(placed)


def test_texts_that_name_no_place_are_refused_and_publication_28_forms_are_not() -> None:
    with (LABELLED / "not_an_address.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = [
        row
        for row in rows
        if (examine_address(RawAddress(row["text"])).delivery_point is None) != (row["cls"] != "valid")
    ]
    assert not wrong
