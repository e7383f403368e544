"""The limit: what this machine needs to read the index once and to compute every hash once, and nothing else."""

from __future__ import annotations

import argparse
import json
import os
import time
from multiprocessing import get_context
from pathlib import Path

from benchmarks.scale.measure import pace, record, show

_BLOCK = 1 << 23
_HASHES = 400_000
SHA256_PER_HMAC = 2

HASHES_PER_ITEM = {
    "6 eligibility": 2 * 4 + 6 * SHA256_PER_HMAC,
    "8 tokens": 24 * SHA256_PER_HMAC,
    "12 log": 2 + 2 + 1,
    "11 seal": 2,
}
"""SHA-256 calls: two salted commitments and six history digests; about 24 tokens; the outcome's salt and commitment,
the leaf and its share of the tree; the salt again."""


def main() -> None:
    """Measure bandwidth and hash rate, set the gate's last largest run beside them, and append the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    options = parser.parse_args()
    run = _largest_run(options.directory / "results.jsonl")
    files = sorted(options.directory.glob(f"people-*-tokens-{run['tokens']}/*/*.parquet"))
    read = sum(path.stat().st_size for path in files)
    bandwidth = read_bandwidth(files)
    with get_context("spawn").Pool(2) as pool:
        hashes = sum(1e6 / each for each in pool.map(pace, [_HASHES] * 2))
    rows = []
    for step, cost in run["steps"].items():
        least = _least(step, run["items"], read, bandwidth, hashes)
        if least:
            rows.append((step, least, cost["s"], f"{cost['s'] / least:,.0f}"))
    whole = sum(row[1] for row in rows)
    rows.append(("all", whole, run["steps"]["all"]["s"], f"{run['steps']['all']['s'] / whole:,.0f}"))
    print(
        f"sequential read {bandwidth / 1e9:.2f} GB/s, {hashes / 1e6:.2f} million SHA-256 of 128 bytes/s on 2 cores"
    )
    show(
        f"{run['items']:,} items against {run['tokens']:,} tokens",
        ("step", "limit s", "measured s", "times"),
        rows,
    )
    record(
        options.directory / "results.jsonl",
        "limit",
        bandwidth=bandwidth,
        hashes_per_second=hashes,
        bytes=read,
        steps={row[0]: row[1] for row in rows},
    )


def _least(step: str, items: int, read: int, bandwidth: float, hashes: float) -> float:
    if step == "9 probe":
        return read / bandwidth
    return items * HASHES_PER_ITEM.get(step, 0) / hashes


def _largest_run(results: Path) -> dict[str, object]:
    runs = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    return max(
        (run for run in runs if run["benchmark"] == "gate"),
        key=lambda run: (run["items"], run["tokens"], run["at"]),
    )


def read_bandwidth(files: list[Path]) -> float:
    """Bytes a second, one reader, the files dropped from the cache of the system first."""
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    started = time.perf_counter()
    total = 0
    for path in files:
        with path.open("rb", buffering=0) as file:
            while data := file.read(_BLOCK):
                total += len(data)
    return total / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
