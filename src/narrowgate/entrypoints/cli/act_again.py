"""``narrowgate act again``: an act that another one overtook is drawn up as the next."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.errors import UsageError
from narrowgate.entrypoints.acts import books_of_files
from narrowgate.entrypoints.cli.act_words import tell_drawn_up
from narrowgate.entrypoints.cli.frame import ExampleCommand
from narrowgate.entrypoints.settings import read_settings
from narrowgate.governance.acts import after_waiting, propose_again
from narrowgate.governance.books import Books


@click.command(cls=ExampleCommand, epilog="narrowgate act again 3f9c12ab --config gate.toml")
@click.argument("which", metavar="[WHICH]", required=False)
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
def again(which: str | None, config: Path) -> None:
    """Draw an act up again as the next one, because its number was taken or the act before it was never applied.

    WHICH is what 'act list' shows of it: the beginning of its SHA-256, or the number of a proposal. It is not needed
    where one act alone was overtaken. The act says what it said, and is signed anew: a signature is over the number and
    the act before it.
    """
    books, now = books_of_files(read_settings(config)), SystemClock().now()
    before = after_waiting(books, now)
    if which and which.isdecimal() and len(which) <= 6 and int(which) in books.files.proposals():
        digest = books.files.overtake(int(which))
    else:
        digest = _named(books, which or "")
    tell_drawn_up(books, before, propose_again(books, before, digest, now), now)


def _named(books: Books, beginning: str) -> str:
    found = [digest for digest in books.files.overtaken() if digest.startswith(beginning)]
    if len(found) != 1:
        raise UsageError(
            "No act was overtaken." if not found else "Several acts were overtaken.",
            why="'act again' draws up one that another act took the number of.",
            next_step="'narrowgate act list' shows them, each with the beginning of its SHA-256.",
        )
    return found[0]
