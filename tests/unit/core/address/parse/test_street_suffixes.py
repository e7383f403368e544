"""Publication 28 Appendix C1: every spelling of a suffix is the same street."""

from __future__ import annotations

import csv

import pytest

from narrowgate.core.address.model import Defect
from narrowgate.core.address.parse.streets import read_street
from narrowgate.core.base.tables import read_table
from support.labelled_data import LABELLED

ROWS = read_table("narrowgate.core.address.words", "suffixes.txt")
APPENDIX = LABELLED / "usps_street_suffix.csv"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split()[0])
def test_all_spellings_of_a_suffix_are_one_street(row: str) -> None:
    primary, standard, *others = row.split()
    expected = read_street(f"ELM {primary}", "")
    assert expected.defect is None
    for spelling in (standard, *others):
        assert read_street(f"ELM {spelling}", "") == expected or _is_shared_spelling(spelling, primary), (
            spelling
        )


def _is_shared_spelling(spelling: str, primary: str) -> bool:
    """The appendix gives a few spellings to two suffixes; the first one keeps it."""
    return [row.split()[0] for row in ROWS if spelling in row.split()].index(primary) > 0


@pytest.mark.skipif(not APPENDIX.exists(), reason="the labelled data is not here (NARROWGATE_DATA)")
def test_the_table_holds_every_row_of_the_appendix() -> None:
    with APPENDIX.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    spellings = {tuple(row.split()[:2]): row.split() for row in ROWS}
    missing = [
        row
        for row in rows
        if row["commonly_used_street_suffix_or_abbreviation"].strip()
        not in spellings[
            row["primary_street_suffix_name"].strip(),
            row["postal_service_standard_suffix_abbreviation"].strip(),
        ]
    ]
    assert len(rows) > 500
    assert not missing


def test_a_suffix_that_the_appendix_does_not_list_is_no_whole_name() -> None:
    """``TR`` is trail or terrace; alone it names no street, and is refused rather than failed on."""
    assert read_street("TR", "OH").defect is Defect.STREET_MISSING
    assert read_street("E TR K", "IL").defect
