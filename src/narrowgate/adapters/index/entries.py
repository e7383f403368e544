"""Rows of a tax file to entries of tokens: the only place where plain text and tokens meet.

An entry is one person at one address of one row. What leaves this module holds tokens, counts and reasons; no
name, number or address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from narrowgate.adapters.index.columns import integers, split, token_batch
from narrowgate.adapters.index.places import NO_ADDRESS, NOTHING, KnownPlaces, PlaceFacts, RawCells
from narrowgate.adapters.index.tally import Quarantined, Tally
from narrowgate.adapters.readers.batch import RowBatch
from narrowgate.core.exclusion import subjects_to_exclude
from narrowgate.core.mapping import AddressColumns, Mapping, PersonColumns
from narrowgate.core.person.birth_date import BirthDateForm, parse_birth_date
from narrowgate.core.person.examine import examine
from narrowgate.core.person.identity import record_identities
from narrowgate.core.person.model import RawPerson
from narrowgate.core.tax_years import mask_of, parse_year
from narrowgate.core.token import IndexKey, Token, exclusion_token, subjects

_TOKEN_COLUMNS = ("tin", "birth", "point", "known", "numbered", "suffix")

PersonCells = tuple[str, str, str, str, str, str]
"""Given names, surnames, full name, birth date, TIN and suppression flag as the source has them."""

_SUPPRESSED = {"yes": True, "no": False, "": False}


@dataclass(frozen=True, slots=True)
class Entries:
    """One batch of rows as tokens.

    Args:
        entries: one row for each person at each address, with its tokens as a list.
        streets: ``W`` tokens of streets this process had not met before.
        suppressed: exclusion tokens of suppressed persons.
        quarantined: in the order of the rows.
        tally: counts of the batch.
    """

    entries: pa.RecordBatch
    streets: pa.RecordBatch
    suppressed: pa.RecordBatch
    quarantined: tuple[Quarantined, ...]
    tally: Tally


@dataclass(frozen=True, slots=True)
class Filer:
    """An identified person of one row."""

    identities: tuple[str, ...]
    tin: Token
    birth: Token


_REMEMBERED = 1 << 16
"""Persons kept by one process: a file often has several rows of one person side by side."""


class Tokenizer:
    """Turns batches of rows into entries; one for each process, for it remembers persons, places and streets.

    Args:
        key: the index key.
        mapping: which column plays which role.
    """

    def __init__(self, key: IndexKey, mapping: Mapping) -> None:
        self.key = key
        self.mapping = mapping
        self.places = KnownPlaces(key)
        self._filers: dict[PersonCells, Filer | tuple[str, ...]] = {}

    def tokenize(self, batch: RowBatch) -> Entries:
        """The entries of ``batch``; every row is loaded or quarantined."""
        return _Batch(self).run(batch)

    def filer(self, cells: PersonCells) -> Filer | tuple[str, ...]:
        """The person, or the reasons why there is none."""
        found = self._filers.get(cells)
        if found is None:
            if len(self._filers) >= _REMEMBERED:
                self._filers.clear()
            found = self._filers[cells] = self._read(cells)
        return found

    def _read(self, cells: PersonCells) -> Filer | tuple[str, ...]:
        examined = examine(self.raw_person(cells))
        if examined.person is None:
            return tuple(f"person_{defect.value}" for defect in examined.defects)
        identities = record_identities(examined.person)
        tin, birth = NOTHING, NOTHING
        for subject in subjects(identities):
            if subject.startswith("T|"):
                tin = exclusion_token(self.key, subject)
            else:
                birth = exclusion_token(self.key, subject)
        return Filer(identities, tin, birth)

    def raw_person(self, cells: PersonCells) -> RawPerson:
        """The person as written, the birth date in ISO form where it has the form of the mapping."""
        given, surnames, full, birth_date, tin, _ = cells
        form = self.mapping.source.birth_date_form
        if form is not BirthDateForm.ISO:
            # A date in another form than the mapping's is a defect, even where it is ISO.
            birth_date = parse_birth_date(birth_date, form) or birth_date.replace("-", "?")
        return RawPerson(given, surnames, full, birth_date, tin)


class _Batch:
    """The lists that one batch fills."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokens: dict[str, list[Token]] = {name: [] for name in _TOKEN_COLUMNS}
        self._years: list[int] = []
        self._stored: list[Token] = []
        self._ends: list[int] = [0]
        self._suppressed: list[Token] = []
        self._quarantined: list[Quarantined] = []
        self._tally = Tally()

    def run(self, batch: RowBatch) -> Entries:
        mapping = self._tokenizer.mapping
        for fault in batch.faults:
            self._quarantine_row(fault.row, fault.reason)
        columns: dict[str, list[Any]] = {
            name: batch.columns.column(name).to_pylist() for name in batch.columns.schema.names
        }
        blank = [""] * batch.columns.num_rows
        cells: dict[str, list[str]] = {"": blank, **columns}
        years = cells[mapping.tax_year] if mapping.tax_year else None
        persons = [list(_persons(cells, columns_of)) for columns_of in mapping.persons]
        addresses = [list(_addresses(cells, columns_of)) for columns_of in mapping.addresses]
        for at, number in enumerate(batch.numbers):
            year = years[at].strip() if years else mapping.source.tax_year
            self._row(number, year, [column[at] for column in persons], [column[at] for column in addresses])
        return Entries(
            self._entry_columns(),
            self._tokenizer.places.take_streets(),
            token_batch(suppressed=self._suppressed),
            tuple(self._quarantined),
            self._tally,
        )

    def _row(
        self,
        number: int,
        year: str,
        persons: list[PersonCells | None],
        addresses: list[RawCells | None],
    ) -> None:
        """Every person at every address; a slot left blank holds nobody, but a row holds somebody."""
        filers = [(order, self._filer(person)) for order, person in enumerate(persons, 1) if person]
        if not filers:
            self._quarantine_row(number, "person_missing")
            return
        here = [(order, cells) for order, cells in enumerate(addresses, 1) if cells] or [(1, NO_ADDRESS)]
        years = _mask(year)
        year_reasons = () if years else ("tax_year_malformed",)
        faults: list[Quarantined] = []
        for order, filer in filers:
            for address_order, cells in here:
                facts = self._tokenizer.places.facts(cells)
                if years and isinstance(filer, Filer) and isinstance(facts, PlaceFacts):
                    self._load(filer, facts, years)
                else:
                    person_reasons = filer if isinstance(filer, tuple) else ()
                    address_reasons = facts if isinstance(facts, tuple) else ()
                    reasons = (*year_reasons, *person_reasons, *address_reasons)
                    faults.append(Quarantined(number, order, address_order, reasons))
        self._quarantined.extend(faults)
        self._tally.count_row(len(filers) * len(here), faults)

    def _filer(self, cells: PersonCells) -> Filer | tuple[str, ...]:
        """The person, or the reasons why there is none; a suppressed one is noted either way."""
        filer = self._tokenizer.filer(cells)
        flag = _SUPPRESSED.get(cells[-1].strip().lower())
        if flag is not False:
            # A flag that cannot be read keeps the person out: the safe side of 26 USC 6103(i)(6).
            found = subjects_to_exclude(self._tokenizer.raw_person(cells))
            self._suppressed.extend(exclusion_token(self._tokenizer.key, subject) for subject in found)
            self._tally.suppressed_unidentified += not found
        return ("suppressed_malformed",) if flag is None and isinstance(filer, Filer) else filer

    def _load(self, filer: Filer, facts: PlaceFacts, years: int) -> None:
        columns = self._tokens
        columns["tin"].append(filer.tin)
        columns["birth"].append(filer.birth)
        columns["point"].append(facts.point)
        columns["known"].append(facts.known)
        columns["numbered"].append(facts.numbered)
        columns["suffix"].append(facts.suffix)
        self._years.append(years)
        self._stored.extend(facts.place.tokens(self._tokenizer.key, filer.identities))
        self._ends.append(len(self._stored))

    def _quarantine_row(self, number: int, reason: str) -> None:
        fault = Quarantined(number, 0, 0, (reason,))
        self._quarantined.append(fault)
        self._tally.count_row(0, [fault])

    def _entry_columns(self) -> pa.RecordBatch:
        halves = token_batch(**self._tokens)
        high, low = split(self._stored)
        ends = pa.array(self._ends, pa.int32())
        arrays: list[pa.Array[Any]] = [
            *halves.columns,
            integers(self._years),
            pa.ListArray.from_arrays(ends, high),
            pa.ListArray.from_arrays(ends, low),
        ]
        return pa.RecordBatch.from_arrays(
            arrays, names=[*halves.schema.names, "years", "tokens_high", "tokens_low"]
        )


def _persons(cells: dict[str, list[str]], columns: PersonColumns) -> Iterator[PersonCells | None]:
    for raw in zip(
        cells[columns.given_names],
        cells[columns.surnames],
        cells[columns.full_name],
        cells[columns.birth_date],
        cells[columns.tin],
        cells[columns.suppressed],
        strict=True,
    ):
        yield raw if any(raw[:-1]) else None


def _addresses(cells: dict[str, list[str]], columns: AddressColumns) -> Iterator[RawCells | None]:
    for raw in zip(
        cells[columns.address_line_1],
        cells[columns.address_line_2],
        cells[columns.city],
        cells[columns.state],
        cells[columns.zip],
        strict=True,
    ):
        yield raw if any(raw) else None


@lru_cache(maxsize=256)
def _mask(year: str) -> int:
    parsed = parse_year(year)
    return mask_of((parsed,)) if parsed else 0
