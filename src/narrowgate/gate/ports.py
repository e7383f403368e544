"""What the twelve steps need from outside, as narrow protocols; adapters implement them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from narrowgate.core.token import Guard, Token

Input = TypeVar("Input")
Output = TypeVar("Output")


class Clock(Protocol):
    """The current time, asked once a package."""

    def now(self) -> datetime:
        """An aware time in UTC, whole seconds."""
        ...


class Entropy(Protocol):
    """Randomness that nobody outside can guess; a seeded one in tests."""

    def draw(self, size: int) -> bytes:
        """``size`` bytes."""
        ...


class Workers(Protocol):
    """All cores, for pure functions of a batch."""

    def map(self, function: Callable[[Input], Output], batches: Iterable[Input]) -> Iterator[Output]:
        """The results in the order of the batches, holding only a few batches in memory."""
        ...


@dataclass(frozen=True, slots=True)
class IndexSnapshot:
    """What may be said of an index: an opaque id and a date leave; the digest stays, committed.

    Args:
        snapshot_id: opaque; says nothing of the content.
        data_as_of: ISO date of the records.
        canonical_form_version: must equal the code's.
        key_id: id of the index key (not the key).
        digest: SHA-256 of the index manifest; leaves only as a salted commitment.
    """

    snapshot_id: str
    data_as_of: str
    canonical_form_version: str
    key_id: str
    digest: bytes


class ConfirmationIndex(Protocol):
    """A set of keyed tokens: all it can be asked is whether a token is in it."""

    def snapshot(self) -> IndexSnapshot:
        """The index's description, read from its verified manifest."""
        ...

    def guards(self, tokens: Sequence[Token]) -> Mapping[Token, tuple[Guard, ...]]:
        """The guard facts kept under ``tokens``, in a fixed order; one set-based pass."""
        ...

    def members(self, tokens: Sequence[Token], years: Sequence[int]) -> Sequence[bool]:
        """For each token whether the set holds it for any tax year of the mask beside it; one pass.

        Raises:
            UnavailableError: the index cannot be read; never answered as absence.
        """
        ...


class LogStore(Protocol):
    """An append-only tile log: a leaf is durable when ``integrate`` returns."""

    def size(self) -> int:
        """Number of integrated leaves."""
        ...

    def append(self, leaves: Iterable[bytes]) -> range:
        """Store leaves durably and return their indexes; not yet in a checkpoint."""
        ...

    def integrate(self, now: datetime) -> str:
        """Write tiles, then the signed checkpoint (returned); all durable."""
        ...

    def proof(self, index: int) -> tuple[bytes, ...]:
        """Inclusion proof of leaf ``index`` in the last checkpoint (RFC 9162 section 2.1.3)."""
        ...
