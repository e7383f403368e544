"""``narrowgate doctor``: whether this machine has what Narrowgate needs, and which parts it can run."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from narrowgate import __version__
from narrowgate.adapters.clock import SystemClock
from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION
from narrowgate.entrypoints.bootstrap import gate_keys, opened_gate, token_processes
from narrowgate.entrypoints.cli.frame import ExampleCommand, emit_json
from narrowgate.entrypoints.settings import read_settings

_LIBRARIES = ("click", "cryptography", "duckdb", "orjson", "pyarrow", "pyhanko", "rich", "sqlalchemy")
_EXTRAS = {"psycopg": "PostgreSQL records and state", "pyspark": "cluster engine", "pkcs11": "keys in tokens"}
_PROGRAMS = {
    "openssl": "second verifier of signatures",
    "softhsm2-util": "test tokens",
    "strace": "fault tests",
}

Line = tuple[str, str, str]
"""Subject, ``ok``, ``absent`` or ``failed``, and a remark."""


@click.command(cls=ExampleCommand, epilog="narrowgate doctor --config demo")
@click.option(
    "--config", type=click.Path(exists=True, path_type=Path), help="Also open this gate.toml's gate."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def doctor(config: Path | None, as_json: bool) -> None:
    """Check this machine, and a gate's agreement, keys, log and state if one is named.

    Optional parts that are absent are listed as such; only what fails ends in exit code 1.
    """
    lines = list(_machine())
    if config is not None:
        lines.append(_gate(config))
    if as_json:
        emit_json(
            [{"subject": subject, "state": state, "remark": remark} for subject, state, remark in lines]
        )
    else:
        for subject, state, remark in lines:
            click.echo(f"{state:<7} {subject:<22} {remark}")
    if any(state == "failed" for _, state, _ in lines):
        sys.exit(1)


def _machine() -> Iterator[Line]:
    versions = f"canonical form {CANONICAL_FORM_VERSION}, rule set {RULE_SET_VERSION}"
    yield "narrowgate", "ok", f"{__version__} ({versions})"
    yield "python", "ok", f"{platform.python_version()} on {platform.system()}"
    yield "cores", "ok", str(os.cpu_count())
    for name in _LIBRARIES:
        yield name, "ok", importlib.metadata.version(name)
    for name, purpose in _EXTRAS.items():
        found = importlib.util.find_spec(name) is not None
        yield name, "ok" if found else "absent", f"optional: {purpose}"
    for name, purpose in _PROGRAMS.items():
        yield name, "ok" if shutil.which(name) else "absent", f"optional: {purpose}"


def _gate(config: Path) -> Line:
    try:
        settings = read_settings(config)
        with token_processes(settings) as tokens:
            gate_keys(settings, tokens)
        with opened_gate(settings, SystemClock()) as gate:
            return "gate", "ok", f"agreement {gate.agreement.id}, log of {gate.log.size():,} leaves"
    except NarrowgateError as error:
        return "gate", "failed", str(error)
