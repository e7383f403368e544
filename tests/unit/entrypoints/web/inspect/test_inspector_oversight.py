"""Accounting and recalls on the inspector's site: they say what the commands say, files byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from narrowgate.adapters.clock import SystemClock
from narrowgate.entrypoints.web.inspect.application import site
from narrowgate.entrypoints.web.inspect.shelves import Shelves
from narrowgate.entrypoints.web.kit.one_time_link import Link
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serving
from narrowgate.verify.source import find_source
from support.accounted_log import DIRECTOR, SECRETARY, Asked, Package, confirmed, refused, write_log
from support.accounted_log import write_openings as written
from support.browser import Browser, require_accessible
from support.command_line import CommandLine
from support.recalled_world import OFFICE, recalled

PACKAGES = (
    Package(
        "p-march-1",
        SECRETARY,
        "2026-03",
        (*map(confirmed, range(1, 21)), *map(Asked, range(15, 45)), *(refused(n, "R-64") for n in range(12))),
    ),
    Package("p-april-1", DIRECTOR, "2026-04", tuple(map(Asked, range(1, 31)))),
    Package("p-april-2", SECRETARY, "2026-04", tuple(map(Asked, range(1, 8)))),
    Package("p-may-1", DIRECTOR, "2026-05", (Asked(1),), is_released=False),
)


@contextmanager
def visited(source: Path, scratch: Path, *openings: Path) -> Iterator[tuple[Link, httpx.Client]]:
    shelves = Shelves(find_source(source), scratch, SystemClock(), openings)
    with listening() as waiting:
        app, link = site(shelves, origin_of(waiting), bytes(32))
        with serving(app, waiting) as origin, httpx.Client(base_url=origin, timeout=60) as client:
            yield link, client


def test_the_accounting_on_the_page_is_the_one_that_the_command_publishes(
    tmp_path: Path, narrowgate: CommandLine, browser: Browser
) -> None:
    log = write_log(tmp_path / "log", PACKAGES)
    opened = written(tmp_path / "opened.ndjson", (one for each in PACKAGES for one in each.openings()))
    command = ("inspector", "accounting", log, "--openings", opened)
    files = [
        part for form in ("csv", "html", "parquet") for part in (f"--{form}", tmp_path / f"accounting.{form}")
    ]
    told = narrowgate(*command, *files, "--json")
    assert told.code == 0, told.err
    with visited(log, tmp_path, opened) as (link, client):
        with browser.page() as page:
            page.goto(link.url)
            page.get_by_role("navigation", name="Pages").get_by_role("link", name="Accounting").click()
            items = page.get_by_role("table", name="Items and answers")
            assert "withheld" in items.inner_text(), "April's seven items of one office are small"
            require_accessible(page)
            page.get_by_role("table", name="Items by month").get_by_role("link", name="2026-03").click()
            assert "2026-04" not in items.inner_text()
            items.get_by_role("link").first.click()
            page.get_by_text("65 entries").wait_for()
            cookie = {each["name"]: each["value"] for each in page.context.cookies()}
        client.cookies.update(cookie)
        for form in ("csv", "html", "parquet"):
            sent = client.get(f"/accounting/file/{form}")
            assert sent.content == (tmp_path / f"accounting.{form}").read_bytes(), form
        assert client.get("/accounting/file/json").json() == json.loads(told.out)
        page_text = client.get("/accounting").text
        assert "narrowgate inspector accounting SOURCE --openings FILE" in page_text
        assert ">7<" not in page_text
        refusal = client.get("/accounting/file/exe")
        assert (refusal.status_code, "no such form" in refusal.text) == (400, True)
        assert client.get("/accounting?period=<script>&office=%00").status_code == 200


def test_answers_are_found_and_a_recall_followed_on_the_pages_as_by_command(
    home: Path, tmp_path: Path, narrowgate: CommandLine, browser: Browser
) -> None:
    found = narrowgate("recall", "find", "world", "--office", OFFICE, "--out", "found.json")
    assert found.code == 0, found.err
    listed = (home / "found.json").read_bytes()
    with visited(home / "world", tmp_path) as (link, client):
        assert client.get(link.url).status_code == 303
        assert client.get(f"/recalls/list.json?office={OFFICE}").content == listed
        assert "The log holds no recall." in client.get("/recalls").text
        for query, status, why in [
            ("start=yesterday", 400, "It must be a UTC time"),
            ("agreement=12", 400, "It must be a SHA-256"),
            ("items=p-1/0", 400, "Rows behind a slash are counted from 1"),
            ("index=none", 422, "pick no answer"),
            ("items=%3Cscript%3Ealert(1)%3C/script%3E", 400, "It must be PACKAGE"),
        ]:
            answered = client.get(f"/recalls/find?{query}")
            assert (answered.status_code, why in answered.text, "<script" in answered.text) == (
                status,
                True,
                False,
            ), query
        assert client.get("/recalls/list.json?start=yesterday").status_code == 400
    number = recalled(narrowgate, "--office", OFFICE)
    status = json.loads(narrowgate("recall", "status", "world", "--json").out)["recalls"][0]
    with visited(home / "world", tmp_path) as (link, _), browser.page() as page:
        page.goto(link.url)
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Recalls").click()
        row = page.get_by_role("table", name="Recalls").get_by_role("row").nth(1).inner_text().split()
        assert row[0] == str(number)
        assert row[2:6] == [
            str(status[name]) for name in ("answers", "packages", "receipts", "receipts_expected")
        ]
        missing = page.get_by_role("table", name=f"Not answered, act {number}").get_by_role("row")
        assert missing.count() == len(status["missing"]) + 1
        require_accessible(page)
        page.get_by_role("link", name="Find answers that were decided").click()
        page.get_by_label("Office").fill(OFFICE)
        page.get_by_role("button", name="Find").click()
        page.get_by_role("table", name="Answers found").wait_for()
        assert (
            f"recall find SOURCE --office {OFFICE}" in page.get_by_role("region", name="Command").inner_text()
        )
        require_accessible(page)


def test_what_was_in_force_is_told_as_of_a_time(home: Path, tmp_path: Path, narrowgate: CommandLine) -> None:
    with visited(home / "world", tmp_path) as (link, client):
        assert client.get(link.url).status_code == 303
        then = "2031-01-01T00:00:00Z"
        told = narrowgate("inspector", "in-force", "world", "--at", then)
        page = client.get(f"/reports/in-force?at={then}").text
        assert told.code == 0
        assert f"in-force SOURCE --at {then}" in page
        assert all(line in page for line in told.out.splitlines() if "'" not in line)
        assert client.get("/reports/incidents?at=yesterday").status_code == 400
