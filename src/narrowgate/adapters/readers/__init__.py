"""Readers of tax files: every format becomes the same stream of text columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from narrowgate.adapters.object_store.location import ObjectLocation
from narrowgate.adapters.readers.delimited import read_delimited
from narrowgate.adapters.readers.excel import read_excel
from narrowgate.adapters.readers.parquet import read_parquet
from narrowgate.adapters.readers.ranges import read_ebcdic, read_lines
from narrowgate.adapters.readers.source_file import SourceFile, unchanged
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.core.taxfile.mapping_source import SourceFormat
from narrowgate.index.rows import RowBatch

_BY_ENDING = {
    ".csv": SourceFormat.CSV,
    ".tsv": SourceFormat.CSV,
    ".txt": SourceFormat.CSV,
    ".parquet": SourceFormat.PARQUET,
    ".xlsx": SourceFormat.EXCEL,
}

_FILE_READERS = {
    SourceFormat.CSV: read_delimited,
    SourceFormat.PARQUET: read_parquet,
    SourceFormat.FIXED_WIDTH: read_lines,
    SourceFormat.EBCDIC: read_ebcdic,
    SourceFormat.EXCEL: read_excel,
}

_OBJECT_READERS = {
    SourceFormat.CSV: read_delimited,
    SourceFormat.PARQUET: read_parquet,
    SourceFormat.FIXED_WIDTH: read_lines,
    SourceFormat.EBCDIC: read_ebcdic,
}

Source = Path | ObjectLocation | str
"""A file, an object of a store, or the connection string of a database."""


def format_of(source: SourceFile, mapping: Mapping) -> SourceFormat:
    """The format the mapping names, or else the one the file's ending tells.

    Raises:
        ConfigurationError: neither does.
    """
    found = mapping.source.format or _BY_ENDING.get(source.suffix.lower())
    if found is None:
        raise ConfigurationError(
            "The format of the source is not known.",
            next_step="Write 'format' into [source] of the mapping.",
            where=source.name,
        )
    return found


def read_rows(source: Source, mapping: Mapping) -> Iterator[RowBatch]:
    """Every row of ``source``, in order, as text; a row that cannot be read is a fault with its number.

    Memory is bounded by a few batches whatever the size of the source.

    Args:
        source: the file, the object, or the connection string of a database.
        mapping: names the columns wanted; no other is read further than its separator.

    Raises:
        ConfigurationError: a column of the mapping is missing, occurs twice, or is no text.
        OperationalError: the source cannot be read.
    """
    if mapping.source.format is SourceFormat.POSTGRESQL:
        # An optional extra: the other readers work without it.
        from narrowgate.adapters.readers.postgresql import read_postgresql  # noqa: PLC0415

        return read_postgresql(str(source), mapping)
    file = file_of(source)
    kind = format_of(file, mapping)
    if isinstance(file, Path):
        return _FILE_READERS[kind](file, mapping)
    return _read_object(file, kind, mapping)


def file_of(source: Source) -> SourceFile:
    """``source`` as the file that it is, where it is none of a database."""
    return source if isinstance(source, ObjectLocation) else Path(source)


def _read_object(source: ObjectLocation, kind: SourceFormat, mapping: Mapping) -> Iterator[RowBatch]:
    if kind is SourceFormat.EXCEL:
        raise ConfigurationError(
            "A workbook is not read from an object store.",
            why="It would have to be copied to this machine in plain text.",
            next_step="Export the sheet as CSV or Parquet.",
            where=source.name,
        )
    with unchanged(source):
        yield from _OBJECT_READERS[kind](source, mapping)
