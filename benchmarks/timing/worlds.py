"""Two packages of equal form, and two indexes: each package is all hits in one and all misses in the other.

Texts, officers and sizes of a run depend on the package alone, so runs of one package against both indexes differ
in nothing but the tax records. With two packages that change roles, what one index costs more than the other
cancels out. Answers leave at a slot, as under a real agreement; what the requester can see of that is kept apart.
"""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import duckdb
from benchmarks.scale.build import CREATED, KEY, KEY_BYTES
from benchmarks.scale.population import ALL_PLACES, MAPPING, Population, officers_of

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.signing.certificates import load_certificates, load_person_key, public_key_sha256
from narrowgate.core.agreement.model import Release
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.log.file_names import KEY_FILE
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.request.item import Item
from narrowgate.core.request.office import Office
from narrowgate.core.taxfile.mapping import parse_mapping
from narrowgate.entrypoints.bootstrap import SANDBOX_ORIGIN, opened_gate, opened_release_desk
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
from narrowgate.entrypoints.settings import GateSettings, read_settings
from narrowgate.gate.ports import ReleaseStage
from narrowgate.gate.release import release_due
from narrowgate.gate.run import Gate, run_package
from narrowgate.index.build import BuildSettings

SIDES = (0, 1)
SEEN = "seen: from the slot until in place"
OFFICE = Office.SECRETARY_OF_HOMELAND_SECURITY


class Times(NamedTuple):
    """Seconds, by the clock and of the processor: what an observer sees, and what noise of the machine hides less."""

    clock: float
    processor: float


def now() -> Times:
    """The present moment; processor time counts all threads of this process."""
    return Times(time.perf_counter(), time.process_time())


Change = Callable[[Gate], Gate]


class StepTimes:
    """When each step of a run began, by the clock and by processor time (``gate.run.Progress``)."""

    def __init__(self) -> None:
        self._began: list[tuple[str, Times]] = []

    def begin(self, step: str) -> None:
        """A step begins."""
        self._began.append((step, now()))

    def advance(self, done: int, total: int) -> None:
        """Nothing is shown."""

    def seconds(self) -> dict[str, Times]:
        """Of each step, and of all from the first one on; called when the run has ended."""
        ends = [began for _, began in self._began[1:]] + [now()]
        steps: dict[str, Times] = {}
        for (step, began), end in zip(self._began, ends, strict=True):
            so_far = steps.get(step, Times(0.0, 0.0))
            steps[step] = Times(
                so_far.clock + end.clock - began.clock, so_far.processor + end.processor - began.processor
            )
        first, last = self._began[0][1], ends[-1]
        return steps | {"all": Times(last.clock - first.clock, last.processor - first.processor)}


@dataclass(frozen=True, slots=True)
class World:
    """Where packages ``package-0`` and ``package-1`` and indexes ``index-0`` and ``index-1`` lie.

    Package 0 is all hits in index 0 and all misses in index 1; package 1 the other way round.
    """

    home: Path
    pictures: dict[int, set[tuple[tuple[object, ...], ...]]] = field(
        default_factory=lambda: {side: set() for side in SIDES}
    )

    def run(self, package: int, index: int, change: Change) -> dict[str, Times]:
        """The seconds of each step of one package against one index, in a gate with an empty log and state.

        ``SEEN`` is from the slot until the answers are in place; what else the requester sees is in ``pictures``.
        """
        place = self.home / "run"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.home / f"founded-{index}", place)
        settings = self._settings(place, index)
        times = StepTimes()
        with opened_gate(settings, FixedClock(CREATED)) as gate:
            gc.collect()
            run_package(change(gate), PackageDirectory(self.home / f"package-{package}"), times)
            seconds = times.seconds()
            (waiting,) = gate.state.releases(ReleaseStage.WAITING)
        if list(settings.answers.iterdir()):
            raise SystemExit("Answers are in place before their slot.")
        with opened_release_desk(settings, FixedClock(waiting.slot)) as desk:
            gc.collect()
            began = now()
            release_due(desk)
            ended = now()
        self.pictures[package].add(picture(settings.answers))
        return seconds | {SEEN: Times(ended.clock - began.clock, ended.processor - began.processor)}

    def confirmed(self, package: int, index: int) -> int:
        """How many items of a package an index confirms: all of them, or none; read from the sealed answers."""
        self.run(package, index, lambda gate: gate)
        settings = self._settings(self.home / "run", index)
        (path,) = settings.answers.iterdir()
        key = VerifierKey.parse((settings.log / KEY_FILE).read_text(encoding="ascii").rstrip("\n"))
        answers = AnswersDirectory.verified(path, key)
        found = {}
        for pem in (self.home / "officers").glob("[0-9]*.pem"):
            if pem.name.endswith(".key.pem"):
                continue
            certificate = load_certificates(pem)[0]
            if any(
                part.recipient_key_sha256 == public_key_sha256(certificate) for part in answers.manifest.parts
            ):
                part = answers.open_part(load_person_key(pem.with_suffix(".key.pem")), certificate, CREATED)
                found.update((record.ordinal, record.outcome) for record in part.records)
        return sum(outcome is Outcome.CONFIRMED for outcome in found.values())

    def _settings(self, place: Path, index: int) -> GateSettings:
        return replace(
            read_settings(place), index=self.home / f"index-{index}", index_root=None, index_signer=None
        )


def picture(outbox: Path) -> tuple[tuple[object, ...], ...]:
    """All that a requester sees of released answers before opening any: names, sizes, modes and times."""
    found = []
    for path in sorted(outbox.rglob("*")):
        status = path.stat()
        size = status.st_size if path.is_file() else 0
        found.append((str(path.relative_to(outbox)), size, status.st_mode, status.st_mtime_ns))
    return tuple(found)


def make_world(home: Path, items: int) -> World:
    """A fresh world of packages of ``items`` items each."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    population = Population(ALL_PLACES)
    sides: tuple[dict[str, Item], dict[str, Item]] = ({}, {})
    people = 12 * items
    for number, (item, truth) in enumerate(population.items(people, people, CREATED.date())):
        side = sides[number % 2]
        if truth == "must_confirm" and item.tin and item.zip and len(side) < items:
            side[item.tin] = item
    if [len(side) for side in sides] != [items, items]:
        raise SystemExit("Too few people with true items were drawn.")
    population.write_records(home / "records.parquet", people, (2024,))
    for number in SIDES:
        _build(home, number, list(sides[number]), population.streets(people))
    _sign(home, [list(side.values()) for side in sides])
    return World(home)


def _build(home: Path, number: int, tins: list[str], streets: list[tuple[str, str, str]]) -> None:
    """The index of the people with these taxpayer numbers, and of nobody else; both know the same streets."""
    records, part = home / "records.parquet", home / f"records-{number}.parquet"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE asked AS SELECT unnest(?) AS tin", [tins])
        connection.execute(f"COPY (FROM '{records}' SEMI JOIN asked USING (tin) ORDER BY tin) TO '{part}'")
    quarantine = home / f"quarantine-{number}.csv"
    settings = BuildSettings(20, "2026-11-22", CREATED, quarantine, streets=streets)
    build_index(part, parse_mapping(MAPPING, "mapping.toml"), home / f"index-{number}", KEY, settings)


def _sign(home: Path, packages: list[list[Item]]) -> None:
    """Keys, agreement and settings, and the packages, signed."""
    entropy = SeededEntropy(b"timing")
    credentials = create_credentials(home, officers_of(12 * len(packages[0])), CREATED, entropy)
    agreement = home / "agreement.toml"
    scheduled = replace(default_agreement(credentials, CREATED.date()), release=Release(("12:00",), 30))
    agreement.write_bytes(render_agreement(scheduled).encode())
    (home / "keys" / "index.key").write_text(KEY_BYTES.hex())
    for side in SIDES:
        _found(home, side, credentials)
    in_force = parse_agreement(agreement.read_bytes(), "agreement.toml")
    signer = credentials.signers[OFFICE]
    for number, items in enumerate(packages):
        new_package(items, home / f"package-{number}", in_force, OFFICE, CREATED, entropy)
        request = SigningRequest(KeyInMemory(signer.key, [signer.certificate]))
        sign_package(require_signable(home / f"package-{number}", request, CREATED), CREATED)


def _found(home: Path, side: int, credentials: Credentials) -> None:
    """A gate where one index is in force, of which every run takes a copy."""
    place = home / f"founded-{side}"
    place.mkdir()
    shutil.copytree(home / "keys", place / "keys")
    settings = prepare_gate(place, f"{SANDBOX_ORIGIN}timing", 1, SeededEntropy(b"timing"))
    settings = replace(settings, index=home / f"index-{side}")
    custody = Custody(settings, credentials.custody[:2], credentials.signatory)
    custody.found_with(home / "agreement.toml", home / "officers" / "officers.csv", None, CREATED)
