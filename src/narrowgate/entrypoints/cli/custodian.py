"""``narrowgate custodian`` and ``narrowgate state``: found a gate, and make its state anew from its log."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.durable_files import write_private
from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.private_keys.resolve import open_signing_key
from narrowgate.adapters.signing.certificates import public_key_sha256
from narrowgate.adapters.signing.cms_signer import CmsSigner
from narrowgate.adapters.signing.officer_signatures import RootOfficerSignatures
from narrowgate.core.base.errors import UsageError
from narrowgate.core.governance.charter import LEAST_OFFICERS, LEAST_QUORUM, Charter
from narrowgate.entrypoints.acts import books_over
from narrowgate.entrypoints.bootstrap import opened_books, state_url
from narrowgate.entrypoints.cli.confirmation import confirm
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer, done, note
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, KEY_REFERENCE
from narrowgate.entrypoints.cli.typed_secrets import ask_secret
from narrowgate.entrypoints.founding import charter_of, found_gate, prepare, read_founding
from narrowgate.entrypoints.settings import FILE_NAME, GateSettings, read_settings
from narrowgate.governance.rebuild import rebuild

FOUNDING = "founding.toml"


@click.group(
    cls=LateGroup,
    late={
        "delays": "narrowgate.entrypoints.cli.custodian_delays:delays",
        "incident": "narrowgate.entrypoints.cli.custodian_incident:incident",
        "open": "narrowgate.entrypoints.cli.custodian_open:open_commitments",
    },
    epilog="narrowgate custodian found gate --from founding.toml",
)
def custodian() -> None:
    """Found a gate, open single commitments of its log, and put an incident on record (custodian)."""


@custodian.command(
    cls=ExampleCommand,
    epilog="narrowgate custodian found gate --from founding.toml --key custody-1.key.pem --certificate custody-1.pem",
)
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--from", "file", type=EXISTING_FILE, help="TOML of the founding; else you are asked.")
@click.option(
    "--key",
    "keys",
    type=KEY_REFERENCE,
    multiple=True,
    help="Of an officer who signs the charter: a file, or pkcs11:...",
)
@click.option(
    "--certificate",
    "certificates",
    type=EXISTING_FILE,
    multiple=True,
    help="Its certificate; once for each --key, or never where the cards hold them.",
)
@click.option("--yes", is_flag=True, help="I have read the charter; do not ask me.")
def found(
    directory: Path, file: Path | None, keys: tuple[str, ...], certificates: tuple[Path, ...], yes: bool
) -> None:
    """Make a new gate: directories, keys, gate.toml, charter, log and state; acts then put things in force.

    Without --from you are asked for everything, and the answers are kept as founding.toml. Its keys: gate, log_origin,
    custodian_root, trust_root, revocation, requester_signatory (PEM files), index_signer, quorum, checkpoints,
    checkpoint_copy, one [[officer]] with id, function and certificates for each of three or more, and if need be
    [keys] with URIs for index, history, commitment and log, workers, witnesses (files with their verifier keys) and
    witness_quorum, and predecessor: the directory of the log that this one follows, whose end the charter then names.

    Two officers sign the charter, here or in later runs of the same command; with the second signature it becomes
    leaf 0 of the log. Run again it goes on where it was cut off.
    """
    if certificates and len(keys) != len(certificates):
        raise UsageError(
            "There are fewer or more --certificate than --key.",
            next_step="Name one for each --key, or none where the cards hold them.",
        )
    if file is None and (directory / FILE_NAME).exists():
        settings = read_settings(directory)
    else:
        settings = prepare(directory, read_founding(file or _asked(directory)), SystemEntropy())
    charter = charter_of(settings)
    text = _in_words(charter)
    if keys and not yes:
        click.echo(text, err=True)
        confirm("Sign this charter?")
    for key, certificate in zip_longest(keys, certificates):
        _sign(settings, charter, key, certificate)
    signed = _persons(settings, charter)
    value = {
        "gate": charter.gate,
        "charter_sha256": charter.digest,
        "signed_by": list(signed),
        "founded": False,
    }
    if len(signed) < charter.quorum:
        answer(
            value,
            f"{text}\nIt is signed by {len(signed)} of {charter.quorum} officers; run this again with --key.",
        )
        return
    found_gate(settings, SystemClock().now())
    answer(
        {**value, "founded": True},
        f"{text}\nFounded: the charter is leaf 0 of the log. Nothing is in force yet.",
    )
    note(f"Next: 'narrowgate doctor --config {directory}' says what is missing.")


def _sign(settings: GateSettings, charter: Charter, key: str, certificate: Path | None) -> None:
    files = GovernanceDirectory(settings.governance)
    signing_key = open_signing_key(key, certificate, ask_secret)
    officer = charter.officers_of([public_key_sha256(signing_key.chain[0])])
    if not officer:
        raise UsageError(
            "The certificate is of no custody officer of the charter.",
            next_step="Name the card of an officer whom the charter names.",
        )
    if officer[0] in _persons(settings, charter):
        note(f"{officer[0]} has signed the charter already.")
        return
    now = SystemClock().now()
    data = files.charter().data
    signature = CmsSigner(signing_key).sign(data, now, _in_words(charter))
    RootOfficerSignatures(files.root, settings.revocation).signer(
        data, signature, charter.keys(), charter.trust_root, now
    )
    files.sign_charter(signature)


def _persons(settings: GateSettings, charter: Charter) -> tuple[str, ...]:
    files = GovernanceDirectory(settings.governance)
    signed, now = files.charter(), SystemClock().now()
    officers = RootOfficerSignatures(files.root)
    return charter.officers_of(
        [
            officers.signer(signed.data, each, charter.keys(), charter.trust_root, now)
            for each in signed.signatures
        ]
    )


def _in_words(charter: Charter) -> str:
    lines = [
        f"Charter of the gate {charter.gate}, log {charter.log_origin}",
        *(f"  {officer.id}: {officer.function}, {len(officer.keys)} card(s)" for officer in charter.officers),
        f"  {charter.quorum} of them put in force and release; each alone brakes",
        f"  answers wait for the cosignatures of {charter.witness_quorum} of {len(charter.witnesses)} witnesses"
        if charter.witnesses
        else "  no witness: answers wait for no cosignature",
        f"  second copy of the checkpoints: {charter.checkpoint_copy}",
        *(
            [f"  follows the log {ended.log_key}, which ended with {ended.size} leaves, root {ended.root}"]
            if (ended := charter.predecessor)
            else []
        ),
        f"  SHA-256 {charter.digest}",
    ]
    return "\n".join(lines)


def _ask(text: str, default: str | None = None) -> str:
    answered: str = click.prompt(text, default=default, err=True)
    return answered


def _place(text: str) -> str:
    """A path as it was meant where it was typed; the paths of a founding are relative to its own directory."""
    return str(Path(_ask(text)).resolve())


def _pem(text: str) -> str:
    answered: Path = click.prompt(
        text, type=click.Path(exists=True, dir_okay=False, path_type=Path), err=True
    )
    return str(answered.resolve())


def _asked(directory: Path) -> Path:
    """The founding, asked for on a terminal and kept as a file that can be run again."""
    gate = _ask("Name of the gate (letters, digits, '-')")
    lines = [
        f'gate = "{gate}"',
        f'log_origin = "{_ask("Name of its log, such as gate.agency.example/log")}"',
        f'custodian_root = "{_pem("PEM of the root of your officers")}"',
        f'trust_root = "{_pem("PEM of the root agreed with the requester")}"',
        f'revocation = "{_place("Directory of revocation lists that a timer fills")}"',
        f'requester_signatory = ["{_pem("PEM of the requester official who signs agreements")}"]',
        f'index_signer = "{_pem("PEM of the certificate that signs indexes")}"',
        f'checkpoints = "{_place("File of the second copy of the checkpoints, on another disk or share")}"',
        f'checkpoint_copy = "{_ask("Where that is, in words")}"',
    ]
    count = click.prompt(
        "How many custody officers", type=click.IntRange(LEAST_OFFICERS, 50), default=3, err=True
    )
    most = count - 1
    quorum = click.prompt(
        "How many of them release", type=click.IntRange(LEAST_QUORUM, most), default=2, err=True
    )
    lines.append(f"quorum = {quorum}")
    for number in range(1, count + 1):
        lines += [
            "",
            "[[officer]]",
            f'id = "{_ask(f"Id of officer {number}", f"custody-{number}")}"',
            f'function = "{_ask(f"Function of officer {number} (no name)")}"',
            f'certificates = ["{_pem(f"PEM of the certificate of officer {number}")}"]',
        ]
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    path = directory / FOUNDING
    write_private(path, ("\n".join(lines) + "\n").encode())
    return path


@click.group(
    cls=LateGroup,
    late={"carry": "narrowgate.entrypoints.cli.state_carry:carry"},
    epilog="narrowgate state rebuild --config gate.toml",
)
def state() -> None:
    """Look after what the gate remembers (custodian)."""


@state.command("rebuild", cls=ExampleCommand, epilog="narrowgate state rebuild --config gate.toml")
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
def rebuild_state(config: Path) -> None:
    """Make anew from the log what the state remembers of charter and acts, and say whether it differed.

    Budgets and receipts are not made anew: restore the newest copy of the state for them.
    """
    settings = read_settings(config)
    with opened_books(settings) as (log, remembered):
        count, same = rebuild(books_over(settings, log, remembered))
    told = "the state held exactly these" if same else "the state held others, and holds these now"
    done({"leaves": count, "same": same}, f"{count} leaves of charter and acts in the log; {told}.")


@state.command("upgrade", cls=ExampleCommand, epilog="narrowgate state upgrade --config gate.toml")
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
@click.option("--backed-up", is_flag=True, help="I have a back-up of the server's state (pg_dump).")
def upgrade(config: Path, backed_up: bool) -> None:
    """Bring the state of an older version of the program up to this one, completely or not at all.

    Of SQLite's file a copy is upgraded and takes its place by one rename; the old one is kept beside it. On PostgreSQL
    it is one transaction, and the back-up is yours. A gate refuses a state of another version until this is done. Exit
    code 3: the state has this version already. Exit code 4: it cannot be upgraded.
    """
    from narrowgate.adapters.state.upgrade import upgrade_state  # noqa: PLC0415 - nothing else needs migrations

    result = upgrade_state(state_url(read_settings(config)), backed_up=backed_up)
    kept = "" if result.kept is None else f" The state as it was lies in {result.kept}."
    told = {
        "before": result.before,
        "after": result.after,
        "kept": str(result.kept) if result.kept else "",
    }
    done(told, f"The state had schema version {result.before} and has {result.after} now.{kept}")
