"""A confirmation index in memory, made in the plainest way: the same promises as the one on disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from narrowgate.core.address.keys import key_street_name, record_localities
from narrowgate.core.address.model import CANONICAL_FORM_VERSION, DeliveryPoint, RawAddress
from narrowgate.core.address.recorded import examine_recorded
from narrowgate.core.matching.exclusion import subjects_to_exclude
from narrowgate.core.matching.guard_facts import GuardFacts, tokens_in
from narrowgate.core.matching.record import known_wildcards, record_guards, record_tokens
from narrowgate.core.matching.tax_years import mask_of, parse_year
from narrowgate.core.matching.token import (
    TOKEN_SIZE,
    Guard,
    IndexKey,
    Token,
    exclusion_guard,
    exclusion_token,
    named_street_token,
)
from narrowgate.core.person.examine import RecordedPerson, examine_record
from narrowgate.core.person.model import RawPerson
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
    """

    def __init__(
        self, rows: Iterable[Row], key: IndexKey, limit: int, snapshot_id: str = "simulated"
    ) -> None:
        self.reads = 0
        self._key = key
        self._snapshot_id = snapshot_id
        self._guards: dict[Token, set[Guard]] = defaultdict(set)
        self._tokens: dict[Token, int] = defaultdict(int)
        loaded = load(rows)
        excluded = self._excluded(loaded)
        crowded = _crowded(loaded, limit)
        for record in loaded:
            if record.subjects & excluded or record.point in crowded:
                continue
            for token in record_tokens(key, record.identities, record.point):
                self._tokens[token] |= record.years
        self._add_streets(loaded)

    def _excluded(self, loaded: list[Loaded]) -> set[str]:
        excluded = {subject for record in loaded for subject in record.suppressed}
        for _ in loaded:
            excluded |= {
                subject for record in loaded if record.subjects & excluded for subject in record.subjects
            }
        for subject in excluded:
            token = exclusion_token(self._key, subject)
            self._guards[token].add(exclusion_guard(self._key, token))
        return excluded

    def _add_streets(self, loaded: list[Loaded]) -> None:
        filers: dict[Token, set[str]] = defaultdict(set)
        for record in loaded:
            for street in record_guards(self._key, record.point):
                filers[street.known].add(record.filer)
        for record in loaded:
            localities = record_localities(record.point)
            for locality, street in zip(localities, record_guards(self._key, record.point), strict=False):
                shared = len(filers[street.known]) > 1
                self._guards[street.known].add(Guard(street.suffix, shared))
                if not street.suffix_blank:
                    self._guards[street.numbered].add(Guard(street.suffix, shared=False))
                name = key_street_name(record.point)
                for wildcard in known_wildcards(self._key, locality, name):
                    self._guards[wildcard].add(Guard(street.street, shared))
                self._guards[named_street_token(self._key, name)].add(Guard(bytes(TOKEN_SIZE), shared))

    def snapshot(self) -> IndexSnapshot:
        """A description whose digest is all zeros."""
        return IndexSnapshot(
            self._snapshot_id, "2026-01-31", CANONICAL_FORM_VERSION, self._key.key_id, bytes(32)
        )

    def guards(self, batches: Sequence[bytes]) -> Sequence[GuardFacts]:
        """The facts kept under the tokens of each batch."""
        self.reads += any(batches)
        return [self._facts(tokens_in(batch)) for batch in batches]

    def _facts(self, tokens: Iterable[Token]) -> GuardFacts:
        # Tokens and values are ordered as signed integers, like the columns of the index on disk.
        found = [
            (token, fact)
            for token in sorted(tokens, key=_signed)
            for fact in _one_for_each_value(self._guards.get(token, set()))
        ]
        return GuardFacts(
            b"".join(token for token, _ in found),
            b"".join(fact.value for _, fact in found),
            bytes(fact.shared for _, fact in found),
        )

    def members(self, tokens: bytes, years: Sequence[int]) -> Sequence[bool]:
        """For each token whether the set holds it for any year of the mask beside it."""
        self.reads += bool(tokens)
        asked = zip(tokens_in(tokens), years, strict=True)
        return [bool(self._tokens.get(token, 0) & mask) for token, mask in asked]


def _crowded(loaded: list[Loaded], limit: int) -> set[DeliveryPoint]:
    filers: dict[DeliveryPoint, set[str]] = defaultdict(set)
    for record in loaded:
        if not record.point.units:
            filers[record.point].add(record.filer)
    return {point for point, those in filers.items() if len(those) > limit}


def _one_for_each_value(facts: set[Guard]) -> tuple[Guard, ...]:
    values = sorted({fact.value for fact in facts}, key=_signed)
    return tuple(Guard(value, Guard(value, shared=True) in facts) for value in values)


def _signed(token: Token) -> tuple[int, int]:
    return int.from_bytes(token[:8], signed=True), int.from_bytes(token[8:], signed=True)
