"""Whoever calls the intake with a wrong certificate, a crooked request or bad manners gets nothing and harms nobody."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.http.mutual_tls import client_context
from narrowgate.adapters.http.tls_server import ConnectionLimits
from narrowgate.adapters.signing.issuing import Validity, create_root
from narrowgate.entrypoints.web import plain_requests
from support.release_world import TurnedClock
from support.requests import NOW
from support.running_intake import RunningIntake, Sample, running_intake, year


def told(response: httpx.Response) -> tuple[int, str]:
    """Status and problem id."""
    return response.status_code, response.json()["id"]


@contextmanager
def connection(intake: RunningIntake, name: str = "ours") -> Iterator[ssl.SSLSocket]:
    """A connection that speaks as it likes."""
    home = intake.home
    context = client_context(home / f"{name}.pem", home / f"{name}.key.pem", home / "root.pem")
    host, port = intake.url.removeprefix("https://").split(":")
    plain = socket.create_connection((host, int(port)), 10)
    with context.wrap_socket(plain, server_hostname=host) as tls:
        yield tls


def answer_to(intake: RunningIntake, request: bytes) -> bytes:
    """Everything that is answered to these bytes until the intake closes the connection, or is silent."""
    received = b""
    with connection(intake) as tls:
        tls.settimeout(2)
        with suppress(OSError):  # refused before it was sent whole
            tls.sendall(request)
        with suppress(OSError):
            while piece := tls.recv(65_536):
                received += piece
    return received


def test_without_a_certificate_there_is_no_connection(intake: RunningIntake) -> None:
    context = ssl.create_default_context(cafile=str(intake.home / "root.pem"))
    with pytest.raises(httpx.TransportError), httpx.Client(verify=context, trust_env=False) as client:
        client.get(f"{intake.url}/v1/openapi.json")


def test_with_a_certificate_of_another_root_or_an_expired_one_there_is_no_connection(
    intake: RunningIntake,
) -> None:
    stranger = create_root("another root", year(), SeededEntropy(b"stranger"))
    intake.issue("stranger", root=stranger)
    today = year().not_before
    intake.issue("expired", Validity(today, today + timedelta(days=1)))
    for name in ("stranger", "expired"):
        with pytest.raises(httpx.TransportError), intake.client(name) as client:
            client.get("/v1/openapi.json")


def test_a_signing_card_opens_no_connection(intake: RunningIntake) -> None:
    """The certificate of the office's card leads to the same root, and its key is even bound; it is for signatures."""
    with intake.client("card") as client:
        refused = client.get("/v1/openapi.json")
    assert told(refused) == (403, "client-refused")
    assert "signing certificate" in refused.json()["why"]


@pytest.mark.parametrize(
    ("name", "problem"), [("unbound", "client-refused"), ("revoked", "certificate-revoked")]
)
def test_a_certificate_that_is_bound_to_no_office_or_revoked_opens_nothing(
    intake: RunningIntake, name: str, problem: str
) -> None:
    with intake.client(name) as client:
        for method, path in (("GET", "/v1/openapi.json"), ("PUT", "/v1/packages/package-1/manifest")):
            assert told(client.request(method, path)) == (403, problem)


def test_without_fresh_revocation_lists_nobody_is_let_in(tmp_path: Path) -> None:
    clock = TurnedClock(NOW)
    with running_intake(tmp_path, clock) as intake:
        clock.at = NOW + timedelta(days=8)
        with intake.client() as client:
            assert told(client.get("/v1/openapi.json")) == (503, "revocation-stale")


def test_another_offices_package_looks_like_none(intake: RunningIntake, sample: Sample) -> None:
    with intake.client() as ours, intake.client("theirs") as theirs:
        sample.send(ours)
        for method, path in (
            ("GET", ""),
            ("DELETE", ""),
            ("HEAD", "/rows"),
            ("POST", "/arrival"),
            ("GET", "/receipt"),
            ("GET", "/answers"),
            ("GET", "/answers/receipt.json"),
        ):
            real = theirs.request(method, f"{sample.address}{path}")
            none = theirs.request(method, f"/v1/packages/p-nothing{path}")
            assert (real.status_code, real.content) == (none.status_code, none.content)
            assert real.status_code == 404
        taken = theirs.put(
            f"{sample.address}/manifest",
            content=sample.manifest,
            headers={"content-type": "application/json"},
        )
        assert told(taken) == (403, "client-refused")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/packages/../../etc/passwd",
        "/v1/packages/..%2f..%2fetc%2fpasswd",
        "/v1/packages/%2e%2e",
        "/v1/packages/p-1/answers/..%2freceipt.json",
        "/v1//packages/package-1",
        "/v1/packages/package-1\\..\\x",
        "/v1/packages/UPPERCASE-1",
        "/v1/packages/" + "p" * 100,
        "/v1/packages/package-1%00",
    ],
)
def test_no_path_leads_anywhere_else(intake: RunningIntake, path: str) -> None:
    answer = answer_to(intake, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400"))
    assert b"root:" not in answer


HAND_OVER = b"POST /v1/packages/package-1/arrival HTTP/1.1\r\nHost: x\r\n"
DESCRIBE = b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n"
CROOKED = {
    "two framings": HAND_OVER
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + DESCRIBE
    + b"\r\n",
    "two lengths": HAND_OVER + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + DESCRIBE + b"\r\n",
    "odd coding": HAND_OVER + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "space before colon": HAND_OVER + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "two hosts": DESCRIBE + b"Host: y\r\n\r\n",
    "upgrade": DESCRIBE + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    "bare CR": DESCRIBE + b"X: a\rb\r\n\r\n",
    "absolute form": b"GET http://other/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n",
    "long head": DESCRIBE + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
    "no HTTP": b"\x16\x03\x01 not http at all\r\n\r\n",
}


@pytest.mark.parametrize("request_", CROOKED.values(), ids=list(CROOKED))
def test_a_crooked_request_gets_one_refusal_and_the_end_of_its_connection(
    intake: RunningIntake, request_: bytes
) -> None:
    answer = answer_to(intake, request_)
    assert len(re.findall(rb"HTTP/1\.1 \d", answer)) == 1, "what is smuggled in behind it is not answered"
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 404", b"HTTP/1.1 501")), answer[:80]
    assert b"openapi" not in answer.partition(b"\r\n\r\n")[2].replace(b"/v1/openapi.json, which", b"")
    assert b"application/problem+json" in answer.lower()


def test_a_header_with_line_breaks_does_not_come_back_as_a_header(
    intake: RunningIntake, sample: Sample
) -> None:
    with intake.client() as client:
        sample.begin(client)
        answer = answer_to(
            intake,
            f"PATCH {sample.address}/rows HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
            "Upload-Offset: 0%0d%0aSet-Cookie:a\r\nContent-Length: 0\r\n\r\n".encode(),
        )
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"set-cookie" not in answer.lower()


def test_an_endless_body_is_cut_off_where_the_manifest_ends(intake: RunningIntake, sample: Sample) -> None:
    with intake.client() as client:
        sample.begin(client)
    with connection(intake) as tls:
        tls.sendall(
            f"PATCH {sample.address}/rows HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
            "Upload-Offset: 0\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        sent = _send_until_closed(tls)
    assert sent < 1 << 26, "the connection was closed after a few pieces"
    with intake.client() as client:
        assert client.head(f"{sample.address}/rows").headers["upload-offset"] == "0"


def _send_until_closed(tls: ssl.SSLSocket) -> int:
    piece = b"10000\r\n" + bytes(65_536) + b"\r\n"
    sent = 0
    try:
        while sent < 1 << 30:
            tls.sendall(piece)
            sent += len(piece)
    except OSError:
        return sent
    return sent


def test_who_is_slow_is_left_and_who_is_not_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_requests, "GRACE_SECONDS", 2.0)
    limits = ConnectionLimits(total=24, per_address=20, handshake_seconds=3.0, head_seconds=3.0)
    with running_intake(tmp_path, TurnedClock(NOW), limits=limits) as intake:
        host, port = intake.url.removeprefix("https://").split(":")
        silent = [socket.create_connection((host, int(port)), 5) for _ in range(15)]
        with connection(intake) as slow, connection(intake) as slower, intake.client() as client:
            slow.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            slower.sendall(
                b"PUT /v1/packages/package-1/manifest HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n"
                b"Content-Type: application/json\r\n\r\n{"
            )
            assert client.get("/v1/openapi.json").status_code == 200
            slow.settimeout(15)
            slower.settimeout(15)
            assert _rest(slow) == b"", "a head that does not end is cut off"
            assert _rest(slower).startswith(b"HTTP/1.1 408")
        for one in silent:
            one.settimeout(15)
            assert _rest(one) == b"", "a handshake that does not begin is cut off"
            one.close()
        more = [socket.create_connection((host, int(port)), 5) for _ in range(22)]
        more[-1].settimeout(2)
        assert _rest(more[-1]) == b"", "one address has no more connections than it may"
        for one in more:
            one.close()


def _rest(one: socket.socket) -> bytes:
    received = b""
    try:
        while piece := one.recv(4096):
            received += piece
    except (ConnectionError, ssl.SSLError):
        pass
    return received


def test_one_client_cannot_take_the_place_of_another(tmp_path: Path) -> None:
    with (
        running_intake(tmp_path, TurnedClock(NOW), requests_per_minute=60) as intake,
        intake.client() as greedy,
        intake.client("theirs") as modest,
    ):
        codes = [greedy.get("/v1/openapi.json").status_code for _ in range(15)]
        assert codes == [200] * 15
        calls = (greedy.get("/v1/openapi.json") for _ in range(200))
        refused = next(
            call for call in calls if call.status_code != 200
        )  # one more a second may pass meanwhile
        assert told(refused) == (429, "busy")
        assert int(refused.headers["retry-after"]) > 0
        assert modest.get("/v1/openapi.json").status_code == 200


def test_two_requests_do_not_write_one_upload_at_a_time(intake: RunningIntake, sample: Sample) -> None:
    with intake.client() as client, connection(intake) as first:
        sample.begin(client)
        first.settimeout(20)
        first.sendall(
            f"PATCH {sample.address}/rows HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
            f"Upload-Offset: 0\r\nContent-Length: {len(sample.rows)}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert first.recv(4096).startswith(b"HTTP/1.1 100"), "the intake waits for the bytes"
        first.sendall(sample.rows[:100])
        assert told(sample.append(client, 0, sample.rows)) == (409, "in-use")
        first.sendall(sample.rows[100:])
        assert first.recv(4096).startswith(b"HTTP/1.1 204")
        assert client.post(f"{sample.address}/arrival").status_code == 202


def test_a_package_larger_than_allowed_and_too_many_uploads_are_refused(
    tmp_path: Path, sample: Sample
) -> None:
    from support.running_intake import sample_of

    with (
        running_intake(tmp_path, TurnedClock(NOW), max_package_bytes=100) as intake,
        intake.client() as client,
    ):
        large = client.put(
            f"{sample.address}/manifest",
            content=sample.manifest,
            headers={"content-type": "application/json"},
        )
        assert told(large) == (413, "too-large")
    with running_intake(tmp_path, TurnedClock(NOW), max_uploads=4) as intake, intake.client() as client:
        samples = [sample_of(tmp_path / f"s{number}", b"many %d" % number) for number in range(5)]
        for one in samples[:4]:
            one.begin(client)
        refused = client.put(
            f"{samples[4].address}/manifest",
            content=samples[4].manifest,
            headers={"content-type": "application/json"},
        )
        assert told(refused) == (503, "unavailable")
        samples[0].send(client)
        samples[4].begin(client)
