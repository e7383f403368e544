"""What befalls a command: its process is killed, or its disk is full."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from narrowgate.entrypoints.assure.small_disk import SmallDisk
from support.command_line import Result
from support.commands import command
from support.release_world import TurnedClock

STRUCK = Path(__file__).with_name("struck.py")
MARK = "NARROWGATE_SOAK"
"""In the environment of every process that is killed, so that one that outlives its command is found."""

_FIRST_GUESS = 30
_MOST_ROOM = 160 << 10
_MOST_FILE = 40 << 10
_MAY_FAIL = (0, 1, 2, 3, 11, 12, 15, 16)


@dataclass
class Disasters:
    """Kills and full disks, drawn from one source of chance.

    Args:
        chance: of the course.
        home: of the world that is played in.
        disk: that ``home`` lies on.
        clock: of the world.
    """

    chance: Random
    home: Path
    disk: SmallDisk
    clock: TurnedClock
    met: Counter[str] = field(default_factory=Counter)
    _changes: dict[str, int] = field(default_factory=dict)

    def kill(self, arguments: Sequence[str]) -> None:
        """The command runs in a process of its own, which is killed at a change of files drawn by chance."""
        name = " ".join(arguments[:2])
        at = self.chance.randint(1, self._changes.get(name, _FIRST_GUESS))
        told = self.home / "told"
        told.unlink(missing_ok=True)
        done = subprocess.run(
            [
                *(sys.executable, str(STRUCK), self.clock.at.isoformat(), str(at), str(self.home), str(told)),
                *arguments,
            ],
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", MARK: str(os.getpid())},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert "Internal error" not in done.stderr, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        if done.returncode < 0:
            self.met[f"killed: {name}"] += 1
        else:
            self.met[f"ended before the kill: {name}"] += 1
            self._changes[name] = max(2, int(told.read_text()))
            told.unlink()

    def fill(self, arguments: Sequence[str]) -> None:
        """The command runs on a disk with too little room, perhaps."""
        self.disk.leave_room(self.chance.randrange(_MOST_ROOM), self.chance.randrange(_MOST_FILE))
        try:
            result: Result = command(*arguments)
        finally:
            self.disk.make_room()
        assert "Internal error" not in result.err, result.err
        assert result.code in _MAY_FAIL, f"{arguments}\n{result.code}\n{result.out}\n{result.err}"
        name = " ".join(arguments[:2])
        self.met[f"{'disk full' if result.code == 1 else 'room enough'}: {name}"] += 1


def processes_left() -> list[int]:
    """Processes that a killed one left behind."""
    found = []
    wanted = f"{MARK}={os.getpid()}".encode()
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            try:
                if wanted in (directory / "environ").read_bytes().split(b"\0"):
                    found.append(int(directory.name))
            except OSError:
                continue
    return found
