"""``narrowgate package timestamp``: ask a time stamp authority about a signed package, and put its answer in."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.package_files import MANIFEST_FILE, PackageDirectory, add_signature
from narrowgate.adapters.signing.timestamp import (
    signature_value,
    timestamp_query,
    token_of_reply,
    verify_timestamp,
    with_timestamp,
)
from narrowgate.core.base.errors import UsageError
from narrowgate.core.base.times import format_time
from narrowgate.core.request.manifest import parse_manifest
from narrowgate.entrypoints.cli.frame import ExampleCommand, write_new
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_agreement, read_file
from narrowgate.entrypoints.output import done


@click.command(
    "timestamp",
    cls=ExampleCommand,
    epilog="narrowgate package timestamp package --query package.tsq\n\n"
    "narrowgate package timestamp package --reply package.tsr --agreement agreement.toml",
)
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--query", type=click.Path(path_type=Path), help="Write the request for a time stamp to this new file."
)
@click.option("--reply", type=EXISTING_FILE, help="The authority's reply, to be put into the signature.")
@click.option(
    "--agreement", "agreement_file", type=EXISTING_FILE, help="The agreement that names the authority."
)
def timestamp_package(
    directory: Path, query: Path | None, reply: Path | None, agreement_file: Path | None
) -> None:
    """Give a signed package a trusted time stamp (RFC 3161), in two steps and without a network.

    --query writes what the authority is sent: a digest of the signature, and nothing about the package. What the
    authority replied, --reply puts into the signature, once it is verified to be of the authority that the agreement
    names, over this signature, and not older than the package.
    """
    package = PackageDirectory(directory)
    signature = package.signature()
    value = signature_value(signature)
    if query is not None and reply is None:
        write_new(query, timestamp_query(value, SystemEntropy()))
        done({"query": str(query)}, f"Wrote {query}: send it to the time stamp authority.")
        return
    if reply is None or query is not None or agreement_file is None:
        raise UsageError(
            "Name --query, or --reply and --agreement.",
            next_step="First write the query, then put in what the authority replied.",
        )
    authority = read_agreement(agreement_file).timestamp_authority
    if authority is None:
        raise UsageError(
            "The agreement names no time stamp authority.",
            next_step="Send the package as it is, or name the agreement that asks for a time stamp.",
            where=str(agreement_file),
        )
    manifest = parse_manifest(package.manifest(), str(directory / MANIFEST_FILE))
    token = token_of_reply(read_file(reply))
    stamped = verify_timestamp(token, value, authority, manifest.created, SystemClock().now())
    add_signature(directory, with_timestamp(signature, token))
    said = format_time(stamped)
    done({"package": manifest.package_id, "stamped": said}, f"{manifest.package_id} carries the time {said}.")
