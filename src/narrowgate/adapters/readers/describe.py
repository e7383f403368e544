"""A proposal for the mapping of a file, from its column names and the form of its dates; no value leaves."""

from __future__ import annotations

import csv
import json
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.core.errors import ConfigurationError, NothingToProcessError, OperationalError
from narrowgate.core.mapping import ROLES
from narrowgate.core.mapping_source import TEXT_ENCODINGS
from narrowgate.core.person.birth_date import BirthDateForm, parse_birth_date

_NAMES = {
    "tin": ("tin", "ssn", "itin", "social", "socialsecuritynumber", "taxpayerid", "tinnumber"),
    "given_names": ("givennames", "givenname", "first", "firstname", "fname", "forename"),
    "surnames": ("surnames", "surname", "last", "lastname", "lname", "familyname"),
    "full_name": ("fullname", "name", "taxpayername"),
    "birth_date": ("birthdate", "dob", "dateofbirth", "bdate"),
    "address_line_1": (
        "addressline1",
        "address1",
        "address",
        "street",
        "streetaddress",
        "addr1",
        "mailingaddress",
    ),
    "address_line_2": ("addressline2", "address2", "addr2", "unit", "unitnumber", "apartment"),
    "city": ("city", "town", "mailingcity"),
    "state": ("state", "st", "mailingstate"),
    "zip": ("zip", "zipcode", "zip5", "postalcode", "mailingzip"),
    "tax_year": ("taxyear", "year", "taxperiod", "yr"),
    "suppressed": ("suppressed", "suppress", "suppressionflag"),
}
"""Usual column names of each role, letters and digits only."""

_SAMPLE_ROWS = 200
_DELIMITERS = ",;|\t"


def propose_mapping(source: Path) -> str:
    """A mapping TOML for a CSV or Parquet file, to be read and corrected by a person.

    Roles that were not recognized stand as comments, and so do the columns left over; a comment enters nothing.

    Raises:
        ConfigurationError: the file is neither CSV nor Parquet.
        NothingToProcessError: it is empty.
        OperationalError: it cannot be read.
    """
    try:
        if source.suffix.lower() == ".parquet":
            return _propose(*_parquet_sample(source), ['format = "parquet"'])
        if source.suffix.lower() in {".csv", ".tsv", ".txt"}:
            return _propose_delimited(source)
    except (OSError, pa.ArrowInvalid) as error:
        raise OperationalError("The source cannot be read.", where=source.name) from error
    raise ConfigurationError(
        "Only CSV and Parquet files can be described.",
        next_step="For records by byte range write the [[field]] tables by hand.",
        where=source.name,
    )


def _parquet_sample(source: Path) -> tuple[list[str], list[dict[str, str]]]:
    with pq.ParquetFile(source) as file:
        batch = next(file.iter_batches(_SAMPLE_ROWS), None)
        rows = batch.to_pylist() if batch is not None else []
        sample = [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in rows]
        return file.schema_arrow.names, sample


def _propose_delimited(source: Path) -> str:
    encoding = next(name for name in TEXT_ENCODINGS if _decodes(source, name))
    with source.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as lines:
        first = lines.readline()
        if not first.strip():
            raise NothingToProcessError("The source is empty.", where=source.name)
        delimiter = max(_DELIMITERS, key=first.count)
        lines.seek(0)
        rows = list(islice(csv.DictReader(lines, delimiter=delimiter), _SAMPLE_ROWS))
        header = next(csv.reader([first], delimiter=delimiter))
    sample = [{name: row.get(name) or "" for name in header} for row in rows]
    form = ['format = "csv"', f"delimiter = {json.dumps(delimiter)}", f'encoding = "{encoding}"']
    return _propose(header, sample, form)


def _decodes(source: Path, encoding: str) -> bool:
    try:
        with source.open(encoding=encoding) as text:
            while text.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _propose(columns: list[str], sample: list[dict[str, str]], source: list[str]) -> str:
    found = {role: _column_for(role, columns) for role in ROLES}
    if found["given_names"] and found["surnames"]:
        found["full_name"] = ""
    form = _date_form([row[found["birth_date"]] for row in sample]) if found["birth_date"] else None
    lines = ["[source]", *source]
    if form is not None:
        lines.append(f'birth_date_form = "{form}"')
    lines += ["", "[columns]"]
    lines += [
        f"{role} = {json.dumps(column, ensure_ascii=False)}" for role, column in found.items() if column
    ]
    lines += [f'# {role} = ""' for role, column in found.items() if not column]
    left = [column for column in columns if column not in found.values()]
    if left:
        lines += ["", "# Not mapped, and never read:", *(f"#   {column}" for column in left)]
    return "\n".join(lines) + "\n"


def _column_for(role: str, columns: list[str]) -> str:
    plain = {"".join(filter(str.isalnum, column.lower())): column for column in reversed(columns)}
    return next((plain[name] for name in _NAMES[role] if name in plain), "")


def _date_form(cells: list[str]) -> BirthDateForm | None:
    written = [cell for cell in cells if cell]
    fits = (form for form in BirthDateForm if all(parse_birth_date(cell, form) for cell in written))
    return next(fits, None) if written else None
