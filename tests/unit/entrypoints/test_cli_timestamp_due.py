"""A timer has the daily checkpoint stamped over HTTP, once a day; the doctor alarms when the last stamp is too old."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.entrypoints.settings import read_settings
from narrowgate.entrypoints.stamping import timestamp_findings
from support.command_line import CommandLine
from unit.entrypoints.test_cli_timestamp import OPENSSL, answer, home, made

__all__ = ["home", "made"]
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="NOT CHECKED: the openssl command is not installed")
DUE = "log timestamp --due --config world"


@contextmanager
def serving(authority: Path) -> Iterator[tuple[str, list[int]]]:
    """An authority on the loopback, and how often it was asked."""
    asked: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(1)
            query = authority / "asked.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            data = answer(authority, query, authority / "given.tsr").read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    server.server_close()


def name_authority(home: Path, url: str) -> None:
    settings = home / "world" / "gate.toml"
    named = 'timestamps = "timestamps"\ntimestamp_authority = "../authority/certificate.pem"\n'
    kept = [line for line in settings.read_text().splitlines() if not line.startswith("timestamp")]
    settings.write_text("\n".join(kept) + "\n" + named + (f'timestamp_url = "{url}"\n' if url else ""))


def found(home: Path, days: int = 0) -> list[tuple[str, str]]:
    now = SystemClock().now() + timedelta(days=days)
    return [
        (each.state.value, each.remark) for each in timestamp_findings(read_settings(home / "world"), now)
    ]


def test_a_timer_has_each_days_checkpoint_stamped_once(home: Path, narrowgate: CommandLine) -> None:
    assert found(home) == []
    with serving(home / "authority") as (url, asked), serving(home / "stranger") as (strange, _):
        name_authority(home, strange)
        assert [state for state, _ in found(home)] == ["failed"]
        refused = narrowgate(*DUE.split())
        assert (refused.code, len(list((home / "world" / "timestamps").glob("*.tsr")))) == (12, 0)
        name_authority(home, url)
        for _ in range(2):
            stamped = narrowgate(*DUE.split())
            assert (stamped.code, "The authority saw the checkpoint of" in stamped.out) == (0, True)
        assert len(asked) == 1
    assert narrowgate(*DUE.split()).code == 0, "nothing more is due today, and nobody is asked"
    (checkpoint,) = (home / "world" / "timestamps").glob("*.checkpoint")
    assert narrowgate("log", "verify", "world", "--earlier", checkpoint).code == 0
    assert [state for state, _ in found(home)] == ["ok"]
    ((state, remark),) = found(home, days=3)
    assert (state, "3 days old" in remark) == ("failed", True)
    assert "time stamp" in narrowgate("doctor", "--config", "world").out


def test_without_a_network_query_and_reply_are_carried(home: Path, narrowgate: CommandLine) -> None:
    name_authority(home, "")
    assert narrowgate(*DUE.split()).code == 3
    (query,) = (home / "world" / "timestamps").glob("*.tsq")
    reply = query.with_suffix(".tsr")
    answer(home / "stranger", query, reply)
    refused = narrowgate(*DUE.split())
    assert (refused.code, reply.exists(), "set aside as" in refused.err) == (12, False, True)
    assert narrowgate(*DUE.split()).code == 3, "what is wrong blocks nothing"
    assert ("warning", True) in [(state, "set aside" in remark) for state, remark in found(home)]
    answer(home / "authority", query, reply)
    assert narrowgate(*DUE.split()).code == 0


def test_a_reply_of_another_authority_that_lies_there_does_not_keep_the_authority_from_being_asked(
    home: Path, narrowgate: CommandLine
) -> None:
    name_authority(home, "")
    assert narrowgate(*DUE.split()).code == 3
    (query,) = (home / "world" / "timestamps").glob("*.tsq")
    query.with_suffix(".tsr").write_bytes(b"no reply")
    with serving(home / "authority") as (url, _):
        name_authority(home, url)
        assert narrowgate(*DUE.split()).code == 0
    assert query.with_suffix(".tsr.refused").read_bytes() == b"no reply"


def test_an_authority_that_cannot_be_reached_is_unavailable(home: Path, narrowgate: CommandLine) -> None:
    name_authority(home, "http://127.0.0.1:9/")
    refused = narrowgate(*DUE.split())
    assert (refused.code, "gave no time stamp" in refused.err) == (1, True)


def test_nothing_is_stamped_that_is_no_checkpoint_of_this_log(home: Path, narrowgate: CommandLine) -> None:
    """Somebody lays another text, or the checkpoint of another log, where the one of today will lie."""
    name_authority(home, "")
    checkpoint = (home / "world" / "log" / "checkpoint").read_text()
    planted = home / "world" / "timestamps" / f"{SystemClock().now():%Y-%m-%d}.checkpoint"
    planted.parent.mkdir()
    for text in ("another text\n", checkpoint.replace("\n", "0\n", 1)):
        planted.write_text(text)
        assert narrowgate(*DUE.split()).code == 13
        assert not planted.with_suffix(".tsq").exists()
    planted.write_text(checkpoint)
    assert narrowgate(*DUE.split()).code == 3
