"""``narrowgate log``: what an inspector verifies offline."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from narrowgate.core.base.errors import UsageError
from narrowgate.core.log.leaf import CHARTER
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, emit_json, note
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.cli.log_acts import NO_CHARTER, compare_acts
from narrowgate.entrypoints.documents import read_log_key, read_text_file
from narrowgate.verify.cosignatures import verify_cosigned
from narrowgate.verify.log_directory import log_hashes
from narrowgate.verify.openings import Openings
from narrowgate.verify.runs import available_processes
from narrowgate.verify.source import BUNDLE_MANIFEST, GOVERNANCE, LOG, LOG_PARTS
from narrowgate.verify.world import verify_bare_log, verify_world

_ENTRIES = "narrowgate.entrypoints.cli.log_entries"
_COSIGNING = "narrowgate.entrypoints.cli.log_cosigning"


@click.group(
    cls=LateGroup,
    late={
        "cosign": f"{_COSIGNING}:add_cosignatures",
        "count": f"{_ENTRIES}:count_entries",
        "list": f"{_ENTRIES}:list_entries",
        "prove": f"{_ENTRIES}:prove_entry",
        "request": f"{_COSIGNING}:write_request",
        "show": f"{_ENTRIES}:show_entry",
        "timestamp": "narrowgate.entrypoints.cli.log_timestamp:timestamp_checkpoint",
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
@click.option(
    "--witness",
    "witnesses",
    type=EXISTING_FILE,
    multiple=True,
    help="Verifier key of a witness; several times.",
)
@click.option(
    "--quorum",
    type=click.IntRange(0),
    help="So many of the witnesses must have cosigned; without it all of them.",
)
@click.option(
    "--governance",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The custodian's directory of charter and acts, to compare with the log; else the world's own.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def verify(
    directory: Path,
    key: Path | None,
    earlier: Path | None,
    opened: Path | None,
    witnesses: tuple[Path, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Re-hash every leaf of a log, or of a world's log and answers; needs no network, no database, no gate.

    With --opened, each answer of the opened parts must be the decision that the log holds of its item: same row, same
    findings, same outcome. A part is opened with 'openssl cms -decrypt' or 'narrowgate answers open --opened'.

    With --governance, or where DIR has a directory 'governance', the files of charter and acts are those of the log,
    and signed by the officers that their leaves name. Of an inspector's bundle, 'inspector verify' compares them.

    Exit code 13: a proof does not verify. Exit code 14: the log contradicts itself, stop and call.
    """
    quorum: int | None = given["quorum"]
    governance: Path | None = given["governance"]
    vkey = str(read_log_key(key)) if key else None
    old = read_text_file(earlier) if earlier else None
    is_world = (directory / LOG).is_dir()
    if not is_world and not any((directory / name).exists() for name in LOG_PARTS):
        raise UsageError(
            "The directory holds no log.",
            next_step="Name the directory of a world, or of a log: it has a file 'checkpoint'.",
            where=str(directory),
        )
    openings = Openings(opened) if opened else None
    visit = openings.take if openings else None
    report = (verify_world if is_world else verify_bare_log)(
        directory, vkey, old, visit, available_processes()
    )
    read = None
    if openings:
        read = openings.conclude(log_hashes(directory / LOG if is_world else directory, report.log.size))
    acts = None
    if governance is None and is_world and (directory / GOVERNANCE).is_dir():
        if (directory / BUNDLE_MANIFEST).is_file():
            # A bundle names no person, so it lacks the certificates that are compared here.
            note(
                "Charter and acts of a bundle are not compared here: 'narrowgate inspector verify' does that."
            )
        else:
            governance = directory / GOVERNANCE
    if governance is not None:
        acts = compare_acts(governance, directory / LOG if is_world else directory, vkey)
    elif not report.contents.kinds.get(CHARTER):
        acts = NO_CHARTER
    cosigned = None
    if witnesses:
        keys = [read_log_key(each) for each in witnesses]
        needed = len(keys) if quorum is None else quorum
        log_directory = directory / LOG if is_world else directory
        cosigned = verify_cosigned(log_directory, vkey, keys, needed)
    if as_json:
        counted = {"contents": report.contents.as_dict()}
        extra = {"openings": read, "cosigned": cosigned, "governance": acts}
        emit_json(
            asdict(report)
            | counted
            | {name: asdict(each) for name, each in extra.items() if each is not None}
        )
    else:
        click.echo("\n".join(str(each) for each in (report, read, acts, cosigned) if each is not None))
