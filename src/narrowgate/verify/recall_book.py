"""Every recall of a log: its act, what it is about, and the receipts that came in; from the log alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from narrowgate.core.answers.recall_notice import RecallOfPackage
from narrowgate.core.base.errors import EnvelopeError, LogInconsistentError
from narrowgate.core.base.times import parse_time
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.governance.recall_list import PackageRecalled, RecallList, parse_recall_list
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.leaf import ACT, parse_leaf, time_in_leaf
from narrowgate.core.log.leaf_forms import ANSWERS_RECALLED, DISPOSAL_RECEIPT
from narrowgate.core.log.recalls import recalled_rows
from narrowgate.verify.files import read_bytes
from narrowgate.verify.runs import over_runs
from narrowgate.verify.source import Source

DOCUMENTS = "documents"
"""Directory of the governance directory; each file is named by its SHA-256."""

_MARKS = (b'"type":"answers-recalled"', b'"type":"disposal-receipt"', b'"act":"recall"')


@dataclass(frozen=True, slots=True)
class RecallAct:
    """One recall.

    Args:
        number: of the act.
        leaf: index of its leaf.
        act_sha256: hex digest of the act.
        list_sha256: hex digest of the list that it names.
        answers: how many are recalled.
        time: of the leaf, RFC 3339.
    """

    number: int
    leaf: int
    act_sha256: str
    list_sha256: str
    answers: int
    time: str


@dataclass(frozen=True, slots=True)
class Received:
    """A receipt that is in the log.

    Args:
        act_number: of the recall.
        package: id.
        recipient_key_sha256: hex digest of the key of whom it is from.
        time: of its leaf, RFC 3339.
    """

    act_number: int
    package: str
    recipient_key_sha256: str
    time: str


@dataclass(slots=True)
class RecallBook:
    """What a log says of recalls.

    Args:
        acts: by number.
        packages: what each act recalls, by number, in the log's order.
        receipts: by act, package and recipient.
        last_time: of the newest leaf, RFC 3339; empty in a log without one.
    """

    acts: dict[int, RecallAct] = field(default_factory=dict)
    packages: dict[int, list[RecallOfPackage]] = field(default_factory=dict)
    receipts: dict[tuple[int, str, str], Received] = field(default_factory=dict)
    last_time: str = ""

    def all_recalls(self) -> tuple[RecallOfPackage, ...]:
        """What is recalled, in the order of the log."""
        found = (each for recalled in self.packages.values() for each in recalled)
        return tuple(sorted(found, key=lambda each: each.leaf))


@dataclass(frozen=True, slots=True)
class Missing:
    """A recipient who was told and has not answered.

    Args:
        package: id.
        office: that signed the package.
        key_sha256: hex digest of the recipient's key.
        is_office: whether it is the key that signed the package.
        waiting: since the leaf of the recall.
    """

    package: str
    office: str
    key_sha256: str
    is_office: bool
    waiting: timedelta


@dataclass(frozen=True, slots=True)
class RecallStatus:
    """How far one recall is.

    Args:
        act: of the recall.
        packages: how many.
        expected: how many receipts are to come in all.
        received: how many came.
        longest: from the recall to the latest receipt; ``None`` before the first.
        missing: who has not answered.
    """

    act: RecallAct
    packages: int
    expected: int
    received: int
    longest: timedelta | None
    missing: tuple[Missing, ...]


def read_recalls(source: Source, checkpoint: Checkpoint, processes: int = 1) -> RecallBook:
    """Returns every recall and receipt of a log, which is compared with its signed root.

    Raises:
        LogInconsistentError: the log is not the one signed, or a leaf is malformed.
    """
    book = RecallBook()
    for found, time in over_runs(source.log, checkpoint, _marked, processes):
        book.last_time = time or book.last_time
        for index, fields in found:
            _take(book, index, fields)
    return book


def recall_list(source: Source, act: RecallAct) -> RecallList:
    """Returns the list that an act names, from the documents of the source.

    Raises:
        LogInconsistentError: it is missing, or another.
    """
    if source.governance is None:
        raise LogInconsistentError(
            "The list of a recall is not at hand.",
            why="The log holds its digest; the list itself is a document of the acts.",
            next_step="Name a bundle or a world.",
            where=str(source.path),
        )
    path = source.governance / DOCUMENTS / act.list_sha256
    data = read_bytes(path)
    try:
        found = parse_recall_list(data, str(path))
    except EnvelopeError as error:
        raise LogInconsistentError(error.what, why=error.why, where=str(path)) from error
    if sha256(data).hexdigest() != act.list_sha256:
        raise LogInconsistentError("The list of a recall was changed.", where=str(path))
    return found


def status_of(
    book: RecallBook, act: RecallAct, packages: Sequence[PackageRecalled], at: datetime
) -> RecallStatus:
    """Returns who has answered a recall and who has not.

    Args:
        book: of the log.
        act: of the recall.
        packages: of its list.
        at: aware UTC time, from which waiting is counted back.
    """
    began = parse_time(act.time)
    missing: list[Missing] = []
    received: list[Received] = []
    for package in packages:
        for key in package.expected():
            receipt = book.receipts.get((act.number, package.package, key))
            if receipt is None:
                is_office = key == package.signer_key_sha256
                missing.append(Missing(package.package, package.office, key, is_office, at - began))
            else:
                received.append(receipt)
    latest = max((parse_time(each.time) for each in received), default=None)
    return RecallStatus(
        act,
        len(packages),
        len(missing) + len(received),
        len(received),
        None if latest is None else latest - began,
        tuple(missing),
    )


def _marked(start: int, leaves: Sequence[bytes]) -> tuple[list[tuple[int, dict[str, Any]]], str]:
    found = [
        (index, _parsed(index, leaf))
        for index, leaf in enumerate(leaves, start)
        if any(mark in leaf for mark in _MARKS)
    ]
    return found, next(filter(None, (time_in_leaf(leaf) for leaf in reversed(leaves))), b"").decode()


def _parsed(index: int, leaf: bytes) -> dict[str, Any]:
    try:
        return parse_leaf(leaf, f"leaf {index}")
    except EnvelopeError as error:
        raise LogInconsistentError(error.what, why=error.why, where=error.where) from error


def _take(book: RecallBook, index: int, fields: dict[str, Any]) -> None:
    kind = fields["type"]
    if kind == ACT and fields["act"] == Kind.RECALL:
        number = fields["number"]
        book.acts[number] = RecallAct(
            number, index, fields["act_sha256"], fields["sha256"], int(fields["subject"]), fields["time"]
        )
    elif kind == ANSWERS_RECALLED:
        if fields["act_number"] not in book.acts:
            raise LogInconsistentError("Answers are recalled by no act.", where=f"leaf {index}")
        recall = RecallOfPackage(
            fields["package"],
            fields["act_number"],
            index,
            fields["time"],
            recalled_rows(fields),
            fields["answers"],
        )
        book.packages.setdefault(recall.act_number, []).append(recall)
    elif kind == DISPOSAL_RECEIPT:
        one = Received(
            fields["act_number"], fields["package"], fields["recipient_key_sha256"], fields["time"]
        )
        book.receipts[one.act_number, one.package, one.recipient_key_sha256] = one
