"""What asking for a few tokens costs, and whether tokens of the index cost more than tokens of nobody."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
from benchmarks.scale.build import KEY
from benchmarks.scale.measure import record, show

from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.core.matching.tax_years import ALL_YEARS
from narrowgate.core.matching.token import ROW_KEY_SIZE, TOKEN_SIZE, Token
from narrowgate.index.columns import joined

TIMES = 40


def main() -> None:
    """Probe an index at every size asked for, hits and misses in turn, print the table and append it to the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    parser.add_argument(
        "--index", type=Path, help="default: the one with the most tokens that the gate benchmark made"
    )
    parser.add_argument("--tokens", type=int, nargs="+", default=[1, 10, 100, 1000])
    options = parser.parse_args()
    index = options.index or max(
        options.directory.glob("people-*-tokens-*"), key=lambda path: int(path.name.rpartition("-")[2])
    )
    with TemporaryDirectory() as spill:
        measure(index, Path(spill), 1)  # The first look-up of a process loads the engine.
        rows = [measure(index, Path(spill), asked) for asked in options.tokens]
    for row in rows:
        record(options.directory / "results.jsonl", "probe", index=index.name, **row)
    show(f"Probe of {index.name}", tuple(rows[0]), [tuple(row.values()) for row in rows])


def measure(directory: Path, spill: Path, asked: int) -> dict[str, float]:
    """Milliseconds to open an index, for its first probe, and for later ones of hits and of misses; medians."""
    random = Random(asked)  # noqa: S311  drawn again alike
    started = time.perf_counter()
    index = DuckDBIndex.open(directory, KEY.key_id, spill=spill)
    opened = 1000 * (time.perf_counter() - started)
    files = index.manifest.files_of("tokens")
    files = random.sample(files, min(asked, len(files)))
    held = [
        token for file in files for token in _drawn(directory / file.path, -(-asked // len(files)), random)
    ]
    first = _probe_milliseconds(index, held[:asked], expected=True)
    hits: list[float] = []
    misses: list[float] = []
    for _ in range(TIMES):
        hit = random.sample(held, asked)
        miss = [token[:8] + random.randbytes(8) for token in hit]
        hits.append(_probe_milliseconds(index, hit, expected=True))
        misses.append(_probe_milliseconds(index, miss, expected=False))
    return {
        "tokens asked": asked,
        "open ms": opened,
        "first ms": first,
        "hits ms": median(hits),
        "misses ms": median(misses),
        "ratio": median(hit / miss for hit, miss in zip(hits, misses, strict=True)),
    }


def _drawn(path: Path, count: int, random: Random) -> list[Token]:
    with pq.ParquetFile(path) as file:
        table = file.read_row_group(random.randrange(file.num_row_groups), ["token_high", "token_low"])
    return random.sample(joined(table.column(0), table.column(1)), count)


def _probe_milliseconds(index: DuckDBIndex, tokens: list[Token], *, expected: bool) -> float:
    asked, years = (
        b"".join(token + bytes(ROW_KEY_SIZE - TOKEN_SIZE) for token in tokens),
        [ALL_YEARS] * len(tokens),
    )
    started = time.perf_counter()
    answers = index.members(asked, years)
    taken = time.perf_counter() - started
    if set(answers) != {expected}:
        raise SystemExit("The index answers wrongly.")
    return 1000 * taken


if __name__ == "__main__":
    main()
