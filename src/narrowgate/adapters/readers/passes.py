"""Reading a tax file more than once: how often pays, and that it is the same file each time."""

from __future__ import annotations

import math
import stat
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from narrowgate.adapters.readers import Source, file_of, format_of, read_rows
from narrowgate.adapters.readers.expect import rows_expected
from narrowgate.adapters.readers.source_file import SourceFile, replaced
from narrowgate.core.base.errors import ConfigurationError, NarrowgateError
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.core.taxfile.mapping_source import SourceFormat
from narrowgate.index.dealing import written_places
from narrowgate.index.places import REMEMBERED_STREETS
from narrowgate.index.rows import RowBatch

MOST_PASSES = 64

_STREETS_OF_A_PLACE = 240
"""Street names of a ZIP Code, those with units counted by themselves: some 120 of each (``benchmarks.scale``)."""

_ROWS_OF_A_HOME = 2
"""Rows for each address, at least: most persons file three years in a row from the same one."""

_KEPT = 0.6
"""Of the streets that a process remembers so many are found again nearly always: the older half goes when the younger
one is full."""

_SAMPLE_BATCHES = 64
"""A million rows: of a file in the order of its numbers they come from nearly all ZIP Codes, of one in the order of its
places from a few."""

_QUICK_FORMATS = frozenset({SourceFormat.CSV, SourceFormat.PARQUET})
"""Read at least ten times as fast as tokenized, so that to read again costs less than a street met again."""


def passes_that_pay(source: Source, mapping: Mapping, processes: int) -> int:
    """How often to read ``source``, so that the processes remember the streets of a pass.

    One where they do anyway, where the file lies in the order of its places, and where reading is slow.

    Args:
        source: what is read.
        mapping: of it.
        processes: that share the streets of a pass.
    """
    if not is_read_alike(source, mapping) or format_of(file_of(source), mapping) not in _QUICK_FORMATS:
        return 1
    remembered = _KEPT * processes * REMEMBERED_STREETS
    homes = (rows_expected(source, mapping) or 0) / _ROWS_OF_A_HOME
    if homes <= remembered:
        return 1
    places: set[str] = set()
    for batch in islice(read_rows(source, mapping), _SAMPLE_BATCHES):
        places.update(written_places(batch.columns, mapping))
    streets = max(1, len(places)) * _STREETS_OF_A_PLACE
    met = streets * -math.expm1(-homes / streets)  # of so many drawn at random, so many different ones
    return min(MOST_PASSES, max(1, math.ceil(met / remembered)))


def is_read_alike(source: Source, mapping: Mapping) -> bool:
    """Whether ``source`` gives the same rows in the same order each time: a database and a pipe do not."""
    if mapping.source.format is SourceFormat.POSTGRESQL:
        return False
    file = file_of(source)
    with suppress(OSError):
        return not isinstance(file, Path) or stat.S_ISREG(file.stat().st_mode)
    return True  # the reader says that there is none


def read_in_passes(source: Source, mapping: Mapping, passes: int) -> Iterator[Iterator[RowBatch]]:
    """Every row of ``source``, as ``read_rows`` gives it, so many times; of the same file each time.

    Raises:
        ConfigurationError: the source cannot be read alike twice.
        UnavailableError: the file was replaced or written to since the first pass began.
    """
    is_alike = is_read_alike(source, mapping)
    if passes == 1 and not is_alike:
        return iter([read_rows(source, mapping)])
    if not is_alike:
        raise ConfigurationError(
            "The source cannot be read in several passes.",
            why="A database or a pipe need not give the same rows in the same order twice.",
            next_step="Leave out --passes, or export the records to Parquet.",
        )
    file = file_of(source)
    before = state_of(file)
    return (_checked(file, mapping, before) for _ in range(passes))


def _checked(file: SourceFile, mapping: Mapping, before: object) -> Iterator[RowBatch]:
    try:
        yield from read_rows(file, mapping)
    except NarrowgateError:
        _require(file, before)
        raise
    _require(file, before)


def _require(file: SourceFile, before: object) -> None:
    if state_of(file) != before:
        raise replaced(file)


def state_of(file: SourceFile) -> object:
    """What changes with the content: of a path also when it was last written to."""
    if not isinstance(file, Path):
        return file.state()
    with suppress(OSError):
        found = file.stat()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
    return None
