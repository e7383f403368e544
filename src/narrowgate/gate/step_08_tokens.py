"""Step 8: from admitted items to questions; the index key is used here and nowhere after."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from narrowgate.core.matching.match_rule import (
    Relaxations,
    guard_tokens,
    question,
    street_guard_tokens,
)
from narrowgate.core.matching.tax_years import mask_of
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.person.exclusion_subjects import exclusion_subjects
from narrowgate.core.person.identity import IdentityKey, request_identities
from narrowgate.gate.packing import pack_questions, unpack_admitted
from narrowgate.gate.ports import Workers
from narrowgate.gate.types import ExaminedBatch, JudgedPackage


@dataclass(frozen=True, slots=True)
class AskedBatch:
    """The questions of some admitted items, packed so that a million fit in memory; no plain text.

    Args:
        first: ordinal of the first item of the batch they come from.
        ordinals: of the items, ascending.
        guards: every guard token they need, each once, side by side.
        packed: the questions, in the order of the ordinals (``packing.unpack_questions``).
    """

    first: int
    ordinals: array[int]
    guards: bytes
    packed: bytes


class Asker:
    """Makes the questions of one judged package.

    Args:
        judged: the package after every rule.
        key: the index key.
        workers: for the hashing, which is most of the work.
    """

    def __init__(self, judged: JudgedPackage, key: IndexKey, workers: Workers) -> None:
        match = judged.logged.agreement.match
        self._judged = judged
        self._workers = workers
        self._key = key
        self._accepted = match.identity_keys
        self._relaxations = Relaxations(
            suffix_blank=match.suffix_blank, street_one_edit=match.street_one_edit
        )

    def ask(self) -> Iterator[AskedBatch]:
        """The question of every admitted item, once and in order; refused items have none.

        The streets one edit away are left out: they are most of the work, and few items need them.
        """
        findings = self._judged.findings
        return self._map(
            (batch, array("Q", (ordinal for ordinal in batch.ordinals if ordinal not in findings)))
            for batch in self._judged.batches
        )

    def ask_again(self, unknown: Mapping[int, array[int]]) -> Iterator[AskedBatch]:
        """The questions of items whose street is unknown, with the streets one edit away, in the order of the batches.

        Args:
            unknown: the ordinals of such items, by the first ordinal of their batch.
        """
        return self._map(
            ((batch, unknown[batch.first]) for batch in self._judged.batches if batch.first in unknown),
            neighborhood=True,
        )

    def _map(
        self, wanted: Iterable[tuple[ExaminedBatch, array[int]]], *, neighborhood: bool = False
    ) -> Iterator[AskedBatch]:
        ask = partial(ask_batch, self._key, self._accepted, self._relaxations, neighborhood)
        return self._workers.map(ask, ((batch.first, batch.admitted, ordinals) for batch, ordinals in wanted))


def ask_batch(
    key: IndexKey,
    accepted: tuple[IdentityKey, ...],
    relaxations: Relaxations,
    neighborhood: bool,
    asked: tuple[int, bytes, array[int]],
) -> AskedBatch:
    """The same questions for the same admitted items, in any process."""
    first, admitted, ordinals = asked
    questions = [
        question(
            key,
            request_identities(person, accepted),
            exclusion_subjects(person),
            point,
            mask_of(years),
            relaxations,
            neighborhood=neighborhood,
        )
        for person, point, years in unpack_admitted(admitted, ordinals)
    ]
    guard_tokens_of = guard_tokens if neighborhood else street_guard_tokens
    guards = dict.fromkeys(token for one in questions for token in guard_tokens_of(one))
    return AskedBatch(first, ordinals, b"".join(guards), pack_questions(questions))


def in_groups(batches: Iterable[AskedBatch], size: int) -> Iterator[list[AskedBatch]]:
    """The batches in groups of at least ``size`` items, the last one smaller, none empty."""
    group: list[AskedBatch] = []
    items = 0
    for batch in batches:
        group.append(batch)
        items += len(batch.ordinals)
        if items >= size:
            yield group
            group, items = [], 0
    if items:
        yield group
