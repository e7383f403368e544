"""Processes as Linux shows them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def members_of_session(session: int) -> list[str]:
    """The processes that a command started and that still run, whoever their parent is now."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, _, _, its_session = stat.read_text().rpartition(")")[2].split()[:4]
            if int(its_session) == session and state != "Z":
                found.append(stat.parent.name)
    return found
