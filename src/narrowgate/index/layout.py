"""The rows that tokenizing leaves for the engines: which 64-bit words they are made of, in one place."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from narrowgate.index.columns import integer_column


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows of big-endian 64-bit words, one behind the other.

    Args:
        width: words of a row.
        places: the word at which each column stands; some words are no column.
    """

    width: int
    places: Mapping[str, int]

    def columns(self, rows: bytes) -> dict[str, pa.Array[Any]]:
        """Each column of ``rows`` as signed integers, in the order of ``places``.

        Args:
            rows: side by side, each of ``width`` words.
        """
        words = array("q", rows)
        if sys.byteorder == "little":
            words.byteswap()
        view = memoryview(words)
        return {name: integer_column(view[at :: self.width]) for name, at in self.places.items()}


ENTRY = Layout(
    12, {"tin_high": 0, "tin_low": 1, "birth_high": 4, "birth_low": 5, "point_high": 8, "point_low": 9}
)
"""Three MACs for each person at each address of a row: they begin with the exclusion token of the TIN, with that of
birth date and name, and with the token of an address without units; zeros where there is none."""

ROW = Layout(4, {"tokens_high": 0, "tokens_low": 1, "masks": 2})
"""A ``row_digest`` for each identity of an entry: the name of a row of the index, and the mask of its tax years."""

GUARD = Layout(7, {"token_high": 0, "token_low": 1, "several": 3, "value": 4, "zip_high": 5, "zip_low": 6})
"""A street met: its guard key, of which the last word is what the row holds where facts differ, the masked value, and
the name of the row that says that its ZIP Code is covered by a street reference."""
