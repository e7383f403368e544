"""Small requests at a gate that is at work: one item, and a thousand, from the hand-over to the notice.

Two sources of this program can be compared in one run (``--baseline``): they take turns, package by package, so that
what else the machine does falls on both. Each founds its own world, of the same seed, with its own state and index, so
that the other one may be of another schema; this very file must run with it.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import IO, Any

from benchmarks.scale.build import CREATED, KEY_BYTES
from benchmarks.scale.gate import OFFICE, agreement_of, people_index
from benchmarks.scale.measure import children_seconds, record, show
from benchmarks.scale.population import ALL_PLACES, Population, officers_of

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.intake_directory import IntakeDirectory
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.request.manifest import parse_manifest
from narrowgate.entrypoints.bootstrap import SANDBOX_ORIGIN
from narrowgate.entrypoints.requester import SigningRequest, new_package, require_signable, sign_package
from narrowgate.entrypoints.sandbox.credentials import create_credentials
from narrowgate.entrypoints.sandbox.custody import Custody, prepare_gate
from narrowgate.entrypoints.settings import FILE_NAME, read_settings
from narrowgate.entrypoints.worker import Worker

SIZES = (1, 1_000)


def main() -> None:
    """Print the medians, and what share of the baseline's they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="packages of each size that are counted")
    parser.add_argument("--people", type=int, default=20_000, help="whose records stand in the index")
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    parser.add_argument(
        "--baseline", type=Path, help="a worktree of another commit, which founds its own world"
    )
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--found", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker is not None:
        _work(options.worker)
        return
    if options.found is not None:
        index = people_index(options.directory, options.people)
        _make_world(options.found, index, options.times + 1, options.people)
        return
    directory = options.directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    people_index(directory, options.people)
    sources = {"now": Path.cwd()} | ({"baseline": options.baseline.resolve()} if options.baseline else {})
    taken = _in_turns(directory, options.people, sources, options.times + 1)
    rows: list[tuple[Any, ...]] = []
    for size in SIZES:
        for name in sources:
            first, *warm = taken[name, size]
            figures = {"seconds": median(one[0] for one in warm), "processor": median(one[1] for one in warm)}
            other = (
                median(one[1] for one in taken["baseline", size][1:])
                if options.baseline
                else figures["processor"]
            )
            share = f"{figures['processor'] / other:.2f}"
            times = first[0], figures["seconds"], figures["processor"]
            rows.append((size, name, *(1000 * one for one in times), share))
            record(directory / "results.jsonl", "small", items=size, source=name, first=first[0], **figures)
    show(
        "From hand-over to notice, gate at work",
        ("items", "source", "first ms", "ms", "processor ms", "to the baseline"),
        rows,
    )


def _in_turns(
    directory: Path, people: int, sources: dict[str, Path], times: int
) -> dict[tuple[str, int], list[tuple[float, float]]]:
    """Seconds and processor seconds of every package in each source, each at a world of its own."""
    workers: dict[str, subprocess.Popen[str]] = {}
    taken: dict[tuple[str, int], list[tuple[float, float]]] = {}
    try:
        for name, source in sources.items():
            home = directory / f"small-{name}"
            shutil.rmtree(home, ignore_errors=True)
            program = [sys.executable, "-m", "benchmarks.scale.small"]
            paths = f"{source / 'src'}:{Path(__file__).resolve().parents[2]}"
            environment = {"PYTHONPATH": paths, "PATH": "/usr/bin:/bin"}
            # Another commit may not read this one's index, so that it makes its own, once for each run.
            indexes = directory if name == "now" else home.with_name(f"{home.name}-index")
            if name != "now":
                shutil.rmtree(indexes, ignore_errors=True)
            indexes.mkdir(exist_ok=True)
            founding = ["--found", home, "--directory", indexes, "--people", str(people)]
            subprocess.run([*program, *founding, "--times", str(times - 1)], env=environment, check=True)
            workers[name] = subprocess.Popen(
                [*program, "--worker", str(home)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
        for number in range(times):
            for size in SIZES:
                for name, worker in workers.items():
                    seconds, processor = _ask(worker.stdin, worker.stdout, f"{size}-{number}")
                    taken.setdefault((name, size), []).append((seconds, processor))
    finally:
        for worker in workers.values():
            worker.communicate()
    return taken


def _ask(into: IO[str] | None, out: IO[str] | None, package: str) -> tuple[float, float]:
    if into is None or out is None:
        raise SystemExit("The worker has no pipes.")
    into.write(package + "\n")
    into.flush()
    seconds, processor = json.loads(out.readline())
    return seconds, processor


def _work(home: Path) -> None:
    """A worker as ``gate work`` runs it; when it has nothing to do, it is handed the next package it is told of."""
    started: list[tuple[float, float]] = []

    def ended(seconds: float) -> bool:
        if not seconds:
            return False
        if started:
            begun, processor = started.pop()
            print(json.dumps((time.perf_counter() - begun, _processor() - processor)), flush=True)
        line = sys.stdin.readline().strip()
        if not line:
            return True
        _hand_over(home, home / "packages" / line)
        started.append((time.perf_counter(), _processor()))
        return False

    def once(seconds: float) -> bool:
        nonlocal is_over
        is_over = is_over or ended(seconds)
        return is_over

    is_over = False
    Worker(read_settings(home), FixedClock(CREATED), once).run()


def _processor() -> float:
    """Of this process, of its children that ended, and of those that live."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime + children_seconds()


def _hand_over(home: Path, package: Path) -> None:
    manifest = (package / "manifest.json").read_bytes()
    package_id = parse_manifest(manifest, "manifest.json").package_id
    uploads = IntakeDirectory(home / "intake", 1 << 24, 1000)
    uploads.put_manifest(OFFICE, package_id, manifest)
    uploads.put_signature(OFFICE, package_id, (package / "manifest.json.p7s").read_bytes())
    part = uploads.append(OFFICE, package_id, 0)
    part.write((package / "rows.ndjson").read_bytes())
    part.finish()
    uploads.arrive(OFFICE, package_id, CREATED, None)
    uploads.close()


def _make_world(home: Path, index: Path, times: int, people: int) -> None:
    """A gate with signed packages of each size."""
    home.mkdir(parents=True)
    entropy = SeededEntropy(b"small")
    count = sum(SIZES) * times
    credentials = create_credentials(home, officers_of(count), CREATED, entropy)
    agreement = agreement_of(credentials)
    agreement = replace(agreement, release=replace(agreement.release, schedule=()))
    (home / "agreement.toml").write_bytes(render_agreement(agreement).encode())
    agreement = parse_agreement((home / "agreement.toml").read_bytes(), "agreement.toml")
    (home / "keys" / "index.key").write_text(KEY_BYTES.hex())
    prepare_gate(home, f"{SANDBOX_ORIGIN}log", 2, entropy, str(index.resolve()))
    settings_file = home / FILE_NAME
    lines = [line for line in settings_file.read_text().splitlines() if not line.startswith("index_")]
    settings_file.write_text("\n".join([*lines, 'index_key = "file:keys/index.key"']) + "\n")
    items: Iterator[Any] = (item for item, _ in Population(ALL_PLACES).items(count, people, CREATED.date()))
    signer = credentials.signers[OFFICE]
    key = KeyInMemory(signer.key, [signer.certificate])
    for number in range(times):
        for size in SIZES:
            package = home / "packages" / f"{size}-{number}"
            package.parent.mkdir(exist_ok=True)
            new_package(islice(items, size), package, agreement, OFFICE, CREATED, entropy)
            sign_package(require_signable(package, SigningRequest(key), CREATED), CREATED)
    custody = Custody(read_settings(home), credentials.custody[:2], credentials.signatory)
    custody.found_with(home / "agreement.toml", home / "officers" / "officers.csv", None, CREATED)


if __name__ == "__main__":
    main()
