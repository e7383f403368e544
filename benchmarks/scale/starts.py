"""What each command's modules take to be imported: ``python -m benchmarks.scale.starts``, processor milliseconds."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

import click

from narrowgate.entrypoints.cli.main import cli


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command, found in a process that imports all of them."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def in_a_fork(line: str) -> None:
    """Import the modules of one command where nothing of another one is loaded."""
    command = cli
    began = time.process_time()
    for word in line.split():
        command = command.get_command(click.Context(command), word)
    print(f"{1000 * (time.process_time() - began):7.0f} ms {len(sys.modules):5} modules  {line}", flush=True)


def forked(work: str | None) -> list[str]:
    """What a fork of this process prints: the commands, or what one of them takes."""
    read, write = os.pipe()
    if not (child := os.fork()):
        os.dup2(write, 1)
        if work is None:
            print(*(" ".join(words) for words in commands(cli)), sep="\n", flush=True)
        else:
            in_a_fork(work)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        lines = pipe.read().splitlines()
    os.waitpid(child, 0)
    return lines


if __name__ == "__main__":
    for line in forked(None):
        print(*forked(line))
