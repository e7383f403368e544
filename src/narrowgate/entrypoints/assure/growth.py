"""The check of cost: what is four times as large costs no more than four times as much."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import process_time
from typing import Final

from narrowgate.core.request.item import Item
from narrowgate.entrypoints.assure.asking import at_home_of
from narrowgate.entrypoints.assure.broken_parts import over_index
from narrowgate.entrypoints.assure.check import FULL, Figure, Size, Tried, processor_seconds
from narrowgate.entrypoints.assure.stage import Stage, unchanged
from narrowgate.gate.ports import ConfirmationIndex

_PARTS: Final = (16, 4, 1)
"""Of the largest size."""

_STEPS: Final = (_PARTS[1] - _PARTS[2]) * _PARTS[0] / (_PARTS[0] - _PARTS[1])
"""In proportion, the step to the largest size costs so many times the one before; what starting costs is in neither."""

_TOLERANCE: Final = 1.25
_NOISE_SECONDS: Final = 1.0
_NOISE_SHARE: Final = 0.5
"""Of the middle measurement; a busy machine moves figures by so much within minutes."""

_PLANTED_SECONDS: Final = 0.0125
"""For each item of the largest package."""

Measured = Sequence[tuple[int, Sequence[float]]]
"""Sizes, and the processor seconds of each measurement."""


def growth(stage: Stage, size: Size, planted: bool) -> Tried:
    """Packages of three sizes, builds of tax files of three sizes, and one package on each index."""
    times = 2 if size.cases >= FULL.cases and not planted else 1
    items = _questions(stage, 4 * size.items)
    counts = [len(items) // part for part in _PARTS]
    measured: dict[str, Measured] = {
        "a package, by its items": [
            (count, _repeated(times, partial(_decided, stage, items[:count], "index", planted, len(items))))
            for count in counts
        ]
    }
    if not planted:  # the fault is the gate's
        files = [_part_of_file(stage, part) for part in _PARTS]
        measured["an index, by its records"] = [
            (rows, _repeated(times, partial(_built, stage, path))) for path, rows in files
        ]
        measured["a package, by the records of the index"] = [
            (rows, _repeated(times, partial(_decided, stage, items[: counts[1]], path.stem)))
            for path, rows in files
        ]
    broken, figures, samples = [], dict[str, Figure](), dict[str, Sequence[float]]()
    for what, sizes in measured.items():
        told = "; ".join(f"{count:,}: {min(took):.2f}" for count, took in sizes)
        figures[f"processor seconds of {what}"] = told
        samples |= {f"processor, {what}: {count:,}": took for count, took in sizes}
        if not _is_in_proportion([min(took) for _, took in sizes]):
            broken.append(f"More than in proportion, {what}: {told}")
    return Tried(sum(len(took) for sizes in measured.values() for _, took in sizes), broken, figures, samples)


def _is_in_proportion(took: Sequence[float]) -> bool:
    """Whether the step to the largest size costs no more than the step before lets expect."""
    first, middle, last = took
    expected = _STEPS * max(0.0, middle - first)
    return last - middle <= _TOLERANCE * expected + _NOISE_SECONDS + _NOISE_SHARE * middle


def _questions(stage: Stage, count: int) -> list[Item]:
    """So many different questions: the case file's, and its people at each other's addresses."""
    cases = stage.items
    return [
        at_home_of(cases[n % len(cases)], cases[(n + n // len(cases)) % len(cases)], f"g{n}")
        for n in range(count)
    ]


def _decided(
    stage: Stage, items: Sequence[Item], index: str, planted: bool = False, largest: int = 1
) -> float:
    """Processor seconds of all thirteen steps over these items, in a new gate."""
    gate = stage.gate("grown", stage.agreement(), index)
    gate.package("grown", items)
    seconds = _PLANTED_SECONDS * len(items) ** 2 / largest
    change = over_index(partial(_gone_through_again, seconds)) if planted else unchanged
    began = processor_seconds()
    gate.run("grown", change=change)
    return processor_seconds() - began


def _gone_through_again(seconds: float, index: ConfirmationIndex) -> ConfirmationIndex:
    """The planted index: it costs so many seconds more, which grow by the square of the items."""
    ends = process_time() + seconds
    while process_time() < ends:
        pass
    return index


def _part_of_file(stage: Stage, part: int) -> tuple[Path, int]:
    """A file of its own with every ``part``-th row of the tax file, and how many rows it has."""
    rows = stage.records()[::part]
    path = stage.home / f"grown-{part}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path, len(rows)


def _built(stage: Stage, path: Path) -> float:
    """Processor seconds of a build of this file."""
    shutil.rmtree(stage.home / path.stem, ignore_errors=True)
    began = processor_seconds()
    stage.build(path.stem, path)
    return processor_seconds() - began


def _repeated(times: int, measure: Callable[[], float]) -> list[float]:
    return [measure() for _ in range(times)]
