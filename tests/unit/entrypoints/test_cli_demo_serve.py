"""``narrowgate demo --serve``: one command, a whole world, four links that work, and nothing left when it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from narrowgate.adapters.http.mutual_tls import client_context


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
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    for name in ("console", "desk", "inspect"):
        try:
            httpx.get(links[name], timeout=5)
        except httpx.ConnectError:
            continue
        raise AssertionError(f"{name} is still there")
