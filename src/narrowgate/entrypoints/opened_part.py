"""The part of the answers that is sealed to one officer, for every way in which an officer reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from narrowgate.adapters.private_keys.port import AskSecret
from narrowgate.adapters.private_keys.resolve import open_opening_key
from narrowgate.core.answers.answer import AnswerPart
from narrowgate.core.answers.answers_manifest import AnswersManifest
from narrowgate.core.answers.recall_notice import KnownRecalls
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.witness_quorum import Witnessed, WitnessQuorum
from narrowgate.entrypoints.requester import AnswersDirectory
from narrowgate.verify.recalls import known_recalls


@dataclass(frozen=True, slots=True)
class OfficerKey:
    """What names an officer's private key.

    Args:
        reference: a file, or an object in a token.
        certificate: file of the officer's certificate; ``None`` to take the one beside the key.
        ask: asks the officer for a passphrase or a PIN; ``None`` where nobody can be asked.
    """

    reference: str
    certificate: Path | None = None
    ask: AskSecret | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OpenedPart:
    """The answers of one officer, unexpired, and each proved to be the decision that the log holds.

    Args:
        directory: of the answers, verified.
        plaintext: of the part.
        answers: what it says.
        log_key: that everything was verified with.
        recalls: that are known; ``None`` where nobody looked for any.
    """

    directory: AnswersDirectory
    plaintext: bytes
    answers: AnswerPart
    log_key: VerifierKey
    recalls: KnownRecalls | None = None

    @property
    def manifest(self) -> AnswersManifest:
        """Of all answers to the package."""
        return self.directory.manifest

    @property
    def witnessed(self) -> Witnessed:
        """What is known of the witnesses of the checkpoint that the answers' proof leads to."""
        return self.directory.proved.witnessed


@dataclass(frozen=True, slots=True)
class RecallPlaces:
    """Where an officer looks for recalls.

    Args:
        paths: logs, bundles and worlds, the newer the better, and notices.
        checkpoints: files of checkpoints kept elsewhere, which such a log must continue.
    """

    paths: tuple[Path, ...] = ()
    checkpoints: tuple[Path, ...] = ()

    def known(self, key: VerifierKey, proved: Checkpoint) -> KnownRecalls | None:
        """The recalls that they tell of; nothing where none of them is named, which the reader is to be told.

        Args:
            key: the log's published key.
            proved: the checkpoint that proves the answers.

        Raises:
            ProofError, LogInconsistentError, UsageError: as ``verify.recalls.known_recalls``.
        """
        if not self.paths and not self.checkpoints:
            return None
        return known_recalls(self.paths, key, proved, self.checkpoints)


NOWHERE: Final = RecallPlaces()
"""Recalls are not looked for."""


def opened_part(
    directory: Path,
    officer: OfficerKey,
    log_key: VerifierKey,
    now: datetime,
    recalls: RecallPlaces = NOWHERE,
    witnesses: WitnessQuorum | None = None,
) -> OpenedPart:
    """The part sealed to the holder of the key, who has read the terms (R-45).

    Args:
        directory: of the answers to one package.
        officer: who opens them.
        log_key: the log's published key.
        now: aware and in UTC.
        recalls: where to look for recalls.
        witnesses: who must have cosigned; ``None`` where the requester knows no witness.

    Raises:
        ConfigurationError: a key or a certificate cannot be used.
        ProofError: the answers are not those in the log, or too few of the witnesses cosigned it (R-30).
        EnvelopeError: no part is sealed to the key, or the part is not the one listed (R-40).
        RefusedError: the answers have expired (R-41).
        LogInconsistentError: a log named for its recalls is older than what is known.
    """
    verified = AnswersDirectory.verified(directory, log_key, witnesses)
    key = open_opening_key(officer.reference, officer.certificate, officer.ask)
    holder = key.chain[0]
    plaintext = verified.opened_part(key, holder)
    answers = verified.read_part(plaintext, holder, now)
    known = recalls.known(log_key, verified.proved.checkpoint)
    return OpenedPart(verified, plaintext, answers, log_key, known)
