"""``narrowgate agreement``: read an agreement before it is signed, and compare it with the one before."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.private_keys.resolve import open_signing_key
from narrowgate.adapters.signing.certificates import load_root, public_key_sha256
from narrowgate.adapters.signing.fitness import require_fit_signer
from narrowgate.core.agreement.check import check_agreement
from narrowgate.core.agreement.difference import Direction, differences
from narrowgate.core.agreement.page import agreement_html, agreement_text, figures
from narrowgate.core.base.errors import ConfigurationError, UsageError
from narrowgate.entrypoints.cli.confirmation import confirm
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer, done, note, write_new
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, revocation_option, signing_key_options
from narrowgate.entrypoints.cli.typed_secrets import ask_secret
from narrowgate.entrypoints.document_signature import (
    PARTIES,
    Signatory,
    require_unsigned,
    sign_document,
    signature_path,
    verify_document,
)
from narrowgate.entrypoints.documents import agreement_of, read_agreement, read_file
from narrowgate.entrypoints.output import Tone, coloured


@click.group(cls=LateGroup, epilog="narrowgate agreement check examples/agreement.toml")
def agreement() -> None:
    """Read, compare, sign and verify agreements."""


@agreement.command(cls=ExampleCommand, epilog="narrowgate agreement check examples/agreement.toml")
@click.argument("file", type=EXISTING_FILE)
def check(file: Path) -> None:
    """Say whether an agreement can be used, what it narrows, and what a reader should know before signing.

    An agreement that cannot be used ends with exit code 4 and the list of every problem with its line.
    """
    found = read_agreement(file)
    doubts = check_agreement(found, SystemClock().now().date())
    text = "\n".join(
        (
            f"{found.title}\n{found.id} version {found.version}, {len(found.clauses)} clauses",
            f"In force from {found.effective} to {found.expires}; digest {found.digest}",
            *(coloured(f"  note: {doubt}", Tone.DOUBTFUL) for doubt in doubts),
            *([] if doubts else [coloured("  Nothing is in doubt.", Tone.GOOD)]),
        )
    )
    answer({"id": found.id, "version": found.version, "sha256": found.digest, "doubts": list(doubts)}, text)


@agreement.command(
    cls=ExampleCommand, epilog="narrowgate agreement show examples/agreement.toml --html agreement.html"
)
@click.argument("file", type=EXISTING_FILE)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write one HTML page to this file."
)
def show(file: Path, html: Path | None) -> None:
    """Show every clause with the rules that hold it in plain words, every figure, and what is in doubt.

    The page of --html is for the table at which the agreement is signed: it prints well and has room for signatures.
    """
    found = read_agreement(file)
    doubts = check_agreement(found, SystemClock().now().date())
    if html is not None:
        write_new(html, agreement_html(found, doubts).encode())
    described = {
        "id": found.id,
        "version": found.version,
        "sha256": found.digest,
        "clauses": [asdict(clause) for clause in found.clauses],
        "provisions": [{"name": name, "value": value} for name, value in figures(found)],
        "doubts": list(doubts),
    }
    answer(described, agreement_text(found, doubts) if html is None else f"The page is in {html}.")


@agreement.command(cls=ExampleCommand, epilog="narrowgate agreement diff agreement.toml amended.toml")
@click.argument("before", type=EXISTING_FILE)
@click.argument("after", type=EXISTING_FILE)
def diff(before: Path, after: Path) -> None:
    """Say in words what an amendment makes narrower, what wider, and what in it cannot be.

    What is wider than the code allows, and another id, party or first day while the earlier agreement runs, cannot be:
    exit code 4, after the list.
    """
    earlier = read_agreement(before)
    try:
        later = read_agreement(after)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"This amendment cannot be. {error.what}",
            why=error.why,
            next_step=error.next_step,
            where=error.where,
        ) from error
    found = differences(earlier, later)
    listed = {
        direction.value: [each.sentence for each in found if each.direction is direction]
        for direction in Direction
    }
    heading = {
        Direction.IMPOSSIBLE: "Cannot be",
        Direction.WIDER: "Wider: more may leave, or be looked for, than before",
        Direction.NARROWER: "Narrower: less may leave than before",
        Direction.OTHERWISE: "Reads otherwise, and allows neither more nor less",
    }
    lines = [
        line
        for direction, title in heading.items()
        if listed[direction.value]
        for line in (title, *(f"  - {sentence}" for sentence in listed[direction.value]))
    ]
    answer(
        {"before": earlier.digest, "after": later.digest, "differences": [asdict(each) for each in found]},
        "\n".join(lines or ["The two agreements provide the same."]),
    )
    if listed[Direction.IMPOSSIBLE.value]:
        raise ConfigurationError(
            "The second agreement cannot take the place of the first.",
            why=" ".join(listed[Direction.IMPOSSIBLE.value]),
            next_step="Correct the second file and compare again.",
            where=str(after),
        )


@agreement.command(
    cls=ExampleCommand,
    epilog="narrowgate agreement sign agreement.toml --as requester --key key.pem --certificate certificate.pem"
    " --root root.pem",
)
@click.argument("file", type=EXISTING_FILE)
@click.option("--as", "party", type=click.Choice(PARTIES), required=True, help="The party that you sign for.")
@signing_key_options
@click.option("--root", type=EXISTING_FILE, help="PEM of the root, to verify the signature against.")
@revocation_option
@click.option("--yes", is_flag=True, help="I have read the agreement; do not ask me.")
def sign(
    file: Path,
    party: str,
    key: str,
    certificate: Path | None,
    root: Path | None,
    revocation: Path | None,
    yes: bool,
) -> None:
    """Show the agreement in plain words, wait for a yes, and sign it for one party (detached CMS beside the file).

    It comes into force only with both signatures and an act of two custody officers ('narrowgate act propose').
    """
    if revocation and not root:
        raise UsageError(
            "A card is looked up with its root.",
            next_step="Give --root, the PEM of its root, beside --revocation.",
        )
    now = SystemClock().now()
    data, place = read_file(file), signature_path(file, party)
    found = agreement_of(data, str(file))
    require_unsigned(place)
    signing_key = open_signing_key(key, certificate, ask_secret)
    require_fit_signer(signing_key.chain[0], now)
    shown = agreement_text(found, check_agreement(found, now.date()))
    if yes and not signing_key.in_token:
        note(shown)
    else:
        click.echo(shown, err=True)
    if not yes:
        confirm(f"Sign {found.id} version {found.version} for {getattr(found, party)}?")
    signatory = Signatory(signing_key, load_root(root) if root else None, revocation)
    write_new(place, sign_document(data, signatory, now, shown))
    signer = public_key_sha256(signing_key.chain[0])
    done(
        {"signature": str(place), "party": party, "sha256": found.digest, "signer_key_sha256": signer},
        f"Signed {found.id} version {found.version} for the {party}: {place}"
        + ("" if root else "\nNot checked for want of --root: the chain."),
    )


@agreement.command(
    cls=ExampleCommand,
    epilog="narrowgate agreement verify agreement.toml --custodian-root custodian-root.pem"
    " --custodian-key 4f9c... --requester-root root.pem --requester-key 81ab...",
)
@click.argument("file", type=EXISTING_FILE)
@click.option("--custodian-root", type=EXISTING_FILE, required=True, help="PEM of the custodian's root.")
@click.option("--requester-root", type=EXISTING_FILE, required=True, help="PEM of the requester's root.")
@click.option(
    "--custodian-key", multiple=True, required=True, help="Digest of a key that may sign for the custodian."
)
@click.option(
    "--requester-key", multiple=True, required=True, help="Digest of a key that may sign for the requester."
)
def verify(
    file: Path,
    custodian_root: Path,
    requester_root: Path,
    custodian_key: tuple[str, ...],
    requester_key: tuple[str, ...],
) -> None:
    """Verify both parties' signatures over the agreement, with nothing but the files and what you know of the parties.

    'narrowgate key digest' prints the digest of a key. Exit code 12: a signature is missing or not what it must be.
    """
    now, data = SystemClock().now(), read_file(file)
    found = agreement_of(data, str(file))
    signers = {}
    for party, root, keys in (
        ("custodian", custodian_root, custodian_key),
        ("requester", requester_root, requester_key),
    ):
        signer = verify_document(file, data, party, load_root(root), frozenset(keys), now)
        signers[party] = signer.public_key_sha256
    answer(
        {
            "id": found.id,
            "version": found.version,
            "sha256": found.digest,
            "signers": signers,
        },
        "\n".join(
            [
                f"{found.id} version {found.version} is signed by both parties.",
                *(f"  {party}: key {digest}" for party, digest in signers.items()),
            ]
        ),
    )
