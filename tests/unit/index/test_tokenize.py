"""An entry holds exactly the tokens that the core makes of its person and its address."""

from __future__ import annotations

import pyarrow as pa
import pytest

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import RawAddress
from narrowgate.core.matching.record import has_street_row, record_rows, street_row
from narrowgate.core.matching.tax_years import mask_of
from narrowgate.core.matching.token import (
    TOKEN_SIZE,
    Token,
    covered_zip,
    exclusion_token,
    several,
)
from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.exclusion_subjects import exclusion_subjects
from narrowgate.core.person.identity import record_identities
from narrowgate.core.person.model import RawPerson
from narrowgate.index import places
from narrowgate.index.columns import joined
from narrowgate.index.places import KnownPlaces
from narrowgate.index.rows import RowBatch
from narrowgate.index.tokenize import Tokenizer
from support.index_worlds import KEY, MAPPING, Row

NOTHING = bytes(16)

ROWS = (
    Row("212456781", "Ana", "Reyes", "1980-01-02", "12 Main St"),
    Row("", "Jos\u00e9 Luis", "Garc\u00eda de la Cruz", "1981-01-02", "12 N Main St Apt 7"),
    Row("212456783", "Jean-Pierre", "Smith-Jones", "", "PO Box 12"),
    Row("212456784", "Ana", "Reyes", "1980-01-02", "14 1/2 Broadway"),
    Row("212456785", "Ana", "Reyes", "1980-01-02", "RR 2 Box 5"),
    Row("212456786", "Ana", "Garcia Garcia", "1980-01-02", "4100 Main St Fl 2"),
)


def entry_of(row: Row, *others: Row) -> dict[str, list[Token]]:
    """The tokens of the entry of ``row`` by their names, whatever rows were read before it."""
    tokenizer = Tokenizer(KEY, MAPPING)
    rows = (*others, row)
    columns = [list(column) for column in zip(*rows, strict=True)]
    batch = pa.RecordBatch.from_arrays(list(map(pa.array, columns)), names=list(Row._fields))
    entries = pa.Table.from_batches([tokenizer.tokenize(RowBatch(batch, range(1, len(rows) + 1))).entries])
    last = entries.slice(len(rows) - 1)
    assert last.column("years").to_pylist() == [mask_of((2022,))]
    found = {
        name: joined(last.column(f"{name}_high"), last.column(f"{name}_low")) for name in ("tin", "birth")
    }
    high, low, masks = (
        last.column(name).combine_chunks().flatten() for name in ("tokens_high", "tokens_low", "masks")
    )
    names = joined(pa.chunked_array([high]), pa.chunked_array([low]))
    pairs = zip(names, masks.to_pylist(), strict=True)
    found["tokens"] = [name + mask.to_bytes(8, signed=True) for name, mask in pairs]
    return found


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("before", [(), ROWS, (*ROWS, ROWS[0])])
def test_an_entry_holds_the_tokens_of_its_record(row: Row, before: tuple[Row, ...]) -> None:
    person = examine_person(RawPerson(row.given_names, row.surnames, "", row.birth_date, row.tin)).person
    point = examine_address(RawAddress(row.address_line_1, "", row.city, row.state, row.zip)).delivery_point
    assert person
    assert point
    identities = record_identities(person)
    excluded = {subject[:1]: [exclusion_token(KEY, subject)] for subject in exclusion_subjects(person)}
    expected = {
        "tokens": [row[:24] for row in record_rows(KEY, identities, point)],
        "tin": excluded.get("T", [NOTHING]),
        "birth": excluded.get("B", [NOTHING]),
    }
    assert entry_of(row, *before) == expected


@pytest.mark.parametrize("row", ROWS)
def test_a_street_is_told_of_at_the_first_meeting_only(row: Row) -> None:
    point = examine_address(RawAddress(row.address_line_1, "", row.city, row.state, row.zip)).delivery_point
    assert point
    known = KnownPlaces(KEY)
    known.facts((row.address_line_1, "", row.city, row.state, row.zip))
    told = known.take_streets().to_pylist()
    assert len(told) == has_street_row(point, "Z45220")
    for one in told:
        guard, value = street_row(KEY, "Z45220", point)
        name = b"".join(one[f"token_{half}"].to_bytes(8, signed=True) for half in ("high", "low"))
        covered = b"".join(one[f"zip_{half}"].to_bytes(8, signed=True) for half in ("high", "low"))
        assert (name, covered) == (guard[:TOKEN_SIZE], covered_zip(KEY, "Z45220")[:TOKEN_SIZE])
        assert one["value"].to_bytes(8, signed=True) == value
        assert one["several"].to_bytes(8, signed=True) == several(guard)
    known.facts((row.address_line_1, "", row.city, row.state, row.zip))
    assert known.take_streets().num_rows == 0


def test_entries_kept_in_spite_of_a_fault_are_counted_for_every_row() -> None:
    rows = (
        Row("000000000", "Ana", "Reyes", "1980-01-02", "12 Main St"),
        Row("000000000", "Ana", "Reyes", "1980-01-02", "12 Main St"),
        Row("212456781", "Ana", "Reyes", "1980-01-02", "12 Main St")._replace(state="KY"),
        Row("212456781", "Ana", "Reyes", "1980-01-02", "12 Main St"),
        Row("000000000", "Ana", "Reyes", "", "12 Main St"),
    )
    columns = [list(column) for column in zip(*rows, strict=True)]
    batch = pa.RecordBatch.from_arrays(list(map(pa.array, columns)), names=list(Row._fields))
    tally = Tokenizer(KEY, MAPPING).tokenize(RowBatch(batch, range(1, len(rows) + 1))).tally
    assert (tally.entries_loaded, tally.tins_passed_over, tally.states_passed_over) == (4, 2, 1)
    assert tally.rows_quarantined == {"person_tin_malformed": 1}
    assert tally.adds_up()


def test_an_address_has_the_same_tokens_whatever_was_forgotten_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [
        f"{number} {street}" for number in (12, 45) for street in ("Main St", "Oak St", "Elm St Apt 7", "Ash")
    ]
    cells = [(line, "", "Cincinnati", "OH", "45220") for line in (*lines, "PO Box 12", "Unknown", *lines)]
    remembering = KnownPlaces(KEY)
    expected = [remembering.facts(one) for one in cells]
    monkeypatch.setattr(places, "REMEMBERED_STREETS", 2)
    monkeypatch.setattr(places, "_REMEMBERED_ADDRESSES", 1)
    forgetful = KnownPlaces(KEY)
    assert [forgetful.facts(one) for one in cells] == expected
