"""A machine's root, users and directories that are gone afterwards: namespaces over this machine's own files.

What is written below ``/etc``, ``/opt``, ``/srv``, ``/run`` and ``/var/lib`` goes to memory and vanishes with the
namespaces, and so does every process; users that are added exist in them only.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_MOUNTS = """
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs /mnt
for place in etc var/lib; do
  name=${place//\\//-}
  mkdir /mnt/$name-upper /mnt/$name-work
  chmod 0755 /mnt/$name-upper
  mount -t overlay -o lowerdir=/$place,upperdir=/mnt/$name-upper,workdir=/mnt/$name-work overlay /$place
done
for place in opt srv run; do mount -t tmpfs -o mode=0755 tmpfs /$place; done
mount -t proc proc /proc
ip link set lo up 2> /dev/null || true
echo ready
exec sleep infinity
"""


@dataclass(frozen=True)
class Machine:
    """Made by ``throwaway_machine``.

    Args:
        process: id of the first process in it.
    """

    process: int

    def command(self, *command: object, cwd: str = "/srv") -> list[str]:
        """What runs the command in it, as root."""
        into = ["nsenter", "-t", str(self.process), "-m", "-p", "-n"]
        clean = ["env", "-i", "-C", cwd, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/srv"]
        return [*into, *clean, *map(str, command)]

    def run(self, *command: object, cwd: str = "/srv") -> subprocess.CompletedProcess[str]:
        """What a command came to."""
        return subprocess.run(
            self.command(*command, cwd=cwd),
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def bash(self, script: str) -> str:
        """What a script writes, which must succeed."""
        done = self.run("bash", "-euo", "pipefail", "-c", script)
        assert done.returncode == 0, f"{script}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    @contextmanager
    def service(self, *command: object) -> Iterator[subprocess.Popen[str]]:
        """A process that runs as long as the block; what it said last is shown where the block fails."""
        process = subprocess.Popen(
            self.command(*command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            yield process
        finally:
            # The service itself, which nsenter would leave behind.
            for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
                os.kill(int(child), signal.SIGTERM)
            said = process.communicate(timeout=120)[0]
            print(command[-4:], said[-1500:])  # noqa: T201 - pytest shows it where a test fails


@contextmanager
def throwaway_machine(*, online: bool = False) -> Iterator[Machine]:
    """A machine; skips, and says so, where this user or this system makes none.

    Args:
        online: whether it has this machine's network; else nothing but a loopback of its own.
    """
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("setpriv") is None:
        pytest.skip("NOT TRIED: root and util-linux are needed, so NO PROCESS RAN UNDER ITS OWN USER")
    apart = [] if online else ["--net"]
    holder = subprocess.Popen(
        ["unshare", "--mount", "--pid", *apart, "--fork", "--kill-child", "bash", "-c", _MOUNTS],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        if holder.stdout.readline() != "ready\n":
            holder.kill()
            said = holder.communicate()[1]
            pytest.skip(f"NOT TRIED: no namespaces here, so NO PROCESS RAN UNDER ITS OWN USER: {said}")
        yield Machine(_child(holder.pid))
    finally:
        holder.kill()
        holder.communicate()


def _child(parent: int) -> int:
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        if found:
            return int(found[0])
        time.sleep(0.01)
    raise AssertionError("the namespaces have no process")
