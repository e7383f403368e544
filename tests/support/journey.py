"""A page of the documentation as the script it is: its commands are run in order and its output is compared.

In a block marked ``console`` a line that begins with ``$ `` is a command, one that begins with ``> `` continues it, and
the lines below are what it writes. ``...`` alone is any lines, ``...`` within a line any text. A command ends with 0,
unless the next one is ``echo $?``. One shell runs the whole page. Where the reader waits for a slot, the page says in a
comment to which gate's first one the test puts the clock of ``narrowgate`` forward.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

_BLOCK = re.compile(
    r"^```console\n(.*?)^```$|^<!-- The test puts the clock of narrowgate forward to the first slot of: (\w+) -->$",
    re.MULTILINE | re.DOTALL,
)
_TO_THE_SLOT = (
    "echo $(( $(date -u -d $(narrowgate release status --config {} | head -n 1 | cut -d ' ' -f 1) +%s)"
    ' - $(date +%s) + 1 )) > "$NARROWGATE_TEST_CLOCK"'
)
_LATER = Path(__file__).with_name("later.py")
_LIMIT_SECONDS = 600
"""A page takes ten to twenty seconds on a quiet machine."""


@dataclass(frozen=True)
class Step:
    """One command of a page, and the lines that the page says it writes."""

    command: str
    output: tuple[str, ...]


def steps_of(page: str) -> list[Step]:
    """The commands of a page in their order."""
    steps: list[Step] = []
    for block, gate in _BLOCK.findall(page):
        if gate:
            steps.append(Step(_TO_THE_SLOT.format(gate), ()))
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append(Step(line[2:], ()))
            elif line.startswith("> ") and not steps[-1].output:
                steps[-1] = Step(f"{steps[-1].command}\n{line[2:]}", ())
            else:
                steps[-1] = Step(steps[-1].command, (*steps[-1].output, line))
    return steps


def walk(steps: Sequence[Step], directory: Path) -> None:
    """Run the steps in a new directory; the first whose output or end is not the page's fails."""
    directory.mkdir()
    results = _run(steps, directory)
    assert len(results) == len(steps), f"the shell ended in: {steps[len(results)].command}"
    followed = [step.command for step in steps[1:]] + [""]
    for step, (written, code), following in zip(steps, results, followed, strict=True):
        assert code == 0 or following == "echo $?", f"$ {step.command}\nended with {code}:\n{written}"
        assert _is_told(step.output, written), f"$ {step.command}\nwrote\n{written}\nand not\n" + "\n".join(
            step.output
        )


def _run(steps: Sequence[Step], directory: Path) -> list[tuple[str, int]]:
    """What each command wrote to both streams, and its exit code."""
    programs = directory.with_name(directory.name + "-programs")
    programs.mkdir()
    program = programs / "narrowgate"
    program.write_text(f'#!/bin/sh\nexec {quote(sys.executable)} {quote(str(_LATER))} "$@"\n')
    program.chmod(0o755)
    mark = "\x01"
    script = "".join(
        f"{step.command}\n__code=$?; printf '{mark}%d{mark}' $__code; (exit $__code)\n" for step in steps
    )
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    environment |= {"NARROWGATE_TEST_CLOCK": str(programs / "clock")}
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=_LIMIT_SECONDS,
        check=False,
    )
    parts = done.stdout.decode("utf-8", errors="replace").split(mark)
    return [(written, int(code)) for written, code in zip(parts[0:-1:2], parts[1::2], strict=True)]


def _is_told(told: Sequence[str], written: str) -> bool:
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else ".*".join(map(re.escape, line.split("..."))) + r"\n"
        for line in told
    )
    lines = "".join(f"{line.rstrip()}\n" for line in written.splitlines())
    return re.fullmatch(pattern, lines) is not None
