"""Case files are read as they are, or the message names file and line and repeats nothing."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.files.case_file import MAX_LINE_BYTES, read_case_file
from narrowgate.core.base.errors import NarrowgateError, NothingToProcessError, OperationalError, RefusedError
from narrowgate.core.request.item import ITEM_COLUMNS, Item
from support.requests import eligible_item

HEADER = ",".join(ITEM_COLUMNS).encode() + b"\n"


def line_of(item: Item) -> bytes:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in item).encode() + b"\n"


FIRST = eligible_item(item="1", given_names='Ana "Nita"', surnames="Muñoz, Ruiz")
SECOND = eligible_item(item="2", zip="01001", birth_date="")


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_csv_is_read_with_quotes_accents_and_leading_zeros(
    tmp_path: Path, mark: bytes, ending: bytes
) -> None:
    data = mark + (HEADER + line_of(FIRST) + line_of(SECOND)).replace(b"\n", ending)
    assert list(read_case_file(written(tmp_path / "cases.csv", data))) == [(2, FIRST), (3, SECOND)]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_parquet_is_read_as_the_same_items_and_null_is_absent(tmp_path: Path, kind: pa.DataType) -> None:
    columns = {
        name: pa.array([getattr(item, name) or None for item in (FIRST, SECOND)], pa.string()).cast(kind)
        for name in ITEM_COLUMNS
    }
    pq.write_table(pa.table(columns), tmp_path / "cases.data")
    assert list(read_case_file(tmp_path / "cases.data")) == [(2, FIRST), (3, SECOND)]


def refusal(path: Path) -> NarrowgateError:
    with pytest.raises(NarrowgateError) as caught:
        list(read_case_file(path))
    return caught.value


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (HEADER + line_of(SECOND) + line_of(FIRST).decode().encode("latin-1"), 3, "not UTF-8 text"),
        ((HEADER + line_of(FIRST)).decode().encode("utf-16"), 1, "not UTF-8 text but UTF-16"),
        (HEADER + b"x" * (MAX_LINE_BYTES + 1), 2, "longer than 65536 bytes"),
        (HEADER + line_of(FIRST) + b'"2,' + line_of(SECOND), 3, "quotes do not match"),
        (HEADER + line_of(FIRST) + b'"2,Maria\n', 3, "quotes do not match"),
        (HEADER + line_of(FIRST)[:-40] + b'"\n', 2, "cells, not 25"),
        (HEADER + line_of(FIRST) * 2, 3, "item id of line 2"),
        (HEADER + line_of(eligible_item(reason="a\x00b")), 2, "in the cell of the column reason"),
    ],
)
def test_text_that_is_no_case_file_is_refused_with_its_line(
    tmp_path: Path, data: bytes, line: int, words: str
) -> None:
    error = refusal(written(tmp_path / "cases.csv", data))
    assert isinstance(error, RefusedError)
    assert words in error.what
    assert (error.rule, error.where) == ("R-10", f"{tmp_path / 'cases.csv'}:{line}")
    assert "Mu" not in str(error).replace(str(tmp_path), "")


def test_a_parquet_column_that_is_no_text_is_refused(tmp_path: Path) -> None:
    columns = {name: ["1"] for name in ITEM_COLUMNS} | {"zip": [1001]}
    pq.write_table(pa.table(columns), tmp_path / "cases.parquet")
    assert "not text" in refusal(tmp_path / "cases.parquet").what


def test_a_parquet_file_that_was_cut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    pq.write_table(pa.table({name: ["1"] for name in ITEM_COLUMNS}), path)
    assert "truncated or damaged" in refusal(written(path, path.read_bytes()[:-9])).what


def test_a_parquet_file_whose_pages_are_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    pq.write_table(pa.table({name: [f"{name} {n}" for n in range(500)] for name in ITEM_COLUMNS}), path)
    data = path.read_bytes()
    assert "truncated or damaged" in refusal(written(path, data[:4] + b"\xff" * 2_000 + data[2_004:])).what


@pytest.mark.parametrize("data", [b"", HEADER])
def test_an_empty_case_file_is_nothing_to_process(tmp_path: Path, data: bytes) -> None:
    assert isinstance(refusal(written(tmp_path / "cases.csv", data)), NothingToProcessError)


def test_a_file_that_is_not_there_is_an_operational_error(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path / "none.csv"), OperationalError)
