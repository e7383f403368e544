"""The conformance of a log: a verdict for each requirement, holds and gaps; the same log gives the same report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final

from narrowgate.core.base.errors import LogInconsistentError, NarrowgateError, ProofError
from narrowgate.core.base.times import format_time, parse_time
from narrowgate.core.governance.charter import Charter
from narrowgate.core.governance.in_force import NEEDED, InForce
from narrowgate.core.log.checkpoint import verify_checkpoint
from narrowgate.core.log.file_names import COSIGNED
from narrowgate.core.log.note import VerifierKey, parse_note
from narrowgate.core.log.witness import require_cosigned
from narrowgate.verify.conformance.documents import Documents
from narrowgate.verify.conformance.evidence import SENTENCES, Broken, Evidence, Period, Topic
from narrowgate.verify.conformance.fold import Fold, read
from narrowgate.verify.conformance.requirements import Requirement, requirements
from narrowgate.verify.files import read_text
from narrowgate.verify.log_directory import require_continuation, require_continuations
from narrowgate.verify.runs import over_runs
from narrowgate.verify.source import Source

_STATES: Final = ("late", "undecided", "unreleased", "abandoned")
LISTED: Final = 200
"""So many packages of a kind of gap are listed; all of them are counted."""


class Verdict(StrEnum):
    """What a log says of a requirement."""

    SHOWN = "shown"
    CONTRADICTED = "contradicted"
    NOT_HERE = "not shown here"
    NEVER = "cannot be shown by software"


@dataclass(frozen=True, slots=True)
class Shown:
    """Entries that bear on a requirement.

    Args:
        what: kind of entry.
        count: how many.
        first: index of the first leaf among which they are.
        last: index of the last.
    """

    what: str
    count: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Entries that contradict a requirement.

    Args:
        topic: of the finding.
        sentence: what is wrong.
        count: how often.
        leaves: indexes of the first of them.
    """

    topic: str
    sentence: str
    count: int
    leaves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One requirement with its verdict.

    Args:
        requirement: as in the table.
        verdict: of this log.
        sentence: why.
        shown: the entries that bear on it.
        contradictions: the entries that contradict it.
    """

    requirement: Requirement
    verdict: Verdict
    sentence: str
    shown: tuple[Shown, ...]
    contradictions: tuple[Contradiction, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A package that was late, waits, or was ended.

    Args:
        package: its id.
        leaf: of its receipt.
        state: ``late``, ``undecided``, ``unreleased`` or ``abandoned``.
        slot: that was fixed at its receipt.
        released: time of its release; empty where there is none.
        delays: slots missed.
    """

    package: str
    leaf: int
    state: str
    slot: str
    released: str
    delays: int


@dataclass(frozen=True, slots=True)
class Version:
    """Versions that entries name.

    Args:
        what: ``canonical form and rule set``, or ``index snapshot and date of its records``.
        names: the two.
        count: entries that name them.
        first: index of the first leaf.
        last: index of the last.
    """

    what: str
    names: tuple[str, str]
    count: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Conformance:
    """The whole report.

    Args:
        origin: the log's name.
        key: its verifier key.
        key_given: whether the caller gave it; otherwise the log vouches for itself.
        size: entries.
        root: hex root hash.
        first_time: of the first entry with a time.
        last_time: of the last.
        documents: which documents lay beside the log and were compared with their digests, in words.
        judged: every requirement, in order.
        holds: every hold.
        gaps: periods in which something that a decision needs was not in force.
        silent: periods of whole days (UTC) without any entry.
        late: how many packages are late, waiting or abandoned, by state.
        waiting: the first of them.
        cosigned: entries that a cosigned checkpoint covers; -1 where there is none that enough witnesses cosigned.
        cosignatures: of the charter's witnesses on that checkpoint, verified; of anybody else where it is not at hand.
        witnesses: how many the charter names; -1 where it is not at hand.
        versions: that entries name.
    """

    origin: str
    key: str
    key_given: bool
    size: int
    root: str
    first_time: str
    last_time: str
    documents: tuple[str, ...]
    judged: tuple[Judged, ...]
    holds: tuple[Period, ...]
    gaps: tuple[Period, ...]
    silent: tuple[Period, ...]
    late: Mapping[str, int]
    waiting: tuple[Waiting, ...]
    cosigned: int
    cosignatures: int
    witnesses: int
    versions: tuple[Version, ...]

    def count(self, verdict: Verdict) -> int:
        """How many requirements have this verdict."""
        return sum(each.verdict is verdict for each in self.judged)


def conformance(source: Source, processes: int = 1) -> Conformance:
    """Returns the report, after every leaf was hashed and led to the root that the checkpoint signs.

    Args:
        source: a bundle, a world or a log.
        processes: how many read the log at once.

    Raises:
        LogInconsistentError: the leaves are not those that the checkpoint signs.
        ConfigurationError: the key given is not a verifier key.
        OperationalError: the machine cannot read a file.
    """
    entries = source.entries()
    checkpoint = entries.checkpoint
    documents = Documents(source.governance)
    fold = Fold(documents)
    for parts in over_runs(source.log, checkpoint, read, processes):
        for part in parts:
            fold.take(part)
    fold.conclude()
    if source.checkpoints is not None and not _continues(source, entries.key):
        fold.broken[Topic.SECOND_PLACE].add(None)
    cosigned, cosignatures = _cosigned(source, entries.key, fold.charter)
    if fold.charter is not None and fold.charter.witness_quorum:
        fold.require_cosigned(max(cosigned, 0))
    late = Counter(dict.fromkeys(_STATES, 0))
    waiting: list[Waiting] = []
    for each in _waiting(fold):
        late[each.state] += 1
        if len(waiting) < LISTED:
            waiting.append(each)
    return Conformance(
        origin=checkpoint.origin,
        key=str(entries.key),
        key_given=source.vkey is not None,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        first_time=fold.first_time,
        last_time=fold.last_time,
        documents=documents.known(),
        judged=tuple(judge(each, fold.evidence, fold.broken) for each in requirements()),
        holds=fold.holds(),
        gaps=tuple(_gaps(fold.state, fold.first_time, fold.last_time)),
        silent=tuple(_silent(sorted(fold.days))),
        late=dict(late),
        waiting=tuple(waiting),
        cosigned=cosigned,
        cosignatures=cosignatures,
        witnesses=-1 if fold.charter is None else len(fold.charter.witnesses),
        versions=tuple(_versions(fold)),
    )


def judge(
    requirement: Requirement, evidence: Mapping[str, Evidence], broken: Mapping[Topic, Broken]
) -> Judged:
    """Returns the verdict of one requirement: contradicted before shown, and shown only by an entry that bears on it.

    Args:
        requirement: of the table.
        evidence: entries of the log, by kind.
        broken: findings, by topic.
    """
    contradictions = tuple(
        Contradiction(topic, SENTENCES[topic], found.count, tuple(found.leaves))
        for topic in map(Topic, requirement.broken_by)
        if (found := broken.get(topic)) is not None and found.count
    )
    shown = tuple(_shown(requirement.shown_by, evidence))
    if requirement.never:
        return Judged(requirement, Verdict.NEVER, requirement.never, (), ())
    if requirement.elsewhere:
        return Judged(requirement, Verdict.NOT_HERE, requirement.elsewhere, (), ())
    if contradictions:
        words = " ".join(each.sentence for each in contradictions)
        return Judged(requirement, Verdict.CONTRADICTED, words, shown, contradictions)
    if shown:
        return Judged(requirement, Verdict.SHOWN, requirement.says, shown, ())
    return Judged(requirement, Verdict.NOT_HERE, "No entry of this log bears on it.", (), ())


def _shown(names: Sequence[str], evidence: Mapping[str, Evidence]) -> Iterator[Shown]:
    for name in names:
        for known in sorted(evidence):
            # R-62 stands for R-62a to R-62g.
            if known == name or (
                known.startswith(name) and len(known) == len(name) + 1 and known[-1].isalpha()
            ):
                found = evidence[known]
                yield Shown(known, found.count, found.first, found.last)


def _gaps(state: InForce | None, first: str, last: str) -> Iterator[Period]:
    """When nothing was in force of what every decision needs, from the first entry to the last."""
    if not first:
        return
    begin, end = parse_time(first), parse_time(last)
    for what in NEEDED:
        placed = state.placed.get(what, ()) if state else ()
        moments = {begin, end}
        moments |= {each.start for each in placed} | {each.until for each in placed if each.until}
        since = None
        for moment in sorted(at for at in moments if begin <= at <= end):
            missing = state is None or state.current(what, moment) is None
            if missing and since is None:
                since = moment
            elif not missing and since is not None:
                if since != moment:
                    yield Period(what, format_time(since), format_time(moment))
                since = None
        if since is not None:
            yield Period(what, format_time(since), "")


def _silent(days: Sequence[str]) -> Iterator[Period]:
    for before, after in pairwise(days):
        first, last = date.fromisoformat(before) + timedelta(1), date.fromisoformat(after) - timedelta(1)
        if first <= last:
            yield Period("no entry", first.isoformat(), last.isoformat())


def _waiting(fold: Fold) -> Iterator[Waiting]:
    for name, package in fold.packages.items():
        if package.abandoned:
            state = "abandoned"
        elif package.decided_at < 0:
            state = "undecided"
        elif not package.released and not package.expired:
            state = "unreleased"
        elif package.delays:
            state = "late"
        else:
            continue
        yield Waiting(name, package.received_at, state, package.first_slot, package.released, package.delays)


def _versions(fold: Fold) -> Iterator[Version]:
    for what, table in (
        ("canonical form and rule set", fold.versions),
        ("index snapshot and date of its records", fold.snapshots),
    ):
        for names, found in sorted(table.items(), key=lambda each: each[1].first):
            yield Version(what, names, found.count, found.first, found.last)


def _continues(source: Source, key: VerifierKey) -> bool:
    kept: Path | None = source.checkpoints
    if kept is None:
        return True
    try:
        require_continuations(source.log, key, source.checkpoint(), read_text(kept))
    except (LogInconsistentError, ProofError):
        return False
    return True


def _cosigned(source: Source, key: VerifierKey, charter: Charter | None) -> tuple[int, int]:
    """How far a cosigned checkpoint reaches, and by how many; -1 and 0 where too few of the charter's witnesses did."""
    path = source.log / COSIGNED
    if not path.is_file():
        return -1, 0
    try:
        text = read_text(path)
        checkpoint = verify_checkpoint(text, key, str(path))
        require_continuation(source.log, source.checkpoint(), checkpoint)
        if charter is not None:
            witnesses = [VerifierKey.parse(each) for each in charter.witnesses]
            return checkpoint.size, require_cosigned(
                text, witnesses, max(charter.witness_quorum, 1), str(path)
            )
        own = (key.name, key.key_id)
        others = sum((line.name, line.key_id) != own for line in parse_note(text).signatures)
    except NarrowgateError:
        return -1, 0
    return (checkpoint.size, others) if others else (-1, 0)
