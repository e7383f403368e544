"""The log before this one: what it counted up to its end, and whether the log that follows says the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.governance.charter import Charter, Predecessor
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.carried import HistoryCarried
from narrowgate.core.log.checkpoint import Checkpoint, verify_checkpoint
from narrowgate.core.log.file_names import CHECKPOINT
from narrowgate.core.log.leaf import ACT, PACKAGE_DECIDED, PACKAGE_RECEIVED, parse_leaf
from narrowgate.core.log.leaf_forms import ANSWERS_RECALLED, HISTORY_CARRIED
from narrowgate.core.log.note import VerifierKey
from narrowgate.verify.files import read_text
from narrowgate.verify.log_directory import require_continuation, verify_log


@dataclass(slots=True)
class EndedPackage:
    """A package as the log before holds it.

    Args:
        manifest_sha256: hex digest.
        office: that signed it.
        rows: of the package.
        received: the day.
        decided: whether its decision is in the log.
        abandoned: whether an act ended it.
    """

    manifest_sha256: str
    office: str
    rows: int
    received: date
    decided: bool = False
    abandoned: bool = False


@dataclass(slots=True)
class EndedLog:
    """What a log counted up to its end.

    Args:
        end: the end that the charter of the next log names.
        packages: by id.
        carried: what it had carried from the log before it; ``None`` where it was the first.
        later: ids of packages that it received beyond that end.
        recalled: how many answers of it were recalled, beyond that end, too.
    """

    end: Predecessor
    packages: dict[str, EndedPackage] = field(default_factory=dict)
    carried: HistoryCarried | None = None
    later: set[str] = field(default_factory=set)
    recalled: int = 0

    @property
    def origin(self) -> str:
        """The log's name."""
        return VerifierKey.parse(self.end.log_key).name

    def package_count(self) -> int:
        """Packages received in it and in the logs before it."""
        return len(self.packages) + (self.carried.packages if self.carried else 0)

    def items_by_office(self) -> Mapping[str, int]:
        """Rows of those packages by office."""
        counted = Counter(self.carried.items_by_office if self.carried else {})
        for package in self.packages.values():
            counted[package.office] += package.rows
        return counted

    def _take(self, index: int, leaf: bytes) -> None:
        fields = parse_leaf(leaf, f"leaf {index} of the log before")
        kind = fields["type"]
        if kind == ANSWERS_RECALLED:
            self.recalled += fields["answers"]
        if index >= self.end.size:
            if kind == PACKAGE_RECEIVED:
                self.later.add(fields["package"])
            return
        if kind == PACKAGE_RECEIVED:
            self.packages[fields["package"]] = EndedPackage(
                fields["manifest_sha256"],
                fields["office"],
                fields["rows"],
                date.fromisoformat(fields["time"][:10]),
            )
        elif kind == PACKAGE_DECIDED:
            self.packages[fields["package"]].decided = True
        elif kind == ACT and fields["act"] == Kind.PACKAGE_ABANDONED:
            self.packages[fields["subject"]].abandoned = True
        elif kind == HISTORY_CARRIED:
            self.carried = HistoryCarried.of(fields)


def read_ended_log(directory: Path, end: Predecessor) -> EndedLog:
    """What the log in ``directory`` counted up to the end that a charter names; every byte of it is verified.

    Args:
        directory: of the log before; it may have gone on beyond that end, of which nothing counts but recalls.
        end: key, size and root, as the charter names them.

    Raises:
        LogInconsistentError: it is another log, damaged, shorter than its end, or has another history up to there.
        OperationalError: the machine cannot read a file.
    """
    key = VerifierKey.parse(end.log_key)
    ended = EndedLog(end)
    try:
        verify_log(directory, end.log_key, visit=ended._take)
    except KeyError as error:
        raise LogInconsistentError(
            "The log before decides a package that it did not receive.", where=str(directory)
        ) from error
    newest = verify_checkpoint(read_text(directory / CHECKPOINT), key, str(directory / CHECKPOINT))
    require_continuation(directory, newest, Checkpoint(key.name, end.size, bytes.fromhex(end.root)))
    return ended


def require_carried(charter: Charter, carried: HistoryCarried | None) -> None:
    """Return only if a log whose charter names a log before it has taken over what that one counted, up to that end.

    Args:
        charter: in force.
        carried: of the log, before its first package.

    Raises:
        LogInconsistentError: the entry is missing, of another end, or there is none to carry from.
    """
    end = charter.predecessor
    if end is None:
        if carried is not None:
            raise LogInconsistentError(
                "A history was carried over from a log that the charter does not name."
            )
        return
    if carried is None:
        raise LogInconsistentError(
            "The budgets of the log before were not carried into this one.",
            why="The charter names that log; packages were received as if nothing had been asked before.",
        )
    named = (VerifierKey.parse(end.log_key).name, end.size, end.root)
    if (carried.predecessor, carried.size, carried.root) != named:
        raise LogInconsistentError("The history was carried over from another end than the charter names.")


def require_same_counts(ended: EndedLog, carried: HistoryCarried) -> None:
    """Return only if what was carried over is what the log before counted.

    Raises:
        LogInconsistentError: it is less, or more.
    """
    said = (carried.packages, dict(carried.items_by_office))
    if said != (ended.package_count(), dict(ended.items_by_office())):
        raise LogInconsistentError(
            "The packages and items carried over are not those that the log before holds.",
            why="A budget would begin with another count than it ended with.",
        )
