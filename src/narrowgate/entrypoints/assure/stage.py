"""Where the promises are tried: a synthetic world with an index, and as many gates over it as the checks need."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.readers.street_list import read_street_list
from narrowgate.adapters.signing.certificates import load_certificates, load_person_key, public_key_sha256
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.log.file_names import KEY_FILE
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.request.item import Item
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.bootstrap import SANDBOX_ORIGIN, opened_gate
from narrowgate.entrypoints.documents import read_log_key, read_mapping
from narrowgate.entrypoints.requester import (
    AnswersDirectory,
    SigningRequest,
    new_package,
    require_signable,
    sign_package,
)
from narrowgate.entrypoints.sandbox.agreement import default_agreement
from narrowgate.entrypoints.sandbox.credentials import Credentials, create_credentials
from narrowgate.entrypoints.sandbox.custody import Custody, prepare_gate
from narrowgate.entrypoints.sandbox.synthetic import write_world
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import Clock
from narrowgate.gate.run import Gate, Progress, run_package
from narrowgate.index.build import BuildSettings

OFFICE = Office.SECRETARY_OF_HOMELAND_SECURITY
Change = Callable[[Gate], Gate]
"""What a planted fault does to a gate before a package is given to it."""


class Quiet:
    """A progress that shows nothing."""

    def begin(self, step: str) -> None:
        """A step begins."""

    def advance(self, done: int, total: int) -> None:
        """Items are done."""


def unchanged(gate: Gate) -> Gate:
    """The gate as an agency runs it."""
    return gate


@dataclass(frozen=True, slots=True)
class TriedGate:
    """A founded gate with its own log, state and vault; packages are given to it one after the other.

    Args:
        stage: with keys and officers.
        home: of the gate.
        settings: of the gate.
        agreement: in force.
    """

    stage: Stage
    home: Path
    settings: GateSettings
    agreement: Agreement

    def package(self, name: str, items: Sequence[Item], now: datetime | None = None) -> str:
        """The id of a package of these items that the office signed; it lies beside the gate."""
        at = now or self.stage.now
        directory = self.home / f"package-{name}"
        entropy = SeededEntropy(f"{self.home.name} {name}".encode())
        manifest = new_package(items, directory, self.agreement, OFFICE, at, entropy)
        signer = self.stage.credentials.signers[OFFICE]
        request = SigningRequest(KeyInMemory(signer.key, [signer.certificate]))
        sign_package(require_signable(directory, request, at), at)
        return manifest.package_id

    def copied(self, name: str) -> TriedGate:
        """Another gate of this name, as this one is now, with the packages beside it; founding one takes longer."""
        home = self.home.with_name(name)
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.home, home)
        places: dict[str, Any] = {}
        for field in fields(self.settings):
            value = getattr(self.settings, field.name)
            if isinstance(value, Path) and value.is_relative_to(self.home):
                places[field.name] = home / value.relative_to(self.home)
            elif isinstance(value, str):
                places[field.name] = value.replace(f"{self.home}/", f"{home}/")
        return TriedGate(self.stage, home, replace(self.settings, **places), self.agreement)

    def run(
        self,
        name: str,
        clock: Clock | None = None,
        change: Change = unchanged,
        progress: Progress | None = None,
    ) -> bytes:
        """The receipt of a package made before.

        Raises:
            NarrowgateError: whatever the gate refuses.
        """
        with opened_gate(self.settings, clock or FixedClock(self.stage.now)) as gate:
            return run_package(
                change(gate), PackageDirectory(self.home / f"package-{name}"), progress or Quiet()
            )

    def answers(self, package_id: str) -> dict[int, Outcome]:
        """What the officers read, by the number of the item; what no officer can read was refused."""
        key = read_log_key(self.settings.log / KEY_FILE)
        directory = AnswersDirectory.verified(self.settings.answers / package_id, key)
        recipients = {part.recipient_key_sha256 for part in directory.manifest.parts}
        found: dict[int, Outcome] = {}
        for pem in sorted((self.stage.home / "officers").glob("*.key.pem")):
            certificate = load_certificates(pem.with_name(pem.name.replace(".key.pem", ".pem")))[0]
            if public_key_sha256(certificate) in recipients:
                part = directory.open_part(load_person_key(pem), certificate, self.stage.now)
                found |= {record.ordinal: record.outcome for record in part.records}
        return found

    def ask(self, name: str, items: Sequence[Item], change: Change = unchanged) -> list[Outcome]:
        """What the officers read of each item after all thirteen steps."""
        package_id = self.package(name, items)
        self.run(name, change=change)
        found = self.answers(package_id)
        return [found.get(ordinal, Outcome.REFUSED) for ordinal in range(len(items))]


@dataclass(frozen=True, slots=True)
class Stage:
    """A synthetic world: its people, case file and index, and the keys of both agencies.

    Args:
        home: directory of the world.
        now: aware UTC time of everything that happens.
        credentials: throw-away keys of both agencies.
        items: case file.
        truth: of each item, by its id: truth and block.
        confirmed: the items that a gate with lifted limits confirms.
        seed: of the world.
    """

    home: Path
    now: datetime
    credentials: Credentials
    items: Sequence[Item]
    truth: Mapping[str, tuple[str, str]]
    confirmed: Sequence[Item]
    seed: int

    @staticmethod
    def make(home: Path, people: int, items: int, seed: int, now: datetime) -> Stage:
        """A new world in an empty directory.

        Args:
            home: exists and is empty.
            people: filers, at least 100.
            items: cases, at least 10.
            seed: another seed, another world.
            now: aware UTC time.
        """
        truth = write_world(home, people, items, seed, now.date())
        cases = [item for _, item in read_case_file(home / "cases.csv")]
        officers = {officer for item in cases for officer in item.officers.split()}
        credentials = create_credentials(home, officers, now, SeededEntropy(f"assure {seed}".encode()))
        stage = Stage(home, now, credentials, cases, truth, (), seed)
        stage.build("index", home / "records.csv")
        gate = stage.gate("first", stage.agreement())
        outcomes = gate.ask("all", cases)
        confirmed = [
            item for item, outcome in zip(cases, outcomes, strict=True) if outcome is Outcome.CONFIRMED
        ]
        return replace(stage, confirmed=confirmed)

    def agreement(self) -> Agreement:
        """The sandbox's agreement, every limit on the requester lifted."""
        return default_agreement(self.credentials, self.now.date())

    def build(self, name: str, records: Path) -> Path:
        """An index of a tax file, signed, under the one index key of the stage."""
        index = self.home / name
        limit = self.agreement().limits.filers_per_address
        custodian = FileSigner(self.credentials.custodian.key, self.credentials.custodian.certificate)
        build_index(
            records,
            read_mapping(self.home / "mapping.toml"),
            index,
            self.index_key(),
            BuildSettings(
                shared_address_limit=limit if limit is not None else 2**31,
                data_as_of=self.now.date().isoformat(),
                created=self.now,
                quarantine=self.home / f"{name}-quarantine.csv",
                workers=1,
                streets=read_street_list(self.home / "streets.csv"),
            ),
            sign=lambda manifest: custodian.sign(manifest, self.now),
        )
        return index

    def index_key(self) -> IndexKey:
        """The key of the index."""
        return IndexKey(load_secret_key(f"file:{self.home / 'keys' / 'index.key'}"))

    def gate(self, name: str, agreement: Agreement, index: str = "index") -> TriedGate:
        """A gate of its own, founded, with the agreement, the officers, the rules and an index in force by acts."""
        home = self.home / "gates" / name
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        shutil.copytree(self.home / "keys", home / "keys")
        text = render_agreement(agreement).encode()
        (home / "agreement.toml").write_bytes(text)
        origin = f"{SANDBOX_ORIGIN}assure"
        settings = prepare_gate(home, origin, 1, SeededEntropy(f"gate {self.seed}".encode()))
        settings = replace(settings, index=self.home / index)
        custody = Custody(settings, self.credentials.custody[:2], self.credentials.signatory)
        custody.found_with(home / "agreement.toml", self.home / "officers" / "officers.csv", None, self.now)
        return TriedGate(self, home, settings, parse_agreement(text, "agreement.toml"))

    def records(self) -> list[dict[str, str]]:
        """The rows of the tax file."""
        with (self.home / "records.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
