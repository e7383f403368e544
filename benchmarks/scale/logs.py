"""A world whose log has as many entries as wanted: a demo, and behind its entries synthetic packages.

Charter, acts and their signatures are real, so that whatever an inspector runs can be measured on it. Commitments of
the synthetic items are random bytes: there is nothing to open. Nothing is synced; it is no log to keep.

    python -m benchmarks.scale.logs build/scale/log-1280000 --entries 1280000
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.checkpoint_file import CheckpointFile
from narrowgate.adapters.signing.certificates import load_certificates, load_person_key
from narrowgate.adapters.signing.issuing import Credential
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.checkpoint import Checkpoint, sign_checkpoint
from narrowgate.core.log.file_names import CHECKPOINT
from narrowgate.core.log.leaf import (
    PACKAGE_DECIDED,
    PACKAGE_RECEIVED,
    ItemLeaves,
    PackageDecided,
    PackageReceived,
    PackageRefused,
)
from narrowgate.core.log.merkle import leaf_hash
from narrowgate.core.log.releases import PackageReleased, ReleaseDelayed
from narrowgate.core.log.tiles import (
    ENTRIES,
    TILE_WIDTH,
    RightEdge,
    Tile,
    decode_bundle,
    encode_bundle,
    last_tile,
)
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.bootstrap import log_signer, opened_acts
from narrowgate.entrypoints.sandbox.custody import Custody
from narrowgate.entrypoints.sandbox.synthetic import write_world
from narrowgate.entrypoints.sandbox.world import Sources, build_world
from narrowgate.entrypoints.settings import GateSettings, read_settings
from narrowgate.governance.acts import Wanted
from narrowgate.verify.entries import LogEntries

FOUNDED = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
BETWEEN = timedelta(hours=16)
"""From one package to the next: 10 million entries are about ten months."""
LARGEST = 100_000
"""Rows of the largest package; of a small log no more than a fortieth of it."""
RULES = (("R-62",), ("R-64",), ("R-64", "R-65"), ("R-26",), ("R-70",))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, help="does not exist yet")
    parser.add_argument("--entries", type=int, default=1_280_000)
    parser.add_argument("--largest", type=int, default=LARGEST, help="rows of the largest package")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.perf_counter()
    size = make_world(options.directory, options.entries, options.largest, options.seed)
    print(json.dumps({"entries": size, "seconds": round(time.perf_counter() - started, 1)}))


def world_of(entries: int, directory: Path = Path("build/scale")) -> Path:
    """A world of so many entries, made where there is none yet, in a process of its own."""
    home = directory / f"log-{entries}"
    if not (home / "gate.toml").exists():
        command = ["benchmarks.scale.logs", str(home), "--entries", str(entries)]
        subprocess.run([sys.executable, "-m", *command], check=True)
    return home


def make_world(home: Path, entries: int, largest: int = LARGEST, seed: int = 1) -> int:
    """A world of at least ``entries`` leaves in its log (a package more or less is not cut); how many there are."""
    work = home.with_name(f"{home.name}.unfinished")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    write_world(work, 200, 20, seed, FOUNDED.date())
    sources = Sources(work / "records.csv", work / "mapping.toml", work / "cases.csv")
    clock = FixedClock(FOUNDED)
    build_world(
        work, sources, clock, SeededEntropy(b"%032d" % seed), 1, lambda _stage, _done, _total=None: None
    )
    settings = read_settings(work)
    _hold_and_lift(settings, work)
    size = _extend(settings, entries, min(largest, entries // 40), random.Random(seed))  # noqa: S311 - nothing is kept secret here
    work.rename(home)
    return size


def _hold_and_lift(settings: GateSettings, home: Path) -> None:
    """A hold of an hour, signed and applied as officers do it."""
    custody = Custody(
        settings,
        [_credential(home, f"custody-{number}") for number in (1, 2)],
        _credential(home, "signatory"),
    )
    for hours, kind in ((1, Kind.HOLD), (2, Kind.HOLD_LIFTED)):
        with opened_acts(settings, None) as books:
            custody.enact(books, Wanted(kind, "all", "benchmark"), FOUNDED + timedelta(hours=hours))


def _credential(home: Path, name: str) -> Credential:
    key = load_person_key(home / "keys" / f"{name}.key.pem")
    return Credential(key, load_certificates(home / "keys" / f"{name}.pem")[0])


def _leaves(received: dict[str, Any], largest: int, draw: random.Random) -> Iterator[bytes]:
    """Packages one after another without an end, each received, decided, and released three days later."""
    now = FOUNDED + timedelta(days=1)
    agreement, register = (bytes.fromhex(received[name]) for name in ("agreement_sha256", "officers_sha256"))
    for number in range(1_000_000):
        office = list(Office)[number % 2]
        package = f"p-{now:%Y%m%d}-{number:06x}"
        now += BETWEEN
        if number % 9 == 8:
            yield PackageRefused(
                package, draw.randbytes(32), office, draw.randbytes(32), ("R-26",), now
            ).leaf()
            continue
        rows = max(1, int(largest * draw.random() ** 3))
        slot = now + timedelta(hours=4)
        yield PackageReceived(
            package,
            draw.randbytes(32),
            draw.randbytes(32),
            agreement,
            register,
            rows,
            draw.randbytes(32),
            office,
            draw.randbytes(32),
            slot,
            now,
        ).leaf()
        counts: dict[str, int] = {}
        refused = yield from _items(package, rows, counts, draw)
        decided = PackageDecided(
            package,
            rows - refused,
            refused,
            dict(sorted(counts.items())),
            draw.randbytes(32),
            received["index_snapshot"],
            received["index_data_as_of"],
            draw.randbytes(32),
            now + timedelta(hours=1),
        )
        yield decided.leaf()
        if number % 25 == 24:
            later = slot + timedelta(hours=4)
            yield ReleaseDelayed(package, slot, later, slot).leaf()
            slot = later
        yield PackageReleased(package, slot, slot).leaf()


def _items(package: str, rows: int, counts: dict[str, int], draw: random.Random) -> Iterator[bytes]:
    leaves = ItemLeaves(package, "2", "2")
    refused = 0
    for start in range(0, rows, TILE_WIDTH):
        width = min(TILE_WIDTH, rows - start)
        commitments = draw.randbytes(96 * width)
        for row, chosen in enumerate(draw.choices(range(4 * len(RULES)), k=width)):
            findings = RULES[chosen] if chosen < len(RULES) else ()
            at = 96 * row
            yield leaves.leaf(
                start + row,
                findings,
                commitments[at : at + 32],
                commitments[at + 32 : at + 64],
                commitments[at + 64 : at + 96],
            )
            refused += bool(findings)
            for rule in findings:
                counts[rule] = counts.get(rule, 0) + 1
    return refused


def _extend(settings: GateSettings, entries: int, largest: int, draw: random.Random) -> int:
    """Append to the log, as ``TileLog`` lays it out, until it has so many entries and its last package is whole."""
    log = LogEntries(settings.log)
    fields = [entry.fields for entry in log if entry.kind in {PACKAGE_RECEIVED, PACKAGE_DECIDED}]
    known = fields[0] | fields[1]
    size = log.checkpoint.size
    edge = RightEdge.load(size, lambda tile: (settings.log / tile.path).read_bytes())
    last = last_tile(ENTRIES, size)
    bundle: list[bytes] = []
    if last.width < TILE_WIDTH:
        bundle = decode_bundle((settings.log / last.path).read_bytes(), last.width, last.path)
    wanted = entries - size
    leaves = _whole_packages(_leaves(known, largest, draw), wanted)
    while new := list(islice(leaves, edge.room)):
        bundle += new
        index = edge.size // TILE_WIDTH
        tiles = edge.add([leaf_hash(leaf) for leaf in new])
        _write(settings.log, Tile(ENTRIES, index, len(bundle)), encode_bundle(bundle))
        for tile, data in tiles:
            _write(settings.log, tile, data)
        if len(bundle) == TILE_WIDTH:
            bundle = []
    for tile, data in edge.partial_tiles():
        _write(settings.log, tile, data)
    signer = log_signer(settings)
    checkpoint = sign_checkpoint(Checkpoint(settings.log_origin, edge.size, edge.root()), signer)
    CheckpointFile(settings.checkpoints).keep(checkpoint)
    (settings.log / CHECKPOINT).write_text(checkpoint, "utf-8")
    return edge.size


def _whole_packages(leaves: Iterator[bytes], wanted: int) -> Iterator[bytes]:
    """So many leaves, and then those up to the next one that receives or refuses a package."""
    for count, leaf in enumerate(leaves):
        if count >= wanted and b'"type":"package-re' in leaf and b'"type":"package-released"' not in leaf:
            return
        yield leaf


def _write(directory: Path, tile: Tile, data: bytes) -> None:
    path = directory / tile.path
    if tile.index % 1000 == 0 or tile.width < TILE_WIDTH:
        path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


if __name__ == "__main__":
    main()
