"""A browser that tests drive as a person would, and what axe-core finds on the page before it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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


class Browser:
    """One Chromium for many tests: it is started when the first page is opened, and each page has its own profile.

    Playwright keeps an event loop in the thread that started it, and what calls ``asyncio.run`` there (checking
    signatures does) would fail. So the thread is told of that loop only while a page is open.
    """

    def __init__(self) -> None:
        self._playwright: Any = None
        self._chromium: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def page(self, width: int = 1280, **context: Any) -> Iterator[Any]:
        """A page in a profile of its own; what its content security policy refused fails the test.

        The test is skipped where no browser can be had.
        """
        said: list[str] = []
        with self._attached():
            profile = self._started().new_context(viewport={"width": width, "height": 900}, **context)
            try:
                page = profile.new_page()
                page.set_default_timeout(20_000)
                page.on("console", lambda each: said.append(each.text) if each.type == "error" else None)
                yield page
            finally:
                profile.close()
        refused = [text for text in said if "Content Security Policy" in text]
        assert refused == [], "the page has what its own policy refuses"

    def close(self) -> None:
        """The browser has ended, if one was started."""
        if self._playwright is not None:
            with self._attached():
                self._chromium.close()
                self._playwright.stop()

    def _started(self) -> Any:
        program = shutil.which("chromium")
        if program is None:
            pytest.skip("NOT CHECKED: no chromium, so no page was tried in a browser")
        library = pytest.importorskip(
            "playwright.sync_api", reason="NOT CHECKED: Playwright is not installed"
        )
        if self._playwright is None:
            self._playwright = library.sync_playwright().start()
            self._chromium = self._playwright.chromium.launch(executable_path=program, args=_FLAGS)
        return self._chromium

    @contextmanager
    def _attached(self) -> Iterator[None]:
        """Playwright's event loop is the thread's running one within this block, and none is outside of it."""
        asyncio._set_running_loop(self._loop)
        try:
            yield
        finally:
            self._loop = asyncio._get_running_loop()
            asyncio._set_running_loop(None)


def require_accessible(page: Any) -> None:
    """Fails with what axe-core finds, at each width, in light and in dark; puts the page back to the widest."""
    axe = pytest.importorskip("axe_playwright_python", reason="NOT CHECKED: axe-core is not installed")
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = []
    for scheme, width in [("light", width) for width in WIDTHS] + [("dark", WIDTHS[-1])]:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if scheme == "dark":  # nothing but colours differs from the page in light
            options["runOnly"] = ["color-contrast"]
        found += [
            f"{scheme} {width}: {violation['id']}: {node['target']}: {node['failureSummary']}"
            for violation in page.evaluate("options => axe.run(options)", options)["violations"]
            for node in violation["nodes"]
        ]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{scheme} {width}: the page is {wide} pixels wide")
    page.emulate_media(color_scheme="light")
    assert found == [], "\n".join(found)
