"""A street reference: CSV or Parquet with the columns ``zip``, ``street_name`` and, where it has one, ``suffix``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.core.base.errors import ConfigurationError, OperationalError

Row = tuple[str, str, str]

_REQUIRED = ("zip", "street_name")
_SUFFIX = "suffix"


def read_street_list(path: Path) -> Iterator[Row]:
    """ZIP Code, street name and suffix of every row, in order, as text; other columns are not looked at.

    Args:
        path: Parquet where its name ends so, else CSV in UTF-8 with a header.

    Raises:
        ConfigurationError: a column is missing, or is no text.
        OperationalError: the file cannot be read.
    """
    try:
        yield from _parquet_rows(path) if path.suffix.lower() == ".parquet" else _csv_rows(path)
    except (UnicodeDecodeError, csv.Error, pa.ArrowInvalid, OSError) as error:
        raise OperationalError(
            "The street reference cannot be read.",
            why="It is missing, truncated, or no CSV in UTF-8 or Parquet.",
            where=path.name,
            next_step="Name a CSV file in UTF-8 or a Parquet file with the columns zip, street_name and suffix.",
        ) from error


def _csv_rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        _check(tuple(reader.fieldnames or ()), path)
        for row in reader:
            yield row["zip"] or "", row["street_name"] or "", row.get(_SUFFIX) or ""


def _parquet_rows(path: Path) -> Iterator[Row]:
    with pq.ParquetFile(path, pre_buffer=False) as file:
        names = file.schema_arrow.names
        _check(tuple(names), path)
        wanted = [*_REQUIRED, *([_SUFFIX] if _SUFFIX in names else [])]
        for name in wanted:
            kind = file.schema_arrow.field(name).type
            if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
                raise ConfigurationError(
                    f"Column '{name}' of the street reference is not text.",
                    why="A number loses its leading zeros.",
                    next_step="Export the column as text.",
                    where=path.name,
                )
        for batch in file.iter_batches(columns=wanted):
            cells = [[value or "" for value in batch.column(name).to_pylist()] for name in wanted]
            suffixes = cells[2] if len(cells) > len(_REQUIRED) else [""] * batch.num_rows
            yield from zip(cells[0], cells[1], suffixes, strict=True)


def _check(names: tuple[str, ...], path: Path) -> None:
    missing = [name for name in _REQUIRED if names.count(name) != 1]
    if missing:
        raise ConfigurationError(
            f"The street reference has no column '{missing[0]}', or more than one.",
            next_step="Give a list with the columns zip, street_name and, where it has one, suffix.",
            where=path.name,
        )
