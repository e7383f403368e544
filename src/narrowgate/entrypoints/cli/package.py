"""``narrowgate package``: build an unsigned package, and sign it for an office."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.adapters.signing.certificates import load_certificates, load_key
from narrowgate.adapters.signing.cms import FileSigner
from narrowgate.core.request.manifest import ATTESTATIONS, format_time
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, stderr
from narrowgate.entrypoints.documents import read_agreement
from narrowgate.entrypoints.requester import new_package, sign_package

_existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=LateGroup, epilog="narrowgate package build cases.csv package --agreement agreement.toml")
def package() -> None:
    """Build and sign packages."""


@package.command(
    cls=ExampleCommand, epilog="narrowgate package build cases.csv package --agreement agreement.toml"
)
@click.argument("cases", type=_existing)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--agreement", "agreement_file", type=_existing, required=True, help="Sent under this agreement."
)
@click.option(
    "--office",
    type=click.Choice([office.value for office in Office]),
    default=Office.SECRETARY_OF_HOMELAND_SECURITY.value,
    show_default=True,
    help="The office that will sign.",
)
def build(cases: Path, directory: Path, agreement_file: Path, office: str) -> None:
    """Turn a case file into an unsigned package; its id goes to stdout.

    The package is valid for seven days and for this agreement only. Ineligible items go in too and are refused
    at the gate, where their refusal is accounted for; run 'narrowgate case lint' first.
    """
    items = (item for _, item in read_case_file(cases))
    manifest = new_package(
        items,
        directory,
        read_agreement(agreement_file),
        Office(office),
        SystemClock().now(),
        SystemEntropy(),
    )
    stderr.print(f"{manifest.rows.count:,} items, {manifest.rows.bytes:,} bytes, until {manifest.expires}")
    click.echo(manifest.package_id)


@package.command(
    cls=ExampleCommand,
    epilog="narrowgate package sign package --key secretary.key.pem --certificate secretary.pem",
)
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--key", type=_existing, required=True, help="PEM of the office's private key.")
@click.option("--certificate", type=_existing, required=True, help="PEM of its certificate, chain following.")
def sign(directory: Path, key: Path, certificate: Path) -> None:
    """Sign a package's manifest for an office, after showing what is attested (detached CMS)."""
    certificates = load_certificates(certificate)
    signer = FileSigner(load_key(key), certificates[0], certificates[1:])
    manifest = sign_package(directory, signer, SystemClock().now())
    stderr.print(f"Signed {manifest.package_id}: {manifest.rows.count:,} items for {manifest.office.value},")
    stderr.print(f"to be decided until {format_time(manifest.expires)}. The signature attests:")
    for attestation in manifest.attestations:
        stderr.print(f"  - {ATTESTATIONS[attestation]}", soft_wrap=True)
