"""Attack: records whose file says of them what they are not."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from support.command_line import CommandLine
from support.sandbox_files import base_files_with_key

BUILD = "index build records.parquet one --mapping mapping.toml --key file:index.key --as-of 2026-01-31 --workers 1"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the base files and a key."""
    base_files_with_key(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("passes", ["1", "3"])
@pytest.mark.parametrize("column", ["STREET", "ZIP"])
def test_a_row_of_parquet_whose_text_is_none_is_quarantined_and_the_others_are_loaded(
    home: Path, narrowgate: CommandLine, column: str, passes: str
) -> None:
    read = pa.csv.ConvertOptions(column_types={name: pa.string() for name in columns_of(home)})
    records = pa.csv.read_csv(home / "records.csv", convert_options=read)
    cells = [cell.encode() for cell in records[column].to_pylist()]
    cells[1] = b"\xff\xfe CANARY"
    told_as_text = pa.Array.from_buffers(pa.string(), len(cells), pa.array(cells, pa.binary()).buffers())
    position = records.column_names.index(column)
    pq.write_table(records.set_column(position, column, told_as_text), home / "records.parquet")
    result = narrowgate(*BUILD.split(), "--passes", passes)
    assert result.code == 0, result.err
    counts = json.loads(result.out)["counts"]
    assert counts["rows_read"] == counts["rows_loaded"] + 1 == records.num_rows
    assert (home / "one.quarantine.csv").read_text().splitlines()[1:] == ["2,,,row_field_bytes"]
    described = narrowgate("index", "describe", "records.parquet")
    assert (described.code, "not what its column says" in described.err) == (4, True)
    assert "CANARY" not in result.err + described.err + described.out


def columns_of(home: Path) -> list[str]:
    """The heading of the base records."""
    return (home / "records.csv").read_text().splitlines()[0].split(",")
