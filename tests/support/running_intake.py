"""An intake that listens on loopback in a thread, with throw-away certificates and a clock that the test turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.notice_directory import NoticeDirectory
from narrowgate.adapters.http.mutual_tls import client_context
from narrowgate.adapters.http.tls_server import ConnectionLimits
from narrowgate.adapters.signing.certificates import (
    load_certificates,
    public_key_sha256,
    save_certificates,
    save_key,
)
from narrowgate.adapters.signing.issuing import (
    Credential,
    Validity,
    create_root,
    issue_office,
    issue_tls_client,
    issue_tls_server,
    revocation_list,
)
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.core.agreement.model import Agreement, Release
from narrowgate.core.intake.documents import Terms
from narrowgate.core.request.item import Item
from narrowgate.core.request.manifest import parse_manifest
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.intake_settings import IntakeSettings
from narrowgate.entrypoints.observability.intake_look import intake_look
from narrowgate.entrypoints.observability.look import Tried
from narrowgate.entrypoints.observability.observation import Observation
from narrowgate.entrypoints.web.intake.serve import opened_intake
from support.gate_world import signed_package
from support.release_world import TurnedClock
from support.requests import eligible_item

OFFICE = Office.SECRETARY_OF_HOMELAND_SECURITY
OTHER = next(office for office in Office if office is not OFFICE)
TERMS = Release(("06:00", "18:00"), 30, "UTC", 2)


@dataclass
class RunningIntake:
    """One intake and the hierarchy of its callers.

    Args:
        home: of certificates and directories.
        url: of the intake.
        clock: that it asks.
        root: of the clients.
    """

    home: Path
    url: str
    clock: TurnedClock
    root: Credential
    settings: IntakeSettings | None = None

    def looks(self) -> tuple[Tried, ...]:
        """What its readiness looks at."""
        assert self.settings is not None
        return intake_look(self.settings)

    def issue(
        self, name: str, validity: Validity | None = None, root: Credential | None = None
    ) -> Credential:
        """A client's key and certificate in ``<name>.key.pem`` and ``<name>.pem``."""
        entropy = SeededEntropy(name.encode())
        client = issue_tls_client(root or self.root, name, validity or year(), entropy)
        save_key(self.home / f"{name}.key.pem", client.key)
        save_certificates(self.home / f"{name}.pem", [client.certificate])
        return client

    def client(self, name: str = "ours") -> httpx.Client:
        """A client with the certificate of that name."""
        context = client_context(
            self.home / f"{name}.pem", self.home / f"{name}.key.pem", self.home / "root.pem"
        )
        return httpx.Client(base_url=self.url, verify=context, timeout=20.0, trust_env=False)


@dataclass(frozen=True)
class Sample:
    """A signed package that no test had before."""

    directory: Path
    id: str
    manifest: bytes
    signature: bytes
    rows: bytes

    @property
    def address(self) -> str:
        """Where it is at an intake."""
        return f"/v1/packages/{self.id}"

    def send(self, client: httpx.Client) -> httpx.Response:
        """All of it, handed over."""
        self.begin(client)
        self.append(client, 0, self.rows)
        return client.post(f"{self.address}/arrival")

    def begin(self, client: httpx.Client) -> None:
        """Manifest and signature."""
        for name, data, kind in (
            ("manifest", self.manifest, "application/json"),
            ("signature", self.signature, "application/pkcs7-signature"),
        ):
            sent = client.put(f"{self.address}/{name}", content=data, headers={"content-type": kind})
            assert sent.status_code in {201, 204}, sent.text

    def append(self, client: httpx.Client, offset: int, data: bytes, **headers: str) -> httpx.Response:
        """A part of the rows."""
        given = {"content-type": "application/octet-stream", "upload-offset": str(offset)}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return client.patch(f"{self.address}/rows", content=data, headers=given)


def sample_of(directory: Path, seed: bytes) -> Sample:
    """A package of three items; another seed makes another package."""
    return sample_with(directory, [eligible_item(item=f"i{number}") for number in range(3)], None, seed)


def sample_with(directory: Path, items: Sequence[Item], agreement: Agreement | None, seed: bytes) -> Sample:
    """A package of these items under an agreement, or under the house's."""
    package = signed_package(items, directory, agreement, seed=seed)
    manifest = package.manifest()
    package_id = parse_manifest(manifest, "manifest.json").package_id
    rows = (directory / "rows.ndjson").read_bytes()
    return Sample(directory, package_id, manifest, package.signature(), rows)


def year() -> Validity:
    """Around every day of the tests and of those who run them."""
    return Validity(
        datetime.fromisoformat("2025-01-01T00:00:00Z"), datetime.fromisoformat("2045-01-01T00:00:00Z")
    )


@contextmanager
def running_intake(
    home: Path,
    clock: TurnedClock,
    *,
    limits: ConnectionLimits | None = None,
    terms: Release | None = TERMS,
    requests_per_minute: int = 100_000,
    max_package_bytes: int = 1 << 24,
    max_uploads: int = 1_000,
    observation: Observation | None = None,
) -> Iterator[RunningIntake]:
    """The intake over ``home``; opened again, it goes on from there.

    Its clients: ``ours``, ``theirs``, ``unbound``, ``revoked``, and ``card`` with the certificate of an office's card.
    """
    validity, entropy = year(), SeededEntropy(b"intake")
    root = create_root("intake test root", validity, entropy)
    server = issue_tls_server(root, "intake", ("127.0.0.1", "localhost"), validity, entropy)
    intake = RunningIntake(home, "", clock, root)
    if not (home / "root.pem").exists():
        save_certificates(home / "root.pem", [root.certificate])
        save_certificates(home / "server.pem", [server.certificate])
        save_key(home / "server.key.pem", server.key)
        for name in ("ours", "theirs", "unbound", "revoked"):
            intake.issue(name)
        card = issue_office(root, "card", validity, entropy)
        save_key(home / "card.key.pem", card.key)
        save_certificates(home / "card.pem", [card.certificate])
        (home / "revocation").mkdir()
    bound = {"ours": OFFICE, "theirs": OTHER, "revoked": OFFICE, "card": OFFICE}
    publish(home, root, clock.now())
    notices = NoticeDirectory(home / "notices")
    notices.prepare()
    if terms is not None:
        notices.put_terms(Terms("0" * 64, terms))
    (home / "answers").mkdir(exist_ok=True)
    settings = IntakeSettings(
        listen=("127.0.0.1", 0),
        directory=home / "intake",
        notices=home / "notices",
        answers=home / "answers",
        certificate=home / "server.pem",
        key=home / "server.key.pem",
        client_root=home / "root.pem",
        client_authorities=None,
        revocation=RevocationDirectory(home / "revocation"),
        clients={
            public_key_sha256(_certificate(home / f"{name}.pem")): office for name, office in bound.items()
        },
        max_package_bytes=max_package_bytes,
        max_uploads=max_uploads,
        requests_per_minute=requests_per_minute,
    )
    # A refusal ends its connection, and a test makes more of them than a client does.
    usual = ConnectionLimits(new_per_minute=1_000_000)
    with opened_intake(settings, clock, limits or usual, observation) as (server_, url):
        intake.url, intake.settings = url, settings
        thread = threading.Thread(target=server_.run, daemon=True)
        thread.start()
        try:
            yield intake
        finally:
            server_.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


def publish(home: Path, root: Credential, at: datetime) -> None:
    """A fresh list of the root on which the client ``revoked`` is named."""
    validity = Validity(at - timedelta(hours=1), at + timedelta(days=365))
    named = [_certificate(home / "revoked.pem")]
    listed = revocation_list(root, named, validity.not_before, validity)
    (home / "revocation" / "root.crl").write_bytes(listed.public_bytes(Encoding.DER))


def _certificate(path: Path) -> x509.Certificate:
    return load_certificates(path)[0]
