"""The confirmation index on Spark (``gate.ports.ConfirmationIndex``): the two statements of every engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from narrowgate.adapters.engines.spark.session import on_executors, session, spark_failures
from narrowgate.adapters.engines.stored_index import StoredIndex, opened_manifest
from narrowgate.adapters.object_store.location import ObjectLocation
from narrowgate.core.base.errors import OperationalError
from narrowgate.index.integrity import VerifySignature
from narrowgate.index.manifest import IndexFile, IndexManifest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from narrowgate.adapters.engines.spark.checked_files import Place


class SparkIndex(StoredIndex):
    """An index read by the executors of a cluster.

    Use ``open``.

    Args:
        directory: of the index's manifest.
        manifest: parsed and verified.
        spark: the session.
        spill: directory of this machine for what does not fit in memory; tokens only.
        place: where executors read the data files.
    """

    def __init__(
        self, directory: Path, manifest: IndexManifest, spark: SparkSession, spill: Path, place: Place
    ) -> None:
        super().__init__(directory, manifest, spill)
        self._spark = spark
        self._place = place

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
        store: ObjectLocation | None = None,
    ) -> SparkIndex:
        """An index of this code's versions and of the expected key; no data file is read.

        Args:
            directory: of the index, at the same path on every machine if it is in no store.
            key_id: of the key the questions are made with.
            master: ``local[2]``, or the URL of a cluster.
            spill: directory for what does not fit in memory; tokens only.
            verify: checks the manifest's signature; None for an index without one.
            memory_limit: Java heap of this process.
            store: where the index is, if ``directory`` is only where its manifest is brought to.

        Raises:
            ConfigurationError: another key, canonical form or match rule; no Spark or no Java.
            UnavailableError: the manifest or a data file is missing, damaged or of another size.
        """
        directory = directory.resolve()
        manifest = opened_manifest(directory, key_id, verify, store)
        return cls(directory, manifest, session(master, memory_limit), spill, store or directory)

    def _check(self, files: Sequence[IndexFile]) -> None:
        """Nothing: every task hashes what it reads, each time."""

    def _answer(self, query: str, files: Sequence[IndexFile], asked: pa.Table) -> list[pa.RecordBatch]:
        """What is asked travels from this process; so nothing but the index must be where every machine sees it."""
        from narrowgate.adapters.engines.spark.checked_files import require_whole, view_checked  # noqa: PLC0415 - as session

        try:
            with spark_failures():
                whole = asked.combine_chunks()  # Spark reads no further than an empty batch among others
                self._spark.createDataFrame(whole).createOrReplaceTempView("asked")
                view_checked(self._spark, "stored", self._place, files)
                return self._spark.sql(query).toArrow().to_batches()
        except OperationalError:
            # Spark's text of an error of ours does not come here: a second look says which file it was, if it was one.
            on_executors(self._spark, partial(require_whole, self._place), files)
            raise
