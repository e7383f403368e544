"""The command line, which goes to sleep before its n-th change: ``python FILE DIRECTORY N ARGUMENT...``.

A change is of a file or name below the directory, a commit of the state, or the permission to publish a checkpoint.
With N = 0 it never sleeps. What it was about to do goes to the file named by ``SLEEPS``; at its end, how many changes
there were.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

_NAMES = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.link", "os.truncate", "os.utime", "os.chmod"}

directory, when, arguments = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
told = Path(os.environ["SLEEPS"])
changes = 0


def change(what: str) -> None:
    """Goes to sleep if it is the one."""
    global changes  # noqa: PLW0603 - an audit hook has no other place
    changes += 1
    if changes == when:
        told.write_text(what)
        os.kill(os.getpid(), signal.SIGSTOP)


def look(event: str, values: tuple[object, ...]) -> None:
    """Sees everything that Python does to files."""
    if event == "open":
        path, _, flags = values
        if not isinstance(flags, int) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
    elif event in _NAMES:
        path = values[0]
    else:
        return
    text = str(path)
    if text.startswith(directory) and "progress.json" not in text and "/spill" not in text:
        change(f"{event} {text.removeprefix(directory)}")


sys.addaudithook(look)

from narrowgate.adapters.state.server_fence import ServerFence  # noqa: E402 - the hook sees its import, too
from narrowgate.entrypoints.cli.main import main  # noqa: E402

for name in ("_look", "authorize"):

    def slept(
        self: ServerFence, value: object, original: object = getattr(ServerFence, name), name: str = name
    ) -> None:
        """Before it looks whether it may."""
        change(name)
        original(self, value)  # type: ignore[operator]

    setattr(ServerFence, name, slept)

sys.argv = ["narrowgate", *arguments]
try:
    main()
finally:
    if not when:
        told.write_text(str(changes))
