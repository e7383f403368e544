"""Every command speaks in the same manner: --json, --quiet and --verbose, colour, and failures as objects."""

from __future__ import annotations

import inspect
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from narrowgate.entrypoints.cli.frame import LateGroup
from narrowgate.entrypoints.cli.main import cli
from support.command_line import CommandLine
from support.requests import PROJECT

AGREEMENT = PROJECT / "examples" / "agreement.toml"
MAIN = [sys.executable, "-c", "from narrowgate.entrypoints.cli.main import main; main()"]


def leaves(
    group: LateGroup = cli, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, LateGroup):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


@pytest.mark.parametrize(("words", "command"), list(leaves()), ids=str)
def test_every_command_has_the_options_that_all_have(words: tuple[str, ...], command: click.Command) -> None:
    offered = {flag for option in command.params for flag in option.opts}
    assert {"--json", "-q", "--quiet", "-v", "--verbose"} <= offered, words


ALWAYS_JSON = {
    ("address", "standardize"),
    ("gate", "resume"),
    ("gate", "run"),
    ("index", "add"),
    ("index", "build"),
    ("officers", "document"),
}
"""Commands whose results are JSON with and without the option."""

BY_A_FUNCTION_OF_THEIR_OWN = {
    ("act", "again"),
    ("act", "propose"),
    ("case", "lint"),
    ("demo",),
    ("gate", "work"),
    ("inspector", "check-trace"),
    ("inspector", "trace"),
    ("log", "list"),
    ("release", "run"),
    ("sandbox",),
}
"""Commands whose body leaves the writing to another function, which has a test of its own."""


def test_every_command_that_prints_results_prints_them_as_json_too() -> None:
    silent = {
        words
        for words, command in leaves()
        if command.callback
        and not re.search(r"\b(answer|done|emit_json)\(", inspect.getsource(inspect.unwrap(command.callback)))
    }
    assert silent - ALWAYS_JSON - BY_A_FUNCTION_OF_THEIR_OWN == set()


def test_times_have_one_form() -> None:
    """RFC 3339 in UTC, made by ``core/base/times.py`` and nowhere else."""
    source = PROJECT / "src" / "narrowgate"
    clocks = {
        path.relative_to(source).as_posix() for path in source.rglob("*.py") if "%H:%M" in path.read_text()
    }
    assert clocks == {"core/base/times.py"}


@pytest.mark.parametrize(
    "call",
    [
        ("rules", "list"),
        ("rules", "show", "R-51"),
        ("address", "explain", "1 Main St, 62704"),
        ("agreement", "check", AGREEMENT),
        ("doctor",),
    ],
    ids=lambda call: " ".join(map(str, call[:2])),
)
def test_json_is_all_that_is_on_stdout(call: tuple[object, ...], narrowgate: CommandLine) -> None:
    result = narrowgate(*call, "--json")
    assert result.code == 0
    assert json.loads(result.out)
    assert result.err == ""


@pytest.mark.parametrize(
    ("call", "problem", "code"),
    [
        (("agreement", "check", PROJECT / "pyproject.toml"), "configuration", 4),
        (("agreement", "check", "no-such-file"), "usage", 2),
        (("rules", "show", "R-999"), "usage", 2),
        (("rules", "explode"), "usage", 2),
        (("address", "standardize"), "refused", 11),
    ],
    ids=str,
)
def test_a_failure_is_one_object_on_stderr(
    call: tuple[object, ...], problem: str, code: int, narrowgate: CommandLine
) -> None:
    result = narrowgate(*call, "--json", stdin=b"not json\n")
    failure = json.loads(result.err)
    assert (result.code, failure["exit_code"], failure["id"]) == (code, code, problem)
    assert result.out == ""
    assert failure["what"]
    assert failure["next_step"]
    assert failure.keys() == {"id", "what", "why", "next_step", "exit_code", "rule", "where"}


def test_a_word_behind_two_hyphens_is_no_option(narrowgate: CommandLine) -> None:
    result = narrowgate("address", "explain", "--", "--json")
    assert result.code == 0
    assert result.out.startswith("fold ")


def test_quiet_leaves_out_the_notes_and_keeps_the_failures(narrowgate: CommandLine, tmp_path: Path) -> None:
    loud = narrowgate("case", "template", tmp_path / "a.csv")
    assert "wrote" in loud.err
    still = narrowgate("case", "template", tmp_path / "b.csv", "--quiet")
    assert (still.code, still.out, still.err) == (0, "", "")
    assert narrowgate("case", "template", tmp_path / "b.csv", "-q").err != ""


def test_verbose_says_where_a_failure_arose_and_no_text_of_it(narrowgate: CommandLine) -> None:
    plain = narrowgate("agreement", "check", PROJECT / "pyproject.toml").err
    told = narrowgate("agreement", "check", PROJECT / "pyproject.toml", "-v").err
    assert told.startswith(plain)
    assert "ConfigurationError at documents.py:" in told


def seen_at_a_terminal(*arguments: object, **environment: str) -> bytes:
    """What a command writes to a terminal, controls and all."""
    ours, theirs = pty.openpty()
    surroundings = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        [*MAIN, *map(str, arguments)],
        env=surroundings | {"TERM": "xterm"} | environment,
        stdout=theirs,
        stderr=theirs,
        stdin=theirs,
    ) as running:
        os.close(theirs)
        drawn = b""
        while chunk := _read(ours):
            drawn += chunk
    os.close(ours)
    assert running.returncode is not None
    return drawn


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that nobody writes there any more
        return b""


EXPLAIN = ("address", "explain", "1 Main St, 62704")


def test_an_outcome_and_a_failure_have_colour_in_a_terminal() -> None:
    assert b"\x1b[32mWould be accepted" in seen_at_a_terminal(*EXPLAIN)
    assert b"\x1b[31m" in seen_at_a_terminal("agreement", "check", PROJECT / "pyproject.toml")


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_colour_is_left_out_where_it_is_not_wanted(environment: dict[str, str]) -> None:
    drawn = seen_at_a_terminal(*EXPLAIN, **environment)
    assert b"Would be accepted" in drawn
    assert b"\x1b" not in drawn


def test_colour_is_left_out_of_a_pipe(narrowgate: CommandLine) -> None:
    assert "\x1b" not in narrowgate(*EXPLAIN).out
