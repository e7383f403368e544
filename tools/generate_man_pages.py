"""Write a man page of every command into a directory: python tools/generate_man_pages.py DIR.

The pages are made of the tree that help is answered from. click-man was looked at: it knows neither examples nor exit
codes, and no command that is loaded late.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from narrowgate import __version__
from narrowgate.entrypoints.cli.frame import PROGRAM
from narrowgate.entrypoints.cli.tree import written_tree

EXIT_CODES = (
    ("0", "Done, whatever the outcome."),
    ("1", "The machine failed, or an answer cannot be computed now."),
    ("2", "The command was called in a way it does not offer."),
    ("3", "The input holds nothing to process."),
    ("4", "An agreement, mapping, key or setting cannot be used."),
    ("11", "Refused by a rule."),
    ("12", "A package or answer is malformed, changed or wrongly signed."),
    ("13", "A log proof is missing or does not verify."),
    ("14", "The log contradicts itself: stop and call."),
    ("15", "Suspended: the package waits for the custodian."),
    ("130", "Interrupted: run the same command again."),
    ("141", "The reader of standard output has gone."),
)


def escaped(text: str) -> str:
    """The text as roff takes it for itself."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def page(command: click.Command, context: click.Context) -> str:
    """One page: name, synopsis, description, options, commands, examples, exit status."""
    name = context.command_path.replace(" ", "-")
    short, _, _ = (command.help or "").partition("\n\n")
    lines = [
        f'.TH "{name.upper()}" "1" "" "{PROGRAM} {__version__}" "Narrowgate"',
        ".ad l",
        ".SH NAME",
        f"{escaped(name)} \\- {escaped(' '.join(short.split()))}",
        ".SH SYNOPSIS",
        f".B {escaped(context.command_path)}",
        escaped(" ".join(command.collect_usage_pieces(context))),
        ".SH DESCRIPTION",
    ]
    for paragraph in (command.help or "").split("\n\n"):
        lines += [".PP", escaped(" ".join(paragraph.split()))]
    lines += _listed("OPTIONS", (record for record in _records(command, context) if record))
    if isinstance(command, click.Group):
        children = (
            (f"{name}-{child}(1)", found.get_short_help_str(200)) for child, found in _below(command, context)
        )
        lines += _listed("COMMANDS", children)
    lines += [".SH EXAMPLES", ".nf", escaped(command.epilog or ""), ".fi"]
    lines += _listed("EXIT STATUS", EXIT_CODES)
    return "\n".join([*lines, ""])


def _records(command: click.Command, context: click.Context) -> Iterator[tuple[str, str] | None]:
    return (parameter.get_help_record(context) for parameter in command.get_params(context))


def _listed(title: str, entries: Iterator[tuple[str, str]] | tuple[tuple[str, str], ...]) -> list[str]:
    listed = [line for term, text in entries for line in (".TP", f"\\fB{escaped(term)}\\fR", escaped(text))]
    return [f".SH {title}", *listed] if listed else []


def write_pages(command: click.Command, context: click.Context, directory: Path) -> int:
    """Write the pages of a command and of those below it; returns how many."""
    name = context.command_path.replace(" ", "-")
    (directory / f"{name}.1").write_text(page(command, context), encoding="utf-8")
    return 1 + sum(
        write_pages(found, click.Context(found, parent=context, info_name=child), directory)
        for child, found in _below(command, context)
    )


def _below(command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (found := command.get_command(context, name)) is not None:
                yield name, found


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    tree = written_tree(PROGRAM)
    if tree is None:
        sys.exit("docs/reference/cli.json is missing: run python tools/generate_cli_reference.py.")
    count = write_pages(tree, click.Context(tree, info_name=PROGRAM, **tree.context_settings), target)
    print(f"{count} man pages in {target}; read one with: man {target}/{PROGRAM}.1")
