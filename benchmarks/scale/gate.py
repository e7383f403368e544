"""The gate end to end: a signed package against an index, all thirteen steps, log and sealed answers included."""

from __future__ import annotations

import argparse
import csv
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.scale.build import CREATED, KEY, KEY_BYTES
from benchmarks.scale.measure import Watch, record, show, show_pace
from benchmarks.scale.padding import pad
from benchmarks.scale.population import ALL_PLACES, MAPPING, Population, officers_of

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.signing.certificates import load_certificates, load_key
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.log.file_names import KEY_FILE
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.request.item import Item
from narrowgate.core.request.office import Office
from narrowgate.core.taxfile.mapping import parse_mapping
from narrowgate.entrypoints.bootstrap import SANDBOX_ORIGIN, opened_gate
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
from narrowgate.entrypoints.settings import FILE_NAME, GateSettings, read_settings
from narrowgate.gate.run import run_package
from narrowgate.index.build import BuildSettings
from narrowgate.index.integrity import read_manifest

OFFICE = Office.SECRETARY_OF_HOMELAND_SECURITY


def main() -> None:
    """Every size of package against the largest index, and the smallest package against every index.

    Prints the tables and appends the results.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, nargs="+", default=[100_000, 400_000, 1_280_000])
    parser.add_argument("--tokens", type=int, nargs="+", default=[10_000_000, 30_000_000, 100_000_000])
    parser.add_argument("--people", type=int, default=1_280_000, help="whose records stand in the index")
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory-limit", default="1GB")
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    pairs = [(items, max(options.tokens)) for items in sorted(options.items)]
    pairs += [
        (min(options.items), tokens) for tokens in sorted(options.tokens) if tokens < max(options.tokens)
    ]
    for items, tokens in pairs:
        index = index_of(options.directory, options.people, tokens)
        arguments = (options.directory, items, options.people, tokens, index, options.workers)
        # A process each: what one gate has held is no memory of the next.
        process = get_context("spawn").Process(target=measure, args=(*arguments, options.memory_limit))
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(process.exitcode)


def people_index(directory: Path, people: int) -> Path:
    """An index of the people's last records, made at the first asking."""
    index = directory / f"people-{people}"
    if not index.exists():
        source = directory / f"people-{people}.parquet"
        Population(ALL_PLACES).write_records(source, people, (2024,))
        settings = BuildSettings(
            20, "2026-11-22", CREATED, directory / "quarantine-people.csv", memory_limit="1GB", workers=2
        )
        build_index(source, parse_mapping(MAPPING, "mapping.toml"), index, KEY, settings)
    return index


def index_of(directory: Path, people: int, tokens: int) -> Path:
    """The same among random tokens."""
    padded = directory / f"people-{people}-tokens-{tokens}"
    if not padded.exists():
        real = people_index(directory, people)
        pad(real, read_manifest(real, None), padded, tokens)
    return padded


@dataclass(frozen=True, slots=True)
class Run:
    """What one package cost and came to."""

    seconds: float
    peak_mb: float
    confusion: Counter[tuple[str, Outcome]]


def measure(
    directory: Path, count: int, people: int, tokens: int, index: Path, workers: int, memory_limit: str
) -> Run:
    """One package through one gate; prints its steps and appends them."""
    home = directory / f"gate-{count}-{tokens}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    # In a process of its own, so that what drawing the items took does not count as the gate's memory.
    with get_context("spawn").Pool(1) as pool:
        truth = pool.apply(prepare_package, (home, count, people, index, workers, memory_limit))
    settings = read_settings(home)
    with Watch().watching() as watch:
        with opened_gate(settings, FixedClock(CREATED)) as gate:
            run_package(gate, PackageDirectory(home / "package"), watch)
        watch.end()
    confusion = compare(home, settings, truth)
    header = (
        "step",
        "s",
        "processor s main",
        "processor s workers",
        "peak MB main",
        "peak MB workers",
        "peak MB all",
    )
    rows: list[tuple[Any, ...]] = [
        (name, step.seconds, step.own, step.workers, step.peak_mb, step.peak_workers_mb, step.peak_total_mb)
        for name, step in watch.steps.items()
    ]
    sums = [sum(row[column] for row in rows) for column in (1, 2, 3)]
    peaks = [max(row[column] for row in rows) for column in (4, 5, 6)]
    rows.append(("all", *sums, *peaks))
    show(f"{count:,} items against {tokens:,} tokens, {workers} workers", header, rows)
    show_pace(watch.pace())
    print(
        ", ".join(
            f"{expected} {outcome}: {number:,}" for (expected, outcome), number in sorted(confusion.items())
        )
    )
    record(
        directory / "results.jsonl",
        "gate",
        items=count,
        tokens=tokens,
        workers=workers,
        memory_limit=memory_limit,
        pace=watch.pace(),
        steps={row[0]: dict(zip(header[1:], row[1:], strict=True)) for row in rows},
        confusion={
            f"{expected} {outcome}": number for (expected, outcome), number in sorted(confusion.items())
        },
    )
    return Run(sums[0], peaks[2], confusion)


def prepare_package(
    home: Path, count: int, people: int, index: Path, workers: int, memory_limit: str
) -> list[str]:
    """Keys, agreement, package and an empty log; returns the truth of every item."""
    truth: list[str] = []
    entropy = SeededEntropy(b"scale")
    credentials = create_credentials(home, officers_of(count), CREATED, entropy)
    agreement = agreement_of(credentials)
    (home / "agreement.toml").write_bytes(render_agreement(agreement).encode())
    agreement = parse_agreement((home / "agreement.toml").read_bytes(), "agreement.toml")
    (home / "keys" / "index.key").write_text(KEY_BYTES.hex())
    prepare_gate(home, f"{SANDBOX_ORIGIN}log", workers, entropy, str(index.resolve()))
    settings_file = home / FILE_NAME
    lines = [line for line in settings_file.read_text().splitlines() if not line.startswith("index_")]
    lines += [f'memory_limit = "{memory_limit}"', 'index_key = "file:keys/index.key"']
    settings_file.write_text("\n".join(lines) + "\n")

    def items() -> Iterator[Item]:
        for item, expected in Population(ALL_PLACES).items(count, people, CREATED.date()):
            truth.append(expected)
            yield item

    new_package(items(), home / "package", agreement, OFFICE, CREATED, entropy)
    signer = credentials.signers[OFFICE]
    sign_package(
        require_signable(
            home / "package", SigningRequest(KeyInMemory(signer.key, [signer.certificate])), CREATED
        ),
        CREATED,
    )
    custody = Custody(read_settings(home), credentials.custody[:2], credentials.signatory)
    custody.found_with(home / "agreement.toml", home / "officers" / "officers.csv", None, CREATED)
    return truth


def agreement_of(credentials: Credentials) -> Agreement:
    """The sandbox's, with every budget of step 7 in force, as a real one has them; only the quotas are lifted."""
    agreement = default_agreement(credentials, CREATED.date())
    return replace(
        agreement,
        limits=replace(
            agreement.limits,
            caseload_per_officer=200,
            distinct_addresses_per_subject=1,
            subjects_per_address=20,
            identical_reasons=20,
        ),
    )


def compare(home: Path, settings: GateSettings, truth: list[str]) -> Counter[tuple[str, Outcome]]:
    """How often each truth met each outcome, read from the opened answers of every officer."""
    log_key = VerifierKey.parse((settings.log / KEY_FILE).read_text(encoding="ascii").rstrip("\n"))
    (path,) = (home / "answers").iterdir()
    answers = AnswersDirectory.verified(path, log_key)
    found: dict[int, Outcome] = {}
    with (home / "officers" / "officers.csv").open(encoding="utf-8", newline="") as file:
        register = [row["certificate"] for row in csv.DictReader(file)]
    for name in register:
        pem = home / "officers" / name
        part = answers.open_part(load_key(pem.with_suffix(".key.pem")), load_certificates(pem)[0], CREATED)
        found.update((one.ordinal, one.outcome) for one in part.records)
    return Counter((truth[ordinal], outcome) for ordinal, outcome in found.items())


if __name__ == "__main__":
    main()
