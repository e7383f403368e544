"""``narrowgate witness``: for a machine that is not the custodian's."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.witness_directory import WitnessDirectory
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer, done
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.cli.observing import journal_option
from narrowgate.entrypoints.documents import read_log_key, read_text_file
from narrowgate.entrypoints.observability.keys import Event, Key, Service
from narrowgate.entrypoints.observability.observation import Observing, observing
from narrowgate.gate.ports import Clock
from narrowgate.verify.cosignatures import request_of

_directory = click.argument("directory", metavar="WITNESS", type=click.Path(path_type=Path))


@click.group(cls=LateGroup, epilog="narrowgate witness status my-witness")
def witness() -> None:
    """Watch a log from elsewhere: cosign what continues, refuse forks and rollbacks, and keep the evidence."""


@witness.command(
    cls=ExampleCommand,
    epilog="narrowgate witness init my-witness --name oversight.example/witness --log-key log.vkey",
)
@_directory
@click.option("--name", required=True, help="Of the witness, as its cosignatures show it.")
@click.option(
    "--log-key",
    type=EXISTING_FILE,
    help="The log's public key, as the custodian published it; 'witness watch' takes it later.",
)
def init(directory: Path, name: str, log_key: Path | None) -> None:
    """Make a witness with a key of its own; its verifier key goes to stdout, for the charter."""
    watched = read_log_key(log_key) if log_key else None
    made = WitnessDirectory.create(directory, name, SystemEntropy())
    if watched is not None:
        made.watch(watched)
    answer({"witness": name, "key": str(made.key), "log": watched.name if watched else None}, str(made.key))


@witness.command(cls=ExampleCommand, epilog="narrowgate witness watch my-witness --log-key log.vkey")
@_directory
@click.option(
    "--log-key",
    type=EXISTING_FILE,
    required=True,
    help="The log's public key, as the custodian published it.",
)
def watch(directory: Path, log_key: Path) -> None:
    """Watch the log of this key from now on: for a witness that was made before the log was founded."""
    key = read_log_key(log_key)
    WitnessDirectory(directory).watch(key)
    done({"log": key.name}, f"Watches {key.name}.")


@witness.command(cls=ExampleCommand, epilog="narrowgate witness cosign my-witness request > cosignature")
@_directory
@click.argument("request", type=EXISTING_FILE, required=False)
@click.option(
    "--log",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="In place of a request: the directory of the log, where it can be read.",
)
@journal_option
def cosign(directory: Path, request: Path | None, log: Path | None, journal: bool) -> None:
    """Cosign the checkpoint of a request if it continues the one cosigned last; the signature line goes to stdout.

    Exit code 13: the request is not of this log, or its proof starts elsewhere. Exit code 14: a fork or a rollback;
    nothing is signed, and both checkpoints are kept in WITNESS/refused.
    """
    if (request is None) is (log is None):
        raise click.UsageError("Name either a request or a log.")
    clock = SystemClock()
    with observing(Service.WITNESS, Observing(journal), clock) as observation:
        held = WitnessDirectory(directory)
        line = _cosigned(held, request, log, clock)
        last = held.last_checkpoint()
        observation.journal.write(Event.COSIGNED, {Key.LEAVES: last.size if last else 0})
    answer({"cosignature": line.strip()}, line.rstrip("\n"))


def _cosigned(held: WitnessDirectory, request: Path | None, log: Path | None, clock: Clock) -> str:
    if request is not None:
        text, where = read_text_file(request), str(request)
    else:
        last, where = held.last_checkpoint(), str(log)
        text = str(request_of(log or Path(), str(held.log_key), last.size if last else 0))
    return held.cosign(text, clock.now(), where)


@witness.command(cls=ExampleCommand, epilog="narrowgate witness status my-witness")
@_directory
def status(directory: Path) -> None:
    """Say which log is watched, how long it was when it was cosigned last, and what was refused."""
    held = WitnessDirectory(directory)
    last, refused = held.last_checkpoint(), held.refused()
    told = [
        f"{held.key.name} watches {held.log_key.name}",
        f"Cosigned last: {last.size:,} leaves" if last else "Nothing is cosigned yet.",
        *(f"REFUSED: {held.path / 'refused' / name}" for name in refused),
    ]
    answer(
        {
            "witness": held.key.name,
            "key": str(held.key),
            "log": held.log_key.name,
            "size": last.size if last else None,
            "refused": list(refused),
        },
        "\n".join(told),
    )
