"""How many rows a source is likely to have, so that a build can say how long it will take."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.adapters.readers import Source, file_of, format_of
from narrowgate.adapters.readers.source_file import SourceFile, arrow_input, size_of
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.core.taxfile.mapping_source import SourceFormat
from narrowgate.index.progress import Progress

_SAMPLE_BYTES = 1 << 20


def rows_told(source: Source, mapping: Mapping, progress: Progress) -> Callable[[int], None]:
    """Tells ``progress`` how many rows were read of those that ``source`` probably has."""
    expected = rows_expected(source, mapping)
    return lambda rows: progress("records", rows, expected)


def rows_expected(source: Source, mapping: Mapping) -> int | None:
    """About how many rows ``source`` has: exact of Parquet and EBCDIC, by the length of the first lines of other files.

    Of a database it is what the server's planner expects. None where nothing says it: the reader will explain why.

    Raises:
        ConfigurationError: the format of the source is not known, or the connection string of a database is none.
        OperationalError: the database cannot be reached.
    """
    if mapping.source.format is SourceFormat.POSTGRESQL:
        # An optional extra: the other readers work without it.
        from narrowgate.adapters.readers.postgresql import rows_planned  # noqa: PLC0415

        return rows_planned(str(source), mapping)
    path = file_of(source)
    try:
        match format_of(path, mapping):
            case SourceFormat.PARQUET:
                return int(pq.read_metadata(arrow_input(path)).num_rows)
            case SourceFormat.EBCDIC:
                return size_of(path) // mapping.source.record_length
            case SourceFormat.EXCEL:
                return None
            case _:
                return _by_lines(path)
    except (OSError, pa.ArrowInvalid):
        return None


def _by_lines(path: SourceFile) -> int | None:
    with path.open("rb") as data:
        sample = data.read(_SAMPLE_BYTES)
    lines = sample.count(b"\n")
    return round(size_of(path) * lines / len(sample)) if lines else None
