"""From the rows of a case file to items: the part of reading one that needs no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from narrowgate.core.base.errors import NothingToProcessError
from narrowgate.core.request.form_faults import FormFaults
from narrowgate.core.request.headings import Headings, read_headings
from narrowgate.core.request.item import ITEM_COLUMNS, Item, row_problems

CaseItem = tuple[int, Item]
"""The line of a case file (counted from 1, the header included) and the item that is there."""

_OTHER_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}
_CORRECT_ROW: Final = "Correct the rows in the case file."
_CORRECT_HEADINGS: Final = (
    "Correct the heading line: the schema is closed, and what the agreement does not name is neither taken nor kept; "
    "'narrowgate case template' writes the columns."
)


def items_of(
    columns: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    file: str,
    faults: FormFaults | None = None,
) -> Iterator[CaseItem]:
    """Every row that is an item, in order, ids all different, white space around values removed.

    The columns may stand in any order. A row whose cells are all blank is passed over. Every fault is noted, and the
    reading goes on where what follows can be understood: under headings that are other spellings of the columns, too.

    Args:
        columns: the column names as the file has them.
        rows: line number and cells of each row.
        file: the file's name for messages, which never repeat a cell.
        faults: takes what is wrong; without it all of it is raised at the end.

    Raises:
        RefusedError: where ``faults`` is not given: a column is unknown, repeated or missing (R-18); a row has too few
            or too many cells, an id of an earlier row, is too long for a package or has a value that cannot stand in
            one (R-10).
        NothingToProcessError: the file has no rows, and no fault.
    """
    noted = FormFaults() if faults is None else faults
    headings = _headings([name.strip() for name in columns], noted)
    if headings is not None:
        # Where a heading is missing, it is missing there and not a cell in every row.
        widths = (len(columns), len(ITEM_COLUMNS)) if headings.problem else (len(columns),)
        yield from _items(headings, widths, rows, noted, file)
    if faults is None:
        noted.require_none(file)


def _items(
    headings: Headings,
    widths: tuple[int, ...],
    rows: Iterable[tuple[int, Sequence[str]]],
    noted: FormFaults,
    file: str,
) -> Iterator[CaseItem]:
    lines: dict[str, int] = {}
    count = 0
    for line, cells in rows:
        if not any(cells):
            continue
        count += 1
        if len(cells) not in widths:
            noted.add("R-10", f"The row has {len(cells)} cells, not {widths[0]}.", line, _CORRECT_ROW)
        elif headings.positions and len(cells) == widths[0]:
            item = Item._make([cells[position].strip() for position in headings.positions])
            if _note_row(item, line, lines, noted):
                yield line, item
    if not count and not noted:
        raise NothingToProcessError(
            "The case file has no items.", next_step="Add one row for each person.", where=file
        )


def _note_row(item: Item, line: int, lines: dict[str, int], noted: FormFaults) -> bool:
    """Whether the row is an item, or another stands for it; notes everything for which it is none."""
    if noted.is_settled(line):
        return True
    problems = row_problems(item)
    for problem in problems:
        noted.add("R-10", f"The row cannot be used: {problem}.", line, _CORRECT_ROW)
    first = lines.setdefault(item.item, line)
    if first != line and item.item:
        noted.add("R-10", f"The row has the item id of line {first}.", line, _CORRECT_ROW)
        return False
    return not problems


def _headings(names: list[str], noted: FormFaults) -> Headings | None:
    """What the headings are; nothing where the cells are separated by something else than commas."""
    for separator, label in _OTHER_SEPARATORS.items():
        if len(names) == 1 and separator in names[0]:
            noted.add(
                "R-18",
                f"The cells of the case file are separated by {label}, not by commas.",
                1,
                "Save the file again as comma-separated text ('CSV UTF-8').",
            )
            return None
    headings = read_headings(names)
    if headings.problem:
        noted.add(
            "R-18",
            f"The case file does not have exactly the {len(ITEM_COLUMNS)} columns: {headings.problem}",
            1,
            _CORRECT_HEADINGS,
        )
    return headings
