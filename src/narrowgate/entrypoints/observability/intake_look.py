"""What is seen of an intake: its own directory, what the gate told, and the lists that its clients are looked up in."""

from __future__ import annotations

from datetime import datetime

from narrowgate.adapters.files.intake_directory import KEPT_FREE, uploads_in_progress
from narrowgate.adapters.files.notice_directory import NoticeDirectory
from narrowgate.entrypoints.intake_settings import IntakeSettings
from narrowgate.entrypoints.observability import meters
from narrowgate.entrypoints.observability.look import Check, Seen, Tried, disks, queue, revocation
from narrowgate.entrypoints.observability.meters import Directory, Reading


def intake_look(settings: IntakeSettings) -> tuple[Tried, ...]:
    """What is looked at of an intake, which sees nothing of a gate but what it tells."""
    notices = NoticeDirectory(settings.notices)

    def uploads(_now: datetime) -> Seen:
        yield Reading(meters.UPLOADS, uploads_in_progress(settings.directory))

    def terms(_now: datetime) -> Seen:
        if notices.terms() is None:
            yield Check.TERMS

    return (
        (Check.QUEUE, uploads),
        (Check.QUEUE, lambda now: queue(settings.directory, notices, now)),
        (Check.TERMS, terms),
        (Check.DISK, lambda _now: disks(KEPT_FREE, {Directory.INTAKE: settings.directory})),
        (Check.REVOCATION, lambda now: revocation(settings.revocation, now)),
    )
