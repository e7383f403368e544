"""What step 8 needs of the one that holds the index key, and what it gets."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from narrowgate.core.matching.match_rule import Relaxations
from narrowgate.core.person.identity import IdentityKey


@dataclass(frozen=True, slots=True)
class QuestionTerms:
    """What the questions of a package have in common.

    Args:
        accepted: what the agreement lets an item identify a person by.
        relaxations: what it leaves on; no edit where the index has no street reference.
    """

    accepted: tuple[IdentityKey, ...]
    relaxations: Relaxations


@dataclass(frozen=True, slots=True)
class Asking:
    """Some admitted items, as canonical texts, of which the questions are wanted.

    Args:
        first: ordinal of the first item of the batch they come from.
        admitted: of that batch (``packing.unpack_admitted``).
        ordinals: of the items wanted, ascending.
    """

    first: int
    admitted: bytes
    ordinals: array[int]


@dataclass(frozen=True, slots=True)
class AskedBatch:
    """The questions of some admitted items, packed so that a million fit in memory; no plain text.

    Args:
        first: ordinal of the first item of the batch they come from.
        ordinals: of the items, ascending.
        guards: every guard token they need, each once, side by side.
        packed: the questions, some at a time, in the order of the ordinals (``packing.unpack_questions``).
        faulty: ordinals of items of which no question could be made, ascending; they are not among ``ordinals``.
    """

    first: int
    ordinals: array[int]
    guards: bytes
    packed: tuple[bytes, ...]
    faulty: tuple[int, ...] = ()


class TokenMaker(Protocol):
    """The holder of the index key: canonical texts go in, tokens come out, the key never does."""

    def key_id(self) -> str:
        """Id of the key, which an index made with it names.

        Raises:
            ConfigurationError: there is no key, or it cannot be used.
        """
        ...

    def ask(self, askings: Iterable[Asking], terms: QuestionTerms) -> Iterator[AskedBatch]:
        """The questions of each batch, in the order of the batches; few are in memory at a time."""
        ...
