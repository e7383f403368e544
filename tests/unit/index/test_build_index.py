"""A build loads or quarantines every row, leaves nothing half-written, and writes no plain text."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.adapters.readers import delimited
from narrowgate.core.base.errors import (
    ConfigurationError,
    NothingToProcessError,
    OperationalError,
    UnavailableError,
)
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.taxfile.mapping import parse_mapping
from narrowgate.index.build import BuildReport
from narrowgate.index.integrity import verify_index
from narrowgate.index.manifest import parse_index_manifest
from narrowgate.index.tally import Quarantined, Tally
from support.index_worlds import KEY, MAPPING, MAPPING_TEXT, Row, ask, is_held, settings, write_rows

MARIA = Row("212345671", "MARIA", "GARCIA LOPEZ", "1980-01-02", "538 HOWELL AVE")
ROBERT = Row("212345672", "ROBERT", "HALVORSEN", "1971-05-06", "540 HOWELL AVE")


def build(directory: Path, rows: list[Row], *, workers: int = 1) -> BuildReport:
    directory.mkdir(exist_ok=True)
    source = write_rows(directory / "records.csv", rows)
    return build_index(source, MAPPING, directory / "index", KEY, settings(directory, workers=workers))


def open_index(directory: Path, key: IndexKey = KEY) -> DuckDBIndex:
    return DuckDBIndex.open(directory, key.key_id, spill=directory.parent / "spill")


def quarantine(directory: Path) -> list[list[str]]:
    with (directory / "quarantine.csv").open(newline="") as lines:
        return list(csv.reader(lines))[1:]


def test_an_index_of_nobody_is_refused_and_the_reasons_are_kept(tmp_path: Path) -> None:
    with pytest.raises(NothingToProcessError, match="None of the 2 rows"):
        build(tmp_path, [ROBERT._replace(tax_year="22"), MARIA._replace(address_line_1="UNKNOWN")])
    assert not (tmp_path / "index").exists()
    assert [row[0] for row in quarantine(tmp_path)] == ["1", "2"]


def test_every_row_is_loaded_or_quarantined_with_a_reason_and_without_values(tmp_path: Path) -> None:
    rows = [
        MARIA,
        ROBERT._replace(tax_year="22"),
        ROBERT._replace(address_line_1="DON'T CARE 12345"),
        ROBERT._replace(tin="", birth_date=""),
        ROBERT._replace(suppressed="maybe"),
        Row("", "", "", "", "12 CLIFTON ST"),
    ]
    counts = build(tmp_path, rows).counts
    assert (counts["rows_read"], counts["rows_loaded"]) == (6, 1)
    assert counts["rows_read"] == counts["rows_loaded"] + sum(counts["rows_quarantined"].values())
    assert counts["entries_read"] == counts["entries_loaded"] + sum(counts["entries_quarantined"].values())
    assert [line[0] for line in quarantine(tmp_path)] == ["2", "3", "4", "5", "6"]
    assert quarantine(tmp_path)[0] == ["2", "1", "1", "tax_year_malformed"]
    assert not {"CLIFTON", "HALVORSEN"} & set((tmp_path / "quarantine.csv").read_text().split())


def test_counts_that_do_not_add_up_are_seen() -> None:
    tally = Tally()
    tally.count_row(2, [Quarantined(1, 1, 1, ("reason",))])
    assert tally.adds_up()
    tally.rows_loaded -= 1
    assert not tally.adds_up()


def test_equal_sources_give_equal_bytes_whatever_their_order_and_the_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [MARIA, ROBERT, MARIA._replace(tax_year="2021"), ROBERT._replace(address_line_1="9 LUDLOW AVE")]
    build(tmp_path / "one", rows)
    monkeypatch.setattr(delimited, "BATCH_ROWS", 1)
    build(tmp_path / "two", rows[::-1], workers=2)
    for path in sorted((tmp_path / "one/index").rglob("*")):
        if path.is_file():
            other = tmp_path / "two/index" / path.relative_to(tmp_path / "one/index")
            assert path.read_bytes() == other.read_bytes()


def test_the_snapshot_id_says_nothing_of_the_content(tmp_path: Path) -> None:
    one, two = build(tmp_path / "one", [MARIA]), build(tmp_path / "two", [ROBERT])
    assert one.manifest.snapshot_id == two.manifest.snapshot_id
    assert one.manifest.digest != two.manifest.digest


def test_a_suppressed_row_that_is_not_understood_still_keeps_its_number_out(tmp_path: Path) -> None:
    nameless = MARIA._replace(given_names="", surnames="", suppressed="yes")
    build(tmp_path, [MARIA, nameless, ROBERT])
    index = open_index(tmp_path / "index")
    assert [is_held(index, ask(row)) for row in (MARIA, ROBERT)] == [False, True]


@pytest.mark.parametrize("flag", ["yes", "YES ", "perhaps"])
def test_a_flag_that_is_yes_or_cannot_be_read_keeps_the_person_out(tmp_path: Path, flag: str) -> None:
    build(tmp_path, [MARIA, MARIA._replace(suppressed=flag, tax_year="2020")])
    assert not is_held(open_index(tmp_path / "index"), ask(MARIA))


COUPLE = """
[source]
tax_year = "2022"
[[person]]
tin = "tin"
given_names = "given_names"
surnames = "surnames"
[[person]]
tin = "spouse_tin"
full_name = "spouse_name"
[[address]]
address_line_1 = "address_line_1"
zip = "zip"
[[address]]
address_line_1 = "second_line_1"
zip = "second_zip"
"""


def test_a_row_of_two_persons_and_two_addresses_is_four_entries(tmp_path: Path) -> None:
    columns = "tin,given_names,surnames,spouse_tin,spouse_name,address_line_1,zip,second_line_1,second_zip"
    (tmp_path / "r.csv").write_text(
        f"{columns}\n"
        "212345671,MARIA,GARCIA,212345672,ROBERT HALVORSEN,538 HOWELL AVE,45220,9 LUDLOW AVE,45220\n"
        "212345673,ANNA,BERGSTROM,,,12 CLIFTON ST,45220,UNKNOWN,\n"
    )
    mapping = parse_mapping(COUPLE, "m.toml")
    report = build_index(tmp_path / "r.csv", mapping, tmp_path / "index", KEY, settings(tmp_path))
    assert (report.counts["rows_loaded"], report.counts["entries_read"]) == (2, 6)
    assert quarantine(tmp_path) == [["2", "1", "2", "address_placeholder"]]
    index = open_index(tmp_path / "index")
    spouse = ROBERT._replace(address_line_1="9 LUDLOW AVE")
    assert [is_held(index, ask(row)) for row in (spouse, spouse._replace(tin=MARIA.tin))] == [
        True,
        False,
    ]


def test_a_finished_index_is_never_built_over(tmp_path: Path) -> None:
    build(tmp_path, [MARIA])
    with pytest.raises(ConfigurationError, match="already"):
        build(tmp_path, [ROBERT])
    verify_index(tmp_path / "index", None)


def test_an_empty_source_gives_no_index_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(NothingToProcessError):
        build(tmp_path, [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["records.csv"]


def test_a_quarantine_file_inside_the_index_is_refused(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "r.csv", [MARIA])
    inside = replace(settings(tmp_path), quarantine=tmp_path / "index/quarantine.csv")
    with pytest.raises(ConfigurationError, match="inside"):
        build_index(source, MAPPING, tmp_path / "index", KEY, inside)


def test_a_signature_covers_the_manifest_and_is_checked_before_it_is_read(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "r.csv", [MARIA])
    build_index(source, MAPPING, tmp_path / "index", KEY, settings(tmp_path), sign=lambda data: data[::-1])

    def verify(data: bytes, signature: bytes) -> None:
        if signature != data[::-1]:
            raise UnavailableError("The signature does not fit.", next_step="Stop.")

    open_one = DuckDBIndex.open(tmp_path / "index", KEY.key_id, spill=tmp_path / "s", verify=verify)
    assert open_one.snapshot().key_id == KEY.key_id
    manifest = tmp_path / "index/manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"2026-01-31", b"2026-02-28"))
    with pytest.raises(UnavailableError, match="signature"):
        DuckDBIndex.open(tmp_path / "index", KEY.key_id, spill=tmp_path / "s", verify=verify)


def test_an_index_of_another_key_is_refused_by_both_ids(tmp_path: Path) -> None:
    build(tmp_path, [MARIA])
    other = IndexKey(bytes(32))
    with pytest.raises(ConfigurationError) as caught:
        open_index(tmp_path / "index", other)
    assert KEY.key_id in str(caught.value)
    assert other.key_id in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"canonical_form_version":"2"', b'"canonical_form_version":"0"'),
        (b'"match_rule_version":"2"', b'"match_rule_version":"0"'),
        (b"narrowgate/index/2", b"narrowgate/index/9"),
    ],
)
def test_an_index_of_another_version_is_refused(tmp_path: Path, old: bytes, new: bytes) -> None:
    data = build(tmp_path, [MARIA]).manifest.to_bytes()
    assert parse_index_manifest(data, "m").to_bytes() == data
    assert old in data
    with pytest.raises(ConfigurationError, match="another version"):
        parse_index_manifest(data.replace(old, new), "m")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"schema":"narrowgate/index/2"}', b'{"a":1,"a":1}'])
def test_a_damaged_manifest_makes_the_index_unavailable(data: bytes) -> None:
    with pytest.raises(UnavailableError):
        parse_index_manifest(data, "m")


def test_a_manifest_that_points_out_of_the_index_is_refused(tmp_path: Path) -> None:
    data = build(tmp_path, [MARIA]).manifest.to_bytes().replace(b"tokens/0000", b"../../0000")
    with pytest.raises(UnavailableError):
        parse_index_manifest(data, "m")


def test_every_flipped_byte_of_a_data_file_makes_the_index_unavailable(tmp_path: Path) -> None:
    build(tmp_path, [MARIA, ROBERT])
    for path in sorted((tmp_path / "index").rglob("*.parquet")):
        whole = path.read_bytes()
        for at in range(0, len(whole), 97):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(UnavailableError):
                verify_index(tmp_path / "index", None)
            if path.parent.name == "tokens":
                with pytest.raises(UnavailableError):
                    is_held(open_index(tmp_path / "index"), ask(MARIA))
        path.write_bytes(whole)
    verify_index(tmp_path / "index", None)


def test_a_missing_or_truncated_file_is_seen_when_the_index_is_opened(tmp_path: Path) -> None:
    build(tmp_path, [MARIA])
    path = next((tmp_path / "index/tokens").iterdir())
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UnavailableError):
        open_index(tmp_path / "index")
    path.unlink()
    with pytest.raises(UnavailableError):
        open_index(tmp_path / "index")


def test_a_file_put_beside_the_others_is_seen(tmp_path: Path) -> None:
    build(tmp_path, [MARIA])
    (tmp_path / "index/tokens/more.parquet").write_bytes(b"")
    with pytest.raises(UnavailableError, match="does not name"):
        verify_index(tmp_path / "index", None)


def test_opening_an_index_reads_no_data_file(tmp_path: Path) -> None:
    build(tmp_path, [MARIA])
    for path in (tmp_path / "index").rglob("*.parquet"):
        path.chmod(0)
    assert open_index(tmp_path / "index").reads == 0


CANARIES = [
    Row(
        "219876543",
        "XAVERIANA",
        "QUETZALCOA",
        "1961-11-13",
        f"{number} ZZYZXFARM RD APT 7Q",
        "PAHRUMPUS",
        "OH",
    )
    for number in range(100, 130)
]
KILLED_BUILD = """
import os, signal, sys
from pathlib import Path
from narrowgate.adapters.engines.duckdb import build as engine
from narrowgate.index import build, entry_files
from support.index_worlds import KEY, MAPPING, settings
stop = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
place = next(module for module in (engine, entry_files, build) if hasattr(module, sys.argv[2]))
setattr(place, sys.argv[2], stop)
work = Path(sys.argv[1])
engine.build_index(work / "records.csv", MAPPING, work / "index", KEY, settings(work, passes=3))
"""


def plain_text_in(directory: Path) -> list[str]:
    words = [b"XAVERIANA", b"QUETZALCOA", b"ZZYZXFARM", b"PAHRUMPUS", b"219876543", b"1961-11-13"]
    return [
        path.name
        for path in directory.rglob("*")
        if path.is_file() and path.name != "records.csv" and any(word in path.read_bytes() for word in words)
    ]


def test_no_plain_text_stands_in_any_file_of_a_build(tmp_path: Path) -> None:
    build(tmp_path, [*CANARIES, CANARIES[0]._replace(tax_year="22")])
    assert plain_text_in(tmp_path) == []


@pytest.mark.parametrize("stage", ["merge_quarantines", "DuckDBDatabase", "write_manifest", "publish"])
def test_a_killed_build_leaves_no_index_and_no_plain_text_and_the_next_one_succeeds(
    tmp_path: Path, stage: str
) -> None:
    write_rows(tmp_path / "records.csv", CANARIES)
    tests = Path(__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_BUILD, str(tmp_path), stage],
        env={**os.environ, "PYTHONPATH": str(tests)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "index").exists()
    assert plain_text_in(tmp_path) == []
    build_index(tmp_path / "records.csv", MAPPING, tmp_path / "index", KEY, settings(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index", "quarantine.csv", "records.csv"]
    assert is_held(open_index(tmp_path / "index"), ask(CANARIES[0]))


def test_a_source_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes(
        write_rows(tmp_path / "r.csv", [MARIA] * 3).read_bytes() + b"\xff" * 5 + b"\n"
    )
    with pytest.raises(ConfigurationError):
        build_index(tmp_path / "r.csv", MAPPING, tmp_path / "index", KEY, settings(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["r.csv"]


def test_too_little_memory_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "r.csv", [MARIA])
    with pytest.raises(OperationalError):
        build_index(
            source, MAPPING, tmp_path / "index", KEY, replace(settings(tmp_path), memory_limit="10KB")
        )
    assert not (tmp_path / "index").exists()


def test_progress_counts_rows_and_then_parts_up_to_all_of_them(tmp_path: Path) -> None:
    seen: dict[str, list[tuple[int, int | None]]] = {}

    def progress(stage: str, done: int, total: int | None) -> None:
        seen.setdefault(stage, []).append((done, total))

    source = write_rows(tmp_path / "r.csv", [MARIA, ROBERT])
    build_index(source, MAPPING, tmp_path / "index", KEY, replace(settings(tmp_path), progress=progress))
    assert seen == {
        "records": [(2, 3), (2, 2)],
        "persons and streets": [(0, None), (1, 1)],
        "parts of tokens": [(0, None), (0, 1), (1, 1)],
        "parts of guards": [(0, None), (0, 1), (1, 1)],
    }


def test_a_role_of_the_mapping_text_is_what_the_world_writes() -> None:
    assert set(parse_mapping(MAPPING_TEXT, "m").columns) == set(Row._fields)
