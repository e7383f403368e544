"""A command loads what it uses: the libraries below are what a start waits for."""

from __future__ import annotations

import subprocess
import sys

DATABASES = {"duckdb", "pyarrow"}
STATE = {"sqlalchemy"}
PATHS = {"cryptography", "asn1crypto", "pyhanko_certvalidator"}
SIGNATURES = PATHS | {"pyhanko", "aiohttp"}
EXCEL = {"python_calamine", "xlsxwriter"}
SERVERS = {"starlette", "uvicorn", "prometheus_client"}

LOADS: dict[str, set[str]] = {
    "docs": set(),
    "rules show": set(),
    "address explain": {"cryptography"},
    "log verify": {"cryptography"},
    "inspector verify": {"cryptography"},
    "inspector accounting": {"cryptography", "asn1crypto"},
    "answers open": SIGNATURES,
    "case lint": PATHS | EXCEL,
    "package sign": SIGNATURES | {"python_calamine"},
    "agreement sign": SIGNATURES,
    "act show": SIGNATURES | STATE,
    "officers check": SIGNATURES | STATE,
    "custodian found": SIGNATURES | STATE,
    "recall show": SIGNATURES | STATE,
    "release run": SIGNATURES | STATE,
    "gate run": SIGNATURES | STATE,
    "witness status": {"cryptography", "asn1crypto"},
    "serve intake": PATHS | SERVERS - {"prometheus_client"},
    "index build": SIGNATURES | DATABASES | {"python_calamine"},
}
"""Command to what of ``HEAVY`` its module loads; nothing else is needed before it knows its arguments."""

HEAVY = (
    {
        "aiohttp",
        "alembic",
        "httpx",
        "jinja2",
        "lxml",
        "numpy",
        "pyhanko",
        "python_calamine",
        "rich",
        "xlsxwriter",
    }
    | DATABASES
    | STATE
    | SIGNATURES
    | SERVERS
)

# Each command in a fork of one process, so that Python itself is started once.
PROGRAM = f"""
import os, sys, click
from narrowgate.entrypoints.cli.main import cli
for line in {list(LOADS)!r}:
    sys.stdout.flush()
    if not (child := os.fork()):
        command = cli
        for word in line.split():
            command = command.get_command(click.Context(command), word)
        print(line, *sorted({HEAVY!r} & sys.modules.keys()), sep=",", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_a_command_loads_what_it_uses_and_nothing_that_another_one_does() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    found = {line: set(names) for line, *names in (row.split(",") for row in done.stdout.splitlines())}
    # Arrow loads numpy where it is installed, as it is for tests; it is no part of what runs.
    assert {line: names - {"numpy"} for line, names in found.items()} == LOADS


def test_a_command_that_loads_duckdb_ends_without_a_word_of_its_bindings() -> None:
    command = [
        sys.executable,
        "-c",
        "from narrowgate.entrypoints.cli.main import main; main()",
        "index",
        "build",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "Error: Missing argument 'RECORDS'.")
