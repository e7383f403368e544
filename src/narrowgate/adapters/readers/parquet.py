"""Parquet: text columns as they are; other types only where no digit can have been lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from narrowgate.adapters.readers.ranges import FIELD_BYTES
from narrowgate.adapters.readers.source_file import SourceFile, arrow_input
from narrowgate.core.base.errors import ConfigurationError, OperationalError
from narrowgate.core.person.birth_date import BirthDateForm
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.index.rows import BATCH_ROWS, RowBatch, RowFault, check_columns

_DATE_FORMS = {
    BirthDateForm.ISO: "%Y-%m-%d",
    BirthDateForm.COMPACT: "%Y%m%d",
    BirthDateForm.US: "%m/%d/%Y",
}


def read_parquet(
    source: SourceFile, mapping: Mapping, row_groups: Callable[[int], range] = range
) -> Iterator[RowBatch]:
    """The rows of a Parquet file, or of some of its row groups; one with a cell that is no text is a fault.

    Text stays as it is. A whole number may give the tax year, a date the birth date, a truth value the
    suppression; any other role in another type has lost its leading zeros already.

    Args:
        source: the file.
        mapping: names the columns wanted.
        row_groups: of the file's number of row groups, the consecutive ones to read; all of them.

    Raises:
        ConfigurationError: a column is missing, or of a type that cannot be trusted for its role.
        OperationalError: the file cannot be read.
    """
    try:
        # Reading ahead keeps all that was read until the end: a tax file is larger than memory.
        with pq.ParquetFile(arrow_input(source), pre_buffer=False) as file:
            schema = file.schema_arrow
            check_columns(schema.names, mapping, source.name)
            for column in mapping.columns:
                _check_type(schema.field(column).type, column, mapping, source)
            groups = row_groups(file.num_row_groups)
            following = 1 + sum(file.metadata.row_group(group).num_rows for group in range(groups.start))
            for batch in file.iter_batches(BATCH_ROWS, list(groups), list(mapping.columns)):
                numbers = range(following, following + batch.num_rows)
                following += batch.num_rows
                yield _readable(_as_text(batch, mapping), numbers)
    except (pa.ArrowInvalid, OSError) as error:
        raise OperationalError(
            "The source cannot be read as Parquet.",
            why="It is missing, truncated or damaged.",
            where=source.name,
            next_step="Export the records once more, and name that file.",
        ) from error


def _check_type(kind: pa.DataType, column: str, mapping: Mapping, source: SourceFile) -> None:
    role = mapping.role_of(column)
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    harmless = (
        (role == "tax_year" and pa.types.is_integer(kind))
        or (role == "birth_date" and pa.types.is_date(kind))
        or (role == "suppressed" and pa.types.is_boolean(kind))
    )
    if not (text or harmless):
        raise ConfigurationError(
            f"Column '{column}', mapped as {role}, is not text.",
            why="A number loses its leading zeros.",
            next_step="Export the column as text.",
            where=source.name,
        )


def _as_text(batch: pa.RecordBatch, mapping: Mapping) -> pa.RecordBatch:
    date_form = _DATE_FORMS[mapping.source.birth_date_form]
    return pa.RecordBatch.from_arrays(
        [_text_of(batch.column(name), date_form) for name in mapping.columns], names=list(mapping.columns)
    )


def _readable(columns: pa.RecordBatch, numbers: range) -> RowBatch:
    """The rows whose cells are text: a file may say so of bytes that are none."""
    try:
        columns.validate(full=True)
    except pa.ArrowInvalid:
        cells = [column.cast(pa.binary()).to_pylist() for column in columns.columns]
        good = [all(map(_is_text, row)) for row in zip(*cells, strict=True)]
        faults = tuple(
            RowFault(number, FIELD_BYTES)
            for number, is_good in zip(numbers, good, strict=True)
            if not is_good
        )
        kept = [at for at, is_good in enumerate(good) if is_good]
        return RowBatch(columns.take(pa.array(kept, pa.int64())), [numbers[at] for at in kept], faults)
    return RowBatch(columns, numbers)


def _is_text(cell: bytes) -> bool:
    try:
        cell.decode()
    except UnicodeDecodeError:
        return False
    return True


def _text_of(column: Any, date_form: str) -> pa.Array[Any]:
    if pa.types.is_boolean(column.type):
        column = pc.replace_substring(pc.cast(column, pa.string()), "true", "yes")
        column = pc.replace_substring(column, "false", "no")
    elif pa.types.is_date(column.type):
        column = pc.strftime(column, options=pc.StrftimeOptions(date_form))
    text: pa.Array[Any] = pc.cast(column, pa.string())
    # Filling in loads pandas where it is installed, a second and 60 MB of a short build: only where there is need.
    return text.fill_null("") if text.null_count else text
