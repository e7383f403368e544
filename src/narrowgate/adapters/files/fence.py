"""A writer that was overtaken writes nothing more, even where it was asleep and does not know of it.

The lock on a server is given away while its holder is asleep: a machine that was suspended, or cut off, wakes and goes
on with what it was about to do. So every change of what several machines share is a rename from or into a directory of
the writer's own, named by its epoch (the fencing token of Gray and Cheriton's leases and of Chubby's sequencers). Who
comes next has a greater epoch, and takes that directory away before it reads anything: from then on the rename of the
one before fails at the file system, whenever it comes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final, Protocol

from narrowgate.adapters.files.durable_files import failed, place
from narrowgate.core.base.errors import InUseError, OperationalError
from narrowgate.core.log.file_names import UNFINISHED_SUFFIX

WRITING: Final = "writing"
"""Directory of the writers' own directories."""

_OVER: Final = ".over"


class Fence(Protocol):
    """What a lock on a server gives its holder: a number greater than that of every holder before."""

    @property
    def epoch(self) -> int:
        """Of this holder."""
        ...

    def authorized(self) -> str | None:
        """The last checkpoint that any holder was allowed to publish; nothing before the first.

        Raises:
            UnavailableError: the server cannot be reached.
        """
        ...

    def authorize(self, checkpoint: str) -> None:
        """Return only if this holder may publish the checkpoint: nobody has taken its place, and whoever does knows it.

        Raises:
            InUseError: another one holds the lock.
            UnavailableError: the server cannot be reached.
        """
        ...


class OwnPlace:
    """Where one writer prepares what it then puts in place by a rename.

    Args:
        directory: on the same file system as what is written.
        fence: of the lock; None where the lock itself ends with the process, as a file's on one machine.
        keep: whether what a writer before left unfinished is kept, under another name.

    Raises:
        InUseError: a writer that came later is there.
        OperationalError: the disk refused.
    """

    def __init__(self, directory: Path, fence: Fence | None, *, keep: bool = False) -> None:
        self._is_fenced = fence is not None
        self.path = directory if fence is None else _own(directory / WRITING, fence.epoch, keep=keep)
        """The directory of its own; the one given where there is no fence."""
        self._numbers = count()

    def place(self, path: Path, data: bytes) -> None:
        """The file holds ``data`` or what it held before, at every moment; durable after its directory is synced.

        Raises:
            InUseError: another writer has taken over; the file is as before.
            OperationalError: the disk refused; the file is as before.
        """
        with self.guarded():
            place(path, data, by=self._unfinished(path.name) if self._is_fenced else None)

    def _unfinished(self, name: str) -> Path:
        """Files of one name may be placed in several directories at a time."""
        return self.path / f"{next(self._numbers)}-{name}{UNFINISHED_SUFFIX}"

    def remove(self, directory: Path) -> None:
        """The directory is gone, at once; where there is none, nothing is done.

        Raises:
            OSError: the disk refused.
            InUseError: another writer has taken over; the directory is as before.
        """
        if not directory.exists():
            return
        with self.guarded():
            if self._is_fenced and not directory.is_relative_to(self.path):
                directory = directory.rename(self._free())
            shutil.rmtree(directory)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """A failure because another writer has taken over is told as that.

        Raises:
            InUseError: another one has.
        """
        try:
            yield
        except (OSError, OperationalError) as error:
            if self._is_fenced and not self.path.is_dir():
                raise overtaken() from error
            raise

    def _free(self) -> Path:
        return next(path for number in count() if not (path := self.path / f"removed-{number}").exists())


def overtaken() -> InUseError:
    """What a writer is told that another one has taken the place of."""
    return InUseError(
        "Another process has taken this gate over.",
        why="This one had lost its lock on the server: it was asleep, or cut off, for longer than the server waits.",
        next_step="Nothing was written. The other one goes on with what was begun.",
    )


def _own(writing: Path, epoch: int, *, keep: bool) -> Path:
    own = writing / str(epoch)
    try:
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made before it looks: of two that begin together, at least one sees the other.
        for other in sorted(writing.iterdir()):
            if other.name.isdecimal() and int(other.name) > epoch:
                own.rmdir()
                raise overtaken()
            if other != own:
                _take_away(other, keep=keep)
    except OSError as error:
        raise failed("make a directory of its own", own, error) from error
    return own


def _take_away(other: Path, *, keep: bool) -> None:
    """By one rename; empty ones are removed, others only where nothing in them is evidence."""
    over = other if other.name.endswith(_OVER) else other.with_name(other.name + _OVER)
    with suppress(FileNotFoundError):  # its owner may remove it in this moment
        other.rename(over)
    if not keep:
        shutil.rmtree(over, ignore_errors=True)  # what is left is found by the next one
    with suppress(OSError):
        over.rmdir()
