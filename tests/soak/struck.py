"""``narrowgate`` at a given time, in a process that kills itself at its N-th change of files below a directory.

Run by ``disasters.py``: TIME N DIRECTORY TOLD ARGUMENTS. Where the command ends before, it writes how many changes it
made into the file TOLD.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

CHANGES = frozenset(
    ("os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.truncate", "os.utime")
)


class Strike:
    """Counts changes below a directory, and kills at one of them."""

    def __init__(self, at: int, directory: str) -> None:
        self.count = 0
        self._at = at
        self._directory = directory

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """Called by Python before whatever it does."""
        if event == "open":
            flags = arguments[2]
            if not isinstance(flags, int) or not flags & (os.O_WRONLY | os.O_RDWR):
                return
        elif event not in CHANGES:
            return
        path = arguments[0]
        if isinstance(path, int) or str(path).startswith(self._directory):
            self.count += 1
            if self.count == self._at:
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """The command of the arguments."""
    # The directory of this file holds modules of the tests, which the command must not find.
    sys.path.pop(0)
    time, number, directory, told = sys.argv[1:5]
    sys.argv = ["narrowgate", *sys.argv[5:]]
    from narrowgate.__main__ import main as run
    from narrowgate.adapters.clock import SystemClock

    at = datetime.fromisoformat(time)
    SystemClock.now = lambda _: at  # type: ignore[method-assign]
    strike = Strike(int(number), directory)
    sys.addaudithook(strike)
    try:
        run()
    finally:
        Path(told).write_text(str(strike.count))


if __name__ == "__main__":
    main()
