"""``narrowgate inspector bundle``: what the custodian hands to an inspector, who then needs nothing else."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.entrypoints.bundling import write_bundle
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer
from narrowgate.verify.source import find_source


@click.command(
    cls=ExampleCommand,
    epilog="narrowgate inspector bundle 2027-01.zip --config gate.toml\n"
    "narrowgate inspector bundle 2027-02 --config gate.toml --since 2027-01",
)
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
@click.option(
    "--since",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The last bundle: this one continues it, and has only what is new.",
)
def bundle(out: Path, config: Path, since: Path | None) -> None:
    """Write the log, the acts, the keys and the verifier to a directory, or to one file (.tar, .zip).

    No officer's name is in it: registers are left out, and signatures have no certificates. The gate may be at work.
    With --since the log must continue the last bundle (exit code 14: it does not); copy the new one over it to have
    both.
    """
    made = write_bundle(find_source(config), out, since)
    manifest = made.manifest
    brought = f"{len(manifest.files):,} files"
    if manifest.previous:
        brought += f" beside the {len(manifest.earlier):,} of the bundle before it"
    answer(
        {
            "wrote": str(out),
            "log": manifest.origin,
            "from": manifest.since,
            "to": manifest.size,
            "root": manifest.root,
            "files": len(manifest.files),
            "earlier": len(manifest.earlier),
            "manifest_sha256": made.sha256,
        },
        f"{out}: entries {manifest.since:,} to {manifest.size:,} of {manifest.origin} in {brought}\n"
        f"  root {manifest.root}\n  SHA-256 of manifest.json {made.sha256}",
    )
