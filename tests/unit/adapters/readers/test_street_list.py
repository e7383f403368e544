"""A street reference gives ZIP Code, name and suffix of every row as text, and loses no digit."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.readers.street_list import read_street_list
from narrowgate.core.base.errors import ConfigurationError, OperationalError

ROWS = [("02128", "HOWELL", "AVE"), ("45220", "N Main St", "")]


def test_a_csv_gives_its_rows_whatever_other_columns_it_has(tmp_path: Path) -> None:
    path = tmp_path / "streets.csv"
    path.write_text("\ufeffid,zip,street_name,suffix\n1,02128,HOWELL,AVE\n2,45220,N Main St,\n")
    assert list(read_street_list(path)) == ROWS


def test_a_list_without_suffixes_gives_blank_ones(tmp_path: Path) -> None:
    path = tmp_path / "streets.csv"
    path.write_text("zip,street_name\n02128,HOWELL AVE\n")
    assert list(read_street_list(path)) == [("02128", "HOWELL AVE", "")]


@pytest.mark.parametrize("columns", [("zip", "street_name", "suffix"), ("zip", "street_name")])
def test_parquet_gives_the_same(tmp_path: Path, columns: tuple[str, ...]) -> None:
    path = tmp_path / "streets.parquet"
    cells = dict(zip(("zip", "street_name", "suffix"), zip(*ROWS, strict=True), strict=True))
    pq.write_table(pa.table({name: pa.array(cells[name]) for name in columns}), path)
    expected = ROWS if "suffix" in columns else [(zip5, name, "") for zip5, name, _ in ROWS]
    assert list(read_street_list(path)) == expected


def test_a_number_for_a_zip_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "streets.parquet"
    pq.write_table(pa.table({"zip": pa.array([2128]), "street_name": pa.array(["HOWELL AVE"])}), path)
    with pytest.raises(ConfigurationError, match="'zip' of the street reference is not text"):
        list(read_street_list(path))


@pytest.mark.parametrize("header", ["zip,name", "zip,street_name,zip", "street_name", ""])
def test_a_list_without_its_columns_is_refused(tmp_path: Path, header: str) -> None:
    path = tmp_path / "streets.csv"
    path.write_text(f"{header}\n1,2,3\n" if header else "")
    with pytest.raises(ConfigurationError, match="street reference has no column"):
        list(read_street_list(path))


@pytest.mark.parametrize("name", ["streets.csv", "streets.parquet"])
def test_what_is_no_text_and_no_parquet_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"zip,street_name\n\xff\xfe,\xff\n")
    with pytest.raises(OperationalError, match="cannot be read"):
        list(read_street_list(tmp_path / name))
