"""``narrowgate case lint`` keeps its promise: what it says of a file is what the gate does with it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from narrowgate.core.request.item import ITEM_COLUMNS
from support.command_line import CommandLine
from support.requests import PROJECT, eligible_item

AGREEMENT = PROJECT / "examples" / "agreement.toml"


def case_file(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ITEM_COLUMNS)
        writer.writeheader()
        writer.writerows({**eligible_item()._asdict(), **row} for row in rows)
    return path


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    rows = [{"item": f"case-{number}", "surnames": name} for number, name in enumerate(("Garcia", "Lopez"))]
    return case_file(tmp_path / "cases.csv", [*rows, {"item": "bad", "address_line_1": "UNKNOWN"}])


@pytest.fixture
def agreement(tmp_path: Path) -> Path:
    """The example agreement without its list of facilities, which does not lie beside it."""
    text = AGREEMENT.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("facility_list")]
    path = tmp_path / "agreement.toml"
    path.write_text("\n".join(kept), encoding="utf-8")
    return path


def test_an_officer_who_is_not_registered_is_told_where_the_register_is_at_hand(
    narrowgate: CommandLine, cases: Path, agreement: Path, tmp_path: Path
) -> None:
    register = tmp_path / "officers.csv"
    register.write_text("officer,certificate\nofficer-1,1.pem\n")
    without = narrowgate("case", "lint", cases, "--agreement", agreement)
    assert "R-24" not in without.out
    told = narrowgate("case", "lint", cases, "--agreement", agreement, "--officers", register)
    assert told.out.count("R-24") == 3
    assert told.code == 0


def test_strict_ends_with_the_code_of_a_refusal(
    narrowgate: CommandLine, cases: Path, agreement: Path, tmp_path: Path
) -> None:
    assert narrowgate("case", "lint", cases, "--agreement", agreement, "--strict").code == 11
    good = case_file(tmp_path / "good.csv", [{}])
    assert narrowgate("case", "lint", good, "--agreement", agreement, "--strict").code == 0


def test_the_json_ends_with_a_summary(narrowgate: CommandLine, cases: Path, agreement: Path) -> None:
    lines = narrowgate("case", "lint", cases, "--agreement", agreement, "--json").out.splitlines()
    summary = json.loads(lines[-1])["summary"]
    assert summary["items"] == 3
    assert summary["refused"] == len({json.loads(line)["line"] for line in lines[:-1]})
    assert summary["refused_by_rule"]["R-64"] == 1


def test_a_file_may_come_on_standard_input(narrowgate: CommandLine, cases: Path, agreement: Path) -> None:
    from_file = narrowgate("case", "lint", cases, "--agreement", agreement)
    from_stream = narrowgate("case", "lint", "-", "--agreement", agreement, stdin=cases.read_bytes())
    assert from_stream.out == from_file.out
    assert from_stream.err == from_file.err


def test_the_page_shows_a_bar_for_each_rule_and_escapes_what_was_written(
    narrowgate: CommandLine, agreement: Path, tmp_path: Path
) -> None:
    path = case_file(
        tmp_path / "cases.csv", [{"item": "a/b", "address_line_1": "UNKNOWN"}, {"stayed": "yes"}]
    )
    page = tmp_path / "lint.html"
    assert narrowgate("case", "lint", path, "--agreement", agreement, "--html", page).code == 0
    text = page.read_text()
    assert text.count("<rect") == 2
    assert "R-64: 1 items" in text
    assert "<script" not in text


def test_an_agreement_that_is_not_in_force_is_said(
    narrowgate: CommandLine, cases: Path, agreement: Path
) -> None:
    text = agreement.read_text().replace('effective = "2026', 'effective = "2126')
    changed = text.replace("effective = 2026", "effective = 2020").replace("expires = 2027", "expires = 2021")
    agreement.write_text(changed)
    told = narrowgate("case", "lint", cases, "--agreement", agreement)
    if told.code == 0:
        assert "not in force today" in told.err
    else:
        assert told.code == 4


def test_no_remark_repeats_what_a_cell_holds(narrowgate: CommandLine, cases: Path, agreement: Path) -> None:
    out = narrowgate("case", "lint", cases, "--agreement", agreement).out
    rows = csv.DictReader(io.StringIO(cases.read_text()))
    cells = {row[name] for row in rows for name in ("surnames", "alien_number", "address_line_1", "reason")}
    assert not [cell for cell in cells if cell in out]
