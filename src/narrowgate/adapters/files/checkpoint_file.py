"""The second place of a log: a file elsewhere that signed checkpoints are appended to before they count."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from narrowgate.adapters.files.durable_files import failed, sync_directory
from narrowgate.adapters.files.regular import open_regular
from narrowgate.core.base.errors import LogInconsistentError, ProofError
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.kept_checkpoints import appended_checkpoint, last_kept
from narrowgate.core.log.note import VerifierKey

_TAIL_BYTES = 65_536
"""How much of the end is read: hundreds of checkpoints."""


class CheckpointKeeper(Protocol):
    """Somebody else who remembers the log's checkpoints: another disk today, a witness when there is one.

    The log hands over each checkpoint when its tiles are durable and before it publishes it. So a keeper never knows
    less than the log itself, whatever is cut off and whenever.
    """

    def last(self, key: VerifierKey) -> tuple[str, Checkpoint] | None:
        """The newest checkpoint kept, as text and as value; nothing before the first.

        Raises:
            LogInconsistentError: what is kept was changed, or is of another log.
        """
        ...

    def keep(self, checkpoint: str) -> str:
        """The checkpoint is kept for good on return; the text to publish, to which a witness adds its line."""
        ...


class CheckpointFile:
    """Keeps checkpoints in one file that it only ever appends to.

    Args:
        path: on another disk than the log, or on a share that only allows appending.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self, key: VerifierKey) -> tuple[str, Checkpoint] | None:
        """See ``CheckpointKeeper.last``; reads the end of the file."""
        try:
            return last_kept(self._end(_TAIL_BYTES), key, str(self._path))
        except ProofError as error:
            raise LogInconsistentError(
                "The second place of the log holds another checkpoint than the log ever signed.",
                why=error.what,
                next_step="Keep both as they are and call the custodian's disclosure officers.",
                where=str(self._path),
            ) from error

    def keep(self, checkpoint: str) -> str:
        """See ``CheckpointKeeper.keep``."""
        data = appended_checkpoint(self._end(2), checkpoint).encode()
        is_new = not self._path.exists()
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                while data:
                    data = data[os.write(descriptor, data) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise failed("keep the checkpoint in its second place", self._path, error) from error
        if is_new:
            sync_directory(self._path.parent)
        return checkpoint

    def _end(self, size: int) -> str:
        """The last bytes of the file, empty where there is none; a character cut at the start is replaced."""
        try:
            with open_regular(self._path) as file:
                length = file.seek(0, os.SEEK_END)
                file.seek(max(0, length - size))
                return file.read(size).decode(errors="replace")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise failed("read the second place of the log", self._path, error) from error
