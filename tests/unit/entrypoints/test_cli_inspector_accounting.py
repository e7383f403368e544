"""``narrowgate inspector accounting``: every number from leaves and openings, and the same bytes each time."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.log.leaf import build_leaf
from narrowgate.core.log.opening import Opened, Opening, opening_line
from support.accounted_log import (
    DIRECTOR,
    ORDER,
    SECRETARY,
    STATUTE,
    Asked,
    Package,
    confirmed,
    drawn_packages,
    refused,
    write_log,
    write_openings,
)
from support.command_line import CommandLine
from support.log_world import DIGEST, SIGNER

MARCH = Package(
    "p-march-1",
    SECRETARY,
    "2026-03",
    (*(confirmed(person) for person in range(1, 21)), *(Asked(person) for person in range(15, 45)))
    + tuple(refused(90 + n, "R-64", "R-62a") for n in range(12))
    + (refused(7, "R-12", statute="26 USC 7203"),) * 11,
)
APRIL = Package("p-april-1", DIRECTOR, "2026-04", tuple(Asked(person) for person in range(1, 31)))
MAY = Package("p-may-1", DIRECTOR, "2026-05", (Asked(1),), is_released=False)
PACKAGES = (MARCH, APRIL, MAY)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_log(tmp_path / "log", PACKAGES, [("2026-04", SECRETARY)])


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    return write_openings(tmp_path / "opened.ndjson", (o for each in PACKAGES for o in each.openings()))


def accounted(narrowgate: CommandLine, log: Path, *options: object) -> dict[str, Any]:
    result = narrowgate("inspector", "accounting", log, "--json", *options)
    assert result.code == 0, result.err
    return dict(json.loads(result.out))


def line(report: dict[str, Any], period: str, office: str, statute: str = "all statutes") -> dict[str, Any]:
    return next(
        each
        for each in report["lines"]
        if (each["period"], each["office"], each["statute"]) == (period, office, statute)
    )


def test_every_number_is_counted_from_leaves_and_openings(
    narrowgate: CommandLine, log: Path, opened: Path
) -> None:
    report = accounted(narrowgate, log, "--openings", opened)
    march = line(report, "2026-03", SECRETARY, STATUTE)
    assert {name: march[name] for name in ("items", "answered", "refused", "released", "confirmed")} == {
        "items": 62,
        "answered": 50,
        "refused": 12,
        "released": 50,
        "confirmed": 20,
    }
    assert march["taxpayers"] == 44  # six of the fifty were asked about twice
    assert march["agency"] == "Department of Homeland Security"
    assert line(report, "2026-03", SECRETARY, "other")["refused"] == 11
    assert line(report, "2026-03", "all offices")["items"] == 73
    by_rule = {(r["office"], r["rule"]): r["items"] for r in report["refusals"]}
    assert by_rule == {(SECRETARY, "R-12"): 11, (SECRETARY, "R-62a"): 12, (SECRETARY, "R-64"): 12}
    packages = next(p for p in report["packages"] if (p["period"], p["office"]) == ("2026-04", SECRETARY))
    assert (packages["refused_whole"], packages["refused_whole_by_rule"]) == (1, {"R-26": 1})


@pytest.mark.parametrize("month", ["2999-01", f"{SystemClock().now():%Y-%m}"])
def test_a_month_that_is_still_running_is_published_by_nobody(
    narrowgate: CommandLine, log: Path, month: str
) -> None:
    refused = narrowgate("inspector", "accounting", log, "--through", month)
    assert refused.code == 2
    assert "not over" in refused.err
    assert narrowgate("inspector", "accounting", log, "--through", month, "--full").code == 0


def test_a_month_that_is_not_over_is_not_counted(narrowgate: CommandLine, log: Path, opened: Path) -> None:
    report = accounted(narrowgate, log, "--openings", opened)
    assert report["through"] == "2026-04"
    assert {each["period"] for each in report["lines"]} == {"2026-03", "2026-04"}
    later = accounted(narrowgate, log, "--openings", opened, "--through", "2026-05")
    assert line(later, "2026-05", DIRECTOR)["items"] == "withheld"


def test_the_number_of_openings_gives_no_small_number_away(
    narrowgate: CommandLine, log: Path, opened: Path
) -> None:
    """Two openings of each item: half of them, less the items told, are those of the month withheld."""
    through = ("--openings", opened, "--through", "2026-05")
    report = accounted(narrowgate, log, *through)
    told = [line(report, month, "all offices")["items"] for month in ("2026-03", "2026-04", "2026-05")]
    assert told == [73, 30, "withheld"]
    assert report["openings"] == {"checked": "withheld", "orders": {ORDER: "withheld"}}
    assert "208" not in narrowgate("inspector", "accounting", log, *through).out
    assert accounted(narrowgate, log, *through, "--full")["openings"]["checked"] == 208


def test_an_opening_counts_once_and_no_address_is_taken_unlooked_at(
    narrowgate: CommandLine, log: Path, opened: Path, tmp_path: Path
) -> None:
    twice = accounted(narrowgate, log, "--openings", opened, "--openings", opened, "--full")
    assert twice["openings"]["checked"] == 208
    forged = Opening("p-march-1", 0, Opened.ADDRESS, bytes(16), b"S|1|LARKMEADOW", ORDER)
    refused = narrowgate(
        "inspector", "accounting", log, "--openings", write_openings(tmp_path / "forged", [forged])
    )
    assert (refused.code, "opening of the address" in refused.err) == (13, True)


def test_two_reports_do_not_share_one_file(
    narrowgate: CommandLine, log: Path, opened: Path, tmp_path: Path
) -> None:
    one = tmp_path / "report"
    result = narrowgate(*("inspector", "accounting", log, "--openings", opened, "--html", one, "--csv", one))
    assert (result.code, one.read_bytes()[:9].lower()) == (2, b"<!doctype")
    assert "nor over another report of this command" in result.err


def test_what_is_not_opened_is_said_so_and_never_guessed(narrowgate: CommandLine, log: Path) -> None:
    report = accounted(narrowgate, log)
    march = line(report, "2026-03", SECRETARY)
    assert (march["items"], march["confirmed"], march["taxpayers"]) == (73, "not opened", "not opened")
    assert line(report, "2026-03", SECRETARY, "not opened")["items"] == 73


def test_one_outcome_that_is_missing_leaves_no_count_of_confirmations(
    narrowgate: CommandLine, log: Path, tmp_path: Path
) -> None:
    some = [o for o in MARCH.openings() if (o.row, o.what) != (3, Opened.OUTCOME)]
    report = accounted(narrowgate, log, "--openings", write_openings(tmp_path / "some", some), "--full")
    march = line(report, "2026-03", SECRETARY, STATUTE)
    assert (march["released"], march["confirmed"], march["taxpayers"]) == (50, "not opened", 44)


def test_everything_is_told_to_the_inspector_alone_and_marked(
    narrowgate: CommandLine, log: Path, opened: Path, tmp_path: Path
) -> None:
    page = tmp_path / "full.html"
    told = narrowgate(
        "inspector", "accounting", log, "--openings", opened, "--full", "--json", "--html", page
    )
    report = json.loads(told.out)
    assert report["full"] is True
    written = page.read_text(encoding="utf-8")
    assert ("Answers released" in written, ">Released<" in written) == (True, True)
    assert line(report, "2026-05", DIRECTOR)["items"] == 1
    assert line(report, "2026", "all offices")["items"] == 104
    assert "inspector alone" in told.err
    assert 'class="mark"' in written


def test_a_report_published_before_binds_the_next_one(
    narrowgate: CommandLine, log: Path, opened: Path, tmp_path: Path
) -> None:
    march = tmp_path / "march.json"
    march.write_text(
        json.dumps(accounted(narrowgate, log, "--openings", opened, "--through", "2026-03")), encoding="utf-8"
    )
    accounted(narrowgate, log, "--openings", opened, "--published", march)
    changed = json.loads(march.read_text(encoding="utf-8"))
    changed["lines"][0]["items"] += 1
    march.write_text(json.dumps(changed), encoding="utf-8")
    call = ("inspector", "accounting", log, "--openings", opened, "--published", march)
    assert narrowgate(*call).code == 2
    march.write_text("{}", encoding="utf-8")
    assert narrowgate(*call).code == 4


FORGED = Opening(MARCH.name, 20, Opened.OUTCOME, MARCH.salts.salt("outcome", 20), b"CONFIRMED", ORDER)


@pytest.mark.parametrize(
    ("openings", "code"),
    [
        ([FORGED], 13),
        ([replace(MARCH.openings()[0], salt=bytes(16))], 13),
        ([replace(MARCH.openings()[0], package="p-other-log")], 13),
        ([replace(MARCH.openings()[0], row=1)], 13),
        ([replace(MARCH.openings()[0], row=10_000)], 13),
        ([replace(MARCH.openings()[1], what=Opened.ROW)], 13),
        ([replace(MARCH.openings()[1], value=b"MAYBE")], 12),
        ([MARCH.openings()[1], FORGED, replace(FORGED, row=0)], 13),
    ],
)
def test_an_opening_that_is_not_what_the_log_holds_counts_nothing(
    narrowgate: CommandLine, log: Path, tmp_path: Path, openings: Sequence[Opening], code: int
) -> None:
    file = write_openings(tmp_path / "bad", openings)
    result = narrowgate("inspector", "accounting", log, "--openings", file)
    assert (result.code, result.out) == (code, "")


@pytest.mark.parametrize("content", [b"\n", b"{}\n", b"x" * 2_000_000, opening_line(FORGED)[:-1], b"\xff\n"])
def test_a_file_that_is_no_openings_file_is_refused(
    narrowgate: CommandLine, log: Path, tmp_path: Path, content: bytes
) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(content)
    assert narrowgate("inspector", "accounting", log, "--openings", bad).code == 12


def test_an_opening_counts_once_however_often_it_is_given(
    narrowgate: CommandLine, log: Path, opened: Path
) -> None:
    once = accounted(narrowgate, log, "--openings", opened)
    twice = accounted(narrowgate, log, "--openings", opened, "--openings", opened)
    assert once["lines"] == twice["lines"]


def test_of_an_abandoned_package_nothing_counts_as_released(narrowgate: CommandLine, tmp_path: Path) -> None:
    log = write_log(tmp_path / "log", [replace(MARCH, is_released=False)])
    act = {
        "type": "act",
        "number": 1,
        "act": "package-abandoned",
        "subject": MARCH.name,
        "sha256": "",
        "from": "",
        "until": "",
        "act_sha256": DIGEST.hex(),
        "signer_keys_sha256": [DIGEST.hex()],
        "time": "2026-03-11T12:00:00Z",
    }
    with TileLog.open(log, SIGNER) as opened:
        opened.append([build_leaf(act)])
        opened.integrate()
    report = accounted(narrowgate, log, "--full")
    march = line(report, "2026-03", SECRETARY)
    assert (march["items"], march["answered"], march["released"], march["confirmed"]) == (73, 50, 0, 0)
    packages = next(each for each in report["packages"] if each["office"] == SECRETARY)
    assert (packages["decided"], packages["abandoned"], packages["released"]) == (1, 1, 0)


def test_an_empty_log_has_an_empty_accounting(narrowgate: CommandLine, tmp_path: Path) -> None:
    report = accounted(narrowgate, write_log(tmp_path / "empty", []), "--html", tmp_path / "a.html")
    assert (report["lines"], report["packages"], report["through"]) == ([], [], "")


def test_a_changed_leaf_is_found_before_anything_is_told(
    narrowgate: CommandLine, log: Path, tmp_path: Path
) -> None:
    bundle = next(path for path in (log / "tile" / "entries").rglob("*") if path.is_file())
    bundle.write_bytes(bundle.read_bytes().replace(b'"row":3,', b'"row":4,', 1))
    result = narrowgate("inspector", "accounting", log, "--csv", tmp_path / "a.csv")
    assert (result.code, result.out) == (14, "")
    assert not (tmp_path / "a.csv").exists()


def test_the_same_log_gives_the_same_bytes_in_another_process_and_another_place(
    log: Path, opened: Path, tmp_path: Path
) -> None:
    made = []
    for number, surroundings in enumerate(
        ({"TZ": "UTC", "PYTHONHASHSEED": "1"}, {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2", "LC_ALL": "C"})
    ):
        files = [tmp_path / f"{number}.{kind}" for kind in ("html", "csv")]
        command = [sys.executable, "-m", "narrowgate", "inspector", "accounting", str(log), "--json"]
        command += ["--openings", str(opened), "--html", str(files[0]), "--csv", str(files[1])]
        told = subprocess.run(command, env={**os.environ, **surroundings}, capture_output=True, check=True)
        made.append([told.stdout, *(file.read_bytes() for file in files)])
    assert made[0] == made[1]


def test_every_number_is_a_row_of_the_csv_and_every_column_in_the_dictionary(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    packages = drawn_packages(2, ["2026-01", "2026-02"])
    log = write_log(tmp_path / "log", packages)
    file, dictionary = tmp_path / "a.csv", tmp_path / "d.csv"
    report = accounted(narrowgate, log, "--through", "2026-02", "--csv", file, "--dictionary", dictionary)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    described = {row["name"] for row in csv.DictReader(dictionary.read_text(encoding="utf-8").splitlines())}
    assert set(rows[0]) <= described
    assert {f"measure={row['measure']}" for row in rows} <= described
    told = Counter(row["status"] for row in rows)
    assert set(told) == {"told", "withheld", "not opened"}
    assert sum(row["measure"] == "items" for row in rows) == len(report["lines"])


def test_a_report_is_not_written_over_what_it_is_made_from(
    narrowgate: CommandLine, log: Path, opened: Path
) -> None:
    before = opened.read_bytes()
    call = ("inspector", "accounting", log, "--openings", opened, "--html")
    assert narrowgate(*call, opened).code == 2
    assert narrowgate(*call, log / "report.html").code == 2
    assert opened.read_bytes() == before
