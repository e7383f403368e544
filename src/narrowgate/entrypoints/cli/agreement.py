"""``narrowgate agreement``: read an agreement before it is signed."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.agreement.check import check_agreement
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_agreement
from narrowgate.entrypoints.output import Tone, coloured


@click.group(cls=LateGroup, epilog="narrowgate agreement check examples/agreement.toml")
def agreement() -> None:
    """Read and check agreements."""


@agreement.command(cls=ExampleCommand, epilog="narrowgate agreement check examples/agreement.toml")
@click.argument("file", type=EXISTING_FILE)
def check(file: Path) -> None:
    """Say whether an agreement can be used, what it narrows, and what a reader should know before signing.

    An agreement that cannot be used ends with exit code 4 and the list of every problem with its line.
    """
    found = read_agreement(file)
    doubts = check_agreement(found, SystemClock().now().date())
    text = "\n".join(
        (
            f"{found.title}\n{found.id} version {found.version}, {len(found.clauses)} clauses",
            f"In force from {found.effective} to {found.expires}; digest {found.digest}",
            *(coloured(f"  note: {doubt}", Tone.DOUBTFUL) for doubt in doubts),
            *([] if doubts else [coloured("  Nothing is in doubt.", Tone.GOOD)]),
        )
    )
    answer({"id": found.id, "version": found.version, "sha256": found.digest, "doubts": list(doubts)}, text)
