"""The daily checkpoint and its time stamp: made by a timer, kept in a directory, looked at by the doctor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed, write_durably
from narrowgate.adapters.signing.certificates import certificate_sha256, load_root
from narrowgate.adapters.signing.timestamp import timestamp_query, token_of_reply, verify_timestamp
from narrowgate.core.base.errors import ConfigurationError, TimestampError
from narrowgate.core.base.times import format_time
from narrowgate.core.log.checkpoint import verify_checkpoint
from narrowgate.entrypoints.documents import read_file
from narrowgate.entrypoints.finding import Finding, Verdict
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import Entropy
from narrowgate.verify.entries import LogEntries
from narrowgate.verify.log_directory import require_continuation

TOO_OLD: Final = timedelta(days=2)
"""A day, and a day in which authority or network may fail."""

_REPLY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.tsr")
_REFUSED: Final = ".refused"
_STEP: Final = (
    "Run 'narrowgate log timestamp --due' by a timer each hour; it says why no stamp came "
    "('narrowgate docs timestamps')."
)

Ask = Callable[[bytes], bytes]
"""From a query to the authority's reply; raises where none comes."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A checkpoint that the authority saw.

    Args:
        day: of the checkpoint, UTC; the files are named by it.
        checkpoint: the signed note.
        time: aware UTC time at which the authority says it saw it.
    """

    day: str
    checkpoint: str
    time: datetime


def stamp_due(settings: GateSettings, now: datetime, entropy: Entropy, ask: Ask | None) -> Stamped | None:
    """Today's stamped checkpoint, made now unless it was; ``None`` while the reply to its query is to be carried here.

    The checkpoint continues the last one that was stamped. Checkpoint, query and reply are kept; a reply that does not
    verify is set aside. Cut off and done again it goes on with what it had.

    Args:
        settings: of the gate.
        now: aware UTC time.
        entropy: of the query.
        ask: the authority; ``None`` where a person carries query and reply.

    Raises:
        ConfigurationError: the settings name no directory or no authority.
        TimestampError: the reply is no time stamp of this checkpoint by the authority named.
        LogInconsistentError: the log does not continue the last stamped checkpoint, or the one that lies there to be.
        ProofError: what lies there to be stamped is no checkpoint of this log.
        UnavailableError: the authority gave no reply.
        OperationalError: the disk refused.
    """
    directory, authority = _places(settings)
    day = f"{now:%Y-%m-%d}"
    _set_aside_what_is_none(directory, day, authority, now, ask)
    last = newest_stamp(settings, now)
    if last is not None:
        _require_continued(settings, last.day, last.checkpoint)
        if last.day == day:
            return last
    checkpoint, query, reply = (directory / f"{day}.{kind}" for kind in ("checkpoint", "tsq", "tsr"))
    try:
        directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise failed("make the directory", directory, error) from error
    if not checkpoint.exists():
        write_durably(checkpoint, LogEntries(settings.log).checkpoint_text.encode())
    _require_continued(settings, day, read_file(checkpoint).decode("utf-8", "replace"))
    if not query.exists():
        write_durably(query, timestamp_query(read_file(checkpoint), entropy))
    if not reply.exists():
        if ask is None:
            return None
        answered = ask(read_file(query))
        _time_of(answered, read_file(checkpoint), authority, now)
        write_durably(reply, answered)
    return _stamped(directory, day, authority, now)


def newest_stamp(settings: GateSettings, now: datetime) -> Stamped | None:
    """The newest checkpoint of the directory that is stamped; ``None`` where there is none.

    Raises:
        ConfigurationError: the settings name no directory or no authority, or a file cannot be read.
        TimestampError: the newest reply does not verify.
    """
    directory, authority = _places(settings)
    names = (path.name for path in directory.iterdir()) if directory.is_dir() else ()
    days = sorted(found[1] for name in names if (found := _REPLY.fullmatch(name)))
    return _stamped(directory, days[-1], authority, now) if days else None


def timestamp_findings(settings: GateSettings, now: datetime) -> Iterator[Finding]:
    """An alarm where the last stamped checkpoint is older than two days, or the log does not continue it.

    Nothing where the settings name no directory of stamped checkpoints.

    Raises: as ``newest_stamp``; LogInconsistentError too.
    """
    if settings.timestamps is None:
        return
    for name in sorted(path.name for path in settings.timestamps.glob(f"*{_REFUSED}")):
        remark = f"{name} is no time stamp of its checkpoint by the authority, and was set aside"
        yield Finding("time stamp", Verdict.WARNING, remark, "Find out who put it there, and move it away.")
    last = newest_stamp(settings, now)
    if last is None:
        yield Finding("time stamp", Verdict.FAILED, "no checkpoint of the log is stamped yet", _STEP)
        return
    _require_continued(settings, last.day, last.checkpoint)
    remark = (
        f"the authority saw the checkpoint of {last.day} at {format_time(last.time)}; the log continues it"
    )
    if now - last.time > TOO_OLD:
        days = (now - last.time) // timedelta(days=1)
        yield Finding("time stamp", Verdict.FAILED, f"the last one is {days} days old: {remark}", _STEP)
    else:
        yield Finding("time stamp", Verdict.OK, remark)


def _places(settings: GateSettings) -> tuple[Path, str]:
    if settings.timestamps is None or settings.timestamp_authority is None:
        raise ConfigurationError(
            "The settings do not say where stamped checkpoints lie, and who stamps them.",
            next_step="Name 'timestamps' and 'timestamp_authority' in gate.toml ('narrowgate docs timestamps').",
        )
    return settings.timestamps, certificate_sha256(load_root(settings.timestamp_authority))


def _set_aside_what_is_none(
    directory: Path, day: str, authority: str, now: datetime, ask: Ask | None
) -> None:
    """A reply of today that is none of the authority's lies under another name, and is in nobody's way.

    One of another day stays where it is: it may have been good once, and is then a trace of who changed it.
    """
    reply = directory / f"{day}.tsr"
    error = _refusal(directory, day, authority, now) if reply.exists() else None
    if error is None:
        return
    aside = reply.with_name(reply.name + _REFUSED)
    try:
        reply.replace(aside)
    except OSError as refused:
        raise failed("set aside the reply", reply, refused) from refused
    if ask is None:
        raise TimestampError(
            error.what,
            why=error.why,
            next_step=f"It was set aside as {aside.name}. Carry the query to the authority, and its reply here.",
            where=reply.name,
        ) from error


def _refusal(directory: Path, day: str, authority: str, now: datetime) -> TimestampError | None:
    """Why the reply of a day is none; ``None`` where it is one."""
    if not (directory / f"{day}.checkpoint").exists():
        return TimestampError("There is no checkpoint that it could be a time stamp of.", next_step=_STEP)
    try:
        _stamped(directory, day, authority, now)
    except TimestampError as error:
        return error
    return None


def _stamped(directory: Path, day: str, authority: str, now: datetime) -> Stamped:
    checkpoint = read_file(directory / f"{day}.checkpoint")
    try:
        time = _time_of(read_file(directory / f"{day}.tsr"), checkpoint, authority, now)
    except TimestampError as error:
        raise TimestampError(
            error.what,
            why=error.why,
            next_step="Move it away where it is there by mistake; where it was good before, find out who did it.",
            where=f"{day}.tsr",
        ) from error
    return Stamped(day, checkpoint.decode("utf-8", "replace"), time)


def _time_of(reply: bytes, checkpoint: bytes, authority: str, now: datetime) -> datetime:
    return verify_timestamp(token_of_reply(reply), checkpoint, authority, None, now)


def _require_continued(settings: GateSettings, day: str, checkpoint: str) -> None:
    entries = LogEntries(settings.log)
    older = verify_checkpoint(checkpoint, entries.key, f"the checkpoint of {day}")
    require_continuation(settings.log, entries.checkpoint, older)
