"""The directory of revocation evidence: lists and stored OCSP answers that something else fetches, read anew each time.

The gate opens no connection. A timer puts what the authorities publish into one directory; what lies there is
evidence only once its signature, authority and age have been verified (``revocation``).

    *.crl                 a certificate revocation list, DER or PEM (RFC 5280 section 5)
    *.ocsp                an OCSP response, DER (RFC 6960 section 4.2)
    *.pem, *.crt, *.cer   certificates of those who sign lists or answers for an authority

Names that begin with a dot and names with other endings are left alone, so that a file can be fetched under such a
name and renamed when it is whole.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from asn1crypto import crl, ocsp, pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from narrowgate.adapters.files.regular import read_regular
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.system_errors import refused_by_system

MAX_AGE: Final = timedelta(days=7)
"""How old a list may be where the settings name no other age, whatever its own next update says."""

MAX_FILE_BYTES: Final = 1 << 26
MAX_FILES: Final = 512

_CERTIFICATES: Final = frozenset({".pem", ".crt", ".cer"})


@dataclass(frozen=True, slots=True)
class RevocationEvidence:
    """Lists, stored OCSP answers and the certificates of those who sign them; nothing of it is verified yet.

    Args:
        lists: revocation lists.
        answers: successful OCSP responses.
        certificates: of those who sign lists or answers for an authority, and those between them and the root.
        max_age: how long after its ``thisUpdate`` a list or an answer may be used.
        where: the directory, for messages; empty where there is none.
    """

    lists: tuple[crl.CertificateList, ...]
    answers: tuple[ocsp.OCSPResponse, ...] = ()
    certificates: tuple[asn1_x509.Certificate, ...] = ()
    max_age: timedelta = MAX_AGE
    where: str = ""


@dataclass(frozen=True, slots=True)
class RevocationDirectory:
    """Reads the evidence of one directory.

    Args:
        path: the directory.
        max_age: how long after its ``thisUpdate`` a list or an answer may be used.
    """

    path: Path
    max_age: timedelta = MAX_AGE

    def read(self) -> RevocationEvidence:
        """Everything that lies in the directory now.

        Raises:
            ConfigurationError: it is no directory, holds more than 512 files, or a file in it is not what
                its name says.
            OperationalError: the disk refused.
        """
        lists: list[crl.CertificateList] = []
        answers: list[ocsp.OCSPResponse] = []
        certificates: list[asn1_x509.Certificate] = []
        for path in self.files():
            suffix = path.suffix.lower()
            data = _read(path)
            try:
                if suffix == ".crl":
                    lists.append(_whole(crl.CertificateList, _unarmored(data)[0]))
                elif suffix == ".ocsp":
                    answers.append(_successful(data))
                else:
                    certificates += [_whole(asn1_x509.Certificate, each) for each in _unarmored(data)]
            except (ValueError, TypeError, IndexError) as error:
                raise ConfigurationError(
                    "A file in the revocation directory is not what its name says.",
                    why="A list that cannot be read could be the one on which a stolen card is named.",
                    next_step="Fetch it again under another name, verify it, and rename it.",
                    where=str(path),
                ) from error
        return RevocationEvidence(
            tuple(lists), tuple(answers), tuple(certificates), self.max_age, str(self.path)
        )

    def files(self) -> list[Path]:
        """The files that are read, by name.

        Raises:
            ConfigurationError: it is no directory, or holds more than 512 of them.
            OperationalError: the disk refused.
        """
        if not self.path.is_dir():
            raise ConfigurationError(
                "The revocation directory is missing.",
                why="Without it nothing tells whether a card was reported stolen.",
                next_step="Make it and fill it: 'narrowgate docs revocation'.",
                where=str(self.path),
            )
        try:
            found = sorted(each for each in self.path.iterdir() if _is_evidence(each))
        except OSError as error:
            raise refused_by_system(
                error, "The revocation directory cannot be read.", where=str(self.path)
            ) from error
        if len(found) > MAX_FILES:
            raise ConfigurationError(
                f"The revocation directory holds more than {MAX_FILES} files.",
                next_step="Keep the newest list of each authority, and remove the others.",
                where=str(self.path),
            )
        return found


def this_update(certificate_list: crl.CertificateList) -> datetime:
    """When the list was issued, UTC."""
    return cast("datetime", certificate_list["tbs_cert_list"]["this_update"].native)


def next_update(certificate_list: crl.CertificateList) -> datetime | None:
    """When the list's issuer promises the next one, UTC; ``None`` where it promises none."""
    return cast("datetime | None", certificate_list["tbs_cert_list"]["next_update"].native)


def revoked_serial_numbers(evidence: RevocationEvidence) -> frozenset[tuple[bytes, int]]:
    """Issuer (DER) and serial number of whatever any list names; nothing is verified: it can only make less hold.

    An entry of an indirect list counts for the issuer that it names and for the list's own.
    """
    named: set[tuple[bytes, int]] = set()
    for each in evidence.lists:
        read = x509.load_der_x509_crl(each.dump())
        for entry in read:
            if _is_released(entry):
                continue
            named.add((read.issuer.public_bytes(), entry.serial_number))
            for issuer in _entry_issuers(entry):
                named.add((issuer, entry.serial_number))
    return frozenset(named)


def is_named_by_answer(certificate: x509.Certificate, evidence: RevocationEvidence) -> bool:
    """Whether any stored OCSP answer calls the certificate revoked; nothing is verified: it can only make less hold."""
    issuer = certificate.issuer.public_bytes()
    for response in evidence.answers:
        for single in response.basic_ocsp_response["tbs_response_data"]["responses"]:
            named = single["cert_id"]
            digest = hashlib.new(named["hash_algorithm"]["algorithm"].native, issuer).digest()
            same = named["serial_number"].native == certificate.serial_number
            if (
                single["cert_status"].name == "revoked"
                and same
                and named["issuer_name_hash"].native == digest
            ):
                return True
    return False


def _is_released(entry: x509.RevokedCertificate) -> bool:
    """Whether a delta list takes the entry out of the list that it changes."""
    return any(
        isinstance(each.value, x509.CRLReason) and each.value.reason is x509.ReasonFlags.remove_from_crl
        for each in entry.extensions
    )


def _entry_issuers(entry: x509.RevokedCertificate) -> list[bytes]:
    return [
        name.value.public_bytes()
        for each in entry.extensions
        if isinstance(each.value, x509.CertificateIssuer)
        for name in each.value
        if isinstance(name, x509.DirectoryName)
    ]


def _is_evidence(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix.lower() in {".crl", ".ocsp", *_CERTIFICATES}


def _read(path: Path) -> bytes:
    try:
        return read_regular(path, MAX_FILE_BYTES)
    except OSError as error:
        raise refused_by_system(
            error, "A file in the revocation directory cannot be read.", where=str(path)
        ) from error


def _unarmored(data: bytes) -> list[bytes]:
    if not pem.detect(data):
        return [data]
    return [der for _, _, der in pem.unarmor(data, multiple=True)]


def _whole(kind: type[Any], der: bytes) -> Any:
    """The value, every field of which can be read: asn1crypto puts reading off until a field is looked at."""
    value = kind.load(der, strict=True)
    body = value["tbs_cert_list" if kind is crl.CertificateList else "tbs_certificate"]
    for name in ("issuer", "this_update") if kind is crl.CertificateList else ("issuer", "subject"):
        if body[name].native is None:
            raise ValueError("a field is missing")
    return value


def _successful(data: bytes) -> ocsp.OCSPResponse:
    response = ocsp.OCSPResponse.load(data, strict=True)
    if response["response_status"].native != "successful":
        raise ValueError("not a successful response")
    if not response.basic_ocsp_response["tbs_response_data"]["responses"]:
        raise ValueError("nothing is answered")
    return response
