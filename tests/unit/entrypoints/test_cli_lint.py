"""``narrowgate case lint`` keeps its promise: what it says of a file is what the gate does with it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
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


NAMES = ("Garcia", "Lopez", "Quillana", "Vantorez", "Dreskovic", "Fernock")


def people(**changes: str) -> list[dict[str, str]]:
    """Six eligible rows of different people at different places, with some columns changed in all of them."""
    return [
        {
            "item": f"case-{number}",
            "surnames": name,
            "birth_date": f"198{number}-03-09",
            "tin": "",
            "alien_number": f"A01234567{number}",
            "removal_order_number": f"RO-2025-{number}18",
            "address_line_1": f"{number + 1}234 N Oak St Apt 4B",
            "reason": f"The lease of {name} names this apartment; it shows failure to depart.",
            **changes,
        }
        for number, name in enumerate(NAMES)
    ]


def american(iso: str) -> str:
    return f"{date.fromisoformat(iso):%m/%d/%Y}"


def test_one_line_says_what_is_wrong_with_a_whole_column(
    narrowgate: CommandLine, agreement: Path, tmp_path: Path
) -> None:
    assert (
        narrowgate("case", "lint", case_file(tmp_path / "good.csv", people()), "--agreement", agreement).out
        == ""
    )
    rows = [{**row, "birth_date": american(row["birth_date"])} for row in people(stayed="No")]
    rows[2]["tin"], rows[4]["zip"] = "12345678", "7702"
    path = case_file(tmp_path / "cases.csv", rows)
    told = narrowgate("case", "lint", path, "--agreement", agreement, "--strict")
    lines = told.out.splitlines()
    assert told.code == 11
    assert lines[0].startswith(
        "column birth_date: 6 of 6: The value of birth_date is written month/day/year. Write it"
    )
    assert lines[1].startswith("column stayed: 6 of 6: The value of stayed is not in small letters.")
    assert lines[2].startswith(
        "4: item case-2: R-61 The value of tin has 8 digits: has a leading zero been lost?"
    )
    assert lines[3].startswith("6: item case-4: R-62")
    assert "The value of zip has 4 digits: has a leading zero been lost?" in lines[3]
    assert "6 items, 6 would be refused" in told.err
    as_data = narrowgate("case", "lint", path, "--agreement", agreement, "--json").out.splitlines()
    summary = json.loads(as_data[-1])["summary"]
    assert [(entry["column"], entry["values"], entry["of"]) for entry in summary["columns"]] == [
        ("birth_date", 6, 6),
        ("stayed", 6, 6),
    ]
    assert (summary["refused"], summary["form"]) == (6, [])
    assert sum(json.loads(line).get("column") == "birth_date" for line in as_data[:-1]) == 6


def test_what_the_rules_say_once_the_form_is_right_is_told_in_the_same_pass_and_not_counted(
    narrowgate: CommandLine, agreement: Path, tmp_path: Path
) -> None:
    rows = [{**row, "birth_date": american(row["birth_date"])} for row in people(alien_number="A012345678")]
    rows[1]["removal_order_number"] = ""
    path = case_file(tmp_path / "cases.csv", rows)
    lines = narrowgate("case", "lint", path, "--agreement", agreement, "--json").out.splitlines()
    remarks = [json.loads(line) for line in lines[:-1]]
    assert ("R-14", "refusal") in {
        (remark["rule"], remark["severity"]) for remark in remarks if remark["line"] == 3
    }
    later = {remark["rule"] for remark in remarks if remark["severity"] == "later"}
    assert later == {"R-73"}
    assert "R-73" not in json.loads(lines[-1])["summary"]["refused_by_rule"]
    text = narrowgate("case", "lint", path, "--agreement", agreement).out
    assert "once the form is corrected: R-73" in text


def test_every_fault_of_the_form_is_told_in_one_pass_with_the_findings_of_the_rest(
    narrowgate: CommandLine, agreement: Path, tmp_path: Path
) -> None:
    path = case_file(tmp_path / "cases.csv", people())
    text = path.read_text().splitlines(keepends=True)
    text[0] = text[0].replace("given_names", "Given Names").replace("birth_date", "DOB")
    text[1] = text[1].replace("Garcia", '"Gar\ncia"', 1)
    text[2] = text[2].rstrip("\r\n").rpartition(",")[0] + "\r\n"
    text[3] = text[3].replace("case-2", "case-5")
    text[4] = text[4].replace("Vantorez", "Vant\0orez")
    text[5] = text[5].replace(",no,no,", ",Yes,no,")
    path.write_text("".join([*text, "x" * 70_000 + "\n"]), newline="")
    told = narrowgate("case", "lint", path, "--agreement", agreement)
    assert told.code == 11
    for words in (
        "Given Names (did you mean given_names?), DOB (did you mean birth_date?)",
        "line 2: The row cannot be used: a line break in the cell of the column surnames.",
        "line 4: The row has 24 cells, not 25.",
        "line 6: The row cannot be used: a NUL character in the cell of the column surnames.",
        "line 8: The row has the item id of line 5.",
        "line 9: The line is longer than 65536 bytes.",
        "7: item case-4: R-14 The value of stayed is not in small letters.",
    ):
        assert words in told.out
    built = narrowgate("package", "build", path, tmp_path / "package", "--agreement", agreement)
    assert (built.code, built.out, (tmp_path / "package").exists()) == (11, "", False)
    for words in ("line 2:", "line 4:", "line 6:", "line 8:", "line 9:", "DOB (did you mean birth_date?)"):
        assert words in built.err


def _latin_1(path: Path) -> None:
    path.write_bytes(path.read_text().replace("Garcia", "Peña").encode("latin-1"))


def _utf_16(path: Path) -> None:
    path.write_bytes(path.read_text().encode("utf-16"))


def _no_heading(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))


def _old_line_ends(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\r"))


def _numbers(path: Path) -> None:
    rows = [
        {**row, "zip": 77002, "birth_date": date(1984, 3, 9)}
        for row in csv.DictReader(io.StringIO(path.read_text()))
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_latin_1, "not UTF-8"),
        (_utf_16, "UTF-16"),
        (_no_heading, "is the heading line missing?"),
        (_old_line_ends, "carriage return is alone"),
        (_numbers, "birth_date (date32[day]), zip (int64)"),
        (lambda path: path.write_bytes(b"PK\x03\x04" + path.read_bytes()), "not one of Excel"),
        (lambda path: path.write_text(path.read_text().replace(",", ";")), "separated by semicolons"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_words_that_repeat_no_cell(
    narrowgate: CommandLine, agreement: Path, tmp_path: Path, spoil: Callable[[Path], object], words: str
) -> None:
    path = case_file(tmp_path / "cases.csv", people())
    spoil(path)
    told = narrowgate("case", "lint", path, "--agreement", agreement)
    assert told.code == 11
    assert words in told.out + told.err
    assert [name for name in (*NAMES, "Oak St", "A01234567") if name in told.out + told.err] == []


def test_what_the_page_says_of_columns_and_form_is_escaped(
    narrowgate: CommandLine, agreement: Path, tmp_path: Path
) -> None:
    path = case_file(tmp_path / "cases.csv", people(stayed="No"))
    path.write_text(path.read_text().replace("zip,", "<b>zip,", 1))
    page = tmp_path / "lint.html"
    assert narrowgate("case", "lint", path, "--agreement", agreement, "--html", page).code == 11
    text = page.read_text()
    assert "&lt;b&gt;zip (did you mean zip?)" in text
    assert "column stayed: 6 of 6" in text
