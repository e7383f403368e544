"""Log, cache, files and signatures together: what acts are read from and applied to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from narrowgate.core.base.errors import ActRefusedError, EnvelopeError, LogInconsistentError, NotInForceError
from narrowgate.core.governance.act import parse_act
from narrowgate.core.governance.charter import Charter, parse_charter
from narrowgate.core.governance.in_force import InForce, after, founded
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter, parse_governance
from narrowgate.governance.ports import ActFiles, ActLog, Documents, OfficerSignatures, Remembered, Signed

REMEMBERED_LEAVES = 4_096
"""So many leaves without an act are looked through again rather than noted: noting is a write to the state."""

_governance_of = lru_cache(maxsize=1_024)(parse_governance)
_charter_of = lru_cache(maxsize=8)(parse_charter)
"""Kept by their bytes, which are read anew each time: a worker asks a dozen times for each package."""


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that acts concern.

    Args:
        log: of the gate.
        remembered: its cache of the acts.
        files: the directory of charter and acts.
        signatures: verifies officers.
        documents: reads what acts put in force.
    """

    log: ActLog
    remembered: Remembered
    files: ActFiles
    signatures: OfficerSignatures
    documents: Documents
    _read: dict[int, tuple[LoggedCharter | LoggedAct, ...]] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    def entries(self) -> tuple[LoggedCharter | LoggedAct, ...]:
        """The charter and every act of the log in their order; the cache is brought up to the log.

        Raises:
            LogInconsistentError: the log has fewer leaves than were looked through, or a leaf is no leaf.
        """
        size = self.log.size()
        if (entries := self._read.get(size)) is not None:
            return entries
        looked, known = self.remembered.governance()
        if looked > size:
            raise LogInconsistentError(
                "The log has fewer leaves than the state has seen.",
                why="One of them was lost, exchanged, or restored from an older copy.",
                next_step="Restore the newest copy of the one that is behind; do not begin a new one.",
            )
        found = list(self.log.acts(looked, size))
        if found or size - looked >= REMEMBERED_LEAVES:
            self.remembered.keep_governance(size, found)
        try:
            entries = tuple(_governance_of(leaf, "the log") for leaf in (*known, *found))
        except EnvelopeError as error:
            raise LogInconsistentError(error.what, why=error.why, where=error.where) from error
        self._read.clear()
        self._read[size] = entries
        return entries

    def in_force(self) -> InForce:
        """What the log says is in force.

        Raises:
            NotInForceError: the log has no charter.
            LogInconsistentError: its acts contradict one another.
        """
        return fold(self.entries())

    def charter(self, in_force: InForce) -> Charter:
        """The charter in force.

        Raises:
            OperationalError, ConfigurationError: its file is missing, or is none.
        """
        return _charter_of(self.files.document(in_force.charter_sha256), in_force.charter_sha256)

    def signers(self, signed: Signed, charter: Charter, at: datetime) -> tuple[str, ...]:
        """The keys of the charter's officers that made the signatures, in the signatures' order.

        Raises:
            EnvelopeError, UnavailableError, ConfigurationError: as ``OfficerSignatures``.
        """
        keys = charter.keys()
        found = (
            self.signatures.signer(signed.data, signature, keys, charter.trust_root, at)
            for signature in signed.signatures
        )
        return tuple(dict.fromkeys(found))

    def verify_files(self, past: OfficerSignatures) -> InForce:
        """What is in force, after every act's file and signatures were compared with its leaf.

        A leaf alone is the log key's word; the signatures are the officers'.

        Args:
            past: verifies at the time of each leaf; revocation was looked up when the act was applied.

        Raises:
            LogInconsistentError: a file or its signatures are not those of the leaf.
            NotInForceError: the log has no charter.
        """
        entries = self.entries()
        state = fold(entries)
        where = "the acts' files"
        first = entries[0]
        if not isinstance(first, LoggedCharter):  # fold has seen to it
            raise no_charter()
        signed = self.files.charter()
        charter = _charter_of(signed.data, "charter.toml")
        if charter.digest != first.charter_sha256:
            raise _other("The charter", where)
        self._require_signers(signed, charter, first.signers, first.time, past)
        for entry in entries[1:]:
            if isinstance(entry, LoggedAct):
                signed = self.files.act(entry.number)
                act = parse_act(signed.data, f"act {entry.number}")
                if LoggedAct.of(act, entry.signers, entry.time) != entry:
                    raise _other(f"The act {entry.number}", where)
                self._require_signers(signed, charter, entry.signers, entry.time, past)
                if act.kind is Kind.CHARTER_REPLACED:
                    charter = _charter_of(self.files.document(entry.sha256), entry.sha256)
        return state

    def _require_signers(
        self,
        signed: Signed,
        charter: Charter,
        signers: Sequence[str],
        at: datetime,
        past: OfficerSignatures,
    ) -> None:
        try:
            found = replace(self, signatures=past).signers(signed, charter, at)
        except EnvelopeError as error:
            raise LogInconsistentError(
                f"A signature of an act in the log does not verify. {error.what}", why=error.why
            ) from error
        if set(found) != set(signers):
            raise _other("The signers of an act", "the acts' files")


def fold(entries: tuple[LoggedCharter | LoggedAct, ...]) -> InForce:
    """What is in force after the charter and the acts.

    Raises:
        NotInForceError: there is no charter.
        LogInconsistentError: an act contradicts those before it.
    """
    if not entries or not isinstance(entries[0], LoggedCharter):
        raise no_charter()
    state = founded(entries[0])
    for entry in entries[1:]:
        if isinstance(entry, LoggedCharter):
            raise LogInconsistentError("A charter stands in the log that is not its first leaf.")
        try:
            state = after(state, entry)
        except ActRefusedError as error:
            raise LogInconsistentError(
                f"An act contradicts those before it. {error.what}", why=error.why
            ) from error
    return state


def no_charter() -> NotInForceError:
    """The error of a log that no charter founded."""
    return NotInForceError(
        "The gate has no charter.",
        why="Nothing is in force until a charter is leaf 0 of the log and acts follow it.",
        next_step="Found the gate with 'narrowgate custodian found'.",
    )


def _other(what: str, where: str) -> LogInconsistentError:
    return LogInconsistentError(
        f"{what} in the directory of acts is not the one in the log.",
        why="A file was changed or exchanged, or the log was written without its officers.",
        next_step="Restore the directory from its copy; keep what is there as evidence.",
        where=where,
    )
