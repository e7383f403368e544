"""``narrowgate doctor``: whether this machine has what Narrowgate needs, and which parts it can run."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from narrowgate import __version__
from narrowgate.adapters.clock import SystemClock
from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION
from narrowgate.entrypoints.checkup import check_gate
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer
from narrowgate.entrypoints.finding import Finding, Verdict
from narrowgate.entrypoints.output import Tone, coloured
from narrowgate.entrypoints.settings import read_settings

_LIBRARIES = ("click", "cryptography", "duckdb", "orjson", "pyarrow", "pyhanko", "rich", "sqlalchemy")
_EXTRAS = {"psycopg": "PostgreSQL records and state", "pyspark": "cluster engine", "pkcs11": "keys in tokens"}
_PROGRAMS = {
    "openssl": "second verifier of signatures",
    "softhsm2-util": "test tokens",
    "strace": "fault tests",
}


@click.command(cls=ExampleCommand, epilog="narrowgate doctor --config demo")
@click.option(
    "--config", type=click.Path(exists=True, path_type=Path), help="Also look over this gate.toml's gate."
)
def doctor(config: Path | None) -> None:
    """Check this machine, and try everything of a gate if one is named: what would stop the next package, and when.

    Of a gate it opens agreement, register, keys, index, log, state and directories, makes a token and looks it up, and
    makes a test seal to each officer. It says what ends within 30 days, and for every fault what to do. Optional parts
    of the machine that are absent are listed as such; only what has failed ends in exit code 1. A gate that is at
    work is busy, which is no failure.
    """
    findings = list(_machine())
    if config is not None:
        findings += _gate(config)
    answer([asdict(found) for found in findings], "\n".join(map(_text, findings)))
    if any(found.state == Verdict.FAILED for found in findings):
        sys.exit(1)


_TONES = {
    Verdict.OK: Tone.GOOD,
    Verdict.BUSY: Tone.DOUBTFUL,
    Verdict.WARNING: Tone.DOUBTFUL,
    Verdict.FAILED: Tone.BAD,
}


def _text(found: Finding) -> str:
    verdict = f"{found.state:<8}"
    if tone := _TONES.get(found.state):
        verdict = coloured(verdict, tone)
    step = f"\n{'':<35} -> {found.next_step}" if found.next_step else ""
    return f"{verdict} {found.subject:<26} {found.remark}{step}"


def _machine() -> Iterator[Finding]:
    versions = f"canonical form {CANONICAL_FORM_VERSION}, rule set {RULE_SET_VERSION}"
    yield Finding("narrowgate", Verdict.OK, f"{__version__} ({versions})")
    yield Finding("python", Verdict.OK, f"{platform.python_version()} on {platform.system()}")
    yield Finding("cores", Verdict.OK, str(os.cpu_count()))
    for name in _LIBRARIES:
        yield Finding(name, Verdict.OK, importlib.metadata.version(name))
    for name, purpose in _EXTRAS.items():
        found = importlib.util.find_spec(name) is not None
        yield Finding(name, Verdict.OK if found else Verdict.ABSENT, f"optional: {purpose}")
    for name, purpose in _PROGRAMS.items():
        found = shutil.which(name) is not None
        yield Finding(name, Verdict.OK if found else Verdict.ABSENT, f"optional: {purpose}")


def _gate(config: Path) -> Iterator[Finding]:
    try:
        settings = read_settings(config)
    except NarrowgateError as error:
        step = error.next_step or "Correct gate.toml; 'narrowgate docs settings' lists its keys."
        yield Finding("settings", Verdict.FAILED, str(error), step)
        return
    yield from check_gate(settings, SystemClock().now())
