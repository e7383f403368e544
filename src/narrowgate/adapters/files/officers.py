"""The officers registered with the custodian: a CSV of ids and certificates, answers sealed to each."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from io import TextIOWrapper
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.files.durable_files import failed, write_durably
from narrowgate.adapters.files.regular import open_regular, read_regular
from narrowgate.adapters.sealing.envelope import seal
from narrowgate.adapters.sealing.officer_certificates import OfficerCertificates, loaded_certificate
from narrowgate.adapters.signing.certificates import load_certificates, public_key_sha256
from narrowgate.core.answers.officers_document import officers_document, parse_officers_document
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError, OperationalError
from narrowgate.gate.ports import Entropy

HEADER = ["officer", "certificate"]

_FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class CertifiedRecipient:
    """The holder of a certificate; kept as DER, because an opened certificate cannot pass to another process."""

    certificate: bytes

    def key_sha256(self) -> str:
        """Hex SHA-256 of the certificate's SubjectPublicKeyInfo."""
        return public_key_sha256(_opened(self.certificate))

    def seal(self, plaintext: bytes, entropy: Entropy) -> bytes:
        """The plaintext, readable by the holder alone.

        Raises:
            ConfigurationError: nothing can be sealed to the certificate.
        """
        return seal(plaintext, _opened(self.certificate), entropy)


@lru_cache(maxsize=16)
def _opened(certificate: bytes) -> x509.Certificate:
    """Kept for the next use of the same one, a moment later."""
    return x509.load_der_x509_certificate(certificate)


class OfficerRegister:
    """Officers and their certificates; made by ``load`` from files, by ``as_of`` from a document kept before.

    Args:
        certificates: officer's id to DER.
        archive: directory of the documents that packages were begun with.
    """

    def __init__(self, certificates: Mapping[str, bytes], archive: Path) -> None:
        self._certificates = certificates
        self._archive = archive
        self.document = officers_document(certificates)

    @classmethod
    def load(cls, path: Path, accept: OfficerCertificates, archive: Path) -> OfficerRegister:
        """The register of ``officers.csv``, of which every certificate is accepted.

        Args:
            path: CSV with the columns ``officer`` and ``certificate`` (a PEM file, relative to the CSV; the
                certificates between it and the root may follow in it).
            accept: checks the certificates.
            archive: directory of the documents that packages were begun with.

        Raises:
            ConfigurationError: the file is missing, has other columns or names an officer twice; a certificate is
                missing, not accepted, or has the key of another. The message names each officer and file.
        """
        certificates: dict[str, bytes] = {}
        owners: dict[str, str] = {}
        faults = []
        for officer, name in _read(path).items():
            try:
                certificate = _accepted(path.parent / name, accept, owners)
            except ConfigurationError as error:
                faults.append(f"Officer {officer}, file {name}: {error.what} {error.why}".rstrip())
                continue
            owners[public_key_sha256(certificate)] = officer
            certificates[officer] = certificate.public_bytes(Encoding.DER)
        if faults:
            raise _faulty(faults, str(path))
        return cls(certificates, archive)

    @classmethod
    def of_document(cls, document: bytes, accept: OfficerCertificates, archive: Path) -> OfficerRegister:
        """The register in force, of which every certificate holds now; its paths were looked at when it was drawn up.

        Args:
            document: of the register (``core.answers.officers_document``).
            accept: checks the certificates.
            archive: directory of the documents that packages were begun with.

        Raises:
            ConfigurationError: a certificate does not hold; the message names each officer.
            EnvelopeError: the bytes are no register.
        """
        certificates = parse_officers_document(document, "the register of officers")
        faults = []
        for officer, der in certificates.items():
            try:
                accept.require_holding(loaded_certificate(der))
            except (ConfigurationError, ValueError) as error:
                what = error.what if isinstance(error, ConfigurationError) else "It cannot be read."
                faults.append(f"Officer {officer}: {what}")
        if faults:
            raise _faulty(faults, "the register in force")
        return cls(certificates, archive)

    def registered(self) -> frozenset[str]:
        """Every officer's id."""
        return frozenset(self._certificates)

    def recipient(self, officer: str) -> CertifiedRecipient:
        """The holder of the officer's certificate.

        Raises:
            ConfigurationError: the officer is not registered.
        """
        if officer not in self._certificates:
            raise ConfigurationError(
                "The officer is not registered.",
                next_step="Put the officer into the register with a certificate.",
            )
        return CertifiedRecipient(self._certificates[officer])

    def sha256(self) -> bytes:
        """Digest of the register's document."""
        return sha256(self.document).digest()

    def keep(self) -> None:
        """The document is durable in the archive, under its digest: a package can be begun with it.

        Raises:
            OperationalError: the disk refused.
        """
        path = self._archive / f"{self.sha256().hex()}.json"
        if path.exists():
            return
        try:
            self._archive.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise failed("make the directory", self._archive, error) from error
        write_durably(path, self.document)

    def as_of(self, digest: bytes) -> OfficerRegister:
        """The register of this digest, which a package was begun with; its certificates were accepted then.

        Raises:
            OperationalError: its document is missing from the archive, or was changed.
        """
        if digest == self.sha256():
            return self
        path = self._archive / f"{digest.hex()}.json"
        try:
            data = read_regular(path)
            certificates = parse_officers_document(data, str(path))
        except (OSError, EnvelopeError) as error:
            raise _lost(path) from error
        if sha256(data).digest() != digest:
            raise _lost(path)
        return OfficerRegister(certificates, self._archive)


def registered_ids(path: Path) -> frozenset[str]:
    """Every officer's id in ``officers.csv``, its certificates unread: what the requester needs to lint a file.

    Raises:
        ConfigurationError: the file is missing, has other columns, or names an officer twice.
    """
    return frozenset(_read(path))


def _accepted(path: Path, accept: OfficerCertificates, owners: Mapping[str, str]) -> x509.Certificate:
    chain = load_certificates(path)
    accept.require_good(chain)
    owner = owners.get(public_key_sha256(chain[0]))
    if owner is not None:
        raise ConfigurationError(
            f"Its key is that of officer {owner}, too.",
            next_step="Have a certificate issued for a key of this officer's own.",
        )
    return chain[0]


def _faulty(faults: list[str], where: str) -> ConfigurationError:
    shown = faults[:_FAULTS_SHOWN]
    return ConfigurationError(
        f"The register of officers has {len(faults)} fault(s).",
        why="\n  ".join([*shown, *(["..."] if len(faults) > len(shown) else [])]),
        next_step="Correct each, or take its line out: whose certificate is not accepted is answered nothing.",
        where=where,
    )


def _lost(path: Path) -> OperationalError:
    return OperationalError(
        "The register of officers that the package was begun with cannot be read.",
        why="Its document is missing or was changed, and answers go to the officers of that time.",
        next_step="Restore the file; its name is the SHA-256 of its bytes.",
        where=str(path),
    )


def write_register(path: Path, entries: Iterable[tuple[str, str]]) -> None:
    """Write ``officers.csv``.

    Args:
        path: the file.
        entries: officer ids with the names of certificate files relative to it.

    Raises:
        OperationalError: the disk refused.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows(entries)
    except OSError as error:
        raise failed("write the file", path, error) from error


def _read(path: Path) -> dict[str, str]:
    try:
        with TextIOWrapper(open_regular(path), encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(
            "The register of officers cannot be read.",
            why=type(error).__name__,
            where=str(path),
            next_step="Save the register as CSV in UTF-8 where the gate may read it.",
        ) from error
    if not rows or rows[0] != HEADER:
        raise ConfigurationError(
            f"The register of officers must have the columns {', '.join(HEADER)}.",
            where=str(path),
            next_step="Correct the first line of the register.",
        )
    certificates: dict[str, str] = {}
    for line, row in enumerate(rows[1:], 2):
        if len(row) != len(HEADER) or not all(row) or row[0] in certificates:
            raise ConfigurationError(
                "A line of the register is incomplete, or names an officer twice.",
                where=f"{path}:{line}",
                next_step="Give every officer one line with an id and a certificate.",
            )
        certificates[row[0]] = row[1]
    return certificates
