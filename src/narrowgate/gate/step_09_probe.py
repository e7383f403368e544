"""Step 9: the only read of the index; what comes out is one bit for each admitted item."""

from __future__ import annotations

from narrowgate.core.errors import UnavailableError
from narrowgate.core.match_rule import resolve_all
from narrowgate.core.token import Token
from narrowgate.gate.ports import ConfirmationIndex
from narrowgate.gate.step_08_tokens import Asked


def probe(asked: list[Asked], index: ConfirmationIndex) -> dict[int, bool]:
    """For every question whether the index holds one of its tokens for one of its years; set-based.

    Args:
        asked: questions of one package, in any number.
        index: asked for guard facts of all of them together, then for membership of all tokens together.

    Returns:
        One bit by ordinal, for exactly the ordinals asked.

    Raises:
        UnavailableError: the index cannot be read; an index that does not answer is never one that says no.
    """
    tokens: list[Token] = []
    years: list[int] = []
    owners: list[int] = []
    resolved = resolve_all([one.question for one in asked], index.guards)
    for one, wanted in zip(asked, resolved, strict=True):
        tokens += wanted
        years += [one.question.years] * len(wanted)
        owners += [one.ordinal] * len(wanted)
    held = index.members(tokens, years)
    if len(held) != len(tokens):
        raise UnavailableError(
            "The index answered for another number of tokens than it was asked.",
            next_step="Check the index with 'narrowgate index verify'.",
        )
    bits = dict.fromkeys((one.ordinal for one in asked), False)
    for ordinal, is_member in zip(owners, held, strict=True):
        if is_member:
            bits[ordinal] = True
    return bits
