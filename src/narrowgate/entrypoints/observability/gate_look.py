"""What is seen of a gate from outside its work: no lock is taken, no key is read, and no index is opened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from narrowgate.adapters.files.checkpoint_file import CheckpointFile
from narrowgate.adapters.files.notice_directory import NoticeDirectory
from narrowgate.adapters.files.release_mark import read_release_mark
from narrowgate.adapters.files.worker_progress import WorkerState, read_progress
from narrowgate.adapters.state.look import look_at_state
from narrowgate.core.agreement.schedule import GRACE
from narrowgate.core.base.errors import LogInconsistentError, NotInForceError
from narrowgate.core.base.times import parse_time
from narrowgate.core.log.file_names import CHECKPOINT
from narrowgate.entrypoints.acts import NothingRemembered, acts_of_files
from narrowgate.entrypoints.bootstrap import state_url
from narrowgate.entrypoints.cosignature_checkup import cosigning
from narrowgate.entrypoints.governed import Governed
from narrowgate.entrypoints.observability import meters
from narrowgate.entrypoints.observability.look import (
    Check,
    Seen,
    Tried,
    disks,
    queue,
    revocation,
    to_the_minute,
)
from narrowgate.entrypoints.observability.meters import Directory, Reading
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.verify.entries import LogEntries

FLOOR_BYTES: Final = 1 << 30
"""Below it the gate is not ready: a package of medium size, its copy and its leaves, would fill the disk."""


def gate_look(settings: GateSettings, *, works: bool) -> tuple[Tried, ...]:
    """What is looked at of a gate.

    Args:
        settings: of the gate.
        works: whether for ``gate work``, which also needs fresh revocation lists, and is not ready while it cannot
            decide; the console is.
    """

    def of(see: Callable[[GateSettings, datetime], Seen]) -> Callable[[datetime], Seen]:
        return lambda now: see(settings, now)

    directories = {
        Directory.VAULT: settings.vault,
        Directory.LOG: settings.log,
        Directory.ANSWERS: settings.answers,
    }
    for_work: tuple[Tried, ...] = ((Check.WORKER, of(_ability)),) if works else ()
    lists, notices = Check.REVOCATION, NoticeDirectory(settings.notices)
    return (
        (Check.IN_FORCE, of(_in_force)),
        (Check.STATE, of(_state)),
        (Check.LOG, of(_log)),
        (Check.LOG, of(_cosigned)),
        (Check.DISK, lambda _now: disks(FLOOR_BYTES, directories)),
        (Check.QUEUE, lambda now: queue(settings.intake, notices, now)),
        (lists, lambda now: _needed(revocation(settings.revocation, now), lists, needed=works)),
        (Check.WORKER, of(_worker)),
        (Check.STATE, of(_release_run)),
        *for_work,
    )


def _needed(seen: Seen, check: Check, *, needed: bool) -> Seen:
    return (each for each in seen if needed or each is not check)


def _filed(settings: GateSettings) -> Governed:
    """What is in force by the files of the acts; a gate compares each with the log when it opens."""
    return Governed(settings, acts_of_files(settings), NothingRemembered())


def _in_force(settings: GateSettings, now: datetime) -> Seen:
    try:
        _filed(settings).require_complete(now)
    except NotInForceError:
        yield Check.IN_FORCE


def _state(settings: GateSettings, now: datetime) -> Seen:
    seen = look_at_state(state_url(settings))
    if not seen.is_current:
        yield Check.SCHEMA
        return
    yield Reading(meters.SLOTS_AHEAD, len(seen.slots))
    yield Reading(meters.SLOTS_LATE, sum(now > slot + GRACE for slot in seen.slots))
    yield Reading(meters.RELEASED, seen.released)


def _log(settings: GateSettings, _now: datetime) -> Seen:
    """The checkpoint is the log's own, and the second place knows no more than it."""
    log = LogEntries(settings.log)
    last = CheckpointFile(settings.checkpoints).last(log.key)
    is_behind = last is not None and last[1].size > log.checkpoint.size
    if is_behind or (last is not None and last[1].size == log.checkpoint.size and last[1] != log.checkpoint):
        # A checkpoint is kept there before it is published: what looks so in that moment is whole on a second look.
        again = LogEntries(settings.log)
        if last is not None and (last[1].size > again.checkpoint.size or again.checkpoint == log.checkpoint):
            yield Check.LOG
    yield Reading(meters.LEAVES, log.checkpoint.size)
    written = (settings.log / CHECKPOINT).stat().st_mtime
    yield Reading(meters.CHECKPOINT, written - written % 60)


def _cosigned(settings: GateSettings, _now: datetime) -> Seen:
    found = cosigning(_filed(settings), settings)
    if found is not None:
        yield Reading(meters.UNCOSIGNED, found.leaves - found.cosigned)
        yield Reading(meters.COSIGNED, 0 if found.complete is None else found.complete.timestamp())


def _worker(settings: GateSettings, _now: datetime) -> Seen:
    told = read_progress(settings.progress)
    for state in WorkerState:
        yield Reading(meters.WORKER, told is not None and told.state is state, {"state": state.value})
    if told is not None:
        yield Reading(meters.WORKER_TOLD, to_the_minute(parse_time(told.updated)))
        if told.problem == LogInconsistentError.problem:
            yield Check.LOG


def _ability(settings: GateSettings, _now: datetime) -> Seen:
    told = read_progress(settings.progress)
    if told is not None and told.state is WorkerState.UNABLE:
        yield Check.WORKER


def _release_run(settings: GateSettings, _now: datetime) -> Seen:
    mark = read_release_mark(settings.release_mark)
    if mark is not None:
        yield Reading(meters.RELEASE_RUN, mark.timestamp())
