"""A release desk over a real log and outbox, with a clock that the test turns; packages are decided by decree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.files.outbox import DirectoryOutbox
from narrowgate.adapters.time_zones import time_zone
from narrowgate.core.agreement.model import Agreement, Limits, Release
from narrowgate.core.eligibility.history.charges import Charges
from narrowgate.core.log.leaf import PackageDecided, PackageReceived
from narrowgate.core.log.note import NoteSigner
from narrowgate.gate.package_ports import SignerIdentity
from narrowgate.gate.ports import PackageStart, PlannedRelease
from narrowgate.gate.release import ReleaseDesk
from narrowgate.gate.start import Start, start_bytes
from narrowgate.gate.step_07_history import examine_history
from narrowgate.verify.ledger import Ledger
from support.gate_world import house
from support.given_holds import GivenHolds
from support.governance import ActLeaves
from support.history_items import keys_of
from support.simulated_state import SimulatedState

OFFICE = "secretary_of_homeland_security"
ZONE = "America/New_York"
FILES = {"answers.json": b"{}", "a.p7m": b"sealed"}
SIGNER = NoteSigner.ed25519(
    "narrowgate.sandbox/release", Ed25519PrivateKey.from_private_bytes(b"release key of tests 32 bytes ok")
)


@dataclass
class TurnedClock:
    """Shows what the test sets."""

    at: datetime

    def now(self) -> datetime:
        """The time set last."""
        return self.at


def scheduled(*times: str, hours: int = 1, days: int = 30) -> Agreement:
    """The house's agreement with a schedule in New York."""
    return replace(house().agreement, release=Release(times, days, ZONE, hours))


@contextmanager
def desk_over(
    home: Path, agreement: Agreement, clock: TurnedClock, state: SimulatedState
) -> Iterator[ReleaseDesk]:
    """A desk whose log and answers lie in ``home``; opened again, it goes on from there."""
    directory = home / "log"
    begun = directory.exists()
    with (TileLog.open if begun else TileLog.create)(directory, SIGNER) as log:
        if not begun:
            acts, digest = ActLeaves(), bytes(32).hex()
            log.append([acts.charter, *acts.in_force(digest, digest)])
            log.integrate()
        yield ReleaseDesk(
            clock=clock,
            state=state,
            log=log,
            outbox=DirectoryOutbox(home / "answers", home / "staging"),
            hold_orders=GivenHolds(home / "holds", log),
            agreement_in_force=lambda: agreement,
            time_zone=time_zone,
            cosigned=lambda: None,
            recalled=frozenset,
        )


def decide(
    desk: ReleaseDesk,
    package_id: str,
    took: timedelta = timedelta(0),
    office: str = OFFICE,
    signer: str = "",
) -> PlannedRelease:
    """A package received now and decided after so long: logged, charged, sealed, and waiting for its slot.

    Args:
        desk: releases it.
        package_id: of the package.
        took: from its receipt to its decision.
        office: whose package it is.
        signer: hex SHA-256 of the key that signed it; else the first key of the office.
    """
    received = desk.clock.now()
    agreement = desk.agreement_in_force()
    slot = desk.schedule(agreement).slot_of(received)
    digest = bytes(32)
    ready = received + took
    key = signer or next(one.keys[0].sha256 for one in agreement.offices if one.role == office)
    begun = Start(
        digest.hex(),
        agreement.digest,
        digest.hex(),
        digest.hex(),
        SignerIdentity(key, digest.hex()),
        received,
        0,
        slot,
    )
    desk.state.begin_package(PackageStart(package_id, b"m", office, 0, received.date(), start_bytes(begun)))
    desk.log.append(
        [
            PackageReceived(
                package_id, digest, digest, digest, digest, 0, digest, office, digest, slot, received
            ).leaf(),
            PackageDecided(package_id, 0, 0, {}, digest, "2026-01-a", "2025-12-31", digest, received).leaf(),
        ]
    )
    desk.log.integrate()
    staging = desk.outbox.stage(package_id)
    for name, data in FILES.items():
        staging.put(name, data)
    staging.finish()
    expires = slot + timedelta(days=agreement.release.answers_expire_days)
    release = PlannedRelease(package_id, office, agreement.digest, slot, ready, expires)
    desk.state.commit_package(package_id, b"m", b"receipt", "term", no_charges(), desk.log.size(), release)
    return release


def no_charges() -> Charges:
    """Nothing is charged."""
    lifted = Limits(None, None, None, None, None, None, None, None)
    return examine_history(keys_of(()), lifted, "term", SimulatedState()).charges


def verified(desk: ReleaseDesk) -> Ledger:
    """What an inspector reads from the log, which contradicts itself nowhere."""
    ledger = Ledger()
    for index, leaf in enumerate(desk.log.leaves(0, desk.log.size())):
        ledger.take(index, leaf)
    return ledger


def in_place(home: Path) -> dict[str, datetime]:
    """What anyone sees in the outbox: each package, and the one time that its files have."""
    found = {}
    for directory in (home / "answers").iterdir():
        times = {path.stat().st_mtime for path in (directory, *directory.iterdir())}
        assert {path.name: path.read_bytes() for path in directory.iterdir()} == FILES
        (time,) = times
        found[directory.name] = datetime.fromtimestamp(time).astimezone()
    return found
