"""What the commands of ``narrowgate index`` read: the source, the list of persons, and where the quarantine goes."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from narrowgate.adapters.keys import load_secret_text
from narrowgate.adapters.object_store.location import is_location, parse_location
from narrowgate.adapters.readers import Source
from narrowgate.core.base.errors import NothingToProcessError, UsageError
from narrowgate.core.person.model import RawPerson
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.core.taxfile.mapping_source import SourceFormat

PERSON_COLUMNS = ("tin", "given_names", "surnames", "birth_date")


def quarantine_file(named: Path | None, directory: Path) -> Path:
    """Where the quarantine goes, looked at now rather than at the end of a long build.

    Raises:
        UsageError: no file can be moved there from the directory of the build.
    """
    if named is None:
        return directory.with_name(directory.name + ".quarantine.csv")
    if named.is_dir() or not os.access(named.parent, os.W_OK):
        raise UsageError(
            "The quarantine file cannot be written.",
            next_step="Name a file in a directory that exists and is yours.",
            where=str(named),
        )
    nearest = next(place for place in directory.absolute().parents if place.exists())
    if named.parent.stat().st_dev != nearest.stat().st_dev:
        raise UsageError(
            "The quarantine file would lie on another file system than the index.",
            why="It is moved into its place in one step when the build is done.",
            next_step="Name a file beside the index, and copy it afterwards.",
            where=str(named),
        )
    return named


def source_of(records: str, database: str | None, mapping: Mapping) -> Source:
    """The file, the object of a store, or the connection string that a variable or file holds: it may carry a password.

    Raises:
        UsageError: there is no such file, or the mapping is of the other kind of source.
    """
    if (database is not None) != (mapping.source.format is SourceFormat.POSTGRESQL):
        raise UsageError(
            "The mapping is of a database, and none is named."
            if database is None
            else "A database is named, and the mapping is of a file.",
            next_step="For a database give '-' for RECORDS, its connection string by --database env:NAME or file:PATH, "
            'and a mapping with format = "postgresql" and a query.',
        )
    if database is not None:
        if records != "-":
            raise UsageError(
                "Records come from a file or a database, not both.", next_step="Write '-' for RECORDS."
            )
        return load_secret_text(database, "connection string of the database")
    if is_location(records):
        return parse_location(records)
    path = Path(records)
    if not path.is_file():
        raise UsageError("The file of records does not exist.", where=records, next_step="Check the path.")
    return path


def read_persons(path: Path) -> list[RawPerson]:
    """The persons of a CSV file with exactly ``PERSON_COLUMNS``.

    Raises:
        UsageError: it has other columns, or is no CSV in UTF-8.
        NothingToProcessError: it names no person.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if set(reader.fieldnames or ()) != set(PERSON_COLUMNS):
                raise UsageError(
                    f"The list of persons must have exactly the columns {', '.join(PERSON_COLUMNS)}.",
                    where=f"{path}:1",
                    next_step="Correct the first line of the list.",
                )
            persons = [RawPerson(**{name: row[name] or "" for name in PERSON_COLUMNS}) for row in reader]
    except (UnicodeDecodeError, csv.Error, TypeError) as error:
        raise UsageError(
            "The list of persons is not CSV text in UTF-8.",
            where=str(path),
            next_step="Save the list as CSV in UTF-8.",
        ) from error
    if not persons:
        raise NothingToProcessError(
            "The list names nobody.", where=str(path), next_step="Name a list with at least one person."
        )
    return persons
