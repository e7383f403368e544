"""A sandbox world with its services: intake, worker, desk, console, inspector's site; a process each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from narrowgate.adapters.signing.certificates import (
    load_certificates,
    load_key,
    public_key_sha256,
    save_certificates,
    save_key,
)
from narrowgate.adapters.signing.issuing import Credential, Validity, issue_tls_client, issue_tls_server
from narrowgate.core.base.errors import OperationalError
from narrowgate.core.request.office import Office
from narrowgate.gate.ports import Entropy

OFFICE: Final = Office.SECRETARY_OF_HOMELAND_SECURITY
_END_WITHIN: Final = 10
_HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Links:
    """Where the services of a world are; each link opens one browser, once.

    Args:
        intake: address, for 'narrowgate submit' and 'fetch'.
        desk: of the requester's people.
        console: of the custody officers.
        inspect: of an inspector.
    """

    intake: str
    desk: str
    console: str
    inspect: str


@contextmanager
def served(home: Path, now: datetime, entropy: Entropy) -> Iterator[Links]:
    """Every service of a finished world, until the block ends; then all of them are ended.

    Args:
        home: of the world; gets ``tls/`` and ``intake.toml``.
        now: aware UTC time, from which the certificates of the connections hold for a year.
        entropy: of their keys.

    Raises:
        OperationalError: a service did not start.
    """
    write_intake(home, now, entropy)
    tls = home / "tls"
    with ExitStack() as services:
        intake = _started(services, ("serve", "intake", "--config", home / "intake.toml"))["address"]
        # Nobody reads what it writes: a pipe would fill up and stop it.
        _process(services, ("gate", "work", "--config", home), subprocess.DEVNULL)
        places = {
            "--agreement": home / "agreement.toml",
            "--packages": home / "desk-packages",
            "--answers": home / "answers",
            "--log-key": home / "log" / "log.vkey",
            "--officers": home / "officers" / "officers.csv",
            "--root": home / "keys" / "root.pem",
            "--recalls": home / "log",
            "--intake": intake,
            "--client-certificate": tls / "client.pem",
            "--client-key": tls / "client.key.pem",
            "--server-root": home / "keys" / "root.pem",
        }
        desk = _started(services, ("desk", *(part for place in places.items() for part in place)))["link"]
        console = _started(services, ("serve", "console", "--config", home))["link"]
        inspect = _started(services, ("serve", "inspect", home, "--key", home / "log" / "log.vkey"))["link"]
        yield Links(intake, desk, console, inspect)


def write_intake(home: Path, now: datetime, entropy: Entropy) -> None:
    """The world has certificates of a server and of one client of an office, and the settings of an intake."""
    tls = home / "tls"
    tls.mkdir(mode=0o700, exist_ok=True)
    keys = home / "keys"
    root = Credential(load_key(keys / "root.key.pem"), load_certificates(keys / "root.pem")[0])
    validity = Validity(now - timedelta(hours=1), now + timedelta(days=365))
    client = issue_tls_client(root, "sandbox client", validity, entropy)
    for name, made in (
        ("server", issue_tls_server(root, "sandbox intake", [_HOST], validity, entropy)),
        ("client", client),
    ):
        save_key(tls / f"{name}.key.pem", made.key)
        save_certificates(tls / f"{name}.pem", [made.certificate])
    lines = (
        f'listen = "{_HOST}:0"',
        'directory = "intake"',
        'notices = "notices"',
        'answers = "answers"',
        'certificate = "tls/server.pem"',
        'key = "tls/server.key.pem"',
        'client_root = "keys/root.pem"',
        'revocation = "revocation"',
        "revocation_max_age_days = 366",
        "[[client]]",
        f'office = "{OFFICE.value}"',
        f'keys = ["{public_key_sha256(client.certificate)}"]',
    )
    (home / "intake.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _process(
    services: ExitStack, arguments: tuple[object, ...], stdout: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    process = subprocess.Popen(  # noqa: S603 - this program, with arguments of our own
        [sys.executable, "-P", "-m", "narrowgate", *map(str, arguments), "--json"],
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # Ctrl-C is the parent's, which ends them in order
    )
    services.callback(_ended, process)
    return process


def _started(services: ExitStack, arguments: tuple[object, ...]) -> Mapping[str, str]:
    """What a service says of itself once it listens."""
    process = _process(services, arguments)
    said = ""
    while line := process.stdout.readline() if process.stdout else "":
        said += line
        try:
            told: dict[str, str] = json.loads(said)
        except ValueError:
            continue
        return told
    raise OperationalError(
        "A service of the world did not start.",
        why=f"'narrowgate {arguments[0]} {arguments[1]}' ended at once.",
        next_step="Run that command by itself; it says why.",
    )


def _ended(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_END_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
