"""Acts of a sandbox's custody officers, with the keys that it left in its directory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.signing.certificates import load_certificates, load_key
from narrowgate.adapters.signing.issuing import Credential
from narrowgate.core.governance.kinds import Kind
from narrowgate.entrypoints.bootstrap import opened_acts
from narrowgate.entrypoints.sandbox.custody import Custody
from narrowgate.entrypoints.settings import GateSettings, read_settings
from narrowgate.governance.acts import Wanted
from narrowgate.governance.books import Books
from support.command_line import CommandLine, Result


def _credential(world: Path, name: str) -> Credential:
    keys = world / "keys"
    return Credential(load_key(keys / f"{name}.key.pem"), load_certificates(keys / f"{name}.pem")[0])


@contextmanager
def _at_work(world: Path) -> Iterator[tuple[Custody, Books, GateSettings]]:
    settings = read_settings(world)
    officers = [_credential(world, f"custody-{number}") for number in (1, 2)]
    with opened_acts(settings, None) as books:
        yield (
            Custody(settings, officers, _credential(world, "signatory")),
            books,
            settings,
        )


def put_in_force(world: Path, *what: str) -> None:
    """``agreement``, ``register``, ``rules`` or ``index``, as they are in the world now, are in force."""
    now = SystemClock().now()
    with _at_work(world) as (custody, books, settings):
        for each in what:
            if each == "register":
                custody.put_register(books, world / "officers" / "officers.csv", now)
            elif each == "rules":
                custody.put(books, Kind.RULES_IN_FORCE, None, now)
            elif each == "agreement":
                custody.put(books, Kind.AGREEMENT_IN_FORCE, world / "agreement.toml", now)
            else:
                custody.put(books, Kind.INDEX_IN_FORCE, settings.index, now)


def enact(world: Path, kind: Kind, subject: str, sha256: str = "") -> None:
    """An act without a document of its own is in force."""
    with _at_work(world) as (custody, books, _):
        custody.enact(books, Wanted(kind, subject, "a test", sha256=sha256), SystemClock().now())


def commanded(narrowgate: CommandLine, kind: Kind, subject: str, officers: Sequence[int] = (1,)) -> Result:
    """What the command line says to the application of an act that these officers of ``world`` signed."""
    made = narrowgate(*f"act propose {kind} {subject} --reason test --config world --json".split())
    if made.code:
        return made
    number = json.loads(made.out)["number"]
    for officer in officers:
        keys = f"--key world/keys/custody-{officer}.key.pem --certificate world/keys/custody-{officer}.pem"
        signed = narrowgate(*f"act sign {number} {keys} --yes --config world".split())
        assert signed.code == 0, signed.err
    return narrowgate(*f"act apply {number} --config world".split())


def replace_charter(world: Path, charter: Path) -> None:
    """Another charter is in force, signed by the quorum of the one before."""
    with _at_work(world) as (custody, books, _):
        custody.put(books, Kind.CHARTER_REPLACED, charter, SystemClock().now())
