"""``narrowgate inspector verify``: everything that a bundle, a world or a log proves, and every reason against it."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.entrypoints.cli.frame import ExampleCommand, answer
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.cli.sources import key_option, open_source, source_argument
from narrowgate.entrypoints.documents import read_text_file
from narrowgate.verify.inspection import inspect
from narrowgate.verify.runs import available_processes


@click.command(cls=ExampleCommand, epilog="narrowgate inspector verify bundle --key log.vkey")
@source_argument
@key_option
@click.option(
    "--earlier",
    type=EXISTING_FILE,
    help="Checkpoints that you kept from before, which the log must continue.",
)
@click.option(
    "--predecessor",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory of the log before this one, to compare what was carried over from it.",
)
def verify(source: Path, key: Path | None, earlier: Path | None, predecessor: Path | None) -> None:
    """Compare everything with everything: signatures, tree, acts and officers, witnesses, order, counts, times.

    Says in words what was compared with what, and VALID, INVALID with every reason, or INDETERMINATE with what is
    missing. Exit code 14: INVALID. Exit code 17: INDETERMINATE.
    """
    found = inspect(
        open_source(source, key),
        read_text_file(earlier) if earlier else None,
        available_processes(),
        predecessor,
    )
    answer(found.as_dict(), str(found))
    found.require_valid()
