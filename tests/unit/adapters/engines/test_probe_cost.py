"""What a look-up reads depends on what was asked, not on what is held; and a few tokens read little."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.core.matching.tax_years import ALL_YEARS
from narrowgate.core.matching.token import Token
from narrowgate.index.build import write_manifest
from narrowgate.index.columns import token_batch
from narrowgate.index.files import write_sorted
from support.index_worlds import KEY, MAPPING, Row, settings, write_rows

ROWS = 300_000
"""Tokens, and guards: some 18 row groups of each in each of two files."""

_COUNTS = Path("/proc/self/io")

pytestmark = pytest.mark.skipif(not _COUNTS.exists(), reason="the kernel does not count what a process reads")


@pytest.fixture(scope="module")
def held() -> list[Token]:
    """The tokens of the index, in the order of its files."""
    random = Random(7)  # noqa: S311 - drawn again alike
    return sorted((random.randbytes(16) for _ in range(ROWS)), key=lambda token: (token[0] ^ 0x80, token))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, held: list[Token]) -> DuckDBIndex:
    """An index of those tokens, and of guards under the same, whose files have all been hashed."""
    home = tmp_path_factory.mktemp("probe-cost")
    source = write_rows(home / "r.csv", [Row("212345671", "MARIA", "LOPEZ", "1980-01-02", "538 ORCHID ST")])
    manifest = build_index(source, MAPPING, home / "small", KEY, settings(home)).manifest
    rows = token_batch(token=held).append_column("sealed", pa.array([ALL_YEARS >> 1] * ROWS))
    (home / "large").mkdir()
    files = [
        *write_sorted([rows], home / "large", "tokens", "0000-", 1),
        *write_sorted([rows], home / "large", "guards", "0000-", 1),
    ]
    write_manifest(replace(manifest, files=tuple(files)), home / "large", None)
    opened = DuckDBIndex.open(home / "large", KEY.key_id, spill=home / "spill", threads=1)
    members(opened, held[::1000])
    guarded(opened, held[::1000])
    return opened


def members(index: DuckDBIndex, tokens: list[Token]) -> int:
    unmasked = b"".join(token + bytes(16) for token in tokens)
    return sum(index.members(unmasked, [ALL_YEARS] * len(tokens)))


def guarded(index: DuckDBIndex, tokens: list[Token]) -> int:
    return sum(sum(facts.found) for facts in index.guards([b"".join(tokens)]))


def bytes_read_by(look_up: Callable[[], int]) -> tuple[int, int]:
    """How many tokens were found, and how many bytes this process read for it: the least of three times.

    What another thread of the test run reads meanwhile counts too.
    """
    costs = []
    for _ in range(3):
        before = _bytes_read()
        found = look_up()
        costs.append((found, _bytes_read() - before))
    return min(costs)


def _bytes_read() -> int:
    counts = dict(line.split(": ") for line in _COUNTS.read_text().splitlines())
    return int(counts["rchar"])


def neighbors(tokens: list[Token]) -> list[Token]:
    """Tokens that nobody holds, in the places of the others."""
    return [(int.from_bytes(token) + 1).to_bytes(16) for token in tokens]


@pytest.mark.parametrize("count", [1, 10, 200, 20_000])
@pytest.mark.parametrize("look_up", [members, guarded])
def test_hits_read_the_same_bytes_as_misses(
    index: DuckDBIndex, held: list[Token], look_up: Callable[[DuckDBIndex, list[Token]], int], count: int
) -> None:
    asked = Random(count).sample(held, count)  # noqa: S311 - drawn again alike
    hits, bytes_for_hits = bytes_read_by(lambda: look_up(index, asked))
    misses, bytes_for_misses = bytes_read_by(lambda: look_up(index, neighbors(asked)))
    assert (hits, misses) == (count, 0)
    # The digits of the kernel's own count are read too.
    assert bytes_for_misses == pytest.approx(bytes_for_hits, abs=8)


def test_a_few_tokens_read_a_row_group_each_and_not_the_index(index: DuckDBIndex, held: list[Token]) -> None:
    size = sum(path.stat().st_size for path in (index.directory / "tokens").iterdir())
    group = pq.read_metadata(next((index.directory / "tokens").iterdir())).row_group(0).total_byte_size
    for count in (1, 3):
        found, read = bytes_read_by(lambda asked=held[5 :: ROWS // count]: members(index, asked))
        assert found == count
        assert read < count * group + size / 10


def test_a_look_up_does_not_wait_for_pandas(index: DuckDBIndex) -> None:
    pytest.importorskip("pandas")
    script = (
        "import sys; from pathlib import Path; from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex;"
        "index = DuckDBIndex.open(Path(sys.argv[1]), sys.argv[2], spill=Path(sys.argv[1]) / 'spill');"
        "assert list(index.members(bytes(32), [1])) == [False]; assert index.guards([bytes(16)]);"
        "print('pandas' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, index.directory, KEY.key_id],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "False\n"


def test_a_hundred_tokens_do_not_read_what_lies_between_them(index: DuckDBIndex, held: list[Token]) -> None:
    size = sum(path.stat().st_size for path in (index.directory / "tokens").iterdir())
    ends = [*held[1000:1050], *held[-1050:-1000]]
    found, read = bytes_read_by(lambda: members(index, ends))
    assert found == len(ends)
    assert read < size / 4
