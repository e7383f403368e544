"""Every row of a source falls in one share, whatever is written in it, and rows of one ZIP Code fall in the same."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrowgate.core.base.errors import OperationalError, UnavailableError
from narrowgate.core.taxfile.mapping import Mapping, parse_mapping
from narrowgate.index.dealing import Deal, written_places
from narrowgate.index.rows import RowBatch, RowFault

ZIP = 'zip = "zip"'
HOME = f'[columns]\ntin = "tin"\nfull_name = "name"\ntax_year = "year"\naddress_line_1 = "line"\n{ZIP}\n'
MAPPING = parse_mapping(HOME, "mapping.toml")
ONE_LINE = parse_mapping(HOME.replace(ZIP, ""), "mapping.toml")
TWO_HOMES = parse_mapping(
    '[columns]\ntin = "tin"\nfull_name = "name"\ntax_year = "year"\n'
    '[[address]]\naddress_line_1 = "line"\nzip = "zip"\n[[address]]\naddress_line_1 = "tin"\nzip = "name"\n',
    "mapping.toml",
)

CELLS = st.sampled_from(["45220", "45220-1234", "90210", " 90210", "", "  ", "ZIP?", "\x00", "4"]) | st.text(
    max_size=7
)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=40)


def batches(rows: list[tuple[str, ...]], size: int, faults: tuple[int, ...] = ()) -> Iterator[RowBatch]:
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        columns = [pa.array([row[at] for row in some], pa.string()) for at in range(4)]
        names = ["tin", "name", "line", "zip"]
        unread = tuple(RowFault(row, "row_length") for row in faults if start == 0)
        yield RowBatch(
            pa.RecordBatch.from_arrays([*columns, columns[0]], [*names, "year"]),
            range(start + 1, start + 1 + len(some)),
            unread,
        )


@settings(max_examples=60, deadline=None)
@given(
    rows=ROWS,
    mapping=st.sampled_from([MAPPING, ONE_LINE, TWO_HOMES]),
    processes=st.integers(1, 4),
    passes=st.integers(1, 5),
    size=st.integers(1, 9),
)
def test_all_passes_together_read_every_row_once(
    rows: list[tuple[str, ...]], mapping: Mapping, processes: int, passes: int, size: int
) -> None:
    deal = Deal(mapping, processes, passes)
    found: dict[int, tuple[int, int]] = {}
    count = 0
    for number in range(passes):
        for turn, batch in enumerate(deal.rounds(batches(rows, size), number)):
            for at, row in enumerate(batch.numbers):
                values = batch.columns.slice(at, 1).to_pylist()[0]
                assert tuple(values[name] for name in ("tin", "name", "line", "zip")) == rows[row - 1]
                found[row] = number, turn % processes
                count += 1
    assert sorted(found) == list(range(1, len(rows) + 1))
    deal.require_all(count)
    if mapping is MAPPING:
        shares = {}
        for row, share in found.items():
            place = rows[row - 1][3][:5]
            assert not place.strip() or shares.setdefault(place, share) == share


def test_rows_that_could_not_be_read_are_in_the_first_pass_alone() -> None:
    rows = [("1", "A", "1 MAIN ST", "45220")] * 3
    deal = Deal(MAPPING, 2, 3)
    faults = [
        fault.row
        for number in range(3)
        for batch in deal.rounds(batches(rows, 2, faults=(4, 5)), number)
        for fault in batch.faults
    ]
    assert faults == [4, 5]


@pytest.mark.parametrize(
    "later",
    [
        [("1", "A", "1 MAIN ST", "45220"), ("2", "B", "2 MAIN ST", "90210")],
        [
            ("2", "B", "2 MAIN ST", "90210"),
            ("1", "A", "1 MAIN ST", "45220"),
            ("1", "A", "1 MAIN ST", "45220"),
        ],
    ],
)
def test_a_pass_over_other_rows_than_the_first_is_refused(later: list[tuple[str, ...]]) -> None:
    deal = Deal(MAPPING, 1, 97)
    list(deal.rounds(batches([later[0], later[1], later[0]], 2), 0))
    with pytest.raises(UnavailableError, match="replaced while they were read"):
        list(deal.rounds(batches(later, 2), 1))


def test_a_row_that_no_pass_read_is_noticed() -> None:
    deal = Deal(MAPPING, 2, 1)
    list(deal.rounds(batches([("1", "A", "1 MAIN ST", "45220")], 1), 0))
    with pytest.raises(OperationalError, match="do not add up"):
        deal.require_all(0)


def test_without_a_zip_column_the_end_of_the_line_says_where_a_row_belongs() -> None:
    lines = ["1 MAIN ST CINCINNATI OH 45220", "9 OAK AVE CINCINNATI OH 45220-1234", "9 OAK AVE"]
    rows = [("1", "A", line, "") for line in lines]
    (batch,) = batches(rows, 9)
    first, second, _ = Deal(ONE_LINE, 64, 64).shares(batch.columns).to_pylist()
    assert first == second
    assert written_places(batch.columns, ONE_LINE) == {"45220", "9 OAK AVE"}
    assert written_places(batch.columns, MAPPING) == {""}
