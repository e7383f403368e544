"""The build of an index in this process: all cores tokenize, and DuckDB sorts (``index.ports``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from narrowgate.adapters.engines.duckdb.aggregate import DuckDBDatabase, merged
from narrowgate.adapters.engines.duckdb.connection import connect
from narrowgate.adapters.engines.passes import tokenize_in_passes
from narrowgate.adapters.readers import Source
from narrowgate.core.base.times import format_time
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.index.aggregate import aggregate, counts
from narrowgate.index.base import Base, prefix_of
from narrowgate.index.build import BuildReport, BuildSettings, Sign, run_build
from narrowgate.index.files import split_bits, write_sorted
from narrowgate.index.manifest import IndexFile
from narrowgate.index.ports import IndexFiles
from narrowgate.index.tally import Tally
from narrowgate.index.tokenize import tokenize_batch

_BUILDS = count()
"""A number for each build of this process: what a tokenizer remembers belongs to one build."""


def build_index(
    source: Source,
    mapping: Mapping,
    directory: Path,
    key: IndexKey,
    settings: BuildSettings,
    sign: Sign | None = None,
    base: Base | None = None,
) -> BuildReport:
    """As ``index.build.run_build``, of the rows of ``source``.

    Args:
        source: the tax file, or the connection string of a database.
        mapping: which column plays which role.
        directory: must not exist.
        key: under which the tokens are made; not kept.
        settings: see there.
        sign: signs the manifest; without it the index is not signed.
        base: the index below the new layer; None for a first build.

    Raises:
        ConfigurationError: source and mapping do not fit, ``directory`` exists, or ``base`` has another limit.
        NothingToProcessError: the source has no row, or none that can be loaded.
        OperationalError: disk, memory or a worker failed, or the counts do not add up.
    """
    return run_build(_Embedded(source, mapping, key, settings), directory, key, settings, sign, base)


@dataclass(frozen=True, slots=True)
class _Embedded:
    """The processes of this machine tokenize, and DuckDB sorts (``BuildEngine``)."""

    source: Source
    mapping: Mapping
    key: IndexKey
    settings: BuildSettings

    def tokenize(self, work: Path) -> Tally:
        """Writes the entries of every row as they come; the quarantine beside them."""
        tokenize = partial(tokenize_batch, next(_BUILDS), self.key, self.mapping)
        return tokenize_in_passes(self.source, self.mapping, self.settings, tokenize, work)

    def aggregate(
        self, work: Path, finished: Path, tally: Tally, base: Base | None
    ) -> tuple[dict[str, int], IndexFiles]:
        """Sorts and joins what ``tokenize`` wrote, within the memory set."""
        settings = self.settings
        prefix = base.next_prefix if base else prefix_of(0)
        with connect(settings.memory_limit, settings.workers, work / "spill") as connection:
            database = DuckDBDatabase(connection, work, base)
            layer = format_time(settings.created)
            guards = aggregate(database, self.key, layer, settings.shared_address_limit, settings.progress)
            expected = {"tokens": 3 * tally.entries_loaded, "guards": guards}
            bits = {"tokens": split_bits(2 * tally.entries_loaded), "guards": split_bits(guards)}
            files: list[IndexFile] = []
            for kind, count in expected.items():
                rows = merged(connection, kind, work, count, settings.progress)
                files += write_sorted(rows, finished, kind, prefix, bits[kind])
            return counts(database), tuple(files)
