"""Data files of an index as a relation of Spark: executors hash the very bytes that they read, wherever those lie."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from narrowgate.adapters.object_store.location import ObjectLocation
from narrowgate.adapters.object_store.stored_index import damaged, read_checked
from narrowgate.index.integrity import check_digest, check_size
from narrowgate.index.manifest import IndexFile

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

Place = Path | ObjectLocation


def view_checked(spark: SparkSession, name: str, place: Place, files: Sequence[IndexFile]) -> None:
    """Makes the rows of data files appear as ``name``; one task reads a file, and fails where its bytes are others.

    Args:
        spark: the session.
        name: of the relation.
        place: of the index, at the same path on every machine or in an object store.
        files: of its manifest.
    """
    spark.dataSource.register(CheckedFiles)
    spark.read.format(CheckedFiles.name()).options(
        place=_written(place), files=json.dumps([asdict(file) for file in files])
    ).load().createOrReplaceTempView(name)


class CheckedFiles(DataSource):
    """Data files of an index, by the manifest's word of them."""

    @classmethod
    def name(cls) -> str:
        """Under which Spark knows the source."""
        return "narrowgate_checked_files"

    def schema(self) -> str:
        """That of every data file."""
        return "token_high BIGINT, token_low BIGINT, sealed BIGINT"

    def reader(self, schema: StructType) -> DataSourceReader:
        """Reads one file in each task."""
        files = [IndexFile(**file) for file in json.loads(self.options["files"])]
        return _Reader(_read(self.options["place"]), files)


class _Reader(DataSourceReader):
    def __init__(self, place: Place, files: Sequence[IndexFile]) -> None:
        self._place = place
        self._files = files

    def partitions(self) -> Sequence[InputPartition]:
        return [InputPartition(file) for file in self._files]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        return checked_rows(self._place, partition.value)


def checked_rows(place: Place, file: IndexFile) -> Iterator[pa.RecordBatch]:
    """The rows of a data file, held in memory and hashed before the first of them is given.

    Args:
        place: of the index.
        file: of its manifest; at most 100 MB.

    Raises:
        UnavailableError: its bytes are not those of the manifest, or cannot be read.
    """
    if isinstance(place, Path):
        data = _bytes_of(place, file)
    else:
        pieces: list[bytes] = []
        read_checked(place, file, pieces.append)
        data = b"".join(pieces)
    with pq.ParquetFile(pa.BufferReader(data)) as rows:
        yield from rows.iter_batches()


def _bytes_of(directory: Path, file: IndexFile) -> bytes:
    try:
        data = (directory / file.path).read_bytes()
    except OSError:
        data = b""
    if sha256(data).hexdigest() != file.sha256:
        raise damaged(directory, file, "Its bytes are not those of the manifest.")
    return data


def require_whole(place: Place, file: IndexFile) -> None:
    """Returns only where the file's bytes are those of the manifest.

    Raises:
        UnavailableError: they are not, or cannot be read.
    """
    if isinstance(place, Path):
        check_size(place, file)
        check_digest(place, file)
    else:
        read_checked(place, file, len)


def _written(place: Place) -> str:
    return json.dumps(str(place) if isinstance(place, Path) else asdict(place))


def _read(text: str) -> Place:
    place = json.loads(text)
    return Path(place) if isinstance(place, str) else ObjectLocation(**place)
