"""An index of any number of tokens: a real one among random tokens, written as a build writes.

A probe cannot tell a random token from another person's, and asks for none of them; so a hundred million tokens
need not be computed from a hundred million addresses to be searched. Guards are padded to the share they have in
an index of people who live as densely as they do (``benchmarks.scale.build`` counts both).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from narrowgate.adapters.engines.duckdb.connection import connect, stream
from narrowgate.index.build import write_manifest
from narrowgate.index.files import ROW_SCHEMA, split_bits, write_sorted
from narrowgate.index.manifest import IndexFile, IndexManifest
from narrowgate.index.workspace import publish, workspace

_RANDOM = "(hash(i, '{name}')::HUGEINT - 9223372036854775808)::BIGINT AS {name}"
GUARDS_PER_TOKEN = 0.05
"""A build of 56,335 records of the demo has 0.007; more here, as with a street reference."""

_SLICES = 16
_WIDTH = (1 << 64) // _SLICES


def pad(real: Path, manifest: IndexManifest, directory: Path, tokens: int) -> IndexManifest:
    """The index at ``real`` with random tokens up to ``tokens`` in all, at ``directory``.

    Args:
        real: a finished index.
        manifest: of it.
        directory: must not exist.
        tokens: more than the real index has.
    """
    held = sum(file.rows for file in manifest.files_of("tokens"))
    with workspace(directory) as work:
        finished = work / "index"
        finished.mkdir()
        files = [
            *_padded(real, manifest, work, "tokens", tokens),
            *_padded(real, manifest, work, "guards", round(tokens * GUARDS_PER_TOKEN)),
        ]
        layer = replace(manifest.layers[-1], counts={"tokens": tokens, "of_them_random": tokens - held})
        padded = replace(manifest, layers=(layer,), files=tuple(sorted(files, key=lambda file: file.path)))
        write_manifest(padded, finished, None)
        publish(finished, directory)
    return padded


def _padded(
    real: Path, manifest: IndexManifest, work: Path, kind: str, at_least: int
) -> tuple[IndexFile, ...]:
    held = sum(file.rows for file in manifest.files_of(kind))
    rows = max(held, at_least)
    made = ", ".join(_RANDOM.format(name=name) for name in ROW_SCHEMA.names[1:])
    paths = [str(real / file.path) for file in manifest.files_of(kind)]
    with connect("1500MB", 2, work / "spill") as connection:
        connection.read_parquet(paths).create_view("held")

        def slices() -> Iterator[pa.RecordBatch]:
            """A sixteenth of the tokens at a time, so that sorting needs a sixteenth of the memory."""
            for number in range(_SLICES):
                first = number * _WIDTH - (1 << 63)
                query = (
                    f"SELECT * FROM held WHERE token_high >= {first} AND token_high < {first}::HUGEINT + {_WIDTH} "
                    f"UNION ALL SELECT {first} + (hash(i, 'first') >> 4)::BIGINT AS token_high, {made} "
                    f"FROM range({number}, {rows - held}, {_SLICES}) t(i) ORDER BY token_high, token_low"
                )
                yield from stream(connection, query)

        return write_sorted(slices(), work / "index", kind, "0000-", split_bits(rows))
