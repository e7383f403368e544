"""The officers registered with the custodian: a CSV of ids and certificates, answers sealed to each."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509

from narrowgate.adapters.certificates import load_certificates, public_key_sha256
from narrowgate.adapters.durable_files import failed
from narrowgate.adapters.sealing import seal
from narrowgate.core.errors import ConfigurationError
from narrowgate.gate.ports import Entropy

HEADER = ["officer", "certificate"]


class OfficerRegister:
    """Read once from ``officers.csv``; a certificate is opened when something is sealed to it.

    Args:
        path: CSV with the columns ``officer`` and ``certificate`` (a PEM file, relative to the CSV).

    Raises:
        ConfigurationError: the file is missing, has other columns, or names an officer twice.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._certificates = _read(path)
        self._opened: dict[str, x509.Certificate] = {}

    def registered(self) -> frozenset[str]:
        """Every officer's id."""
        return frozenset(self._certificates)

    def recipient_key_sha256(self, officer: str) -> str:
        """Hex SHA-256 of the key that the officer's answers are sealed to.

        Raises:
            ConfigurationError: the officer is not registered, or the file holds no certificate.
        """
        return public_key_sha256(self.certificate(officer))

    def seal(self, officer: str, plaintext: bytes, entropy: Entropy) -> bytes:
        """The plaintext, readable by that officer alone.

        Raises:
            ConfigurationError: the officer is not registered, or nothing can be sealed to the certificate.
        """
        return seal(plaintext, self.certificate(officer), entropy)

    def certificate(self, officer: str) -> x509.Certificate:
        """The officer's certificate.

        Raises:
            ConfigurationError: the officer is not registered, or the file holds no certificate.
        """
        if officer not in self._certificates:
            raise ConfigurationError("The officer is not registered.", where=str(self._path))
        if officer not in self._opened:
            self._opened[officer] = load_certificates(self._path.parent / self._certificates[officer])[0]
        return self._opened[officer]


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
