"""``narrowgate index verify``, ``publish`` and ``fetch``: an index of a directory or of an object store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.object_store.location import ObjectLocation
from narrowgate.adapters.object_store.stored_index import fetch_index, publish_to_store, verify_stored_index
from narrowgate.adapters.signing.certificates import load_certificates, public_key_sha256
from narrowgate.adapters.signing.index_signature import custodian_only
from narrowgate.core.base.errors import UsageError
from narrowgate.entrypoints.cli.frame import ExampleCommand, emit_json, progress
from narrowgate.entrypoints.cli.index_description import description_of
from narrowgate.entrypoints.cli.index_places import ExistingIndex, NewPlace
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.index.integrity import verify_index
from narrowgate.index.manifest import SIGNATURE_NAME


@click.command(cls=ExampleCommand, epilog="narrowgate index verify index")
@click.argument("place", metavar="INDEX", type=ExistingIndex())
@click.option("--index-root", type=EXISTING_FILE, help="PEM of the root that INDEX's signer comes from.")
@click.option("--index-signer", type=EXISTING_FILE, help="PEM of the certificate INDEX is signed with.")
def verify(place: Path | ObjectLocation, index_root: Path | None, index_signer: Path | None) -> None:
    """Re-hash every data file of an index against its manifest, and describe it.

    With --index-root and --index-signer the signature of the manifest is verified too; without them anybody may have
    made the index. INDEX may be s3://BUCKET/KEY; then nothing is kept on this machine.
    """
    if (index_root is None) != (index_signer is None):
        raise UsageError(
            "A signature is verified with both --index-root and --index-signer.",
            next_step="Give both, or neither.",
        )
    signed_by = None
    if index_root is not None and index_signer is not None:
        signed_by = custodian_only(index_root, index_signer, SystemClock().now(), place.name)
    with progress() as report:
        if isinstance(place, Path):
            manifest = verify_index(place, signed_by, report)
            signed = (place / SIGNATURE_NAME).is_file()
        else:
            manifest, signed = verify_stored_index(place, signed_by, report)
    emit_json({**description_of(manifest), **_signature(index_signer, signed=signed)})


def _signature(verified_with: Path | None, *, signed: bool) -> dict[str, Any]:
    """What is known of the manifest's signature, and by whom it was verified to be made."""
    if verified_with is None:
        return {"signature": "not verified" if signed else "not signed"}
    signer = load_certificates(verified_with)[0]
    return {
        "signature": "verified",
        "signed_by": signer.subject.rfc4514_string(),
        "signer_key_sha256": public_key_sha256(signer),
    }


@click.command(cls=ExampleCommand, epilog="narrowgate index publish index s3://custodian-index/2026-01")
@click.argument("directory", metavar="INDEX", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("place", metavar="LOCATION", type=NewPlace())
def publish(directory: Path, place: Path | ObjectLocation) -> None:
    """Copy an index to an empty s3://BUCKET/KEY; the manifest goes last, so that half an index counts as none."""
    if isinstance(place, Path):
        raise UsageError("An index is published to an object store.", next_step="Write s3://BUCKET/KEY.")
    with progress() as report:
        manifest = verify_index(directory, None, report)
        publish_to_store(directory, place)
    emit_json(description_of(manifest))


@click.command(cls=ExampleCommand, epilog="narrowgate index fetch s3://custodian-index/2026-01 index")
@click.argument("place", metavar="LOCATION", type=ExistingIndex())
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
def fetch(place: Path | ObjectLocation, directory: Path) -> None:
    """Copy an index from s3://BUCKET/KEY to a new directory, every byte checked: to add to it, suppress, or compact."""
    if isinstance(place, Path):
        raise UsageError("An index is fetched from an object store.", next_step="Write s3://BUCKET/KEY.")
    with progress() as report:
        manifest = fetch_index(place, directory, report)
    emit_json(description_of(manifest))
