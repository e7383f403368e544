"""Excel workbooks: text as typed, values that Excel turned are told by cell, and hostile files are refused unopened."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from narrowgate.adapters.files import workbook
from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.adapters.files.workbook import cell_name, read_sheet, text_of, what_became_of
from narrowgate.adapters.readers import read_rows
from narrowgate.core.base.errors import ConfigurationError, NothingToProcessError, RefusedError
from narrowgate.core.request.item import ITEM_COLUMNS
from narrowgate.core.taxfile.mapping import parse_mapping
from support.requests import eligible_item
from support.workbooks import change_part, write_workbook

SHEET = "xl/worksheets/sheet1.xml"


def case_file(path: Path, **changed: object) -> Path:
    row = [changed.get(column, value) for column, value in eligible_item()._asdict().items()]
    return write_workbook(path / "cases.xlsx", {"Sheet1": [ITEM_COLUMNS, row]})


def test_a_case_file_of_text_cells_is_read_as_it_was_typed(tmp_path: Path) -> None:
    assert list(read_case_file(case_file(tmp_path))) == [(2, eligible_item())]


def test_a_number_that_has_all_its_digits_is_its_text(tmp_path: Path) -> None:
    ((_, item),) = read_case_file(case_file(tmp_path, zip=77002, tax_years=2023, tin=123456789))
    assert (item.zip, item.tax_years, item.tin) == ("77002", "2023", "123456789")


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("zip", 2134, "K2 (zip) is a number of 4 digits: has a leading zero been lost?"),
        ("tin", 12345678, "E2 (tin) is a number of 8 digits: has a leading zero been lost?"),
        ("birth_date", date(1984, 3, 9), "D2 (birth_date) was turned into a date or a time"),
        ("address_line_1", date(2026, 1, 2), "G2 (address_line_1) was turned into a date or a time"),
        ("stayed", False, "U2 (stayed) is a truth value"),
        ("alien_number", 1.5, "F2 (alien_number) is a number with a fraction, an exponent or a sign"),
        ("item", -4, "A2 (item) is a number with a fraction, an exponent or a sign"),
        ("reason", "#REF!", "X2 (reason) is an error value"),
    ],
)
def test_what_excel_turned_is_told_by_cell_and_never_guessed(
    column: str, value: object, told: str, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError) as caught:
        list(read_case_file(case_file(tmp_path, **{column: value})))
    assert told in caught.value.what
    assert "as text" in caught.value.next_step
    assert str(value) not in caught.value.what or column == "reason"


def test_all_turned_cells_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    rows = [[2134 if column == "zip" else "x" for column in ITEM_COLUMNS] for _ in range(20)]
    path = write_workbook(tmp_path / "cases.xlsx", {"Sheet1": [ITEM_COLUMNS, *rows]})
    with pytest.raises(RefusedError, match=r"K2, K3, K4, K5, K6 and 15 more \(zip\) is a number of 4 digits"):
        list(read_case_file(path))


def test_names_of_cells_are_those_of_excel() -> None:
    assert [cell_name(column, 7) for column in (0, 25, 26, 51, 52, 701, 702)] == [
        *("A7", "Z7", "AA7", "AZ7", "BA7", "ZZ7", "AAA7")
    ]


def test_a_time_of_day_is_no_text() -> None:
    assert text_of(time(12, 30)) is None
    assert what_became_of(time(12, 30)) == "was turned into a date or a time"


def test_the_sheet_cases_is_read_beside_others(tmp_path: Path) -> None:
    sheets = {"read me": [["words"]], "cases": [ITEM_COLUMNS, eligible_item()]}
    path = write_workbook(tmp_path / "cases.xlsx", sheets)
    assert [item for _, item in read_case_file(path)] == [eligible_item()]


def test_of_two_sheets_with_content_none_is_chosen(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "cases.xlsx", {"one": [["a"]], "two": [["b"]]})
    with pytest.raises(RefusedError, match="2 sheets with content"):
        read_sheet(path)


def test_an_empty_workbook_has_nothing_to_process(tmp_path: Path) -> None:
    with pytest.raises(NothingToProcessError):
        read_sheet(write_workbook(tmp_path / "empty.xlsx", {"one": []}))


def test_a_heading_elsewhere_is_not_searched_for(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "cases.xlsx", {"one": [[], ["", "a"]]})
    with pytest.raises(RefusedError, match="heading"):
        read_sheet(path)


def test_a_formula_is_refused(tmp_path: Path) -> None:
    path = case_file(tmp_path)
    change_part(path, SHEET, lambda data: data.replace(b"<v>", b"<f>1+1</f><v>", 1))
    with pytest.raises(RefusedError, match="formulas"):
        list(read_case_file(path))


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml"])
def test_macros_and_links_are_refused(name: str, tmp_path: Path) -> None:
    path = case_file(tmp_path)
    change_part(path, name, lambda _: b"x")
    with pytest.raises(RefusedError, match="macros or links"):
        list(read_case_file(path))


def test_an_xml_entity_is_refused(tmp_path: Path) -> None:
    path = case_file(tmp_path)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    change_part(path, "xl/sharedStrings.xml", lambda data: data.replace(b"?>", b"?>" + bomb, 1))
    with pytest.raises(RefusedError, match="XML entities"):
        list(read_case_file(path))


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = case_file(tmp_path)
    change_part(path, "xl/media/image1.png", lambda _: bytes(5_000_000))
    assert path.stat().st_size < 50_000
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 1_000_000)
    with pytest.raises(RefusedError, match="unpacks"):
        list(read_case_file(path))


def test_too_many_parts_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_PARTS", 3)
    with pytest.raises(RefusedError, match="parts"):
        list(read_case_file(case_file(tmp_path)))


@pytest.mark.parametrize("keep", [10, 300, -60])
def test_a_truncated_workbook_is_damaged(keep: int, tmp_path: Path) -> None:
    path = case_file(tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RefusedError, match="damaged"):
        list(read_case_file(path))


RECORDS = ("SSN", "NAME", "DOB", "STREET", "CITY", "ST", "ZIP", "YEAR", "KEEP_OUT")
MAPPING = parse_mapping(
    """
    [columns]
    tin = "SSN"
    full_name = "NAME"
    birth_date = "DOB"
    address_line_1 = "STREET"
    city = "CITY"
    state = "ST"
    zip = "ZIP"
    tax_year = "YEAR"
    suppressed = "KEEP_OUT"
    """,
    "mapping.toml",
)


def test_records_are_loaded_or_faults_and_none_is_lost(tmp_path: Path) -> None:
    good = ["123456789", "GARCIA MARIA", date(1984, 3, 9), "12 OAK ST", "HOUSTON", "TX", "77002", 2023, False]
    short = [*good[:6], 2134, *good[7:]]
    turned = [*good[:3], date(2026, 1, 2), *good[4:]]
    path = write_workbook(tmp_path / "records.xlsx", {"file": [RECORDS, good, short, turned, good]})
    (batch,) = read_rows(path, MAPPING)
    assert list(batch.numbers) == [1, 4]
    assert [(fault.row, fault.reason) for fault in batch.faults] == [
        (2, "row_cell_turned"),
        (3, "row_cell_turned"),
    ]
    row = batch.columns.to_pylist()[0]
    assert (row["DOB"], row["YEAR"], row["KEEP_OUT"]) == ("1984-03-09", "2023", "no")


def test_records_that_are_no_plain_workbook_are_a_matter_of_configuration(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "records.xlsx", {"one": [RECORDS], "two": [RECORDS]})
    with pytest.raises(ConfigurationError, match="2 sheets"):
        list(read_rows(path, MAPPING))
