"""The inspector's site beside a gate that goes on: each page is of one state of the log, and of the newest one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.errors import BusyError
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.kinds import Kind
from narrowgate.entrypoints.web.inspect.application import site
from narrowgate.entrypoints.web.inspect.shelf import Shelf, SourceMovedError
from narrowgate.entrypoints.web.inspect.shelves import Shelves
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serving
from narrowgate.verify.chosen import Choice
from narrowgate.verify.source import find_source
from support.command_line import CommandLine
from support.release_world import TurnedClock
from support.sandbox_acts import commanded

REQUEST = Request({"type": "http"})


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(SystemClock().now())


@pytest.fixture
def shelves(home: Path, tmp_path: Path, clock: TurnedClock) -> Shelves:
    return Shelves(find_source(home / "world"), tmp_path, clock)


@pytest.fixture
def inside(shelves: Shelves) -> Iterator[httpx.Client]:
    with listening() as waiting:
        app, link = site(shelves, origin_of(waiting), bytes(32))
        with serving(app, waiting) as origin, httpx.Client(base_url=origin, timeout=60) as client:
            assert client.get(link.url).status_code == 303
            yield client


def test_what_the_gate_does_while_the_site_is_open_is_on_its_pages(
    inside: httpx.Client, clock: TurnedClock, narrowgate: CommandLine
) -> None:
    paths = (
        "/",
        "/acts",
        "/entries?kind=act",
        "/reports/holds",
        "/reports/verify",
        "/recalls",
        "/accounting",
    )
    before = {path: inside.get(path).text for path in paths}
    assert commanded(narrowgate, Kind.HOLD, "all").code == 0
    for path in paths:
        assert inside.get(path).text != before[path], path
    told = narrowgate("inspector", "holds", "world").out.splitlines()
    assert all(line in inside.get("/reports/holds").text for line in told if "'" not in line)
    assert "INVALID" not in inside.get("/").text
    clock.at += timedelta(days=40)
    assert format_time(clock.at) in inside.get("/reports/in-force").text


def test_a_damaged_or_older_checkpoint_is_an_error_on_every_page_and_not_the_state_before(
    inside: httpx.Client, home: Path, narrowgate: CommandLine
) -> None:
    """Also where each page was seen before, and is remembered."""
    checkpoint = home / "world" / "log" / "checkpoint"
    older = checkpoint.read_bytes()
    assert commanded(narrowgate, Kind.HOLD, "all").code == 0
    newer = checkpoint.read_bytes()
    assert inside.get("/").status_code == 200
    for put, why in (
        (newer.replace(b"\n\n", b"\n0\n\n", 1), "signature"),
        (older, "rolled back"),
        (None, "missing"),
    ):
        if put is None:
            checkpoint.unlink()
        else:
            checkpoint.write_bytes(put)
        for path in ("/", "/entries", "/reports/holds"):
            answered = inside.get(path)
            assert (answered.status_code, why in answered.text) == (422, True), (path, answered.text)
    checkpoint.write_bytes(newer)
    assert inside.get("/").status_code == 200


def test_nothing_is_told_that_was_read_while_the_log_went_on_and_a_file_under_way_stays_of_its_state(
    shelves: Shelves, narrowgate: CommandLine
) -> None:
    seen: list[int] = []

    def show(shelf: Shelf, _now: object, _request: Request) -> Response:
        seen.append(shelf.size)
        if len(seen) == 1:
            assert commanded(narrowgate, Kind.HOLD, "all").code == 0
        report = shelf.inspection().log
        return Response(report.root if report else "")

    before = shelves.current()
    sent = before.exported(Choice(), "csv")
    first = next(sent)
    shown = shelves.page(show)(REQUEST)
    assert (seen, bytes(shown.body).decode()) == ([before.size, before.size + 1], shelves.current().root)
    with pytest.raises(SourceMovedError):
        before.trace("p-1")
    rows = (first + b"".join(sent)).decode().splitlines()[1:]
    assert (len(rows), {row.split(",")[-2] for row in rows}) == (before.size, {str(before.size)})


def test_a_page_that_no_state_lasts_for_says_that_it_is_to_be_opened_again(
    shelves: Shelves, home: Path
) -> None:
    tries: list[Shelf] = []

    def show(shelf: Shelf, _now: object, _request: Request) -> Response:
        tries.append(shelf)
        os.utime(home / "world" / "checkpoints", (0, len(tries)))
        return Response(str(shelf.inspection()))

    with pytest.raises(BusyError, match="went on each time"):
        shelves.page(show)(REQUEST)
    assert len(set(map(id, tries))) == 5
