"""Step 8: from admitted items to questions; the index key is used here and nowhere after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from narrowgate.core.match_rule import Question, Relaxations, question
from narrowgate.core.person.identity import request_identities
from narrowgate.core.tax_years import mask_of
from narrowgate.core.token import IndexKey
from narrowgate.gate.ports import Workers
from narrowgate.gate.step_06_eligibility import unpack_admitted
from narrowgate.gate.types import ExaminedBatch, JudgedPackage


@dataclass(frozen=True, slots=True)
class Asked:
    """One admitted item's question; it holds tokens and no plain text."""

    ordinal: int
    question: Question


def ask_package(judged: JudgedPackage, key: IndexKey, workers: Workers) -> Iterator[list[Asked]]:
    """The question of every admitted item, once and in order; refused items have none.

    Args:
        judged: the package after every rule.
        key: the index key.
        workers: for the hashing, which is most of the work.
    """
    match = judged.logged.agreement.match
    relaxations = Relaxations(suffix_blank=match.suffix_blank, street_one_edit=match.street_one_edit)
    admitted = (_still_admitted(batch, judged) for batch in judged.batches)
    return workers.map(partial(ask_batch, key, relaxations), admitted)


def ask_batch(
    key: IndexKey, relaxations: Relaxations, admitted: tuple[ExaminedBatch, frozenset[int]]
) -> list[Asked]:
    """The same questions for the same batch, in any process."""
    batch, refused = admitted
    return [
        Asked(ordinal, question(key, request_identities(person), point, mask_of(years), relaxations))
        for ordinal, person, point, years in unpack_admitted(batch)
        if ordinal not in refused
    ]


def in_groups(batches: Iterable[list[Asked]], size: int) -> Iterator[list[Asked]]:
    """The questions in groups of at least ``size``, the last one smaller, none empty."""
    group: list[Asked] = []
    for batch in batches:
        group += batch
        if len(group) >= size:
            yield group
            group = []
    if group:
        yield group


def _still_admitted(batch: ExaminedBatch, judged: JudgedPackage) -> tuple[ExaminedBatch, frozenset[int]]:
    """The batch and those of its items that the history refused after step 6."""
    return batch, frozenset(ordinal for ordinal in batch.ordinals if ordinal in judged.findings)
