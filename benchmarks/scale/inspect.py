"""How long an inspector waits: a whole log verified, by ours and by the second verifier in Go, with processor seconds.

python -m benchmarks.scale.inspect --entries 1280000 10000000
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.scale.logs import world_of

SECOND = Path("verify/second/main.go")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[1_280_000, 10_000_000])
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    second = _second(options.directory)
    results = options.directory / "results.jsonl"
    for entries in options.entries:
        world = world_of(entries, options.directory)
        bundle = options.directory / f"bundle-{entries}"
        shutil.rmtree(bundle, ignore_errors=True)
        program = [sys.executable, "-m", "narrowgate"]
        commands = {
            "inspector verify, world": [*program, "inspector", "verify", str(world)],
            "inspector bundle": [*program, "inspector", "bundle", str(bundle), "--config", str(world)],
            "inspector verify, bundle": [*program, "inspector", "verify", str(bundle)],
        }
        if second is not None:
            commands["second verifier, log"] = [str(second), str(world / "log")]
        for name, command in commands.items():
            measured = {"what": name, "entries": entries, **run(command)}
            print(json.dumps(measured), flush=True)
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"at": datetime.now(UTC).isoformat(), **measured}) + "\n")  # noqa: TID251
        shutil.rmtree(bundle)


def run(command: list[str]) -> dict[str, Any]:
    """Seconds, processor seconds of all processes, and the peak of the largest of them; in a process of its own."""
    code = (
        "import json, resource, subprocess, sys, time; started = time.perf_counter();"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(json.dumps({'seconds': round(time.perf_counter() - started, 1), 'processor_seconds': "
        "round(used.ru_utime + used.ru_stime, 1), 'peak_mb': used.ru_maxrss // 1024, 'exit_code': done.returncode,"
        "'load': __import__('os').getloadavg()[0]}))"
    )
    found = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(found.stdout)
    return told


def _second(directory: Path) -> Path | None:
    """The Go program, where Go and its package are installed."""
    if shutil.which("go") is None:
        return None
    built = directory / "second"
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": ""}
    subprocess.run(["go", "build", "-o", str(built.absolute()), str(SECOND)], check=True, env=environment)
    return built


if __name__ == "__main__":
    main()
