"""``narrowgate submit`` and ``narrowgate fetch``: the requester's way to the intake and back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.http.intake_client import IntakeAddress, IntakeClient
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, note, progress
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE

_EXAMPLE = (
    " --url https://intake.agency.example:8443 --certificate client.pem --key client.key.pem"
    " --server-root custodian.pem"
)


def _intake_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the address of the intake and who calls."""
    for option in (
        click.option(
            "--server-root", type=EXISTING_FILE, required=True, help="PEM of the intake's own root."
        ),
        click.option("--key", type=EXISTING_FILE, required=True, help="PEM of the client's private key."),
        click.option(
            "--certificate",
            type=EXISTING_FILE,
            required=True,
            help="PEM of the client certificate of your office.",
        ),
        click.option("--url", required=True, help="Of the intake."),
    ):
        command = option(command)
    return command


@click.command(cls=ExampleCommand, epilog=f"narrowgate submit package{_EXAMPLE}")
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_intake_options
def submit(directory: Path, url: str, certificate: Path, key: Path, server_root: Path) -> None:
    """Hand a signed package over to the intake, and print when its answers will leave.

    Cut off and run again, it goes on where it was; the same package again changes nothing. Exit code 11: the client
    certificate opens nothing there. Exit code 12: the package is malformed or changed, or its id was used before.
    """
    address = IntakeAddress(url, certificate, key, server_root)
    with IntakeClient(address, time.sleep) as client, progress() as report:
        status = client.submit(directory, report)
    answer(status, status_text(status))


@click.command(
    cls=ExampleCommand, epilog=f"narrowgate fetch p-20261122-178f48d2a74f --into answers{_EXAMPLE}"
)
@click.argument("package_id", metavar="PACKAGE")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="New directory for the answers; without it only the status.",
)
@_intake_options
def fetch(
    package_id: str, into: Path | None, url: str, certificate: Path, key: Path, server_root: Path
) -> None:
    """Say where a package is, and bring its sealed answers and its receipt once they are released.

    Cut off and run again, it goes on where it was; the directory appears whole. Exit code 3: there is no such package
    of your office, or its answers are not released.
    """
    address = IntakeAddress(url, certificate, key, server_root)
    with IntakeClient(address, time.sleep) as client, progress() as report:
        if into is None:
            status = client.status(package_id)
            answer(status, status_text(status))
            return
        files = client.fetch(package_id, into, report)
    answer({"package": package_id, "files": files}, f"{files:,} files of {package_id} are in {into}.")
    note(f"Next: 'narrowgate answers open {into}', by each officer named.")


def status_text(status: dict[str, Any]) -> str:
    """A status of the intake in words."""
    package, state = status["package"], status["state"]
    words = {
        "uploading": "is being uploaded",
        "received": "has arrived",
        "waiting": f"has arrived; its answers leave at {status.get('slot', 'a slot not known yet')}",
        "decided": "is decided; its answers have not left",
        "released": f"is released, for the slot {status.get('released', '')}",
        "expired": "was released; its answers have expired",
        "abandoned": "was ended by the custodian; no answer of it leaves",
        "refused": "is refused whole",
    }
    text = f"{package} {words.get(state, state)}."
    problem = status.get("problem")
    if problem:
        told = (problem["what"], problem["why"], problem["next_step"])
        text = "\n  ".join([text, *(part for part in told if part), f"({problem['id']})"])
    return text
