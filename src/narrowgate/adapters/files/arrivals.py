"""The arrivals of an intake's directory, as the gate works through them (``gate.work.Arrivals``)."""

from __future__ import annotations

from copy import copy
from pathlib import Path

from narrowgate.adapters.files.fence import Fence, OwnPlace
from narrowgate.adapters.files.intake_directory import package_home, queued
from narrowgate.adapters.files.notice_directory import NoticeDirectory
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.core.intake.documents import Arrival, Notice, Terms


class DirectoryArrivals:
    """Reads what an intake wrote, and writes beside it what the gate tells.

    Args:
        intake: directory of the intake, which is only read.
        notices: directory of what the gate tells.

    Raises:
        OperationalError: the directory of notices cannot be made.
    """

    def __init__(self, intake: Path, notices: Path) -> None:
        self._intake = intake
        self._told = notices
        self._notices = NoticeDirectory(notices)
        self._notices.prepare()

    def behind(self, fence: Fence | None) -> DirectoryArrivals:
        """The same arrivals, of which a gate that was overtaken tells nothing any more.

        Args:
            fence: of a lock on a server; None where there is none.

        Raises:
            InUseError: another gate has taken over.
            OperationalError: the disk refused.
        """
        fenced = copy(self)
        fenced._notices = NoticeDirectory(self._told, OwnPlace(self._told, fence))
        return fenced

    def waiting(self) -> list[Arrival]:
        """Every package in the queue of which nothing was told, in the order of arrival.

        Raises:
            EnvelopeError: a file in the queue is no arrival.
        """
        return [
            arrival
            for arrival in queued(self._intake)
            if self._notices.notice(arrival.office, arrival.package_id) is None
        ]

    def source(self, arrival: Arrival) -> PackageDirectory:
        """The files as they were handed over."""
        return PackageDirectory(package_home(self._intake, arrival))

    def tell(self, notice: Notice) -> None:
        """See ``gate.work.Arrivals.tell``."""
        self._notices.put(notice)

    def tell_terms(self, terms: Terms) -> None:
        """See ``gate.work.Arrivals.tell_terms``."""
        self._notices.put_terms(terms)

    def terms(self) -> Terms | None:
        """The terms told last."""
        return self._notices.terms()
