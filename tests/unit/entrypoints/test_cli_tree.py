"""Help and Tab completion are answered from the written tree: the same words as the commands', and at once."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from narrowgate.entrypoints.cli.frame import PROGRAM
from narrowgate.entrypoints.cli.main import cli
from narrowgate.entrypoints.cli.tree import written_tree

MAIN = [sys.executable, "-c", "from narrowgate.entrypoints.cli.main import main; main()"]
MOST_SECONDS = 0.2
"""Of processor time: what a person at a keyboard does not notice."""


def helps(command: click.Command, parent: click.Context | None, name: str) -> Iterator[tuple[str, str]]:
    """The help of a command and of those below it, by their words."""
    context = click.Context(command, parent=parent, info_name=name, **command.context_settings)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from helps(found, context, child)


def test_the_written_tree_says_what_the_commands_say() -> None:
    written = written_tree(PROGRAM)
    assert written is not None
    assert dict(helps(written, None, PROGRAM)) == dict(helps(cli, None, PROGRAM))


def completed(words: str) -> list[str]:
    """What a shell offers for a line that Tab was pressed behind."""
    surroundings = {
        "_NARROWGATE_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    finished = subprocess.run(
        MAIN, env={**os.environ, **surroundings}, capture_output=True, text=True, check=True
    )
    return finished.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("narrowgate ga", ["plain,gate"]),
        ("narrowgate gate re", ["plain,replay", "plain,resume", "plain,retention"]),
        ("narrowgate gate run --conf", ["plain,--config"]),
        ("narrowgate index build --engine s", ["plain,spark"]),
        ("narrowgate case lint ca", ["file,ca"]),
    ],
)
def test_tab_completes_commands_options_choices_and_files(line: str, offered: list[str]) -> None:
    assert completed(line) == offered


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--help"], {}),
        (["gate", "run", "-h"], {}),
        (
            [],
            {
                "_NARROWGATE_COMPLETE": "bash_complete",
                "COMP_WORDS": "narrowgate index build --",
                "COMP_CWORD": "3",
            },
        ),
    ],
    ids=["help", "help of a command", "completion"],
)
def test_help_and_completion_are_there_at_once(arguments: list[str], environment: dict[str, str]) -> None:
    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [*MAIN, *arguments], env={**os.environ, **environment}, stdout=subprocess.DEVNULL, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(5)) < MOST_SECONDS


@pytest.mark.parametrize(
    "arguments", [["gate", "-h"], ["index", "build", "--help"], ["package"], []], ids=str
)
def test_help_imports_no_engine(arguments: list[str]) -> None:
    program = (
        "import sys; heavy = {'duckdb', 'pyarrow', 'pyhanko', 'sqlalchemy', 'cryptography', 'rich'};"
        "from narrowgate.entrypoints.cli.main import main\n"
        "try: main()\n"
        "finally: print('loaded', *sorted(heavy & sys.modules.keys()), file=sys.stderr)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert finished.stderr.splitlines()[-1] == "loaded"
    assert "Usage: narrowgate" in finished.stdout + finished.stderr
