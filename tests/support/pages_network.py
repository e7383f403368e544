"""Pages that a command serves on loopback with mutual TLS, and the certificates of everybody who tries to see them."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.http.mutual_tls import client_context
from narrowgate.adapters.signing.certificates import public_key_sha256, save_certificates, save_key
from narrowgate.adapters.signing.issuing import (
    Credential,
    Validity,
    create_root,
    issue_office,
    issue_tls_client,
    issue_tls_server,
    revocation_list,
)

BOUND = ("custody-1", "custody-2", "operator-1", "revoked", "expired", "stranger", "card")
"""Names with a certificate whose key the settings bind; ``unbound`` has one that they do not."""


@dataclass(frozen=True)
class PagesNetwork:
    """Where pages are served, and the certificates.

    Args:
        home: of certificates and settings.
        origin: of the pages.
    """

    home: Path
    origin: str

    def context(self, name: str) -> ssl.SSLContext:
        """What shows the certificate of that name."""
        return client_context(
            self.home / f"{name}.pem", self.home / f"{name}.key.pem", self.home / "root.pem"
        )

    def client(self, name: str) -> httpx.Client:
        """A browser, as far as headers go, with the certificate of that name."""
        return httpx.Client(
            base_url=self.origin,
            verify=self.context(name),
            headers={"Origin": self.origin},
            timeout=60,
            trust_env=False,
        )

    def answer_to(self, name: str, request: bytes) -> bytes:
        """Everything that is answered to these bytes until the connection is closed, or two seconds are silent."""
        host, port = self.origin.removeprefix("https://").split(":")
        received = b""
        plain = socket.create_connection((host, int(port)), 10)
        with self.context(name).wrap_socket(plain, server_hostname=host) as tls:
            tls.settimeout(2)
            with suppress(OSError):
                tls.sendall(request)
                while piece := tls.recv(65_536):
                    received += piece
        return received


def pages_files(home: Path) -> Path:
    """Certificates, a fresh revocation list and ``pages.toml``; the path of the settings."""
    home.mkdir()
    now, entropy = SystemClock().now().replace(microsecond=0), SeededEntropy(b"pages")
    year = Validity(now - timedelta(days=2), now + timedelta(days=365))
    past = Validity(now - timedelta(days=2), now - timedelta(days=1))
    root = create_root("pages test root", year, entropy)
    other = create_root("another root", year, entropy)
    clients: dict[str, Credential] = {
        name: issue_tls_client(
            other if name == "stranger" else root, name, past if name == "expired" else year, entropy
        )
        for name in (*BOUND, "unbound")
    }
    clients["card"] = issue_office(root, "card", year, entropy)
    server = issue_tls_server(root, "pages", ("127.0.0.1",), year, entropy)
    for name, made in {**clients, "server": server}.items():
        save_key(home / f"{name}.key.pem", made.key)
        save_certificates(home / f"{name}.pem", [made.certificate])
    save_certificates(home / "root.pem", [root.certificate])
    (home / "revocation").mkdir()
    listed = revocation_list(root, [clients["revoked"].certificate], now, Validity(now, year.not_after))
    (home / "revocation" / "root.crl").write_bytes(listed.public_bytes(Encoding.DER))
    lines = [
        'listen = "127.0.0.1:0"',
        'names = ["127.0.0.1", "console.example"]',
        'certificate = "server.pem"',
        'key = "server.key.pem"',
        'client_root = "root.pem"',
        'revocation = "revocation"',
    ]
    for name in BOUND:
        key = public_key_sha256(clients[name].certificate)
        lines += ["[[client]]", f'person = "{name}"', f'keys = ["{key}"]']
    (home / "pages.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return home / "pages.toml"


@contextmanager
def pages_network(settings: Path, at: Path, *arguments: object) -> Iterator[PagesNetwork]:
    """A command that serves pages by these settings, in a process of its own, until the block ends.

    Args:
        settings: ``pages.toml``.
        at: working directory.
        arguments: of the command, ``--pages`` left out.
    """
    command = [
        sys.executable,
        "-m",
        "narrowgate",
        *map(str, arguments),
        "--pages",
        str(settings),
        "--json",
    ]
    with subprocess.Popen(command, cwd=at, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        try:
            while line := process.stdout.readline():
                said += line
                with suppress(ValueError):
                    yield PagesNetwork(settings.parent, json.loads(said)["address"])
                    break
        finally:  # a test that fails would wait for it for ever
            process.terminate()
            process.communicate(timeout=20)
    assert process.returncode == 0
