"""The rows of a package, put where the set has them before it is read (``gate.gathering.Gathering``).

What an index holds lies in the order of its tokens. So the rows that a package asks for are dealt into parts by the
first bits of theirs, and each part of the set is read once, beside the rows of that part and no others: in one pass,
and in memory that grows neither with the rows asked nor with those stored.
"""

from __future__ import annotations

import errno
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

import pyarrow as pa
import pyarrow.compute as pc

from narrowgate.core.base.errors import UnavailableError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.gate.gathering import DealtRows, RowsAsked
from narrowgate.index.columns import every_word, integers

PART_BITS = 6
"""Leading bits of a token that choose its part."""

_PARTS = 1 << PART_BITS
_SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.int64(), nullable=False) for name in ("token_high", "token_low", "mask")),
        pa.field("question", pa.int32(), nullable=False),
    ]
)
_SIZES = tuple(kind.bit_width // 8 for kind in _SCHEMA.types)
_ROW = sum(_SIZES)

_WAITING_ROWS = 1 << 20
"""Rows, 28 bytes each, that wait in memory; more go to the disk."""

_ANSWERED_ROWS = 1 << 20
"""Rows for which a piece of the set is read: with their hash table some 100 MB."""

_ARROW: Any = pc
_ARROW_LISTS: Any = pa.ListArray.from_arrays
"""The published types leave out ``scatter``, and columns whose type is known when they are made."""

Answer = Callable[[pa.Table, range], Iterable[pa.RecordBatch]]
"""Of some rows asked, whose tokens lie in those parts: ``question, years`` for each row, and more where layers are."""


class _Batch(NamedTuple):
    """Rows that were added together.

    Args:
        data: as ``deal`` made it; None where it is in the file.
        start: where in the file it begins.
        ends: of each part how many of the rows lie in it or before it, after a zero.
        first: number of the first question.
    """

    data: bytes | None
    start: int
    ends: list[int]
    first: int


class Gathered:
    """Rows that wait: in memory while they are few, and in a file without a name that ends with this process.

    Args:
        spill: directory of that file, which holds tokens only.
        answer: reads the set.
    """

    def __init__(self, spill: Path, answer: Answer) -> None:
        self._spill = spill
        self._answer = answer
        self._file: IO[bytes] | None = None
        self._end = 0
        self._batches: list[_Batch] = []
        self._filed = 0
        self._rows = 0
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
        self._rows += sum(dealt.parts)
        ends = list(accumulate(dealt.parts, initial=0))
        self._batches.append(_Batch(dealt.data, 0, ends, len(self._counts)))
        self._counts.extend(dealt.counts)
        self._years.extend(dealt.years)
        if self._rows >= _WAITING_ROWS:
            self._batches[self._filed :] = [self._written(batch) for batch in self._batches[self._filed :]]
            self._filed = len(self._batches)

    def answers(self) -> Sequence[bool]:
        """See ``Gathering.answers``."""
        questions = len(self._counts)
        held: pa.Array[Any] = pa.nulls(questions, pa.bool_())
        seen: pa.Array[Any] = pa.nulls(questions, pa.bool_())
        named = integers(self._years)
        for rows, parts in self._pieces():
            batches = list(self._answer(rows, parts))
            if sum(batch.num_rows for batch in batches) < rows.num_rows:
                raise _answered_otherwise()
            answered = pa.Table.from_batches(batches)
            numbers = answered.column(0).combine_chunks()
            common = _ARROW.bit_wise_and(answered.column(1).combine_chunks(), named.take(numbers))
            yes = _ARROW.not_equal(common, _integer(0))
            seen = _marked(seen, numbers)
            held = _marked(held, _ARROW.if_else(yes, numbers, _number(questions)))
        if seen.null_count != self._counts.count(0):
            raise _answered_otherwise()
        return [one is not None for one in held.to_pylist()]

    def _pieces(self) -> Iterator[tuple[pa.Table, range]]:
        """All rows, some parts at a time, and which parts these are."""
        if self._rows < _WAITING_ROWS:
            if self._rows:
                yield self._rows_of(range(_PARTS)), range(_PARTS)
            return
        first, count = 0, 0
        for part in range(_PARTS):
            count += sum(batch.ends[part + 1] - batch.ends[part] for batch in self._batches)
            if count >= _ANSWERED_ROWS or (count and part + 1 == _PARTS):
                parts = range(first, part + 1)
                yield self._rows_of(parts), parts
                first, count = part + 1, 0

    def _rows_of(self, parts: range) -> pa.Table:
        return pa.Table.from_batches(
            [rows for batch in self._batches for rows in self._columns(batch, parts)], _SCHEMA
        )

    def _columns(self, batch: _Batch, parts: range) -> Iterator[pa.RecordBatch]:
        """The rows of one batch in some parts."""
        start, end = batch.ends[parts.start], batch.ends[parts.stop]
        if start == end:
            return
        data = self._read(batch, _ROW * start, _ROW * end)
        for part in parts:
            rows = batch.ends[part + 1] - batch.ends[part]
            at = _ROW * (batch.ends[part] - start)
            if rows:
                columns = []
                for kind, size in zip(_SCHEMA.types, _SIZES, strict=True):
                    part_of_it = data.slice(at, size * rows)
                    columns.append(pa.Array.from_buffers(kind, rows, [None, part_of_it]))
                    at += size * rows
                columns[-1] = _ARROW.add(columns[-1], _number(batch.first))
                yield pa.RecordBatch.from_arrays(columns, schema=_SCHEMA)

    def _written(self, batch: _Batch) -> _Batch:
        """The same in the file."""
        data = batch.data or b""
        try:
            if self._file is None:
                self._spill.mkdir(parents=True, exist_ok=True)
                self._file = TemporaryFile(dir=self._spill, buffering=0)  # noqa: SIM115 - closed by __exit__
            _write_all(self._file, memoryview(data))
        except OSError as error:
            raise _no_place(error) from error
        start = self._end
        self._end += len(data)
        return batch._replace(data=None, start=start)

    def _read(self, batch: _Batch, start: int, end: int) -> pa.Buffer:
        if batch.data is not None:
            return pa.py_buffer(batch.data).slice(start, end - start)
        if self._file is None:
            raise UnavailableError("The rows asked are gone.", next_step="Run the package again.")
        try:
            return pa.py_buffer(_read_all(self._file.fileno(), end - start, batch.start + start))
        except OSError as error:
            raise _no_place(error) from error


def deal(asked: RowsAsked) -> DealtRows:
    """The rows part after part, in each part column after column; questions are numbered from 0."""
    high, low, masks, _ = every_word(asked.rows, 4)
    ends = array("i", [0, *accumulate(asked.counts)])
    offsets = pa.Array.from_buffers(pa.int32(), len(ends), [None, pa.py_buffer(ends)])
    questions = _ARROW.list_parent_indices(_ARROW_LISTS(offsets, high)).cast(pa.int32())
    part = _ARROW.shift_right(high, _integer(64 - PART_BITS))
    order = _ARROW.sort_indices(part)
    columns = [memoryview(column.take(order).buffers()[1] or b"") for column in (high, low, masks, questions)]
    counted = {one["values"]: one["counts"] for one in _ARROW.value_counts(part).to_pylist()}
    half = _PARTS >> 1
    parts = array("Q", [counted.get(number - half, 0) for number in range(_PARTS)])
    pieces = []
    start = 0
    for rows in parts:
        end = start + rows
        pieces += [column[size * start : size * end] for column, size in zip(columns, _SIZES, strict=True)]
        start = end
    return DealtRows(b"".join(pieces), parts, asked.counts, asked.years)


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


_TRUE: Any = pa.Array.from_buffers(pa.bool_(), 1, [None, pa.py_buffer(b"\x01")])[0]


def _integer(value: int) -> pa.Scalar[Any]:
    """``value`` for Arrow; to convert one would load pandas where it is installed."""
    one: pa.Scalar[Any] = integers([value])[0]
    return one


def _number(question: int) -> pa.Scalar[Any]:
    """The same for the number of a question."""
    one: pa.Scalar[Any] = _integer(question).cast(pa.int32())
    return one


def _write_all(file: IO[bytes], data: memoryview) -> None:
    while data:
        data = data[file.write(data) :]


def _read_all(file: int, size: int, at: int) -> bytearray:
    """So many bytes; the system may give fewer at once, and gives none behind the end."""
    found = bytearray()
    while len(found) < size:
        piece = os.pread(file, size - len(found), at + len(found))
        if not piece:
            raise OSError(errno.EIO, "The file ends early")
        found += piece
    return found


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
