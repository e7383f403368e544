"""A build can say how long it will take because a source says about how many rows it has."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.readers.expect import rows_expected
from narrowgate.core.base.errors import ConfigurationError, OperationalError
from narrowgate.core.taxfile.mapping import Mapping, parse_mapping


def mapping(source: str, fields: str = "") -> Mapping:
    roles = '[columns]\ntin = "a"\nfull_name = "a"\naddress_line_1 = "a"\ntax_year = "a"\n'
    return parse_mapping(f"[source]\n{source}\n{roles}{fields}", "m.toml")


FIELD = '[[field]]\nname = "a"\nstart = 1\nlength = 9\n'


def test_parquet_and_ebcdic_say_it_exactly(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["x"] * 37}), tmp_path / "r.parquet")
    (tmp_path / "r.ebc").write_bytes(b"\x40" * 80 * 41)
    ebcdic = mapping('format = "ebcdic"\nrecord_length = 80', FIELD)
    assert rows_expected(tmp_path / "r.parquet", mapping("")) == 37
    assert rows_expected(tmp_path / "r.ebc", ebcdic) == 41


def test_lines_are_counted_in_the_first_megabyte_and_the_rest_is_taken_to_be_alike(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes(b"twenty bytes a line\n" * 200_000)
    assert rows_expected(tmp_path / "r.csv", mapping("")) == pytest.approx(200_000, rel=0.001)
    fixed = mapping('format = "fixed_width"', FIELD)
    assert rows_expected(tmp_path / "r.csv", fixed) == pytest.approx(200_000, rel=0.001)


@pytest.mark.parametrize("content", [b"", b"one line without an end", None])
def test_a_source_that_does_not_say_it_gives_no_number(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "r.csv").write_bytes(content)
    assert rows_expected(tmp_path / "r.csv", mapping("")) is None


def test_a_database_that_cannot_be_reached_is_said_at_once(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(OperationalError, match="cannot be reached"):
        rows_expected(f"host={tmp_path} dbname=x", mapping('format = "postgresql"\nquery = "SELECT 1"'))


def test_a_source_of_no_known_format_is_refused_before_the_build(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="format"):
        rows_expected(tmp_path / "r.dat", mapping(""))
