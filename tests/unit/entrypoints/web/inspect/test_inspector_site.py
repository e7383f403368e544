"""The inspector's site: what its pages say is what the commands say, and nothing that is handed to it gets further."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.entrypoints.web.inspect.application import site
from narrowgate.entrypoints.web.inspect.shelves import Shelves
from narrowgate.entrypoints.web.kit.one_time_link import Link
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serving
from narrowgate.verify.source import find_source
from support.browser import Browser, require_accessible
from support.command_line import CommandLine


@pytest.fixture
def visit(home: Path, tmp_path: Path) -> Iterator[tuple[Link, httpx.Client]]:
    shelves = Shelves(find_source(home / "world"), tmp_path, SystemClock())
    with listening() as waiting:
        app, link = site(shelves, origin_of(waiting), bytes(range(32)))
        with serving(app, waiting) as origin, httpx.Client(base_url=origin, timeout=60) as client:
            yield link, client


@pytest.fixture
def inside(visit: tuple[Link, httpx.Client]) -> httpx.Client:
    link, client = visit
    assert client.get(link.url).status_code == 303
    return client


def test_every_page_is_there_and_names_its_command(inside: httpx.Client, narrowgate: CommandLine) -> None:
    start = inside.get("/").text
    assert "narrowgate inspector verify SOURCE" in start
    for path, command in (
        ("/entries", "narrowgate log list LOG"),
        ("/entries/0", "narrowgate log prove LOG 0"),
        ("/packages", "narrowgate inspector verify"),
        ("/acts", "narrowgate log list LOG --kind act"),
        ("/reports", "narrowgate inspector conformance"),
        ("/reports/holds", "narrowgate inspector holds SOURCE"),
        ("/reports/in-force", "narrowgate inspector in-force SOURCE"),
        ("/reports/incidents", "narrowgate inspector incidents SOURCE"),
        ("/reports/verify", "narrowgate inspector verify SOURCE"),
        ("/reports/conformance", "narrowgate inspector conformance SOURCE"),
    ):
        answered = inside.get(path)
        assert answered.status_code == 200, path
        assert command in answered.text, path


def test_a_filter_leaves_what_the_command_lists_and_its_export_names_the_log(
    inside: httpx.Client, home: Path, narrowgate: CommandLine
) -> None:
    listed = narrowgate("log", "list", home / "world", "--kind", "item-decided", "--csv")
    expected = [row["index"] for row in csv.DictReader(io.StringIO(listed.out))]
    assert len(expected) > 0
    exported = inside.get("/export/csv?kind=item-decided")
    rows = list(csv.DictReader(io.StringIO(exported.text)))
    assert [row["index"] for row in rows] == expected
    assert {(row["log_size"], len(row["log_root"])) for row in rows} == {(rows[0]["log_size"], 64)}
    assert rows[0]["log_root"][:16] in exported.headers["content-disposition"]
    table = pq.read_table(io.BytesIO(inside.get("/export/parquet?kind=item-decided").content))
    assert table["index"].to_pylist() == expected
    unfiltered = list(csv.DictReader(io.StringIO(inside.get("/export/csv").text)))
    assert len(unfiltered) == int(rows[0]["log_size"])
    shown = inside.get("/entries").text
    assert f"<td>{rows[0]['time']}</td><td>item-decided</td>" in shown, "the time of an item is in every list"
    page = inside.get("/entries?kind=item-decided").text
    assert f"{len(expected)} entries" in page


def test_an_item_has_a_page_with_the_picture_of_its_way(inside: httpx.Client) -> None:
    rows = list(csv.DictReader(io.StringIO(inside.get("/export/csv?kind=item-decided").text)))
    item = f"{rows[0]['package']}:{rows[0]['row']}"
    page = inside.get(f"/packages/{item}")
    assert page.status_code == 200
    assert f"narrowgate inspector trace SOURCE {item}" in page.text
    picture = inside.get(f"/packages/{item}/way.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.content.lstrip().startswith(b"<svg")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/packages/no-such-package", 400),
        ("/packages/p-20260102-000000000000:99999999999", 400),
        ("/packages/<script>alert(1)</script>", 404),
        ("/packages/..%2f..%2fetc%2fpasswd", 404),
        ("/entries/999999999999", 400),
        ("/entries?page=0", 400),
        ("/entries?page=99999999", 400),
        ("/entries?page=-1", 400),
        ("/entries?since=yesterday", 400),
        ("/export/exe", 400),
        ("/reports/nothing", 400),
        ("/static/../../application.py", 404),
    ],
)
def test_what_is_not_there_is_refused_in_words_and_repeats_nothing_as_markup(
    inside: httpx.Client, path: str, status: int
) -> None:
    answered = inside.get(path)
    assert answered.status_code == status
    assert "<script" not in answered.text
    assert "root:" not in answered.text


def test_a_filter_by_strange_words_finds_nothing_and_is_escaped(inside: httpx.Client) -> None:
    page = inside.get("/entries", params={"package": '"><script>alert(1)</script>', "rule": "'--"})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "0 entries" in page.text


def test_nothing_is_shown_without_the_link_or_under_another_name(visit: tuple[Link, httpx.Client]) -> None:
    link, client = visit
    assert client.get("/entries").status_code == 403
    assert client.get(link.url).status_code == 303
    assert client.get("/entries", headers={"Host": "elsewhere.example"}).status_code >= 400
    for method in ("POST", "PUT", "DELETE"):
        assert client.request(method, "/entries", headers={"Origin": str(client.base_url)}).status_code >= 400


def test_an_inspector_goes_from_the_verdict_to_the_proof_of_an_entry(
    visit: tuple[Link, httpx.Client], browser: Browser
) -> None:
    link, _ = visit
    with browser.page() as page:
        page.goto(link.url)
        page.get_by_role("heading", name="What this source proves").wait_for()
        require_accessible(page)
        places = page.get_by_role("navigation", name="Pages")
        places.get_by_role("link", name="Entries").click()
        require_accessible(page)
        page.get_by_label("Kind").select_option("item-decided")
        page.get_by_role("button", name="Filter").click()
        page.get_by_role("table", name="By kind").wait_for()
        require_accessible(page)
        page.get_by_role("table", name="Entries").get_by_role("link").nth(1).click()
        page.get_by_role("img", name="The way through the gate").wait_for()
        require_accessible(page)
        page.get_by_role("table", name="Entries on the way").get_by_role("link").first.click()
        page.get_by_role("heading", name="Proof").wait_for()
        require_accessible(page)
        places.get_by_role("link", name="Reports").click()
        page.get_by_role("link", name="What is in force").click()
        require_accessible(page)
