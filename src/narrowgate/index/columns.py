"""Tokens as two signed 64-bit columns: every engine reads integers alike, and none fixed-length bytes."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from narrowgate.core.matching.guard_facts import tokens_in
from narrowgate.core.matching.token import Token


def split(tokens: Sequence[Token]) -> tuple[pa.Array[Any], pa.Array[Any]]:
    """The high and the low halves of ``tokens``, big-endian, as signed 64-bit integers."""
    high, low = every_word(b"".join(tokens), 2)
    return high, low


def every_word(rows: bytes, width: int) -> list[pa.Array[Any]]:
    """The columns of ``rows``, each ``width`` big-endian 64-bit integers one behind the other."""
    view = memoryview(_signed_words(rows))
    return [integer_column(view[at::width]) for at in range(width)]


def word_column(rows: bytes) -> pa.Array[Any]:
    """All big-endian 64-bit integers of ``rows`` in one column."""
    found = _signed_words(rows)
    return pa.Array.from_buffers(pa.int64(), len(found), [None, pa.py_buffer(found)])


def _signed_words(rows: bytes) -> array[int]:
    found = array("q", rows)
    if sys.byteorder == "little":
        found.byteswap()
    return found


def token_batch(**columns: Sequence[Token]) -> pa.RecordBatch:
    """A batch with the columns ``<name>_high`` and ``<name>_low`` for each name, in order."""
    arrays = [half for tokens in columns.values() for half in split(tokens)]
    return pa.RecordBatch.from_arrays(
        arrays, names=[f"{name}_{half}" for name in columns for half in ("high", "low")]
    )


def joined(high: pa.ChunkedArray[Any], low: pa.ChunkedArray[Any]) -> list[Token]:
    """The tokens whose halves are ``high`` and ``low``; the inverse of ``split``."""
    return tokens_in(side_by_side(high, low))


def side_by_side(high: pa.ChunkedArray[Any], low: pa.ChunkedArray[Any]) -> bytes:
    """The same tokens in one piece."""
    pairs = array("q", bytes(16 * len(high)))
    pairs[0::2] = _all_words(high)
    pairs[1::2] = _all_words(low)
    if sys.byteorder == "little":
        pairs.byteswap()
    return pairs.tobytes()


def words(column: pa.Array[Any]) -> array[int]:
    """The integers of a column without nulls, not copied one by one."""
    found = array("q")
    data = column.buffers()[1]
    if data is not None:
        found.frombytes(memoryview(data)[column.offset * 8 : (column.offset + len(column)) * 8])
    return found


def _all_words(column: pa.ChunkedArray[Any]) -> array[int]:
    found = array("q")
    for chunk in column.chunks:
        found.extend(words(chunk))
    return found


def integers(values: Sequence[int]) -> pa.Array[Any]:
    """``values``, each below 2^64, as signed 64-bit integers with the same bits."""
    return integer_column(memoryview(array("Q", values)))


def integer_column(values: memoryview) -> pa.Array[Any]:
    """``values``, each of 64 bits, as signed integers; ``pa.array`` would load pandas where it is installed."""
    data = values.tobytes()
    return pa.Array.from_buffers(pa.int64(), len(data) // 8, [None, pa.py_buffer(data)])
