"""The stream every reader gives: batches of text columns with row numbers, and the rows that are faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from narrowgate.core.base.errors import ConfigurationError, UnavailableError
from narrowgate.core.taxfile.mapping import Mapping

BATCH_ROWS = 16_384
"""Rows handed to one worker at a time: large enough to be worth the way, small enough to hold many."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that could not be read.

    Args:
        row: number of the row in the source, counted from 1 without a header.
        reason: id of the reason.
    """

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Consecutive rows of a source.

    Args:
        columns: the text columns the mapping names, no nulls.
        numbers: number of each row in the source, from 1.
        faults: rows that could not be read; they are not in ``columns``.
    """

    columns: pa.RecordBatch
    numbers: Sequence[int]
    faults: tuple[RowFault, ...] = ()


def check_columns(present: Sequence[str], mapping: Mapping, where: str) -> None:
    """Every column of the mapping is in the source exactly once.

    Raises:
        ConfigurationError: one does not.
    """
    for column in mapping.columns:
        count = list(present).count(column)
        if count != 1:
            how = "has no column" if count == 0 else "has more than one column"
            raise ConfigurationError(
                f"The source {how} '{column}', which the mapping names as {mapping.role_of(column)}.",
                next_step="Correct the mapping; 'narrowgate index describe' lists the columns.",
                where=where,
            )


def replaced_records(why: str, where: str = "") -> UnavailableError:
    """The error of records that were written to or replaced while they were read.

    Args:
        why: how that was seen, or what would come of it.
        where: the file, where it is known.
    """
    return UnavailableError(
        "The records were replaced while they were read.",
        why=why,
        next_step="Keep the records as they are until the build has ended, and run the same command again.",
        where=where,
    )
