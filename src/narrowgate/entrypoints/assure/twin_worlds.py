"""Two worlds with the same answers send the same bytes."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.files.vault import DirectoryVault
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.request.item import Item
from narrowgate.core.request.manifest import parse_manifest
from narrowgate.entrypoints.assure.broken_parts import IndexOver
from narrowgate.entrypoints.assure.check import Size, Tried
from narrowgate.entrypoints.assure.stage import Stage
from narrowgate.entrypoints.bootstrap import open_index
from narrowgate.gate.run import Gate
from narrowgate.index.integrity import read_manifest

OTHER_INDEX = "other-index"


def twin_worlds(stage: Stage, size: Size, planted: bool) -> Tried:
    """Two tax files that agree on the answers and on nothing else: every byte that leaves both gates is the same."""
    other = _other_file(stage)
    asked = list(stage.items[: size.items])
    one, two = _run(stage, "twin", asked, None, planted), _run(stage, "twin", asked, other, planted)
    # What the other file makes another answer of is no question of this check.
    agreed = [item for item, first, second in zip(asked, one[1], two[1], strict=True) if first is second]
    here, there = _run(stage, "twin", agreed, None, planted), _run(stage, "twin", agreed, other, planted)
    broken = [
        f"Differs: {name}"
        for name in sorted(here[0].keys() | there[0].keys())
        if here[0].get(name) != there[0].get(name)
    ]
    broken += [] if here[1] == there[1] else ["The answers differ."]
    confirmed = sum(outcome is Outcome.CONFIRMED for outcome in here[1])
    if not confirmed:
        broken.append(
            "The positive control failed: no item was confirmed, so that a hit could not have shown."
        )
    figures: dict[str, int | float | str] = {
        "items": len(agreed),
        "confirmed": confirmed,
        "files compared": len(here[0]),
        "bytes compared": sum(map(len, here[0].values())),
        "records here": len(stage.records()),
        "records there": len((stage.home / "other.csv").read_text(encoding="utf-8").splitlines()) - 1,
    }
    return Tried(len(agreed), broken, figures)


def _run(
    stage: Stage, name: str, items: Sequence[Item], index: Path | None, planted: bool
) -> tuple[dict[str, bytes], list[Outcome]]:
    """Everything that leaves a new gate, log included, and the answers; the description of the index is held equal."""
    gate = stage.gate(name, stage.agreement())
    # A signature has a random part and the log names its digest: both worlds are handed the same package.
    shared = stage.home / f"package-of-{len(items)}"
    if shared.exists():
        shutil.copytree(shared, gate.home / "package-twins")
    else:
        gate.package("twins", items)
        shutil.copytree(gate.home / "package-twins", shared)
    package_id = parse_manifest(PackageDirectory(shared).manifest(), "twins").package_id
    settings = gate.settings if index is None else replace(gate.settings, index=index)

    def change(real: Gate) -> Gate:
        # Salts and seals come from the package's data key: the same in both worlds, unless it is drawn from the file.
        seed = read_manifest(settings.index, None).digest if planted else b"one seed"
        told = real.open_index

        def opened(key_id: str) -> IndexOver:
            return IndexOver(open_index(settings, key_id, stage.now), described=told(key_id).snapshot())

        return replace(
            real, vault=DirectoryVault(gate.settings.vault, SeededEntropy(seed)), open_index=opened
        )

    gate.run("twins", change=change)
    found = gate.answers(package_id)
    outcomes = [found.get(ordinal, Outcome.REFUSED) for ordinal in range(len(items))]
    return _files(gate.home, ("log", "answers")), outcomes


def _files(home: Path, folders: Sequence[str]) -> dict[str, bytes]:
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for folder in folders
        for path in sorted((home / folder).rglob("*"))
        if path.is_file()
    }


def _other_file(stage: Stage) -> Path:
    """An index of another tax file: the confirmed people's records as they are, and of nobody else a single one."""
    index = stage.home / OTHER_INDEX
    if index.exists():
        return index
    confirmed = {item.tin.replace("-", "") for item in stage.confirmed if item.tin}
    born = {item.birth_date.replace("-", "") for item in stage.confirmed}
    rows = stage.records()
    kept = [
        row for row in rows if row["TIN"].replace("-", "") in confirmed or row["DOB"].replace("-", "") in born
    ]
    strangers = [
        row | {"TIN": f"{700 + n % 90:03d}-{11 + n % 80:02d}-{1000 + n:04d}", "FIRST_NAMES": "Ottilie"}
        for n, row in enumerate(rows[: len(rows) // 3])
    ]
    path = stage.home / "other.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows([*kept, *strangers])
    return stage.build(OTHER_INDEX, path)
