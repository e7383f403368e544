"""What building an index needs of an engine; DuckDB and Spark implement it (``adapters.engines``)."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from narrowgate.index.base import Base
from narrowgate.index.manifest import IndexFile
from narrowgate.index.progress import Progress
from narrowgate.index.tally import Tally

IndexFiles = tuple[IndexFile, ...]


class BuildEngine(Protocol):
    """Does the two steps of a build that take time."""

    def tokenize(self, work: Path) -> Tally:
        """Every row read becomes entries in ``work``, or a line of its ``quarantine.csv``."""
        ...

    def aggregate(
        self, work: Path, finished: Path, tally: Tally, base: Base | None
    ) -> tuple[dict[str, int], IndexFiles]:
        """The entries in ``work`` become sorted data files in ``finished``; what was left out is counted."""
        ...


class MergeEngine(Protocol):
    """Merges the layers of an index."""

    def merge(self, below: Base, work: Path, finished: Path, progress: Progress) -> IndexFiles:
        """The rows of all layers of ``below`` become sorted data files in ``finished``, each row once."""
        ...
