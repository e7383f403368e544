"""Whether the duration of a gate's run tells a package of hits from a package of misses.

Runs of the same package against an index that holds all its people, and one that holds none of them, in random
order; among them runs of a gate that leaks on purpose, which must be caught, and a comparison of like with like, in
which nothing may be found. Answers leave at a slot: what a requester can see of that is compared, too, even of the
gate that leaks. Prints a table and appends it to ``build/timing/results.jsonl``; exit code 1 where a control fails, or
where names, sizes, modes or times of released files differ with the answers.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from hashlib import sha256
from itertools import product
from operator import attrgetter
from pathlib import Path
from statistics import median
from typing import Any, Self

from benchmarks.timing.worlds import SEEN, SIDES, Change, Times, World, make_world

from narrowgate.entrypoints.assure.statistics import Area, Stratum, estimate
from narrowgate.gate.run import Gate

HIT, MISS, LEAK = "hit", "miss", "leak"
"""An honest gate and the package's own people; the other people; a leaking gate and the package's own people."""

Runs = dict[tuple[int, str], list[dict[str, Times]]]
"""By package and kind: the seconds of each step."""

Read = Callable[[Times], float]
CLOCK: Read = attrgetter("clock")
PROCESSOR: Read = attrgetter("processor")

FIRST_RUNS = 4
"""Runs thrown away before any is counted: files are read and code is loaded for the first time."""


class LeakyIndex:
    """An index that works longer over each token it holds: the fault that the benchmark must catch.

    Args:
        index: an honest one.
        hashes: made for each token found.
    """

    def __init__(self, index: Any, hashes: int) -> None:
        self._index = index
        self._hashes = hashes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def gather(self) -> LeakyRows:
        """Rows whose answers are late."""
        return LeakyRows(self._index.gather(), self._hashes)


class LeakyRows:
    """Rows of such an index.

    Args:
        rows: of the honest one.
        hashes: made for each question with a token found.
    """

    def __init__(self, rows: Any, hashes: int) -> None:
        self._rows = rows
        self._hashes = hashes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._rows.__exit__(*error)

    def answers(self) -> list[bool]:
        """The honest answer, late."""
        held = list(self._rows.answers())
        for _ in range(self._hashes * sum(held)):
            sha256(b"a leak on purpose").digest()
        return held


def main() -> None:
    """Measure, print, append, and fail where a control fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=3_000, help="of each package")
    parser.add_argument("--runs", type=int, default=40, help="of each package against each index")
    parser.add_argument(
        "--leak", type=int, default=50, help="SHA-256 hashes that the leaking gate makes for each hit"
    )
    parser.add_argument("--directory", type=Path, default=Path("build/timing"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.runs < 2:
        parser.error("--runs must be 2 or more: each kind is compared with itself, too.")
    world = make_world(options.directory / "world", options.items)
    for package in SIDES:
        confirmed = [world.confirmed(package, index) for index in SIDES]
        if (confirmed[package], confirmed[1 - package]) != (options.items, 0):
            sys.exit(f"Package {package} is not all hits and all misses, but {confirmed}.")
    runs = measure(world, options.runs, options.seed, leak(options.leak))
    steps = list(runs[0, HIT][0])
    areas = {step: areas_of(lambda read, step=step: compared(runs, HIT, MISS, step, read)) for step in steps}
    seen = {
        "seen of the gate that leaks, against misses": areas_of(
            lambda read: compared(runs, LEAK, MISS, SEEN, read)
        )
    }
    controls = {
        f"control: {options.leak} hashes more for each hit": areas_of(
            lambda read: compared(runs, LEAK, HIT, "all", read)
        ),
        "control: like with like": areas_of(lambda read: halves(runs, options.seed, read)),
    }
    show(runs, areas, seen | controls, options)
    record(options.directory / "results.jsonl", areas | seen | controls, options)
    pictures = [len(world.pictures[package]) for package in SIDES]
    print(f"\nPictures of released answers, over hits, misses and leaks of a package: {pictures}")
    if pictures != [1, 1]:
        sys.exit("Names, sizes, modes or times of released files differ with the answers.")
    caught, alike = (found[-1] for found in controls.values())
    if caught.tells_nothing or not alike.tells_nothing:
        sys.exit("A control failed: the figures above say nothing.")


def areas_of(strata: Callable[[Read], list[Stratum]]) -> tuple[Area, Area]:
    """The area by the clock, and by processor time."""
    return estimate(strata(CLOCK)), estimate(strata(PROCESSOR))


def leak(hashes: int) -> Change:
    """Makes a gate whose index makes so many hashes for each hit."""

    def change(gate: Gate) -> Gate:
        return replace(gate, open_index=lambda key: LeakyIndex(gate.open_index(key), hashes))

    return change


def measure(world: World, runs: int, seed: int, leaking: Change) -> Runs:
    """Every run, in random order so that whatever drifts in the machine falls on all classes alike."""
    order = [(package, kind) for package in SIDES for kind in (HIT, MISS, LEAK) for _ in range(runs)]
    random.Random(seed).shuffle(order)  # noqa: S311 - an order of runs, nothing secret
    found: Runs = {(package, kind): [] for package in SIDES for kind in (HIT, MISS, LEAK)}
    for number, (package, kind) in enumerate(order[:FIRST_RUNS] + order):
        index = 1 - package if kind == MISS else package
        times = world.run(package, index, leaking if kind == LEAK else lambda gate: gate)
        if number >= FIRST_RUNS:
            found[package, kind].append(times)
    return found


def compared(runs: Runs, kind: str, other: str, step: str, read: Read) -> list[Stratum]:
    """For each package the durations of a step, of one kind and of another."""
    return [
        ([read(run[step]) for run in runs[package, kind]], [read(run[step]) for run in runs[package, other]])
        for package in SIDES
    ]


def halves(runs: Runs, seed: int, read: Read) -> list[Stratum]:
    """Like with like: the runs of one package and one index, dealt at random into two classes."""
    source = random.Random(seed)  # noqa: S311 - a deal of runs, nothing secret
    dealt = []
    for package, kind in product(SIDES, (HIT, MISS)):
        found = runs[package, kind]
        durations = [read(run["all"]) for run in found]
        source.shuffle(durations)
        dealt.append((durations[::2], durations[1::2]))
    return dealt


def show(
    runs: Runs,
    areas: dict[str, tuple[Area, Area]],
    controls: dict[str, tuple[Area, Area]],
    options: argparse.Namespace,
) -> None:
    """Print what was measured as the rows of a Markdown table."""
    print(f"{options.items:,} items a package, {options.runs} runs of each package against each index\n")
    print("| | hits, processor ms | misses, processor ms | AUC by the clock [95 %] | AUC by processor time |")
    print("| --- | --- | --- | --- | --- |")
    for step, found in areas.items():
        hits, misses = (
            median(run[step].processor for package in SIDES for run in runs[package, kind])
            for kind in (HIT, MISS)
        )
        print(f"| {step} | {1e3 * hits:.1f} | {1e3 * misses:.1f} | {found[0]} | {found[1]} |")
    for name, found in controls.items():
        print(f"| {name} | | | {found[0]} | {found[1]} |")


def record(path: Path, areas: dict[str, tuple[Area, Area]], options: argparse.Namespace) -> None:
    """Append one line with everything that was printed."""
    measured = {
        name: {"clock": asdict(found[0]), "processor": asdict(found[1])} for name, found in areas.items()
    }
    line = {"items": options.items, "runs": options.runs, "areas": measured}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
