"""Pictures of the main pages for the documentation, taken by Chromium from a synthetic world: ``make screenshots``."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import sync_playwright

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.entrypoints.settings import read_settings
from narrowgate.entrypoints.web.console.application import console
from narrowgate.entrypoints.web.desk.application import desk
from narrowgate.entrypoints.web.desk.settings import DeskSettings
from narrowgate.entrypoints.web.inspect.application import site
from narrowgate.entrypoints.web.inspect.shelves import Shelves
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serving
from narrowgate.verify.source import find_source

PROJECT: Final = Path(__file__).parents[1]
FOLDER: Final = PROJECT / "docs" / "images"
SIZE: Final = {"width": 1000, "height": 760}
_DEMO: Final = ("demo", "--dir", "world", "--people", "400", "--items", "60")
_FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]


def main() -> None:
    """Build a world, open a desk over it, and write one picture for each of its main pages."""
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        command = [sys.executable, "-m", "narrowgate", *_DEMO]
        subprocess.run(command, cwd=home, check=True, capture_output=True)  # noqa: S603 - our own command
        (home / "packages").mkdir()
        (home / "scratch").mkdir()
        settings = DeskSettings(
            agreement=home / "world" / "agreement.toml",
            packages=home / "packages",
            scratch=home / "scratch",
            clock=SystemClock(),
            entropy=SystemEntropy(),
            officers=home / "world" / "officers" / "officers.csv",
            root=home / "world" / "governance" / "root.pem",
            log_key=home / "world" / "log" / "log.vkey",
            answers=home / "world" / "answers",
            key="pkcs11:token=Secretary;id=%02",
        )
        waiting = listening()
        app, link = desk(settings, origin_of(waiting))
        with serving(app, waiting), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
            page = browser.new_context(viewport=SIZE).new_page()
            page.goto(link.url)
            take_desk(page, home)
            take_console(browser.new_context(viewport=SIZE).new_page(), home)
            take_inspection(browser.new_context(viewport=SIZE).new_page(), home)
            browser.close()


def take_desk(page: Any, home: Path) -> None:
    """The desk: its first page, findings, a package to check, and outcomes."""
    take(page, "desk-first")
    page.get_by_role("link", name="Open a case file and correct it").click()
    page.get_by_label("Case file").set_input_files(home / "world" / "cases.csv")
    page.get_by_role("button", name="Open").click()
    take(page, "desk-findings")
    page.get_by_role("link", name="Make a package").click()
    page.get_by_role("button", name="Make the package").click()
    take(page, "desk-package")
    shutil.copytree(home / "world" / "package", home / "packages" / "answered")
    page.goto(page.url.partition("/packages")[0] + "/answers")
    page.get_by_role("listitem").get_by_role("link", name="p-2").click()
    page.get_by_label("I have read the terms").press("Space")
    page.get_by_label("Key").fill(str(home / "world" / "officers" / "1.key.pem"))
    page.get_by_label("Certificate").fill(str(home / "world" / "officers" / "1.pem"))
    page.get_by_role("button", name="Open my answers").click()
    take(page, "desk-outcomes")


def take_console(page: Any, home: Path) -> None:
    """The console: its overview."""
    waiting = listening()
    app, link = console(read_settings(home / "world"), SystemClock(), SystemEntropy(), origin_of(waiting))
    with serving(app, waiting):
        page.goto(link.url)
        take(page, "console-first")


def take_inspection(page: Any, home: Path) -> None:
    """The inspector's site: what a filter leaves of the entries."""
    waiting = listening()
    shelves = Shelves(find_source(home / "world"), home / "scratch", SystemClock())
    app, link = site(shelves, origin_of(waiting), SystemEntropy().draw(32))
    with serving(app, waiting):
        page.goto(link.url)
        page.goto(page.url + "entries?kind=item-decided")
        page.get_by_role("table", name="By rule").scroll_into_view_if_needed()
        take(page, "inspect-entries")


def take(page: Any, name: str) -> None:
    """One picture of what a person sees first."""
    page.wait_for_load_state("networkidle")
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    print(f"{path.relative_to(PROJECT)}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
