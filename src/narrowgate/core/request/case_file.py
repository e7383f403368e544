"""From the rows of a case file to items: the part of reading one that needs no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from narrowgate.core.base.errors import NothingToProcessError, RefusedError
from narrowgate.core.request.item import ITEM_COLUMNS, Item, row_problem, schema_problem

CaseItem = tuple[int, Item]
"""The line of a case file (counted from 1, the header included) and the item that is there."""

_OTHER_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}
_CLOSED: Final = "The schema is closed: what the agreement does not name is neither taken nor kept."


def items_of(
    columns: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], file: str
) -> Iterator[CaseItem]:
    """Every row as an item, in order, ids all different, white space around values removed.

    The columns may stand in any order. A row whose cells are all blank is passed over.

    Args:
        columns: the column names as the file has them.
        rows: line number and cells of each row.
        file: the file's name for messages, which never repeat a cell.

    Raises:
        RefusedError: a column is unknown, repeated or missing (R-18); a row has too few or too many cells, an
            id of an earlier row, is too long for a package or has a value that cannot stand in one (R-10).
        NothingToProcessError: the file has no rows.
    """
    positions = _positions([name.strip() for name in columns], file)
    lines: dict[str, int] = {}
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != len(positions):
            raise _row_refused(f"has {len(cells)} cells, not {len(positions)}", file, line)
        item = Item._make([cells[position].strip() for position in positions])
        if problem := row_problem(item):
            raise _row_refused(f"cannot be used: {problem}", file, line)
        if item.item in lines:
            raise _row_refused(f"has the item id of line {lines[item.item]}", file, line)
        lines[item.item] = line
        yield line, item
    if not lines:
        raise NothingToProcessError(
            "The case file has no items.", next_step="Add one row for each person.", where=file
        )


def _positions(names: list[str], file: str) -> tuple[int, ...]:
    for separator, label in _OTHER_SEPARATORS.items():
        if len(names) == 1 and separator in names[0]:
            raise RefusedError(
                f"The cells of the case file are separated by {label}, not by commas.",
                next_step="Save the file again as comma-separated text ('CSV UTF-8').",
                where=f"{file}:1",
                rule="R-18",
            )
    problem = schema_problem(names)
    if problem:
        raise RefusedError(
            f"The case file does not have exactly the {len(ITEM_COLUMNS)} columns: {problem}.",
            why=_CLOSED,
            next_step="Correct the header line; docs/reference/protocol/request.md lists the columns.",
            where=f"{file}:1",
            rule="R-18",
        )
    return tuple(names.index(column) for column in ITEM_COLUMNS)


def _row_refused(problem: str, file: str, line: int) -> RefusedError:
    return RefusedError(
        f"The row {problem}.",
        next_step="Correct the row in the case file.",
        where=f"{file}:{line}",
        rule="R-10",
    )
