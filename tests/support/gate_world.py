"""A gate of real parts in a directory of its own, with fixed keys and a fixed clock, over any index."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.checkpoint_file import CheckpointFile
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.files.officers import OfficerRegister
from narrowgate.adapters.files.outbox import DirectoryOutbox
from narrowgate.adapters.files.package_files import PackageDirectory, add_signature
from narrowgate.adapters.files.vault import DirectoryVault
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.sealing.officer_certificates import OfficerCertificates
from narrowgate.adapters.signing.certificates import load_root
from narrowgate.adapters.signing.signature_verifier import RootVerifier
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.adapters.time_zones import time_zone
from narrowgate.adapters.workers import SerialWorkers
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.answers.answer_record import AnswerRecord
from narrowgate.core.log.note import NoteSigner, VerifierKey
from narrowgate.core.request.item import Item
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.requester import (
    AnswersDirectory,
    SigningRequest,
    new_package,
    require_signable,
    sign_package,
)
from narrowgate.entrypoints.sandbox.agreement import default_agreement
from narrowgate.entrypoints.sandbox.credentials import Credentials, create_credentials
from narrowgate.gate.holds import HoldOrder
from narrowgate.gate.ports import ConfirmationIndex, StateStore
from narrowgate.gate.run import Gate, GateKeys, run_package
from support.index_worlds import KEY
from support.requests import NOW, OFFICERS
from support.serial_attendant import SerialAttendant
from support.simulated_tokens import SimulatedTokens

ORIGIN = "narrowgate.sandbox/test"
OFFICE = Office.SECRETARY_OF_HOMELAND_SECURITY


class SilentProgress:
    """Nobody watches."""

    def begin(self, step: str) -> None:
        """Take it."""

    def advance(self, done: int, total: int) -> None:
        """Take it."""


class RecordingProgress(SilentProgress):
    """Keeps the steps in the order in which they began, and how far each said it was."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.advances: list[tuple[str, int, int]] = []

    def begin(self, step: str) -> None:
        """Keep it."""
        self.steps.append(step)

    def advance(self, done: int, total: int) -> None:
        """Keep it."""
        self.advances.append((self.steps[-1], done, total))


@dataclass(frozen=True)
class StateHolds:
    """``HoldOrders`` of a gate without acts: nothing waits, and what its state holds is held."""

    state: StateStore

    def waiting(self) -> list[HoldOrder]:
        """Nothing."""
        return []

    def carry_out(self, order: HoldOrder, now: datetime) -> None:
        """Nothing waits."""

    def holds(self) -> frozenset[str]:
        """As the state says."""
        return self.state.holds()


@dataclass(frozen=True)
class House:
    """Keys that every test gate shares: made once, with fixed randomness, in a directory of the session."""

    home: Path
    credentials: Credentials
    agreement: Agreement


@cache
def house() -> House:
    """The one house of this test run."""
    home = Path(mkdtemp(prefix="narrowgate-house-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    credentials = create_credentials(home, OFFICERS, NOW, SeededEntropy(b"tests"))
    text = render_agreement(default_agreement(credentials, NOW.date())).encode()
    return House(home, credentials, parse_agreement(text, "agreement.toml"))


def with_limits(**limits: int) -> Agreement:
    """The house's agreement with some limits in force."""
    agreement = house().agreement
    text = render_agreement(replace(agreement, limits=replace(agreement.limits, **limits))).encode()
    return parse_agreement(text, "agreement.toml")


_SIGNATURES: dict[bytes, bytes] = {}


def signed_package(
    items: Sequence[Item], directory: Path, agreement: Agreement | None = None, seed: bytes = b"package"
) -> PackageDirectory:
    """A package of the items, signed by the Secretary's office; equal manifests have equal signatures.

    An ECDSA signature has a random part, and the log names its digest: two worlds are compared byte for byte.
    """
    entropy = SeededEntropy(seed)
    new_package(items, directory, agreement or house().agreement, OFFICE, NOW, entropy)
    signer = house().credentials.signers[OFFICE]
    package = PackageDirectory(directory)
    manifest = package.manifest()
    if manifest in _SIGNATURES:
        add_signature(directory, _SIGNATURES[manifest])
    else:
        sign_package(
            require_signable(directory, SigningRequest(KeyInMemory(signer.key, [signer.certificate])), NOW),
            NOW,
        )
        _SIGNATURES[manifest] = package.signature()
    return package


def register(directory: Path) -> OfficerRegister:
    """The house's officers, their register kept below ``directory``."""
    accept = OfficerCertificates(load_root(house().home / "keys" / "root.pem"), NOW)
    return OfficerRegister.load(
        house().home / "officers" / "officers.csv", accept, directory / "vault" / "officers"
    )


@contextmanager
def gate_over(
    directory: Path,
    open_index: Callable[[], ConfirmationIndex],
    agreement: Agreement | None = None,
    now: object = NOW,
) -> Iterator[Gate]:
    """A gate whose log, state and answers lie in ``directory``; opened again, it goes on from there."""
    signer = NoteSigner.ed25519(
        ORIGIN, Ed25519PrivateKey.from_private_bytes(b"log key of the tests 32 bytes ok")
    )
    log_directory = directory / "log"
    keeper = CheckpointFile(directory / "checkpoints")
    log = (
        TileLog.open(log_directory, signer, keeper)
        if log_directory.exists()
        else TileLog.create(log_directory, signer, keeper)
    )
    with log, SqlState.open(f"sqlite:///{directory / 'state.sqlite'}") as state:
        yield Gate(
            clock=FixedClock(now),
            agreement=agreement or house().agreement,
            agreement_in_force=lambda: agreement or house().agreement,
            verifier=RootVerifier(house().home / "keys" / "root.pem"),
            officers=register(directory),
            facilities=frozenset(),
            state=state,
            log=log,
            log_origin=ORIGIN,
            vault=DirectoryVault(directory / "vault", SeededEntropy(b"vault of " + str(now).encode())),
            outbox=DirectoryOutbox(directory / "answers", directory / "staging"),
            hold_orders=StateHolds(state),
            workers=SerialWorkers(),
            open_keys=lambda: GateKeys(
                SimulatedTokens(KEY), history=bytes(range(32)), commitment=bytes(range(1, 33))
            ),
            open_index=lambda _key: open_index(),
            attendant=SerialAttendant(),
            time_zone=time_zone,
            cosigned=lambda: None,
            recalled=frozenset,
        )


def run(
    items: Sequence[Item], directory: Path, index: ConfirmationIndex, agreement: Agreement | None = None
) -> bytes:
    """The receipt of one package over one index, in a fresh gate in ``directory``."""
    package = signed_package(items, directory / "package", agreement)
    with gate_over(directory, lambda: index, agreement) as gate:
        return run_package(gate, package, SilentProgress())


def opened_records(directory: Path, officer_number: int = 1) -> list[AnswerRecord]:
    """Every record that one officer opens from the only package answered in ``directory``."""
    (answers,) = (path for path in (directory / "answers").iterdir() if path.is_dir())
    key = VerifierKey.parse((directory / "log" / "log.vkey").read_text().rstrip("\n"))
    from narrowgate.adapters.signing.certificates import load_certificates, load_key

    officers = house().home / "officers"
    part = AnswersDirectory.verified(answers, key).open_part(
        load_key(officers / f"{officer_number}.key.pem"),
        load_certificates(officers / f"{officer_number}.pem")[0],
        NOW,
    )
    return list(part.records)


def everything_outgoing(directory: Path) -> dict[str, bytes]:
    """Every file that leaves the gate or that an inspector sees, by name: log, answers, receipt, refusals."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for part in ("log", "answers")
        for path in sorted((directory / part).rglob("*"))
        if path.is_file()
    }
