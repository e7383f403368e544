"""Find every answer that a recall is about, from a log alone: one pass, and the same list for whoever looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from narrowgate.core.answers.answers_manifest import parse_answers_manifest
from narrowgate.core.answers.file_names import ANSWERS
from narrowgate.core.base.errors import (
    ActRefusedError,
    EnvelopeError,
    LogInconsistentError,
    NothingToProcessError,
    ProofError,
    UsageError,
)
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.in_force import RULES, InForce, after, founded
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.governance.recall_list import (
    Criteria,
    PackageRecalled,
    RecallList,
    RowsRecalled,
    rows_of,
)
from narrowgate.core.governance.rules_document import parse_versions
from narrowgate.core.log.acts import LoggedAct, LoggedCharter, governance_of
from narrowgate.core.log.leaf import ACT, CHARTER, PACKAGE_DECIDED, PACKAGE_RECEIVED
from narrowgate.verify.files import read_bytes
from narrowgate.verify.item_runs import ItemRun, OtherLeaf, told_apart
from narrowgate.verify.recall_book import DOCUMENTS
from narrowgate.verify.runs import over_runs
from narrowgate.verify.source import Source

Ranges = Mapping[str, tuple[tuple[int, int], ...]]
"""Package to ranges of rows, both ends included."""

Picked = Mapping[str, list[int]]
"""Package to answered rows that were looked for one by one."""

_LAST_ROW: Final = 10**9
_ANSWERED: Final = b'"class":"answered"'


@dataclass(slots=True)
class _Candidate:
    """A package that the criteria have not ruled out so far."""

    package: str
    office: str
    signer: str
    agreement: str
    received_leaf: int
    received: str
    runs: list[ItemRun] = field(default_factory=list)
    picked: list[int] = field(default_factory=list)
    decided: str = ""
    decided_leaf: int = -1
    answers_sha256: str = ""


def find_answers(
    source: Source,
    criteria: Criteria,
    answers: Sequence[Path] = (),
    size: int | None = None,
    processes: int = 1,
) -> RecallList:
    """Returns the answers of decided packages that every criterion picks, of a log compared with its signed root.

    Abandoned packages have no answers. A package that is decided and not released is among them: its answers are to be
    stopped.

    Args:
        source: of the log; of its acts' documents where ``match_rule`` is given.
        criteria: at least one.
        answers: directories of released or staged answers, in which the recipients of each package are looked up.
        size: leaves to look at, so that a list is found again in a log that has grown; all where none is given.
        processes: how many read at once.

    Raises:
        UsageError: no criterion is given, or an item is none that was answered.
        NothingToProcessError: no answer is picked.
        LogInconsistentError: the log is not the one signed, or its leaves contradict one another.
        ProofError: ``recipient`` is given, and the answers of a package are not at hand.
    """
    if criteria == Criteria():
        raise UsageError(
            "No criterion is given.",
            why="A recall says which answers it is about.",
            next_step="Name an index, a rule set, an office, times or items; '--help' lists all.",
        )
    checkpoint = source.checkpoint()
    size = checkpoint.size if size is None else size
    if size > checkpoint.size:
        raise LogInconsistentError(
            f"The log has {checkpoint.size} leaves where the list was found in {size}.",
            why="It was rolled back, or is an older copy.",
            where=str(source.log),
        )
    items = _items(criteria)
    fold = _Fold(criteria, items, _rules_documents(source, criteria))
    for parts, picked in over_runs(source.log, checkpoint, partial(_read, rows=items), processes):
        fold.take(parts, picked, size)
    found = fold.result(lambda candidate: _recipients(candidate, answers))
    if not found:
        raise NothingToProcessError(
            "The criteria pick no answer.",
            next_step="Look at the log: 'narrowgate log list' shows offices, versions and times.",
        )
    return RecallList(checkpoint.origin, size, criteria, found)


def _read(start: int, leaves: Sequence[bytes], rows: Ranges) -> tuple[list[ItemRun | OtherLeaf], Picked]:
    """What a run of leaves says, and the answered rows among those that are looked for one by one."""
    parts = told_apart(start, leaves)
    picked: dict[str, list[int]] = {}
    for run in parts:
        if isinstance(run, OtherLeaf):
            continue
        run.refusal_lines = b""  # of no use here, and long
        if run.package not in rows:
            continue
        for first, last in rows[run.package]:
            for row in range(max(first, run.first_row), min(last + 1, run.first_row + run.rows)):
                if _ANSWERED in leaves[run.first_leaf - start + row - run.first_row]:
                    picked.setdefault(run.package, []).append(row)
    return parts, picked


def _items(criteria: Criteria) -> dict[str, tuple[tuple[int, int], ...]]:
    """The rows that the criteria name, by package; ranges in rising order, none reaching into the next."""
    named: dict[str, list[tuple[int, int]]] = {}
    for text in criteria.items:
        package, first, last = rows_of(text)
        named.setdefault(package, []).append((first, _LAST_ROW if last is None else last))
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for package, ranges in named.items():
        joined: list[tuple[int, int]] = []
        for first, last in sorted(ranges):
            if joined and first <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
            else:
                joined.append((first, last))
        found[package] = tuple(joined)
    return found


def _rules_documents(source: Source, criteria: Criteria) -> Callable[[str], bool]:
    """Whether the match rule of a document of versions is the one looked for."""
    if not criteria.match_rule:
        return lambda _digest: True
    if source.governance is None:
        raise UsageError(
            "The match rule is in no entry of the log.",
            why="The acts name documents that hold it, and this source has none.",
            next_step="Name a bundle or a world.",
            where=str(source.path),
        )
    documents = source.governance / DOCUMENTS
    known: dict[str, bool] = {}

    def is_wanted(digest: str) -> bool:
        if digest not in known:
            data = read_bytes(documents / digest)
            if sha256(data).hexdigest() != digest:
                raise LogInconsistentError("A document of an act was changed.", where=str(documents / digest))
            known[digest] = parse_versions(data, digest).match_rule == criteria.match_rule
        return known[digest]

    return is_wanted


class _Fold:
    """Takes the log in its order and keeps the packages that may be picked."""

    def __init__(self, criteria: Criteria, items: Ranges, is_wanted: Callable[[str], bool]) -> None:
        self._criteria = criteria
        self._items = items
        self._is_wanted = is_wanted
        self._state: InForce | None = None
        self._candidates: dict[str, _Candidate] = {}

    def take(self, parts: Iterable[ItemRun | OtherLeaf], picked: Picked, size: int) -> None:
        """Account for what a run of leaves says, as far as it lies before leaf ``size``."""
        for each in parts:
            if isinstance(each, OtherLeaf):
                if each.index < size:
                    self._take_other(each)
            elif (candidate := self._candidates.get(each.package)) is not None and not candidate.decided:
                candidate.runs.append(each)
        for package, rows in picked.items():
            if (candidate := self._candidates.get(package)) is not None:
                candidate.picked += rows

    def _take_other(self, leaf: OtherLeaf) -> None:
        fields = leaf.fields
        kind = fields["type"]
        if kind == PACKAGE_RECEIVED:
            if self._may_be(fields):
                self._candidates[fields["package"]] = _Candidate(
                    fields["package"],
                    fields["office"],
                    fields["signer_key_sha256"],
                    fields["agreement_sha256"],
                    leaf.index,
                    fields["time"],
                )
        elif kind == PACKAGE_DECIDED:
            self._decide(fields, leaf.index)
        elif kind in {ACT, CHARTER}:
            self._act(governance_of(fields), leaf.index)

    def _may_be(self, received: dict[str, str]) -> bool:
        given = self._criteria
        return (
            given.office in {"", received["office"]}
            and given.signer in {"", received["signer_key_sha256"]}
            and given.agreement in {"", received["agreement_sha256"]}
            and (not self._items or received["package"] in self._items)
        )

    def _decide(self, fields: dict[str, str], index: int) -> None:
        candidate = self._candidates.get(fields["package"])
        if candidate is None:
            return
        given, time = self._criteria, fields["time"]
        if given.index not in {"", fields["index_snapshot"]} or not (
            given.start <= time and (not given.end or time < given.end)
        ):
            del self._candidates[candidate.package]
            return
        candidate.decided, candidate.decided_leaf = time, index
        candidate.answers_sha256 = fields["answers_sha256"]

    def _act(self, entry: LoggedCharter | LoggedAct, index: int) -> None:
        try:
            if isinstance(entry, LoggedCharter):
                self._state = founded(entry)
            elif self._state is not None:
                self._state = after(self._state, entry)
        except ActRefusedError as error:
            raise LogInconsistentError(error.what, why=error.why, where=f"leaf {index}") from error
        if isinstance(entry, LoggedAct) and entry.kind is Kind.PACKAGE_ABANDONED:
            self._candidates.pop(entry.subject, None)

    def result(self, recipients: Callable[[_Candidate], tuple[str, ...]]) -> tuple[PackageRecalled, ...]:
        """The packages picked, in the order of their receipt."""
        found = []
        for candidate in self._candidates.values():
            if not candidate.decided or not self._under_rules(candidate):
                continue
            rows = tuple(self._rows(candidate))
            if not rows:
                continue
            package = PackageRecalled(
                candidate.package,
                candidate.office,
                candidate.signer,
                candidate.agreement,
                candidate.received_leaf,
                candidate.decided_leaf,
                rows,
            )
            known = recipients(candidate)
            if self._criteria.recipient and not known:
                raise _unknown_recipients(candidate.package)
            if self._criteria.recipient in {"", *known}:
                found.append(replace(package, recipients=known))
        return tuple(found)

    def _under_rules(self, candidate: _Candidate) -> bool:
        """Whether the match rule looked for was in force at its receipt, at its decision, or between the two."""
        if not self._criteria.match_rule or self._state is None:
            return not self._criteria.match_rule
        placed = sorted(self._state.placed.get(RULES, ()), key=lambda each: (each.start, each.number))
        times = [(format_time(each.start), each.sha256) for each in placed]
        before = [digest for start, digest in times if start <= candidate.received][-1:]
        between = [digest for start, digest in times if candidate.received < start <= candidate.decided]
        return any(digest and self._is_wanted(digest) for digest in (*before, *between))

    def _rows(self, candidate: _Candidate) -> Iterable[RowsRecalled]:
        given = self._criteria
        runs = [
            run
            for run in candidate.runs
            if given.rule_set in {"", run.rule_set} and given.canonical_form in {"", run.canonical_form}
        ]
        if candidate.package not in self._items:
            yield from _joined(
                RowsRecalled(run.first_row, run.first_row + run.rows - 1, run.rows - run.refused)
                for run in runs
            )
            return
        ranges = [(run.first_row, run.first_row + run.rows) for run in runs]
        picked = [row for row in candidate.picked if any(first <= row < end for first, end in ranges)]
        for first, last in self._items[candidate.package]:
            within = [row for row in picked if first <= row <= last]
            if within:
                yield RowsRecalled(within[0], within[-1], len(within))
            elif runs:
                raise _unanswered(candidate.package, first)


def _joined(ranges: Iterable[RowsRecalled]) -> Iterable[RowsRecalled]:
    """The same rows; those that follow one another are one range, and one without an answer is none."""
    open_: RowsRecalled | None = None
    for each in ranges:
        if open_ is not None and each.first == open_.last + 1:
            open_ = RowsRecalled(open_.first, each.last, open_.answers + each.answers)
            continue
        if open_ is not None and open_.answers:
            yield open_
        open_ = each
    if open_ is not None and open_.answers:
        yield open_


def _recipients(candidate: _Candidate, answers: Sequence[Path]) -> tuple[str, ...]:
    """The keys that the answers of a package were sealed to, from the answers that its leaf names."""
    for directory in answers:
        path = directory / candidate.package / ANSWERS
        if not path.is_file():
            continue
        data = read_bytes(path, ProofError)
        if sha256(data).hexdigest() != candidate.answers_sha256:
            raise ProofError("The answers are not those in the log.", where=str(path))
        try:
            parts = parse_answers_manifest(data, str(path)).parts
        except EnvelopeError as error:
            raise ProofError(error.what, why=error.why, where=str(path)) from error
        return tuple(sorted({part.recipient_key_sha256 for part in parts}))
    return ()


def _unknown_recipients(package: str) -> ProofError:
    return ProofError(
        "The answers of a package are not at hand, so that nobody can say to whom they were sealed.",
        why="The log does not name the recipients of a package.",
        next_step="Name the directories of all released and staged answers with --answers, "
        "or recall by office and time instead.",
        where=package,
    )


def _unanswered(package: str, first: int) -> UsageError:
    return UsageError(
        f"No row from {first} on of the package {package} that you named was answered.",
        why="It was refused, or the package has no such row; a refusal is no answer.",
        next_step="PACKAGE:ROW counts rows from 0, as the log does; PACKAGE/ROW from 1, as 'answers open' shows them.",
    )
