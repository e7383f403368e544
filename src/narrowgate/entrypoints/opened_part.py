"""The part of the answers that is sealed to one officer, for every way in which an officer reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from narrowgate.adapters.private_keys.port import AskSecret
from narrowgate.adapters.private_keys.resolve import open_opening_key
from narrowgate.core.answers.answer import AnswerPart
from narrowgate.core.answers.answers_manifest import AnswersManifest
from narrowgate.core.log.note import VerifierKey
from narrowgate.entrypoints.requester import AnswersDirectory


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
    """

    directory: AnswersDirectory
    plaintext: bytes
    answers: AnswerPart
    log_key: VerifierKey

    @property
    def manifest(self) -> AnswersManifest:
        """Of all answers to the package."""
        return self.directory.manifest


def opened_part(directory: Path, officer: OfficerKey, log_key: VerifierKey, now: datetime) -> OpenedPart:
    """The part sealed to the holder of the key, who has read the terms (R-45).

    Args:
        directory: of the answers to one package.
        officer: who opens them.
        log_key: the log's published key.
        now: aware and in UTC.

    Raises:
        ConfigurationError: a key or a certificate cannot be used.
        ProofError: the answers are not those in the log (R-30).
        EnvelopeError: no part is sealed to the key, or the part is not the one listed (R-40).
        RefusedError: the answers have expired (R-41).
    """
    verified = AnswersDirectory.verified(directory, log_key)
    key = open_opening_key(officer.reference, officer.certificate, officer.ask)
    holder = key.chain[0]
    plaintext = verified.opened_part(key, holder)
    return OpenedPart(verified, plaintext, verified.read_part(plaintext, holder, now), log_key)
