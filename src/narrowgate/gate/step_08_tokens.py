"""Step 8: from admitted items to questions; whoever holds the index key makes the tokens, and nobody else does."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from narrowgate.core.matching.match_rule import (
    Question,
    Relaxations,
    guard_tokens,
    question,
)
from narrowgate.core.matching.tax_years import mask_of
from narrowgate.core.matching.token import IndexKey, Token
from narrowgate.core.person.exclusion_subjects import exclusion_subjects
from narrowgate.core.person.identity import request_identities
from narrowgate.gate.packing import pack_questions, unpack_admitted
from narrowgate.gate.token_ports import AskedBatch, Asking, QuestionTerms, TokenMaker

if TYPE_CHECKING:
    # The process with the index key loads this module, and nothing of the rest of the gate.
    from narrowgate.gate.ports import IndexSnapshot
    from narrowgate.gate.types import JudgedPackage

_PACKED_TOGETHER = 64
"""Questions that are packed, and later resolved, before the next are made: they do not leave the processor's cache."""


class Asker:
    """Makes the questions of one judged package.

    Args:
        judged: the package after every rule.
        snapshot: of the index that is asked; without a street reference no streets one edit away are asked for.
        tokens: holds the index key.
    """

    def __init__(self, judged: JudgedPackage, snapshot: IndexSnapshot, tokens: TokenMaker) -> None:
        match = judged.logged.agreement.match
        self._judged = judged
        self._tokens = tokens
        relaxations = Relaxations(
            suffix_blank=match.suffix_blank,
            street_one_edit=match.street_one_edit and snapshot.has_street_reference,
        )
        self._terms = QuestionTerms(match.identity_keys, relaxations)

    def ask(self) -> Iterator[AskedBatch]:
        """The question of every admitted item, once and in order; refused and remembered items have none."""
        answered = self._judged.findings.keys() | self._judged.remembered.keys()
        askings = (
            Asking(
                batch.first,
                batch.admitted,
                array("Q", (ordinal for ordinal in batch.ordinals if ordinal not in answered)),
            )
            for batch in self._judged.batches
        )
        return self._tokens.ask(askings, self._terms)


def ask_batch(key: IndexKey, terms: QuestionTerms, asking: Asking) -> AskedBatch:
    """The same questions for the same admitted items, in any process; an item of which none can be made is named."""
    packed: list[bytes] = []
    guards: dict[Token, None] = {}
    questions: list[Question] = []

    def pack() -> None:
        guards.update(dict.fromkeys([token for one in questions for token in guard_tokens(one)]))
        packed.append(pack_questions(questions))
        questions.clear()

    ordinals, faulty = array("Q"), []
    admitted = unpack_admitted(asking.admitted, asking.ordinals)
    for ordinal, (person, point, years) in zip(asking.ordinals, admitted, strict=True):
        if len(questions) == _PACKED_TOGETHER:
            pack()
        try:
            questions.append(
                question(
                    key,
                    request_identities(person, terms.accepted),
                    exclusion_subjects(person),
                    point,
                    mask_of(years),
                    terms.relaxations,
                )
            )
        except (MemoryError, OSError):
            raise  # the machine's fault, not the item's
        except Exception:  # noqa: BLE001 - whatever one item brings about, the others are answered
            faulty.append(ordinal)
        else:
            ordinals.append(ordinal)
    pack()
    return AskedBatch(asking.first, ordinals, b"".join(guards), tuple(packed), tuple(faulty))


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
