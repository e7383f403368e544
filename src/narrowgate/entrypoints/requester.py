"""What the requester's side does: a package from a case file, a signature, opened answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from narrowgate.adapters.files.package_files import (
    MANIFEST_FILE,
    PackageDirectory,
    PackageTerms,
    add_signature,
    build_package,
)
from narrowgate.adapters.files.regular import NotRegularFileError, open_regular
from narrowgate.adapters.private_keys.port import OpeningKey, SigningKey
from narrowgate.adapters.sealing.envelope import unseal
from narrowgate.adapters.signing.certificates import RecipientKey, public_key_sha256
from narrowgate.adapters.signing.cms import verify_detached
from narrowgate.adapters.signing.cms_signer import CmsSigner
from narrowgate.adapters.signing.fitness import require_agreed_root, require_fit_signer, require_office
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.answers.answer import AnswerPart, parse_part, require_readable
from narrowgate.core.answers.answers_manifest import (
    AnswersManifest,
    find_part,
    verify_part,
    verify_refusals,
    verify_sealed_part,
)
from narrowgate.core.answers.file_names import ANSWERS, PROOF, REFUSALS
from narrowgate.core.answers.proved_answers import ProvedAnswers, prove_answers, verify_leaves_of_part
from narrowgate.core.base.errors import EnvelopeError, ProofError, RefusedError
from narrowgate.core.base.times import format_time
from narrowgate.core.eligibility.package_obstacles import package_obstacles
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.witness_quorum import WitnessQuorum
from narrowgate.core.request.item import Item
from narrowgate.core.request.manifest import ATTESTATIONS, Manifest, parse_manifest
from narrowgate.core.request.office import Office
from narrowgate.gate.ports import Entropy

PACKAGE_DAYS = 7
"""For how many days a package waits for its decision before it must be built again."""


def new_package(
    items: Iterable[Item],
    directory: Path,
    agreement: Agreement,
    office: Office,
    now: datetime,
    entropy: Entropy,
) -> Manifest:
    """An unsigned package with a fresh id and nonce, every attestation, and a week to decide it.

    Raises:
        UsageError, NothingToProcessError, EnvelopeError, OperationalError: as ``build_package``.
    """
    terms = PackageTerms(
        package_id=f"p-{now:%Y%m%d}-{entropy.draw(6).hex()}",
        nonce=entropy.draw(16).hex(),
        agreement_sha256=agreement.digest,
        office=office,
        created=now,
        expires=now + timedelta(days=PACKAGE_DAYS),
        attestations=tuple(ATTESTATIONS),
    )
    return build_package(items, directory, terms)


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """What an official brings to sign a package.

    Args:
        key: the private key, with the signer's certificate and those between it and the root.
        agreement: that the package is sent under; ``None`` leaves the office unchecked.
        root: the agreed root certificate; ``None`` leaves the chain unchecked.
    """

    key: SigningKey = field(repr=False)
    agreement: Agreement | None = None
    root: x509.Certificate | None = None


def require_built_under(manifest: Manifest, agreement: Agreement) -> None:
    """Returns only if the package was built under this very agreement.

    Raises:
        RefusedError: it names another digest (R-51).
    """
    if manifest.agreement_sha256 != agreement.digest:
        raise RefusedError(
            "The package was built under another agreement.",
            why="The digest in its manifest is not that of the agreement given.",
            next_step="Build the package again under the agreement in force.",
            rule="R-51",
        )


@dataclass(frozen=True, slots=True)
class SignablePackage:
    """A package that was looked at and may be signed: what is signed is these bytes, whatever the disk holds later.

    Args:
        directory: of the package.
        data: the manifest's bytes.
        manifest: what they say.
        request: what the official brings.
    """

    directory: Path
    data: bytes
    manifest: Manifest
    request: SigningRequest


def require_signable(directory: Path, request: SigningRequest, now: datetime) -> SignablePackage:
    """The package, which the gate would not refuse for its signature if it is signed with what ``request`` brings.

    Raises:
        EnvelopeError: the package is malformed, its rows are others than those it was built with, or it has expired.
        ConfigurationError: the key and the certificate are not fit to sign.
        RefusedError: the agreement does not let them sign for this office, trusts another root, or does not allow the
            package today: it is not in force, a hold is on it, or the package has too many items.
    """
    package = PackageDirectory(directory)
    data = package.manifest()
    manifest = parse_manifest(data, str(directory / MANIFEST_FILE))
    package.check_rows(manifest)
    if manifest.expires <= now:
        raise EnvelopeError(
            "The package has expired.",
            why=f"It was to be decided until {format_time(manifest.expires)}.",
            next_step="Build it again.",
            where=str(directory / MANIFEST_FILE),
            rule="R-10",
        )
    require_fit_signer(request.key.chain[0], now)
    if request.agreement is not None:
        require_built_under(manifest, request.agreement)
        require_office(request.key.chain[0], manifest.office, request.agreement, now)
        if request.root is not None:
            require_agreed_root(request.root, request.agreement)
        for obstacle in package_obstacles(manifest, request.agreement, now.date()):
            raise RefusedError(
                obstacle.detail,
                why="The gate would refuse the package whole today.",
                next_step=rule_of(obstacle.rule_id).hint,
                rule=obstacle.rule_id,
            )
    return SignablePackage(directory, data, manifest, request)


def sign_package(package: SignablePackage, now: datetime, shown: str | None = None) -> None:
    """The package carries a signature over the manifest that was shown, verified as the gate will verify it.

    Args:
        package: that was looked at.
        now: the time the signature claims, aware and in UTC.
        shown: the text that the official was shown; its digest goes into the signature.

    Raises:
        EnvelopeError: the signature does not verify against the root.
        ConfigurationError: the key may not sign, is not the certificate's, or its PIN is wrong or locked.
        OperationalError: the disk refused.
    """
    request = package.request
    signature = CmsSigner(request.key).sign(package.data, now, shown)
    if request.root is not None:
        verify_detached(
            package.data,
            signature,
            Trust(request.root, revocation=None),
            now,
            {public_key_sha256(request.key.chain[0])},
        )
    add_signature(package.directory, signature, shown)


@dataclass(frozen=True, slots=True)
class AnswersDirectory:
    """The released answers of one package whose log proof verified; parts can be opened from it."""

    path: Path
    proved: ProvedAnswers

    @property
    def manifest(self) -> AnswersManifest:
        """What was answered."""
        return self.proved.manifest

    @classmethod
    def verified(
        cls, path: Path, log_key: VerifierKey, witnesses: WitnessQuorum | None = None
    ) -> AnswersDirectory:
        """Answers that are in the log of ``log_key``; any others do not count.

        Args:
            path: a directory as the gate released it.
            log_key: published by the custodian.
            witnesses: who must have cosigned; ``None`` where the requester knows no witness.

        Raises:
            ProofError: the proof is missing, does not verify, is of other answers, or too few of the witnesses
                cosigned it; the answers are malformed; or the refusals beside them are others.
        """
        proof = _read(path / PROOF).decode("utf-8", "replace")
        proved = prove_answers(
            _read(path / ANSWERS), proof, log_key, str(path / ANSWERS), str(path / PROOF), witnesses
        )
        if (path / REFUSALS).exists():  # an officer may have been given no more than the own part
            verify_refusals(_read(path / REFUSALS), proved.manifest, str(path / REFUSALS))
        return cls(path, proved)

    def opened_part(self, key: RecipientKey | OpeningKey, certificate: x509.Certificate) -> bytes:
        """The plaintext of the part sealed to the holder of ``key``, as the log's manifest lists it; nothing more.

        Raises:
            EnvelopeError: no part is sealed to the key, or the part is not the one listed (R-40).
        """
        listed = find_part(self.manifest, public_key_sha256(certificate))
        sealed = _read(self.path / listed.file)
        verify_sealed_part(sealed, listed)
        return unseal(sealed, key, certificate)

    def open_part(
        self, key: RecipientKey | OpeningKey, certificate: x509.Certificate, now: datetime
    ) -> AnswerPart:
        """The answers sealed to the holder of ``key``: unexpired, and each the decision that the log holds.

        Raises:
            EnvelopeError: no part is sealed to the key, or the part is not the one listed (R-40).
            ProofError: an answer in it is not the decision that the log holds (R-30).
            RefusedError: the answers have expired (R-41).
        """
        return self.read_part(self.opened_part(key, certificate), certificate, now)

    def read_part(self, plaintext: bytes, certificate: x509.Certificate, now: datetime) -> AnswerPart:
        """The answers of an opened part: unexpired, and each the decision that the log holds.

        Raises:
            EnvelopeError: the bytes are no part, or another than the manifest lists (R-40).
            ProofError: an answer in it is not the decision that the log holds (R-30).
            RefusedError: the answers have expired (R-41).
        """
        listed = find_part(self.manifest, public_key_sha256(certificate))
        part = parse_part(plaintext, listed.file)
        verify_part(part, listed, self.manifest)
        verify_leaves_of_part(part, self.proved, listed.file)
        require_readable(part.header, now)
        return part


def _read(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read()
    except FileNotFoundError as error:
        if path.name == PROOF:
            raise ProofError("The answers have no log proof.", where=str(path)) from error
        raise EnvelopeError("A file of the answers is missing.", where=str(path)) from error
    except NotRegularFileError as error:
        raise EnvelopeError("What is there is not a regular file.", where=str(path)) from error
