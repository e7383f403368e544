"""``narrowgate index``: from tax records to a set of keyed tokens (custodian)."""

from __future__ import annotations

import os
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.index.build import BuildSettings, build_index
from narrowgate.adapters.keys import load_secret_key
from narrowgate.core.errors import UsageError
from narrowgate.core.mapping import Mapping, parse_mapping
from narrowgate.core.token import IndexKey
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, emit_json, progress

_existing = click.Path(exists=True, dir_okay=False, path_type=Path)
_BUILD_EXAMPLE = (
    "narrowgate index build records.parquet index --mapping mapping.toml --key file:index.key --as-of 2026-06-30"
)


@click.group(cls=LateGroup, epilog=_BUILD_EXAMPLE)
def index() -> None:
    """Build and look after confirmation indexes."""


@index.command(cls=ExampleCommand, epilog=_BUILD_EXAMPLE)
@click.argument("records", type=_existing)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--mapping", "mapping_file", type=_existing, required=True, help="TOML: which column holds what.")
@click.option("--key", required=True, help="The index key by URI: file:PATH, env:NAME or pkcs11:...")
@click.option("--as-of", required=True, help="ISO date of the records.")
@click.option(
    "--shared-address-limit",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Filers who may share an address without units (R-70).",
)
@click.option("--quarantine", type=click.Path(dir_okay=False, path_type=Path), help="Default: DIR.quarantine.csv")
@click.option("--memory", default="1GB", show_default=True, help="Limit of the database.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; default: all cores.")
def build(  # one parameter for each option
    records: Path,
    directory: Path,
    mapping_file: Path,
    key: str,
    as_of: str,
    shared_address_limit: int,
    quarantine: Path | None,
    memory: str,
    workers: int | None,
) -> None:
    """Turn tax records into an index of keyed tokens; nothing readable of a record enters it.

    Rows that cannot enter go to the quarantine file with row number and reason, values left out. The counts go to
    stdout as JSON: rows read = loaded + quarantined.
    """
    settings = BuildSettings(
        shared_address_limit=shared_address_limit,
        data_as_of=as_of,
        created=SystemClock().now(),
        quarantine=quarantine or directory.with_name(directory.name + ".quarantine.csv"),
        memory_limit=memory,
        workers=workers or os.cpu_count() or 1,
    )
    with progress() as report:
        built = build_index(
            records,
            read_mapping(mapping_file),
            directory,
            IndexKey(load_secret_key(key)),
            settings,
        )
        report("records", built.counts["rows_read"], built.counts["rows_read"])
    emit_json({"snapshot": built.manifest.snapshot_id, "counts": built.counts})


def read_mapping(path: Path) -> Mapping:
    """The mapping of a TOML file.

    Raises:
        ConfigurationError: it names an unknown role, misses one, or is no TOML.
        UsageError: it is not UTF-8 text.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("The mapping is not UTF-8 text.", where=str(path)) from error
    return parse_mapping(text, str(path))
