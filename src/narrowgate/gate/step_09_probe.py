"""Step 9: the only read of the index; what comes out is one bit for each admitted item.

Every item costs the same, whatever the index holds: as many guards and rows as its text has, and an answer for each.
The guards say which rows to ask for; the rows of the whole package are then looked up in one read.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from functools import partial

from narrowgate.core.base.errors import UnavailableError
from narrowgate.core.matching.guard_facts import GuardFacts
from narrowgate.core.matching.match_rule import Resolver
from narrowgate.gate.gathering import DealtRows, Gathering, RowsAsked
from narrowgate.gate.packing import unpack_questions
from narrowgate.gate.ports import ConfirmationIndex, Workers
from narrowgate.gate.token_ports import AskedBatch


def gather(asked: Sequence[AskedBatch], index: ConfirmationIndex, rows: Gathering, workers: Workers) -> None:
    """The rows that some questions ask for join those of the package; nothing is known of them yet.

    Args:
        asked: questions of one package, in any number.
        index: asked once for guard facts of all of them together.
        rows: of the package.
        workers: for the resolution, which needs neither key nor index.

    Raises:
        UnavailableError: the index cannot be read; an index that does not answer is never one that says no.
    """
    facts = index.guards([batch.guards for batch in asked])
    with_facts = ((batch.packed, batch.guards, known) for batch, known in zip(asked, facts, strict=True))
    for dealt in workers.map(partial(resolve_batch, rows.dealer()), with_facts):
        rows.add(dealt)


def look_up(ordinals: Sequence[int], rows: Gathering) -> dict[int, bool]:
    """For every question whether the index holds one of its rows for one of its years: one bit by ordinal.

    Args:
        ordinals: of the questions gathered, in their order.
        rows: of the package.

    Raises:
        UnavailableError: the index cannot be read, or answers for another number of questions.
    """
    held = rows.answers() if ordinals else ()
    if len(held) != len(ordinals):
        raise UnavailableError(
            "The index answered for another number of questions than it was asked.",
            next_step="Check the index with 'narrowgate index verify'.",
        )
    return dict(zip(ordinals, held, strict=True))


def resolve_batch(
    deal: Callable[[RowsAsked], DealtRows], asked: tuple[Sequence[bytes], bytes, GuardFacts]
) -> DealtRows:
    """The same rows for the same packed questions, guard tokens and facts, in any process."""
    packed, guards, facts = asked
    resolver = Resolver(facts.by_token(guards))
    resolved: list[bytes] = []
    counts, years = array("Q"), array("Q")
    for questions in map(unpack_questions, packed):
        rows, each = resolver.rows(questions)
        resolved.append(b"".join(rows))
        counts.extend(each)
        years.extend([question.years for question in questions])
    return deal(RowsAsked(b"".join(resolved), counts, years))
