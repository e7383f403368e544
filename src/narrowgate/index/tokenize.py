"""Rows of a tax file to entries of tokens: the only place where plain text and tokens meet.

An entry is one person at one address of one row. What leaves this module holds tokens, counts and reasons; no
name, number or address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from narrowgate.core.matching.exclusion import subjects_to_exclude
from narrowgate.core.matching.tax_years import mask_of, parse_year
from narrowgate.core.matching.token import (
    IndexKey,
    Token,
    exclusion_macs,
    exclusion_token,
    row_digests,
)
from narrowgate.core.person.birth_date import BirthDateForm, parse_birth_date
from narrowgate.core.person.examine import PersonDefects, examine_record
from narrowgate.core.person.model import RawPerson
from narrowgate.core.taxfile.mapping import AddressColumns, Mapping, PersonColumns
from narrowgate.index.columns import integers, token_batch
from narrowgate.index.layout import ENTRY, ROW
from narrowgate.index.places import (
    NO_ADDRESS,
    NO_MAC,
    KnownPlaces,
    PlaceFacts,
)
from narrowgate.index.rows import RowBatch
from narrowgate.index.tally import Quarantined, Tally, Unread

PersonCells = tuple[str, str, str, str, str]
"""Given names, surnames, full name, birth date and TIN as the source has them."""

_SUPPRESSED = {"yes": True, "no": False, "": False}


@dataclass(frozen=True, slots=True)
class Entries:
    """One batch of rows as tokens.

    Args:
        entries: one row for each person at each address, with its tokens as a list.
        streets: guard rows of streets this process had not met before.
        suppressed: exclusion tokens of suppressed persons.
        quarantined: in the order of the rows.
        tally: counts of the batch.
    """

    entries: pa.RecordBatch
    streets: pa.RecordBatch
    suppressed: pa.RecordBatch
    quarantined: tuple[Quarantined, ...]
    tally: Tally


Filer = tuple[list[bytes], bytes, bool]
"""An identified person of one row: the identities, as the messages of ``A`` end, and the MACs that begin with the
exclusion tokens of TIN and of birth date, one behind the other, nothing where there is none; and whether a TIN was
passed over because it cannot be one."""

_Cells = TypeVar("_Cells")
_Found = TypeVar("_Found")


class Tokenizer:
    """Turns batches of rows into entries; one for each process, for it remembers streets.

    Args:
        key: the index key.
        mapping: which column plays which role.
    """

    def __init__(self, key: IndexKey, mapping: Mapping) -> None:
        self.key = key
        self.mapping = mapping
        self.places = KnownPlaces(key)

    def tokenize(self, batch: RowBatch) -> Entries:
        """The entries of ``batch``; every row is loaded or quarantined."""
        return _Batch(self).run(batch)

    def filer(self, cells: PersonCells) -> Filer | Unread:
        """The person, or the reasons why there is none; no reasons where nothing is written."""
        given, surnames, full, birth_date, tin = cells
        found = examine_record(given, surnames, full, self._birth_date(birth_date), tin)
        if isinstance(found, PersonDefects):
            return Unread(tuple(f"person_{defect.value}" for defect in found.defects) if any(cells) else ())
        of_tin, of_birth_date = found.subjects
        if of_tin and of_birth_date:
            macs = exclusion_macs(self.key, found.subjects)
        elif of_tin:
            macs = [*exclusion_macs(self.key, (of_tin,)), NO_MAC]
        else:
            macs = [NO_MAC, *exclusion_macs(self.key, (of_birth_date,))]
        return list(map(str.encode, found.identities)), b"".join(macs), found.tin_passed_over

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


def tokenize_batch(build: int, key: IndexKey, mapping: Mapping, batch: RowBatch) -> Entries:
    """The entries of ``batch``; a process keeps its tokenizer from batch to batch of one build."""
    return _tokenizer(build, key, mapping).tokenize(batch)


@lru_cache(maxsize=1)
def _tokenizer(build: int, key: IndexKey, mapping: Mapping) -> Tokenizer:
    return Tokenizer(key, mapping)


class _Batch:
    """The lists that one batch fills."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._fixed: list[bytes] = []
        self._years: list[int] = []
        self._rows_of_identities: list[bytes] = []
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

    def _persons(self, cells: dict[str, list[str]], columns: PersonColumns) -> list[Filer | Unread]:
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
        found = _each(self._tokenizer.filer, rows)
        flags = {text: _SUPPRESSED.get(text.strip().lower()) for text in set(cells[columns.suppressed])}
        if any(flag is not False for flag in flags.values()):
            for at, text in enumerate(cells[columns.suppressed]):
                if flags[text] is not False and found[at] != Unread():
                    # A flag that cannot be read keeps the person out: the safe side of 26 USC 6103(i)(6).
                    self._suppress(rows[at])
                    if flags[text] is None and not isinstance(found[at], Unread):
                        found[at] = Unread(("suppressed_malformed",))
        return found

    def _suppress(self, cells: PersonCells) -> None:
        found = subjects_to_exclude(self._tokenizer.raw_person(cells))
        self._suppressed.extend(exclusion_token(self._tokenizer.key, subject) for subject in found)
        self._tally.suppressed_unidentified += not found

    def _addresses(self, cells: dict[str, list[str]], columns: AddressColumns) -> list[PlaceFacts | Unread]:
        rows = zip(
            cells[columns.address_line_1],
            cells[columns.address_line_2],
            cells[columns.city],
            cells[columns.state],
            cells[columns.zip],
            strict=True,
        )
        return _each(self._tokenizer.places.facts, rows)

    def _rows(
        self,
        numbers: Sequence[int],
        masks: list[int],
        persons: list[list[Filer | Unread]],
        addresses: list[list[PlaceFacts | Unread]],
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
                and not isinstance(filer, Unread)
                and not isinstance(facts, Unread)
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
        persons: Sequence[Filer | Unread],
        addresses: Sequence[PlaceFacts | Unread],
    ) -> None:
        """Every person at every address; a slot left blank holds nobody, but a row holds somebody."""
        filers = [(order, filer) for order, filer in enumerate(persons, 1) if filer != Unread()]
        if not filers:
            self._quarantine_row(number, "person_missing")
            return
        here = [(order, facts) for order, facts in enumerate(addresses, 1) if facts != Unread()]
        here = here or [(1, self._tokenizer.places.read(NO_ADDRESS))]
        year_reasons = () if years else ("tax_year_malformed",)
        faults: list[Quarantined] = []
        for order, filer in filers:
            for address_order, facts in here:
                if years and not isinstance(filer, Unread) and not isinstance(facts, Unread):
                    self._load(filer, facts, years)
                else:
                    person_reasons = filer.reasons if isinstance(filer, Unread) else ()
                    address_reasons = facts.reasons if isinstance(facts, Unread) else ()
                    reasons = (*year_reasons, *person_reasons, *address_reasons)
                    faults.append(Quarantined(number, order, address_order, reasons))
        self._quarantined.extend(faults)
        self._tally.count_row(len(filers) * len(here), faults)

    def _load(self, filer: Filer, facts: PlaceFacts, years: int) -> None:
        identities, subject_macs, tin_passed_over = filer
        anchor, shared_point, ending, state_passed_over = facts
        self._tally.tins_passed_over += tin_passed_over
        self._tally.states_passed_over += state_passed_over
        self._fixed += (subject_macs, shared_point)
        self._years.append(years)
        self._rows_of_identities += row_digests(self._tokenizer.key, anchor, identities, ending)
        self._counts.append(len(identities))

    def _quarantine_row(self, number: int, reason: str) -> None:
        fault = Quarantined(number, 0, 0, (reason,))
        self._quarantined.append(fault)
        self._tally.count_row(0, [fault])

    def _entry_columns(self) -> pa.RecordBatch:
        ends: Any = pc.cast(integers(list(accumulate(self._counts))), pa.int32())
        columns = ENTRY.columns(b"".join(self._fixed))
        columns["years"] = integers(self._years)
        for name, words in ROW.columns(b"".join(self._rows_of_identities)).items():
            columns[name] = pa.ListArray.from_arrays(ends, words)
        return pa.RecordBatch.from_pydict(columns)


def _each(read: Callable[[_Cells], _Found], rows: Iterable[_Cells]) -> list[_Found]:
    """What ``read`` makes of each row; years of one person, and spouses, often stand side by side and are read once."""
    found: list[_Found] = []
    before: _Cells | None = None
    for cells in rows:
        found.append(found[-1] if cells == before else read(cells))
        before = cells
    return found


def _masks(cells: dict[str, list[str]], mapping: Mapping) -> list[int]:
    """The tax year of each row as a mask; 0 where it is none."""
    if mapping.tax_year:
        return list(map(_mask, cells[mapping.tax_year]))
    return [_mask(mapping.source.tax_year)] * len(cells[""])


@lru_cache(maxsize=256)
def _mask(year: str) -> int:
    parsed = parse_year(year.strip())
    return mask_of((parsed,)) if parsed else 0
