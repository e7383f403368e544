"""Fixed-length records by byte range: text lines, and EBCDIC with zoned and packed fields."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator

import pyarrow as pa

from narrowgate.adapters.readers.source_file import SourceFile, size_of
from narrowgate.core.base.errors import ConfigurationError, OperationalError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.core.taxfile.mapping_source import Field, FieldType
from narrowgate.index.rows import BATCH_ROWS, RowBatch, RowFault

RECORD_LENGTH = "row_length"
"""A line shorter than its fields, or of another length than the mapping says."""

FIELD_BYTES = "row_field_bytes"
"""A field whose bytes are no text of the encoding, no digits, or a negative number."""

_CP1047 = codecs.decode(bytes(range(256)), "cp037").translate(str.maketrans("¬^[]Ý¨", "^¬Ý¨[]"))
"""IBM code page 1047 differs from 37 in the places of these six characters."""

Decode = Callable[[bytes], str]


def read_lines(source: SourceFile, mapping: Mapping) -> Iterator[RowBatch]:
    """The records of a text file with one record a line.

    Raises:
        OperationalError: the file cannot be read.
    """
    shortest = max(field.start + field.length - 1 for field in mapping.fields)
    exact = mapping.source.record_length
    cutters = _cutters(mapping)

    def cut(line: bytes) -> list[str] | str:
        record = line.rstrip(b"\r\n")
        if len(record) < shortest or (exact and len(record) != exact):
            return RECORD_LENGTH
        return _cut(record, cutters)

    try:
        with source.open("rb") as lines:
            yield from _batches(map(cut, lines), mapping)
    except OSError as error:
        raise _unreadable(source, error) from error


def read_ebcdic(source: SourceFile, mapping: Mapping) -> Iterator[RowBatch]:
    """The records of a file without line ends, each ``record_length`` bytes.

    Raises:
        ConfigurationError: the file is not a whole number of records.
        OperationalError: the file cannot be read.
    """
    length = mapping.source.record_length
    cutters = _cutters(mapping)
    try:
        if size_of(source) % length:
            raise ConfigurationError(
                f"The source is not a whole number of records of {length} bytes.",
                why="It is truncated, has line ends, or its records have another length.",
                where=source.name,
                next_step="Correct the lengths in the mapping, or export the records once more.",
            )
        with source.open("rb") as data:
            records = iter(lambda: data.read(length), b"")
            yield from _batches((_cut(record, cutters) for record in records), mapping)
    except OSError as error:
        raise _unreadable(source, error) from error


def _batches(rows: Iterator[list[str] | str], mapping: Mapping) -> Iterator[RowBatch]:
    names = list(mapping.columns)
    cells: list[list[str]] = []
    numbers: list[int] = []
    faults: list[RowFault] = []
    for number, row in enumerate(rows, 1):
        if isinstance(row, str):
            faults.append(RowFault(number, row))
        else:
            cells.append(row)
            numbers.append(number)
        if len(cells) + len(faults) == BATCH_ROWS:
            yield _batch(names, cells, numbers, faults)
            cells, numbers, faults = [], [], []
    if cells or faults:
        yield _batch(names, cells, numbers, faults)


def _batch(names: list[str], cells: list[list[str]], numbers: list[int], faults: list[RowFault]) -> RowBatch:
    columns = zip(*cells, strict=True) if cells else ((),) * len(names)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return RowBatch(pa.RecordBatch.from_arrays(arrays, names=names), numbers, tuple(faults))


def _cutters(mapping: Mapping) -> list[tuple[int, int, Decode]]:
    fields = {field.name: field for field in mapping.fields}
    text = _text_decoder(mapping.source.encoding)
    wanted = [fields[name] for name in mapping.columns]
    return [(field.start - 1, field.start - 1 + field.length, _decoder(field, text)) for field in wanted]


def _cut(record: bytes, cutters: list[tuple[int, int, Decode]]) -> list[str] | str:
    try:
        return [decode(record[start:end]) for start, end, decode in cutters]
    except ValueError:  # a UnicodeDecodeError is one
        return FIELD_BYTES


def _text_decoder(encoding: str) -> Decode:
    if encoding == "cp1047":
        return lambda data: codecs.charmap_decode(data, "strict", _CP1047)[0].strip()
    return lambda data: data.decode(encoding).strip()


def _decoder(field: Field, text: Decode) -> Decode:
    match field.type:
        case FieldType.TEXT:
            return text
        case FieldType.ZONED:
            return lambda data: _number(_zoned_digits(data), field.digits)
        case FieldType.PACKED:
            return lambda data: _number(_packed_digits(data), field.digits)


def _zoned_digits(data: bytes) -> str:
    """Digits of a DISPLAY number: a zone of F before each digit, the sign in the zone of the last.

    Raises:
        ValueError: another zone, no digit, or a negative sign.
    """
    if not data.strip(b"\x40"):
        return ""
    zones = {byte >> 4 for byte in data[:-1]}
    if zones - {0xF} or data[-1] >> 4 not in {0xF, 0xC, 0xA, 0xE}:
        raise ValueError
    return _digits(byte & 0xF for byte in data)


def _packed_digits(data: bytes) -> str:
    """Digits of a COMP-3 number: two to a byte, the sign in the last half byte.

    Raises:
        ValueError: a half byte is no digit, or the sign is none or negative.
    """
    if not data.strip(b"\x40"):
        return ""
    halves = [half for byte in data for half in (byte >> 4, byte & 0xF)]
    if halves.pop() not in {0xF, 0xC, 0xA, 0xE}:
        raise ValueError
    return _digits(iter(halves))


def _digits(values: Iterator[int]) -> str:
    return "".join(str(value) if value <= 9 else _no_digit() for value in values)


def _no_digit() -> str:
    raise ValueError


def _number(digits: str, wanted: int) -> str:
    """The text of a number with its leading zeros; a number of zeros only is how records write nothing.

    Raises:
        ValueError: there are more digits than wanted and they are not zeros.
    """
    if not digits.strip("0"):
        return ""
    extra = len(digits) - wanted if wanted else 0
    if digits[: max(extra, 0)].strip("0"):
        raise ValueError
    return digits[extra:] if extra > 0 else digits.zfill(wanted)


def _unreadable(source: SourceFile, error: OSError) -> OperationalError:
    return OperationalError(
        "The source cannot be read.",
        why=system_reason(error)[0],
        where=source.name,
        next_step=system_reason(error)[1],
    )
