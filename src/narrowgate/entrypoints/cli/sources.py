"""What every command of an inspector takes: a source, and the log's key as it was published."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.verify.source import Source, find_source

source_argument = click.argument("source", metavar="SOURCE", type=click.Path(exists=True, path_type=Path))
"""A bundle, a world, or a log directory."""

key_option = click.option("--key", type=EXISTING_FILE, help="The log's published key; else SOURCE's own.")


def open_source(source: Path, key: Path | None) -> Source:
    """The source that was named, to be verified with the key that was given.

    Raises:
        UsageError, ConfigurationError: as ``find_source``, or the key cannot be read.
    """
    return find_source(source, str(read_log_key(key)) if key else None)
