"""What a desk is opened with: the files of the requester, and nothing of the custodian."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from narrowgate.adapters.http.intake_client import IntakeAddress
from narrowgate.entrypoints.opened_part import NOWHERE, RecallPlaces
from narrowgate.entrypoints.witnesses import UNKNOWN, WitnessFiles
from narrowgate.gate.ports import Clock, Entropy


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What a desk is opened with.

    Args:
        agreement: file of the agreement that packages are sent under.
        packages: directory in which packages are built and found.
        scratch: directory of this desk alone, in which open case files lie until the desk is closed.
        clock: asked at each request.
        entropy: of package ids and nonces.
        officers: the register of officers; without it every officer counts as registered.
        root: PEM of the agreed root certificate; without it the chain of a signature is not checked.
        log_key: file of the log's published key; without it no answers are opened.
        answers: directory in which released answers lie, one directory for each package; ``None`` for none.
        recalls: where to look for recalls of answers.
        witnesses: whose cosignatures the proof of answers needs.
        intake: of the custodian, and who calls; ``None`` where packages are handed over by other means.
        key: names the person's key, a file or a ``pkcs11:`` URI; may be typed on the page.
        certificate: file of the person's certificate; empty to take the one beside the key.
        language: of the pages.
    """

    agreement: Path
    packages: Path
    scratch: Path
    clock: Clock
    entropy: Entropy
    officers: Path | None = None
    root: Path | None = None
    log_key: Path | None = None
    answers: Path | None = None
    recalls: RecallPlaces = NOWHERE
    witnesses: WitnessFiles = UNKNOWN
    intake: IntakeAddress | None = None
    key: str = field(default="", repr=False)
    certificate: str = ""
    language: str = "en"
