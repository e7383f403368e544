"""The officers registered with the custodian: a CSV of ids and certificates, answers sealed to each."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.files.durable_files import failed
from narrowgate.adapters.sealing.envelope import seal
from narrowgate.adapters.signing.certificates import load_certificates, public_key_sha256
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.gate.ports import Entropy

HEADER = ["officer", "certificate"]


@dataclass(frozen=True, slots=True)
class CertifiedRecipient:
    """The holder of a certificate; kept as DER, because an opened certificate cannot pass to another process."""

    certificate: bytes

    def key_sha256(self) -> str:
        """Hex SHA-256 of the certificate's SubjectPublicKeyInfo."""
        return public_key_sha256(x509.load_der_x509_certificate(self.certificate))

    def seal(self, plaintext: bytes, entropy: Entropy) -> bytes:
        """The plaintext, readable by the holder alone.

        Raises:
            ConfigurationError: nothing can be sealed to the certificate.
        """
        return seal(plaintext, x509.load_der_x509_certificate(self.certificate), entropy)


class OfficerRegister:
    """Read once from ``officers.csv``; a certificate is read when something is sealed to it.

    Args:
        path: CSV with the columns ``officer`` and ``certificate`` (a PEM file, relative to the CSV).

    Raises:
        ConfigurationError: the file is missing, has other columns, or names an officer twice.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._certificates = _read(path)

    def registered(self) -> frozenset[str]:
        """Every officer's id."""
        return frozenset(self._certificates)

    def recipient(self, officer: str) -> CertifiedRecipient:
        """The holder of the officer's certificate.

        Raises:
            ConfigurationError: the officer is not registered, or the file holds no certificate.
        """
        if officer not in self._certificates:
            raise ConfigurationError("The officer is not registered.", where=str(self._path))
        certificate = load_certificates(self._path.parent / self._certificates[officer])[0]
        return CertifiedRecipient(certificate.public_bytes(Encoding.DER))


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
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(
            "The register of officers cannot be read.", why=type(error).__name__, where=str(path)
        ) from error
    if not rows or rows[0] != HEADER:
        raise ConfigurationError(
            f"The register of officers must have the columns {', '.join(HEADER)}.", where=str(path)
        )
    certificates: dict[str, str] = {}
    for line, row in enumerate(rows[1:], 2):
        if len(row) != len(HEADER) or not all(row) or row[0] in certificates:
            raise ConfigurationError(
                "A line of the register is incomplete, or names an officer twice.", where=f"{path}:{line}"
            )
        certificates[row[0]] = row[1]
    return certificates
