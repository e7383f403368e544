"""The throw-away keys of a sandbox: one root, two offices, every officer, and the custodian's secrets."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.files.officers import write_register
from narrowgate.adapters.keys import generate_key_file
from narrowgate.adapters.signing.certificates import (
    certificate_sha256,
    public_key_sha256,
    save_certificates,
    save_key,
)
from narrowgate.adapters.signing.issuing import (
    Credential,
    Validity,
    create_root,
    issue_office,
    issue_officer,
    revocation_list,
)
from narrowgate.core.request.office import Office
from narrowgate.gate.ports import Entropy

SECRETS = ("index", "history", "commitment", "log")
"""One key for each purpose; none of them serves two."""

_FILES_AT_ONCE = 8
"""Each key waits until the disk has it, and a disk takes several in the time of one."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sandbox agreement binds.

    Args:
        root: who issued all of them.
        root_sha256: hex digest of the root certificate.
        office_keys: hex digest of each office's public key.
        signers: each office's key and certificate.
        custodian: signs indexes.
        custody: the three custody officers, who sign charter and acts.
        signatory: signs agreements and registers for the requester.
    """

    root: Credential
    root_sha256: str
    office_keys: dict[Office, str]
    signers: dict[Office, Credential]
    custodian: Credential
    custody: tuple[Credential, ...]
    signatory: Credential


def create_credentials(home: Path, officers: Iterable[str], now: datetime, entropy: Entropy) -> Credentials:
    """Fresh keys in ``home/keys`` and ``home/officers`` and an empty list of revocations, for a year from an hour ago.

    Args:
        home: the world's directory.
        officers: ids to register.
        now: aware UTC time.
        entropy: the randomness of every key.
    """
    credentials = create_offices(home, now, entropy)
    register_officers(home, officers, credentials.root, now, entropy)
    return credentials


def create_offices(home: Path, now: datetime, entropy: Entropy) -> Credentials:
    """As ``create_credentials``, but for the officers, of whom there may be many."""
    validity = _validity(now)
    keys = home / "keys"
    keys.mkdir()
    for name in SECRETS:
        generate_key_file(keys / f"{name}.key", entropy)
    root = create_root("Narrowgate sandbox root", validity, entropy)
    save_certificates(keys / "root.pem", [root.certificate])
    save_key(keys / "root.key.pem", root.key)
    _publish_revocation(home / "revocation", root, validity)
    custodian = _issued(keys, "custodian", root, validity, entropy)
    signers = {}
    for office in Office:
        signers[office] = _issued(keys, office.value, root, validity, entropy)
    custody = tuple(_issued(keys, f"custody-{number}", root, validity, entropy) for number in (1, 2, 3))
    signatory = _issued(keys, "signatory", root, validity, entropy)
    return Credentials(
        root=root,
        root_sha256=certificate_sha256(root.certificate),
        office_keys={office: public_key_sha256(signer.certificate) for office, signer in signers.items()},
        signers=signers,
        custodian=custodian,
        custody=custody,
        signatory=signatory,
    )


def _validity(now: datetime) -> Validity:
    return Validity(now - timedelta(hours=1), now + timedelta(days=366))


def _issued(keys: Path, name: str, root: Credential, validity: Validity, entropy: Entropy) -> Credential:
    """A signer's key and certificate, in files named after the signer."""
    issued = issue_office(root, f"sandbox {name}", validity, entropy)
    _save(keys, name, issued)
    return issued


def _publish_revocation(directory: Path, root: Credential, validity: Validity) -> None:
    """The root's list, on which nobody is named yet."""
    directory.mkdir()
    listed = revocation_list(root, [], validity.not_before, validity)
    (directory / "root.crl").write_bytes(listed.public_bytes(Encoding.DER))


def register_officers(
    home: Path, officers: Iterable[str], root: Credential, now: datetime, entropy: Entropy
) -> None:
    """A key and a certificate for each officer, under numbers: an id may hold what a file name cannot.

    Args:
        home: the world's directory, which gets ``officers``.
        officers: ids to register.
        root: issues the certificates.
        now: aware UTC time.
        entropy: the randomness of every key.
    """
    validity = _validity(now)
    directory = home / "officers"
    directory.mkdir()
    entries = []
    with ThreadPoolExecutor(_FILES_AT_ONCE) as disk:
        saved = []
        for number, officer in enumerate(sorted(set(officers)), 1):
            credential = issue_officer(root, f"sandbox officer {number}", validity, entropy)
            saved.append(disk.submit(_save, directory, str(number), credential))
            entries.append((officer, f"{number}.pem"))
        for each in saved:
            each.result()
    write_register(directory / "officers.csv", entries)


def _save(directory: Path, name: str, credential: Credential) -> None:
    """A key and its certificate, in files of that name."""
    save_key(directory / f"{name}.key.pem", credential.key)
    save_certificates(directory / f"{name}.pem", [credential.certificate])
