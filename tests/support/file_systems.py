"""A second file system to write to."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.requests import PROJECT


@contextmanager
def other_file_system(than: Path) -> Iterator[Path]:
    """A new directory on another file system, gone afterwards; a skip where the machine has none."""
    for place in (Path("/dev/shm"), Path("/tmp"), PROJECT / "build"):  # noqa: S108 - a new directory is made in it
        if place.is_dir() and place.stat().st_dev != than.stat().st_dev:
            with tempfile.TemporaryDirectory(prefix="narrowgate-other-", dir=place) as directory:
                yield Path(directory)
            return
    pytest.skip("NOT CHECKED: this machine has no second file system to write to")
