"""A template holds the heading, tells what each column holds, and is read as an empty case file."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

import pytest

from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.adapters.files.workbook import read_sheet
from narrowgate.core.base.errors import NothingToProcessError
from narrowgate.core.eligibility.ruleset import RULES
from narrowgate.core.request.dictionary import DICTIONARY
from narrowgate.core.request.item import ITEM_COLUMNS, Item
from support.command_line import CommandLine
from support.requests import PROJECT, eligible_item
from support.workbooks import write_workbook

AGREEMENT = PROJECT / "examples" / "agreement.toml"


def test_the_dictionary_has_every_column_in_order_and_names_rules_that_exist() -> None:
    assert tuple(entry.name for entry in DICTIONARY) == ITEM_COLUMNS
    assert {entry.rule for entry in DICTIONARY} <= {rule.id for rule in RULES}
    assert all(entry.holds for entry in DICTIONARY)


def test_the_example_of_the_dictionary_is_a_row_that_is_read(tmp_path: Path) -> None:
    example = [entry.example for entry in DICTIONARY]
    path = write_workbook(tmp_path / "cases.xlsx", {"cases": [ITEM_COLUMNS, example]})
    assert [item for _, item in read_case_file(path)] == [Item(*example)]


@pytest.mark.parametrize("name", ["cases.csv", "cases.xlsx"])
def test_a_template_is_an_empty_case_file(name: str, tmp_path: Path, narrowgate: CommandLine) -> None:
    path = tmp_path / name
    assert narrowgate("case", "template", path, "--agreement", AGREEMENT).code == 0
    with pytest.raises(NothingToProcessError, match="no items"):
        list(read_case_file(path))


def test_a_filled_csv_template_is_read(tmp_path: Path, narrowgate: CommandLine) -> None:
    path = tmp_path / "cases.csv"
    narrowgate("case", "template", path)
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(eligible_item())
    assert [item for _, item in read_case_file(path)] == [eligible_item()]


def test_the_dictionary_of_a_csv_lies_beside_it(tmp_path: Path, narrowgate: CommandLine) -> None:
    narrowgate("case", "template", tmp_path / "cases.csv", "--agreement", AGREEMENT)
    with (tmp_path / "cases.dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["column"] for row in rows] == list(ITEM_COLUMNS)
    assert {row["column"]: row["choices"] for row in rows}["stayed"] == "yes; no"
    assert "8 USC 1253(a)(1)" in {row["column"]: row["choices"] for row in rows}["statute"]


def test_a_workbook_keeps_every_cell_as_text_and_offers_lists(
    tmp_path: Path, narrowgate: CommandLine
) -> None:
    path = tmp_path / "cases.xlsx"
    narrowgate("case", "template", path, "--agreement", AGREEMENT)
    assert read_sheet(path)[0] == list(ITEM_COLUMNS)
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert sheet.count('type="list"') == 4
    assert "CORROBORATE_RESIDENCE" in sheet
    assert len(re.findall(r'<col [^>]*style="1"', sheet)) >= 1
    assert 'numFmtId="49"' in styles, "49 is Excel's format for text"


def test_a_template_never_replaces_a_file(tmp_path: Path, narrowgate: CommandLine) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("mine")
    assert narrowgate("case", "template", path).code == 2
    assert path.read_text() == "mine"


def test_a_template_of_another_kind_is_not_offered(tmp_path: Path, narrowgate: CommandLine) -> None:
    result = narrowgate("case", "template", tmp_path / "cases.ods")
    assert result.code == 2
    assert "xlsx" in result.err
