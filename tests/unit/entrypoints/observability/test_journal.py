"""The journal takes keys of its table and values of their forms, and nothing else gets to stderr."""

from __future__ import annotations

import io
import json
import logging
import threading
import time
from pathlib import Path

import click
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from narrowgate.adapters.clock import FixedClock
from narrowgate.core.base.errors import NotInForceError
from narrowgate.entrypoints import output
from narrowgate.entrypoints.observability.faults import told_without_text
from narrowgate.entrypoints.observability.journal import Journal
from narrowgate.entrypoints.observability.keys import FORMS, Event, Key, Service
from narrowgate.entrypoints.observability.observation import Observing, observing
from narrowgate.entrypoints.observability.steps import JournalledSteps
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serving
from support.gate_world import SilentProgress
from support.requests import NOW

CANARY = "canary-078-05-1120"
OWN = {Key.TIME, Key.SERVICE, Key.EVENT, Key.LEFT_OUT}


def journal() -> tuple[Journal, io.StringIO]:
    stream = io.StringIO()
    return Journal(Service.INTAKE, FixedClock(NOW), stream), stream


@given(st.dictionaries(st.sampled_from(sorted(set(Key) - OWN)), st.one_of(st.text(), st.integers())))
def test_whatever_is_given_is_one_line_of_known_keys_whose_values_are_of_their_forms(
    values: dict[Key, str | int],
) -> None:
    kept, stream = journal()
    kept.write(Event.REQUEST, values)
    text = stream.getvalue()
    assert text.count("\n") == 1
    line = json.loads(text)
    assert all(FORMS[Key(key)].fits(value) for key, value in line.items())
    written = len(line.keys() - {key.value for key in OWN})
    assert written + line.get(Key.LEFT_OUT, 0) == len(values)


def test_a_key_that_is_not_in_the_table_is_a_fault_of_the_program_that_tells_nothing_of_it() -> None:
    kept, stream = journal()
    for key in (CANARY, "route", Key.TIME):
        with pytest.raises(TypeError) as caught:
            kept.write(Event.REQUEST, {key: CANARY})  # type: ignore[dict-item]
        assert CANARY not in str(caught.value)
    assert stream.getvalue() == ""


def test_a_stream_that_is_gone_harms_nobody() -> None:
    kept, stream = journal()
    stream.close()
    kept.write(Event.STARTED)


def test_every_key_has_a_form_and_no_form_takes_free_text() -> None:
    assert set(FORMS) == set(Key)
    for text in (
        CANARY,
        "Jane Doe",
        "12 Elm St",
        "a\nb",
        '{"a":1}',
        "/v1/packages/Jane",
        "078051120",
        "jane-doe",
    ):
        takers = [key for key, form in FORMS.items() if form.fits(text)]
        assert takers == [], text


def test_steps_after_the_seventh_leave_no_line() -> None:
    kept, stream = journal()
    steps = JournalledSteps(SilentProgress(), kept, "p-1", "attorney_general", time.monotonic)
    for number in range(1, 14):
        steps.begin(f"{number} step")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6, 7]


async def failing(request: Request) -> Response:
    raise ValueError(request.query_params["name"])


@pytest.mark.parametrize("with_journal", [False, True])
def test_the_text_of_an_unknown_error_reaches_no_stream(
    with_journal: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    """Uvicorn writes the traceback of an application's error, and a thread's is Python's own to write."""
    waiting = listening()
    with observing(Service.CONSOLE, Observing(with_journal), FixedClock(NOW)) as observation:
        app = observation.requests_of(Starlette(routes=[Route("/fail", failing)]))
        with serving(app, waiting):
            assert httpx.get(f"{origin_of(waiting)}/fail", params={"name": CANARY}).status_code == 500
        thread = threading.Thread(target=lambda: int(CANARY))
        thread.start()
        thread.join()
        logging.getLogger("a.library").warning("cannot read %s", CANARY)
    err = capfd.readouterr().err
    assert CANARY not in err
    assert "Traceback" not in err
    assert err.count("ValueError") == 2
    if with_journal:
        told = [json.loads(line) for line in err.splitlines()]
        assert [line["event"] for line in told] == ["request", "fault", "fault", "fault", "ended"]
        assert (told[0]["route"], told[0]["status"]) == ("/fail", 500)
        assert told[1]["place"].startswith("test_journal.py:")


@pytest.mark.parametrize(
    ("error", "problem", "code"),
    [
        (ValueError(CANARY), "internal", 1),
        (OSError(CANARY), "operational", 1),
        (NotInForceError(CANARY, why=CANARY, next_step=CANARY, where=CANARY), "not-in-force", 16),
    ],
)
def test_a_service_that_fails_leaves_an_id_and_an_exit_code(
    error: Exception, problem: str, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        with observing(Service.GATE, Observing(True), FixedClock(NOW)):
            output.warn(CANARY)
            raise error

    with pytest.raises(click.exceptions.Exit) as caught:
        fail()
    assert caught.value.exit_code == code
    err = capfd.readouterr().err
    assert CANARY not in err
    told = [json.loads(line) for line in err.splitlines()]
    assert (told[0]["event"], told[0]["problem"]) == ("trouble", "warning")
    assert (told[-1]["event"], told[-1]["problem"], told[-1]["exit_code"]) == ("ended", problem, code)
    assert [line["event"] for line in told[1:-1]] == (["fault"] if problem == "internal" else [])


def test_without_it_the_text_would_be_there(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The control of the test above: what the block keeps back is written outside of it."""
    seen: list[str] = []
    handler = logging.StreamHandler(io.StringIO())
    logging.getLogger().addHandler(handler)
    try:
        logging.getLogger("a.library").warning("cannot read %s", CANARY)
        assert CANARY in handler.stream.getvalue()
        with told_without_text(lambda kind, place: seen.append(f"{kind} {place}")):
            logging.getLogger("a.library").warning("cannot read %s", CANARY)
    finally:
        logging.getLogger().removeHandler(handler)
    assert handler.stream.getvalue().count(CANARY) == 1
    assert len(seen) == 1
