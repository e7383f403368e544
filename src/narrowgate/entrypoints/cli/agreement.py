"""``narrowgate agreement``: read an agreement before it is signed, and compare it with the one before."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.agreement.check import check_agreement
from narrowgate.core.agreement.difference import Direction, differences
from narrowgate.core.agreement.page import agreement_html, agreement_text, figures
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer, write_new
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_agreement
from narrowgate.entrypoints.output import Tone, coloured


@click.group(cls=LateGroup, epilog="narrowgate agreement check examples/agreement.toml")
def agreement() -> None:
    """Read, check and compare agreements."""


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


@agreement.command(
    cls=ExampleCommand, epilog="narrowgate agreement show examples/agreement.toml --html agreement.html"
)
@click.argument("file", type=EXISTING_FILE)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write one HTML page to this file."
)
def show(file: Path, html: Path | None) -> None:
    """Show every clause with the rules that hold it in plain words, every figure, and what is in doubt.

    The page of --html is for the table at which the agreement is signed: it prints well and has room for signatures.
    """
    found = read_agreement(file)
    doubts = check_agreement(found, SystemClock().now().date())
    if html is not None:
        write_new(html, agreement_html(found, doubts).encode())
    described = {
        "id": found.id,
        "version": found.version,
        "sha256": found.digest,
        "clauses": [asdict(clause) for clause in found.clauses],
        "provisions": [{"name": name, "value": value} for name, value in figures(found)],
        "doubts": list(doubts),
    }
    answer(described, agreement_text(found, doubts) if html is None else f"The page is in {html}.")


@agreement.command(cls=ExampleCommand, epilog="narrowgate agreement diff agreement.toml amended.toml")
@click.argument("before", type=EXISTING_FILE)
@click.argument("after", type=EXISTING_FILE)
def diff(before: Path, after: Path) -> None:
    """Say in words what an amendment makes narrower, what wider, and what in it cannot be.

    What is wider than the code allows, and another id, party or first day while the earlier agreement runs, cannot be:
    exit code 4, after the list.
    """
    earlier = read_agreement(before)
    try:
        later = read_agreement(after)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"This amendment cannot be. {error.what}",
            why=error.why,
            next_step=error.next_step,
            where=error.where,
        ) from error
    found = differences(earlier, later)
    listed = {
        direction.value: [each.sentence for each in found if each.direction is direction]
        for direction in Direction
    }
    heading = {
        Direction.IMPOSSIBLE: "Cannot be",
        Direction.WIDER: "Wider: more may leave, or be looked for, than before",
        Direction.NARROWER: "Narrower: less may leave than before",
        Direction.OTHERWISE: "Reads otherwise, and allows neither more nor less",
    }
    lines = [
        line
        for direction, title in heading.items()
        if listed[direction.value]
        for line in (title, *(f"  - {sentence}" for sentence in listed[direction.value]))
    ]
    answer(
        {"before": earlier.digest, "after": later.digest, "differences": [asdict(each) for each in found]},
        "\n".join(lines or ["The two agreements provide the same."]),
    )
    if listed[Direction.IMPOSSIBLE.value]:
        raise ConfigurationError(
            "The second agreement cannot take the place of the first.",
            why=" ".join(listed[Direction.IMPOSSIBLE.value]),
            next_step="Correct the second file and compare again.",
            where=str(after),
        )
