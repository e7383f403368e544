"""The custodian's console: one officer holds, two lift, and nothing is told of any row or outcome."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.entrypoints.settings import read_settings
from narrowgate.entrypoints.web.console.application import ConsolePages, console
from narrowgate.entrypoints.web.kit.one_time_link import Link
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serving
from support.browser import Browser, require_accessible
from support.command_line import CommandLine


@dataclass
class ServedConsole:
    link: Link
    client: httpx.Client

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self.client.post(path, data={"form_token": self.link.form_token, **fields})


@pytest.fixture
def served(home: Path) -> Iterator[ServedConsole]:
    with ExitStack() as stack:
        waiting = listening()
        origin = origin_of(waiting)
        app, link = console(read_settings(home / "world"), SystemClock(), SystemEntropy(), origin)
        stack.enter_context(serving(app, waiting))
        headers = {"Origin": origin}
        client = stack.enter_context(httpx.Client(base_url=origin, headers=headers, timeout=60))
        yield ServedConsole(link, client)


def officer(home: Path, number: int) -> dict[str, str]:
    holder = home / "world" / "keys" / f"custody-{number}"
    return {"key": f"{holder}.key.pem", "certificate": f"{holder}.pem"}


def shown(page: httpx.Response) -> str:
    found = re.search(r'name="shown_sha256" value="(\w{64})"', page.text)
    assert found is not None
    return found[1]


def test_one_officer_holds_with_one_click_and_two_lift(
    served: ServedConsole, home: Path, narrowgate: CommandLine
) -> None:
    client = served.client
    assert client.get(served.link.url).status_code == 303
    assert "No hold is in force" in client.get("/holds").text
    unfit = {"key": str(home / "world/officers/1.key.pem"), "certificate": str(home / "world/officers/1.pem")}
    refused = served.post("/holds/place", scope="all", reason="complaint 17", **unfit)
    assert (refused.status_code, "no custody officer" in refused.text) == (422, True)
    assert served.post("/holds/place", scope="all", reason="", **officer(home, 1)).status_code == 400
    assert served.post("/holds/place", scope="elsewhere", reason="a", **officer(home, 1)).status_code == 422
    assert (
        served.post("/holds/place", scope="all", reason="complaint 17", **officer(home, 1)).status_code == 303
    )
    assert "all" in narrowgate("release", "status", "--config", "world").out.partition("in force: ")[2]
    assert narrowgate("gate", "run", "package-2", "--config", "world").code in (11, 15)

    page = served.post("/holds/lift", lifted="all", lift_reason="settled").headers["location"]
    assert "The hold of all ends" in client.get(page).text
    assert "Put it in force" not in client.get(page).text
    unread = served.post(f"{page}/sign", shown_sha256=shown(client.get(page)), **officer(home, 1))
    assert (unread.status_code, "Say that you have read" in unread.text) == (400, True)
    read = {"read": "yes", "shown_sha256": shown(client.get(page))}
    assert served.post(f"{page}/sign", **read, **officer(home, 1)).status_code == 303
    early = served.post(f"{page}/apply")
    assert early.status_code == 422
    stale = served.post(f"{page}/sign", **read, **officer(home, 2))
    assert "no longer what the page showed" in stale.text
    again = served.post(f"{page}/sign", read="yes", shown_sha256=shown(client.get(page)), **officer(home, 1))
    assert "has signed this act already" in again.text
    signed = served.post(f"{page}/sign", read="yes", shown_sha256=shown(client.get(page)), **officer(home, 2))
    assert signed.status_code == 303
    assert served.post(f"{page}/apply").headers["location"] == "/acts"
    assert "No hold is in force" in client.get("/holds").text
    assert "hold-lifted" in client.get("/acts").text


def test_no_row_no_outcome_and_no_count_of_outcomes_is_on_any_page(served: ServedConsole, home: Path) -> None:
    client = served.client
    assert client.get(served.link.url).status_code == 303
    pages = "".join(client.get(path).text for path in ("/", "/acts", "/holds"))
    pages += client.get("/checkup").text
    assert "What is in force, from its act on" in pages
    cases = (home / "cases.csv").read_text(encoding="utf-8").splitlines()
    values = {value for line in cases[1:] for value in line.split(",")[1:8] if len(value) > 4}
    assert values
    assert [value for value in values if value in pages] == []
    assert not re.search(r"CONFIRMED|REFUSED", pages)


def test_every_form_of_the_console_wants_the_sessions_token(served: ServedConsole) -> None:
    client = served.client
    assert client.get(served.link.url).status_code == 303
    paths = ["/acts/9/sign", "/acts/9/apply", "/holds/place", "/holds/lift"]
    routes = ConsolePages.routes(object.__new__(ConsolePages))
    assert len(paths) == sum("POST" in (route.methods or ()) for route in routes)
    for path in paths:
        refused = client.post(path, data={"read": "yes", "scope": "all", "reason": "a", "key": "a"})
        assert (refused.status_code, "not sent from a page" in refused.text) == (400, True), path
    assert "No hold is in force" in client.get("/holds").text


def test_an_officer_holds_in_a_browser(served: ServedConsole, home: Path, browser: Browser) -> None:
    with browser.page() as page:
        page.goto(served.link.url)
        page.get_by_role("heading", name="Queue and slots").wait_for()
        page.get_by_role("table", name="What is in force, from its act on").wait_for()
        require_accessible(page)
        page.get_by_role("link", name="Holds").click()
        require_accessible(page)
        page.get_by_label("Reason").fill("complaint 17")
        page.get_by_label("Key").fill(officer(home, 1)["key"])
        page.get_by_label("Certificate").fill(officer(home, 1)["certificate"])
        page.get_by_role("button", name="Hold").click()
        page.get_by_role("table", name="In force").wait_for()
        page.get_by_label("Reason to lift it").fill("settled")
        page.get_by_role("button", name="Draw up the act").click()
        page.get_by_role("heading", name="What it would change").wait_for()
        require_accessible(page)


def test_the_command_serves_until_it_is_ended(home: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "narrowgate",
        "serve",
        "console",
        "--config",
        "world",
        "--language",
        "es",
    ]
    with subprocess.Popen(
        command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        link = process.stdout.readline().strip()
        with httpx.Client(base_url=link.partition("/?")[0]) as client:
            assert client.get(link).status_code == 303
            assert "Ninguna alarma" in client.get("/", timeout=60).text
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 0
