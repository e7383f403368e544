"""A file system in memory that forgets at a power cut whatever was not synced: run as ``python FILE MOUNTPOINT``.

A name is durable once its directory was synced, the bytes of a file once the file was. That is less than any
journalling file system keeps, and all that POSIX promises. Writing ``cut N`` to ``.control`` cuts the power before the
N-th change from then on: it and every later call fail with EIO. ``restore`` brings the power, and what was durable,
back; where it was not cut, it changes nothing. ``sync`` makes everything durable.
"""

from __future__ import annotations

import errno
import stat
import sys
from dataclasses import dataclass, field

import mfusepy

CONTROL = "/.control"


@dataclass
class Node:
    """A file or directory: as it is, and as it would be after a power cut."""

    mode: int
    data: bytearray = field(default_factory=bytearray)
    durable_data: bytes = b""
    names: dict[str, Node] = field(default_factory=dict)
    durable_names: dict[str, Node] = field(default_factory=dict)
    changed: int = 1_700_000_000_000_000_000  # nanoseconds; any time will do

    @property
    def is_directory(self) -> bool:
        return stat.S_ISDIR(self.mode)

    def forget(self) -> None:
        """Be as after a power cut."""
        self.data, self.names = bytearray(self.durable_data), dict(self.durable_names)
        for node in self.names.values():
            node.forget()

    def sync(self) -> None:
        """Keep everything."""
        self.durable_data, self.durable_names = bytes(self.data), dict(self.names)
        for node in self.names.values():
            node.sync()


class ForgetfulFileSystem(mfusepy.Operations):  # type: ignore[misc]  # the library has no types
    """See the module."""

    use_ns = True

    def __init__(self) -> None:
        self.root = Node(stat.S_IFDIR | 0o755)
        self.changes = 0
        self.cut_at: int | None = None
        self.handles: dict[int, Node] = {}
        self.next_handle = 1

    def _find(self, path: str) -> Node:
        self._require_power()
        node = self.root
        for part in filter(None, path.split("/")):
            if part not in node.names:
                raise mfusepy.FuseOSError(errno.ENOENT)
            node = node.names[part]
        return node

    def _parent(self, path: str) -> tuple[Node, str]:
        above, _, name = path.rpartition("/")
        return self._find(above), name

    def _require_power(self) -> None:
        if self.cut_at is not None and self.changes >= self.cut_at:
            raise mfusepy.FuseOSError(errno.EIO)

    def _change(self) -> None:
        self.changes += 1
        self._require_power()

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        if path == CONTROL:
            return {"st_mode": stat.S_IFREG | 0o600, "st_size": 0, "st_nlink": 1}
        node = self.handles[fh] if fh in self.handles else self._find(path)
        when = node.changed
        return {
            "st_mode": node.mode,
            "st_size": len(node.data),
            "st_nlink": 2 if node.is_directory else 1,
            "st_mtime": when,
            "st_ctime": when,
            "st_atime": when,
        }

    def readdir(self, path: str, _fh: int) -> list[str]:
        return [".", "..", *self._find(path).names]

    def opendir(self, path: str) -> int:
        return self._opened(self._find(path))

    def releasedir(self, _path: str, fh: int) -> int:
        self.handles.pop(fh, None)
        return 0

    def _opened(self, node: Node) -> int:
        self.next_handle += 1
        self.handles[self.next_handle] = node
        return self.next_handle

    def create(self, path: str, mode: int, fi: object = None) -> int:
        self._change()
        parent, name = self._parent(path)
        parent.names[name] = Node(stat.S_IFREG | (mode & 0o7777))
        return self._opened(parent.names[name])

    def open(self, path: str, _flags: int) -> int:
        return 0 if path == CONTROL else self._opened(self._find(path))

    def release(self, _path: str, fh: int) -> int:
        self.handles.pop(fh, None)
        return 0

    def read(self, _path: str, size: int, offset: int, fh: int) -> bytes:
        self._require_power()
        return bytes(self.handles[fh].data[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        if path == CONTROL:
            return self._control(data)
        self._change()
        node = self.handles[fh]
        node.data[len(node.data) : offset] = bytes(max(0, offset - len(node.data)))
        node.data[offset : offset + len(data)] = data
        node.changed += 1_000_000_000
        return len(data)

    def _control(self, command: bytes) -> int:
        if command.startswith(b"cut"):
            self.changes, self.cut_at = 0, int(command.split()[1])
        elif command.startswith(b"sync"):
            self.root.sync()
        else:
            if self.cut_at is not None and self.changes >= self.cut_at:
                self.root.forget()
            self.cut_at = None
        return len(command)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        if path != CONTROL:
            self._change()
            node = self.handles[fh] if fh in self.handles else self._find(path)
            node.data[length:] = bytes(max(0, length - len(node.data)))
        return 0

    def flush(self, _path: str, _fh: int) -> int:
        return 0

    def fsync(self, path: str, _datasync: int, fh: int) -> int:
        if path != CONTROL:
            self._change()
            self.handles[fh].durable_data = bytes(self.handles[fh].data)
        return 0

    def fsyncdir(self, _path: str, _datasync: int, fh: int) -> int:
        self._change()
        self.handles[fh].durable_names = dict(self.handles[fh].names)
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        self._change()
        parent, name = self._parent(path)
        if name in parent.names:
            raise mfusepy.FuseOSError(errno.EEXIST)
        parent.names[name] = Node(stat.S_IFDIR | (mode & 0o7777))
        return 0

    def rename(self, old: str, new: str, flags: int = 0) -> int:
        self._change()
        (source, before), (target, after) = self._parent(old), self._parent(new)
        if before not in source.names:
            raise mfusepy.FuseOSError(errno.ENOENT)
        if after in target.names and target.names[after].names:
            raise mfusepy.FuseOSError(errno.ENOTEMPTY)
        target.names[after] = source.names.pop(before)
        return 0

    def link(self, target: str, source: str) -> int:
        self._change()
        parent, name = self._parent(target)
        if name in parent.names:
            raise mfusepy.FuseOSError(errno.EEXIST)
        parent.names[name] = self._find(source)
        return 0

    def unlink(self, path: str) -> int:
        self._change()
        parent, name = self._parent(path)
        if parent.names.pop(name, None) is None:
            raise mfusepy.FuseOSError(errno.ENOENT)
        return 0

    def rmdir(self, path: str) -> int:
        self._change()
        parent, name = self._parent(path)
        if parent.names[name].names:
            raise mfusepy.FuseOSError(errno.ENOTEMPTY)
        del parent.names[name]
        return 0

    def chmod(self, path: str, mode: int) -> int:
        node = self._find(path)
        node.mode = stat.S_IFMT(node.mode) | (mode & 0o7777)
        return 0

    def chown(self, _path: str, _uid: int, _gid: int) -> int:
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        if path != CONTROL:
            self._find(path).changed = times[1] if times else self._find(path).changed
        return 0

    def statfs(self, _path: str) -> dict[str, int]:
        return {
            "f_bsize": 4096,
            "f_blocks": 1 << 20,
            "f_bavail": 1 << 20,
            "f_bfree": 1 << 20,
            "f_namemax": 255,
        }


if __name__ == "__main__":
    mfusepy.FUSE(
        ForgetfulFileSystem(),
        sys.argv[1],
        foreground=True,
        nothreads=True,
        attr_timeout=0,
        entry_timeout=0,
        negative_timeout=0,
        direct_io=False,
        kernel_cache=False,
    )
