"""The confirmation index on Spark (``gate.ports.ConfirmationIndex``): the two statements of every engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.adapters.engines.spark.session import on_executors, session, spark_failures, view_parquet
from narrowgate.adapters.engines.stored_index import StoredIndex, opened_manifest
from narrowgate.index.integrity import VerifySignature, check_digest
from narrowgate.index.manifest import IndexFile, IndexManifest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ASKED_ROWS = 1 << 17
"""Tokens asked in one row group: what one task reads."""


class SparkIndex(StoredIndex):
    """An index read by the executors of a cluster.

    Use ``open``.

    Args:
        directory: of the index, at the same path on every machine.
        manifest: parsed and verified.
        spark: the session.
        spill: directory for the tokens asked and the answers found, shared by all machines.
    """

    def __init__(self, directory: Path, manifest: IndexManifest, spark: SparkSession, spill: Path) -> None:
        super().__init__(directory, manifest, spill)
        self._spark = spark

    @classmethod
    def open(
        cls,
        directory: Path,
        key_id: str,
        *,
        master: str,
        spill: Path,
        verify: VerifySignature | None = None,
        memory_limit: str = "1GB",
    ) -> SparkIndex:
        """An index of this code's versions and of the expected key; no data file is read.

        Args:
            directory: of the index, at the same path on every machine.
            key_id: of the key the questions are made with.
            master: ``local[2]``, or the URL of a cluster.
            spill: directory for tokens asked and answers found, at the same path on every machine.
            verify: checks the manifest's signature; None for an index without one.
            memory_limit: Java heap of this process.

        Raises:
            ConfigurationError: another key, canonical form or match rule; no Spark or no Java.
            UnavailableError: the manifest or a data file is missing, damaged or of another size.
        """
        directory = directory.resolve()
        manifest = opened_manifest(directory, key_id, verify)
        return cls(directory, manifest, session(master, memory_limit), spill.resolve())

    def _check(self, files: Sequence[IndexFile]) -> None:
        on_executors(self._spark, partial(check_digest, self._directory), files)

    def _answer(self, query: str, files: Sequence[IndexFile], asked: pa.Table) -> list[pa.RecordBatch]:
        """The tokens asked pass through a file, for a package's would fill this process's heap."""
        paths = [self._directory / file.path for file in files]
        asked_path = self._spill / f"asked-{uuid4().hex}.parquet"
        try:
            self._spill.mkdir(parents=True, exist_ok=True)
            pq.write_table(asked, asked_path, row_group_size=_ASKED_ROWS)
            with spark_failures():
                view_parquet(self._spark, "asked", [asked_path], asked.schema)
                view_parquet(self._spark, "stored", paths, pq.read_schema(paths[0]))
                return self._spark.sql(query).toArrow().to_batches()
        finally:
            asked_path.unlink(missing_ok=True)
