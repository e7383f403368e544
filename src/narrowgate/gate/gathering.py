"""The rows that a package asks for, on their way to the index: one read for all of them, one bit for each question."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import NamedTuple, Protocol, Self


class RowsAsked(NamedTuple):
    """What some questions ask of the set; each has at least one row.

    Args:
        rows: the ``row_digest`` of each (``core.matching.token.ROW_KEY_SIZE``), side by side, question after question.
        counts: of each question how many of the rows are its own.
        years: of each question the mask of the tax years it names.
    """

    rows: bytes
    counts: array[int]
    years: array[int]


class DealtRows(NamedTuple):
    """The same rows in parts, as whoever reads the set wants them.

    Args:
        data: the rows, part after part.
        parts: of each part how many of the rows lie in it.
        counts: of each question how many of the rows are its own.
        years: of each question the mask of the tax years it names.
    """

    data: bytes
    parts: array[int]
    counts: array[int]
    years: array[int]


class Gathering(Protocol):
    """Rows that come together before the set is read; on the way out nothing of them is left anywhere."""

    def dealer(self) -> Callable[[RowsAsked], DealtRows]:
        """What makes rows ready for ``add``: a pure function, so that any process can do it."""
        ...

    def add(self, dealt: DealtRows) -> None:
        """Some questions more; their rows may wait on the disk, and nothing of the set is read yet.

        Raises:
            UnavailableError: there is no place for them.
        """
        ...

    def answers(self) -> Sequence[bool]:
        """For each question, in the order added, whether the set holds one of its rows for one of its years.

        What is read depends on the rows, not on what is held, and as much is found for rows that are not held.

        Raises:
            UnavailableError: the index cannot be read; never answered as absence.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
