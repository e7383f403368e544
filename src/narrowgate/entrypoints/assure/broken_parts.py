"""Parts with a fault, put into a gate through its ports: only ``assure`` has them, to show that its checks can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import sleep
from types import TracebackType
from typing import Self, TypeVar, cast

from narrowgate.core.matching.guard_facts import GuardFacts
from narrowgate.core.request.item import item_row, parse_item
from narrowgate.gate.gathering import DealtRows, Gathering, RowsAsked
from narrowgate.gate.ports import ConfirmationIndex, IndexSnapshot, Workers
from narrowgate.gate.run import Gate
from narrowgate.gate.step_06_eligibility import examine_batch

Input = TypeVar("Input")
Output = TypeVar("Output")


@dataclass(frozen=True, slots=True)
class IndexOver:
    """An index whose answers, facts or description can be others than those of the one beneath.

    ``counted`` is told how much it is asked.
    """

    index: ConfirmationIndex
    described: IndexSnapshot | None = None
    always: bool = False
    seconds_a_hit: float = 0.0
    counted: Callable[[int], None] | None = None

    def snapshot(self) -> IndexSnapshot:
        """As described, or as it is."""
        return self.described or self.index.snapshot()

    def guards(self, batches: Sequence[bytes]) -> Sequence[GuardFacts]:
        """As they are."""
        self._count(sum(map(len, batches)))
        return self.index.guards(batches)

    def gather(self) -> Gathering:
        """Rows whose answers are changed."""
        return _GatheringOver(self.index.gather(), self.changed)

    def members(self, rows: bytes, years: Sequence[int]) -> Sequence[bool]:
        """As changed."""
        return self.changed(self.index.members(rows, years))

    def changed(self, held: Sequence[bool]) -> Sequence[bool]:
        """As they are; all of them, where it says yes to everything; late by its hits, where it is slow."""
        self._count(len(held))
        sleep(self.seconds_a_hit * sum(held))
        return [True] * len(held) if self.always else held

    def _count(self, questions: int) -> None:
        if self.counted is not None:
            self.counted(questions)


@dataclass(frozen=True, slots=True)
class _GatheringOver:
    """Rows whose answers can be others than those of the index."""

    rows: Gathering
    changed: Callable[[Sequence[bool]], Sequence[bool]]

    def dealer(self) -> Callable[[RowsAsked], DealtRows]:
        """As it is."""
        return self.rows.dealer()

    def add(self, dealt: DealtRows) -> None:
        """As they are."""
        self.rows.add(dealt)

    def answers(self) -> Sequence[bool]:
        """As changed."""
        return self.changed(self.rows.answers())

    def __enter__(self) -> Self:
        self.rows.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rows.__exit__(kind, error, trace)


def over_index(change: Callable[[ConfirmationIndex], ConfirmationIndex]) -> Callable[[Gate], Gate]:
    """A gate whose index is changed when it is opened."""

    def changed(gate: Gate) -> Gate:
        opens = gate.open_index
        return replace(gate, open_index=lambda key_id: change(opens(key_id)))

    return changed


yes_to_everything = over_index(lambda index: IndexOver(index, always=True))
"""A gate that confirms whatever it admits: the matcher of 2025."""


class _Guessing:
    """Workers that put an address in the place of every other one before the rules look at it."""

    def __init__(self, workers: Workers, address: str) -> None:
        self._workers = workers
        self._address = address

    def map(self, function: Callable[[Input], Output], batches: Iterable[Input]) -> Iterator[Output]:
        """The results of what was guessed in place of what was asked."""
        if getattr(function, "func", None) is not examine_batch:
            return self._workers.map(function, batches)
        return self._workers.map(function, map(self._guessed, batches))

    def _guessed(self, batch: Input) -> Input:
        first, lines = cast("tuple[int, Sequence[bytes]]", batch)
        rows = [parse_item(line, "planted") for line in lines]
        return cast("Input", (first, [item_row(row._replace(address_line_1=self._address)) for row in rows]))


def guessing(address: str) -> Callable[[Gate], Gate]:
    """A gate that cleans addresses before its rules see them, and guesses where there is nothing to clean."""
    return lambda gate: replace(gate, workers=_Guessing(gate.workers, address))
