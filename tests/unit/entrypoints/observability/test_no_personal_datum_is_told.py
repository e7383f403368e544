"""Canaries in every field of packages and requests, good, failing and hostile: no line, metric or stderr holds one."""

from __future__ import annotations

import csv
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.http.mutual_tls import client_context
from narrowgate.core.request.manifest import parse_manifest
from narrowgate.entrypoints.observability.keys import FORMS, Key
from narrowgate.entrypoints.sandbox.serving import OFFICE, write_intake

CANARIES = (
    "Kanarienvogel",
    "078-05-1120",
    "078051120",
    "4711 Zeisig Ln",
    "canary@zeisig.example",
    "zeisig-secret-pin",
    "zeisig-0123456789",
)
"""A name, taxpayer numbers, an address, an electronic one, a PIN, and a package id that somebody chose."""

ID = CANARIES[-1]


@dataclass
class Services:
    """Services of a world, each with its stderr in a file and its metrics on a socket."""

    home: Path
    stack: ExitStack
    started: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def start(self, name: str, *arguments: object, observe: bool = True) -> str:
        """The address or link that it prints first."""
        err = self.stack.enter_context((self.home / f"{name}.err").open("wb"))
        more = ("--observe", f"unix:{self.home / name}.sock") if observe else ()
        command = [sys.executable, "-m", "narrowgate", *map(str, (*arguments, "--journal", *more))]
        process = subprocess.Popen(command, cwd=self.home, stdout=subprocess.PIPE, stderr=err, text=True)
        self.started[name] = process
        self.stack.enter_context(process)  # waits, and closes the pipe
        self.stack.callback(process.terminate)
        if name == "gate":
            return ""
        assert process.stdout
        said = ""
        while line := process.stdout.readline():
            said += line
            with suppress(ValueError):
                (link,) = json.loads(said).values()
                return str(link)
        raise AssertionError(f"{name} did not start: {(self.home / f'{name}.err').read_text()}")

    def metrics(self, name: str) -> str:
        """What a scrape, and both questions for its health, get."""
        transport = httpx.HTTPTransport(uds=f"{self.home / name}.sock")
        with httpx.Client(transport=transport, base_url="http://local", timeout=20) as client:
            paths = ("/metrics", "/healthz", "/readyz", f"/{CANARIES[0]}?name={CANARIES[1]}")
            return "".join(client.get(path).text for path in paths)


@contextmanager
def services_of(home: Path) -> Iterator[Services]:
    with ExitStack() as stack:
        yield Services(home, stack)


def hostile_package(home: Path) -> Path:
    """A signed package whose id is text that somebody chose, whose rows are not those signed."""
    source, place = home / "package-2", home / "hostile"
    shutil.copytree(source, place)
    manifest = (place / "manifest.json").read_bytes()
    package_id = parse_manifest(manifest, "manifest.json").package_id
    (place / "manifest.json").write_bytes(manifest.replace(package_id.encode(), ID.encode()))
    return place


def call_intake(address: str, home: Path, packages: tuple[Path, ...]) -> None:
    """What clients do well and badly; every part of a request carries canaries."""
    tls, root = home / "world" / "tls", home / "world" / "keys" / "root.pem"
    context = client_context(tls / "client.pem", tls / "client.key.pem", root)
    evil = {"x-name": CANARIES[0], "user-agent": CANARIES[4], "cookie": f"pin={CANARIES[5]}"}
    with httpx.Client(
        base_url=address,
        verify=context,
        trust_env=False,
        headers=evil,
        timeout=60,
        params={"tin": CANARIES[1]},
    ) as client:
        for package in packages:
            manifest = (package / "manifest.json").read_bytes()
            package_id = parse_manifest(manifest, "manifest.json").package_id
            at = f"/v1/packages/{package_id}"
            rows = (package / "rows.ndjson").read_bytes()
            json_type = {"content-type": "application/json"}
            client.put(f"{at}/manifest", content=manifest, headers=json_type)
            client.put(
                f"{at}/signature",
                content=(package / "manifest.json.p7s").read_bytes(),
                headers={"content-type": "application/pkcs7-signature"},
            )
            binary = {"content-type": "application/octet-stream", "upload-offset": "0"}
            client.patch(f"{at}/rows", content=rows, headers=binary)
            client.post(f"{at}/arrival")
            client.get(at)
            client.get(f"{at}/answers/{CANARIES[0].lower()}.p7m")
        for path in (
            f"/{CANARIES[0]}",
            f"/v1/packages/{CANARIES[2]}",
            f"/v1/packages/{CANARIES[3]}/rows",
            "/../x",
        ):
            for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "KANARIENVOGEL"):
                client.request(
                    method, path, content=CANARIES[3].encode(), headers={"content-type": CANARIES[4]}
                )
        client.put(f"/v1/packages/{ID}/manifest", content=b'{"name":"Kanarienvogel"', headers=json_type)
    raw(address, home, f"GET /{CANARIES[0]}\r\nX: {CANARIES[1]} HTTP/9\r\n\r\n")
    raw(
        address,
        home,
        f"GET /v1/openapi.json HTTP/1.1\r\nhost: a\r\n{CANARIES[0]}\n\x00: {CANARIES[1]}\r\n\r\n",
    )


def raw(address: str, home: Path, text: str) -> None:
    """Bytes that are no HTTP."""
    tls, root = home / "world" / "tls", home / "world" / "keys" / "root.pem"
    context = client_context(tls / "client.pem", tls / "client.key.pem", root)
    host, port = address.removeprefix("https://").split(":")
    with socket.create_connection((host, int(port)), 10) as plain:
        plain.sendall(b"")
        with context.wrap_socket(plain, server_hostname=host) as connection, suppress(OSError):
            connection.settimeout(2)
            connection.sendall(text.encode())
            connection.recv(65_536)


def browse(link: str, paths: tuple[str, ...]) -> None:
    """What a browser does well and badly at pages; every field of every form carries a canary."""
    origin = link.partition("/?")[0]
    with httpx.Client(
        base_url=origin, timeout=60, headers={"origin": origin, "x-mail": CANARIES[4]}
    ) as client:
        client.get("/", params={"token": CANARIES[5]}, headers={"cookie": f"session={CANARIES[4]}"})
        assert client.get(link).status_code == 303
        token = ""
        for path in paths:
            assert client.get(path).status_code == 200, path
            page = client.get(path, params={"package": CANARIES[0], "since": CANARIES[1], "q": CANARIES[3]})
            token = next(iter(re.findall(r'name="form_token" value="([^"]+)"', page.text)), token)
        names = ("key", "certificate", "secret", "reason", "scope", "lifted", "lift_reason", "read", "office")
        fields = dict(zip(names, CANARIES * 2, strict=False))
        posts = ("/holds/place", "/holds/lift", "/acts/3/sign", "/cases", f"/answers/{ID}", f"/packages/{ID}")
        for path in posts:
            for given in (CANARIES[0], token):
                client.post(path, data={"form_token": given, **fields})
                upload = {"file": (f"{CANARIES[0]}.csv", f"name,tin\n{CANARIES[0]},{CANARIES[1]}\n".encode())}
                client.post(path, data={"form_token": given}, files=upload)
        client.get(f"/{CANARIES[0]}/../{CANARIES[2]}")


def values_of_cases(home: Path) -> set[str]:
    """Every name, number and address of the case file."""
    with (home / "cases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        value for row in rows for value in row.values() if value and len(value) > 5 and not value.isalpha()
    } | {row[name] for row in rows for name in row if "name" in name and len(row[name]) > 5}


def test_no_line_no_metric_and_no_stderr_of_any_service_holds_a_canary_or_a_value_of_a_case(
    home: Path,
) -> None:
    world = home / "world"
    write_intake(world, SystemClock().now(), SystemEntropy())
    (home / "packages").mkdir()
    secrets = []
    with services_of(home) as services:
        intake = services.start("intake", "serve", "intake", "--config", world / "intake.toml", "--json")
        services.start("gate", "gate", "work", "--config", "world")
        console = services.start("console", "serve", "console", "--config", "world", "--json")
        inspect = services.start("inspect", "serve", "inspect", "world", "--json")
        desk_places = ("--agreement", world / "agreement.toml", "--packages", home / "packages")
        desk = services.start("desk", "desk", *desk_places, "--json", observe=False)
        secrets += [link.partition("=")[2] for link in (console, inspect, desk)]
        call_intake(intake, home, (home / "package-2", hostile_package(home)))
        for link, paths in (
            (console, ("/", "/acts", "/holds", "/checkup")),
            (inspect, ("/", "/entries", "/packages", "/acts", "/reports")),
            (desk, ("/", "/cases", "/packages", "/answers", "/template")),
        ):
            browse(link, paths)
        until = time.monotonic() + 60
        while "package" not in events(home / "gate.err") and time.monotonic() < until:
            time.sleep(0.2)
        told = "".join(services.metrics(name) for name in ("intake", "gate", "console", "inspect"))
    written = {name: (home / f"{name}.err").read_text() for name in services.started}
    assert [name for name, text in written.items() if text.count("\n") < 5] == [], "every service wrote"
    assert {"request", "step", "package"} <= {
        event for name in written for event in events(home / f"{name}.err")
    }
    assert 'route="/v1/packages/{package_id}/rows"' in told
    for line in "".join(written.values()).splitlines():
        parsed = json.loads(line)
        assert all(FORMS[Key(key)].fits(value) for key, value in parsed.items()), line
    everything = told + "".join(written.values())
    forbidden = {*CANARIES, *values_of_cases(home), *secrets, str(home)}
    assert len(forbidden) > len(CANARIES) + 10
    assert all(secrets)
    assert [value for value in forbidden if value.lower() in everything.lower()] == []
    assert not re.search(r"not.confirmed|\bconfirmed\b", everything, re.IGNORECASE)
    assert OFFICE.value in written["intake"]


def events(path: Path) -> set[str]:
    return {json.loads(line)["event"] for line in path.read_text().splitlines() if line.endswith("}")}
