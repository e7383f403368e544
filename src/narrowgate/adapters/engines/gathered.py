"""The rows of a package, put where the set has them before it is read (``gate.gathering.Gathering``).

What an index holds lies in the order of its tokens. So the rows that a package asks for are dealt into parts by the
first bits of theirs, and each part of the set is read once, beside the rows of that part and no others: in one pass,
and in memory that grows neither with the rows asked nor with those stored.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections import defaultdict
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
from narrowgate.gate.gathering import RowsAsked
from narrowgate.index.columns import every_word, integers, words

PART_BITS = 6
"""Leading bits of a token that choose its part."""

_SCHEMA = pa.schema(
    [
        pa.field(name, pa.int64(), nullable=False)
        for name in ("token_high", "token_low", "tax_years", "mask", "question")
    ]
)

_SCATTERED_ROWS = 1 << 20
"""Rows, 40 bytes each, that wait in memory before they are dealt out."""

_ANSWERED_ROWS = 1 << 21
"""Rows for which a piece of the set is read: with their hash table some 200 MB."""

_ARROW: Any = pc
_ARROW_LISTS: Any = pa.ListArray.from_arrays
"""The published types leave out ``scatter``, and columns whose type is known when they are made."""

Answer = Callable[[pa.Table, range], Iterable[pa.RecordBatch]]
"""Of some rows asked, whose tokens lie in those parts: ``question, held`` for each question that has one."""


class _Stretch(NamedTuple):
    """Where a batch of rows of one part lies in the file."""

    start: int
    length: int
    rows: int


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
        self._parts: dict[int, list[_Stretch]] = defaultdict(list)
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._counts = array("Q")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, asked: RowsAsked) -> None:
        """See ``Gathering.add``."""
        self._waiting.append(_batch(asked, len(self._counts)))
        self._rows += self._waiting[-1].num_rows
        self._counts.extend(asked.counts)
        if self._rows >= _SCATTERED_ROWS:
            self._scatter()

    def answers(self) -> Sequence[bool]:
        """See ``Gathering.answers``."""
        found = integer_nulls(len(self._counts))
        every = _ARROW.ScatterOptions(max_index=len(self._counts) - 1)
        for rows, parts in self._pieces():
            for batch in self._answer(rows, parts):
                one = _ARROW.call_function("scatter", [batch.column(1), batch.column(0)], every)
                found = _ARROW.coalesce(_ARROW.bit_wise_or(found, one), found, one)
        if found.null_count != self._counts.count(0):
            raise UnavailableError(
                "The index answered for other questions than it was asked.",
                next_step="Check the index with 'narrowgate index verify'.",
            )
        return list(map(bool, words(found.fill_null(_integer(0)))))

    def _pieces(self) -> Iterator[tuple[pa.Table, range]]:
        """All rows, some parts at a time, and which parts these are."""
        if self._file is None:
            if self._rows:
                yield pa.Table.from_batches(self._waiting), range(1 << PART_BITS)
            return
        self._scatter()
        first, held, count = 0, list[_Stretch](), 0
        for part in range(1 << PART_BITS):
            held += self._parts[part]
            count += sum(stretch.rows for stretch in self._parts[part])
            if held and (count >= _ANSWERED_ROWS or part + 1 == 1 << PART_BITS):
                yield pa.Table.from_batches(map(self._read, held)), range(first, part + 1)
                first, held, count = part + 1, [], 0

    def _scatter(self) -> None:
        """The rows that wait go to the file, each part by itself."""
        if not self._rows:
            return
        rows = pa.Table.from_batches(self._waiting).combine_chunks()
        self._waiting, self._rows = [], 0
        shifted = _ARROW.shift_right(rows.column("token_high").chunk(0), _integer(64 - PART_BITS))
        order = _ARROW.sort_indices(shifted)
        parts, rows = words(shifted.take(order)), rows.take(order)
        start = 0
        while start < len(parts):
            end = bisect_right(parts, parts[start], start)
            for batch in rows.slice(start, end - start).to_batches():
                self._write(parts[start] + (1 << PART_BITS >> 1), batch)
            start = end

    def _write(self, part: int, batch: pa.RecordBatch) -> None:
        data = batch.serialize()
        try:
            if self._file is None:
                self._spill.mkdir(parents=True, exist_ok=True)
                self._file = TemporaryFile(dir=self._spill, buffering=0)  # noqa: SIM115 - closed by __exit__
            _write_all(self._file, memoryview(data))
        except OSError as error:
            raise _no_place(error) from error
        self._parts[part].append(_Stretch(self._end, data.size, batch.num_rows))
        self._end += data.size

    def _read(self, stretch: _Stretch) -> pa.RecordBatch:
        if self._file is None:
            raise UnavailableError("The rows asked are gone.", next_step="Run the package again.")
        try:
            data = os.pread(self._file.fileno(), stretch.length, stretch.start)
        except OSError as error:
            raise _no_place(error) from error
        return pa.ipc.read_record_batch(pa.py_buffer(data), _SCHEMA)


def parts_between(first: int, last: int) -> range:
    """The parts of the tokens from one to another, given as their signed high halves."""
    half = 1 << PART_BITS >> 1
    return range((first >> (64 - PART_BITS)) + half, (last >> (64 - PART_BITS)) + half + 1)


def integer_nulls(count: int) -> pa.Array[Any]:
    """So many integers that are not known yet."""
    return pa.nulls(count, pa.int64())


def _integer(value: int) -> pa.Scalar[Any]:
    """``value`` for Arrow; to convert one would load pandas where it is installed."""
    one: pa.Scalar[Any] = integers([value])[0]
    return one


def _batch(asked: RowsAsked, first: int) -> pa.RecordBatch:
    """The rows with the number of their question, the first of which is ``first``."""
    high, low, masks = every_word(asked.rows, 3)
    ends = array("i", [0, *accumulate(asked.counts)])
    offsets = pa.Array.from_buffers(pa.int32(), len(ends), [None, pa.py_buffer(ends)])
    parents = _ARROW.list_parent_indices(_ARROW_LISTS(offsets, high))
    years = integers(asked.years).take(parents)
    questions = _ARROW.add(parents, _integer(first))
    return pa.RecordBatch.from_arrays(
        [high, low, years, _ARROW.bit_wise_and(masks, years), questions], schema=_SCHEMA
    )


def _write_all(file: IO[bytes], data: memoryview) -> None:
    while data:
        data = data[file.write(data) :]


def _no_place(error: OSError) -> UnavailableError:
    return UnavailableError(
        "The rows that are asked for have no place on the disk.",
        why=system_reason(error)[0],
        next_step="Free some space in the spill directory of gate.toml, and run the same command again.",
    )
