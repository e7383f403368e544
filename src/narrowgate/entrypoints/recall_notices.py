"""Notices of a recall: one file for each recipient of each package, proved by the log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from narrowgate.adapters.files.durable_files import failed, write_durably
from narrowgate.core.answers.recall_notice import RecallOfPackage, notice_bytes
from narrowgate.core.base.errors import LogInconsistentError, UsageError
from narrowgate.core.base.times import parse_time
from narrowgate.core.governance.recall_list import RecallList
from narrowgate.verify.recall_book import RecallAct, RecallBook, read_recalls, recall_list
from narrowgate.verify.source import Source

SUFFIX = ".recall.json"


def chosen_acts(book: RecallBook, number: int | None) -> tuple[RecallAct, ...]:
    """The recalls of a log, or the one of that number.

    Raises:
        UsageError: there is none.
    """
    found = tuple(act for act in book.acts.values() if number in {None, act.number})
    if not found:
        raise UsageError(
            "The log holds no such recall." if number else "The log holds no recall.",
            next_step="'narrowgate act list' shows the acts; a recall has to be signed and applied first.",
        )
    return found


def write_notices(source: Source, number: int | None, out: Path) -> int:
    """How many notices are in ``out`` now: ``OFFICE/PACKAGE.KEY.recall.json``; written again they are the same files.

    Args:
        source: bundle or world; the lists of the recalls are among its documents.
        number: of one recall; all of them where none is given.
        out: directory, made where it does not exist.

    Raises:
        UsageError: the log holds no such recall.
        LogInconsistentError: the list of a recall is not at hand, or is not what the log says.
        OperationalError: the disk refused.
    """
    entries = source.entries()
    book = read_recalls(source, entries.checkpoint)
    written = 0
    for act in chosen_acts(book, number):
        listed = recall_list(source, act)
        require_listed(listed, act, book.packages.get(act.number, ()))
        act_proof = entries.proof(act.leaf)
        for package in listed.packages:
            leaves = [each.leaf for each in book.packages[act.number] if each.package == package.package]
            proofs = tuple(entries.proof(leaf) for leaf in leaves)
            for key in package.expected():
                path = out / package.office / f"{package.package}.act-{act.number}.{key[:16]}{SUFFIX}"
                try:
                    path.parent.mkdir(parents=True, exist_ok=True)
                except OSError as error:
                    raise failed("make the directory of the notices", path.parent, error) from error
                write_durably(path, notice_bytes(package.office, key, package.package, act_proof, proofs))
                written += 1
    return written


def require_listed(listed: RecallList, act: RecallAct, logged: Sequence[RecallOfPackage]) -> None:
    """Return only if the log says of each package what the list of the recall says.

    Raises:
        LogInconsistentError: it says something else.
    """
    expected = [
        (leaf.package_id, tuple(leaf.rows), leaf.answers)
        for leaf in listed.leaves(act.number, parse_time(act.time))
    ]
    if [(each.package, each.rows, each.answers) for each in logged] != expected:
        raise LogInconsistentError(
            "The log recalls other answers than the list that the officers signed.",
            why=f"It is the recall by act {act.number}.",
        )
