"""What compiling the busiest part of ``core`` with mypyc gains: the same work, pure and compiled, in turns (ADR 38).

Needs a C compiler, and two minutes of one processor to compile. The outputs of both are compared byte for byte.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from statistics import median

import narrowgate

PURE = Path(narrowgate.__file__).parents[1]
REPOSITORY = Path(__file__).parents[2]
COMPILED = (
    "core/address", "core/person", "core/eligibility/history", "core/eligibility/rules",
    "core/matching/token.py", "core/matching/record.py", "core/base/tables.py", "core/base/times.py",
    "core/base/canonical_json.py", "core/base/mac.py", "core/request/item.py", "core/log/leaf.py",
)  # fmt: skip
"""What the profiles of step 6 and of the build's rows to tokens show, but ``ruleset.py``, whose rules are modules."""

_SETUP = """
import sys
from mypyc.build import mypycify
from setuptools import setup
extensions = mypycify(
    ["--follow-imports=silent", "--config-file=/dev/null", *sys.argv[1:]], opt_level="1", group_name="narrowgate_core"
)
sys.argv[1:] = ["build_ext", "--inplace"]
setup(name="narrowgate", packages=[], ext_modules=extensions)
"""


def main() -> None:
    """Compile a copy, measure both in turns, print medians and the gain, and append them to the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=24_000)
    parser.add_argument("--records", type=int, default=60_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    parser.add_argument("--measure", action="store_true", help="measure the package that is imported, once")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.items, options.records, options.directory)))
        return
    home = options.directory.resolve() / "compiled"
    spent = compile_into(home)
    kinds = {"pure": PURE, "compiled": home}
    found: dict[str, list[dict[str, float | str]]] = {kind: [] for kind in kinds}
    for _ in range(options.turns):
        for kind, source in kinds.items():
            found[kind].append(_measured(source, options))
    if len({run[name] for runs in found.values() for run in runs for name in ("examined", "tokens")}) != 2:
        raise SystemExit("The compiled package gives other bytes than the pure one.")
    from benchmarks.scale.measure import record, show

    medians = {
        kind: [median(float(run[name]) for run in runs) for name in ("examine_us", "record_us")]
        for kind, runs in found.items()
    }
    gains = [pure / compiled for pure, compiled in zip(*medians.values(), strict=True)]
    show(
        f"Pure and compiled ({spent:.0f} processor s to compile)",
        ("", "step 6, µs an item", "rows to tokens, µs a record"),
        [*((kind, *figures) for kind, figures in medians.items()), ("gain", *gains)],
    )
    record(
        options.directory / "results.jsonl", "compiled", compile_seconds=spent, medians=medians, gains=gains
    )


def compile_into(home: Path) -> float:
    """A copy of the package with the modules of ``COMPILED`` compiled; the processor seconds that took."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(
        PURE / "narrowgate", home / "narrowgate", ignore=shutil.ignore_patterns("__pycache__", "uswds")
    )
    files = [
        str(file.relative_to(home))
        for place in COMPILED
        for file in (
            [home / "narrowgate" / place]
            if place.endswith(".py")
            else (home / "narrowgate" / place).rglob("*.py")
        )
        if file.name != "__init__.py"
    ]
    before = os.times()
    subprocess.run(
        [sys.executable, "-c", _SETUP, *sorted(files)], cwd=home, check=True, stdout=subprocess.DEVNULL
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _measured(source: Path, options: argparse.Namespace) -> dict[str, float | str]:
    run = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.scale.compiled", "--measure", "--items", str(options.items),
            "--records", str(options.records), "--directory", str(options.directory.resolve()),
        ],
        cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{REPOSITORY}"},
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return json.loads(run.stdout.splitlines()[-1])


def measure(items: int, records: int, directory: Path) -> dict[str, float | str]:
    """Processor microseconds of an item in step 6 and of a record made into tokens, with digests of what came out."""
    import pyarrow.parquet as pq
    from benchmarks.scale.build import KEY
    from benchmarks.scale.examine import terms_and_rows
    from benchmarks.scale.population import ALL_PLACES, MAPPING, Population

    from narrowgate.core.taxfile.mapping import parse_mapping
    from narrowgate.gate.step_06_eligibility import BATCH_ITEMS, examine_batch
    from narrowgate.index.rows import BATCH_ROWS, RowBatch
    from narrowgate.index.tokenize import Tokenizer

    terms, rows = terms_and_rows(items, items)
    source = directory / f"records-once-{records}.parquet"
    if not source.exists():
        Population(ALL_PLACES).write_records(source, records, (2024,))  # hardly a street is met twice
    table = pq.read_table(source).combine_chunks()
    tokenizer = Tokenizer(KEY, parse_mapping(MAPPING, "mapping.toml"))
    gc.collect()
    gc.freeze()
    gc.disable()  # as in a worker
    examined, tokens = sha256(), sha256()
    seconds = [0.0, 0.0]
    for first in range(0, len(rows), BATCH_ITEMS):
        started = time.process_time()
        batch = examine_batch(terms, (first, rows[first : first + BATCH_ITEMS]))
        seconds[0] += time.process_time() - started
        examined.update(repr(batch).encode())
    done = 0
    for part in table.to_batches(max_chunksize=BATCH_ROWS):
        started = time.process_time()
        entries = tokenizer.tokenize(RowBatch(part, range(done, done + part.num_rows), ()))
        seconds[1] += time.process_time() - started
        done += part.num_rows
        for column in (entries.entries, entries.streets, entries.suppressed):
            tokens.update(repr(column.to_pylist()).encode())
    return {
        "examine_us": seconds[0] / len(rows) * 1e6,
        "record_us": seconds[1] / done * 1e6,
        "examined": examined.hexdigest(),
        "tokens": tokens.hexdigest(),
    }


if __name__ == "__main__":
    main()
