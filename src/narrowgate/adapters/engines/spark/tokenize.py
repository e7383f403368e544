"""What an executor does with its share of the source: read, tokenize, and leave tokens in a directory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import uuid4

from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.readers import format_of, read_rows
from narrowgate.adapters.readers.parquet import read_parquet
from narrowgate.adapters.readers.source_file import SourceFile, unchanged
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.core.taxfile.mapping_source import SourceFormat
from narrowgate.index.entry_files import write_entries
from narrowgate.index.rows import RowBatch
from narrowgate.index.tally import Tally
from narrowgate.index.tokenize import Tokenizer

_SHARES_PER_CORE = 4
"""A core that is done early takes another share."""

_MOST_WHOLE_READERS = 32
"""A core reads about fifty times as fast as it tokenizes."""


@dataclass(frozen=True, slots=True)
class TokenizeJob:
    """What travels to the executors; the key does not.

    Args:
        source: the tax file, at the same path on every machine, or an object.
        state: of the object when the build began; None for a path.
        mapping: which column plays which role.
        key_uri: from which each executor fetches the index key.
        key_id: the key it must find there.
        parts: directory for the entries, shared by all machines.
        shares: number of tasks.
    """

    source: SourceFile
    state: tuple[int, str] | None
    mapping: Mapping
    key_uri: str
    key_id: str
    parts: Path
    shares: int


def tokenize_share(job: TokenizeJob, share: int) -> Tally:
    """Share ``share`` of the source stands as entries in ``<parts>/<share>``, all of it or nothing.

    A task that Spark runs twice leaves the same rows; the tokenizer is new each time, so none are left out.

    Raises:
        ConfigurationError: the executor finds no key, or another one; or as ``read_rows``.
        OperationalError: the source or the directory failed.
    """
    tokenizer = Tokenizer(fetched_key(job.key_uri, job.key_id), job.mapping)
    attempt = job.parts / f".{share}-{uuid4().hex}"
    attempt.mkdir()
    rounds = ((tokenizer.tokenize(batch),) for batch in _rows_of(job, share))
    tally = write_entries([rounds], attempt, _untold)
    part = part_of(job.parts, share)
    try:
        attempt.rename(part)
    except OSError:
        # Another attempt was first: Spark believed it lost, with its machine, and it was not.
        if not part.is_dir():
            raise
        shutil.rmtree(attempt)
    return tally


def _untold(_: int) -> None:
    """An executor has nobody to tell; Spark tells the driver which tasks are done."""


def number_of_shares(source: SourceFile, mapping: Mapping, cores: int) -> int:
    """How many tasks are worth starting: of a file that is not Parquet, each reads the whole."""
    if format_of(source, mapping) is SourceFormat.PARQUET:
        return cores * _SHARES_PER_CORE
    return min(cores, _MOST_WHOLE_READERS)


def part_of(parts: Path, share: int) -> Path:
    """Where the entries of a share stand."""
    return parts / str(share)


def fetched_key(key_uri: str, key_id: str) -> IndexKey:
    """The key that ``key_uri`` names on this machine.

    Raises:
        ConfigurationError: there is none, or another than on the machine that started the build.
    """
    key = IndexKey(load_secret_key(key_uri))
    if key.key_id != key_id:
        raise ConfigurationError(
            f"An executor found key {key.key_id} where the build has key {key_id}.",
            next_step="Give every machine the same key at this URI.",
            where=key_uri.partition("?")[0],
        )
    return key


def _rows_of(job: TokenizeJob, share: int) -> Iterator[RowBatch]:
    """Row groups of a Parquet file; of any other file every n-th batch, for it has no place to start in the middle."""
    with unchanged(job.source, job.state):
        if format_of(job.source, job.mapping) is SourceFormat.PARQUET:
            yield from read_parquet(job.source, job.mapping, partial(_range_of_share, share, job.shares))
            return
        yield from islice(read_rows(job.source, job.mapping), share, None, job.shares)


def _range_of_share(share: int, shares: int, row_groups: int) -> range:
    return range(share * row_groups // shares, (share + 1) * row_groups // shares)
