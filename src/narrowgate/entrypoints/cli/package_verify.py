"""``narrowgate package verify``: who signed a package, when, and what they were shown."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.package_files import MANIFEST_FILE, SHOWN_FILE, PackageDirectory
from narrowgate.adapters.files.regular import read_regular
from narrowgate.adapters.signing.certificates import load_root
from narrowgate.adapters.signing.cms import verify_detached
from narrowgate.adapters.signing.fitness import require_agreed_root
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.adapters.signing.shown import require_shown
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import RefusedError
from narrowgate.core.base.times import format_time
from narrowgate.core.request.manifest import parse_manifest
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, revocation_option
from narrowgate.entrypoints.documents import read_agreement
from narrowgate.entrypoints.requester import require_built_under


@click.command(
    "verify",
    cls=ExampleCommand,
    epilog="narrowgate package verify package --agreement agreement.toml --root root.pem",
)
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--agreement", "agreement_file", type=EXISTING_FILE, required=True, help="It was sent under this one."
)
@click.option("--root", type=EXISTING_FILE, required=True, help="PEM of the agreed root certificate.")
@revocation_option
def verify(directory: Path, agreement_file: Path, root: Path, revocation: Path | None) -> None:
    """Verify that an office of the agreement signed the package, and that its signer was shown the text in shown.txt.

    With --revocation the signer's card is looked up as the gate does when the package comes in. Exit code 12 where the
    signature does not verify, a list names its certificate, or another text was shown than the one that lies there.
    """
    package = PackageDirectory(directory)
    data = package.manifest()
    manifest = parse_manifest(data, str(directory / MANIFEST_FILE))
    package.check_rows(manifest)
    agreement, trusted = read_agreement(agreement_file), load_root(root)
    require_built_under(manifest, agreement)
    require_agreed_root(trusted, agreement)
    grant = agreement.grant(manifest.office)
    if grant is None:
        raise RefusedError(
            "The agreement does not name the office of the package.",
            next_step="Name the agreement that the package was built under.",
            rule="R-20",
        )
    keys = {key.sha256 for key in grant.keys}
    signer = verify_detached(
        data,
        package.signature(),
        Trust(trusted, RevocationDirectory(revocation).read() if revocation else None),
        SystemClock().now(),
        keys,
        earliest=manifest.created,
    )
    there = (directory / SHOWN_FILE).exists()
    if there:
        require_shown(signer.shown_sha256, read_regular(directory / SHOWN_FILE).decode("utf-8", "replace"))
    result = {
        "package": manifest.package_id,
        "office": manifest.office.value,
        "signer": signer.subject,
        "public_key_sha256": signer.public_key_sha256,
        "claimed": format_time(signer.signing_time),
        "shown_sha256": signer.shown_sha256,
        "shown_verified": there,
    }
    answer(result, _text(result))


def _text(result: dict[str, str | bool | None]) -> str:
    if result["shown_verified"]:
        shown = "shown.txt is what the signer was shown"
    elif result["shown_sha256"]:
        shown = f"the signer was shown a text with the SHA-256 {result['shown_sha256']}, which is not here"
    else:
        shown = "the signature does not say what the signer was shown"
    return (
        f"{result['package']} is signed for {result['office']} by {result['signer']}, who says {result['claimed']}\n"
        f"key {result['public_key_sha256']}\n{shown}"
    )
