"""The listener of a service: its scrape is Prometheus's, its readiness says what to do, and it is for this machine."""

from __future__ import annotations

import io
import json
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.state.look import look_at_state
from narrowgate.core.base.errors import UnavailableError, UsageError
from narrowgate.entrypoints.bootstrap import state_url
from narrowgate.entrypoints.observability import look as looking
from narrowgate.entrypoints.observability.gate_look import gate_look
from narrowgate.entrypoints.observability.journal import Journal
from narrowgate.entrypoints.observability.keys import Service
from narrowgate.entrypoints.observability.listener import observed_application, served_at
from narrowgate.entrypoints.observability.look import Check, MinuteLook, look
from narrowgate.entrypoints.observability.meters import METERS
from narrowgate.entrypoints.observability.observation import Observation
from narrowgate.entrypoints.settings import GateSettings, read_settings
from narrowgate.entrypoints.web.kit.serve import listening, serving
from support.postgresql import sqlalchemy_url
from support.release_world import TurnedClock
from support.requests import NOW
from support.running_intake import RunningIntake, Sample, running_intake, sample_of


@dataclass
class ObservedIntake:
    """An intake under observation, and what scrapes it."""

    intake: RunningIntake
    sample: Sample
    scraper: httpx.Client

    def values(self) -> dict[tuple[str, ...], float]:
        """Each sample by its name and label values."""
        text = self.scraper.get("/metrics").text
        families = list(text_string_to_metric_families(text))
        known = {meter.name.removesuffix("_total") for meter in METERS}
        assert {family.name for family in families} <= known
        assert all(family.documentation for family in families)
        return {
            (sample.name, *map(str, (value for _, value in sorted(sample.labels.items())))): sample.value
            for family in families
            for sample in family.samples
        }


def scraper_of(stack: ExitStack, address: str) -> httpx.Client:
    return stack.enter_context(httpx.Client(base_url=f"http://{address}", timeout=20, trust_env=False))


@pytest.fixture
def observed(tmp_path: Path) -> Iterator[ObservedIntake]:
    clock = TurnedClock(NOW)
    observation = Observation(Service.INTAKE, clock, Journal(Service.INTAKE, clock, io.StringIO()), None)
    with ExitStack() as stack:
        intake = stack.enter_context(running_intake(tmp_path, clock, observation=observation))
        looks = MinuteLook(intake.looks(), clock)
        application = observed_application(looks, observation.sources, observation.is_alive, over_tcp=True)
        address = stack.enter_context(served_at("127.0.0.1:0", application))
        sample = sample_of(tmp_path / "package", b"observed")
        yield ObservedIntake(intake, sample, scraper_of(stack, address))


def test_a_scrape_counts_requests_by_route_uploads_queue_and_refused_handshakes(
    observed: ObservedIntake,
) -> None:
    intake, sample = observed.intake, observed.sample
    with intake.client() as client:
        sample.begin(client)
        before = observed.values()
        sample.append(client, 0, sample.rows)
        client.post(f"{sample.address}/arrival")
        client.request("KANARIENVOGEL", "/nowhere")
    stranger = ssl.create_default_context(cafile=str(intake.home / "root.pem"))
    with pytest.raises(httpx.TransportError), httpx.Client(verify=stranger, trust_env=False) as client:
        client.get(f"{intake.url}/v1/openapi.json")
    assert before["narrowgate_uploads_in_progress",] == 1
    assert observed.values()["narrowgate_uploads_in_progress",] == 1, "looked at once a minute"
    intake.clock.at += timedelta(minutes=10)
    now = observed.values()
    template = "/v1/packages/{package_id}"
    assert now["narrowgate_http_requests_total", "PATCH", f"{template}/rows", "2xx"] == 1
    assert now["narrowgate_http_requests_total", "other", "other", "4xx"] == 1
    assert now["narrowgate_http_received_bytes_total", f"{template}/rows"] == len(sample.rows)
    assert now["narrowgate_http_request_duration_seconds_count", f"{template}/arrival"] == 1
    assert now["narrowgate_http_request_duration_seconds_bucket", "+Inf", f"{template}/arrival"] == 1
    assert now["narrowgate_tls_refused_total", "certificate"] == 1
    assert now["narrowgate_uploads_in_progress",] == 0
    assert now["narrowgate_packages_waiting",] == 1
    assert now["narrowgate_packages_oldest_waiting_seconds",] == 600
    assert now["narrowgate_packages_done_total", "decided"] == 0
    assert now["narrowgate_ready",] == 1
    openmetrics = observed.scraper.get("/metrics", headers={"accept": "application/openmetrics-text"})
    assert list(openmetrics_families(openmetrics.text))


def test_an_intake_that_was_told_no_terms_or_whose_lists_are_late_is_not_ready_and_says_what_to_do(
    observed: ObservedIntake,
) -> None:
    scraper, intake = observed.scraper, observed.intake
    assert scraper.get("/readyz").status_code == 200
    assert scraper.get("/healthz").json() == {"status": "alive"}
    (intake.home / "notices" / "terms.json").unlink()
    intake.clock.at += timedelta(days=400)
    refused = scraper.get("/readyz")
    told = refused.json()
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    assert (told["type"], told["status"]) == ("urn:narrowgate:problem:not-ready", 503)
    assert [each["check"] for each in told["checks"]] == ["terms", "revocation"]
    assert all(each["next_step"] for each in told["checks"])
    assert str(intake.home) not in refused.text
    assert observed.values()["narrowgate_ready",] == 0


def test_nothing_but_three_resources_is_there_for_this_machine_alone(observed: ObservedIntake) -> None:
    scraper = observed.scraper
    assert scraper.get("/metrics", headers={"host": "evil.example"}).status_code == 421
    for method, path in (
        ("POST", "/metrics"),
        ("GET", "/"),
        ("GET", "/metrics/..%2f"),
        ("DELETE", "/readyz"),
    ):
        refused = scraper.request(method, path)
        assert refused.status_code in {404, 405}
        assert refused.json()["id"] == "usage"
    application = observed_application(MinuteLook((), SystemClock()), (), lambda: True, over_tcp=True)
    for address in ("0.0.0.0:9464", "10.0.0.7:9464", "localhost:1", "127.0.0.1", "127.0.0.1:99999", "[::]:1"):
        with pytest.raises(UsageError), served_at(address, application):
            pass


def test_a_socket_that_another_process_listens_at_is_not_taken_and_one_left_behind_is(tmp_path: Path) -> None:
    application = observed_application(MinuteLook((), SystemClock()), (), lambda: False, over_tcp=False)
    address = f"unix:{tmp_path / 'a.sock'}"
    with served_at(address, application):
        transport = httpx.HTTPTransport(uds=str(tmp_path / "a.sock"))
        with httpx.Client(transport=transport, base_url="http://a") as client:
            hangs = client.get("/healthz")
            assert (hangs.status_code, hangs.json()["id"]) == (503, "unavailable")
        with pytest.raises(UsageError), served_at(address, application):
            pass
    assert not (tmp_path / "a.sock").exists()
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / "a.sock"))
    with served_at(address, application):
        assert (tmp_path / "a.sock").is_socket()
    (tmp_path / "file").write_text("kept")
    with pytest.raises(UsageError), served_at(f"unix:{tmp_path / 'file'}", application):
        pass
    assert (tmp_path / "file").read_text() == "kept"


def test_a_service_whose_loop_hangs_does_not_live() -> None:
    async def hang(_request: Request) -> Response:
        time.sleep(1)
        return Response()

    observation = Observation(
        Service.CONSOLE, SystemClock(), Journal(Service.CONSOLE, SystemClock(), None), None
    )
    app = observation.requests_of(Starlette(routes=[Route("/", hang)]))
    assert observation.is_alive(), "no request came yet"
    with serving(app, listening()) as origin:
        hanging = threading.Thread(target=httpx.get, args=(origin,))
        hanging.start()
        until = time.monotonic() + 10
        while app.loop is None and time.monotonic() < until:  # type: ignore[attr-defined]
            time.sleep(0.01)
        assert not app.is_answering(0.2)  # type: ignore[attr-defined]
        hanging.join()
        assert observation.is_alive()
    assert not observation.is_alive(), "it has ended"


def failed(settings: GateSettings) -> set[Check]:
    return set(look(gate_look(settings, works=True), SystemClock().now()).failed)


def test_a_gate_is_not_ready_without_acts_state_log_room_or_lists(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(home / "world")
    assert failed(settings) == set()
    assert failed(replace(settings, state=f"sqlite:///{home / 'none.db'}")) == {Check.STATE}
    assert not (home / "none.db").exists(), "a look makes nothing"
    checkpoint = settings.log / "checkpoint"
    published = checkpoint.read_text()
    checkpoint.write_text(published.replace("\n", "\n1", 1))
    assert Check.LOG in failed(settings)
    checkpoint.write_text(published)
    older = json.dumps({"time": "x"})
    settings.release_mark.write_text(older)
    assert failed(settings) == {Check.STATE}
    settings.release_mark.unlink()
    monkeypatch.setattr(looking.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 0))
    assert failed(settings) == {Check.DISK}
    monkeypatch.undo()
    shutil.move(settings.governance, home / "elsewhere")
    assert Check.IN_FORCE in failed(settings)


def test_a_state_of_another_schema_is_seen_and_not_read(home: Path) -> None:
    from sqlalchemy import create_engine, text

    settings = read_settings(home / "world")
    assert look_at_state(state_url(settings)).is_current
    engine = create_engine(state_url(settings))
    with engine.begin() as connection:
        connection.execute(text("UPDATE schema_version SET version = 4"))
    engine.dispose()
    assert failed(settings) == {Check.SCHEMA}


def test_a_state_on_a_server_is_looked_at_while_a_gate_holds_it(postgresql: Path) -> None:
    from narrowgate.adapters.state.sql_state import SqlState

    url = sqlalchemy_url(postgresql)
    with pytest.raises(UnavailableError):
        look_at_state(url)
    with SqlState.open(url):
        assert look_at_state(url).slots == ()
