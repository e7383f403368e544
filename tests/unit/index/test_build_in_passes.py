"""A build in several passes is the build in one pass: the same bytes, counts and quarantine, or nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.readers import delimited, passes, read_rows
from narrowgate.adapters.readers.passes import passes_that_pay
from narrowgate.core.base.errors import ConfigurationError, UnavailableError
from narrowgate.core.taxfile.mapping import parse_mapping
from narrowgate.index import dealing
from narrowgate.index.rows import RowBatch
from support.index_worlds import KEY, MAPPING, MAPPING_TEXT, Row, settings, write_rows

ZIPS = ("45220", "45219", "90210", "", "BAD", "10001-0001")
ROWS = [
    Row(
        f"21234{number:04}",
        "MARIA",
        "GARCIA LOPEZ",
        "1980-01-02",
        "UNKNOWN" if number % 7 == 0 else f"{number} HOWELL AVE",
        zip=ZIPS[number % len(ZIPS)],
        tax_year="22" if number % 5 == 0 else "2022",
        suppressed="yes" if number % 11 == 0 else "no",
    )
    for number in range(1, 60)
]


def bytes_of(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def built(source: Path, home: Path, count: int, *, workers: int = 1) -> tuple[dict[str, bytes], bytes]:
    home.mkdir()
    report = build_index(source, MAPPING, home / "index", KEY, settings(home, workers=workers, passes=count))
    assert report.counts["rows_read"] == len(ROWS)
    return bytes_of(home / "index"), (home / "quarantine.csv").read_bytes()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rows(tmp_path_factory.mktemp("records") / "records.csv", ROWS)


@pytest.fixture(scope="module")
def in_one_pass(source: Path) -> tuple[dict[str, bytes], bytes]:
    return built(source, source.parent / "one", 1)


@examples(max_examples=8, deadline=None)
@given(count=st.integers(2, 64), batch=st.integers(1, 60))
def test_the_number_of_passes_leaves_no_trace(
    source: Path, in_one_pass: tuple[dict[str, bytes], bytes], count: int, batch: int
) -> None:
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BATCH_ROWS", batch)
        patch.setattr(dealing, "BATCH_ROWS", batch)
        assert built(source, Path(home) / "many", count) == in_one_pass


def test_nor_does_the_number_of_processes(
    source: Path, in_one_pass: tuple[dict[str, bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "BATCH_ROWS", 5)
    monkeypatch.setattr(dealing, "BATCH_ROWS", 5)
    assert built(source, tmp_path / "many", 3, workers=2) == in_one_pass


def test_the_quarantine_is_in_the_order_of_the_source_with_rows_that_cannot_be_read_among_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_rows(tmp_path / "records.csv", ROWS)
    lines = source.read_text().splitlines(keepends=True)
    lines[4] = lines[40] = "too,few\n"
    source.write_text("".join(lines))
    monkeypatch.setattr(delimited, "BATCH_ROWS", 7)
    found = [built(source, tmp_path / str(count), count)[1] for count in (1, 4)]
    rows = [int(line.split(b",")[0]) for line in found[0].splitlines()[1:]]
    assert found[0] == found[1]
    assert rows == sorted(rows)
    assert {4, 40} < set(rows)


def exchange(path: Path) -> None:
    path.with_suffix(".new").write_bytes(path.read_bytes())
    path.with_suffix(".new").replace(path)


def write_in_place(path: Path) -> None:
    """Of the same size, in the same inode, and with the time it had."""
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"HOWELL", b"HOLLOW"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", [exchange, write_in_place])
def test_a_file_that_changes_between_two_passes_makes_no_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: object
) -> None:
    source = write_rows(tmp_path / "records.csv", ROWS)
    begun = []

    def read_and_change(*of: object) -> Iterator[RowBatch]:
        begun.append(of)
        if len(begun) == 2:
            change(source)  # type: ignore[operator]
        return read_rows(*of)  # type: ignore[arg-type]

    monkeypatch.setattr(passes, "read_rows", read_and_change)
    with pytest.raises(UnavailableError, match="replaced while they were read"):
        build_index(source, MAPPING, tmp_path / "index", KEY, settings(tmp_path, passes=3))
    assert [path.name for path in tmp_path.iterdir()] == ["records.csv"]


def test_nor_does_one_that_changes_while_it_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_rows(tmp_path / "records.csv", ROWS)

    def read_and_change(*of: object) -> Iterator[RowBatch]:
        yield from read_rows(*of)  # type: ignore[arg-type]
        write_in_place(source)

    monkeypatch.setattr(passes, "read_rows", read_and_change)
    with pytest.raises(UnavailableError, match="replaced while they were read"):
        build_index(source, MAPPING, tmp_path / "index", KEY, settings(tmp_path, passes=1))
    assert [path.name for path in tmp_path.iterdir()] == ["records.csv"]


def test_a_pipe_and_a_database_are_read_in_one_pass(tmp_path: Path) -> None:
    pipe = tmp_path / "records.csv"
    os.mkfifo(pipe)
    assert passes_that_pay(pipe, MAPPING, 2) == 1
    query = parse_mapping(
        f'[source]\nformat = "postgresql"\nquery = "SELECT 1"\n{MAPPING_TEXT}', "mapping.toml"
    )
    assert passes_that_pay("host=nowhere", query, 2) == 1
    for source, mapping in ((pipe, MAPPING), ("host=nowhere", query)):
        with pytest.raises(ConfigurationError, match="several passes"):
            build_index(source, mapping, tmp_path / "index", KEY, settings(tmp_path, passes=2))


def test_passes_are_as_many_as_the_streets_of_the_places_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [Row(str(number), "A", "B", "", "1 MAIN ST", zip=f"{number % 90:05}") for number in range(900)]
    scattered = write_rows(tmp_path / "scattered.csv", rows)
    by_place = write_rows(tmp_path / "by-place.csv", sorted(rows, key=lambda row: row.zip))
    monkeypatch.setattr(passes, "REMEMBERED_STREETS", 50)
    monkeypatch.setattr(passes, "_STREETS_OF_A_PLACE", 4)
    monkeypatch.setattr(passes, "_SAMPLE_BATCHES", 1)
    monkeypatch.setattr(delimited, "BATCH_ROWS", 200)
    assert passes_that_pay(scattered, MAPPING, 1) == 9
    assert passes_that_pay(scattered, MAPPING, 2) == 5
    assert passes_that_pay(scattered, MAPPING, 16) == 1
    assert passes_that_pay(by_place, MAPPING, 1) == 3
