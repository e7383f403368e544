"""An entry holds exactly the tokens that the core makes of its person and its address."""

from __future__ import annotations

import pyarrow as pa
import pytest

from narrowgate.core.address.examine import examine as examine_address
from narrowgate.core.address.model import RawAddress
from narrowgate.core.matching.record import record_guards, record_tokens
from narrowgate.core.matching.tax_years import mask_of
from narrowgate.core.matching.token import Token, exclusion_token
from narrowgate.core.person.examine import examine as examine_person
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
        name: joined(last.column(f"{name}_high"), last.column(f"{name}_low"))
        for name in ("tin", "birth", "known", "numbered", "suffix")
    }
    found["tokens"] = joined(
        pa.chunked_array([last.column("tokens_high").combine_chunks().flatten()]),
        pa.chunked_array([last.column("tokens_low").combine_chunks().flatten()]),
    )
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
        "tokens": list(record_tokens(KEY, identities, point)),
        "tin": excluded.get("T", [NOTHING]),
        "birth": excluded.get("B", [NOTHING]),
        **{name: [NOTHING] for name in ("known", "numbered", "suffix")},
    }
    for facts in record_guards(KEY, point):
        expected["known"], expected["suffix"] = [facts.known], [facts.suffix]
        expected["numbered"] = [NOTHING if facts.suffix_blank else facts.numbered]
    assert entry_of(row, *before) == expected


def test_an_address_has_the_same_tokens_whatever_was_forgotten_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [
        f"{number} {street}" for number in (12, 45) for street in ("Main St", "Oak St", "Elm St Apt 7", "Ash")
    ]
    cells = [(line, "", "Cincinnati", "OH", "45220") for line in (*lines, "PO Box 12", "Unknown", *lines)]
    remembering = KnownPlaces(KEY)
    expected = [remembering.facts(one) for one in cells]
    monkeypatch.setattr(places, "_REMEMBERED_STREETS", 2)
    monkeypatch.setattr(places, "_REMEMBERED_ADDRESSES", 1)
    forgetful = KnownPlaces(KEY)
    assert [forgetful.facts(one) for one in cells] == expected
