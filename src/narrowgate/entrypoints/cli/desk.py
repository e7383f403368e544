"""``narrowgate desk``: case files, packages and answers in a browser of this machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Final

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.http.intake_client import IntakeAddress
from narrowgate.core.base.errors import UsageError
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, note
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, KEY_REFERENCE
from narrowgate.entrypoints.cli.observing import journal_option
from narrowgate.entrypoints.cli.opening import RECALL_OPTIONS, WITNESS_OPTIONS
from narrowgate.entrypoints.observability.keys import Service
from narrowgate.entrypoints.observability.observation import Observing, observing
from narrowgate.entrypoints.opened_part import RecallPlaces
from narrowgate.entrypoints.web.desk.application import desk as desk_application
from narrowgate.entrypoints.web.desk.settings import DeskSettings
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serve
from narrowgate.entrypoints.web.kit.strings import LANGUAGES
from narrowgate.entrypoints.witnesses import WitnessFiles

_recalls, _checkpoints = RECALL_OPTIONS
_charter, _witnesses, _quorum = WITNESS_OPTIONS
_INTAKE: Final = ("intake", "client_certificate", "client_key", "server_root")
_directory = click.Path(file_okay=False, path_type=Path)


@click.command(
    cls=ExampleCommand,
    epilog="narrowgate desk --agreement agreement.toml --packages packages --answers answers --log-key log.vkey",
)
@click.option(
    "--agreement", type=EXISTING_FILE, required=True, help="The agreement that packages are sent under."
)
@click.option(
    "--packages", type=_directory, required=True, help="The directory of packages; made if missing."
)
@click.option(
    "--answers",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The directory of released answers, one directory for each package.",
)
@click.option(
    "--log-key", type=EXISTING_FILE, help="The log's published key; without it no answer is opened."
)
@click.option("--officers", type=EXISTING_FILE, help="The register of officers (officers.csv).")
@click.option(
    "--root", type=EXISTING_FILE, help="PEM of the agreed root certificate, to verify signatures against."
)
@click.option(
    "--key", type=KEY_REFERENCE, default=None, help="Your key, a file or pkcs11:...; or type it there."
)
@click.option(
    "--certificate", type=EXISTING_FILE, help="PEM of your certificate; else the one beside the key."
)
@_recalls
@_checkpoints
@_charter
@_witnesses
@_quorum
@click.option("--intake", metavar="URL", help="Of the custodian's intake, to hand packages over on the page.")
@click.option(
    "--client-certificate", type=EXISTING_FILE, help="PEM of your office's certificate for the intake."
)
@click.option("--client-key", type=EXISTING_FILE, help="PEM of its private key.")
@click.option("--server-root", type=EXISTING_FILE, help="PEM of the intake's own root.")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the pages."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of 127.0.0.1; else one that is free."
)
@journal_option
def desk(
    port: int, packages: Path, key: str | None, certificate: Path | None, journal: bool, **given: Any
) -> None:
    """Serve the requester's desk to one browser of this machine, until Ctrl-C.

    It prints a link that opens one browser, once; on Linux no other user of the machine can use it. What is opened lies
    in a directory of its own and is removed at the end; outcomes are never written. Everything it does, 'case',
    'package' and 'answers' do too.
    """
    recalls = RecallPlaces(given.pop("recalls"), given.pop("checkpoints"))
    witnesses = WitnessFiles(given.pop("charter"), given.pop("witnesses"), given.pop("quorum"))
    intake = _intake_of(**{name: given.pop(name) for name in _INTAKE})
    packages.mkdir(parents=True, exist_ok=True)
    # A session's own directory is in memory and goes with the session.
    with tempfile.TemporaryDirectory(
        prefix="narrowgate-desk-", dir=os.environ.get("XDG_RUNTIME_DIR")
    ) as scratch:
        settings = DeskSettings(
            packages=packages,
            scratch=Path(scratch),
            clock=SystemClock(),
            entropy=SystemEntropy(),
            recalls=recalls,
            witnesses=witnesses,
            intake=intake,
            key=key or "",
            certificate=str(certificate or ""),
            **given,
        )
        with (
            observing(Service.DESK, Observing(journal), settings.clock) as observation,
            listening(port) as waiting,
        ):
            app, link = desk_application(settings, origin_of(waiting))
            answer({"link": link.url}, link.url)
            note("Open this link in a browser of this machine; it opens one, once. Ctrl-C closes the desk.")
            try:
                serve(observation.requests_of(app), waiting)
            except KeyboardInterrupt:
                note("The desk is closed; the case files that were opened are removed.")


def _intake_of(
    intake: str | None, client_certificate: Path | None, client_key: Path | None, server_root: Path | None
) -> IntakeAddress | None:
    """The intake and who calls; nothing where none is named.

    Raises:
        UsageError: a part of it is missing.
    """
    if intake and client_certificate and client_key and server_root:
        return IntakeAddress(intake, client_certificate, client_key, server_root)
    if intake or client_certificate or client_key or server_root:
        raise UsageError(
            "The intake is named in part.",
            why="To call it takes its URL, its root, and the certificate and key of your office.",
            next_step="Give --intake, --client-certificate, --client-key and --server-root, or none of them.",
        )
    return None
