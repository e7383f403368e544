"""Leaves are told apart as the parser would, only faster."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.log.leaf import ITEM_DECIDED, ItemLeaves, parse_leaf
from narrowgate.verify.item_runs import ItemRun, OtherLeaf, UnreadLeaf, summed_up, told_apart
from support.inspected_log import InspectedLog


def log() -> list[bytes]:
    written = InspectedLog.in_force()
    written.receive("p-one-0001", 9)
    written.items("p-one-0001", range(5))
    written.items("p-two-0002", range(3))
    written.items("p-one-0001", range(5, 9))
    return written.leaves


def test_runs_end_where_the_package_changes_and_hold_every_item_once() -> None:
    leaves = log()
    parts = told_apart(100, leaves)
    runs = [part for part in parts if isinstance(part, ItemRun)]
    assert [(run.package, run.first_row, run.rows, run.refused) for run in runs] == [
        ("p-one-0001", 0, 5, 1),
        ("p-two-0002", 0, 3, 0),
        ("p-one-0001", 5, 4, 1),
    ]
    assert [run.last_leaf for run in runs] == [110, 113, 117]
    assert sum(run.rows for run in runs) + sum(isinstance(part, OtherLeaf) for part in parts) == len(leaves)
    parsed = [parse_leaf(leaf, "") for leaf in leaves]
    found = Counter(
        rule for fields in parsed if fields["type"] == ITEM_DECIDED for rule in fields["findings"]
    )
    assert found == sum((Counter(run.findings) for run in runs), Counter())
    assert [part.fields for part in parts if isinstance(part, OtherLeaf)] == [
        fields for fields in parsed if fields["type"] != ITEM_DECIDED
    ]


def test_a_row_that_does_not_follow_begins_a_run_of_its_own() -> None:
    form = ItemLeaves("p-one-0001", "1", "1")
    leaves = [form.leaf(row, (), bytes(32), bytes(32), bytes(32)) for row in (0, 1, 3, 3)]
    assert [part.rows for part in told_apart(0, leaves) if isinstance(part, ItemRun)] == [2, 1, 1]


def test_several_findings_of_an_item_count_under_each_rule() -> None:
    form = ItemLeaves("p-one-0001", "1", "1")
    leaves = [form.leaf(0, ("R-11", "R-62d"), bytes(32), bytes(32), bytes(32))]
    (run,) = told_apart(0, leaves)
    assert isinstance(run, ItemRun)
    assert (run.refused, run.findings) == (1, {"R-11": 1, "R-62d": 1})


@pytest.mark.parametrize(
    "change",
    [
        (b'"row":0', b'"row":-1'),
        (b'"row":0', b'"row":00'),
        (b'"class":"answered"', b'"class":"refused"'),
        (b'"findings":[]', b'"findings":["R-64"]'),
        (b'"rule_set"', b'"rule_set":"1","rule_set"'),
        (b'"}', b'"} '),
    ],
)
def test_what_is_no_leaf_is_refused(change: tuple[bytes, bytes]) -> None:
    leaf = ItemLeaves("p-one-0001", "1", "1").leaf(0, (), bytes(32), bytes(32), bytes(32))
    with pytest.raises(LogInconsistentError):
        told_apart(7, [leaf.replace(*change)])


_words = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,5}", fullmatch=True)


@given(_words, _words, _words, st.integers(0, 2**53 - 1), st.lists(_words, max_size=3))
def test_an_item_of_any_words_is_read_as_the_parser_reads_it(
    package: str, form: str, rules: str, row: int, findings: list[str]
) -> None:
    data = ItemLeaves(package, form, rules).leaf(row, tuple(findings), bytes(32), bytes(32), bytes(32))
    (found,) = summed_up(7, [data])
    if row >= 10**15:
        assert found == UnreadLeaf(7, data)
        return
    lines = f"{row} {' '.join(findings)}\n".encode() if findings else b""
    refused = int(bool(findings))
    assert found == ItemRun(7, package, row, form, rules, 1, refused, Counter(findings), lines)


@given(st.integers(0, 1000), st.binary(max_size=3), st.integers(0, 3))
def test_what_is_summed_up_is_accepted_by_the_parser(position: int, put: bytes, cut: int) -> None:
    data = ItemLeaves("p-one-0001", "1", "1").leaf(0, ("R-64",), bytes(32), bytes(32), bytes(32))
    at = position % len(data)
    changed = data[:at] + put + data[at + cut :]
    (found,) = summed_up(0, [changed])
    if isinstance(found, ItemRun):
        fields = parse_leaf(changed, "")
        assert (fields["class"] == "refused") == bool(fields["findings"])
    else:
        assert found == UnreadLeaf(0, changed)
