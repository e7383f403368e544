"""What the site shows of one source: leaves by page and by filter, and reports by the commands' functions."""

from __future__ import annotations

import csv
import io
from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.core.base.errors import NarrowgateError, UsageError
from narrowgate.core.base.times import parse_time
from narrowgate.core.governance.incident import incidents_of
from narrowgate.core.governance.recall_list import Criteria, RecallList
from narrowgate.core.log.file_names import CHECKPOINT, COSIGNED
from narrowgate.core.log.note import MAX_NOTE_BYTES
from narrowgate.entrypoints.recall_criteria import answers_of
from narrowgate.verify.accounting.account import Wanted, account
from narrowgate.verify.accounting.force import Period
from narrowgate.verify.accounting.protect import THRESHOLD
from narrowgate.verify.accounting.publication import Publication
from narrowgate.verify.chosen import Choice, columns_of
from narrowgate.verify.conformance.report import conformance
from narrowgate.verify.conformance.told import lines as conformance_lines
from narrowgate.verify.entries import Entry, LogEntries
from narrowgate.verify.files import read_bytes
from narrowgate.verify.in_force import hold_periods, in_force_at
from narrowgate.verify.in_force_words import holds_text, in_force_text
from narrowgate.verify.incident_words import incidents_text
from narrowgate.verify.inspection import Inspection, inspect
from narrowgate.verify.recall_book import RecallStatus, read_recalls, recall_list, status_of
from narrowgate.verify.recall_find import find_answers
from narrowgate.verify.runs import available_processes
from narrowgate.verify.source import Source
from narrowgate.verify.trace import Trace, trace_in, traced

PAGE: Final = 50
_REMEMBERED: Final = 8
_BATCH: Final = 10_000
_PIECE: Final = 1 << 20
_COLUMNS: Final = ("index", "time", "kind", "package", "row", "class", "rules", "log_size", "log_root")
_SCHEMA: Final = pa.schema([(name, pa.string()) for name in _COLUMNS])


@dataclass(slots=True)
class Found:
    """What one filter leaves of the log.

    Args:
        indexes: of the leaves, ascending.
        kinds: how many of each kind.
        rules: how many each rule refuses.
    """

    indexes: array[int] = field(default_factory=lambda: array("Q"))
    kinds: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)


class SourceMovedError(Exception):
    """The source went on while something was computed from it: what came out is of no one state."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """What changes of a source when its gate goes on: its checkpoint, and whether the files beside it changed.

    Args:
        checkpoint: bytes of the log's checkpoint.
        beside: time, size and number of the files of kept and of cosigned checkpoints; zeros where there is none.
    """

    checkpoint: bytes
    beside: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, source: Source) -> SourceState:
        """The state of the source now; nothing of it is verified.

        Raises:
            LogInconsistentError: the log has no checkpoint any more.
            OperationalError: the machine cannot read it.
        """
        # The second place knows a checkpoint before the log has it.
        beside = tuple(map(_mark, (source.checkpoints, source.log / COSIGNED)))
        return cls(read_bytes(source.log / CHECKPOINT, most=MAX_NOTE_BYTES), beside)


class Shelf:
    """One state of one source, opened for reading; what was computed once is kept.

    It tells of no other state: ``SourceMovedError`` comes in place of what was computed while the source went on.

    Args:
        source: a bundle, a world or a log.
        scratch: directory of the site's own, for the index of a trace.
        openings: files of openings, which the accounting counts.

    Raises:
        LogInconsistentError: the checkpoint is damaged or not signed by the key.
    """

    def __init__(self, source: Source, scratch: Path, openings: tuple[Path, ...] = ()) -> None:
        self.source = source
        self.openings = openings
        self.state = SourceState.of(source)
        self.entries: LogEntries = source.entries()
        self._scratch = scratch
        self._lock = Lock()
        self._found: OrderedDict[Choice, Found] = OrderedDict()
        self._inspection: Inspection | None = None
        self._accounting: tuple[Publication, tuple[Period, ...]] | None = None

    @property
    def size(self) -> int:
        """Leaves of the log."""
        return self.entries.checkpoint.size

    @property
    def root(self) -> str:
        """Root of the signed checkpoint, as hexadecimal digits."""
        return self.entries.checkpoint.root.hex()

    def inspection(self) -> Inspection:
        """Everything compared with everything, once."""
        with self._lock:
            if self._inspection is None:
                with self._one_state():
                    inspection = inspect(self.source, None, available_processes())
                self._inspection = inspection
            return self._inspection

    def found(self, choice: Choice) -> Found:
        """What a filter leaves; the whole log is read for it, and the last eight filters are remembered."""
        with self._lock:
            if choice in self._found:
                self._found.move_to_end(choice)
                return self._found[choice]
            found = Found()
            for entry in filter(choice.takes, self.entries):
                found.indexes.append(entry.index)
                found.kinds[entry.kind] += 1
                found.rules.update(entry.rules)
            self._found[choice] = found
            while len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
            return found

    def page(self, choice: Choice, number: int) -> tuple[list[Entry], int]:
        """The leaves of one page of fifty, and how many pages there are; without a filter only these are read.

        Raises:
            UsageError: there is no such page.
        """
        total = self.size if choice.is_everything else len(self.found(choice).indexes)
        pages = max(1, -(-total // PAGE))
        if not 1 <= number <= pages:
            raise UsageError(
                "There is no such page of the list.",
                why=f"It has {pages:,}.",
                next_step="Go to the first page of the list.",
            )
        at = range((number - 1) * PAGE, min(number * PAGE, total))
        if choice.is_everything:
            return [
                self._entry(index, fields) for index, fields in self.entries.between(at.start, at.stop)
            ], pages
        indexes = self.found(choice).indexes
        return [self.entry(indexes[place]) for place in at], pages

    def entry(self, index: int) -> Entry:
        """One leaf, compared with the signed tree.

        Raises:
            UsageError: the log has no such leaf.
        """
        for number, fields in self.entries.between(index, index + 1):
            return self._entry(number, fields)
        raise UsageError(
            f"The log has no leaf {index}.",
            why=f"It has {self.size:,}, counted from 0.",
            next_step="Go to the list of entries.",
        )

    def trace(self, item: str) -> Trace:
        """The way of a package, or of an item of it.

        Raises:
            UsageError: there is no such package or item.
        """
        of = traced(item)
        with self._lock, self._one_state():
            return trace_in(self.source, of, self._scratch / "leaves", None, available_processes())

    def accounting(self) -> tuple[Publication, tuple[Period, ...]]:
        """The accounting that may be published, and what was in force over time; computed once.

        Raises: as ``account``.
        """
        with self._lock:
            if self._accounting is None:
                wanted = Wanted(self.openings, THRESHOLD, "", (), is_full=False)
                with self._one_state():
                    accounting = account(self.source, wanted, available_processes())
                self._accounting = accounting
            return self._accounting

    def recalls(self, now: datetime) -> tuple[RecallStatus, ...]:
        """How far each recall of the log is.

        Args:
            now: aware UTC time of the visit.

        Raises:
            LogInconsistentError: the list of a recall is missing, or another.
        """
        book = read_recalls(self.source, self.entries.checkpoint, available_processes())
        return tuple(
            status_of(book, act, recall_list(self.source, act).packages, now) for act in book.acts.values()
        )

    def find(self, criteria: Criteria) -> RecallList:
        """The answers that every criterion picks.

        Raises: as ``find_answers``.
        """
        with self._lock, self._one_state():
            return find_answers(
                self.source, criteria, answers_of(self.source), processes=available_processes()
            )

    def exported(self, choice: Choice, form: str) -> Iterator[bytes]:
        """The leaves that a filter leaves as CSV or Parquet, in pieces; each row names size and root of its log."""
        batches = _batched(self._rows(choice))
        return _csv(batches) if form == "csv" else self._parquet(batches)

    def _parquet(self, batches: Iterator[list[dict[str, Any]]]) -> Iterator[bytes]:
        """A Parquet file has its directory at the end, so it is written to the site's own directory first."""
        with TemporaryFile(dir=self._scratch) as file:
            with pq.ParquetWriter(file, _SCHEMA) as writer:
                for batch in batches:
                    columns = {name: [str(row[name]) for row in batch] for name in _COLUMNS}
                    writer.write_table(pa.table(columns, schema=_SCHEMA))
            file.seek(0)
            while piece := file.read(_PIECE):
                yield piece

    def reports(self, at: datetime) -> Mapping[str, Callable[[], str]]:
        """The reports by name, each by the function of its command.

        Args:
            at: aware UTC time, as of which what is in force and incidents are told.
        """
        return {
            "verify": lambda: str(self.inspection()),
            "in-force": lambda: in_force_text(in_force_at(self.entries, at), at),
            "holds": lambda: holds_text(hold_periods(self.entries)),
            "incidents": lambda: incidents_text(incidents_of(in_force_at(self.entries, at)), at),
            "conformance": self._conformance,
        }

    def _conformance(self) -> str:
        with self._one_state():
            return "\n".join(conformance_lines(conformance(self.source, available_processes())))

    @contextmanager
    def _one_state(self) -> Iterator[None]:
        """What is read of the source in the block is of this state.

        Raises:
            SourceMovedError: the source has gone on, which may also be why the block failed.
        """
        try:
            yield
        except NarrowgateError as error:
            self._require_state(error)
            raise
        self._require_state()

    def _require_state(self, failure: NarrowgateError | None = None) -> None:
        if SourceState.of(self.source) != self.state:
            raise SourceMovedError from failure

    def _rows(self, choice: Choice) -> Iterator[dict[str, Any]]:
        named = {"log_size": self.size, "log_root": self.root}
        return (columns_of(entry) | named for entry in filter(choice.takes, self.entries))

    def _entry(self, index: int, fields: dict[str, Any]) -> Entry:
        """An item has no time of its own: it is told that of its package's receipt, as in every list."""
        package = self.inspection().ledger.packages.get(fields.get("package", ""))
        received = package.received["time"] if package else ""
        return Entry(index, fields, str(fields.get("time", received)))


def _mark(path: Path | None) -> tuple[int, int, int]:
    try:
        found = path.stat() if path is not None else None
    except FileNotFoundError:
        found = None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found is not None else (0, 0, 0)


def _batched(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _csv(batches: Iterator[list[dict[str, Any]]]) -> Iterator[bytes]:
    yield (",".join(_COLUMNS) + "\n").encode()
    for batch in batches:
        text = io.StringIO(newline="")
        csv.DictWriter(text, _COLUMNS, lineterminator="\n").writerows(batch)
        yield text.getvalue().encode()


def day(text: str) -> str:
    """A UTC day as a filter takes it; empty for an empty text.

    Raises:
        UsageError: it is no day.
    """
    if not text:
        return ""
    try:
        return parse_time(f"{text}T00:00:00Z").date().isoformat()
    except ValueError as error:
        raise UsageError("It is no day.", next_step="Write it as 2026-11-27.") from error
