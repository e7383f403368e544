"""A browser that a test drives as a person would, and what axe-core finds on the page before it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

WIDTHS = (320, 768, 1280)
"""Pixels: a telephone (and 1280 at four times its size, WCAG 2.2 SC 1.4.10), a tablet, a desk."""

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def browser_page(width: int = 1280, **context: Any) -> Iterator[Any]:
    """A page of Chromium in a profile of its own; what its content security policy refused fails the test.

    The test is skipped where no browser can be had. Playwright lives no longer than the page: while it does, its event
    loop runs in this thread, and what calls ``asyncio.run`` there (checking signatures does) would fail.
    """
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("NOT CHECKED: no chromium, so no page was tried in a browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="NOT CHECKED: Playwright is not installed")
    said: list[str] = []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            profile = browser.new_context(viewport={"width": width, "height": 900}, **context)
            page = profile.new_page()
            page.set_default_timeout(20_000)
            page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
            yield page
        finally:
            browser.close()
    refused = [text for text in said if "Content Security Policy" in text]
    assert refused == [], "the page has what its own policy refuses"


def require_accessible(page: Any) -> None:
    """Fails with what axe-core finds, at each width, in light and in dark; puts the page back to the widest."""
    from axe_playwright_python.sync_playwright import Axe

    found = []
    for scheme, width in [("light", width) for width in WIDTHS] + [("dark", WIDTHS[-1])]:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        results = Axe().run(page)
        found += [
            f"{scheme} {width}: {violation['id']}: {node['target']}: {node['failureSummary']}"
            for violation in results.response["violations"]
            for node in violation["nodes"]
        ]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{scheme} {width}: the page is {wide} pixels wide")
    page.emulate_media(color_scheme="light")
    assert found == [], "\n".join(found)
