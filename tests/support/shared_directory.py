"""A directory as another machine sees it: run as ``python FILE DIRECTORY MOUNTPOINT``.

Every change goes through to the directory at once, and locks do not: each mount has its own, as two machines have that
share a directory which knows no locks between them (Linux itself keeps the locks of a FUSE mount that asks for none).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mfusepy
import pytest


class Shared(mfusepy.Operations):  # type: ignore[misc]  # the library has no types
    """See the module."""

    use_ns = True

    def __init__(self, directory: str) -> None:
        self._directory = Path(directory)

    def _path(self, path: str) -> Path:
        return self._directory / path.lstrip("/")

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        found = self._path(path).lstat()
        return {
            "st_mode": found.st_mode,
            "st_ino": found.st_ino,
            "st_size": found.st_size,
            "st_nlink": found.st_nlink,
            "st_uid": found.st_uid,
            "st_gid": found.st_gid,
            "st_mtime": found.st_mtime_ns,
            "st_ctime": found.st_ctime_ns,
            "st_atime": found.st_atime_ns,
        }

    def readdir(self, path: str, _fh: int) -> list[str]:
        return [".", "..", *(one.name for one in self._path(path).iterdir())]

    def create(self, path: str, mode: int, fi: object = None) -> int:
        return os.open(self._path(path), os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode)

    def open(self, path: str, flags: int) -> int:
        # The kernel gives the place of each write, so the file itself needs no appending.
        return os.open(self._path(path), flags & ~os.O_APPEND)

    def release(self, _path: str, fh: int) -> None:
        os.close(fh)

    def read(self, _path: str, size: int, offset: int, fh: int) -> bytes:
        return os.pread(fh, size, offset)

    def write(self, _path: str, data: bytes, offset: int, fh: int) -> int:
        return os.pwrite(fh, data, offset)

    def truncate(self, path: str, length: int, fh: int | None = None) -> None:
        os.truncate(self._path(path), length)

    def fsync(self, _path: str, _datasync: int, fh: int) -> None:
        os.fsync(fh)

    def mkdir(self, path: str, mode: int) -> None:
        self._path(path).mkdir(mode)

    def rename(self, old: str, new: str, flags: int = 0) -> None:
        self._path(old).replace(self._path(new))

    def link(self, target: str, source: str) -> None:
        os.link(self._path(source), self._path(target))

    def unlink(self, path: str) -> None:
        self._path(path).unlink()

    def rmdir(self, path: str) -> None:
        self._path(path).rmdir()

    def chmod(self, path: str, mode: int) -> None:
        self._path(path).chmod(mode)

    def chown(self, path: str, uid: int, gid: int) -> None:
        os.chown(self._path(path), uid, gid)

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> None:
        os.utime(self._path(path), ns=times) if times else os.utime(self._path(path))

    def statfs(self, path: str) -> dict[str, int]:
        found = os.statvfs(self._path(path))
        return {
            name: getattr(found, name) for name in ("f_bsize", "f_blocks", "f_bavail", "f_bfree", "f_namemax")
        }


@contextmanager
def mounted(directory: Path, mountpoint: Path) -> Iterator[Path]:
    """The directory, mounted for one machine; skips, and says so, where the system mounts nothing."""
    mountpoint.mkdir()
    command = [sys.executable, __file__, str(directory), str(mountpoint)]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        ends = time.monotonic() + 20
        while not mountpoint.is_mount():
            if server.poll() is not None or time.monotonic() > ends:
                pytest.skip("NOT CHECKED: no file system can be mounted here (Debian package fuse3)")
            time.sleep(0.02)
        yield mountpoint
    finally:
        subprocess.run(["umount", "-l", mountpoint], check=False, capture_output=True)
        server.kill()
        server.communicate()


if __name__ == "__main__":
    mfusepy.FUSE(
        Shared(sys.argv[1]),
        sys.argv[2],
        foreground=True,
        attr_timeout=0,
        entry_timeout=0,
        negative_timeout=0,
    )
