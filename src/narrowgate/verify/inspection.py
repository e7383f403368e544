"""Everything that can be recomputed from a bundle, a world or a log: each reason against it, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from narrowgate.core.base.errors import (
    EnvelopeError,
    IndeterminateError,
    LogInconsistentError,
    NarrowgateError,
    ProofError,
)
from narrowgate.core.log.file_names import COSIGNED, KEY_FILE
from narrowgate.core.log.note import MAX_NOTE_BYTES, VerifierKey
from narrowgate.verify import inspection_words as words
from narrowgate.verify.act_files import ActFiles, ActsChecked, SignerKeys
from narrowgate.verify.bundle import LOG_KEY, SIGNERS, check_files, read_manifest
from narrowgate.verify.cosignatures import verify_cosigned
from narrowgate.verify.files import read_text
from narrowgate.verify.findings import Findings, Verdict
from narrowgate.verify.item_runs import summed_up
from narrowgate.verify.ledger import Ledger
from narrowgate.verify.log_directory import LogWalk, require_continuations
from narrowgate.verify.predecessor import read_ended_log, require_carried, require_same_counts
from narrowgate.verify.report import LogReport
from narrowgate.verify.source import Source, SourceKind

MAX_KEPT_BYTES: Final = 1 << 28
"""Of the checkpoints in a second place: a million."""


@dataclass(slots=True)
class Inspection:
    """What an inspection came to.

    Args:
        kind: of the source.
        findings: reasons, what is missing, notes, and what was compared with what.
        log: what the walk over the log found; ``None`` where it could not begin.
        ledger: what the entries say together.
        acts: what of charter and acts was looked at.
    """

    kind: SourceKind
    findings: Findings
    log: LogReport | None = None
    ledger: Ledger = field(default_factory=Ledger)
    acts: ActsChecked = field(default_factory=ActsChecked)

    @property
    def verdict(self) -> Verdict:
        """VALID, INVALID or INDETERMINATE."""
        return self.findings.verdict

    def as_dict(self) -> dict[str, Any]:
        """Returns everything by name; the same source gives the same, wherever it lies."""
        return words.as_dict(self)

    def __str__(self) -> str:
        return words.as_text(self)

    def require_valid(self) -> None:
        """Returns only if the verdict is VALID.

        Raises:
            LogInconsistentError: it is INVALID.
            IndeterminateError: it is INDETERMINATE.
        """
        findings = self.findings
        if self.verdict is Verdict.INVALID:
            count = len(findings.reasons) + findings.left_off
            raise LogInconsistentError(
                f"The {self.kind} is INVALID: {count:,} {'reason' if count == 1 else 'reasons'}.",
                why=f"The first: {findings.reasons[0]}",
                next_step="Keep it as it is, and call the custodian's disclosure officers.",
                where=str(findings.source),
            )
        if self.verdict is Verdict.INDETERMINATE:
            raise IndeterminateError(
                f"The {self.kind} is INDETERMINATE: nothing contradicts, and something is missing.",
                why="Missing: " + " ".join(findings.missing),
                next_step="Get from the custodian what is missing, and verify again.",
                where=str(findings.source),
            )


def inspect(
    source: Source, earlier: str | None = None, processes: int = 1, predecessor: Path | None = None
) -> Inspection:
    """Returns what everything in the source comes to; what does not fit is a reason, and does not end the inspection.

    Args:
        source: as ``find_source`` found it.
        earlier: signed checkpoints that the reader kept, which the log must continue.
        processes: how many read a large log at once.
        predecessor: directory of the log before this one, to compare what was carried over.

    Raises:
        ConfigurationError: the key given is no verifier key.
        ProofError: ``earlier`` holds no checkpoint of the log.
        OperationalError: the machine cannot read a file.
    """
    findings = Findings(source.path)
    found = Inspection(source.kind, findings, ledger=Ledger(findings.complain))
    manifest_size = None
    if source.kind is SourceKind.BUNDLE:
        manifest_size = _check_bundle(source, findings, processes)
        if findings.missing:
            return found
    damaged: list[NarrowgateError] = []

    def of_files(error: NarrowgateError) -> None:
        damaged.append(error)
        findings.complain(error)

    try:
        walk = LogWalk(source.log, source.vkey, of_files)
    except LogInconsistentError as error:
        findings.complain(error)
        return found
    _walk(walk, found, processes)
    if not damaged:
        _check_kept(source, walk, earlier, found)
    else:
        # Their trees would be read from damaged files, and a fork be claimed that is none.
        findings.notes.append("Earlier checkpoints were not compared: the files of the log do not fit.")
    found.log = walk.report()
    found.findings.notes += found.log.findings
    if manifest_size is not None and manifest_size != (found.log.origin, found.log.size, found.log.root):
        findings.complain(
            LogInconsistentError("The manifest is of another state of the log than the checkpoint.")
        )
    _check_acts(source, found)
    _check_witnesses(source, found)
    _check_history(found, predecessor)
    words.say_what_was_checked(found)
    return found


def _check_bundle(source: Source, findings: Findings, processes: int) -> tuple[str, int, str] | None:
    """The state of the log that the manifest names, after every file was compared with it."""
    try:
        manifest, _ = read_manifest(source.path)
    except (EnvelopeError, LogInconsistentError) as error:
        findings.complain(error)
        return None
    files = check_files(source.path, manifest, findings, processes)
    findings.checked["files"] = (
        f"{files:,} files: size and SHA-256 against the manifest; no other file lies there."
    )
    if findings.missing:
        return None
    published, beside = source.path / LOG_KEY, source.log / KEY_FILE
    try:
        same = read_text(published, most=MAX_NOTE_BYTES) == read_text(beside, most=MAX_NOTE_BYTES)
    except LogInconsistentError as error:
        findings.complain(error)
    else:
        if not same:
            other = LogInconsistentError(
                "The published key is not the one beside the log.", where=str(published)
            )
            findings.complain(other)
    return manifest.origin, manifest.size, manifest.root


def _walk(walk: LogWalk, found: Inspection, processes: int) -> None:
    judged = True
    for piece in walk.pieces(summed_up, processes):
        if piece.result is None and judged:
            judged = False
            found.findings.notes.append(
                f"Entries from {piece.start:,} on were not judged: some of them cannot be read."
            )
        elif judged:
            found.ledger.take_summed_up(piece.result or ())


def _check_kept(source: Source, walk: LogWalk, earlier: str | None, found: Inspection) -> None:
    """Every checkpoint of the second place, and every one that the reader kept, is continued."""
    findings = found.findings
    said = []
    if source.checkpoints is not None:
        try:
            kept = read_text(source.checkpoints, most=MAX_KEPT_BYTES)
            size = require_continuations(source.log, walk.key, walk.checkpoint, kept, findings.complain)
            said.append(f"the log continues every checkpoint of its second place, up to {size:,} entries")
        except (LogInconsistentError, ProofError) as error:
            findings.complain(error, str(source.checkpoints))
    elif source.kind is not SourceKind.LOG:
        findings.missing.append("The checkpoints of the log's second place.")
    if earlier is not None:
        size = require_continuations(source.log, walk.key, walk.checkpoint, earlier, findings.complain)
        said.append(f"it continues the checkpoints that you kept, up to {size:,} entries")
    else:
        findings.notes.append(
            "No checkpoint from an earlier visit was given (--earlier): that nothing was taken back since is the "
            "custodian's word."
        )
    if said:
        findings.checked["continuity"] = "; ".join(said) + "."


def _check_acts(source: Source, found: Inspection) -> None:
    findings, logged = found.findings, found.ledger.governance
    if not logged:
        findings.missing.append("A charter: the log does not say who may put what in force.")
        return
    if source.governance is None:
        findings.missing.append("The files of charter and acts, with the signatures of the officers.")
        return
    keys = SignerKeys.read(source.path / SIGNERS if source.kind is SourceKind.BUNDLE else None, findings)
    key = found.log.key if found.log else ""
    found.acts = ActFiles(source.governance, keys, findings).check(logged, key)


def _check_witnesses(source: Source, found: Inspection) -> None:
    """The quorum of the charter in force saw the decision of every package released under it."""
    findings, charter = found.findings, found.acts.charter
    if charter is None or not charter.witness_quorum:
        return
    since = found.acts.charters[-1][0]
    released = [package for package in found.ledger.packages.values() if package.released_at > since]
    if not (source.log / COSIGNED).exists():
        if released:
            findings.missing.append("The checkpoint that the charter's witnesses cosigned (log/cosigned).")
        return
    witnesses = [VerifierKey.parse(text) for text in charter.witnesses]
    try:
        cosigned = verify_cosigned(source.log, source.vkey, witnesses, charter.witness_quorum)
    except (ProofError, LogInconsistentError) as error:
        findings.complain(error)
        return
    for package in released:
        if package.decided_at >= cosigned.size:
            findings.complain(
                LogInconsistentError(
                    "A package was released that no quorum of the charter's witnesses had seen."
                ),
                f"entry {package.released_at}",
            )
    findings.checked["witnesses"] = (
        f"{cosigned.cosigned} witnesses of the charter (quorum {charter.witness_quorum}) cosigned the first "
        f"{cosigned.size:,} entries, which the log continues and which hold the decision of every package released."
    )


def _check_history(found: Inspection, predecessor: Path | None) -> None:
    """A log whose charter names a log before it goes on counting where that one ended."""
    findings, charter, carried = found.findings, found.acts.charter, found.ledger.carried
    if charter is None or (carried is None and not found.ledger.packages):
        return
    try:
        require_carried(charter, carried)
        end = charter.predecessor
        if carried is None or end is None:
            return
        if predecessor is None:
            findings.notes.append(
                f"The log before, {carried.predecessor}, was not compared (--predecessor): what was carried over from "
                "it is the custodian's word."
            )
            return
        require_same_counts(read_ended_log(predecessor, end), carried)
    except LogInconsistentError as error:
        findings.complain(error)
        return
    findings.checked["history"] = (
        f"{carried.packages:,} packages with {sum(carried.items_by_office.values()):,} items were carried over from "
        f"{carried.predecessor}, as many as that log holds up to the end that the charter names; "
        f"the charges of {carried.uncharged:,} of them are lost."
    )
