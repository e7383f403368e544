"""What an index tells of guards: in the order they were asked for, and of no other token than those."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.core.matching.token import Token
from narrowgate.index.build import write_manifest
from narrowgate.index.columns import token_batch
from narrowgate.index.files import write_sorted
from narrowgate.index.manifest import IndexFile
from support.index_worlds import KEY, MAPPING, Row, settings, write_rows

FIRST, SECOND, ABSENT = b"\x11" * 16, b"\x22" * 16, b"\x33" * 16
FIRST_HALF_ONLY = FIRST[:8] + SECOND[8:]


def index_of(home: Path, layers: list[dict[Token, int]]) -> DuckDBIndex:
    """An index of these guards, in as many layers."""
    source = write_rows(home / "r.csv", [Row("212345671", "MARIA", "LOPEZ", "1980-01-02", "538 ORCHID ST")])
    manifest = build_index(source, MAPPING, home / "small", KEY, settings(home)).manifest
    (home / "index").mkdir()
    files: list[IndexFile] = []
    for number, layer in enumerate(layers):
        rows = token_batch(token=sorted(layer)).append_column(
            "sealed", pa.array([layer[token] for token in sorted(layer)], pa.int64())
        )
        files += write_sorted([rows], home / "index", "guards", f"{number:04d}-", 0)
    described = replace(manifest, files=tuple(files), layers=manifest.layers * len(layers))
    write_manifest(described, home / "index", None)
    return DuckDBIndex.open(home / "index", KEY.key_id, spill=home / "spill")


def facts_of(index: DuckDBIndex, asked: list[Token]) -> list[tuple[int, int, int]]:
    (facts,) = index.guards([b"".join(asked)])
    return list(zip(facts.found, facts.first, facts.last, strict=True))


def test_a_guard_that_shares_its_first_half_with_a_stored_one_is_not_held(tmp_path: Path) -> None:
    index = index_of(tmp_path, [{FIRST: 7, SECOND: -9}])
    asked = [SECOND, FIRST_HALF_ONLY, ABSENT, FIRST]
    assert facts_of(index, asked) == [(1, -9, -9), (0, 0, 0), (0, 0, 0), (1, 7, 7)]


def test_of_two_guards_that_share_their_first_half_each_is_told_its_own_value(tmp_path: Path) -> None:
    index = index_of(tmp_path, [{FIRST: 7, FIRST_HALF_ONLY: 8}])
    assert facts_of(index, [FIRST_HALF_ONLY, ABSENT, FIRST]) == [(1, 8, 8), (0, 0, 0), (1, 7, 7)]


def test_where_layers_disagree_the_lowest_and_the_highest_value_are_told(tmp_path: Path) -> None:
    index = index_of(tmp_path, [{FIRST: 7, SECOND: 0}, {FIRST: -3}])
    assert facts_of(index, [SECOND, FIRST, ABSENT]) == [(1, 0, 0), (1, -3, 7), (0, 0, 0)]
