"""``gate work --journal --observe`` and ``release run --journal``: what is told of a gate at work, and what is not."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from narrowgate.adapters.clock import SystemClock
from narrowgate.entrypoints.observability.keys import FORMS, Key, named
from support.command_line import CommandLine
from support.handed_over import hand_over
from support.sandbox_files import BUILD, SIGN

WORK = ("gate", "work", "--config", "world", "--journal")


def handed_over(home: Path, narrowgate: CommandLine) -> str:
    assert (home / "package-2").exists() or narrowgate(*BUILD.split()).code == 0
    assert (home / "package-2" / "manifest.json.p7s").exists() or narrowgate(*SIGN.split()).code == 0
    return hand_over(home / "world", home / "package-2", SystemClock().now()).package_id


def lines(err: str) -> list[dict[str, object]]:
    """Every line of the journal; each is of the table."""
    found = [json.loads(line) for line in err.splitlines()]
    for line in found:
        assert all(FORMS[Key(key)].fits(value) for key, value in line.items()), line
        assert Key.LEFT_OUT not in line, line
    return found


@contextmanager
def worker(home: Path) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    socket = home / "gate.sock"
    command = [sys.executable, "-m", "narrowgate", *WORK, "--observe", f"unix:{socket}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(socket.exists)
        with httpx.Client(
            transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://gate", timeout=10
        ) as client:
            yield process, client
    finally:
        process.kill()
        process.communicate()


def wait_until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.05)


def test_a_gate_at_work_gives_metrics_and_health_on_a_socket_and_one_line_a_step(
    home: Path, narrowgate: CommandLine
) -> None:
    package = handed_over(home, narrowgate)
    with worker(home) as (process, gate):
        assert (home / "gate.sock").stat().st_mode & 0o777 == 0o660
        wait_until((home / "world" / "answers" / package / "receipt.json").exists)
        assert gate.get("/healthz").json() == {"status": "alive"}
        ready = gate.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
        scraped = gate.get("/metrics").text
        assert list(text_string_to_metric_families(scraped))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    told = lines(err)
    assert told[0]["event"] == "started"
    steps = [line for line in told if line["event"] == "step"]
    assert [line["step"] for line in steps] == [1, 2, 3, 4, 5, 6, 7]
    assert {line["package"] for line in steps} == {named(package)}
    (ending,) = [line for line in told if line["event"] == "package"]
    assert (ending["package"], ending["ending"]) == (named(package), "decided")
    assert "milliseconds" not in ending
    assert package not in err
    assert told[-1]["exit_code"] == 0


def test_a_release_run_tells_each_package_and_that_it_ran(home: Path, narrowgate: CommandLine) -> None:
    done = narrowgate("release", "run", "--config", "world", "--journal")
    assert done.code == 3
    told = lines(done.err)
    assert [(line["event"], line.get("problem")) for line in told] == [("ended", "nothing-to-process")]
    mark = json.loads((home / "world" / "release-mark.json").read_text())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", mark["time"])


def test_a_witness_a_worker_that_ends_and_a_retention_run_tell_what_they_did_and_why_they_could_not(
    home: Path, narrowgate: CommandLine
) -> None:
    key = ("--log-key", "world/log/log.vkey")
    assert narrowgate("witness", "init", "witness", "--name", "oversight.test/w", *key).code == 0
    cosigned = narrowgate("witness", "cosign", "witness", "--log", "world/log", "--journal")
    assert [(line["event"], line.get("leaves", 0) > 0) for line in lines(cosigned.err)] == [  # type: ignore[operator]
        ("cosigned", True),
        ("ended", False),
    ]
    assert "oversight.test/w" in cosigned.out
    (home / "empty").mkdir()
    missing = narrowgate("witness", "cosign", "witness", "--log", "empty", "--journal")
    (told,) = lines(missing.err)
    assert (told["event"], told["exit_code"]) == ("ended", missing.code)
    assert missing.code not in {0, 3}
    package = handed_over(home, narrowgate)
    once = narrowgate(*WORK, "--once")
    assert (once.code, package in once.err) == (0, False)
    assert [line.get("ending") for line in lines(once.err)][-2:] == ["decided", None]
    retained = narrowgate("gate", "retention", "--config", "world", "--journal")
    assert lines(retained.err)[-1]["problem"] == "nothing-to-process"
    dry = narrowgate("gate", "retention", "--config", "world", "--dry-run", "--journal")
    assert [line["event"] for line in lines(dry.err)] == ["retained", "retained", "ended"]
