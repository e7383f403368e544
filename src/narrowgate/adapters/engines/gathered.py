"""The rows of a package, put where the set has them before it is read (``gate.gathering.Gathering``).

What an index holds lies in the order of its tokens. So the rows that a package asks for are dealt into parts by the
first bits of theirs, and each part of the set is read once, beside the rows of that part and no others: in one pass,
and in memory that grows neither with the rows asked nor with those stored.
"""

from __future__ import annotations

import errno
import os
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

import pyarrow as pa
import pyarrow.compute as pc

from narrowgate.core.base.errors import UnavailableError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.matching.token import ROW_KEY_SIZE
from narrowgate.gate.gathering import DealtRows, RowsAsked
from narrowgate.index.columns import integers, word_column

PART_BITS = 7
"""Leading bits of a token that choose its part."""

_PARTS = 1 << PART_BITS
_SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.int64(), nullable=False) for name in ("token_high", "token_low", "mask")),
        pa.field("question", pa.int32(), nullable=False),
    ]
)
_SIZES = tuple(kind.bit_width // 8 for kind in _SCHEMA.types)
_STARTS = tuple(accumulate(_SIZES[:-1], initial=0))
_ROW = sum(_SIZES)

_WAITING_ROWS = 1 << 20
"""Rows, 28 bytes each, that wait in memory; more go to the disk."""

_ANSWERED_ROWS = 1 << 18
"""Rows for which a piece of the set is read: their hash table, some 20 MB, does not leave the processor's cache."""

_FEW_ROWS = 10_000
"""So many are not read for in several pieces at once."""

_ARROW: Any = pc
_ARROW_LISTS: Any = pa.ListArray.from_arrays
"""The published types leave out ``scatter``, and columns whose type is known when they are made."""

Piece = tuple[pa.Table, range]
"""Some rows asked, and the parts that their tokens lie in."""

Answer = Callable[[Iterable[Piece]], Iterator[Sequence[pa.RecordBatch]]]
"""Of each piece, in their order: ``question, years`` for each row, and more where layers are."""


class _Group(NamedTuple):
    """Rows that were added, or written, together: column after column, and in each column part after part.

    Args:
        columns: None where they are in the file.
        start: where in the file they begin.
        ends: of each part how many of the rows lie in it or before it, after a zero.
    """

    columns: tuple[memoryview, ...] | None
    start: int
    ends: list[int]


class Gathered:
    """Rows that wait: in memory while they are few, and in a file without a name that ends with this process.

    Args:
        spill: directory of that file, which holds tokens only.
        answer: reads the set.
        at_once: pieces of the set that it reads at the same time.
    """

    def __init__(self, spill: Path, answer: Answer, at_once: int = 1) -> None:
        self._spill = spill
        self._answer = answer
        self._at_once = at_once
        self._file: IO[bytes] | None = None
        self._end = 0
        self._filed: list[_Group] = []
        self._waiting: list[_Group] = []
        self._rows = 0
        self._waiting_rows = 0
        self._counts = array("Q")
        self._years = array("Q")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def dealer(self) -> Callable[[RowsAsked], DealtRows]:
        """See ``Gathering.dealer``."""
        return deal

    def add(self, dealt: DealtRows) -> None:
        """See ``Gathering.add``."""
        ends = list(accumulate(dealt.parts, initial=0))
        self._waiting.append(_Group(_columns_of(dealt.data, ends[-1], len(self._counts)), 0, ends))
        self._waiting_rows += ends[-1]
        self._rows += ends[-1]
        self._counts.extend(dealt.counts)
        self._years.extend(dealt.years)
        if self._waiting_rows >= _WAITING_ROWS:
            self._filed.append(self._written(self._waiting))
            self._waiting = []
            self._waiting_rows = 0

    def answers(self) -> Sequence[bool]:
        """See ``Gathering.answers``."""
        marks = _Marks(self._years)
        sizes: deque[int] = deque()
        for batches in self._answer(self._pieces(sizes)):
            if sum(batch.num_rows for batch in batches) < sizes.popleft():
                raise _answered_otherwise()
            marks.add(batches)
        held, seen = marks.held_and_seen()
        if seen != len(self._counts) - self._counts.count(0):
            raise _answered_otherwise()
        return held

    def _pieces(self, sizes: deque[int]) -> Iterator[Piece]:
        """All rows, some parts at a time; how many rows each piece has is put behind ``sizes``."""
        groups = [*self._filed, *self._waiting]
        least = min(_ANSWERED_ROWS, max(_FEW_ROWS, -(-self._rows // self._at_once)))
        first, count = 0, 0
        for part in range(_PARTS):
            count += sum(group.ends[part + 1] - group.ends[part] for group in groups)
            if count >= least or (count and part + 1 == _PARTS):
                parts = range(first, part + 1)
                sizes.append(count)
                batches = [batch for group in groups for batch in self._columns(group, parts)]
                yield pa.Table.from_batches(batches, _SCHEMA), parts
                first, count = part + 1, 0

    def _columns(self, group: _Group, parts: range) -> Iterator[pa.RecordBatch]:
        """The rows of one group in some parts."""
        start, end = group.ends[parts.start], group.ends[parts.stop]
        if start < end:
            columns: list[pa.Array[Any]] = []
            for number, kind in enumerate(_SCHEMA.types):
                data = self._read(group, number, start, end)
                columns.append(pa.Array.from_buffers(kind, end - start, [None, data]))
            yield pa.RecordBatch.from_arrays(columns, schema=_SCHEMA)

    def _written(self, groups: Sequence[_Group]) -> _Group:
        """The same rows as one group in the file."""
        start = self._end
        try:
            if self._file is None:
                self._spill.mkdir(parents=True, exist_ok=True)
                self._file = TemporaryFile(dir=self._spill, buffering=0)  # noqa: SIM115 - closed by __exit__
            for number in range(len(_SIZES)):
                column = _column_of(groups, number)
                _write_all(self._file, memoryview(column))
                self._end += len(column)
        except OSError as error:
            raise _no_place(error) from error
        return _Group(
            None, start, [sum(ends) for ends in zip(*(group.ends for group in groups), strict=True)]
        )

    def _read(self, group: _Group, column: int, start: int, end: int) -> pa.Buffer:
        """One column of some rows of a group."""
        size = _SIZES[column]
        if group.columns is not None:
            return pa.py_buffer(group.columns[column][size * start : size * end])
        if self._file is None:
            raise UnavailableError("The rows asked are gone.", next_step="Run the package again.")
        before = group.start + group.ends[-1] * _STARTS[column]
        try:
            return _read_all(self._file.fileno(), size * (end - start), before + size * start)
        except OSError as error:
            raise _no_place(error) from error


class _Marks:
    """Which questions were answered, and which of them with one of the years they name.

    Args:
        years: that each question names.
    """

    def __init__(self, years: array[int]) -> None:
        self._named = integers(years)
        self._held: pa.Array[Any] = pa.nulls(len(years), pa.bool_())
        self._seen: pa.Array[Any] = pa.nulls(len(years), pa.bool_())
        self._batches: list[pa.RecordBatch] = []
        self._rows = 0

    def add(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Some answers; many are marked at a time, for that goes through all questions."""
        for batch in batches:
            self._batches.append(batch)
            self._rows += batch.num_rows
        if self._rows >= _WAITING_ROWS:
            self._mark()

    def held_and_seen(self) -> tuple[list[bool], int]:
        """Of each question whether a year was held, and how many were answered."""
        if self._batches:
            self._mark()
        return list(map(bool, self._held.is_valid().to_pylist())), len(self._seen) - self._seen.null_count

    def _mark(self) -> None:
        answered = pa.Table.from_batches(self._batches)
        numbers = answered.column(0).combine_chunks()
        common = _ARROW.bit_wise_and(answered.column(1).combine_chunks(), self._named.take(numbers))
        yes = _ARROW.not_equal(common, _integer(0))
        self._seen = _marked(self._seen, numbers)
        self._held = _marked(self._held, _ARROW.if_else(yes, numbers, _number(len(self._named))))
        self._batches = []
        self._rows = 0


def deal(asked: RowsAsked) -> DealtRows:
    """The rows column after column, and in each column part after part; questions are numbered from 0."""
    words = word_column(asked.rows)
    first = asked.rows[::ROW_KEY_SIZE].translate(_PART_OF)
    part = pa.Array.from_buffers(pa.uint8(), len(first), [None, pa.py_buffer(first)])
    order = _ARROW.sort_indices(part)
    ends = array("i", [0, *accumulate(asked.counts)])
    offsets = pa.Array.from_buffers(pa.int32(), len(ends), [None, pa.py_buffer(ends)])
    questions = _ARROW.list_parent_indices(_ARROW_LISTS(offsets, part)).cast(pa.int32())
    at = _ARROW.multiply(order, _WORDS)
    columns = (
        words.take(at),
        words.take(_ARROW.add(at, _ONE)),
        words.take(_ARROW.add(at, _TWO)),
        questions.take(order),
    )
    data = b"".join([memoryview(column.buffers()[1] or b"") for column in columns])
    in_order = memoryview(part.take(order).buffers()[1] or b"")
    starts = [bisect_left(in_order, number, 0, len(first)) for number in range(_PARTS)]
    sizes = array("Q", [end - start for start, end in pairwise((*starts, len(first)))])
    return DealtRows(data, sizes, asked.counts, asked.years)


def _columns_of(data: bytes, rows: int, first: int) -> tuple[memoryview, ...]:
    """The columns that ``deal`` made, of questions that are numbered from ``first``."""
    view = memoryview(data)
    *tokens, numbers = (
        view[rows * before : rows * (before + size)] for size, before in zip(_SIZES, _STARTS, strict=True)
    )
    if rows:
        questions = pa.Array.from_buffers(_SCHEMA.types[-1], rows, [None, pa.py_buffer(numbers)])
        numbers = memoryview(_ARROW.add(questions, _number(first)).buffers()[1])
    return *tokens, numbers


def _column_of(groups: Sequence[_Group], number: int) -> bytes:
    """One column of all groups that are in memory, part after part."""
    size = _SIZES[number]
    columns = [(group.columns[number], group.ends) for group in groups if group.columns]
    return b"".join(
        [
            column[size * ends[part] : size * ends[part + 1]]
            for part in range(_PARTS)
            for column, ends in columns
        ]
    )


def parts_between(first: int, last: int) -> range:
    """The parts of the tokens from one to another, given as their signed high halves."""
    half = _PARTS >> 1
    return range((first >> (64 - PART_BITS)) + half, (last >> (64 - PART_BITS)) + half + 1)


def _marked(marks: pa.Array[Any], numbers: pa.Array[Any]) -> pa.Array[Any]:
    """``marks`` with those at ``numbers`` true as well; a number behind the last one marks nothing."""
    every = _ARROW.ScatterOptions(max_index=len(marks))
    found = _ARROW.call_function("scatter", [pa.repeat(_TRUE, len(numbers)), numbers], every)
    both: pa.Array[Any] = _ARROW.coalesce(marks, found.slice(0, len(marks)))
    return both


_PART_OF = bytes([(byte ^ 0x80) >> (8 - PART_BITS) for byte in range(256)])
"""The part of a token, by the first byte of it: its first half is a signed integer."""

_TRUE: Any = pa.Array.from_buffers(pa.bool_(), 1, [None, pa.py_buffer(b"\x01")])[0]


def _integer(value: int) -> pa.Scalar[Any]:
    """``value`` for Arrow; to convert one would load pandas where it is installed."""
    one: pa.Scalar[Any] = integers([value])[0]
    return one


_WORDS, _ONE, _TWO = (_integer(value).cast(pa.uint64()) for value in (ROW_KEY_SIZE // 8, 1, 2))


def _number(question: int) -> pa.Scalar[Any]:
    """The same for the number of a question."""
    one: pa.Scalar[Any] = _integer(question).cast(pa.int32())
    return one


def _write_all(file: IO[bytes], data: memoryview) -> None:
    while data:
        data = data[file.write(data) :]


def _read_all(file: int, size: int, at: int) -> pa.Buffer:
    """So many bytes; the system may give fewer at once, and gives none behind the end."""
    piece = os.pread(file, size, at)
    if len(piece) == size:
        return pa.py_buffer(piece)
    found = bytearray(piece)
    while len(found) < size:
        if not piece:
            raise OSError(errno.EIO, "The file ends early")
        piece = os.pread(file, size - len(found), at + len(found))
        found += piece
    return pa.py_buffer(found)


def _answered_otherwise() -> UnavailableError:
    return UnavailableError(
        "The index answered for other questions than it was asked.",
        next_step="Check the index with 'narrowgate index verify'.",
    )


def _no_place(error: OSError) -> UnavailableError:
    return UnavailableError(
        "The rows that are asked for have no place on the disk.",
        why=system_reason(error)[0],
        next_step="Free some space in the spill directory of gate.toml, and run the same command again.",
    )
