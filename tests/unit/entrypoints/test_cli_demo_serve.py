"""``narrowgate demo --serve``: one command, a whole world, four links that work, and nothing left when it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from narrowgate.adapters.http.mutual_tls import client_context


def hand_over_and_fetch(home: Path, intake: str, place: Path) -> None:
    """What the text at the link says: a package that is handed over is answered within a minute."""
    office = home / "keys" / "secretary_of_homeland_security"
    lines = (home / "cases.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (place / "cases.csv").write_text("".join(lines[:4]), encoding="utf-8")
    package, agreement = place / "package", ("--agreement", home / "agreement.toml")
    signing = ("--key", f"{office}.key.pem", "--certificate", f"{office}.pem", "--yes")
    root = home / "keys" / "root.pem"
    client = ("--certificate", home / "tls" / "client.pem", "--key", home / "tls" / "client.key.pem")
    call = ("--url", intake, "--server-root", root, *client)
    package_id = narrowgate("package", "build", place / "cases.csv", package, *agreement, "-q").stdout.strip()
    for command in (
        ("package", "sign", package, *signing, *agreement, "--root", root, "-q"),
        ("submit", package, *call, "-q"),
    ):
        assert narrowgate(*command).returncode == 0, command[:2]
    until = time.monotonic() + 60
    while narrowgate("fetch", package_id, *call, "--into", place / "got").returncode:
        assert time.monotonic() < until, "no answer within a minute"
        time.sleep(1)
    assert (place / "got" / "answers.json").is_file()


def narrowgate(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "narrowgate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_four_links_work_and_end_with_the_command(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    command = [sys.executable, "-m", "narrowgate", "demo", "--dir", home, "--people", "100", "--items", "10"]
    with subprocess.Popen(
        [*map(str, command), "--serve", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        said, links = "", {}
        while not links and (line := running.stdout.readline()):
            said += line
            links = json.loads(said) if line.rstrip() == "}" else {}
        assert sorted(links) == ["console", "desk", "inspect", "intake"]
        for name in ("console", "desk", "inspect"):
            with httpx.Client(follow_redirects=True, timeout=60) as client:
                assert client.get(links[name]).status_code == 200, name
            assert httpx.get(links[name], timeout=60).status_code == 403, "a link opens one browser, once"
        tls = home / "tls"
        context = client_context(tls / "client.pem", tls / "client.key.pem", home / "keys" / "root.pem")
        with httpx.Client(base_url=links["intake"], verify=context, timeout=60, trust_env=False) as client:
            assert client.get("/v1/packages/p-20260102-000000000000").status_code == 404
        hand_over_and_fetch(home, links["intake"], tmp_path)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    for name in ("console", "desk", "inspect"):
        try:
            httpx.get(links[name], timeout=5)
        except httpx.ConnectError:
            continue
        raise AssertionError(f"{name} is still there")
