"""The build and the probe on Spark beside the same on DuckDB; the two indexes must be the same bytes."""

from __future__ import annotations

import argparse
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
from benchmarks.scale.build import CREATED, KEY, KEY_BYTES, records_of
from benchmarks.scale.measure import Watch, record, show
from benchmarks.scale.population import MAPPING

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.adapters.engines.spark.build import build_index_on_spark
from narrowgate.adapters.engines.spark.session import session
from narrowgate.adapters.engines.spark.spark_index import SparkIndex
from narrowgate.core.matching.tax_years import ALL_YEARS
from narrowgate.core.matching.token import ROW_KEY_SIZE, TOKEN_SIZE, Token
from narrowgate.core.taxfile.mapping import parse_mapping
from narrowgate.index.build import BuildReport, BuildSettings
from narrowgate.index.columns import joined

ASKED = 1_280_000
"""Tokens of one probe, half of them in the index."""


def main() -> None:
    """Build and probe at every size asked for, print the tables and append them to the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[300_000, 1_000_000, 3_000_000])
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    parser.add_argument("--master", default=f"local[{os.cpu_count()}]")
    options = parser.parse_args()
    home = options.directory.resolve()
    sources = [records_of(home, size) for size in options.sizes]
    os.environ.setdefault("SPARK_LOCAL_DIRS", str(home / "spark-local"))
    started = time.perf_counter()
    session(options.master, "2GB")
    print(f"Session started in {time.perf_counter() - started:.1f} s.")
    rows = [
        measure(home, source, size, options.master)
        for size, source in zip(options.sizes, sources, strict=True)
    ]
    show(f"Spark on {options.master}", tuple(rows[0]), [tuple(row.values()) for row in rows])


def measure(home: Path, source: Path, size: int, master: str) -> dict[str, float]:
    """Both builds and both probes of one size; the row of the table by column."""
    key_file = home / "benchmark.key"
    if not key_file.exists():
        key_file.touch(0o600)
        key_file.write_text(KEY_BYTES.hex())
    plain, spark = home / f"plain-{size}", home / f"spark-{size}"
    for directory in (plain, spark):
        shutil.rmtree(directory, ignore_errors=True)
    settings = BuildSettings(
        shared_address_limit=20,
        data_as_of=CREATED.date().isoformat(),
        created=CREATED,
        quarantine=home / "quarantine-spark.csv",
        workers=os.cpu_count() or 1,
    )
    mapping = parse_mapping(MAPPING, "mapping.toml")
    with Watch().watching() as watch:
        with watch.step("DuckDB"):
            expected = build_index(source, mapping, plain, KEY, settings)

        def told(stage: str, *_: int | None) -> None:
            if stage == "persons and streets":
                watch.begin("aggregate")

        timed = replace(settings, progress=told)
        watch.begin("tokenize")
        report = build_index_on_spark(source, mapping, spark, f"file:{key_file}", timed, master=master)
        watch.end()
        if report.manifest != expected.manifest:
            raise SystemExit("The two indexes differ.")
        asked = _asked(plain, report)
        on_duckdb = DuckDBIndex.open(plain, KEY.key_id, spill=home / "spill")
        on_spark = SparkIndex.open(spark, KEY.key_id, master=master, spill=home / "spill")
        answers = []
        for name, index in (("DuckDB probe", on_duckdb), ("Spark probe", on_spark)):
            with watch.step(name):
                answers.append(list(index.members(asked, [ALL_YEARS] * ASKED)))
        if answers[0] != answers[1]:
            raise SystemExit("The two indexes answer differently.")
    figures: dict[str, float] = {
        "records": size,
        "tokens": sum(file.rows for file in report.manifest.files_of("tokens")),
    }
    for name in ("tokenize", "aggregate", "Spark probe", "DuckDB", "DuckDB probe"):
        step = watch.steps[name]
        figures |= {f"{name} s": step.seconds, f"{name} processor s": step.own + step.workers}
    record(home / "results.jsonl", "spark", master=master, **figures)
    for directory in (plain, spark):
        shutil.rmtree(directory)
    return figures


def _asked(directory: Path, report: BuildReport) -> bytes:
    random = Random(1)  # noqa: S311  drawn again alike
    held: list[Token] = []
    for file in report.manifest.files_of("tokens"):
        table = pq.read_table(directory / file.path, columns=["token_high", "token_low"])
        held += joined(table.column(0), table.column(1))
        if len(held) > ASKED // 2:
            break
    held = held[: ASKED // 2]
    unmasked = b"".join(token + bytes(ROW_KEY_SIZE - TOKEN_SIZE) for token in held)
    return unmasked + random.randbytes(ROW_KEY_SIZE * (ASKED - len(held)))


if __name__ == "__main__":
    main()
