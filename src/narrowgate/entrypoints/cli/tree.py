"""The command tree as it was written down: help and Tab completion answer from it, and no command is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, Final

import click

from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup
from narrowgate.entrypoints.cli.library_files import page_file

FILE: Final = "reference/cli.json"
"""Written by ``tools/generate_cli_reference.py``, beside the page for people; a test compares both."""

COMPLETION: Final = "_NARROWGATE_COMPLETE"
"""The variable by which a shell asks for completion."""

_HELP: Final = {"-h", "--help"}

_WORDS: Final = 2
"""As many words can name a group, which alone shows its help."""


def can_answer(arguments: list[str]) -> bool:
    """Whether a call is one for help or completion, as far as its words tell."""
    return COMPLETION in os.environ or len(arguments) <= _WORDS or not _HELP.isdisjoint(arguments)


def answer_from_tree(program: str) -> None:
    """Answer a call for help or completion and end the process; return where the call turns out to be another one."""
    tree = written_tree(program)
    if tree is None:
        return
    try:
        code = tree.main(prog_name=program, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show(sys.stderr)
        sys.exit(error.exit_code)
    except (click.ClickException, click.Abort, _NotAnsweredError):
        return
    sys.stdout.flush()
    sys.exit(code if isinstance(code, int) else 0)


def written_tree(program: str) -> click.Command | None:
    """The command line as it was written down; None where the file did not come with the program."""
    path = page_file(FILE)
    if path is None:
        return None
    import orjson  # noqa: PLC0415 - the time is part of what is saved

    return _command(program, orjson.loads(path.read_bytes()))


class _NotAnsweredError(Exception):
    """The call was not one for help after all."""


def _command(name: str, told: Mapping[str, Any]) -> click.Command:
    """A command that knows its help and its parameters, and does nothing."""
    shared: dict[str, Any] = {
        "name": name,
        "help": told["help"],
        "epilog": told["epilog"],
        "short_help": told["short_help"],
        "params": [_parameter(parameter) for parameter in told["parameters"]],
        "context_settings": told.get("context_settings", {}),
    }
    if "commands" not in told:
        return _WrittenCommand(told["usage"], **shared)
    return _WrittenGroup(told["usage"], told["commands"], **shared)


class _WrittenCommand(ExampleCommand):
    def __init__(self, usage: list[str], **described: Any) -> None:
        self._usage = usage
        click.Command.__init__(self, **described)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return list(self._usage)

    def invoke(self, ctx: click.Context) -> None:
        raise _NotAnsweredError


class _WrittenGroup(LateGroup):
    """A group that makes a command when it is called for: all of them take longer than the rest of an answer."""

    def __init__(self, usage: list[str], below: Mapping[str, Mapping[str, Any]], **described: Any) -> None:
        super().__init__(**described)
        self._usage = usage
        self._below = below

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return list(self._usage)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._below)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        told = self._below.get(cmd_name)
        return None if told is None else _command(cmd_name, told)

    def described(self, ctx: click.Context, name: str) -> click.Command:
        told = self._below[name]
        return click.Command(name, help=told["help"], short_help=told["short_help"])


class _WrittenOption(click.Option):
    def __init__(self, record: tuple[str, str] | None, *args: Any, **described: Any) -> None:
        super().__init__(*args, **described)
        self._record = record

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        return self._record


def _parameter(told: Mapping[str, Any]) -> click.Parameter:
    values: dict[str, Any] = {"type": _type(told), "nargs": told["nargs"], "expose_value": False}
    if told["kind"] == "argument":
        return click.Argument(told["names"], required=False, **values)
    if told["flag"]:
        values = {"is_flag": True, "expose_value": False}
    record = tuple(told["record"]) if told["record"] else None
    return _WrittenOption(record, told["names"], multiple=told["multiple"], **values)


def _type(told: Mapping[str, Any]) -> click.ParamType[Any] | None:
    if told["choices"]:
        return click.Choice(told["choices"])
    if told["type"] in {"file", "directory"}:
        return click.Path(file_okay=told["type"] == "file")
    return None


def described(command: click.Command, context: click.Context) -> dict[str, Any]:
    """What the tree holds of a command and of those below it."""
    told: dict[str, Any] = {
        "help": command.help or "",
        "epilog": command.epilog or "",
        "short_help": command.short_help,
        "usage": command.collect_usage_pieces(context),
        "parameters": [_told(parameter, context) for parameter in command.params],
    }
    if command.context_settings:
        told["context_settings"] = dict(command.context_settings)
    if isinstance(command, click.Group):
        told["commands"] = {}
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                told["commands"][name] = described(
                    child, click.Context(child, parent=context, info_name=name)
                )
    return told


def _told(parameter: click.Parameter, context: click.Context) -> dict[str, Any]:
    is_option = isinstance(parameter, click.Option)
    kind = parameter.type
    return {
        "kind": parameter.param_type_name,
        "names": [*parameter.opts, *parameter.secondary_opts] if is_option else [parameter.name],
        "record": parameter.get_help_record(context) if is_option else None,
        "flag": is_option and bool(getattr(parameter, "is_flag", False)),
        "multiple": parameter.multiple,
        "nargs": parameter.nargs,
        "choices": list(kind.choices) if isinstance(kind, click.Choice) else [],
        "type": _told_type(kind),
    }


def _told_type(kind: click.ParamType[Any]) -> str:
    if isinstance(kind, click.File):
        return "file"
    if isinstance(kind, click.Path):
        return "file" if kind.file_okay else "directory"
    return "text"
