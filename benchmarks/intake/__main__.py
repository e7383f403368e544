"""Uploads and status calls with and without hostile clients; see README.md."""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.http.intake_client import IntakeAddress, IntakeClient
from narrowgate.adapters.http.mutual_tls import client_context
from narrowgate.adapters.signing.certificates import public_key_sha256, save_certificates, save_key
from narrowgate.adapters.signing.issuing import Validity, create_root, issue_tls_client, issue_tls_server
from narrowgate.core.request.manifest import ATTESTATIONS, Manifest, Rows, manifest_bytes
from narrowgate.core.request.office import Office

FORK = multiprocessing.get_context("fork")
UPLOADS = 4
STATUS_SECONDS = 0.05
OURS, THEIRS = tuple(Office)
HOST = "127.0.0.1"
HOSTILE_FROM = "127.0.0.2"


@dataclass
class Hostile:
    """Connections that do harm as well as they can, from an address and in a process of their own."""

    home: Path
    port: int
    connections: int
    stop: Any = field(default_factory=FORK.Event)
    ended: Any = field(default_factory=lambda: FORK.Value("i", 0))

    def work(self) -> None:
        """All of them, until stopped."""
        threads = [
            threading.Thread(target=self.run, args=(kind,), daemon=True) for kind in range(self.connections)
        ]
        for one in threads:
            one.start()
        self.stop.wait()

    def run(self, kind: int) -> None:
        """One connection after the other, until stopped."""
        acts = (self.silent, self.slow_head, self.slow_body, self.endless, self.stranger)
        while not self.stop.is_set():
            with suppress(OSError):
                acts[kind % len(acts)]()
            with self.ended.get_lock():
                self.ended.value += 1
            time.sleep(0.05)

    def connect(self) -> socket.socket:
        return socket.create_connection((HOST, self.port), 10, source_address=(HOSTILE_FROM, 0))

    def tls(self) -> ssl.SSLSocket:
        context = client_context(
            self.home / "theirs.pem", self.home / "theirs.key.pem", self.home / "root.pem"
        )
        return context.wrap_socket(self.connect(), server_hostname=HOST)

    def silent(self) -> None:
        with self.connect() as one:
            one.recv(1)

    def drip(self, head: bytes) -> None:
        with self.tls() as one:
            one.sendall(head)
            while not self.stop.is_set():
                one.sendall(b"x")
                time.sleep(0.2)

    def slow_head(self) -> None:
        self.drip(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\nX-Slow: ")

    def slow_body(self) -> None:
        self.drip(
            b"PUT /v1/packages/p-slow-body/manifest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 16000\r\n\r\n"
        )

    def endless(self) -> None:
        with self.tls() as one:
            one.sendall(
                b"PUT /v1/packages/p-endless/manifest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n"
            )
            while not self.stop.is_set():
                one.sendall(b"10000\r\n" + bytes(65_536) + b"\r\n")

    def stranger(self) -> None:
        context = ssl.create_default_context(cafile=str(self.home / "root.pem"))
        with context.wrap_socket(self.connect(), server_hostname=HOST) as one:
            one.recv(1)


def prepare(home: Path) -> None:
    """Certificates and settings."""
    now, entropy = SystemClock().now(), SystemEntropy()
    validity = Validity(now - timedelta(hours=1), now + timedelta(days=2))
    root = create_root("load root", validity, entropy)
    save_certificates(home / "root.pem", [root.certificate])
    issued = {"server": issue_tls_server(root, "server", (HOST,), validity, entropy)}
    issued |= {
        name: issue_tls_client(root, name, validity, entropy) for name in ("ours", "theirs", "watcher")
    }
    for name, one in issued.items():
        save_certificates(home / f"{name}.pem", [one.certificate])
        save_key(home / f"{name}.key.pem", one.key)
    clients = "".join(
        f'[[client]]\noffice = "{office}"\nkeys = ["{public_key_sha256(issued[name].certificate)}"]\n'
        for name, office in (("ours", OURS), ("theirs", THEIRS), ("watcher", THEIRS))
    )
    (home / "intake.toml").write_text(
        'listen = "127.0.0.1:0"\nsandbox = true\ndirectory = "intake"\nnotices = "notices"\nanswers = "answers"\n'
        'certificate = "server.pem"\nkey = "server.key.pem"\nclient_root = "root.pem"\n'
        f"max_uploads = 100\nrequests_per_minute = 100000\n{clients}"
    )


def package(directory: Path, megabytes: int, number: int) -> str:
    """A package whose rows are so long; the intake looks at nothing but their digest."""
    directory.mkdir()
    digest = hashlib.sha256()
    with (directory / "rows.ndjson").open("wb") as file:
        for _ in range(megabytes):
            piece = os.urandom(1 << 20)
            digest.update(piece)
            file.write(piece)
    now = SystemClock().now()
    package_id = f"p-load-{os.getpid()}-{number}"
    manifest = Manifest(
        package_id,
        "0" * 32,
        "0" * 64,
        OURS,
        now,
        now + timedelta(days=1),
        tuple(ATTESTATIONS),
        Rows(megabytes, megabytes << 20, digest.hexdigest(), "0" * 64),
    )
    (directory / "manifest.json").write_bytes(manifest_bytes(manifest))
    (directory / "manifest.json.p7s").write_bytes(b"signature")
    return package_id


def upload(home: Path, url: str, directory: Path, took: list[float]) -> None:
    """One upload, timed."""
    address = IntakeAddress(url, home / "ours.pem", home / "ours.key.pem", home / "root.pem")
    began = time.perf_counter()
    with IntakeClient(address, time.sleep) as client:
        client.submit(directory, lambda *_: None)
    took.append(time.perf_counter() - began)


def watch(home: Path, url: str, times: list[float], stop: threading.Event) -> None:
    """Status calls of the other office, each timed."""
    context = client_context(home / "watcher.pem", home / "watcher.key.pem", home / "root.pem")
    with httpx.Client(base_url=url, verify=context, timeout=30, trust_env=False) as client:
        while not stop.wait(STATUS_SECONDS):
            began = time.perf_counter()
            client.get("/v1/openapi.json").raise_for_status()
            times.append(time.perf_counter() - began)


def measured(home: Path, url: str, megabytes: int, hostile: int, first: int) -> dict[str, float]:
    """One round."""
    directories = [home / f"package-{first + number}" for number in range(UPLOADS)]
    for number, directory in enumerate(directories, first):
        package(directory, megabytes, number)
    harm = Hostile(home, int(url.rpartition(":")[2]), hostile)
    harming = FORK.Process(target=harm.work, daemon=True)
    harming.start()
    time.sleep(1.0 if hostile else 0.0)
    times: list[float] = []
    took: list[float] = []
    stop = threading.Event()
    watching = threading.Thread(target=watch, args=(home, url, times, stop))
    uploads = [threading.Thread(target=upload, args=(home, url, one, took)) for one in directories]
    began = time.perf_counter()
    for one in (watching, *uploads):
        one.start()
    for one in uploads:
        one.join()
    seconds = time.perf_counter() - began
    stop.set()
    harm.stop.set()
    watching.join()
    harming.join()
    times.sort()
    return {
        "uploads done": len(took),
        "MB/s": UPLOADS * megabytes / seconds,
        "status median ms": statistics.median(times) * 1000,
        "status 99 % ms": times[int(len(times) * 0.99)] * 1000,
        "status longest ms": times[-1] * 1000,
        "status calls": len(times),
        "hostile ended": harm.ended.value,
    }


def peak_mb(process: subprocess.Popen[str]) -> float:
    """Highest resident memory of the server so far."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> None:
    """Both rounds, as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=64)
    parser.add_argument("--hostile", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        prepare(home)
        command = [sys.executable, "-m", "narrowgate", "serve", "intake", "--config", str(home)]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            lines = server.stderr or ()
            url = next(word.rstrip(".") for line in lines for word in line.split() if "https:" in word)
            for title, hostile, first in (("alone", 0, 0), ("with hostile clients", options.hostile, 100)):
                figures = measured(home, url, options.megabytes, hostile, first)
                told = ", ".join(f"{key} {value:,.1f}" for key, value in figures.items())
                print(f"{title}: {told}, server peak MB {peak_mb(server):,.0f}")
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    main()
