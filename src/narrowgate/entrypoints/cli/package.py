"""``narrowgate package``: build an unsigned package, show what it asks, and sign it for an office."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.adapters.files.package_files import MANIFEST_FILE, PackageDirectory
from narrowgate.adapters.private_keys.resolve import open_signing_key
from narrowgate.adapters.signing.certificates import load_root
from narrowgate.core.base.times import format_time
from narrowgate.core.eligibility.package_obstacles import package_obstacles
from narrowgate.core.request.manifest import parse_manifest
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.asked_package import summary_of
from narrowgate.entrypoints.cli.confirmation import confirm
from narrowgate.entrypoints.cli.frame import (
    ExampleCommand,
    LateGroup,
    answer,
    done,
    note,
    warn,
    write_new,
)
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, signing_key_options
from narrowgate.entrypoints.cli.typed_secrets import ask_secret
from narrowgate.entrypoints.documents import read_agreement
from narrowgate.entrypoints.requester import (
    SigningRequest,
    new_package,
    require_signable,
    sign_package,
)
from narrowgate.requester.summary import LISTED_IN_FULL
from narrowgate.requester.summary_page import summary_html, summary_text

_existing = EXISTING_FILE
_package_directory = click.argument(
    "directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
_agreement_option = click.option(
    "--agreement", "agreement_file", type=_existing, help="The agreement that the package is sent under."
)
_officers_option = click.option("--officers", type=_existing, help="The register of officers (officers.csv).")


@click.group(
    cls=LateGroup,
    late={
        "timestamp": "narrowgate.entrypoints.cli.package_timestamp:timestamp_package",
        "verify": "narrowgate.entrypoints.cli.package_verify:verify",
    },
    epilog="narrowgate package build cases.csv package --agreement agreement.toml",
)
def package() -> None:
    """Build, show, sign and verify packages."""


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
    """Turn a case file into an unsigned package, and print its id.

    The package is valid for seven days and for this agreement only. Ineligible items go in too and are refused
    at the gate, where their refusal is accounted for; run 'narrowgate case lint' first.
    """
    items = (item for _, item in read_case_file(cases))
    agreement = read_agreement(agreement_file)
    now = SystemClock().now()
    manifest = new_package(items, directory, agreement, Office(office), now, SystemEntropy())
    for obstacle in package_obstacles(manifest, agreement, now.date()):
        warn(f"The gate would refuse the package whole today: {obstacle.detail} ({obstacle.rule_id})")
    expires = format_time(manifest.expires)
    note(f"{manifest.rows.count:,} items, {manifest.rows.bytes:,} bytes, until {expires}")
    built = {"package": manifest.package_id, "items": manifest.rows.count, "expires": expires}
    answer(built, manifest.package_id)


@package.command(
    cls=ExampleCommand,
    epilog="narrowgate package show package --agreement agreement.toml --html package.html",
)
@_package_directory
@_agreement_option
@_officers_option
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write one HTML page to this file."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--items", is_flag=True, help="List every item, also of a package of more than 100.")
def show(
    directory: Path,
    agreement_file: Path | None,
    officers: Path | None,
    html: Path | None,
    as_json: bool,
    items: bool,
) -> None:
    """Show what a package asks: counts by statute, state, year and officer, the items, the attestations.

    With the agreement it says too which items the gate would refuse, by rule, which quotas the package uses, and what
    would refuse the package whole today. Of more than 100 items the first and the last are listed; --items lists all.
    """
    data = PackageDirectory(directory).manifest()
    manifest = parse_manifest(data, str(directory / MANIFEST_FILE))
    listed = manifest.rows.count if items else LISTED_IN_FULL
    summary = summary_of(directory, manifest, agreement_file, officers, SystemClock().now(), listed)
    if html is not None:
        write_new(html, summary_html(summary).encode())
    if html is None or as_json:
        answer(asdict(summary), summary_text(summary))


@package.command(
    cls=ExampleCommand,
    epilog="narrowgate package sign package --key secretary.key.pem --certificate secretary.pem"
    " --agreement agreement.toml --root root.pem",
)
@_package_directory
@signing_key_options
@_agreement_option
@_officers_option
@click.option(
    "--root", type=_existing, help="PEM of the agreed root certificate, to verify the signature against."
)
@click.option("--yes", is_flag=True, help="I have read what the package asks and attests; do not ask me.")
def sign(
    directory: Path,
    key: str,
    certificate: Path | None,
    agreement_file: Path | None,
    officers: Path | None,
    root: Path | None,
    yes: bool,
) -> None:
    """Show what a package asks and attests, wait for a yes, sign it for an office (detached CMS), and verify that.

    What the gate would refuse is refused here, before the signature: another key than the certificate's, another
    office's, an expired certificate or package, a certificate that is not for signatures. Without --agreement the
    office is not checked, without --root the chain is not.
    """
    now = SystemClock().now()
    signing_key = open_signing_key(key, certificate, ask_secret)
    terms = read_agreement(agreement_file) if agreement_file else None
    trusted = load_root(root) if root else None
    request = SigningRequest(signing_key, terms, trusted)
    signable = require_signable(directory, request, now)
    manifest = signable.manifest
    summary = summary_of(directory, manifest, agreement_file, officers, now)
    shown = summary_text(summary)
    if yes and not signing_key.in_token:
        note(shown)
    else:
        click.echo(shown, err=True)
    if not yes:
        confirm(f"Sign these {manifest.rows.count:,} items for {manifest.office.value}?")
    sign_package(signable, now, shown)
    expires = format_time(manifest.expires)
    signed = {"package": manifest.package_id, "signed_for": manifest.office.value, "expires": expires}
    done(signed, f"Signed {manifest.package_id}, to be decided until {expires}.")
    for missing, what in ((terms, "--agreement: the office"), (trusted, "--root: the chain")):
        if missing is None:
            warn(f"Not checked for want of {what}.")
