"""The gate's own copies of packages: encrypted, each under a random data key that the commitment key wraps.

One directory for each package, named by the digest of its manifest, holds

=================== =========================================================================================
``data-key``        the data key, wrapped (RFC 3394) under a key derived from the commitment key
``manifest``        ``manifest.json``, ``manifest.json.p7s`` and ``rows.ndjson``, encrypted in chunks of
``signature``       1 MiB (AES-256-GCM), each file under a key of its own; number and end of the chunks are in
``rows``            their nonces, so that a chunk cannot be moved, left out or cut off
=================== =========================================================================================

Everything else that is secret about a package (salts, randomness of the seals) is derived from its data key, so
destroying that one key closes its commitments in the log for good. The format is stated in
``docs/reference/protocol/vault.md``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from narrowgate.adapters.files.durable_files import failed, sync_directory, write_durably
from narrowgate.adapters.files.fence import Fence, OwnPlace
from narrowgate.adapters.files.regular import open_regular, read_regular
from narrowgate.core.base.errors import ConfigurationError, DestroyedError, OperationalError
from narrowgate.core.request.manifest import Rows
from narrowgate.core.request.signed_rows import signed_rows
from narrowgate.gate.package_ports import CopyState
from narrowgate.gate.ports import Entropy

CHUNK_BYTES: Final = 1_048_576
"""Plain bytes of every chunk but the last, which has as many or fewer."""

KEY_FILE: Final = "data-key"
ANNOUNCED: Final = "destroying"
"""Where the leaf of the destruction is to be; there from before that leaf until the key is gone."""
DESTROYED: Final = "destroyed"
"""All that is left of a copy whose data key was destroyed."""
MANIFEST, SIGNATURE, ROWS = "manifest", "signature", "rows"

_KEY_BYTES = 32
_TAG_BYTES = 16
_UNFINISHED = ".unfinished"


class DirectoryVault:
    """Packages below one directory that nobody but the gate can enter.

    Args:
        directory: made with mode 0700 where it does not exist.
        entropy: of the data keys.
        fence: of a lock on a server, which keeps a gate out that was overtaken; None for a gate on one machine, and
            for whoever only reads.

    Raises:
        ConfigurationError: group or others may enter the directory.
        OperationalError: it cannot be made.
    """

    def __init__(self, directory: Path, entropy: Entropy, fence: Fence | None = None) -> None:
        self._directory = directory
        self._entropy = entropy
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            mode = directory.stat().st_mode
        except OSError as error:
            raise failed("make the vault", directory, error) from error
        if mode & 0o077:
            raise ConfigurationError(
                "Others than the gate can enter its vault.",
                why="It holds the rows of packages and the keys that close their commitments.",
                next_step="Run 'chmod 700' on it, and find out who could have been there.",
                where=str(directory),
            )
        self._own = OwnPlace(directory, fence)

    def take_in(
        self, manifest_sha256: bytes, manifest: bytes, signature: bytes, rows: Iterable[bytes], key: bytes
    ) -> KeptPackage:
        """A durable copy of these very bytes under a fresh data key; a copy that no run began with is replaced.

        Args:
            manifest_sha256: names the copy.
            manifest: bytes of the manifest.
            signature: bytes of its signature.
            rows: bytes of the rows in any pieces; when taking them raises, nothing is kept.
            key: the commitment key.

        Raises:
            OperationalError: the disk refused; nothing is kept.
        """
        final = self._path(manifest_sha256)
        work = self._own.path / (final.name + _UNFINISHED)
        data_key = self._entropy.draw(_KEY_BYTES)
        try:
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(mode=0o700)
            with _removed_on_failure(work):
                wrapped = aes_key_wrap(_wrapping_key(key, manifest_sha256), data_key)
                _write(work / KEY_FILE, [wrapped])
                for name, pieces in ((MANIFEST, [manifest]), (SIGNATURE, [signature]), (ROWS, rows)):
                    _write(work / name, _encrypted(_file_key(data_key, name), pieces))
                sync_directory(work)
                self._own.remove(final)
                work.rename(final)
        except OSError as error:
            raise failed("copy the package into the vault", final, error) from error
        sync_directory(self._directory)
        return KeptPackage(final, data_key)

    def kept(self, manifest_sha256: bytes, key: bytes) -> KeptPackage:
        """The copy taken in before.

        Args:
            manifest_sha256: digest of the package's manifest.
            key: the commitment key of that time.

        Raises:
            OperationalError: the copy is missing, or it is another key's.
            DestroyedError: its data key was destroyed on its day.
        """
        path = self._path(manifest_sha256)
        if self.state(manifest_sha256) is CopyState.DESTROYED or (path / ANNOUNCED).exists():
            raise DestroyedError(
                "The data key of the package was destroyed.",
                why="The agreement's days of retention are over; the log has the entry. "
                "Rows, salts and seals of the package stay closed for good.",
                next_step="What the log itself says of the package can still be shown: 'narrowgate inspector trace'.",
                where=str(path),
            )
        try:
            wrapped = read_regular(path / KEY_FILE, _KEY_BYTES + 8, follow=False)
        except FileNotFoundError as error:
            raise OperationalError(
                "The gate's own copy of the package is missing.",
                why="Its directory or its data key is not in the vault.",
                next_step="Restore the vault, or end the package with 'narrowgate act propose package-abandoned'.",
                where=str(path),
            ) from error
        except OSError as error:
            raise failed("read the data key", path, error) from error
        try:
            return KeptPackage(path, aes_key_unwrap(_wrapping_key(key, manifest_sha256), wrapped))
        except InvalidUnwrap as error:
            raise OperationalError(
                "The data key of the package cannot be opened.",
                why="It was changed, or wrapped under another commitment key.",
                next_step="Restore the vault and the commitment key that the package was taken in with.",
                where=str(path),
            ) from error

    def state(self, manifest_sha256: bytes) -> CopyState:
        """What became of the copy; one whose destruction was announced is kept, and opened for nobody.

        Raises:
            OperationalError: the disk refused.
        """
        path = self._path(manifest_sha256)
        try:
            if (path / DESTROYED).exists():
                return CopyState.DESTROYED
            return CopyState.KEPT if (path / KEY_FILE).exists() else CopyState.MISSING
        except OSError as error:
            raise failed("look for the copy", path, error) from error

    def announce(self, manifest_sha256: bytes, leaf: int) -> int:
        """The index at or behind which the leaf of the destruction stands, or will; the first one given counts.

        Raises:
            OperationalError: the disk refused.
        """
        path = self._path(manifest_sha256) / ANNOUNCED
        try:
            return int(read_regular(path, 20, follow=False))
        except FileNotFoundError:
            write_durably(path, str(leaf).encode())
            return leaf
        except OSError as error:
            raise failed("read the announcement", path, error) from error

    def destroy(self, manifest_sha256: bytes) -> None:
        """The data key is overwritten and removed, then the encrypted files; a file says that they were.

        A file system or a disk that writes elsewhere keeps what was overwritten, still wrapped under the commitment
        key: destroy such media with the custodian's other ones (NIST SP 800-88), and the back-ups of the vault.

        Raises:
            OperationalError: the disk refused; done again it goes on.
        """
        path = self._path(manifest_sha256)
        key = path / KEY_FILE
        try:
            if key.exists():
                _overwrite(key, self._entropy.draw(_KEY_BYTES + 8))
                key.unlink()
                sync_directory(path)
            write_durably(path / DESTROYED, b"")
            for name in (MANIFEST, SIGNATURE, ROWS, ANNOUNCED):
                (path / name).unlink(missing_ok=True)
        except OSError as error:
            raise failed("destroy the data key", path, error) from error
        sync_directory(path)

    def _path(self, manifest_sha256: bytes) -> Path:
        return self._directory / manifest_sha256.hex()


class KeptPackage:
    """One copy in the vault, and what is derived from its data key.

    Args:
        directory: of the copy.
        data_key: 32 secret bytes.
    """

    def __init__(self, directory: Path, data_key: bytes) -> None:
        self._directory = directory
        self._data_key = data_key

    def manifest(self) -> bytes:
        """The bytes of the manifest, as taken in.

        Raises:
            OperationalError: the copy was changed or cannot be read.
        """
        return b"".join(self._decrypted(MANIFEST))

    def signature(self) -> bytes:
        """The bytes of the signature, as taken in.

        Raises:
            OperationalError: the copy was changed or cannot be read.
        """
        return b"".join(self._decrypted(SIGNATURE))

    def signed_rows(self, declared: Rows) -> Iterator[bytes]:
        """The bytes of the rows, which were compared with the manifest when they were taken in.

        Raises:
            OperationalError: the copy was changed or cannot be read.
        """
        return signed_rows(self.rows(), declared, str(self._directory / ROWS))

    def rows(self) -> Iterator[bytes]:
        """The rows without their line feeds, in order, as taken in; a chunk is in memory at a time.

        Raises:
            OperationalError: the copy was changed or cannot be read.
        """
        rest = b""
        for chunk in self._decrypted(ROWS):
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            yield from lines

    def secret(self, purpose: str) -> bytes:
        """32 bytes that only the holder of the data key can compute, others for each purpose."""
        return _derived(self._data_key, f"narrowgate package 1\x1f{purpose}".encode())

    def _decrypted(self, name: str) -> Iterator[bytes]:
        path = self._directory / name
        cipher = AESGCM(_file_key(self._data_key, name))
        try:
            with open_regular(path, follow=False) as file:
                chunk = file.read(CHUNK_BYTES + _TAG_BYTES)
                number = 0
                while True:
                    following = file.read(CHUNK_BYTES + _TAG_BYTES)
                    yield cipher.decrypt(_nonce(number, is_last=not following), chunk, None)
                    if not following:
                        return
                    chunk, number = following, number + 1
        except OSError as error:
            raise failed("read the gate's copy of the package", path, error) from error
        except InvalidTag as error:
            raise OperationalError(
                "The gate's own copy of the package was changed.",
                why="A chunk of it does not decrypt under the package's data key.",
                next_step="Find out who can write into the vault, then restore the copy.",
                where=str(path),
            ) from error


def _encrypted(file_key: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    cipher = AESGCM(file_key)
    number = 0
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) > CHUNK_BYTES:  # the last chunk, full or not, is the one that says so
            yield cipher.encrypt(_nonce(number, is_last=False), bytes(waiting[:CHUNK_BYTES]), None)
            del waiting[:CHUNK_BYTES]
            number += 1
    yield cipher.encrypt(_nonce(number, is_last=True), bytes(waiting), None)


def _nonce(number: int, *, is_last: bool) -> bytes:
    """A counter and a mark of the end: used once, because every file of every copy has a key of its own."""
    return number.to_bytes(11, "big") + bytes((is_last,))


def _file_key(data_key: bytes, name: str) -> bytes:
    return _derived(data_key, f"narrowgate vault 1\x1f{name}".encode())


def _wrapping_key(commitment_key: bytes, manifest_sha256: bytes) -> bytes:
    """Another one for each package, so that a wrapped key put beside another package opens nothing."""
    return _derived(commitment_key, b"narrowgate vault 1\x1fwrapping\x1f" + manifest_sha256)


def _derived(key: bytes, purpose: bytes) -> bytes:
    """RFC 5869 section 2.3: the keys given are random already."""
    return HKDFExpand(hashes.SHA256(), _KEY_BYTES, purpose).derive(key)


def _overwrite(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _removed_on_failure(directory: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
