"""A confirmation index in memory, made in the plainest way: the same promises as the one on disk."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

from narrowgate.core.address.keys import record_localities
from narrowgate.core.address.model import CANONICAL_FORM_VERSION, DeliveryPoint, RawAddress
from narrowgate.core.address.recorded import examine_recorded
from narrowgate.core.matching.exclusion import subjects_to_exclude
from narrowgate.core.matching.guard_facts import GuardFacts, tokens_in
from narrowgate.core.matching.record import (
    has_street_row,
    record_rows,
    reference_point,
    reference_rows,
    street_row,
)
from narrowgate.core.matching.tax_years import mask_of, parse_year
from narrowgate.core.matching.token import (
    ROW_KEY_SIZE,
    TOKEN_SIZE,
    IndexKey,
    Token,
    exclusion_token,
    filler,
    several,
)
from narrowgate.core.person.examine import RecordedPerson, examine_record
from narrowgate.core.person.model import RawPerson
from narrowgate.gate.gathering import DealtRows, RowsAsked
from narrowgate.gate.ports import IndexSnapshot
from support.index_worlds import Row


@dataclass(frozen=True)
class Loaded:
    """One row that passed the tests of identity, address and year."""

    subjects: frozenset[str]
    identities: tuple[str, ...]
    point: DeliveryPoint
    years: int
    suppressed: tuple[str, ...]

    @property
    def filer(self) -> str:
        return max(self.subjects)  # the TIN where there is one


def load(rows: Iterable[Row]) -> list[Loaded]:
    """The rows that enter an index; the others are left out."""
    loaded = []
    for row in rows:
        raw = RawPerson(row.given_names, row.surnames, "", row.birth_date, row.tin)
        person = examine_record(row.given_names, row.surnames, "", row.birth_date, row.tin)
        point = examine_recorded(
            RawAddress(row.address_line_1, "", row.city, row.state, row.zip)
        ).delivery_point
        year = parse_year(row.tax_year)
        if isinstance(person, RecordedPerson) and point and year:
            loaded.append(
                Loaded(
                    frozenset(filter(None, person.subjects)),
                    person.identities,
                    point,
                    mask_of((year,)),
                    subjects_to_exclude(raw) if row.suppressed == "yes" else (),
                )
            )
    return loaded


class SimulatedIndex:
    """Implements ``gate.ports.ConfirmationIndex`` over sets.

    Args:
        rows: of a tax file.
        key: the index key.
        limit: filers who may share an address without units.
        snapshot_id: what the snapshot is called.
        streets: rows of a street reference.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        key: IndexKey,
        limit: int,
        snapshot_id: str = "simulated",
        streets: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        self.reads = 0
        self._key = key
        self._snapshot_id = snapshot_id
        self._has_reference = bool(streets)
        self._guards: dict[Token, set[bytes]] = defaultdict(set)
        self._years: dict[Token, int] = defaultdict(int)
        loaded = load(rows)
        excluded = self._excluded(loaded)
        crowded = _crowded(loaded, limit)
        for record in loaded:
            if record.subjects & excluded or record.point in crowded:
                continue
            for row in record_rows(key, record.identities, record.point):
                self._years[row[:TOKEN_SIZE]] |= record.years
        self._add_streets(loaded, [point for row in streets if (point := reference_point(*row))])

    def _excluded(self, loaded: list[Loaded]) -> set[str]:
        excluded = {subject for record in loaded for subject in record.suppressed}
        for _ in loaded:
            excluded |= {
                subject for record in loaded if record.subjects & excluded for subject in record.subjects
            }
        for subject in excluded:
            token = exclusion_token(self._key, subject)
            self._guards[token].add(filler(self._key, token))
        return excluded

    def _add_streets(self, loaded: list[Loaded], reference: list[DeliveryPoint]) -> None:
        rows = [row for point in reference for row in reference_rows(self._key, point)]
        covered = {locality for point in reference for locality in record_localities(point)}
        for record in loaded:
            (locality,) = record_localities(record.point)
            if has_street_row(record.point, locality) and locality not in covered:
                rows.append(street_row(self._key, locality, record.point))
        values: dict[bytes, set[bytes]] = defaultdict(set)
        for row in rows:
            values[row.guard].add(row.value)
        for guard, found in values.items():
            self._guards[guard[:TOKEN_SIZE]] = found if len(found) == 1 else {several(guard)}

    def snapshot(self) -> IndexSnapshot:
        """A description whose digest is all zeros."""
        return IndexSnapshot(
            self._snapshot_id,
            "2026-01-31",
            CANONICAL_FORM_VERSION,
            self._key.key_id,
            bytes(32),
            "2026-03-02T12:00:00+00:00",
            self._has_reference,
        )

    def guards(self, batches: Sequence[bytes]) -> Sequence[GuardFacts]:
        """What is kept under each token of each batch."""
        self.reads += any(batches)
        return [self._facts(tokens_in(batch)) for batch in batches]

    def _facts(self, tokens: Sequence[Token]) -> GuardFacts:
        held = [self._guards.get(token, set()) for token in tokens]
        values = [sorted(int.from_bytes(value, signed=True) for value in found) or [0] for found in held]
        return GuardFacts(
            array("q", map(bool, held)),
            array("q", (found[0] for found in values)),
            array("q", (found[-1] for found in values)),
        )

    def gather(self) -> GatheredInMemory:
        """Rows that are looked up together."""
        return GatheredInMemory(self.members)

    def members(self, rows: bytes, years: Sequence[int]) -> Sequence[bool]:
        """For each row whether the set holds it for any tax year of those beside it."""
        self.reads += bool(rows)
        names = [rows[start : start + TOKEN_SIZE] for start in range(0, len(rows), ROW_KEY_SIZE)]
        return [bool(self._years.get(name, 0) & mask) for name, mask in zip(names, years, strict=True)]


class GatheredInMemory:
    """Implements ``gate.gathering.Gathering`` over a list.

    Args:
        members: of the index.
    """

    def __init__(self, members: Callable[[bytes, Sequence[int]], Sequence[bool]]) -> None:
        self._members = members
        self._asked: list[DealtRows] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._asked = []

    def dealer(self) -> Callable[[RowsAsked], DealtRows]:
        """All rows in one part."""
        return _in_one_part

    def add(self, dealt: DealtRows) -> None:
        """Some questions more."""
        self._asked.append(dealt)

    def answers(self) -> Sequence[bool]:
        """For each question whether one of its rows is held."""
        counts = [count for asked in self._asked for count in asked.counts]
        years = [mask for asked in self._asked for mask in asked.years]
        beside = [mask for mask, count in zip(years, counts, strict=True) for _ in range(count)]
        held = iter(self._members(b"".join(asked.data for asked in self._asked), beside))
        return [any(tuple(islice(held, count))) for count in counts]


def _in_one_part(asked: RowsAsked) -> DealtRows:
    return DealtRows(asked.rows, array("Q", [sum(asked.counts)]), asked.counts, asked.years)


def _crowded(loaded: list[Loaded], limit: int) -> set[DeliveryPoint]:
    filers: dict[DeliveryPoint, set[str]] = defaultdict(set)
    for record in loaded:
        if not record.point.units:
            filers[record.point].add(record.filer)
    return {point for point, those in filers.items() if len(those) > limit}
