"""CSV and its kin: any delimiter; UTF-8, Latin-1 or cp1252; decoded strictly."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from narrowgate.adapters.readers.source_file import SourceFile, arrow_input
from narrowgate.core.base.errors import ConfigurationError, NothingToProcessError, OperationalError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.core.taxfile.mapping_source import TEXT_ENCODINGS
from narrowgate.index.rows import BATCH_ROWS, RowBatch, RowFault, check_columns

FIELD_COUNT = "row_field_count"
"""A row with more or fewer fields than the header."""

LINE_BREAK = "row_line_break"
"""A row with a line break in a cell, and each line in it: a stray quotation mark swallows what follows."""

_BLOCK_BYTES = 4 << 20
_LINE_END = r"\r\n|\n|\r"

Block = TypeVar("Block")


def read_delimited(source: SourceFile, mapping: Mapping) -> Iterator[RowBatch]:
    """The rows of a delimited file; a row whose field count differs from the header's is a fault.

    Every line is a row, a blank one too, and a fault where a cell goes on over its end; with ``line_breaks`` of the
    mapping a cell may. Columns that the mapping does not name are looked at for that, too.

    Raises:
        ConfigurationError: a column is missing, or the file is not in the encoding the mapping names.
        NothingToProcessError: the file is empty.
        OperationalError: the file cannot be read.
    """
    header = header_of(source, mapping)
    check_columns(header, mapping, source.name)
    header_lines = sum(map(_line_ends, header)) + 1
    whole = mapping.source.line_breaks
    faults = deque[_Fault]()

    def note(row: arrow_csv.InvalidRow) -> Literal["skip"]:
        # Arrow counts the header; without threads it always knows the number.
        lines = 1 if whole else _line_ends(row.text) + 1
        faults.append(_Fault((row.number or 0) - 1, lines))
        return "skip"

    try:
        reader = arrow_csv.open_csv(
            arrow_input(source),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=_BLOCK_BYTES, encoding=_arrow_encoding(mapping)
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=mapping.source.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(mapping.columns if whole else header, pa.string()),
                include_columns=list(mapping.columns) if whole else None,
            ),
        )
        yield from _number(reader, faults, mapping, lambda: _lines_of(source) - header_lines)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        if _lines_of(source) <= header_lines:
            return  # Arrow takes a header without a line end for no table
        # Arrow's message quotes the row.
        raise _not_readable(source, mapping) from None
    except OSError as error:
        raise OperationalError(
            "The source cannot be read.",
            why=system_reason(error)[0],
            where=source.name,
            next_step=system_reason(error)[1],
        ) from None


class _Fault(NamedTuple):
    """A record with a wrong number of fields: its number among the records, and the lines it takes."""

    record: int
    lines: int


class _Lines:
    """Numbers records by the lines they take; every line of one that is set aside is a fault.

    Args:
        wrong: records with a wrong number of fields, in order; more may come.
    """

    def __init__(self, wrong: deque[_Fault]) -> None:
        self._wrong = wrong
        self._record = self._line = 1
        self._faults: list[RowFault] = []

    def number(self, lines: int) -> int:
        """The number of the next record, which takes so many lines; 0 where it takes more than one."""
        self.pass_wrong()
        self._record += 1
        if lines > 1:
            self._set_aside(lines, LINE_BREAK)
            return 0
        self._line += 1
        return self._line - 1

    def after(self, taken: list[int]) -> int:
        """How many lines there are after the records that take so many, if these are the last."""
        return self._line - 1 + sum(taken) + sum(fault.lines for fault in self._wrong)

    def pass_wrong(self) -> None:
        """Number the records with a wrong number of fields that come next."""
        while self._wrong and self._wrong[0].record == self._record:
            self._set_aside(self._wrong.popleft().lines, FIELD_COUNT)
            self._record += 1

    def take_faults(self) -> tuple[RowFault, ...]:
        """The faults found since the last call."""
        found, self._faults = tuple(self._faults), []
        return found

    def _set_aside(self, lines: int, reason: str) -> None:
        self._faults += [RowFault(self._line + at, reason) for at in range(lines)]
        self._line += lines


def _number(
    reader: arrow_csv.CSVStreamingReader,
    wrong: deque[_Fault],
    mapping: Mapping,
    lines_in_source: Callable[[], int],
) -> Iterator[RowBatch]:
    lines = _Lines(wrong)
    columns = list(mapping.columns)
    for block, is_last in _with_last(reader):
        taken = [1] * block.num_rows if mapping.source.line_breaks else _lines_taken(block)
        # A quote left open takes the end of the last line into its cell, and no line follows it.
        if is_last and taken and taken[-1] > 1 and lines.after(taken) > lines_in_source():
            taken[-1] -= 1
        numbers = list(map(lines.number, taken))
        wanted = block.select(columns)
        if 0 in numbers:
            wanted = wanted.filter(pa.array(map(bool, numbers), pa.bool_()))
            numbers = list(filter(None, numbers))
        yield from _batches(wanted, numbers, lines.take_faults())
    lines.pass_wrong()
    if faults := lines.take_faults():
        yield RowBatch(pa.RecordBatch.from_pylist([], schema=reader.schema).select(columns), (), faults)


def _batches(rows: pa.RecordBatch, numbers: list[int], faults: tuple[RowFault, ...]) -> Iterator[RowBatch]:
    """``rows`` in batches of the usual size, each with the faults that lie before its last row."""
    starts = range(0, max(rows.num_rows, 1), BATCH_ROWS)
    for start in starts:
        own = numbers[start : start + BATCH_ROWS]
        count = len(faults) if start == starts[-1] else sum(fault.row < own[-1] for fault in faults)
        yield RowBatch(rows.slice(start, BATCH_ROWS), own, faults[:count])
        faults = faults[count:]


def _with_last(blocks: Iterable[Block]) -> Iterator[tuple[Block, bool]]:
    """Each of ``blocks``, and whether it is the last."""
    rest = iter(blocks)
    for first in rest:
        before = first
        for following in rest:
            yield before, False
            before = following
        yield before, True


def _line_ends(text: str) -> int:
    return len(re.findall(_LINE_END, text))


def _lines_of(source: SourceFile) -> int:
    """How many lines the file has, whatever ends them; read again, so only asked where a quote may be left open."""
    with source.open(encoding="latin-1") as text:
        return sum(1 for _ in text)


def _lines_taken(block: pa.RecordBatch) -> list[int]:
    """How many lines each row takes, by the line breaks in its cells."""
    taken = [1] * block.num_rows
    columns: list[Any] = block.columns
    for column in columns:
        if pc.any(pc.match_substring_regex(column, _LINE_END)).as_py():
            breaks = pc.count_substring_regex(column, _LINE_END).to_pylist()
            taken = [before + more for before, more in zip(taken, breaks, strict=True)]
    return taken


def header_of(source: SourceFile, mapping: Mapping) -> list[str]:
    """The column names in the first line.

    Raises:
        NothingToProcessError: there is no first line.
        ConfigurationError: the first line is blank, or not in the encoding of the mapping.
        OperationalError: the file cannot be read.
    """
    encoding = "utf-8-sig" if mapping.source.encoding == "utf-8" else mapping.source.encoding
    try:
        with source.open(encoding=encoding, newline="") as lines:
            header = next(csv.reader(lines, delimiter=mapping.source.delimiter), None)
    except UnicodeDecodeError:
        raise _not_readable(source, mapping) from None
    except OSError as error:
        raise OperationalError(
            "The source cannot be read.",
            why=system_reason(error)[0],
            where=source.name,
            next_step=system_reason(error)[1],
        ) from None
    if header is None:
        raise NothingToProcessError(
            "The source is empty.", where=source.name, next_step="Name a file that has records."
        )
    if not header:
        raise ConfigurationError(
            "The first line of the source is blank.",
            why="It must name the columns.",
            where=f"{source.name}:1",
            next_step="Put the names of the columns into the first line.",
        )
    return header


def _arrow_encoding(mapping: Mapping) -> str:
    return {"utf-8": "utf8"}.get(mapping.source.encoding, mapping.source.encoding)


def _not_readable(source: SourceFile, mapping: Mapping) -> ConfigurationError:
    """Finds the first line that is not in the encoding; the slow way is only taken to explain a failure."""
    decode = codecs.getdecoder(mapping.source.encoding)
    with source.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                decode(line, "strict")
            except UnicodeDecodeError:
                return ConfigurationError(
                    f"The line is not {mapping.source.encoding}.",
                    next_step="Write the file's encoding into [source] of the mapping: one of "
                    f"{', '.join(TEXT_ENCODINGS)}. A file in another must be converted.",
                    where=f"{source.name}:{number}",
                )
    return ConfigurationError(
        "The source is not a table with this delimiter.",
        why="A quoted field is not closed, or a row is longer than 4 MiB.",
        where=source.name,
        next_step="Correct 'delimiter' in [source] of the mapping, or the file.",
    )
