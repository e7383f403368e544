"""Verify a world: its log, what the leaves say together, and every answer given under it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from narrowgate.core.answers.file_names import PROOF
from narrowgate.core.base.errors import LogInconsistentError, OperationalError, ProofError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.note import VerifierKey
from narrowgate.verify.answers import read_answers, verify_files
from narrowgate.verify.item_runs import summed_up
from narrowgate.verify.ledger import Ledger, PackageLedger
from narrowgate.verify.log_directory import LogWalk, Visit, all_leaves, require_continuation
from narrowgate.verify.report import LogReport, PackageReport, WorldReport
from narrowgate.verify.source import LOG, told_of_the_bundle_before

ANSWERS = "answers"


def verify_world(
    directory: Path,
    vkey: str | None = None,
    earlier: str | None = None,
    visit: Visit | None = None,
    processes: int = 1,
) -> WorldReport:
    """Returning proves the log, that each row of a package was decided once, and every answer at hand.

    Args:
        directory: holds ``log/`` and ``answers/<package id>/``.
        vkey: the log's verifier key; without it the one beside the log is used.
        earlier: a signed checkpoint kept elsewhere, which the log must continue.
        visit: told the index and bytes of each leaf, in order, after the ledger took it.
        processes: how many read a large log at once, where nothing is to be told of each leaf.

    Raises:
        LogInconsistentError: the log, or what its leaves say together, does not fit; see ``verify_log``.
        ProofError: answers are not those in the log, or a file of them is missing or changed.
        ConfigurationError: ``vkey`` is not a verifier key.
        IndeterminateError: it is a bundle that continues another, whose files are not there.
        OperationalError: the machine cannot read a file.
    """
    ledger = Ledger()
    with told_of_the_bundle_before(directory):
        log = _walked(LogWalk(directory / LOG, vkey), earlier, ledger, visit, processes)
    key = VerifierKey.parse(log.key)
    newest = Checkpoint(log.origin, log.size, bytes.fromhex(log.root))
    parts: dict[str, int] = {}
    for folder in _folders(directory / ANSWERS):
        package = ledger.packages.get(folder.name)
        if package is None or package.decided is None:
            raise ProofError("The log decides no package of this name.", where=str(folder))
        if package.abandoned:
            raise ProofError(
                "These answers are of a package that the log says was abandoned.",
                why="No answer of such a package may leave.",
                next_step="Do not act on them; report them to the inspector.",
                where=str(folder),
            )
        if not package.released:
            raise ProofError(
                "These answers are in place, and the log does not say that they were released.",
                why="The entry of a release comes before its answers.",
                next_step="Do not act on them; report them to the inspector.",
                where=str(folder),
            )
        parts[folder.name] = _verify_answers(folder, key, package, directory / LOG, newest)
    return _report(log, ledger, parts)


def verify_bare_log(
    directory: Path,
    vkey: str | None = None,
    earlier: str | None = None,
    visit: Visit | None = None,
    processes: int = 1,
) -> WorldReport:
    """Returning proves the log, and that each row of a package was decided once; no answers are at hand.

    Args:
        directory: the log.
        vkey: the log's verifier key; without it the one beside the log is used.
        earlier: a signed checkpoint kept elsewhere, which the log must continue.
        visit: told the index and bytes of each leaf, in order, after the ledger took it.
        processes: how many read a large log at once, where nothing is to be told of each leaf.

    Raises:
        LogInconsistentError, ProofError, ConfigurationError, OperationalError: as ``verify_world``.
    """
    ledger = Ledger()
    return _report(_walked(LogWalk(directory, vkey), earlier, ledger, visit, processes), ledger, {})


def _walked(
    walk: LogWalk, earlier: str | None, ledger: Ledger, visit: Visit | None, processes: int
) -> LogReport:
    """The report of a walk, all of whose leaves the ledger took."""
    if visit is None:
        for summed in walk.pieces(summed_up, processes):
            ledger.take_summed_up(summed.result or ())
    else:
        for piece in walk.pieces(all_leaves):
            leaves = piece.result or ()
            ledger.take_run(piece.start, leaves)
            for index, leaf in enumerate(leaves, piece.start):
                visit(index, leaf)
    return walk.report(earlier)


def _report(log: LogReport, ledger: Ledger, parts: Mapping[str, int]) -> WorldReport:
    packages = [
        PackageReport(
            package_id=name,
            rows=package.received["rows"],
            answered=package.answered,
            refused=package.refused,
            decided=package.decided is not None,
            abandoned=package.abandoned,
            released=package.released,
            expired=package.expired,
            slot=package.slot,
            parts=parts.get(name),
        )
        for name, package in ledger.packages.items()
    ]
    return WorldReport(
        log,
        tuple(packages),
        ledger.packages_refused,
        ledger.contents,
        ledger.holds_placed,
        tuple(sorted(ledger.holds)),
    )


def _verify_answers(
    folder: Path, key: VerifierKey, package: PackageLedger, log: Path, newest: Checkpoint
) -> int:
    answers = read_answers(folder, key)
    # A proof can verify against a checkpoint of another history: the log then signed two.
    require_continuation(log, newest, answers.checkpoint, str(folder / PROOF))
    if answers.leaf != package.decided or answers.proof.index != package.decided_at:
        raise LogInconsistentError(
            "The proof is for another leaf than the log holds.", where=str(folder / PROOF)
        )
    return verify_files(folder, answers.manifest, package)


def _folders(directory: Path) -> list[Path]:
    if not directory.exists():
        return []
    try:
        entries = sorted(directory.iterdir())
    except OSError as error:
        raise OperationalError(
            "Could not list the answers.", where=str(directory), next_step=system_reason(error)[1]
        ) from error
    for entry in entries:
        if entry.is_symlink() or not entry.is_dir():
            raise ProofError("Answers lie in directories, one for each package.", where=str(entry))
    return entries
