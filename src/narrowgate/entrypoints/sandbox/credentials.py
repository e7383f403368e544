"""The throw-away keys of a sandbox: one root, two offices, every officer, and the custodian's secrets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.files.officers import write_register
from narrowgate.adapters.keys import generate_key_file
from narrowgate.adapters.signing.certificates import (
    Credential,
    Validity,
    certificate_sha256,
    create_root,
    issue_office,
    issue_officer,
    public_key_sha256,
    revocation_list,
    save_certificates,
    save_key,
)
from narrowgate.core.request.office import Office
from narrowgate.gate.ports import Entropy

SECRETS = ("index", "history", "commitment", "log")
"""One key for each purpose; none of them serves two."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sandbox agreement binds.

    Args:
        root_sha256: hex digest of the root certificate.
        office_keys: hex digest of each office's public key.
        signers: each office's key and certificate.
        custodian: signs indexes.
    """

    root_sha256: str
    office_keys: dict[Office, str]
    signers: dict[Office, Credential]
    custodian: Credential


def create_credentials(home: Path, officers: Iterable[str], now: datetime, entropy: Entropy) -> Credentials:
    """Fresh keys in ``home/keys`` and ``home/officers`` and an empty list of revocations, for a year from an hour ago.

    Args:
        home: the world's directory.
        officers: ids to register.
        now: aware UTC time.
        entropy: the randomness of every key.
    """
    validity = Validity(now - timedelta(hours=1), now + timedelta(days=366))
    keys = home / "keys"
    keys.mkdir()
    for name in SECRETS:
        generate_key_file(keys / f"{name}.key", entropy)
    root = create_root("Narrowgate sandbox root", validity, entropy)
    save_certificates(keys / "root.pem", [root.certificate])
    save_key(keys / "root.key.pem", root.key)
    _publish_revocation(home / "revocation", root, validity)
    custodian = issue_office(root, "sandbox custodian", validity, entropy)
    save_key(keys / "custodian.key.pem", custodian.key)
    save_certificates(keys / "custodian.pem", [custodian.certificate])
    signers = {}
    for office in Office:
        signer = issue_office(root, f"sandbox {office.value}", validity, entropy)
        save_key(keys / f"{office.value}.key.pem", signer.key)
        save_certificates(keys / f"{office.value}.pem", [signer.certificate])
        signers[office] = signer
    _register(home / "officers", officers, root, validity, entropy)
    return Credentials(
        root_sha256=certificate_sha256(root.certificate),
        office_keys={office: public_key_sha256(signer.certificate) for office, signer in signers.items()},
        signers=signers,
        custodian=custodian,
    )


def _publish_revocation(directory: Path, root: Credential, validity: Validity) -> None:
    """The root's list, on which nobody is named yet."""
    directory.mkdir()
    listed = revocation_list(root, [], validity.not_before, validity)
    (directory / "root.crl").write_bytes(listed.public_bytes(Encoding.DER))


def _register(
    directory: Path, officers: Iterable[str], root: Credential, validity: Validity, entropy: Entropy
) -> None:
    """A key and a certificate for each officer, under numbers: an id may hold what a file name cannot."""
    directory.mkdir()
    entries = []
    for number, officer in enumerate(sorted(set(officers)), 1):
        credential = issue_officer(root, f"sandbox officer {number}", validity, entropy)
        save_key(directory / f"{number}.key.pem", credential.key)
        save_certificates(directory / f"{number}.pem", [credential.certificate])
        entries.append((officer, f"{number}.pem"))
    write_register(directory / "officers.csv", entries)
