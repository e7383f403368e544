"""A desk in a copy of the world that commands are tried in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.served_desk import ServedDesk, served_desk


@pytest.fixture
def served(home: Path, tmp_path: Path) -> Iterator[ServedDesk]:
    with served_desk(home, tmp_path / "scratch") as made:
        yield made
