"""What work on an index tells those who wait for it; nothing of it is in the index."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]
"""Told the name of a stage, how much of it is done, and how much there is (None: unknown)."""


def nobody(stage: str, done: int, total: int | None) -> None:
    """Nobody waits."""
