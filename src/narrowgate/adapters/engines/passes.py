"""Rows to entries of tokens in the processes of this machine, each for its own places, in one pass or more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from narrowgate.adapters.readers import Source
from narrowgate.adapters.readers.expect import rows_told
from narrowgate.adapters.readers.passes import passes_that_pay, read_in_passes
from narrowgate.adapters.workers import workers_for
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.index.build import BuildSettings
from narrowgate.index.dealing import Deal
from narrowgate.index.entry_files import Round, write_entries
from narrowgate.index.rows import RowBatch
from narrowgate.index.tally import Tally
from narrowgate.index.tokenize import Entries


def tokenize_in_passes(
    source: Source,
    mapping: Mapping,
    settings: BuildSettings,
    tokenize: Callable[[RowBatch], Entries],
    work: Path,
) -> Tally:
    """The entries of every row lie in ``work``, the quarantine beside them.

    Args:
        source: read once or more, as the settings say or as pays.
        mapping: of the source.
        settings: how many processes and passes, and who is told.
        tokenize: runs in the processes.
        work: holds none of the files yet.

    Raises:
        ConfigurationError: source and mapping do not fit, or the source cannot be read as often as set.
        UnavailableError: the source was replaced between two passes.
        OperationalError: source, disk or a process failed.
    """
    processes = settings.workers
    passes = settings.passes or passes_that_pay(source, mapping, processes)
    every_pass = read_in_passes(source, mapping, passes)
    deal = Deal(mapping, processes, passes)
    with workers_for(processes, in_turn=True) as workers:
        rounds = (
            _in_rounds(workers.map(tokenize, deal.rounds(rows, number)), processes)
            for number, rows in enumerate(every_pass)
        )
        tally = write_entries(rounds, work, rows_told(source, mapping, settings.progress))
    deal.require_all(tally.rows_read)
    return tally


def _in_rounds(results: Iterable[Entries], processes: int) -> Iterator[Round]:
    waiting = iter(results)
    while together := tuple(islice(waiting, processes)):
        yield together
