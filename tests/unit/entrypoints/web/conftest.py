"""What tests of all pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.browser import Browser


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests of pages that a worker runs."""
    started = Browser()
    yield started
    started.close()
