"""Rows dealt out by place: those that may share a street go to one process, in one pass over the source.

A tax file lies in the order of its numbers, so that hardly a street repeats soon. A process that is given the rows of
some ZIP Codes only meets their streets again and again, and no other process meets them. Where the streets of its ZIP
Codes are more than it can remember, the source is read several times, each time for the rows of other ZIP Codes: so
nothing is sorted, and no plain text is written anywhere.

Which share a row falls in depends on the text of its place alone and leaves no trace in the index.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from narrowgate.core.base.errors import OperationalError
from narrowgate.core.taxfile.mapping import AddressColumns, Mapping
from narrowgate.index.columns import integer_column, integers, words
from narrowgate.index.rows import BATCH_ROWS, RowBatch, RowFault, replaced_records

_ZIP_LENGTH = 5
_ZIP_AT_END = re.compile(r"([0-9]{5})(?:-?[0-9]{4})?\s*$")
_REMEMBERED = 1 << 17
"""Places whose share is kept: there are some 42,000 ZIP Codes, and any text may be written for one."""

_ARROW: Any = pc
"""The published types leave out some functions of one argument."""


class Deal:
    """The shares that the rows of a source fall in: each row in one, whatever is written in it.

    Args:
        mapping: names the columns of the addresses.
        processes: that work in each pass.
        passes: over the source.
    """

    def __init__(self, mapping: Mapping, processes: int, passes: int) -> None:
        self._addresses = mapping.addresses
        self._processes = processes
        self._passes = passes
        self._shares = _Shares(processes * passes)
        self._first: tuple[int, bytes] | None = None
        self._rows = 0

    def rounds(self, rows: Iterable[RowBatch], number: int) -> Iterator[RowBatch]:
        """The rows of one pass, ``processes`` batches a round: one for each process, some perhaps of no row.

        Rows that could not be read have no place; the first process has them in the first pass.

        Args:
            rows: the whole source, in its order.
            number: of the pass, from 0.

        Raises:
            UnavailableError: the rows are not those of the first pass.
        """
        if self._processes == self._passes == 1:
            yield from self._counted(rows)
            return
        seen = _Seen()
        pieces = [_Piece() for _ in range(self._processes)]
        for batch in rows:
            shares = self.shares(batch.columns)
            seen.note(batch, shares)
            if number == 0:
                pieces[0].faults += batch.faults
            for piece, share in zip(pieces, self._of_pass(number), strict=True):
                piece.add(batch, _ARROW.indices_nonzero(_ARROW.equal(shares, integers([share])[0])))
            if sum(piece.size for piece in pieces) >= self._processes * BATCH_ROWS:
                yield from (piece.whole() for piece in pieces)
                pieces = [_Piece() for _ in range(self._processes)]
        if any(piece.size for piece in pieces):
            yield from (piece.whole() for piece in pieces)
        self._require_same(seen)

    def shares(self, columns: pa.RecordBatch) -> pa.Array[Any]:
        """The share of each row, from 0: first those of the first pass, one for each process."""
        if not self._addresses[0].zip:
            return integers([self._share_without_zip(columns, at) for at in range(columns.num_rows)])
        written = _written_zips(columns, self._addresses[0])
        places = written.dictionary.to_pylist()
        shares: pa.Array[Any] = integers(list(map(self._shares.__getitem__, places))).take(written.indices)
        blank = [number for number, place in enumerate(places) if not place.strip()]
        return self._with_other_places(shares, columns, written.indices, blank) if blank else shares

    def require_all(self, rows_read: int) -> None:
        """Returns if every row was read in one of the passes, and in no other.

        Raises:
            OperationalError: one was not.
        """
        if rows_read != self._rows:
            raise OperationalError(
                "The counts of the build do not add up.",
                why="The passes together did not read every row of the source once.",
                next_step="Report this as a defect; no index was written.",
            )

    def _of_pass(self, number: int) -> range:
        return range(number * self._processes, (number + 1) * self._processes)

    def _with_other_places(
        self, shares: pa.Array[Any], columns: pa.RecordBatch, indices: Any, blank: list[int]
    ) -> pa.Array[Any]:
        """The same for rows whose ZIP Code is blank: what else is written says where they belong."""
        found = words(shares)
        for at, place in enumerate(indices.to_pylist()):
            if place in blank:
                found[at] = self._share_without_zip(columns, at)
        return integer_column(memoryview(found))

    def _share_without_zip(self, columns: pa.RecordBatch, row: int) -> int:
        written = (_place_of(columns, address, row) for address in self._addresses)
        return self._shares[next(filter(None, written), "")]

    def _counted(self, rows: Iterable[RowBatch]) -> Iterator[RowBatch]:
        for batch in rows:
            self._rows += batch.columns.num_rows + len(batch.faults)
            yield batch

    def _require_same(self, seen: _Seen) -> None:
        found = seen.rows, seen.digest.digest()
        if self._first is None:
            self._first, self._rows = found, seen.rows
        elif self._first != found:
            raise replaced_records("Two passes over them did not find the same rows in the same places.")


class _Shares(dict[str, int]):
    """The share of each place met: a look-up here is what a row of another pass costs beside its reading.

    Args:
        count: of the shares.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def __missing__(self, place: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        digest = blake2b(place.encode(errors="surrogatepass"), digest_size=8).digest()
        share = self[place] = int.from_bytes(digest) % self._count
        return share


@dataclass(slots=True)
class _Seen:
    """What one pass saw of the source: how many rows, and the share of each in order."""

    rows: int = 0
    digest: Any = field(default_factory=sha256)

    def note(self, batch: RowBatch, shares: pa.Array[Any]) -> None:
        self.rows += batch.columns.num_rows + len(batch.faults)
        self.digest.update(words(shares))
        self.digest.update(b"".join(fault.row.to_bytes(8) for fault in batch.faults))


@dataclass(slots=True)
class _Piece:
    """What one process is given in one round."""

    columns: list[pa.RecordBatch] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("Q"))
    faults: tuple[RowFault, ...] = ()

    @property
    def size(self) -> int:
        return len(self.numbers) + len(self.faults)

    def add(self, batch: RowBatch, chosen: Any) -> None:
        if self.columns and not len(chosen):
            return  # in a pass whose places are few, most batches have none of them
        self.columns.append(batch.columns.take(chosen))
        self.numbers.extend(batch.numbers[at] for at in chosen.to_pylist())

    def whole(self) -> RowBatch:
        (columns,) = pa.Table.from_batches(self.columns).combine_chunks().to_batches() or [
            self.columns[0].slice(0, 0)
        ]
        return RowBatch(columns, self.numbers, self.faults)


def written_places(columns: pa.RecordBatch, mapping: Mapping) -> set[str]:
    """The places that some rows name, each once: their ZIP Codes as written."""
    address = mapping.addresses[0]
    if address.zip:
        return set(_written_zips(columns, address).dictionary.to_pylist())
    return {_place_of(columns, address, row) for row in range(columns.num_rows)}


def _written_zips(columns: pa.RecordBatch, address: AddressColumns) -> Any:
    """The first characters of the ZIP Codes, each text once beside the numbers of those that the rows have."""
    return _ARROW.utf8_slice_codeunits(columns.column(address.zip), 0, _ZIP_LENGTH).dictionary_encode()


def _place_of(columns: pa.RecordBatch, address: AddressColumns, row: int) -> str:
    """The ZIP Code of an address, or what its last line ends with or is; blank where nothing is written."""
    for name in (address.zip, address.address_line_2, address.address_line_1):
        text = str(columns.column(name)[row]).strip() if name else ""
        if text:
            at_end = _ZIP_AT_END.search(text)
            return text[:_ZIP_LENGTH] if name == address.zip else at_end[1] if at_end else text
    return ""
