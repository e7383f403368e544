"""Officers, requester, gate, release, witness and inspector of one world, with one clock; and a model of their promise.

The world is the sandbox's: its log, state, vault, outbox, acts and index are the real ones. Only the process that holds
the index key is this one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.files.witness_directory import WitnessDirectory
from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.signing.certificates import load_certificates, load_key
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.file_names import COSIGNED
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.request.office import Office
from narrowgate.entrypoints import bootstrap
from narrowgate.entrypoints.documents import read_agreement
from narrowgate.entrypoints.requester import SigningRequest, new_package, require_signable, sign_package
from narrowgate.entrypoints.settings import GateSettings, read_settings
from narrowgate.gate.release import ReleaseEvent, release_due
from narrowgate.gate.run import run_package
from narrowgate.governance.acts import Wanted, apply_act, propose
from narrowgate.verify.cosignatures import cosigned_checkpoint, request_of
from narrowgate.verify.entries import LogEntries
from narrowgate.verify.in_force import hold_periods, in_force_at
from narrowgate.verify.report import WorldReport
from narrowgate.verify.world import verify_world
from support.gate_world import SilentProgress
from support.release_world import TurnedClock
from support.simulated_tokens import SimulatedTokens

ALL: Final = "all"
OFFICES: Final = tuple(office.value for office in Office)
GRACE: Final = timedelta(minutes=10)
FRESH: Final = timedelta(days=7)
KEPT: Final = timedelta(days=30)


@contextmanager
def _tokens_here(settings: GateSettings) -> Iterator[SimulatedTokens]:
    yield SimulatedTokens(IndexKey(load_secret_key(settings.index_key)))


bootstrap_tokens: Final = _tokens_here
"""Takes the place of ``bootstrap.token_processes``: starting a process for each package takes a second."""


@dataclass
class Parties:
    """Every party's moves.

    Args:
        home: with ``world``, ``cases.csv`` and ``witness``.
        clock: of all of them.
    """

    home: Path
    clock: TurnedClock
    packages: dict[str, PackageDirectory] = field(default_factory=dict)

    @property
    def world(self) -> Path:
        return self.home / "world"

    @property
    def settings(self) -> GateSettings:
        return read_settings(self.world)

    @property
    def runs_twice(self) -> bool:
        """Whether the next command that writes to the gate is given a second time, whatever the first one came to."""
        return False

    def enact(self, kind: Kind, subject: str, officers: Sequence[int], sha256: str = "") -> None:
        """An act signed by these officers is applied, or refused."""
        now = self.clock.at
        keys = self.world / "keys"
        with bootstrap.opened_acts(self.settings, self.settings.revocation) as books:
            act = propose(books, books.in_force(), Wanted(kind, subject, "a test", sha256=sha256), now)
            data = books.files.proposal(act.number).data
            for number in officers:
                key = load_key(keys / f"custody-{number}.key.pem")
                signer = FileSigner(key, load_certificates(keys / f"custody-{number}.pem")[0])
                books.files.add_signature(act.number, signer.sign(data, now))
            apply_act(books, books.files.proposal(act.number), now)

    def document(self, kind: Kind) -> tuple[str, str]:
        """Subject and digest of what the last act of a kind put in force."""
        files = GovernanceDirectory(self.settings.governance)
        (last,) = [
            act for number in files.acts() if (act := json.loads(files.act(number).data))["act"] == kind
        ][-1:]
        return last["subject"], last["sha256"]

    def ask(self, name: str, office: str) -> str:
        """The id of a package of one question, signed by an office."""
        place, now = self.home / name, self.clock.at
        (_, item), *_ = read_case_file(self.home / "cases.csv")
        terms = read_agreement(self.world / "agreement.toml")
        new_package([item], place, terms, Office(office), now, SeededEntropy(name.encode()))
        keys = self.world / "keys"
        key = KeyInMemory(load_key(keys / f"{office}.key.pem"), load_certificates(keys / f"{office}.pem"))
        sign_package(require_signable(place, SigningRequest(key), now), now)
        package = PackageDirectory(place)
        identifier = str(json.loads(package.manifest())["package_id"])
        self.packages[identifier] = package
        return identifier

    def decide(self, package_id: str) -> bytes:
        """The gate takes a package; its receipt."""
        with bootstrap.opened_gate(self.settings, self.clock) as gate:
            return run_package(gate, self.packages[package_id], SilentProgress())

    def release(self) -> list[ReleaseEvent]:
        """The timer calls."""
        with bootstrap.opened_release_desk(self.settings, self.clock) as desk:
            return release_due(desk)

    def cosign(self) -> None:
        """The witness cosigns the log as it is, and the custodian adds that."""
        witness = WitnessDirectory(self.home / "witness")
        last = witness.last_checkpoint()
        request = str(request_of(self.settings.log, str(witness.log_key), last.size if last else 0))
        line = witness.cosign(request, self.clock.at, "request")
        text = cosigned_checkpoint(self.settings.log, None, request, line, [witness.key])
        (self.settings.log / COSIGNED).write_text(text)

    def in_place(self) -> set[str]:
        """What the requester sees."""
        return {path.name for path in (self.world / "answers").iterdir()}

    def inspect(self) -> tuple[WorldReport, frozenset[str], frozenset[str]]:
        """What an inspector proves: the world, and the holds and offices off that the log says are in force."""
        entries = list(LogEntries(self.settings.log))
        assert not [period for period in hold_periods(entries) if period.broken_by]
        state = in_force_at(entries, self.clock.at)
        return verify_world(self.world), frozenset(state.holds), frozenset(state.offices_off)


@dataclass
class Waiting:
    """What the model knows of a package that was decided."""

    office: str
    slot: datetime
    ready: datetime
    expires: datetime
    seen: bool = False


@dataclass
class Model:
    """The promise: what may leave when. Slots are full hours, at least one hour after receipt."""

    at: datetime
    holds: set[str] = field(default_factory=set)
    off: set[str] = field(default_factory=set)
    agreed: bool = True
    asked: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    left: dict[str, Waiting] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    def stopped(self, package_id: str, office: str) -> bool:
        """Whether a hold or a switched-off office is in the way."""
        return bool(self.holds & {ALL, f"office:{office}", f"package:{package_id}"}) or office in self.off

    def due(self) -> list[str]:
        """Packages that wait and whose slot has come."""
        return sorted(name for name, one in self.waiting.items() if one.slot <= self.at)

    def release(self) -> bool:
        """What one call of the release does; whether it could judge every package."""
        for name in [name for name, one in self.left.items() if one.expires <= self.at]:
            self.ended.add(name)
            del self.left[name]
        for name in sorted(self.due(), key=lambda name: (self.waiting[name].slot, name)):
            one = self.waiting[name]
            if one.expires <= self.at:
                self.ended.add(name)
                del self.waiting[name]
            elif not self.agreed:
                return False
            elif one.seen and not self.stopped(name, one.office) and one.ready < one.slot >= self.at - GRACE:
                self.left[name] = self.waiting.pop(name)
            else:
                one.slot = hour_after(max(self.at, one.slot))
        return True

    def decide(self, package_id: str) -> str:
        """What the gate says to a package: ``decided``, ``again``, or why not."""
        if not self.agreed:
            return "not in force"
        office, asked = self.asked[package_id]
        if package_id in self.waiting or package_id in self.left or package_id in self.ended:
            # A slot that was only missed is moved without a word: the package has its receipt.
            held = package_id in self.due() and (
                not self.waiting[package_id].seen or self.stopped(package_id, office)
            )
            self.release()
            return "suspended" if held and package_id in self.waiting else "again"
        if office in self.off:  # looked at with the signature, before anything is due
            self.refused.add(package_id)
            return "refused"
        if self.at >= asked + FRESH:  # so is this
            self.refused.add(package_id)
            return "expired"
        self.release()
        if self.stopped(package_id, office):
            self.refused.add(package_id)
            return "refused"
        slot = hour_after(self.at + timedelta(hours=1, seconds=-1))
        self.waiting[package_id] = Waiting(office, slot, self.at, slot + KEPT)
        return "decided"


def hour_after(moment: datetime) -> datetime:
    """The next full hour."""
    start = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return start + timedelta(hours=1)
