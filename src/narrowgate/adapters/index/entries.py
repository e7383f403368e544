"""Rows of a tax file to entries of tokens: the only place where plain text and tokens meet.

An entry is one person at one address of one row. What leaves this module holds tokens, counts and reasons; no
name, number or address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from narrowgate.adapters.index.columns import every_word, integers, split, token_batch
from narrowgate.adapters.index.places import (
    NO_ADDRESS,
    NOTHING,
    PLACE_COLUMNS,
    KnownPlaces,
    PlaceFacts,
)
from narrowgate.adapters.index.tally import Quarantined, Tally
from narrowgate.adapters.readers.batch import RowBatch
from narrowgate.core.exclusion import subjects_to_exclude
from narrowgate.core.mapping import AddressColumns, Mapping, PersonColumns
from narrowgate.core.person.birth_date import BirthDateForm, parse_birth_date
from narrowgate.core.person.examine import examine_record
from narrowgate.core.person.model import RawPerson
from narrowgate.core.tax_years import mask_of, parse_year
from narrowgate.core.token import IndexKey, Token, exclusion_token, subjects

_COLUMNS = tuple(f"{token}_{half}" for token in ("tin", "birth", *PLACE_COLUMNS) for half in ("high", "low"))

PersonCells = tuple[str, str, str, str, str]
"""Given names, surnames, full name, birth date and TIN as the source has them."""

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
    """An identified person of one row.

    Args:
        identities: as the messages of ``A`` end.
        tokens: exclusion tokens of TIN and of birth date and name, one behind the other; nothing where there is none.
    """

    identities: tuple[bytes, ...]
    tokens: bytes


_REMEMBERED = 1 << 14
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
        """The person, or the reasons why there is none; no reasons where nothing is written."""
        found = self._filers.get(cells)
        if found is None:
            if len(self._filers) >= _REMEMBERED:
                self._filers.clear()
            found = self._filers[cells] = self._read(cells) if any(cells) else ()
        return found

    def _read(self, cells: PersonCells) -> Filer | tuple[str, ...]:
        given, surnames, full, birth_date, tin_written = cells
        identities, defects = examine_record(given, surnames, full, self._birth_date(birth_date), tin_written)
        if defects:
            return tuple(f"person_{defect.value}" for defect in defects)
        tin, birth = NOTHING, NOTHING
        for subject in subjects(identities):
            if subject.startswith("T|"):
                tin = exclusion_token(self.key, subject)
            else:
                birth = exclusion_token(self.key, subject)
        return Filer(tuple([identity.encode() for identity in identities]), tin + birth)

    def raw_person(self, cells: PersonCells) -> RawPerson:
        """The person as written, the birth date in ISO form where it has the form of the mapping."""
        given, surnames, full, birth_date, tin = cells
        return RawPerson(given, surnames, full, self._birth_date(birth_date), tin)

    def _birth_date(self, text: str) -> str:
        form = self.mapping.source.birth_date_form
        if form is BirthDateForm.ISO:
            return text
        # A date in another form than the mapping's is a defect, even where it is ISO.
        return parse_birth_date(text, form) or text.replace("-", "?")


class _Batch:
    """The lists that one batch fills."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokens: list[bytes] = []
        self._years: list[int] = []
        self._anchors: list[bytes] = []
        self._rests: list[Token] = []
        self._counts: list[int] = [0]
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
        cells: dict[str, list[str]] = {"": [""] * batch.columns.num_rows, **columns}
        self._rows(
            batch.numbers,
            _masks(cells, mapping),
            [self._persons(cells, columns_of) for columns_of in mapping.persons],
            [self._addresses(cells, columns_of) for columns_of in mapping.addresses],
        )
        return Entries(
            self._entry_columns(),
            self._tokenizer.places.take_streets(),
            token_batch(suppressed=self._suppressed),
            tuple(self._quarantined),
            self._tally,
        )

    def _persons(self, cells: dict[str, list[str]], columns: PersonColumns) -> list[Filer | tuple[str, ...]]:
        """The person of each row; a suppressed one is noted, identified or not."""
        rows: list[PersonCells] = list(
            zip(
                cells[columns.given_names],
                cells[columns.surnames],
                cells[columns.full_name],
                cells[columns.birth_date],
                cells[columns.tin],
                strict=True,
            )
        )
        found = list(map(self._tokenizer.filer, rows))
        flags = {text: _SUPPRESSED.get(text.strip().lower()) for text in set(cells[columns.suppressed])}
        if any(flag is not False for flag in flags.values()):
            for at, text in enumerate(cells[columns.suppressed]):
                if flags[text] is not False and found[at] != ():
                    # A flag that cannot be read keeps the person out: the safe side of 26 USC 6103(i)(6).
                    self._suppress(rows[at])
                    if flags[text] is None and isinstance(found[at], Filer):
                        found[at] = ("suppressed_malformed",)
        return found

    def _suppress(self, cells: PersonCells) -> None:
        found = subjects_to_exclude(self._tokenizer.raw_person(cells))
        self._suppressed.extend(exclusion_token(self._tokenizer.key, subject) for subject in found)
        self._tally.suppressed_unidentified += not found

    def _addresses(
        self, cells: dict[str, list[str]], columns: AddressColumns
    ) -> list[PlaceFacts | tuple[str, ...]]:
        rows = zip(
            cells[columns.address_line_1],
            cells[columns.address_line_2],
            cells[columns.city],
            cells[columns.state],
            cells[columns.zip],
            strict=True,
        )
        return list(map(self._tokenizer.places.facts, rows))

    def _rows(
        self,
        numbers: Sequence[int],
        masks: list[int],
        persons: list[list[Filer | tuple[str, ...]]],
        addresses: list[list[PlaceFacts | tuple[str, ...]]],
    ) -> None:
        """Every row; that of one good person at one good address without further ado."""
        loaded = 0
        for number, years, filers, places in zip(
            numbers, masks, zip(*persons, strict=True), zip(*addresses, strict=True), strict=True
        ):
            filer, facts = filers[0], places[0]
            if (
                years
                and len(filers) == 1 == len(places)
                and isinstance(filer, Filer)
                and isinstance(facts, PlaceFacts)
            ):
                self._load(filer, facts, years)
                loaded += 1
            else:
                self._row(number, years, filers, places)
        self._tally.count_loaded(loaded)

    def _row(
        self,
        number: int,
        years: int,
        persons: Sequence[Filer | tuple[str, ...]],
        addresses: Sequence[PlaceFacts | tuple[str, ...]],
    ) -> None:
        """Every person at every address; a slot left blank holds nobody, but a row holds somebody."""
        filers = [(order, filer) for order, filer in enumerate(persons, 1) if filer]
        if not filers:
            self._quarantine_row(number, "person_missing")
            return
        here = [(order, facts) for order, facts in enumerate(addresses, 1) if facts]
        here = here or [(1, self._tokenizer.places.read(NO_ADDRESS))]
        year_reasons = () if years else ("tax_year_malformed",)
        faults: list[Quarantined] = []
        for order, filer in filers:
            for address_order, facts in here:
                if years and isinstance(filer, Filer) and isinstance(facts, PlaceFacts):
                    self._load(filer, facts, years)
                else:
                    person_reasons = filer if isinstance(filer, tuple) else ()
                    address_reasons = facts if isinstance(facts, tuple) else ()
                    reasons = (*year_reasons, *person_reasons, *address_reasons)
                    faults.append(Quarantined(number, order, address_order, reasons))
        self._quarantined.extend(faults)
        self._tally.count_row(len(filers) * len(here), faults)

    def _load(self, filer: Filer, facts: PlaceFacts, years: int) -> None:
        identities = filer.identities
        self._tokens += (filer.tokens, facts.tokens)
        self._years.append(years)
        self._anchors += self._tokenizer.key.macs(facts.anchor, identities)
        self._rests += [facts.rest] * len(identities)
        self._counts.append(len(identities))

    def _quarantine_row(self, number: int, reason: str) -> None:
        fault = Quarantined(number, 0, 0, (reason,))
        self._quarantined.append(fault)
        self._tally.count_row(0, [fault])

    def _entry_columns(self) -> pa.RecordBatch:
        ends = pa.array(accumulate(self._counts), pa.int32())
        anchor_high, anchor_low, _, _ = every_word(b"".join(self._anchors), _WORDS_OF_A_MAC)
        rest_high, rest_low = split(self._rests)
        arrays: list[pa.Array[Any]] = [
            *every_word(b"".join(self._tokens), len(_COLUMNS)),
            integers(self._years),
            pa.ListArray.from_arrays(ends, pc.bit_wise_xor(anchor_high, rest_high)),
            pa.ListArray.from_arrays(ends, pc.bit_wise_xor(anchor_low, rest_low)),
        ]
        return pa.RecordBatch.from_arrays(arrays, names=[*_COLUMNS, "years", "tokens_high", "tokens_low"])


_WORDS_OF_A_MAC = 4
"""The token is the first two of them."""


def _masks(cells: dict[str, list[str]], mapping: Mapping) -> list[int]:
    """The tax year of each row as a mask; 0 where it is none."""
    if mapping.tax_year:
        return list(map(_mask, cells[mapping.tax_year]))
    return [_mask(mapping.source.tax_year)] * len(cells[""])


@lru_cache(maxsize=256)
def _mask(year: str) -> int:
    parsed = parse_year(year.strip())
    return mask_of((parsed,)) if parsed else 0
