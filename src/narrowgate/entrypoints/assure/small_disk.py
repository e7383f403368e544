"""A disk that is too small for what a gate writes, for one process and its children, without any right of root."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
from pathlib import Path

_NEW_MOUNTS = 0x00020000
_NEW_USER = 0x10000000
_PRIVATE = 0x4000 | 0x40000
_REMOUNT = 0x20
"""unshare(2) and mount(2), Linux."""


class SmallDisk:
    """A directory on a disk of its own that this process alone sees, or, where it may not mount, a limit on each file.

    What is in the directory is on the disk. Only a process without threads can have one; the directory as it is
    outside is as it was before, until ``leave``.

    Args:
        directory: exists.
        size: bytes of the disk beyond what is in the directory.
    """

    def __init__(self, directory: Path, size: int) -> None:
        self._directory = directory
        self._outside = directory.with_name(f"{directory.name}-outside")
        shutil.rmtree(self._outside, ignore_errors=True)
        shutil.copytree(directory, self._outside)
        self._size = 2 * used(directory) + size + (1 << 20)
        self.is_mounted = _may_mount() and _mount(directory, self._size)
        if self.is_mounted:
            shutil.copytree(self._outside, directory, dirs_exist_ok=True)

    def leave_room(self, on_the_disk: int, in_a_file: int) -> None:
        """So many bytes are free; where nothing could be mounted, no file grows beyond ``in_a_file``."""
        if not self.is_mounted:
            resource.setrlimit(
                resource.RLIMIT_FSIZE, (in_a_file, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
            )
            return
        status = os.statvfs(self._directory)
        taken = (status.f_blocks - status.f_bfree) * status.f_frsize
        _mount(self._directory, taken + on_the_disk, _REMOUNT)

    def make_room(self) -> None:
        """There is enough again."""
        if self.is_mounted:
            _mount(self._directory, self._size, _REMOUNT)
        else:
            most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    def leave(self) -> Path:
        """Where every process finds what is on the disk now."""
        shutil.rmtree(self._outside)
        shutil.copytree(self._directory, self._outside)
        return self._outside


def used(directory: Path) -> int:
    """Bytes that the files of a directory take on a disk of pages of 4,096."""
    sizes = (path.stat().st_size for path in directory.rglob("*") if path.is_file())
    return sum(-(-size // 4096) * 4096 for size in sizes)


def _may_mount() -> bool:
    """Whether this process has mounts of its own now, by the right of root or in a user namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_NEW_MOUNTS) != 0:
        if libc.unshare(_NEW_MOUNTS | _NEW_USER) != 0:
            return False
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            Path("/proc/self", name).write_text(text)
    return bool(libc.mount(None, b"/", None, _PRIVATE, None) == 0)


def _mount(directory: Path, size: int, flags: int = 0) -> bool:
    options = f"size={size},mode=700".encode()
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.mount(b"tmpfs", os.fsencode(directory), b"tmpfs", flags, options) == 0)
