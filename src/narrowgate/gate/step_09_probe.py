"""Step 9: the only read of the index; what comes out is one bit for each admitted item."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from narrowgate.core.base.errors import UnavailableError
from narrowgate.core.matching.guard_facts import GuardFacts
from narrowgate.core.matching.match_rule import is_street_unknown, resolve
from narrowgate.core.matching.token import TOKEN_SIZE
from narrowgate.gate.packing import unpack_questions
from narrowgate.gate.ports import ConfirmationIndex, Workers
from narrowgate.gate.token_ports import AskedBatch

AskAgain = Callable[[Mapping[int, "array[int]"]], Iterator[AskedBatch]]
"""Makes the whole questions of items whose street is unknown (``Asker.ask_again``)."""


@dataclass(frozen=True, slots=True)
class ResolvedBatch:
    """The tokens that the items of a batch may ask for.

    Args:
        tokens: side by side.
        years: beside each the mask of its item's tax years.
        owners: beside each the ordinal of its item.
        unknown: ordinals of the items that must be asked again, for their street is unknown.
    """

    tokens: bytes
    years: array[int]
    owners: array[int]
    unknown: array[int]


def probe(
    asked: Sequence[AskedBatch], index: ConfirmationIndex, ask_again: AskAgain, workers: Workers
) -> dict[int, bool]:
    """For every question whether the index holds one of its tokens for one of its years; set-based.

    Args:
        asked: questions of one package, in any number, without the streets one edit away.
        index: asked for guard facts of all of them together, once more for those whose street is unknown, then
            for membership of all tokens together.
        ask_again: completes the questions about unknown streets.
        workers: for the resolution, which needs neither key nor index.

    Returns:
        One bit by ordinal, for exactly the ordinals asked.

    Raises:
        UnavailableError: the index cannot be read; an index that does not answer is never one that says no.
    """
    resolved = _resolve(asked, index, workers)
    unknown = {
        batch.first: found.unknown for batch, found in zip(asked, resolved, strict=True) if found.unknown
    }
    resolved += _resolve(list(ask_again(unknown)), index, workers)
    tokens, years, owners = b"".join([found.tokens for found in resolved]), array("Q"), array("Q")
    for found in resolved:
        years += found.years
        owners += found.owners
    del resolved  # as much again as what is asked for now
    held = index.members(tokens, years)
    if len(held) != len(owners):
        raise UnavailableError(
            "The index answered for another number of tokens than it was asked.",
            next_step="Check the index with 'narrowgate index verify'.",
        )
    bits = dict.fromkeys((ordinal for batch in asked for ordinal in batch.ordinals), False)
    bits.update(dict.fromkeys(compress(owners, held), True))
    return bits


def _resolve(asked: Sequence[AskedBatch], index: ConfirmationIndex, workers: Workers) -> list[ResolvedBatch]:
    facts = index.guards([batch.guards for batch in asked])
    with_facts = ((batch.ordinals, batch.packed, known) for batch, known in zip(asked, facts, strict=True))
    return list(workers.map(resolve_batch, with_facts))


def resolve_batch(asked: tuple[array[int], bytes, GuardFacts]) -> ResolvedBatch:
    """The same tokens for the same ordinals, packed questions and facts, in any process."""
    ordinals, packed, facts = asked
    guards = facts.by_token()
    resolved: list[bytes] = []
    years, owners, unknown = array("Q"), array("Q"), array("Q")
    for ordinal, question in zip(ordinals, unpack_questions(packed), strict=True):
        if is_street_unknown(question, guards):
            unknown.append(ordinal)
            continue
        tokens = resolve(question, guards)
        count = len(tokens) // TOKEN_SIZE
        resolved.append(tokens)
        years.extend([question.years] * count)
        owners.extend([ordinal] * count)
    return ResolvedBatch(b"".join(resolved), years, owners, unknown)
