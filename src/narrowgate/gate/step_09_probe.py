"""Step 9: the only read of the index; what comes out is one bit for each admitted item."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from narrowgate.core.errors import UnavailableError
from narrowgate.core.match_rule import Guards, resolve
from narrowgate.core.token import TOKEN_SIZE, Token
from narrowgate.gate.ports import ConfirmationIndex
from narrowgate.gate.step_08_tokens import NO_STREET, AskedBatch

AskAgain = Callable[[Mapping[int, "array[int]"]], Iterator[AskedBatch]]
"""Makes the whole questions of items whose street is unknown (``Asker.ask_again``)."""


def probe(asked: Sequence[AskedBatch], index: ConfirmationIndex, ask_again: AskAgain) -> dict[int, bool]:
    """For every question whether the index holds one of its tokens for one of its years; set-based.

    Args:
        asked: questions of one package, in any number, without the streets one edit away.
        index: asked for guard facts of all of them together, once more for those whose street is unknown, then
            for membership of all tokens together.
        ask_again: completes the questions about unknown streets.

    Returns:
        One bit by ordinal, for exactly the ordinals asked.

    Raises:
        UnavailableError: the index cannot be read; an index that does not answer is never one that says no.
    """
    guards = index.guards(_distinct(batch.guards for batch in asked))
    unknown = {batch.first: found for batch in asked if (found := _with_unknown_street(batch, guards))}
    again = list(ask_again(unknown))
    guards = {**guards, **index.guards(_distinct(batch.guards for batch in again))}
    whole = {
        ordinal: question
        for batch in again
        for ordinal, question in zip(batch.ordinals, batch.questions(), strict=True)
    }
    tokens: list[Token] = []
    years: list[int] = []
    owners: list[int] = []
    for batch in asked:
        for ordinal, question in zip(batch.ordinals, batch.questions(), strict=True):
            wanted = resolve(whole.get(ordinal, question), guards)
            tokens += wanted
            years += [question.years] * len(wanted)
            owners += [ordinal] * len(wanted)
    held = index.members(tokens, years)
    if len(held) != len(tokens):
        raise UnavailableError(
            "The index answered for another number of tokens than it was asked.",
            next_step="Check the index with 'narrowgate index verify'.",
        )
    bits = dict.fromkeys((ordinal for batch in asked for ordinal in batch.ordinals), False)
    bits.update((ordinal, True) for ordinal, is_member in zip(owners, held, strict=True) if is_member)
    return bits


def _with_unknown_street(batch: AskedBatch, guards: Guards) -> array[int]:
    return array(
        "Q",
        (
            ordinal
            for ordinal, street in zip(batch.ordinals, _tokens(batch.streets), strict=True)
            if street != NO_STREET and street not in guards
        ),
    )


def _distinct(packed: Iterable[bytes]) -> list[Token]:
    """The tokens of all of ``packed``, each once."""
    return list(dict.fromkeys(chain.from_iterable(map(_tokens, packed))))


def _tokens(packed: bytes) -> list[Token]:
    """Tokens that stand side by side."""
    return [packed[start : start + TOKEN_SIZE] for start in range(0, len(packed), TOKEN_SIZE)]
