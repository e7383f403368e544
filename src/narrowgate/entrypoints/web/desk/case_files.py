"""The case files that are open on a desk: where they lie, what was corrected, and what would be refused of them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_uppercase
from typing import BinaryIO, Final

from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.adapters.files.workbook import WORKBOOK_MAGIC
from narrowgate.core.base.errors import NarrowgateError, RefusedError, UsageError
from narrowgate.core.eligibility.lint import Remark, lint_item
from narrowgate.core.request.case_file import CaseItem, items_of
from narrowgate.core.request.form_faults import EVERY_LINE, NO_LINE, FormFault, FormFaults
from narrowgate.core.request.item import ITEM_COLUMNS, Item, row_problems
from narrowgate.entrypoints.linted_cases import LintedCases, lint_cases, read_terms
from narrowgate.entrypoints.web.desk.settings import DeskSettings

CELLS_TOLD: Final = 200
"""Cells of one column that are told by name where Excel made the same of them."""

_SHOWN_NAME: Final = 80


@dataclass(slots=True)
class OpenCaseFile:
    """One case file that is open.

    Args:
        key: names it in addresses of pages.
        name: as the file was called, for people.
        path: of the copy on this desk.
        corrections: rows that were corrected on a page, by their line.
        judged: what would be refused, once it was looked at; ``None`` after a correction.
    """

    key: str
    name: str
    path: Path
    corrections: dict[int, Item] = field(default_factory=dict)
    judged: JudgedCaseFile | None = None


@dataclass(frozen=True, slots=True)
class JudgedCaseFile:
    """What was found in a case file.

    Args:
        linted: rule by rule.
        faults: of its form.
        readable: lines whose rows can be corrected on a page, where there are faults: those with all their cells.
    """

    linted: LintedCases
    faults: FormFaults
    readable: Container[int] = NO_LINE

    def is_correctable(self) -> bool:
        """Whether it is certain which value stands in which cell: nothing is wrong with the headings or the whole."""
        return all(fault.line > 1 for fault in self.faults)

    def faults_of(self, line: int) -> list[FormFault]:
        """What is wrong with the form of one row."""
        return [fault for fault in self.faults if line in map(line_of, fault.places)]


class CaseFiles:
    """The open case files of one desk; their copies lie in its own directory until they are closed.

    Args:
        settings: of the desk.
    """

    def __init__(self, settings: DeskSettings) -> None:
        self._settings = settings
        self._open: dict[str, OpenCaseFile] = {}
        self._lock = threading.Lock()

    def all(self) -> tuple[OpenCaseFile, ...]:
        """Every open one, in the order in which they were opened."""
        return tuple(self._open.values())

    def get(self, key: str) -> OpenCaseFile:
        """The open one of that key.

        Raises:
            UsageError: none is.
        """
        found = self._open.get(key)
        if found is None:
            raise UsageError(
                "This case file is not open.",
                why="It was closed, or the desk was started again since.",
                next_step="Open the file again.",
            )
        return found

    def open(self, name: str, stream: BinaryIO) -> OpenCaseFile:
        """A copy of a file that was uploaded, judged.

        Args:
            name: as it was called.
            stream: its bytes.

        Raises:
            RefusedError, NothingToProcessError: it is no case file at all.
        """
        key = self._settings.entropy.draw(12).hex()
        shown = Path(name.replace("\\", "/")).name[-_SHOWN_NAME:] or "cases"
        opened = OpenCaseFile(key, shown, self._copy(key, stream))
        try:
            self.judged(opened)
        except NarrowgateError:
            shutil.rmtree(opened.path.parent)
            raise
        self._open[key] = opened
        return opened

    def replace(self, opened: OpenCaseFile, name: str, stream: BinaryIO) -> OpenCaseFile:
        """Another version of an open file, in its place; corrections on pages are gone with the old one."""
        newer = self.open(name, stream)
        self.close(opened)
        return newer

    def close(self, opened: OpenCaseFile) -> None:
        """Nothing of the file is on this desk any more."""
        self._open.pop(opened.key, None)
        shutil.rmtree(opened.path.parent, ignore_errors=True)

    def judged(self, opened: OpenCaseFile) -> JudgedCaseFile:
        """What would be refused of the file as corrected, judged now if it was not since the last correction."""
        with self._lock:
            if opened.judged is None:
                faults = FormFaults(CELLS_TOLD)
                terms = read_terms(self._settings.agreement, self._settings.officers)
                today = self._settings.clock.now().date()
                linted = lint_cases(self._items(opened, faults), terms, today, self._settings.entropy)
                readable = frozenset(line for line, _ in self._as_typed(opened)) if faults else NO_LINE
                opened.judged = JudgedCaseFile(linted, faults, readable)
            return opened.judged

    def items(self, opened: OpenCaseFile) -> Iterator[CaseItem]:
        """The items as corrected, each with its line.

        Raises:
            RefusedError: the form of the file is not that of a case file.
        """
        faults = FormFaults()
        yield from self._items(opened, faults)
        faults.require_none(opened.name)

    def row(self, opened: OpenCaseFile, line: int) -> Item:
        """The item of a line, as corrected; its form may be wrong.

        Raises:
            UsageError: no item is there.
        """
        if line in opened.corrections:
            return opened.corrections[line]
        for at, item in self._as_typed(opened):
            if at == line:
                return item
        raise UsageError("No item is in that line.", next_step="Go back to the findings and choose a line.")

    def remarks(self, item: Item) -> tuple[Remark, ...]:
        """What is to be said of one item alone; the budgets within the file only :meth:`judged` tells."""
        terms = read_terms(self._settings.agreement, self._settings.officers)
        today = self._settings.clock.now().date()
        return lint_item(item, terms.agreement, today, terms.officers, terms.facilities)

    def correct(self, opened: OpenCaseFile, line: int, item: Item) -> None:
        """The row of that line is this one from now on.

        Raises:
            RefusedError: the row cannot be in a case file, or another line has its id (R-10).
        """
        if problems := row_problems(item):
            raise RefusedError(
                f"The row cannot be used: {'; '.join(problems)}.",
                next_step="Correct the fields named.",
                rule="R-10",
            )
        # What is being judged now is judged without it, and would be kept as if it had been judged with it.
        with self._lock:
            for at, other in self._items(opened, FormFaults()):
                if at != line and other.item == item.item:
                    raise RefusedError(
                        f"The row has the item id of line {at}.",
                        next_step="Give it an id of its own.",
                        rule="R-10",
                    )
            opened.corrections[line] = item
            opened.judged = None

    def _copy(self, key: str, stream: BinaryIO) -> Path:
        folder = self._settings.scratch / key
        folder.mkdir(mode=0o700)
        magic = stream.read(len(WORKBOOK_MAGIC))
        path = folder / ("cases.xlsx" if magic == WORKBOOK_MAGIC else "cases")
        with path.open("xb") as file:
            file.write(magic)
            shutil.copyfileobj(stream, file)
        return path

    def _as_typed(self, opened: OpenCaseFile) -> Iterator[CaseItem]:
        """Every row that has all its cells, whatever is wrong with them."""
        return read_case_file(opened.path, FormFaults().but_for(EVERY_LINE))

    def _items(self, opened: OpenCaseFile, faults: FormFaults) -> Iterator[CaseItem]:
        """The items; a message names the file as its owner called it, not the copy."""
        try:
            if not opened.corrections:
                yield from read_case_file(opened.path, faults)
                return
            # A corrected row stands for the one that was typed, whatever was wrong with its form.
            rows = (
                (line, opened.corrections.get(line, item))
                for line, item in read_case_file(opened.path, faults.but_for(opened.corrections))
            )
            yield from items_of(ITEM_COLUMNS, rows, opened.name, faults)
        except NarrowgateError as error:
            error.where = error.where.replace(str(opened.path), opened.name)
            raise


def line_of(place: str) -> int:
    """The line of a place: of a cell such as ``K7``, or of a row."""
    return int(place.lstrip(ascii_uppercase))
