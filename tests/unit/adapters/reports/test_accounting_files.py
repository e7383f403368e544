"""The accounting as Parquet and PDF/UA-1 tells the same numbers as the CSV, and the same bytes each time."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.reports.pdf import PdfTable, pdf_bytes
from support.accounted_log import drawn_packages, write_log
from support.command_line import CommandLine


def test_parquet_and_pdf_tell_what_the_csv_tells_and_are_made_alike_twice(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    log = write_log(tmp_path / "log", drawn_packages(2, ["2026-01", "2026-02"]))
    made = []
    for number in range(2):
        files = [tmp_path / f"{number}.{kind}" for kind in ("csv", "parquet", "pdf")]
        options = [each for file in files for each in (f"--{file.suffix[1:]}", file)]
        result = narrowgate("inspector", "accounting", log, "--through", "2026-02", *options)
        assert result.code == 0, result.err
        made.append([file.read_bytes() for file in files])
    assert made[0] == made[1]
    table = pq.read_table(tmp_path / "0.parquet")
    told = list(csv.DictReader((tmp_path / "0.csv").read_text(encoding="utf-8").splitlines()))
    assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in table.to_pylist()] == told
    assert all(field.metadata[b"meaning"] for field in table.schema)
    assert b"pdfuaid" in made[0][2]


def test_no_text_of_a_pdf_is_a_command() -> None:
    pytest.importorskip("typst")
    text = '#panic("run") #let x = $ ] "'
    assert pdf_bytes(text, [text], [text], [PdfTable(text, [text], [[text]])]).startswith(b"%PDF-")
