"""A build on a master and two workers, each a machine of one core, beside the same build of one process.

Processor seconds are those of every process of every machine, so they hold on a busy computer too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.scale.build import CREATED, KEY_BYTES, records_of
from benchmarks.scale.measure import record, show
from benchmarks.scale.population import MAPPING

_TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Build at every size asked for, print the table and append it to the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[300_000, 1_000_000])
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
    from support.standalone_cluster import StandaloneCluster, standalone_cluster

    home = options.directory.resolve() / "cluster"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (home / "mapping.toml").write_text(MAPPING)
    (home / "index.key").touch(0o600)
    (home / "index.key").write_text(KEY_BYTES.hex())

    def measured(machines: StandaloneCluster, source: Path, name: str, *engine: str) -> tuple[float, float]:
        """Seconds by the clock, and processor seconds of all machines."""
        command = ("index", "build", source, home / name, "--mapping", home / "mapping.toml")
        key = ("--key", f"file:{home}/index.key", "--as-of", CREATED.date().isoformat())
        spent: dict[str, float] = {}
        with machines.narrowgate(CREATED, *command, *key, *engine) as driver:
            every = [driver, machines.master, *machines.workers]
            before = {number: seconds_of(number) for each in every[1:] for number in each.processes()}
            started = time.perf_counter()
            done = threading.Event()

            def look() -> None:
                while not done.wait(0.3):
                    for number in (number for each in every for number in each.processes()):
                        own = seconds_of(number) - before.get(number, 0.0)
                        spent[number] = max(spent.get(number, 0.0), own)

            looking = threading.Thread(target=look)
            looking.start()
            code = driver.process.wait()
            seconds = time.perf_counter() - started
            done.set()
            looking.join()
            if code:
                raise SystemExit(driver.log)
        return seconds, sum(spent.values())

    rows = []
    with standalone_cluster(home / "machines") as machines:
        for size in options.sizes:
            source = records_of(options.directory.resolve(), size)
            engine = ("--engine", "spark", "--master", machines.url)
            clustered, clustered_processor = measured(machines, source, f"spark-{size}", *engine)
            plain, plain_processor = measured(machines, source, f"plain-{size}")
            if contents(home / f"spark-{size}") != contents(home / f"plain-{size}"):
                raise SystemExit("The two indexes differ.")
            figures = {
                "records": size,
                "cluster s": clustered,
                "cluster processor s": clustered_processor,
                "DuckDB s": plain,
                "DuckDB processor s": plain_processor,
            }
            record(options.directory / "results.jsonl", "cluster", **figures)
            rows.append(figures)
    show("A master and two workers of one core", tuple(rows[0]), [tuple(row.values()) for row in rows])
    shutil.rmtree(home)


def seconds_of(process: str) -> float:
    """Processor seconds that a process spent itself."""
    with suppress(OSError):
        spent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(spent[11]) + int(spent[12])) / _TICK
    return 0.0


def contents(directory: Path) -> dict[str, bytes]:
    """Every file of an index."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


if __name__ == "__main__":
    main()
