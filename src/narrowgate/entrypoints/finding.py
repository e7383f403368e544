"""What a check-up of a machine or a gate finds, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

SOON: Final = timedelta(days=30)
"""What ends within these days is told before it ends."""


class Verdict(StrEnum):
    """What became of one thing that was tried."""

    OK = "ok"
    ABSENT = "absent"
    BUSY = "busy"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried.

    Args:
        subject: what was tried.
        state: ``failed`` where every package, or what it concerns, would be refused or stopped today.
        remark: what was found, without personal data.
        next_step: what to do; empty where nothing is to be done.
    """

    subject: str
    state: Verdict
    remark: str
    next_step: str = ""
