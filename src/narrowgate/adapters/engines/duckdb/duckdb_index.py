"""The confirmation index on DuckDB (``gate.ports.ConfirmationIndex``): one set-based pass for all tokens."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import chain, islice
from pathlib import Path
from queue import SimpleQueue

import pyarrow as pa
from duckdb import DuckDBPyConnection

from narrowgate.adapters.engines.duckdb.connection import connect, stream, view_table
from narrowgate.adapters.engines.stored_index import Asked, StoredIndex, opened_manifest
from narrowgate.adapters.object_store.location import ObjectLocation
from narrowgate.adapters.object_store.stored_index import bring
from narrowgate.index.integrity import VerifySignature, check_digest
from narrowgate.index.manifest import IndexFile, IndexManifest

_FEW_TOKENS = 10_000
"""Up to so many, a pass skips every row group that holds none of them; of more, what lies outside their range.

DuckDB's own limit is 50. From 10,000 on, an index of 100 million tokens has nothing to skip.
"""


class DuckDBIndex(StoredIndex):
    """An index read by DuckDB in this process.

    Use ``open``.

    Args:
        directory: of the index.
        manifest: parsed and verified.
        memory_limit: of the database, such as ``1GB``.
        threads: cores it may use.
        spill: directory for what does not fit in memory.
        store: where the index is, if not in ``directory``.
    """

    def __init__(
        self,
        directory: Path,
        manifest: IndexManifest,
        memory_limit: str,
        threads: int,
        spill: Path,
        store: ObjectLocation | None = None,
    ) -> None:
        super().__init__(directory, manifest, spill, at_once=threads)
        self._whole = partial(bring, store, directory) if store else partial(check_digest, directory)
        self._settings = (memory_limit, threads, spill)

    @classmethod
    def open(
        cls,
        directory: Path,
        key_id: str,
        *,
        spill: Path,
        verify: VerifySignature | None = None,
        memory_limit: str = "1GB",
        threads: int = 2,
        store: ObjectLocation | None = None,
    ) -> DuckDBIndex:
        """An index of this code's versions and of the expected key; no data file is read.

        Args:
            directory: of the index.
            key_id: of the key the questions are made with.
            spill: directory for what does not fit in memory; tokens only.
            verify: checks the manifest's signature; None for an index without one.
            memory_limit: of the database.
            threads: cores it may use.
            store: where the index is, if ``directory`` is only where its files are brought to when they are needed.

        Raises:
            ConfigurationError: another key, canonical form or match rule.
            UnavailableError: the manifest or a data file is missing, damaged or of another size.
        """
        manifest = opened_manifest(directory, key_id, verify, store)
        return cls(directory, manifest, memory_limit, threads, spill, store)

    def _check(self, files: Sequence[IndexFile]) -> None:
        """Each file is brought where it must be, and hashed; hashing leaves the interpreter, so threads share it."""
        _, threads, _ = self._settings
        if len(files) < 2:
            deque(map(self._whole, files), maxlen=0)
            return
        with ThreadPoolExecutor(threads) as pool:
            deque(pool.map(self._whole, files), maxlen=0)

    def _answers(self, query: str, pieces: Iterable[Asked]) -> Iterator[list[pa.RecordBatch]]:
        """One piece has all threads; of several each has one, and a database that the pieces after it have too."""
        waiting = iter(pieces)
        first = list(islice(waiting, 2))
        if len(first) < 2:
            yield from super()._answers(query, first)
            return
        memory_limit, threads, spill = self._settings
        idle: SimpleQueue[DuckDBPyConnection] = SimpleQueue()

        def answered(files: Sequence[IndexFile], asked: pa.Table) -> list[pa.RecordBatch]:
            connection = idle.get()
            try:
                return self._answered(partial(self._ask, connection), query, files, asked)
            finally:
                idle.put(connection)

        with ExitStack() as stack:
            for _ in range(threads):
                connection = stack.enter_context(connect(memory_limit, 1, spill, shared_by=threads))
                connection.execute("SET enable_external_file_cache = false")  # no file is read again
                idle.put(connection)
            pool = stack.enter_context(ThreadPoolExecutor(threads))
            under_way: deque[Future[list[pa.RecordBatch]]] = deque()
            for files, asked in chain(first, waiting):
                under_way.append(pool.submit(answered, files, asked))
                if len(under_way) > threads:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

    def _answer(self, query: str, files: Sequence[IndexFile], asked: pa.Table) -> list[pa.RecordBatch]:
        with connect(*self._settings, keep=asked.num_rows <= _FEW_TOKENS) as connection:
            return self._ask(connection, query, files, asked)

    def _ask(
        self, connection: DuckDBPyConnection, query: str, files: Sequence[IndexFile], asked: pa.Table
    ) -> list[pa.RecordBatch]:
        connection.execute(f"SET dynamic_or_filter_threshold = {_FEW_TOKENS}")
        view_table(connection, "asked", asked)
        connection.read_parquet([str(self._directory / file.path) for file in files]).create_view("stored")
        answered = list(stream(connection, query))
        connection.execute("DROP VIEW asked")  # a database that is kept holds no question
        return answered
