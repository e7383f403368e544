"""Listed detention facilities are refused by address, with any unit, and by name."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from narrowgate.adapters.files.facility_list import COLUMNS, read_facility_list
from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import Defect, RawAddress
from narrowgate.core.base.errors import ConfigurationError
from support.labelled_data import LABELLED

FACILITIES_2017 = LABELLED / "detention_facilities_2017.csv"

ROWS = [
    ("NORTH FIELD HOLDING", "1921 STATE STREET", "ALAMOSA", "CO", "81101", "HOLD"),
    ("EAST FIELD STAGING", "4550 HEBERT RD. PO BOX 26035", "BEAUMONT", "TX", "77720", "BOP"),
    ("WEST FIELD", "CORNER BELT AND GUN", "AGUADILLA", "PR", "00603", "HOLD"),
    ("AGUADILLA", "", "AGUADILLA", "PR", "00603", "HOLD"),
]


def write(path: Path, rows: list[tuple[str, ...]], header: tuple[str, ...] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([header, *rows])
    return path


@pytest.fixture
def listed(tmp_path: Path) -> frozenset[str]:
    return read_facility_list(write(tmp_path / "facilities.csv", ROWS))


@pytest.mark.parametrize(
    "written",
    [
        RawAddress("1921 STATE STREET", "", "ALAMOSA", "CO", "81101"),
        RawAddress("1921 State St.", "", "Alamosa", "Colorado", "81101-1234"),
        RawAddress("1921 STATE ST", "APT 5", "ALAMOSA", "CO", "81101"),
        RawAddress("1921 STATE ST", "", "ALAMOSA", "CO"),
        RawAddress("1921 STATE ST, ALAMOSA, CO 81101"),
        RawAddress("4550 HEBERT RD", "", "BEAUMONT", "TX", "77720"),
        RawAddress("12 ELM ST", "North Field Holding", "ALAMOSA", "CO", "81101"),
        RawAddress("West Field, 12 ELM ST", "", "ALAMOSA", "CO", "81101"),
    ],
)
def test_a_listed_facility_is_refused_by_address_or_name(written: RawAddress, listed: frozenset[str]) -> None:
    assert Defect.INSTITUTION_LISTED in examine_address(written, listed).defects
    assert Defect.INSTITUTION_LISTED not in examine_address(written).defects


@pytest.mark.parametrize(
    "written",
    [
        RawAddress("1923 STATE STREET", "", "ALAMOSA", "CO", "81101"),
        RawAddress("1921 STATE STREET", "", "DENVER", "CO", "80202"),
        RawAddress("12 NORTH FIELD RD", "", "ALAMOSA", "CO", "81101"),
        RawAddress("12 CALLE SOL", "", "AGUADILLA", "PR", "00603"),
    ],
)
def test_a_neighbor_of_a_facility_is_not_refused(written: RawAddress, listed: frozenset[str]) -> None:
    assert examine_address(written, listed).defects == ()


def test_a_list_with_other_columns_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="other columns"):
        read_facility_list(write(tmp_path / "f.csv", [], ("name", "street")))


def test_a_short_line_is_named_and_not_skipped(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"f\.csv:2: The line has 1 columns"):
        read_facility_list(write(tmp_path / "f.csv", [("A",)]))


def test_a_list_that_is_absent_or_not_text_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_facility_list(tmp_path / "absent.csv")
    (tmp_path / "f.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="not CSV"):
        read_facility_list(tmp_path / "f.csv")


def facilities_2017() -> Iterator[RawAddress]:
    with FACILITIES_2017.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield RawAddress(row["address"], "", row["city"], row["state"], row["zip"])


@pytest.mark.skipif(not FACILITIES_2017.exists(), reason="the labelled data is not here (NARROWGATE_DATA)")
def test_facilities_of_2017_are_refused_by_bare_address_with_the_list_loaded() -> None:
    listed = read_facility_list(FACILITIES_2017)
    refused = [examine_address(raw, listed).delivery_point is None for raw in facilities_2017()]
    assert sum(refused) >= 0.95 * len(refused)
