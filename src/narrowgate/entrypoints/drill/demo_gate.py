"""A gate of the drill: its own keys, its own agreement, founded and with everything in force that a decision needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.core.agreement.model import Agreement, Limits
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.request.item import Item
from narrowgate.core.request.manifest import Manifest
from narrowgate.entrypoints.cli.progress import Report
from narrowgate.entrypoints.drill.august_file import AugustFile
from narrowgate.entrypoints.requester import SigningRequest, new_package, require_signable, sign_package
from narrowgate.entrypoints.sandbox.agreement import default_agreement
from narrowgate.entrypoints.sandbox.credentials import Credentials, create_credentials
from narrowgate.entrypoints.sandbox.custody import Custody, prepare_gate
from narrowgate.entrypoints.sandbox.world import OFFICE, ORIGIN, Sources, build_world_index
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import Clock, Entropy


@dataclass(frozen=True, slots=True)
class DemoGate:
    """A founded gate of the drill and everybody who works with it.

    Args:
        home: its directory, a world as every sandbox leaves one.
        settings: of the gate.
        agreement: in force.
        credentials: every key, all of them thrown away with the directory.
        custody: two of the custody officers.
        index: counts of the index.
        clock: of this machine.
        entropy: of this machine.
    """

    home: Path
    settings: GateSettings
    agreement: Agreement
    credentials: Credentials
    custody: Custody
    index: dict[str, Any]
    clock: Clock
    entropy: Entropy

    def hand_over(self, items: Iterable[Item], directory: Path) -> Manifest:
        """A package of the items, built and signed as the requester does; whether the gate takes it is not looked at.

        Args:
            items: taken one at a time.
            directory: a new one, of the package.
        """
        now = self.clock.now()
        manifest = new_package(items, directory, self.agreement, OFFICE, now, self.entropy)
        signer = self.credentials.signers[OFFICE]
        request = SigningRequest(KeyInMemory(signer.key, [signer.certificate]))
        sign_package(require_signable(directory, request, now), now)
        return manifest


@dataclass(frozen=True, slots=True)
class World:
    """What a gate of the drill is made of beside its limits.

    Args:
        file: the tax file and the case file.
        officers: every officer whom an item may name.
        clock: of this machine.
        entropy: of this machine.
        workers: processes.
    """

    file: AugustFile
    officers: tuple[str, ...]
    clock: Clock
    entropy: Entropy
    workers: int


def found_gate(home: Path, title: str, limits: Limits, world: World, report: Report) -> DemoGate:
    """A gate in ``home`` whose agreement has these limits; its index is made of the world's tax file.

    Args:
        home: a new directory.
        title: of the agreement.
        limits: of the agreement.
        world: what it is made of.
        report: shows progress.
    """
    home.mkdir()
    now = world.clock.now()
    credentials = create_credentials(home, world.officers, now, world.entropy)
    agreement = _write_agreement(home, title, limits, credentials, now)
    settings = prepare_gate(home, ORIGIN, world.workers, world.entropy)
    made = world.file.directory
    sources = Sources(
        made / "records.csv", made / "mapping.toml", world.file.cases, streets=made / "streets.csv"
    )
    custodian = FileSigner(credentials.custodian.key, credentials.custodian.certificate)
    index = build_world_index(settings, sources, agreement, custodian, now, report)
    custody = Custody(settings, credentials.custody[:2], credentials.signatory)
    custody.found_with(home / "agreement.toml", home / "officers" / "officers.csv", None, now)
    return DemoGate(home, settings, agreement, credentials, custody, index, world.clock, world.entropy)


def _write_agreement(
    home: Path, title: str, limits: Limits, credentials: Credentials, now: datetime
) -> Agreement:
    agreement = replace(
        default_agreement(credentials, now.date()),
        id="drill",
        title=title,
        limits=limits,
    )
    text = render_agreement(agreement).encode()
    (home / "agreement.toml").write_bytes(text)
    return parse_agreement(text, "agreement.toml")
