"""What a witness keeps: its key, the log it watches, the checkpoint it cosigned last, and what it refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.files.directory_lock import lock_directory, unlock_directory
from narrowgate.adapters.files.durable_files import failed, sync_directory, write_durably
from narrowgate.adapters.files.regular import read_regular
from narrowgate.adapters.keys import generate_key_file, load_secret_key
from narrowgate.core.base.errors import LogInconsistentError, UsageError
from narrowgate.core.base.times import format_time
from narrowgate.core.log.checkpoint import Checkpoint, verify_checkpoint
from narrowgate.core.log.note import COSIGNATURE_V1, NoteSigner, VerifierKey
from narrowgate.core.log.witness import cosignature_line, parse_request, require_next
from narrowgate.gate.ports import Entropy

KEY: Final = "witness.key"
PUBLIC_KEY: Final = "witness.vkey"
LOG_KEY: Final = "log.vkey"
LAST: Final = "last"
REFUSED: Final = "refused"
_MOST_BYTES: Final = 1 << 20


class WitnessDirectory:
    """A witness of one log, whose memory is one directory.

    Args:
        path: made by ``create``.

    Raises:
        ConfigurationError: a key in it cannot be read.
        OperationalError: a file is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.key = VerifierKey.parse(self._text(PUBLIC_KEY).strip())

    @property
    def log_key(self) -> VerifierKey:
        """The key of the log that it watches.

        Raises:
            UsageError: it watches none yet.
        """
        if not (self.path / LOG_KEY).exists():
            raise UsageError(
                "The witness does not watch a log yet.",
                next_step="Name the key that the custodian published with 'narrowgate witness watch'.",
                where=str(self.path),
            )
        return VerifierKey.parse(self._text(LOG_KEY).strip())

    def watch(self, log_key: VerifierKey) -> None:
        """The witness watches the log of this key from now on, and never another one.

        Args:
            log_key: of the log, from a place that the custodian cannot change later.

        Raises:
            UsageError: it watches a log already.
            OperationalError: the disk refused.
        """
        with self._alone():
            if (self.path / LOG_KEY).exists():
                raise UsageError(
                    "The witness watches a log already.",
                    why="What it cosigned last is of that log.",
                    next_step="Make another witness for another log.",
                    where=str(self.path),
                )
            write_durably(self.path / LOG_KEY, f"{log_key}\n".encode())

    @classmethod
    def create(cls, path: Path, name: str, entropy: Entropy) -> WitnessDirectory:
        """A new witness with a key of its own, which nobody else can read; it watches no log yet.

        Args:
            path: does not exist, or is empty.
            name: of the witness, such as ``oversight.example/witness``.
            entropy: draws the key.

        Raises:
            UsageError: there is something already: a witness that forgets its last checkpoint witnesses nothing.
            ConfigurationError: the name is no key name.
            OperationalError: the disk refused.
        """
        VerifierKey(name, bytes(32), COSIGNATURE_V1)
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            occupied = any(path.iterdir())
        except OSError as error:
            raise failed("make the directory", path, error) from error
        if occupied:
            raise UsageError(
                "The directory is not empty.",
                why="A witness that forgets the checkpoint it cosigned last can be shown another history.",
                next_step="Name a new directory.",
                where=str(path),
            )
        generate_key_file(path / KEY, entropy)
        signer = _signer(path, name)
        write_durably(path / PUBLIC_KEY, f"{signer.key}\n".encode())
        return cls(path)

    def last(self) -> str | None:
        """The signed checkpoint that was cosigned last, or nothing before the first."""
        return self._text(LAST) if (self.path / LAST).exists() else None

    def last_checkpoint(self) -> Checkpoint | None:
        """What the last one says."""
        last = self.last()
        return verify_checkpoint(last, self.log_key, str(self.path / LAST)) if last else None

    def refused(self) -> tuple[str, ...]:
        """Names of the files of evidence, oldest first."""
        folder = self.path / REFUSED
        return tuple(sorted(file.name for file in folder.iterdir())) if folder.is_dir() else ()

    def cosign(self, request: str, now: datetime, where: str = "") -> str:
        """One signature line over the checkpoint of the request, which is remembered before it is signed.

        Args:
            request: as ``narrowgate log request`` writes it.
            now: aware UTC time.
            where: file name for messages.

        Raises:
            ProofError: the request is malformed, of another log, or starts elsewhere.
            LogInconsistentError: a fork or a rollback; both checkpoints are kept in ``refused/``.
            InUseError: another process cosigns.
            OperationalError: the disk refused; nothing is signed.
        """
        asked = parse_request(request, where)
        with self._alone():
            last = self.last()
            try:
                require_next(asked, self.log_key, last, where)
            except LogInconsistentError as error:
                evidence = self._keep(last or "", asked.checkpoint, now)
                raise LogInconsistentError(
                    error.what,
                    why=error.why,
                    next_step=f"{error.next_step} Both are in {evidence}.",
                    where=error.where,
                ) from error
            signer = _signer(self.path, self.key.name)
            write_durably(self.path / LAST, asked.checkpoint.encode())
            return cosignature_line(asked.checkpoint, signer, int(now.timestamp()))

    def _keep(self, last: str, checkpoint: str, now: datetime) -> Path:
        """The two checkpoints that contradict each other, side by side."""
        folder = self.path / REFUSED
        path = folder / f"{format_time(now).replace(':', '')}.txt"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise failed("keep the evidence", folder, error) from error
        write_durably(path, f"{last}\n{checkpoint}".encode())
        sync_directory(self.path)
        return path

    @contextmanager
    def _alone(self) -> Iterator[None]:
        descriptor = lock_directory(self.path)
        try:
            yield
        finally:
            unlock_directory(descriptor)

    def _text(self, name: str) -> str:
        path = self.path / name
        try:
            return read_regular(path, _MOST_BYTES).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                "This is not the directory of a witness.",
                why=f"{name} is missing or cannot be read.",
                next_step="Make a witness with 'narrowgate witness init', or name its directory.",
                where=str(path),
            ) from error


def _signer(path: Path, name: str) -> NoteSigner:
    seed = load_secret_key(f"file:{path / KEY}")
    return NoteSigner.ed25519(name, Ed25519PrivateKey.from_private_bytes(seed), COSIGNATURE_V1)
