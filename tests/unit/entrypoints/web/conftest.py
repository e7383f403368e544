"""One browser for all tests of pages that a worker runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from support.browser import running_browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium."""
    with running_browser() as started:
        yield started
