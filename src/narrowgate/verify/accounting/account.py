"""From a source and openings to an accounting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from narrowgate.core.base.errors import UsageError
from narrowgate.verify.accounting.force import Period, periods
from narrowgate.verify.accounting.grants import Grants
from narrowgate.verify.accounting.lines import years_of
from narrowgate.verify.accounting.publication import Publication, parse_published, publish
from narrowgate.verify.accounting.tally import tally
from narrowgate.verify.files import read_bytes
from narrowgate.verify.source import Source

LEAST: Final = 2
"""The smallest threshold: below it nothing is withheld."""
_MONTH: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an accounting is to be made of.

    Args:
        openings: files of openings.
        threshold: the least number that is told.
        through: the last month that is counted, as ``2026-03``, which the caller knows to be over; empty for the last
            of which the log shows it by a later entry.
        published: reports published before, as JSON.
        is_full: whether nothing is withheld, and months count that are not over.
    """

    openings: tuple[Path, ...]
    threshold: int
    through: str
    published: tuple[Path, ...]
    is_full: bool


def account(source: Source, wanted: Wanted, processes: int = 1) -> tuple[Publication, tuple[Period, ...]]:
    """Returns the accounting, and what was in force over time, after log and openings proved to be what they claim.

    Args:
        source: bundle, world or log.
        wanted: openings, and how much is told.
        processes: that read the log.

    Raises:
        LogInconsistentError: the log is not the one signed, or its counts contradict its items.
        ProofError: an opening is not what the log holds.
        EnvelopeError: a line of a file is no opening.
        ConfigurationError: a report published before cannot be read.
        RefusedError: as ``publish``.
        UsageError: likewise; or the threshold or the month cannot be used.
        OperationalError: the machine cannot read a file.
    """
    if wanted.threshold < LEAST or (wanted.through and not _MONTH.fullmatch(wanted.through)):
        raise UsageError(
            "The threshold or the last month cannot be used.",
            why=f"A threshold is {LEAST} or more, and a month is written YYYY-MM.",
            next_step="Correct the option.",
        )
    before = [parse_published(read_bytes(path), str(path)) for path in wanted.published]
    checkpoint = source.checkpoint()
    found = tally(source.log, checkpoint, Grants(wanted.openings), processes)
    through = wanted.through or ("" if wanted.is_full else _month_before(found.last_month))
    years = years_of(found, through) if through or wanted.is_full else []
    publication = publish(
        found, years, checkpoint, wanted.threshold, through, is_full=wanted.is_full, before=before
    )
    return publication, periods(found.events)


def _month_before(month: str) -> str:
    """The month before one; nothing before nothing."""
    if not month:
        return ""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1:04d}-12" if number == 1 else f"{year:04d}-{number - 1:02d}"
