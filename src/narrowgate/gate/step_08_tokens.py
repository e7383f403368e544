"""Step 8: from admitted items to questions; whoever holds the index key makes the tokens, and nobody else does."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from narrowgate.core.matching.match_rule import (
    Question,
    Relaxations,
    guard_tokens,
    question,
    street_guard_tokens,
)
from narrowgate.core.matching.tax_years import mask_of
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.person.exclusion_subjects import exclusion_subjects
from narrowgate.core.person.identity import request_identities
from narrowgate.gate.packing import pack_questions, unpack_admitted
from narrowgate.gate.token_ports import AskedBatch, Asking, QuestionTerms, TokenMaker
from narrowgate.gate.types import ExaminedBatch, JudgedPackage


class Asker:
    """Makes the questions of one judged package.

    Args:
        judged: the package after every rule.
        tokens: holds the index key.
    """

    def __init__(self, judged: JudgedPackage, tokens: TokenMaker) -> None:
        match = judged.logged.agreement.match
        self._judged = judged
        self._tokens = tokens
        relaxations = Relaxations(suffix_blank=match.suffix_blank, street_one_edit=match.street_one_edit)
        self._terms = QuestionTerms(match.identity_keys, relaxations, neighborhood=False)

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
        askings = (Asking(batch.first, batch.admitted, ordinals) for batch, ordinals in wanted)
        return self._tokens.ask(askings, replace(self._terms, neighborhood=neighborhood))


def ask_batch(key: IndexKey, terms: QuestionTerms, asking: Asking) -> AskedBatch:
    """The same questions for the same admitted items, in any process; an item of which none can be made is named."""
    questions: list[Question] = []
    ordinals, faulty = array("Q"), []
    admitted = unpack_admitted(asking.admitted, asking.ordinals)
    for ordinal, (person, point, years) in zip(asking.ordinals, admitted, strict=True):
        try:
            questions.append(
                question(
                    key,
                    request_identities(person, terms.accepted),
                    exclusion_subjects(person),
                    point,
                    mask_of(years),
                    terms.relaxations,
                    neighborhood=terms.neighborhood,
                )
            )
        except (MemoryError, OSError):
            raise  # the machine's fault, not the item's
        except Exception:  # noqa: BLE001 - whatever one item brings about, the others are answered
            faulty.append(ordinal)
        else:
            ordinals.append(ordinal)
    guard_tokens_of = guard_tokens if terms.neighborhood else street_guard_tokens
    guards = dict.fromkeys(token for one in questions for token in guard_tokens_of(one))
    return AskedBatch(asking.first, ordinals, b"".join(guards), pack_questions(questions), tuple(faulty))


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
