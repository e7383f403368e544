"""``narrowgate log``: what an inspector verifies offline."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from narrowgate.adapters.files.regular import read_regular
from narrowgate.core.base.errors import ConfigurationError, UsageError
from narrowgate.core.log.file_names import CHECKPOINT, KEY_FILE
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, emit_json
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.verify.log_directory import log_hashes
from narrowgate.verify.openings import Openings
from narrowgate.verify.world import LOG, verify_bare_log, verify_world

_PARTS = (CHECKPOINT, KEY_FILE, "tile")
"""Where one of these lies there is, or was, a log; what is missing of it is a matter of verification."""


_ENTRIES = "narrowgate.entrypoints.cli.log_entries"


@click.group(
    cls=LateGroup,
    late={
        "count": f"{_ENTRIES}:count_entries",
        "list": f"{_ENTRIES}:list_entries",
        "prove": f"{_ENTRIES}:prove_entry",
        "show": f"{_ENTRIES}:show_entry",
    },
    epilog="narrowgate log verify demo",
)
def log() -> None:
    """Verify the log offline, and read its leaves."""


@log.command(cls=ExampleCommand, epilog="narrowgate log verify demo")
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--key",
    type=EXISTING_FILE,
    help="Published key; else DIR's own.",
)
@click.option(
    "--earlier",
    type=EXISTING_FILE,
    help="A checkpoint kept from before, which the log must continue.",
)
@click.option(
    "--opened",
    type=click.Path(exists=True, path_type=Path),
    help="An opened part of answers, or a directory of them, to compare with the log.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def verify(
    directory: Path, key: Path | None, earlier: Path | None, opened: Path | None, as_json: bool
) -> None:
    """Re-hash every leaf of a log, or of a world's log and answers; needs no network, no database, no gate.

    With --opened, each answer of the opened parts must be the decision that the log holds of its item: same row, same
    findings, same outcome. A part is opened with 'openssl cms -decrypt' or 'narrowgate answers open --opened'.

    Exit code 13: a proof does not verify. Exit code 14: the log contradicts itself, stop and call.
    """
    vkey = str(read_log_key(key)) if key else None
    old = _text(earlier) if earlier else None
    is_world = (directory / LOG).is_dir()
    if not is_world and not any((directory / name).exists() for name in _PARTS):
        raise UsageError(
            "The directory holds no log.",
            next_step="Name the directory of a world, or of a log: it has a file 'checkpoint'.",
            where=str(directory),
        )
    openings = Openings(opened) if opened else None
    visit = openings.take if openings else None
    report = (verify_world if is_world else verify_bare_log)(directory, vkey, old, visit)
    read = None
    if openings:
        read = openings.conclude(log_hashes(directory / LOG if is_world else directory, report.log.size))
    if as_json:
        counted = {"contents": report.contents.as_dict()}
        emit_json(asdict(report) | counted | ({"openings": asdict(read)} if read else {}))
    else:
        click.echo("\n".join([str(report), *([str(read)] if read else [])]))


def _text(path: Path) -> str:
    try:
        return read_regular(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "The file cannot be read.", where=str(path), next_step="Name a text file that can be read."
        ) from error
