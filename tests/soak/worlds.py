"""Worlds of a soak: the keys of a year, and one gate after the other under them, each with a log of its own."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.witness_directory import WitnessDirectory
from narrowgate.adapters.signing.certificates import (
    load_certificates,
    load_key,
    public_key_sha256,
    save_certificates,
    save_key,
)
from narrowgate.adapters.signing.issuing import Credential, Validity, issue_office, revocation_list
from narrowgate.entrypoints.bootstrap import state_url
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.entrypoints.settings import read_settings
from support.all_parties import OFFICES
from support.commanded_parties import CommandedParties
from support.commands import command
from support.release_world import TurnedClock
from support.sandbox_acts import put_in_force, replace_charter
from support.sandbox_files import SANDBOX, base_files

OVER: Final = "over.csv"
"""The question that is over the budget: the same person at another address."""

PLAIN: Final = "plain.csv"

_HOURS = str([f"{hour:02}:00" for hour in range(24)]).replace("'", '"')
_FOUNDING = """
gate = "sandbox"
sandbox = true
log_origin = "narrowgate.sandbox/soak-{number}"
{predecessor}
custodian_root = "world/keys/root.pem"
trust_root = "world/keys/root.pem"
revocation = "world/revocation"
requester_signatory = ["world/keys/signatory.pem"]
index_signer = "world/keys/custodian.pem"
checkpoints = "checkpoints"
checkpoint_copy = "beside the gate"
witnesses = ["witness/witness.vkey"]
witness_quorum = 1
quorum = 2
[[officer]]
id = "custody-1"
function = "Disclosure officer"
certificates = ["world/keys/custody-1.pem"]
[[officer]]
id = "custody-2"
function = "Safeguards officer"
certificates = ["world/keys/custody-2.pem"]
[[officer]]
id = "custody-3"
function = "Privacy officer"
certificates = ["world/keys/custody-3.pem"]
"""


def run(*arguments: object) -> str:
    """What a command writes that must succeed."""
    result = command(*arguments)
    assert result.code == 0, f"{arguments}\n{result.code}\n{result.out}\n{result.err}"
    return result.out


def new_keys(home: Path) -> Path:
    """A sandbox of this hour: keys and certificates for a year, an index, officers and an agreement with budgets."""
    base_files(home)
    words = dict(zip(*[iter(SANDBOX.split()[2:])] * 2, strict=True))
    files = {name: home / word if (home / word).exists() else word for name, word in words.items()}
    run("sandbox", home / "sandbox", *(word for pair in files.items() for word in pair))
    return home / "sandbox"


def new_gate(home: Path, number: int, before: Path | None, state: str, now: datetime) -> Path:
    """The directory of a founded gate with everything in force; its log and budgets follow those of the one before.

    Args:
        home: with ``sandbox``, or the gate before it.
        number: of the gate.
        before: directory of the gate before; none for the first one.
        state: URL of an empty database; empty for a file.
        now: aware UTC time.
    """
    place = home / f"gate-{number}"
    world = place / "world"
    kept = home / "sandbox" if before is None else before / "world"
    world.mkdir(parents=True, mode=0o750)
    for name in ("keys", "revocation", "officers"):
        shutil.copytree(kept / name, world / name)
    rotated = read_settings(kept)
    shutil.copytree(rotated.index, world / "index")
    for key in (world / "keys").glob("*.key"):
        if before is None or key.name != "history.key":
            key.unlink()
    shutil.copy(rotated.index_key.removeprefix("file:"), world / "keys" / "index.key")
    text = (kept / "agreement.toml").read_text(encoding="utf-8")
    text = text.replace('schedule = "at once"', f"schedule = {_HOURS}")
    text = text.replace('distinct_addresses_per_subject = "lifted"', "distinct_addresses_per_subject = 1")
    (world / "agreement.toml").write_text(text, encoding="utf-8")
    write_cases(home, place)
    witness = WitnessDirectory.create(place / "witness", "oversight.test/w", SystemEntropy())
    follows = f'predecessor = "{before / "world" / "log"}"' if before else ""
    founding = place / "founding.toml"
    founding.write_text(_FOUNDING.format(number=number, predecessor=follows), encoding="utf-8")
    for officer in (1, 2):
        card = world / "keys" / f"custody-{officer}"
        run(
            *("custodian", "found", world, "--from", founding, "--yes"),
            *("--key", f"{card}.key.pem", "--certificate", f"{card}.pem"),
        )
    if state:
        settings = world / "gate.toml"
        settings.write_text(settings.read_text().replace('state = "state.sqlite"', f'state = "{state}"'))
        (world / "state.sqlite").unlink()
        run("state", "rebuild", "--config", world)
    if before:
        log, old = before / "world" / "log", state_url(rotated).removeprefix("sqlite:///")
        run("state", "carry", "--config", world, "--log", log, "--state", old)
    publish_list(world, now)
    witness.watch(read_log_key(world / "log" / "log.vkey"))
    put_in_force(world, "register", "agreement", "rules", "index")
    return place


def write_cases(home: Path, place: Path) -> None:
    """A case file of one question, and one of the same person at another address."""
    header, first, *_ = (home / "cases.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (place / PLAIN).write_text(header + first, encoding="utf-8")
    other = first.replace("1234 North", "1238 North")
    assert other != first
    (place / OVER).write_text(header + other, encoding="utf-8")


def publish_list(world: Path, now: datetime) -> None:
    """The root's list of today, as a timer fetches it."""
    listed = revocation_list(
        _root(world), [], now, Validity(now - timedelta(hours=1), now + timedelta(days=366))
    )
    (world / "revocation" / "root.crl").write_bytes(listed.public_bytes(Encoding.DER))


def _root(world: Path) -> Credential:
    keys = world / "keys"
    return Credential(load_key(keys / "root.key.pem"), load_certificates(keys / "root.pem")[0])


@dataclass(frozen=True)
class Rotations:
    """Keys are replaced while nothing waits, each as its runbook says.

    Args:
        parties: of the gate.
        home: with the records of the index.
        chance: which key.
        clock: of the world.
    """

    parties: CommandedParties
    home: Path
    chance: Random
    clock: TurnedClock

    @property
    def world(self) -> Path:
        return self.parties.world

    def office_key(self) -> str:
        """The office whose next packages are signed with another key; the amended agreement is in force."""
        office = self.chance.choice(OFFICES)
        old = self._digest(office)
        self._issue(office)
        self._amend({old: self._digest(office)})
        return office

    def _amend(self, changes: Mapping[str, str]) -> None:
        """The next version of the agreement is in force, with other words in place of some."""
        terms = self.world / "agreement.toml"
        text = terms.read_text(encoding="utf-8")
        for before, after in changes.items():
            text = text.replace(before, after)
        text = re.sub(
            r"^version = (\d+)$", lambda found: f"version = {int(found[1]) + 1}", text, count=1, flags=re.M
        )
        terms.write_text(text, encoding="utf-8")
        put_in_force(self.world, "agreement")

    def index_key(self) -> None:
        """A new index under a new key is in force, and the old one is gone."""
        settings = self.world / "gate.toml"
        text = settings.read_text(encoding="utf-8")
        found = re.search(r'^index = "index(?:-(\d+))?"$', text, flags=re.M)
        assert found, text
        number = int(found[1] or 1) + 1
        key = self.world / "keys" / f"index-{number}.key"
        key.touch(mode=0o600)
        key.write_text(self.chance.randbytes(32).hex())
        keys = self.world / "keys"
        run(
            *("index", "build", self.home / "records.csv", self.world / f"index-{number}"),
            *("--mapping", self.home / "mapping.toml", "--key", f"file:{key}"),
            *("--as-of", self.clock.at.date().isoformat(), "--workers", 1),
            *("--signer-key", keys / "custodian.key.pem", "--signer-certificate", keys / "custodian.pem"),
        )
        old = self.world / found[0].split('"')[1]
        text = re.sub(r"^index = .*$", f'index = "index-{number}"', text, flags=re.M)
        text = re.sub(r"^index_key = .*$", f'index_key = "file:keys/{key.name}"', text, flags=re.M)
        settings.write_text(text, encoding="utf-8")
        put_in_force(self.world, "index")
        shutil.rmtree(old)

    def custody_officer(self) -> str | None:
        """An officer has another key, by a charter that the old keys signed.

        Returns:
            An office of no name, where the agreement was amended.
        """
        name = f"custody-{self.chance.choice((1, 2, 3))}"
        keys, old = self.world / "keys", self._digest(name)
        kept = [(keys / f"{name}{suffix}").read_bytes() for suffix in (".key.pem", ".pem")]
        self._issue(name)
        in_force = run("inspector", "in-force", self.world / "log", "--json")
        charter = self.world / "governance" / "documents" / json.loads(in_force)["charter_sha256"]
        text = charter.read_text(encoding="utf-8").replace(old, self._digest(name))
        fresh = [(keys / f"{name}{suffix}").read_bytes() for suffix in (".key.pem", ".pem")]
        self._put(name, kept)  # the officers of before sign
        replacing = self.parties.home / "charter.toml"
        replacing.write_text(text, encoding="utf-8")
        replace_charter(self.world, replacing)
        self._put(name, fresh)
        if name != "custody-1":
            return None
        self._amend(
            {}
        )  # this officer signs agreements, and what the key of before signed comes in force no more
        return ""

    def _put(self, name: str, files: Sequence[bytes]) -> None:
        for suffix, data in zip((".key.pem", ".pem"), files, strict=True):
            (self.world / "keys" / f"{name}{suffix}").write_bytes(data)

    def _digest(self, name: str) -> str:
        return public_key_sha256(load_certificates(self.world / "keys" / f"{name}.pem")[0])

    def _issue(self, name: str) -> None:
        """A new key and certificate of the world's root, for as long as its other ones hold."""
        keys = self.world / "keys"
        root = _root(self.world)
        ends = root.certificate.not_valid_after_utc
        validity = Validity(self.clock.at - timedelta(hours=1), ends)
        issued = issue_office(root, f"soak {name}", validity, SystemEntropy())
        for suffix in (".key.pem", ".pem"):
            with suppress(FileNotFoundError):
                (keys / f"{name}{suffix}").unlink()
        save_key(keys / f"{name}.key.pem", issued.key)
        save_certificates(keys / f"{name}.pem", [issued.certificate])
