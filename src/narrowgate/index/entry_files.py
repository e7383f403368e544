"""What tokenizing leaves in the directory of a build: entries, streets, persons kept out, and the quarantine."""

from __future__ import annotations

import csv
import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.index.files import flush
from narrowgate.index.tally import Quarantined, Tally
from narrowgate.index.tokenize import Entries

QUARANTINE_NAME = "quarantine.csv"
QUARANTINE_HEADER = ("row", "person", "address", "reasons")

Round = Sequence[Entries]
"""Batches whose rows lie before those of every later round of the same pass; among themselves they may be mixed."""


def write_entries(passes: Iterable[Iterable[Round]], work: Path, told: Callable[[int], None]) -> Tally:
    """Writes entries, streets, suppressed persons and the quarantine into ``work``, a round at a time.

    The quarantine is in the order of the source, however many passes there are: each leaves its own in that order, and
    they are merged.

    Args:
        passes: the rounds of each pass over the source.
        work: holds none of the files yet.
        told: of the rows so far, after every round.
    """
    tally = Tally()
    quarantines: list[Path] = []
    with _EntryFiles(work) as files:
        for number, rounds in enumerate(passes):
            quarantines.append(work / f"pass-{number}.csv")
            with quarantines[-1].open("x", newline="", encoding="utf-8") as quarantine:
                rows = csv.writer(quarantine, lineterminator="\n")
                rows.writerow(QUARANTINE_HEADER)
                for results in rounds:
                    for result in results:
                        files.write(result)
                        tally.add(result.tally)
                    rows.writerows(_lines(chain.from_iterable(result.quarantined for result in results)))
                    told(tally.rows_read)
    if len(quarantines) == 1:
        quarantines[0].rename(work / QUARANTINE_NAME)
        flush(work / QUARANTINE_NAME)
    else:
        merge_quarantines(quarantines, work / QUARANTINE_NAME)
        for path in quarantines:
            path.unlink()
    return tally


def merge_quarantines(parts: Sequence[Path], target: Path, *, consecutive: bool = False) -> None:
    """All lines of ``parts`` in the order of the source, few of them in memory.

    Args:
        parts: each in that order.
        target: must not exist.
        consecutive: each part lies before the next one.
    """
    lines = map(_lines_of, parts)
    rows = chain.from_iterable(lines) if consecutive else heapq.merge(*lines, key=_row_of)
    with target.open("x", newline="", encoding="utf-8") as handle:
        merged = csv.writer(handle, lineterminator="\n")
        merged.writerow(QUARANTINE_HEADER)
        merged.writerows(rows)
    flush(target)


def _lines_of(part: Path) -> Iterator[list[str]]:
    with part.open(newline="", encoding="utf-8") as handle:
        lines = csv.reader(handle)
        next(lines)
        yield from lines


def _row_of(line: list[str]) -> int:
    return int(line[0])


def _lines(quarantined: Iterable[Quarantined]) -> Iterable[tuple[object, ...]]:
    return (
        (fault.row, fault.person or "", fault.address or "", " ".join(fault.reasons))
        for fault in sorted(quarantined, key=attrgetter("row"))
    )


class _EntryFiles:
    """Three growing Parquet files of tokens; the first batch gives their columns."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()

    def write(self, result: Entries) -> None:
        for name, batch in (
            ("entries", result.entries),
            ("streets", result.streets),
            ("suppressed", result.suppressed),
        ):
            self._writer(name, batch.schema).write_batch(batch)

    def _writer(self, name: str, schema: pa.Schema) -> pq.ParquetWriter:
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(
                self._work / f"{name}.parquet",
                schema,
                compression="none",
                use_dictionary=False,
                write_statistics=False,
            )
        return self._writers[name]
