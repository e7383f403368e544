"""Step 9: the only read of the index; what comes out is one bit for each admitted item.

Every item costs the same, whatever the index holds: as many guards and rows as its text has, and an answer for each.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from narrowgate.core.base.errors import UnavailableError
from narrowgate.core.matching.guard_facts import GuardFacts
from narrowgate.core.matching.match_rule import Resolver
from narrowgate.gate.packing import unpack_questions
from narrowgate.gate.ports import ConfirmationIndex, Workers
from narrowgate.gate.token_ports import AskedBatch


@dataclass(frozen=True, slots=True)
class ResolvedBatch:
    """The rows that the items of a batch ask for.

    Args:
        rows: name and mask of each, side by side.
        years: beside each the mask of its item's tax years.
        owners: beside each the ordinal of its item.
    """

    rows: bytes
    years: array[int]
    owners: array[int]


def probe(asked: Sequence[AskedBatch], index: ConfirmationIndex, workers: Workers) -> dict[int, bool]:
    """For every question whether the index holds one of its rows for one of its years; set-based.

    Args:
        asked: questions of one package, in any number.
        index: asked once for guard facts of all of them together, then for membership of all rows together.
        workers: for the resolution, which needs neither key nor index.

    Returns:
        One bit by ordinal, for exactly the ordinals asked.

    Raises:
        UnavailableError: the index cannot be read; an index that does not answer is never one that says no.
    """
    facts = index.guards([batch.guards for batch in asked])
    with_facts = (
        (batch.ordinals, batch.packed, batch.guards, known) for batch, known in zip(asked, facts, strict=True)
    )
    resolved = list(workers.map(resolve_batch, with_facts))
    rows, years, owners = b"".join([found.rows for found in resolved]), array("Q"), array("Q")
    for found in resolved:
        years += found.years
        owners += found.owners
    del resolved  # as much again as what is asked for now
    held = index.members(rows, years)
    if len(held) != len(owners):
        raise UnavailableError(
            "The index answered for another number of rows than it was asked.",
            next_step="Check the index with 'narrowgate index verify'.",
        )
    bits = dict.fromkeys((ordinal for batch in asked for ordinal in batch.ordinals), False)
    for owner, is_held in zip(owners, held, strict=True):
        bits[owner] |= is_held
    return bits


def resolve_batch(asked: tuple[array[int], bytes, bytes, GuardFacts]) -> ResolvedBatch:
    """The same rows for the same ordinals, packed questions, guard tokens and facts, in any process."""
    ordinals, packed, guards, facts = asked
    resolver = Resolver(facts.by_token(guards))
    resolved: list[bytes] = []
    years, owners = array("Q"), array("Q")
    for ordinal, question in zip(ordinals, unpack_questions(packed), strict=True):
        rows = resolver.rows(question)
        resolved += rows
        years.extend([question.years] * len(rows))
        owners.extend([ordinal] * len(rows))
    return ResolvedBatch(b"".join(resolved), years, owners)
