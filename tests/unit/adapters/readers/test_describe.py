"""A proposal reads the file that it is of, in every format, and shows no value of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.readers import read_rows
from narrowgate.adapters.readers.describe import propose_mapping
from narrowgate.core.base.errors import ConfigurationError, NothingToProcessError
from narrowgate.core.taxfile.mapping import parse_mapping

HEADER = (
    "Ssn",
    "First Name",
    "Last_Name",
    "DOB",
    "Address",
    "City",
    "State",
    "Zip Code",
    "Tax Year",
    "Wages",
)
CELLS = (
    "012345678",
    "ANNA",
    "HALVORSEN",
    "07/08/1972",
    "12 CLIFTON ST",
    "BOSTON",
    "MA",
    "02134",
    "2022",
    "99",
)


def cells_read(source: Path, proposal: str) -> tuple[str, ...]:
    """What the reader gives by the proposal, in the order of ``HEADER``; the last column is not mapped."""
    (batch,) = read_rows(source, parse_mapping(proposal, "proposal"))
    names = {"".join(filter(str.isalnum, name.lower())): name for name in batch.columns.schema.names}
    assert len(names) == len(HEADER) - 1
    return tuple(
        str(batch.columns.column(names["".join(filter(str.isalnum, name.lower()))])[0])
        for name in HEADER[:-1]
    )


@pytest.mark.parametrize("delimiter", [*",;|\t^~:#", "\x01", "\x1f"])
@pytest.mark.parametrize("name", ["r.csv", "r.dat"])
def test_any_delimiter_is_found_whatever_the_file_is_called(
    tmp_path: Path, delimiter: str, name: str
) -> None:
    source = tmp_path / name
    source.write_text(f"{delimiter.join(HEADER)}\n{delimiter.join(CELLS)}\n")
    proposal = propose_mapping(source)
    assert cells_read(source, proposal) == CELLS[:-1]
    assert 'birth_date_form = "MM/DD/YYYY"' in proposal
    assert "HALVORSEN" not in proposal


@pytest.mark.parametrize(
    ("encoding", "written", "city"),
    [
        ("utf-8", "utf-8", "CAÑON"),
        ("utf-8-sig", "utf-8", "CAÑON"),
        ("latin-1", "latin-1", "CAÑON"),
        ("cp1252", "cp1252", "COEUR D\u2019ALENE"),
        ("latin-1", "latin-1", "A\x81Ñ"),
    ],
)
def test_the_encoding_is_one_that_gives_every_byte_a_character(
    tmp_path: Path, encoding: str, written: str, city: str
) -> None:
    source = tmp_path / "r.csv"
    cells = [*CELLS[:5], city, *CELLS[6:]]
    source.write_bytes(f"{','.join(HEADER)}\r\n{','.join(cells)}\r\n".encode(encoding))
    proposal = propose_mapping(source)
    assert f'encoding = "{written}"' in proposal
    assert cells_read(source, proposal)[5] == city


def test_a_column_name_cannot_write_into_the_mapping(tmp_path: Path) -> None:
    source = tmp_path / "r.csv"
    header = [*HEADER[:-1], '"Wages\ntin = ""Wages"""']
    source.write_text(f"{','.join(header)}\n{','.join(CELLS)}\n")
    mapping = parse_mapping(propose_mapping(source), "proposal")
    assert [person.tin for person in mapping.persons] == ["Ssn"]


def test_parquet_is_described_with_the_types_it_has(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {name: [cell] for name, cell in zip(HEADER, CELLS, strict=True)}
    table = pa.table({**columns, "DOB": pa.array([date(1972, 7, 8)]), "Tax Year": pa.array([2022])})
    pq.write_table(table, tmp_path / "r.parquet")
    proposal = propose_mapping(tmp_path / "r.parquet")
    assert cells_read(tmp_path / "r.parquet", proposal) == (*CELLS[:3], "1972-07-08", *CELLS[4:-1])


COPYBOOK = """
       01  MASTER-REC.
           05  SSN         PIC 9(9) COMP-3.
           05  FIRST-NAME  PIC X(10).
           05  LAST-NAME   PIC X(12).
           05  DOB         PIC 9(8).
           05  ADDRESS     PIC X(20).
           05  CITY        PIC X(10).
           05  STATE       PIC XX.
           05  ZIP-CODE    PIC 9(5).
           05  TAX-YEAR    PIC 9(4).
           05  WAGES       PIC S9(9) COMP.
"""
WIDTHS = (9, 10, 12, 8, 20, 10, 2, 5, 4)
RECORD = "".join(
    cell.ljust(width) for cell, width in zip((*CELLS[:3], "19720708", *CELLS[4:-1]), WIDTHS, strict=True)
)


def test_a_copybook_describes_an_ebcdic_file(tmp_path: Path) -> None:
    source, copybook = tmp_path / "r.ebc", tmp_path / "r.cpy"
    source.write_bytes(b"\x01\x23\x45\x67\x8f".rjust(5, b"\0") + RECORD[9:].encode("cp037") + b"\0\0\0\x63")
    copybook.write_text(COPYBOOK)
    proposal = propose_mapping(source, copybook)
    assert cells_read(source, proposal) == (*CELLS[:3], "19720708", *CELLS[4:-1])
    assert 'birth_date_form = "YYYYMMDD"' in proposal
    assert "record_length = 80" in proposal


def test_a_copybook_describes_lines_of_text(tmp_path: Path) -> None:
    source, copybook = tmp_path / "r.dat", tmp_path / "r.cpy"
    source.write_text(f"{RECORD}    \n")
    copybook.write_text(COPYBOOK.replace("S9(9) COMP.", "X(4).").replace("COMP-3", ""))
    proposal = propose_mapping(source, copybook)
    assert cells_read(source, proposal) == (*CELLS[:3], "19720708", *CELLS[4:-1])


def test_records_that_are_not_those_of_the_copybook_are_refused(tmp_path: Path) -> None:
    (tmp_path / "r.cpy").write_text(COPYBOOK)
    (tmp_path / "r.dat").write_text("another record\n")
    (tmp_path / "r.ebc").write_bytes(b"\x40" * 81)
    for name in ("r.dat", "r.ebc"):
        with pytest.raises(ConfigurationError, match="record"):
            propose_mapping(tmp_path / name, tmp_path / "r.cpy")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.dat", b"0123456789ANNA\n" * 3, "neither Parquet nor a CSV"),
        ("r.csv", b"\n\n", "neither Parquet nor a CSV"),
        ("r.csv", "Ssn,Name\n1,2\n".encode("utf-16"), "UTF-16"),
        ("r.csv", b"Ssn,Name\n" + b"9" * 200_000, "not CSV"),
    ],
)
def test_a_file_that_cannot_be_described_says_what_to_do(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match=message):
        propose_mapping(tmp_path / name)


def test_an_empty_file_has_nothing_to_describe(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes(b"")
    with pytest.raises(NothingToProcessError):
        propose_mapping(tmp_path / "r.csv")
