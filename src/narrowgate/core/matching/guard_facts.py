"""Guard facts on their way from the index to the match rule: packed, because a package asks for millions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from narrowgate.core.matching.token import TOKEN_SIZE, Guard, Token


class GuardFacts(NamedTuple):
    """The facts under some tokens, in ascending order of token and value as signed halves; each fact once.

    Args:
        tokens: under which they stand, side by side.
        values: beside each its value.
        shared: beside each one byte, 1 where it was seen for two filers or more.
    """

    tokens: bytes = b""
    values: bytes = b""
    shared: bytes = b""

    def by_token(self) -> Mapping[Token, tuple[Guard, ...]]:
        """The same facts by token; a token without any is missing."""
        found: dict[Token, tuple[Guard, ...]] = {}
        facts = zip(tokens_in(self.tokens), tokens_in(self.values), self.shared, strict=True)
        for token, value, shared in facts:
            fact = Guard(value, bool(shared))
            found[token] = (*found[token], fact) if token in found else (fact,)
        return found


def tokens_in(packed: bytes) -> list[Token]:
    """Tokens that stand side by side."""
    return [packed[start : start + TOKEN_SIZE] for start in range(0, len(packed), TOKEN_SIZE)]
