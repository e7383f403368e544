"""Data files: any number of parts and row groups holds the same rows, in order."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.adapters.engines.duckdb import scatter
from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.index import files
from narrowgate.index.columns import integers, joined, split
from narrowgate.index.integrity import verify_index
from support.index_worlds import KEY, MAPPING, Row, ask, is_held, settings, write_rows

PEOPLE = [
    Row(f"2123456{number}", "MARIA", "GARCIA", "1980-01-02", f"{number} HOWELL AVE APT {number}")
    for number in range(10, 60)
]


@given(st.lists(st.binary(min_size=16, max_size=16)))
def test_tokens_and_their_columns_are_one_to_one(tokens: list[bytes]) -> None:
    high, low = split(tokens)
    assert joined(pa.chunked_array([high]), pa.chunked_array([low])) == tokens
    assert high.to_pylist() == [int.from_bytes(token[:8], signed=True) for token in tokens]


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_masks_keep_their_bits_as_signed_integers(masks: list[int]) -> None:
    assert [value % 2**64 for value in integers(masks).to_pylist() if value is not None] == masks


def test_an_index_in_many_parts_files_and_row_groups_answers_like_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_rows(tmp_path / "r.csv", PEOPLE)
    build_index(source, MAPPING, tmp_path / "one", KEY, settings(tmp_path))
    monkeypatch.setattr(files, "FILE_ROWS", 16)
    monkeypatch.setattr(files, "ROW_GROUP_ROWS", 3)
    monkeypatch.setattr(scatter, "_PART_ROWS", 40)
    build_index(source, MAPPING, tmp_path / "many", KEY, settings(tmp_path))
    one, many = (verify_index(tmp_path / name, None) for name in ("one", "many"))
    assert (len(one.files_of("tokens")), len(many.files_of("tokens")) > 4) == (1, True)
    for kind in ("tokens", "guards"):
        tables = [
            pa.concat_tables(pq.read_table(tmp_path / name / file.path) for file in manifest.files_of(kind))
            for name, manifest in (("one", one), ("many", many))
        ]
        assert tables[0].equals(tables[1])
    index = DuckDBIndex.open(tmp_path / "many", KEY.key_id, spill=tmp_path / "spill")
    assert all(is_held(index, question) for question in map(ask, PEOPLE[::7]))
