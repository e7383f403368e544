"""A proposal for the mapping of a file, from its columns or copybook and the form of its dates; no value leaves."""

from __future__ import annotations

import codecs
import csv
import json
import re
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.adapters.files.workbook import read_sheet
from narrowgate.adapters.readers.ranges import read_ebcdic, read_lines
from narrowgate.core.base.errors import ConfigurationError, NothingToProcessError, OperationalError
from narrowgate.core.base.system_errors import refused_by_system
from narrowgate.core.person.birth_date import BirthDateForm, parse_birth_date
from narrowgate.core.taxfile.copybook import parse_copybook
from narrowgate.core.taxfile.mapping import ROLES, Mapping, PersonColumns
from narrowgate.core.taxfile.mapping_source import (
    EBCDIC_ENCODINGS,
    TEXT_ENCODINGS,
    Field,
    FieldType,
    SourceForm,
    SourceFormat,
)

_NAMES = {
    "tin": ("tin", "ssn", "itin", "social", "socialsecuritynumber", "taxpayerid", "tinnumber"),
    "given_names": (
        "givennames",
        "givenname",
        "first",
        "firstname",
        "firstnames",
        "namefirst",
        "firstnm",
        "fname",
        "forename",
    ),
    "surnames": (
        "surnames",
        "surname",
        "last",
        "lastname",
        "lastnames",
        "namelast",
        "lastnm",
        "lname",
        "familyname",
    ),
    "full_name": ("fullname", "name", "taxpayername"),
    "birth_date": ("birthdate", "dob", "dateofbirth", "birthdt", "bdate"),
    "address_line_1": (
        "addressline1",
        "address1",
        "address",
        "street",
        "streetaddress",
        "addr1",
        "mailingaddress",
    ),
    "address_line_2": ("addressline2", "address2", "addr2", "street2", "unit", "unitnumber", "apartment"),
    "city": ("city", "town", "mailingcity"),
    "state": ("state", "st", "statecode", "statecd", "mailingstate"),
    "zip": ("zip", "zipcode", "zip5", "zipcd", "postalcode", "mailingzip"),
    "tax_year": ("taxyear", "taxyr", "txyr", "year", "taxperiod", "yr"),
    "suppressed": ("suppressed", "suppress", "suppressionflag", "withheld"),
}
"""Usual column names of each role, letters and digits only."""

_SAMPLE_ROWS = 200
_SAMPLE_BYTES = 1 << 20
_DELIMITERS = ",;|\t^~:!#$%&*+/=@ " + "".join(map(chr, range(1, 9))) + "\x1c\x1d\x1e\x1f"
"""Of two that fit alike the first is taken."""

_LINE_END = re.compile(r"\r\n|\n|\r")
_CONTROLS = re.compile(rb"[\x80-\x9f]")


def propose_mapping(source: Path, copybook: Path | None = None) -> str:
    """A mapping TOML for a file, to be read and corrected by a person.

    Roles that were not recognized stand as comments, and so do the columns left over; a comment enters nothing.

    Args:
        source: CSV with any delimiter, Parquet, or an Excel workbook; with ``copybook``, records by byte range,
            EBCDIC or text.
        copybook: COBOL layout of the records, text in UTF-8.

    Raises:
        ConfigurationError: the file is neither CSV nor Parquet, or does not fit the copybook.
        NothingToProcessError: it is empty.
        OperationalError: it cannot be read.
    """
    try:
        if not source.stat().st_size:
            raise NothingToProcessError(
                "The source is empty.", where=source.name, next_step="Name a file that has records."
            )
        if copybook is not None:
            return _propose_by_range(source, copybook)
        if source.suffix.lower() == ".xlsx":
            return _propose(*_excel_sample(source), ['format = "excel"'])
        if source.suffix.lower() == ".parquet":
            return _propose(*_parquet_sample(source), ['format = "parquet"'])
        return _propose_delimited(source)
    except csv.Error:
        raise ConfigurationError(
            "The first lines of the source are not CSV.",
            where=source.name,
            next_step="Name a CSV or Parquet file, or give the layout of the records by --copybook.",
        ) from None
    except pa.ArrowInvalid as error:
        raise OperationalError(
            "The source cannot be read.",
            why="It is no Parquet file, or is truncated.",
            next_step="Export the records once more, and name that file.",
            where=source.name,
        ) from error
    except OSError as error:
        raise refused_by_system(error, "The source cannot be read.", where=source.name) from error


def _parquet_sample(source: Path) -> tuple[list[str], list[dict[str, str]]]:
    with pq.ParquetFile(source) as file:
        batch = next(file.iter_batches(_SAMPLE_ROWS), None)
        try:
            rows = batch.to_pylist() if batch is not None else []
        except (ValueError, OverflowError):  # their text quotes the cell
            raise ConfigurationError(
                "A cell among the first rows of the source is not what its column says.",
                why="It is said to be text and is not UTF-8, or to be a date and is none.",
                next_step="Export the records once more with each column as text, and name that file.",
                where=source.name,
            ) from None
        sample = [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in rows]
        return file.schema_arrow.names, sample


def _excel_sample(source: Path) -> tuple[list[str], list[dict[str, str]]]:
    names, rows = read_sheet(source)
    sample = [dict(zip(names, map(str, cells), strict=True)) for _, cells in islice(rows, _SAMPLE_ROWS)]
    return names, sample


def _propose_delimited(source: Path) -> str:
    encoding = _encoding_of(source)
    with source.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as text:
        lines = _LINE_END.split(text.read(_SAMPLE_BYTES).rstrip("\r\n"))[: _SAMPLE_ROWS + 1]
    delimiter = max(_DELIMITERS, key=lambda delimiter: _fit(lines, delimiter))
    header, *rows = csv.reader(lines, delimiter=delimiter)
    named, _, _ = _fit(lines, delimiter)
    if len(header) < 2 or not (named or source.suffix.lower() in {".csv", ".tsv", ".txt"}):
        raise ConfigurationError(
            "The source is neither Parquet nor a CSV whose first line names columns.",
            next_step="For records by byte range give their layout by --copybook, or write [[field]] tables by hand.",
            where=source.name,
        )
    sample = [dict(zip(header, row, strict=False)) for row in rows]
    form = ['format = "csv"', f"delimiter = {_text(delimiter)}", f'encoding = "{encoding}"']
    return _propose(header, sample, form)


def _fit(lines: list[str], delimiter: str) -> tuple[int, bool, int]:
    """How well a delimiter fits: roles that the header names, rows of one length, columns."""
    header, *rows = csv.reader(lines, delimiter=delimiter)
    named = sum(bool(_column_for(role, header)) for role in ROLES)
    return named, all(len(row) == len(header) for row in rows), len(header)


def _encoding_of(source: Path) -> str:
    """UTF-8 where all of the file is; else cp1252 where a byte is a character of it and a control of Latin-1."""
    with source.open("rb") as data:
        if data.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            raise ConfigurationError(
                "The source is UTF-16.",
                next_step=f"Convert it to one of {', '.join(TEXT_ENCODINGS)}.",
                where=source.name,
            )
        if _decodes(source, "utf-8"):
            return "utf-8"
        data.seek(0)
        controls = any(_CONTROLS.search(block) for block in iter(partial(data.read, _SAMPLE_BYTES), b""))
    return "cp1252" if controls and _decodes(source, "cp1252") else "latin-1"


def _decodes(source: Path, encoding: str) -> bool:
    try:
        with source.open(encoding=encoding) as text:
            while text.read(_SAMPLE_BYTES):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _propose_by_range(source: Path, copybook: Path) -> str:
    """The fields of the roles that were recognized as ``[[field]]``, and the others as comments."""
    text, where = copybook.read_text(encoding="utf-8", errors="replace"), copybook.name
    layout = parse_copybook(text, where)
    with source.open("rb") as data:
        sample = data.read(_SAMPLE_BYTES)
    # A blank is 40 in EBCDIC and 20 in ASCII, and there is no record without blanks.
    is_ebcdic = sample.count(b"\x40") > sample.count(b"\x20")
    encoding = EBCDIC_ENCODINGS[0] if is_ebcdic else _encoding_of(source)
    form = SourceForm(
        SourceFormat.EBCDIC if is_ebcdic else SourceFormat.FIXED_WIDTH,
        encoding=encoding,
        record_length=layout.record_length,
    )
    fields = layout.fields if is_ebcdic else tuple(_as_text(field) for field in layout.fields)
    lines = [f'format = "{form.format}"', f'encoding = "{encoding}"', f"record_length = {form.record_length}"]
    if is_ebcdic:
        lines[1] += f"  # or {', '.join(EBCDIC_ENCODINGS[1:])}: a file does not say which"
    names = [field.name for field in fields]
    rows = _first_rows(source, form, fields, _column_for("birth_date", names))
    proposal = _propose(names, rows, lines)
    return proposal + "".join(map(_field_table, fields))


def _as_text(field: Field) -> Field:
    return replace(field, type=FieldType.TEXT, digits=0)


def _first_rows(
    source: Path, form: SourceForm, fields: tuple[Field, ...], birth_date: str
) -> list[dict[str, str]]:
    """The birth dates of the first records, by the reader that the build will use.

    Raises:
        ConfigurationError: the file is not one of such records.
    """
    column = birth_date or fields[0].name
    mapping = Mapping(form, (PersonColumns(birth_date=column),), (), "", fields)
    read = read_ebcdic if form.format is SourceFormat.EBCDIC else read_lines
    batch = next(read(source, mapping))
    if not batch.numbers:
        raise ConfigurationError(
            "The records of the source are not those of the copybook.",
            why=f"By the copybook a record has {form.record_length} bytes.",
            next_step="Compare the two; the copybook may be of another file.",
            where=source.name,
        )
    return [{column: str(cell)} for cell in batch.columns.column(column).to_pylist()[:_SAMPLE_ROWS]]


def _field_table(field: Field) -> str:
    digits = f"\ndigits = {field.digits}" if field.digits else ""
    return (
        f"\n[[field]]\nname = {_text(field.name)}\nstart = {field.start}\nlength = {field.length}"
        f'\ntype = "{field.type}"{digits}\n'
    )


def _text(value: str) -> str:
    """``value`` as a TOML string, or behind the sign of a comment; a control character never ends a line."""
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _propose(columns: list[str], sample: list[dict[str, str]], source: list[str]) -> str:
    found = {role: _column_for(role, columns) for role in ROLES}
    if found["given_names"] and found["surnames"]:
        found["full_name"] = ""
    form = _date_form([row.get(found["birth_date"], "") for row in sample]) if found["birth_date"] else None
    lines = ["[source]", *source]
    if form is not None:
        lines.append(f'birth_date_form = "{form}"')
    lines += ["", "[columns]"]
    lines += [f"{role} = {_text(column)}" for role, column in found.items() if column]
    lines += [f'# {role} = ""' for role, column in found.items() if not column]
    if missing := _missing(found):
        lines += [
            "",
            "# Still missing, and without it no index is built:",
            *(f"#   {what}" for what in missing),
        ]
    left = [column for column in columns if column not in found.values()]
    if left:
        lines += [
            "",
            "# Not mapped, and never read:",
            *(f"#   {column if column.isprintable() else _text(column)}" for column in left),
        ]
    return "\n".join(lines) + "\n"


def _missing(found: dict[str, str]) -> list[str]:
    """What a mapping needs and no column was recognized for."""
    has_name = found["full_name"] or (found["given_names"] and found["surnames"])
    needed = {
        "tin or birth_date": found["tin"] or found["birth_date"],
        "full_name, or given_names and surnames": has_name,
        "address_line_1": found["address_line_1"],
        "tax_year; a whole file of one year gives it in [source]": found["tax_year"],
    }
    return [what for what, column in needed.items() if not column]


def _column_for(role: str, columns: list[str]) -> str:
    plain = {"".join(filter(str.isalnum, column.lower())): column for column in reversed(columns)}
    return next((plain[name] for name in _NAMES[role] if name in plain), "")


def _date_form(cells: list[str]) -> BirthDateForm | None:
    written = [cell for cell in cells if cell]
    fits = (form for form in BirthDateForm if all(parse_birth_date(cell, form) for cell in written))
    return next(fits, None) if written else None
