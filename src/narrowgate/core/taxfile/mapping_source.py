"""How the source of a mapping is written: its format, encoding, date form, and fields by byte range."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.shown import key_shown
from narrowgate.core.matching.tax_years import parse_year
from narrowgate.core.person.birth_date import BirthDateForm

CORRECT_IT: Final = "Correct the mapping; 'narrowgate index describe' proposes one."
"""What to do about a fault of a mapping, which its message names."""

Choice = TypeVar("Choice", bound=StrEnum)


class SourceFormat(StrEnum):
    """Kinds of source there is a reader for."""

    CSV = "csv"
    PARQUET = "parquet"
    FIXED_WIDTH = "fixed_width"
    EBCDIC = "ebcdic"
    POSTGRESQL = "postgresql"
    EXCEL = "excel"


TEXT_ENCODINGS = ("utf-8", "latin-1", "cp1252")
EBCDIC_ENCODINGS = ("cp037", "cp500", "cp1140", "cp1047")


class FieldType(StrEnum):
    """How the bytes of a field write their text (COBOL USAGE DISPLAY, signed DISPLAY, COMP-3)."""

    TEXT = "text"
    ZONED = "zoned"
    PACKED = "packed"


@dataclass(frozen=True, slots=True)
class Field:
    """One byte range of a fixed-length record.

    Args:
        name: what ``[columns]`` calls it.
        start: first byte, counted from 1.
        length: bytes.
        type: how the bytes write the value.
        digits: for ``packed`` and ``zoned``: digits of the value with leading zeros; 0 for all it holds.
    """

    name: str
    start: int
    length: int
    type: FieldType = FieldType.TEXT
    digits: int = 0


@dataclass(frozen=True, slots=True)
class SourceForm:
    """How a source is written.

    Args:
        format: None when the file name tells (``.csv``, ``.tsv``, ``.parquet``, ``.xlsx``).
        delimiter: of a CSV, one character.
        encoding: of text; EBCDIC code page for ``ebcdic``.
        birth_date_form: the one form of every birth date.
        tax_year: the year of every row, for a file of one year without such a column; else empty.
        record_length: bytes of a record; 0 for lines of any length.
        query: SELECT statement of a PostgreSQL source.
        line_breaks: a quoted cell of a CSV may hold some; else they show a quotation mark that is not closed.
    """

    format: SourceFormat | None = None
    delimiter: str = ","
    encoding: str = "utf-8"
    birth_date_form: BirthDateForm = BirthDateForm.ISO
    tax_year: str = ""
    record_length: int = 0
    query: str = ""
    line_breaks: bool = False


_TEXT_KEYS = ("format", "delimiter", "encoding", "birth_date_form", "tax_year", "query")


def parse_source(table: Table[str, Any], where: str) -> SourceForm:
    """The source form that the table ``[source]`` writes.

    Raises:
        ConfigurationError: an unknown key, or a value outside its alphabet.
    """
    for key, value in table.items():
        if key not in (*_TEXT_KEYS, "record_length", "line_breaks"):
            raise ConfigurationError(
                f"[source] has an unknown key: {key_shown(key)}.",
                next_step=f"Keys are {', '.join(_TEXT_KEYS)}, record_length and line_breaks.",
                where=where,
            )
        if key in _TEXT_KEYS and not isinstance(value, str):
            raise ConfigurationError(
                f"'{key}' in [source] is not a text.",
                where=where,
                next_step=CORRECT_IT,
            )
    form = _choice(SourceFormat, table, "format", where, SourceFormat.CSV) if "format" in table else None
    source = SourceForm(
        format=form,
        delimiter=_delimiter(table, where),
        encoding=_encoding(table, form, where),
        birth_date_form=_choice(BirthDateForm, table, "birth_date_form", where, BirthDateForm.ISO),
        tax_year=_tax_year(table, where),
        record_length=_count(table.get("record_length", 0), "record_length", where),
        query=table.get("query", ""),
        line_breaks=_truth(table.get("line_breaks", False), "line_breaks", where),
    )
    _check_format_needs(source, where)
    return source


def parse_fields(value: Any, source: SourceForm, where: str) -> tuple[Field, ...]:
    """The byte ranges that the tables ``[[field]]`` write.

    Raises:
        ConfigurationError: an unknown key, a bad range, one name twice, or fields where columns have names.
    """
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise ConfigurationError(
            "'field' is written [[field]], once for each field.",
            where=where,
            next_step=CORRECT_IT,
        )
    found = tuple(_field(table, where) for table in value)
    by_range = source.format in {SourceFormat.FIXED_WIDTH, SourceFormat.EBCDIC}
    if bool(found) != by_range:
        raise ConfigurationError(
            "A fixed-width source needs [[field]] tables."
            if by_range
            else "Only a fixed-width source has [[field]].",
            why="Formats by byte range are fixed_width and ebcdic.",
            where=where,
            next_step=CORRECT_IT,
        )
    names = [field.name for field in found]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(
                f"Two fields are called '{name}'.",
                where=where,
                next_step=CORRECT_IT,
            )
    for field in found:
        if source.record_length and field.start + field.length - 1 > source.record_length:
            raise ConfigurationError(
                f"Field '{field.name}' ends beyond the record.",
                where=where,
                next_step=CORRECT_IT,
            )
        if source.format is SourceFormat.FIXED_WIDTH and field.type is not FieldType.TEXT:
            raise ConfigurationError(
                f"Field '{field.name}': only ebcdic has {field.type} fields.",
                where=where,
                next_step=CORRECT_IT,
            )
    return found


def _field(table: Table[str, Any], where: str) -> Field:
    unknown = sorted(set(table) - {"name", "start", "length", "type", "digits"})
    if unknown:
        raise ConfigurationError(
            f"[[field]] has an unknown key: {key_shown(unknown[0])}.",
            where=where,
            next_step=CORRECT_IT,
        )
    name = table.get("name")
    if not isinstance(name, str) or not name:
        raise ConfigurationError(
            "A [[field]] has no name.",
            where=where,
            next_step=CORRECT_IT,
        )
    start = _count(table.get("start"), f"start of field {name}", where)
    length = _count(table.get("length"), f"length of field {name}", where)
    if start < 1 or length < 1:
        raise ConfigurationError(
            f"Field '{name}' starts before byte 1 or is empty.",
            where=where,
            next_step=CORRECT_IT,
        )
    kind = _choice(FieldType, table, "type", where, FieldType.TEXT)
    return Field(name, start, length, kind, _count(table.get("digits", 0), f"digits of field {name}", where))


def _check_format_needs(source: SourceForm, where: str) -> None:
    if (source.format is SourceFormat.POSTGRESQL) != bool(source.query):
        raise ConfigurationError(
            "'query' in [source] belongs to the format postgresql, and it needs one.",
            where=where,
            next_step=CORRECT_IT,
        )
    if source.format is SourceFormat.EBCDIC and not source.record_length:
        raise ConfigurationError(
            "[source] of the format ebcdic lacks 'record_length'.",
            where=where,
            next_step=CORRECT_IT,
        )
    if source.record_length and source.format not in {SourceFormat.EBCDIC, SourceFormat.FIXED_WIDTH}:
        raise ConfigurationError(
            "'record_length' in [source] belongs to records by byte range.",
            where=where,
            next_step=CORRECT_IT,
        )


def _delimiter(table: Table[str, Any], where: str) -> str:
    delimiter: str = table.get("delimiter", ",")
    if len(delimiter) != 1 or delimiter in '"\r\n' or not delimiter.isascii():
        raise ConfigurationError(
            "'delimiter' in [source] is not one ASCII character.",
            where=where,
            next_step=CORRECT_IT,
        )
    return delimiter


def _encoding(table: Table[str, Any], form: SourceFormat | None, where: str) -> str:
    known = EBCDIC_ENCODINGS if form is SourceFormat.EBCDIC else TEXT_ENCODINGS
    encoding: str = table.get("encoding", known[0])
    if encoding not in known:
        raise ConfigurationError(
            "'encoding' in [source] is not one that can be read.",
            next_step=f"Encodings are {', '.join(known)}.",
            where=where,
        )
    return encoding


def _tax_year(table: Table[str, Any], where: str) -> str:
    year: str = table.get("tax_year", "")
    if year and parse_year(year) is None:
        raise ConfigurationError(
            "'tax_year' in [source] is not a year from 1990 to 2053.",
            where=where,
            next_step=CORRECT_IT,
        )
    return year


def _count(value: Any, what: str, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ConfigurationError(
            f"The {what} is not a whole number.",
            where=where,
            next_step=CORRECT_IT,
        )
    return value


def _truth(value: Any, what: str, where: str) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(
            f"'{what}' in [source] is neither true nor false.",
            where=where,
            next_step=CORRECT_IT,
        )
    return value


def _choice(kind: type[Choice], table: Table[str, Any], key: str, where: str, otherwise: Choice) -> Choice:
    written = table.get(key, otherwise)
    try:
        return kind(written)
    except ValueError:
        raise ConfigurationError(
            f"'{key}' in the mapping is none of those known.",
            next_step=f"Known are {', '.join(kind)}.",
            where=where,
        ) from None
