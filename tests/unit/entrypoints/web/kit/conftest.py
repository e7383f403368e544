"""The sample application, served as a command serves one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serving
from support.sample_pages import ServedSample, sample


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedSample]:
    waiting = listening()
    made = sample(tmp_path, origin_of(waiting))
    with ExitStack() as stack:
        origin = stack.enter_context(serving(made.app, waiting))
        stranger = stack.enter_context(httpx.Client(base_url=origin))
        yield ServedSample(made, origin, stranger, stack)
