"""CSV and its kin: any delimiter; UTF-8, Latin-1 or cp1252; decoded strictly."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pyarrow as pa
from pyarrow import csv as arrow_csv

from narrowgate.adapters.readers.batch import BATCH_ROWS, RowBatch, RowFault, check_columns
from narrowgate.core.errors import ConfigurationError, NothingToProcessError, OperationalError
from narrowgate.core.mapping import Mapping

FIELD_COUNT = "row_field_count"
"""A row with more or fewer fields than the header."""

_BLOCK_BYTES = 4 << 20


def read_delimited(source: Path, mapping: Mapping) -> Iterator[RowBatch]:
    """The rows of a delimited file; a row whose field count differs from the header's is a fault.

    Raises:
        ConfigurationError: a column is missing, or the file is not in the encoding the mapping names.
        NothingToProcessError: the file is empty.
        OperationalError: the file cannot be read.
    """
    check_columns(header_of(source, mapping), mapping, source.name)
    faults: list[int] = []

    def note(row: arrow_csv.InvalidRow) -> Literal["skip"]:
        # Arrow counts the header; without threads it always knows the number.
        faults.append((row.number or 0) - 1)
        return "skip"

    try:
        reader = arrow_csv.open_csv(
            source,
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=_BLOCK_BYTES, encoding=_arrow_encoding(mapping)
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=mapping.source.delimiter, newlines_in_values=True, invalid_row_handler=note
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(mapping.columns, pa.string()),
                include_columns=list(mapping.columns),
            ),
        )
        yield from _number(reader, faults)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        # Arrow's message quotes the row.
        raise _not_readable(source, mapping) from None
    except OSError as error:
        raise OperationalError(
            "The source cannot be read.", why=f"{error.strerror}.", where=source.name
        ) from None


def _number(reader: arrow_csv.CSVStreamingReader, faults: list[int]) -> Iterator[RowBatch]:
    following = 1
    reported = 0
    for block in reader:
        numbers: list[int] = []
        skipped = set(faults[reported:])
        while len(numbers) < block.num_rows:
            if following not in skipped:
                numbers.append(following)
            following += 1
        first = reported
        while reported < len(faults) and faults[reported] < following:
            reported += 1
        rows = tuple(RowFault(number, FIELD_COUNT) for number in faults[first:reported])
        for start in range(0, max(block.num_rows, 1), BATCH_ROWS):
            yield RowBatch(
                block.slice(start, BATCH_ROWS),
                numbers[start : start + BATCH_ROWS],
                rows if start == 0 else (),
            )
    if reported < len(faults):
        rows = tuple(RowFault(number, FIELD_COUNT) for number in faults[reported:])
        yield RowBatch(pa.RecordBatch.from_pylist([], schema=reader.schema), (), rows)


def header_of(source: Path, mapping: Mapping) -> list[str]:
    """The column names in the first line.

    Raises:
        NothingToProcessError: there is no first line.
        ConfigurationError: the first line is not in the encoding of the mapping.
        OperationalError: the file cannot be read.
    """
    encoding = "utf-8-sig" if mapping.source.encoding == "utf-8" else mapping.source.encoding
    try:
        with source.open(encoding=encoding, newline="") as lines:
            header = next(csv.reader(lines, delimiter=mapping.source.delimiter), None)
    except UnicodeDecodeError:
        raise _not_readable(source, mapping) from None
    except OSError as error:
        raise OperationalError(
            "The source cannot be read.", why=f"{error.strerror}.", where=source.name
        ) from None
    if not header:
        raise NothingToProcessError("The source is empty.", where=source.name)
    return header


def _arrow_encoding(mapping: Mapping) -> str:
    return {"utf-8": "utf8"}.get(mapping.source.encoding, mapping.source.encoding)


def _not_readable(source: Path, mapping: Mapping) -> ConfigurationError:
    """Finds the first line that is not in the encoding; the slow way is only taken to explain a failure."""
    decode = codecs.getdecoder(mapping.source.encoding)
    with source.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                decode(line, "strict")
            except UnicodeDecodeError:
                return ConfigurationError(
                    f"The line is not {mapping.source.encoding}.",
                    next_step="Write the file's encoding into [source] of the mapping.",
                    where=f"{source.name}:{number}",
                )
    return ConfigurationError(
        "The source is not a table with this delimiter.",
        why="A quoted field is not closed, or a row is longer than 4 MiB.",
        where=source.name,
    )
