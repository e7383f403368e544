"""The same items and the same people through Narrowgate, a SQL join and Splink, on this machine, one by one."""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.scale import gate
from benchmarks.scale.build import CREATED
from benchmarks.scale.measure import record, show
from benchmarks.scale.population import ALL_PLACES, Population

from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.request.item import ITEM_COLUMNS

_WRONG = ("must_not_confirm", "refused")


def main() -> None:
    """Print the table and append it to the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    parser.add_argument("--peers", type=Path, default=Path(".venv-accuracy/bin/python"))
    parser.add_argument("--memory-limit", default="4GB", help="of the peers' database")
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    index = gate.people_index(options.directory, options.items)
    building = time.perf_counter() - started
    run = gate.measure(options.directory, options.items, options.items, 0, index, 2, "1GB")
    confirmed = {
        truth: run.confusion[truth, Outcome.CONFIRMED] for truth in ("must_confirm", "may_confirm", *_WRONG)
    }
    must = confirmed["must_confirm"] + run.confusion["must_confirm", Outcome.NOT_CONFIRMED]
    must += run.confusion["must_confirm", Outcome.REFUSED]
    ours = {
        "method": "Narrowgate, thirteen steps",
        "seconds": run.seconds,
        "confirmed": sum(confirmed.values()),
        "wrong": sum(confirmed[truth] for truth in _WRONG),
        "missed": must - confirmed["must_confirm"],
        "peak_mb": run.peak_mb,
    }
    peers = _peers(options.directory, options.items, options.peers, options.memory_limit)
    rows = [
        (
            one["method"],
            float(one["seconds"]),
            f"{one['seconds'] / ours['seconds']:.2f}",
            f"{one['wrong']:,}",
            f"{one['missed']:,}",
            f"{one['confirmed']:,}",
            f"{one['peak_mb']:,.0f}",
        )
        for one in (ours, *peers)
    ]
    header = ("method", "s", "ratio", "wrongly confirmed", "true ones missed", "confirmed", "peak MB")
    show(
        f"{options.items:,} items and as many people; building the index took {building:.0f} s", header, rows
    )
    record(options.directory / "results.jsonl", "side by side", items=options.items, rows=[ours, *peers])


def _peers(directory: Path, items: int, python: Path, memory_limit: str) -> list[dict[str, object]]:
    """The peers' rows, from a process with their own environment."""
    cases = directory / f"cases-{items}.parquet"
    drawn = Population(ALL_PLACES).items(items, items, CREATED.date())
    rows = [{**dict(zip(ITEM_COLUMNS, item, strict=True)), "truth": truth} for item, truth in drawn]
    pq.write_table(pa.Table.from_pylist(rows), cases)
    results = directory / f"peers-{items}.json"
    records = directory / f"people-{items}.parquet"
    script = Path(__file__).with_name("peers.py")
    subprocess.run([python.absolute(), script, records, cases, results, memory_limit], check=True)
    found: list[dict[str, object]] = json.loads(results.read_bytes())
    return found


if __name__ == "__main__":
    main()
