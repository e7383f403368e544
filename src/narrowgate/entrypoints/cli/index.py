"""``narrowgate index``: from tax records to a set of keyed tokens, and its upkeep (custodian)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.merge import DuckDBMerge
from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.object_store.location import ObjectLocation
from narrowgate.adapters.private_keys.resolve import open_signing_key
from narrowgate.adapters.readers import Source
from narrowgate.adapters.readers.describe import propose_mapping
from narrowgate.adapters.readers.passes import MOST_PASSES
from narrowgate.adapters.readers.street_list import read_street_list
from narrowgate.adapters.signing.cms_signer import CmsSigner
from narrowgate.adapters.signing.index_signature import custodian_only
from narrowgate.core.base.errors import ConfigurationError, UsageError
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.entrypoints.cli.frame import (
    ExampleCommand,
    LateGroup,
    answer,
    emit_json,
    progress,
)
from narrowgate.entrypoints.cli.index_counts import say_what_was_passed_over
from narrowgate.entrypoints.cli.index_description import description_of
from narrowgate.entrypoints.cli.index_inputs import PERSON_COLUMNS, quarantine_file, read_persons, source_of
from narrowgate.entrypoints.cli.index_places import NewPlace, made_at
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, KEY_REFERENCE
from narrowgate.entrypoints.cli.typed_secrets import ask_secret
from narrowgate.entrypoints.cluster import warn_of_strangers
from narrowgate.entrypoints.documents import read_mapping
from narrowgate.index.base import Base, open_base
from narrowgate.index.build import BuildReport, BuildSettings, Sign
from narrowgate.index.layers import LayerSettings
from narrowgate.index.layers import compact as compact_layers
from narrowgate.index.layers import suppress as suppress_persons

Command = TypeVar("Command", bound=Callable[..., Any])

_existing = EXISTING_FILE
_existing_index = click.Path(exists=True, file_okay=False, path_type=Path)
_new = click.Path(path_type=Path)
_KEY_HELP = "The index key by URI: file:PATH, env:NAME or pkcs11:..."
_EXAMPLE = "narrowgate index {} --mapping mapping.toml --key file:index.key --as-of 2026-06-30"


def _amount_of_memory(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """``value``, if DuckDB and Spark both read it as an amount of memory."""
    if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", value):
        raise click.BadParameter("write a number and KB, MB, GB or TB, such as 1GB.")
    return value


_LATE = {name: f"narrowgate.entrypoints.cli.index_store:{name}" for name in ("fetch", "publish", "verify")}


@click.group(cls=LateGroup, late=_LATE, epilog=_EXAMPLE.format("build records.parquet index"))
def index() -> None:
    """Build and look after confirmation indexes."""


_SIGNER_OPTIONS = (
    click.option(
        "--signer-key", type=KEY_REFERENCE, help="Signs the manifest: a file, or pkcs11:... for a card."
    ),
    click.option(
        "--signer-certificate", type=_existing, help="PEM of its certificate, if not beside the key."
    ),
)


def _base_options(command: Command) -> Command:
    """How the index below is known to be the custodian's."""
    options = (
        click.option("--index-root", type=_existing, help="PEM of the root that INDEX's signer comes from."),
        click.option("--index-signer", type=_existing, help="PEM of the certificate INDEX is signed with."),
        click.option(
            "--unsigned-base", is_flag=True, help="Take INDEX without looking at its signature: in a sandbox."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _build_options(command: Command) -> Command:
    """The options that a first build and a further layer share."""
    options = (
        click.option("--mapping", type=_existing, required=True, help="TOML: which column holds what."),
        click.option("--key", required=True, help=_KEY_HELP),
        click.option(
            "--as-of",
            type=click.DateTime(["%Y-%m-%d"]),
            metavar="YYYY-MM-DD",
            required=True,
            help="Date of the records.",
        ),
        click.option(
            "--shared-address-limit",
            type=click.IntRange(1),
            default=20,
            show_default=True,
            help="Filers who may share an address without units (R-70), counted in RECORDS.",
        ),
        click.option(
            "--quarantine", type=_new, help="On the file system of DIR; default: DIR.quarantine.csv"
        ),
        click.option(
            "--memory",
            callback=_amount_of_memory,
            default="1GB",
            show_default=True,
            help="Limit of the index engine; every process needs 180 to 700 MB beside it.",
        ),
        click.option("--workers", type=click.IntRange(1, 256), help="Processes; default: all cores."),
        click.option(
            "--passes",
            type=click.IntRange(1, MOST_PASSES),
            help="How often RECORDS are read, each time for other ZIP Codes; default: as often as pays.",
        ),
        click.option(
            "--database",
            help="Read PostgreSQL instead: env:NAME or file:PATH of a connection string; RECORDS is then '-'.",
        ),
        click.option(
            "--engine", type=click.Choice(["embedded", "spark"]), default="embedded", show_default=True
        ),
        *_SIGNER_OPTIONS,
        click.option(
            "--streets",
            type=_existing,
            help="Street reference, CSV or Parquet: zip, street_name and, where it has one, suffix. One edit in a "
            "street name is allowed in its ZIP Codes only.",
        ),
        click.option(
            "--master", default="local[2]", show_default=True, help="Spark master, with --engine spark."
        ),
        click.option(
            "--work",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            default=".",
            help="Where an index that goes to s3:// is made, tokens only; on a cluster shared by all machines.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@index.command(cls=ExampleCommand, epilog=_EXAMPLE.format("build records.parquet index"))
@click.argument("records")
@click.argument("place", metavar="DIR", type=NewPlace())
@_build_options
def build(records: str, place: Path | ObjectLocation, **options: Any) -> None:
    """Turn tax records into an index of keyed tokens; nothing readable of a record enters it.

    Rows that cannot enter go to the quarantine file with row number and reason, values left out. The counts go to
    stdout as JSON: rows read = loaded + quarantined. RECORDS and DIR may be s3://BUCKET/KEY.
    """
    _run_build(records, place, None, options)


@index.command(cls=ExampleCommand, epilog=_EXAMPLE.format("add index records-2026.parquet index-2"))
@click.argument("below", metavar="INDEX", type=_existing_index)
@click.argument("records")
@click.argument("place", metavar="DIR", type=NewPlace())
@_base_options
@_build_options
def add(below: Path, records: str, place: Path | ObjectLocation, **options: Any) -> None:
    """Put another file of records upon an index, in a new directory; the old index stays as it is.

    The limit of filers who share an address is applied to the new file alone: filers are not counted over both, and
    'index compact' does not repair that. A build from all records does.
    """
    _run_build(records, place, below, options)


@index.command(
    cls=ExampleCommand,
    epilog="narrowgate index suppress index index-2 --persons persons.csv --key file:index.key",
)
@click.argument("below", metavar="INDEX", type=_existing_index)
@click.argument("directory", metavar="DIR", type=_new)
@click.option(
    "--persons", type=_existing, required=True, help=f"CSV with the columns {', '.join(PERSON_COLUMNS)}."
)
@click.option(
    "--half",
    is_flag=True,
    help="Take lines without TIN, or without birth date and names: questions by what is missing are still answered.",
)
@click.option("--key", required=True, help=_KEY_HELP)
@_base_options
@_SIGNER_OPTIONS[0]
@_SIGNER_OPTIONS[1]
def suppress(below: Path, directory: Path, persons: Path, half: bool, key: str, **options: Any) -> None:
    """Keep persons out from the next package on (26 USC 6103(i)(6)).

    Give TIN, birth date and full name of each; a line for every number and name a person has. The list is not copied
    anywhere, and how long it is stands nowhere in the index.
    """
    index_key = IndexKey(load_secret_key(key))
    base = _base(below, index_key, options)
    sign = _signer(options["signer_key"], options["signer_certificate"])
    settings = LayerSettings(created=SystemClock().now(), allows_half=half)
    made = suppress_persons(base, read_persons(persons), directory, index_key, settings, sign)
    emit_json(description_of(made))


@index.command(cls=ExampleCommand, epilog="narrowgate index compact index-3 index-4 --key file:index.key")
@click.argument("below", metavar="INDEX", type=_existing_index)
@click.argument("directory", metavar="DIR", type=_new)
@click.option("--key", required=True, help=_KEY_HELP)
@_base_options
@_SIGNER_OPTIONS[0]
@_SIGNER_OPTIONS[1]
def compact(below: Path, directory: Path, key: str, **options: Any) -> None:
    """Merge the layers of an index into one, in a new directory; every answer stays the same."""
    index_key = IndexKey(load_secret_key(key))
    base = _base(below, index_key, options)
    sign = _signer(options["signer_key"], options["signer_certificate"])
    engine = DuckDBMerge(threads=os.cpu_count() or 1)
    with progress() as report:
        settings = LayerSettings(created=SystemClock().now(), progress=report)
        made = compact_layers(base, directory, index_key, settings, engine, sign)
    emit_json(description_of(made))


@index.command(cls=ExampleCommand, epilog="narrowgate index describe records.csv > mapping.toml")
@click.argument("records", type=_existing)
@click.option("--copybook", type=_existing, help="COBOL layout of records by byte range, EBCDIC or text.")
def describe(records: Path, copybook: Path | None) -> None:
    """Propose a mapping for a file of records from its columns or copybook; read it before you use it."""
    mapping = propose_mapping(records, copybook)
    answer({"mapping": mapping}, mapping.removesuffix("\n"))


def _require_past(as_of: date, today: date) -> None:
    """Return only if records can be of that day.

    Raises:
        UsageError: the day is to come.
    """
    if as_of > today:
        raise UsageError(
            f"The records are said to be of {as_of}, which is in the future.",
            why="Every answer says of which day its data are; no gate reads an index of a day to come.",
            next_step="Give the day on which the records were taken as --as-of.",
        )


def _run_build(
    records: str, place: Path | ObjectLocation, below: Path | None, options: dict[str, Any]
) -> None:
    now = SystemClock().now()
    _require_past(options["as_of"].date(), now.date())
    mapping = read_mapping(options["mapping"])
    source = source_of(records, options["database"], mapping)
    with made_at(place, options["work"]) as directory, progress() as report:
        settings = BuildSettings(
            shared_address_limit=options["shared_address_limit"],
            data_as_of=options["as_of"].date().isoformat(),
            created=now,
            quarantine=quarantine_file(options["quarantine"], directory),
            memory_limit=options["memory"],
            workers=options["workers"] or os.cpu_count() or 1,
            passes=options["passes"],
            streets=read_street_list(options["streets"]) if options["streets"] else None,
            progress=report,
        )
        built = _built(source, mapping, directory, below, settings, options)
    emit_json({**description_of(built.manifest), "counts": built.counts})
    say_what_was_passed_over(built.counts, settings.quarantine)


def _built(
    source: Source,
    mapping: Mapping,
    directory: Path,
    below: Path | None,
    settings: BuildSettings,
    options: dict[str, Any],
) -> BuildReport:
    key = IndexKey(load_secret_key(options["key"]))
    base = _base(below, key, options) if below is not None else None
    sign = _signer(options["signer_key"], options["signer_certificate"])
    if options["engine"] == "spark":
        if (settings.passes or 1) > 1:
            raise UsageError(
                "A cluster reads the records in one pass.",
                why="Each of its tasks would have to read all of them, once for each pass.",
                next_step="Leave out --passes, or --engine spark.",
            )
        build_index_on_spark = _spark_build()
        report: BuildReport = build_index_on_spark(
            source, mapping, directory, options["key"], settings, sign, master=options["master"], base=base
        )
        warn_of_strangers(options["master"])
        return report
    return build_index(source, mapping, directory, key, settings, sign, base)


def _signer(key: str | None, certificate: Path | None) -> Sign | None:
    """Signs a manifest now, or leaves it unsigned, which only a sandbox's gate opens."""
    if key is None:
        if certificate is not None:
            raise UsageError(
                "A certificate signs nothing without its key.",
                next_step="Give --signer-key too, or neither.",
            )
        return None
    signer = CmsSigner(open_signing_key(key, certificate, ask_secret))
    return lambda manifest: signer.sign(manifest, SystemClock().now())


def _spark_build() -> Callable[..., Any]:
    try:
        from narrowgate.adapters.engines.spark.build import build_index_on_spark  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise ConfigurationError(
            "Spark is not installed.",
            why="It is an extra: most machines do not need it.",
            next_step="Install narrowgate[spark] and Java 17, or leave --engine out.",
        ) from error
    return build_index_on_spark


def _base(below: Path, key: IndexKey, options: dict[str, Any]) -> Base:
    """The index below, its signature and every byte of it verified: nothing is sealed again that was exchanged.

    Raises:
        UsageError: it is not said who signs indexes.
    """
    root, signer = options["index_root"], options["index_signer"]
    if options["unsigned_base"]:
        if root or signer:
            raise UsageError(
                "A base is verified or taken unsigned, not both.",
                next_step="Leave out --unsigned-base, or --index-root and --index-signer.",
            )
        return open_base(below, key, None)
    if root is None or signer is None:
        raise UsageError(
            "It is not said who signed the index below.",
            why="A layer upon an index that somebody exchanged would be signed as the custodian's.",
            next_step="Give --index-root and --index-signer; in a sandbox --unsigned-base.",
        )
    return open_base(below, key, custodian_only(root, signer, SystemClock().now(), below.name))
