"""``narrowgate desk`` as a process: the link it prints, and what is left when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from support.command_line import CommandLine


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_link_opens_the_desk_and_nothing_of_it_is_left_at_the_end(
    home: Path, tmp_path: Path, ending: signal.Signals
) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    command = ["desk", "--agreement", "world/agreement.toml", "--packages", "made/packages"]
    with subprocess.Popen(
        [sys.executable, "-m", "narrowgate", *command],
        cwd=home,
        env=os.environ | {"XDG_RUNTIME_DIR": str(runtime)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        link = process.stdout.readline().strip()
        origin, _, token = link.partition("/?token=")
        with httpx.Client(base_url=origin, headers={"Origin": origin}) as client:
            assert client.get(link).status_code == 303
            form = client.get("/cases").text.partition('name="form_token" value="')[2][:64]
            cases = {"cases": ("cases.csv", (home / "cases.csv").read_bytes())}
            assert client.post("/cases", data={"form_token": form}, files=cases).status_code == 303
        (scratch,) = runtime.iterdir()
        assert (scratch.stat().st_mode & 0o777, len(list(scratch.iterdir()))) == (0o700, 1)
        arguments = Path(f"/proc/{process.pid}/cmdline")
        if arguments.exists():
            assert token not in arguments.read_text(encoding="utf-8")
        process.send_signal(ending)
        assert process.wait(20) == 0
        assert "removed" in process.stderr.read()
    assert list(runtime.iterdir()) == []
    assert (home / "made" / "packages").is_dir()


def test_a_desk_without_a_usable_agreement_does_not_open(home: Path, narrowgate: CommandLine) -> None:
    refused = narrowgate("desk", "--agreement", "cases.csv", "--packages", "packages")
    assert (refused.code, refused.out) == (4, "")
