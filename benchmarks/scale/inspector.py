"""What an inspector waits for in a large log: each command as a process of its own, with processor time and memory.

python -m benchmarks.scale.inspector --entries 10000000
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.scale.logs import world_of
from benchmarks.scale.measure import record, show

from narrowgate.verify.entries import LogEntries

RESULTS = Path("build/scale/results.jsonl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--world", type=Path, help="a world made before; else one is made")
    options = parser.parse_args()
    world = options.world or world_of(options.entries)
    item = _item_of(world)
    rows = []
    with TemporaryDirectory() as work:
        index, html = f"{work}/leaves", f"{work}/report.html"
        trace = ["inspector", "trace", world]
        recall = ["recall", "find", world]
        package = item.partition(":")[0]
        for name, arguments in (
            ("conformance", ["inspector", "conformance", world, "--html", html]),
            ("trace, the index being made", [*trace, item, "--index", index]),
            ("trace, with the index", [*trace, item, "--index", index]),
            ("the same again", [*trace, item, "--index", index]),
            ("trace of the package", [*trace, package, "--index", index]),
            ("recall find, by time", [*recall, "--from", "2026-01-01T00:00:00Z"]),
            ("recall find, by office", [*recall, "--office", "acting_director_of_ice"]),
            ("recall find, whole package", [*recall, "--item", package]),
        ):
            rows.append((name, *_measured(list(map(str, arguments)))))
    entries = LogEntries(world / "log").checkpoint.size
    record(RESULTS, "inspector", entries=entries, rows=rows)
    show(f"{entries:,} entries", ("command", "seconds", "processor s", "peak MB of a process"), rows)


def _item_of(world: Path) -> str:
    """An item in the middle of the log."""
    entries = LogEntries(world / "log")
    middle = entries.checkpoint.size // 2
    for _, fields in entries.between(middle, entries.checkpoint.size):
        if fields["type"] == "item-decided":
            return f"{fields['package']}:{fields['row']}"
    raise SystemExit("the log has no item in its second half")


_LAUNCHER = """
import json, os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, _, used = os.wait4(process.pid, 0)
print(json.dumps([time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
"""A small process starts the measured one: a process counts as its own peak what the one that started it had."""


def _measured(arguments: list[str]) -> tuple[float, ...]:
    command = [sys.executable, "-m", "narrowgate", *arguments, "--quiet"]
    told = subprocess.run([sys.executable, "-S", "-c", _LAUNCHER, *command], capture_output=True, check=True)
    return tuple(round(figure, 1) for figure in json.loads(told.stdout))


if __name__ == "__main__":
    main()
