"""Every command explains itself: help begins with an example, and every command is in the documentation."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from narrowgate.entrypoints.cli.frame import LateGroup
from narrowgate.entrypoints.cli.main import cli
from support.command_line import CommandLine
from support.requests import PROJECT


def commands(group: LateGroup = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command of the command line."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, LateGroup):
            yield from commands(command, (*path, name))


ALL = list(commands())


@pytest.mark.parametrize("words", [(), *ALL], ids=" ".join)
def test_help_begins_with_an_example_of_the_command_itself(
    words: tuple[str, ...], narrowgate: CommandLine
) -> None:
    result = narrowgate(*words, "--help")
    assert result.code == 0
    first, second = result.out.splitlines()[:2]
    assert first == "Example:"
    assert " ".join(("narrowgate", *words)) in second


def test_no_list_of_commands_cuts_a_sentence_off(narrowgate: CommandLine) -> None:
    groups = {(), *(words[:-1] for words in ALL)}
    lists = {words: narrowgate(*words, "--help").out.partition("Commands:")[2] for words in groups}
    assert [words for words, told in lists.items() if "..." in told or not told] == []


def test_every_command_is_in_the_reference() -> None:
    reference = (PROJECT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    missing = [" ".join(words) for words in ALL if f"`narrowgate {' '.join(words)}" not in reference]
    assert missing == []


def test_the_version_is_printed(narrowgate: CommandLine) -> None:
    from narrowgate import __version__

    assert __version__ in narrowgate("--version").out


def test_an_unknown_command_is_a_usage_error(narrowgate: CommandLine) -> None:
    assert narrowgate("confirm-everything").code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete_commands(
    shell: str, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_NARROWGATE_COMPLETE", f"{shell}_source")
    assert "narrowgate" in narrowgate().out


def test_the_reference_is_what_the_commands_say_of_themselves() -> None:
    tool = PROJECT / "tools" / "generate_cli_reference.py"
    finished = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize("name", sorted(cli.list_commands(click.Context(cli))))
def test_the_summary_of_a_command_is_what_its_own_help_says(name: str) -> None:
    context = click.Context(cli)
    command = cli.get_command(context, name)
    assert command is not None
    assert cli.described(context, name).get_short_help_str(500) == command.get_short_help_str(500)


def test_the_help_of_all_loads_no_command() -> None:
    program = (
        "import sys; from narrowgate.entrypoints.cli.main import cli; cli(['--help'], standalone_mode=False);"
        "print([name for name in ('duckdb', 'pyarrow', 'pyhanko', 'sqlalchemy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
