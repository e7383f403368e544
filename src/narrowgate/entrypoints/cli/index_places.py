"""Where commands of ``narrowgate index`` read and write: directories of this machine, and places in an object store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.object_store.location import ObjectLocation, is_location, parse_location
from narrowgate.adapters.object_store.stored_index import publish_to_store, require_empty
from narrowgate.core.base.errors import UnavailableError


class NewPlace(click.Path):
    """The path of something that is to be made, or ``s3://BUCKET/KEY``."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path or the location.

        Raises:
            ConfigurationError: a location is not written as one.
        """
        return parse_location(value) if is_location(str(value)) else super().convert(value, param, ctx)


class ExistingIndex(click.Path):
    """The directory of an index, or where one is in an object store."""

    def __init__(self) -> None:
        super().__init__(exists=True, file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, which exists, or the location.

        Raises:
            ConfigurationError: a location is not written as one.
        """
        return parse_location(value) if is_location(str(value)) else super().convert(value, param, ctx)


@contextmanager
def made_at(place: Path | ObjectLocation, work: Path) -> Iterator[Path]:
    """The directory to make an index in; after the block it is at ``place``, whole, or still in that directory.

    Args:
        place: where it shall be.
        work: directory for one that goes to a store.

    Raises:
        ConfigurationError: there is something at a place in a store already.
        UnavailableError: the store does not take it; the next step names the directory that holds it.
    """
    if isinstance(place, Path):
        yield place
        return
    require_empty(place)
    directory = work / place.name
    yield directory
    try:
        publish_to_store(directory, place)
    except UnavailableError as error:
        raise UnavailableError(
            "The index is built, and the object store did not take it.",
            why=error.why,
            next_step=f"Hand it over again with 'narrowgate index publish {directory} {place}'.",
            where=error.where,
        ) from error
    shutil.rmtree(directory)
