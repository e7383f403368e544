"""The build end to end: records from Parquet to a published index, at growing sizes."""

from __future__ import annotations

import argparse
import shutil
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.scale.measure import Watch, record, show
from benchmarks.scale.population import ALL_PLACES, MAPPING, PEOPLE_OF_A_ZIP, YEARS, Population

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.taxfile.mapping import parse_mapping
from narrowgate.index.build import BuildSettings

KEY_BYTES = b"this key is for benchmarks only."
KEY = IndexKey(KEY_BYTES)
CREATED = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def main() -> None:
    """Build at every size asked for, print the table and append it to the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1_000_000, 5_000_000, 20_000_000, 50_000_000]
    )
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--sparse", action="store_true", help="people all over the country: hardly a street is met twice"
    )
    parser.add_argument(
        "--passes", type=int, help="how often the records are read; default: as often as pays"
    )
    parser.add_argument("--keep", action="store_true", help="keep the indexes for the other benchmarks")
    options = parser.parse_args()
    rows = []
    for size in options.sizes:
        rows.append(
            measure(options.directory, size, options.workers, sparse=options.sparse, passes=options.passes)
        )
        if not options.keep:
            shutil.rmtree(index_of(options.directory, size))
    header = (
        "records", "tokens", "s", "processor s", "records/s/core", "peak MB main", "peak MB all", "µs a SHA-256",
    )  # fmt: skip
    show("Build, people all over the country" if options.sparse else "Build", header, rows)


def records_of(directory: Path, size: int, *, sparse: bool = False) -> Path:
    """The records of a size, written at the first asking; people live as densely as they do, or sparsely."""
    path = directory / f"records-{'sparse-' if sparse else ''}{size}.parquet"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".new")
        people = size // len(YEARS)
        places = ALL_PLACES if sparse else max(1, people // PEOPLE_OF_A_ZIP)
        Population(places).write_records(unfinished, people)
        unfinished.rename(path)
    return path


def index_of(directory: Path, size: int) -> Path:
    """Where the index of a size lies."""
    return directory / f"index-{size}"


def measure(
    directory: Path, size: int, workers: int, *, sparse: bool, passes: int | None = None
) -> tuple[object, ...]:
    """One build; the row of the table."""
    source = records_of(directory, size, sparse=sparse)
    index = index_of(directory, size)
    shutil.rmtree(index, ignore_errors=True)
    settings = BuildSettings(
        shared_address_limit=20,
        data_as_of=CREATED.date().isoformat(),
        created=CREATED,
        quarantine=directory / f"quarantine-{size}.csv",
        memory_limit="1GB",
        workers=workers,
        passes=passes,
    )
    with Watch().watching() as watch, watch.step("build"):
        report = build_index(source, parse_mapping(MAPPING, "mapping.toml"), index, KEY, settings)
    step = watch.steps["build"]
    tokens = sum(file.rows for file in report.manifest.files_of("tokens"))
    figures = {
        "records": size,
        "tokens": tokens,
        "guards": sum(file.rows for file in report.manifest.files_of("guards")),
        "seconds": step.seconds,
        "processor_seconds": step.own + step.workers,
        "per_second_and_core": size / step.seconds / workers,
        "peak_mb": step.peak_mb,
        "peak_total_mb": step.peak_total_mb,
        "pace": watch.pace(),
    }
    record(directory / "results.jsonl", "build", workers=workers, sparse=sparse, passes=passes, **figures)
    return (
        f"{size:,}",
        f"{tokens:,}",
        step.seconds,
        step.own + step.workers,
        f"{figures['per_second_and_core']:,.0f}",
        f"{step.peak_mb:,.0f}",
        f"{step.peak_total_mb:,.0f}",
        f"{figures['pace']:.3f}",
    )


if __name__ == "__main__":
    main()
