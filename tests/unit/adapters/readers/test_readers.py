"""Readers give every row as text with its number, or as a fault with its number."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from narrowgate.adapters.readers import read_rows
from narrowgate.adapters.readers.ranges import _CP1047, _number, _packed_digits, _zoned_digits
from narrowgate.core.base.errors import ConfigurationError, NothingToProcessError, OperationalError
from narrowgate.core.taxfile.mapping import Mapping, parse_mapping
from narrowgate.index.rows import BATCH_ROWS, RowBatch, RowFault

ROLES = """
[columns]
tin = "SSN"
full_name = "NAME"
birth_date = "DOB"
address_line_1 = "STREET"
zip = "ZIP"
tax_year = "YEAR"
suppressed = "HOLD"
"""
HEADER = "SSN,NAME,DOB,STREET,ZIP,YEAR,HOLD"
ROW = "012345678,ANNA HALVORSEN,1972-07-08,12 CLIFTON ST,02134,2022,no"


def mapping(source: str = "", rest: str = "") -> Mapping:
    return parse_mapping(f"[source]\n{source}\n{ROLES}\n{rest}", "m.toml")


def rows_of(batches: Iterable[RowBatch]) -> tuple[list[tuple[int, tuple[str, ...]]], list[RowFault]]:
    rows: list[tuple[int, tuple[str, ...]]] = []
    faults: list[RowFault] = []
    for batch in batches:
        names = [name for name in HEADER.split(",") if name in batch.columns.schema.names]
        columns = [batch.columns.column(name).to_pylist() for name in names]
        rows += zip(batch.numbers, zip(*columns, strict=True), strict=True)
        faults += batch.faults
    return rows, faults


def read(
    path: Path, content: str | bytes, form: Mapping
) -> tuple[list[tuple[int, tuple[str, ...]]], list[RowFault]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return rows_of(read_rows(path, form))


CELLS = tuple(ROW.split(","))


def test_leading_zeros_stay(tmp_path: Path) -> None:
    rows, _ = read(tmp_path / "r.csv", f"{HEADER}\n{ROW}\n", mapping())
    assert rows == [(1, CELLS)]


def test_a_byte_order_mark_crlf_and_other_columns_do_no_harm(tmp_path: Path) -> None:
    text = f"\ufeff{HEADER},WAGES\r\n{ROW},99\r\n"
    assert read(tmp_path / "r.csv", text, mapping())[0] == [(1, CELLS)]


def test_quotes_keep_delimiters_and_line_breaks_in_a_value(tmp_path: Path) -> None:
    row = ROW.replace("12 CLIFTON ST", '"12 CLIFTON ST,\nAPT 4"')
    rows, _ = read(tmp_path / "r.csv", f"{HEADER}\n{row}\n{ROW}\n", mapping("line_breaks = true"))
    assert [cells[3] for _, cells in rows] == ["12 CLIFTON ST,\nAPT 4", "12 CLIFTON ST"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("more", ["", ",NOTE"])
def test_rows_that_a_stray_quotation_mark_swallows_are_counted_line_by_line(
    tmp_path: Path, more: str, end: str
) -> None:
    note = more and ","
    stray = f'{ROW},"x' if more else ROW.replace("02134", '"02134')
    closing = f'{ROW},"' if more else ROW.replace("02134", '02134"')
    lines = [HEADER + more, ROW + note, stray, ROW + note, ROW + note, closing, ROW + note, "1,2", ROW + note]
    rows, faults = read(tmp_path / "r.csv", end.join(lines) + end, mapping())
    assert [number for number, _ in rows] == [1, 6, 8]
    assert [(fault.row, fault.reason) for fault in faults] == [
        (2, "row_line_break"), (3, "row_line_break"), (4, "row_line_break"), (5, "row_line_break"),
        (7, "row_field_count"),
    ]  # fmt: skip


def test_lines_swallowed_into_a_row_of_other_fields_are_counted(tmp_path: Path) -> None:
    lines = [HEADER, ROW, '1,"2', ROW, '3",4', ROW]
    rows, faults = read(tmp_path / "r.csv", "\n".join(lines) + "\n", mapping())
    assert [number for number, _ in rows] == [1, 5]
    assert [(fault.row, fault.reason) for fault in faults] == [(row, "row_field_count") for row in (2, 3, 4)]


LINES = st.lists(
    st.sampled_from(
        [ROW, ROW.replace("02134", '"02134'), ROW.replace("no", '"no'), f'{ROW}"', "1,2", '"', ' "', ""]
    )
)


@given(lines=LINES, end=st.sampled_from(["\n", "\r\n", "\r"]), ended=st.booleans())
@example(lines=[ROW, ROW.replace("no", '"no'), ROW], end="\r\n", ended=True)
@example(lines=[ROW, ROW.replace("no", '"no'), '"'], end="\n", ended=True)
def test_every_line_is_a_row_or_a_fault_once_wherever_quotes_are_left_open(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str, ended: bool
) -> None:
    content = end.join([HEADER, *lines]) + end * ended
    path = tmp_path_factory.mktemp("lines") / "r.csv"
    rows, faults = read(path, content, mapping())
    seen = sorted([number for number, _ in rows] + [fault.row for fault in faults])
    assert seen == list(range(1, len(content.encode().splitlines())))


def test_a_blank_line_is_a_row_of_nobody_and_keeps_the_numbers_right(tmp_path: Path) -> None:
    rows, faults = read(tmp_path / "r.csv", f"{HEADER}\n{ROW}\n\n{ROW}\n1,2\n", mapping())
    assert rows == [(1, CELLS), (2, ("",) * len(CELLS)), (3, CELLS)]
    assert faults == [RowFault(4, "row_field_count")]


def test_a_blank_first_line_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="first line of the source is blank"):
        read(tmp_path / "r.csv", f"\n{HEADER}\n{ROW}\n", mapping())


@pytest.mark.parametrize("delimiter", [";", "|", "\t"])
def test_any_delimiter(tmp_path: Path, delimiter: str) -> None:
    text = f"{HEADER}\n{ROW}\n".replace(",", delimiter)
    escaped = "\\t" if delimiter == "\t" else delimiter
    assert read(tmp_path / "r.csv", text, mapping(f'delimiter = "{escaped}"'))[0] == [(1, CELLS)]


@pytest.mark.parametrize(("encoding", "name"), [("latin-1", "JOSÉ NUÑEZ"), ("cp1252", "JOSÉ D\u2019ALMEIDA")])
def test_single_byte_encodings(tmp_path: Path, encoding: str, name: str) -> None:
    text = f"{HEADER}\n{ROW}\n".replace("ANNA HALVORSEN", name).encode(encoding)
    rows, _ = read(tmp_path / "r.csv", text, mapping(f'encoding = "{encoding}"'))
    assert rows[0][1][1] == name


def test_a_wrong_encoding_is_named_with_its_line_and_no_value(tmp_path: Path) -> None:
    text = f"{HEADER}\n{ROW}\n{ROW}\n".encode() + ROW.replace("ANNA", "JOSÉ").encode("latin-1")
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path / "r.csv", text, mapping())
    assert caught.value.where == "r.csv:4"
    assert "HALVORSEN" not in str(caught.value)


def test_a_row_with_other_fields_is_a_fault_and_the_numbers_go_on(tmp_path: Path) -> None:
    text = f"{HEADER}\n{ROW}\n1,2\n{ROW}\n{ROW},9\n{ROW}\n3\n"
    rows, faults = read(tmp_path / "r.csv", text, mapping())
    assert [number for number, _ in rows] == [1, 3, 5]
    assert [fault.row for fault in faults] == [2, 4, 6]


def test_a_file_larger_than_a_batch_keeps_order_and_numbers(tmp_path: Path) -> None:
    count = BATCH_ROWS + 10
    lines = [ROW.replace("012345678", f"{number:09}") for number in range(1, count + 1)]
    lines[5] = "short"
    rows, faults = read(tmp_path / "r.csv", "\n".join([HEADER, *lines]), mapping())
    assert all(int(cells[0]) == number for number, cells in rows)
    assert (len(rows), [fault.row for fault in faults]) == (count - 1, [6])


@pytest.mark.parametrize(
    ("header", "message"),
    [(HEADER.replace("ZIP", "PLZ"), "no column 'ZIP'"), (f"{HEADER},SSN", "more than one")],
)
def test_columns_stand_exactly_once(tmp_path: Path, header: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read(tmp_path / "r.csv", f"{header}\n", mapping())


def test_an_empty_file_has_nothing_to_process(tmp_path: Path) -> None:
    with pytest.raises(NothingToProcessError):
        read(tmp_path / "r.csv", "", mapping())


@pytest.mark.parametrize("name", ["missing.csv", "missing.parquet"])
def test_a_missing_file_is_an_error_of_the_machine(tmp_path: Path, name: str) -> None:
    with pytest.raises(OperationalError):
        list(read_rows(tmp_path / name, mapping()))


def test_an_ending_that_tells_nothing_needs_a_format(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="format"):
        list(read_rows(tmp_path / "records.dat", mapping()))


def write_parquet(path: Path, **changes: pa.Array) -> Path:  # type: ignore[type-arg]
    table = pa.table({name: [cell] for name, cell in zip(HEADER.split(","), CELLS, strict=True)})
    for name, column in changes.items():
        table = table.set_column(table.schema.get_field_index(name), name, column)
    pq.write_table(table, path)
    return path


def test_parquet_text_stays_as_it_is_and_null_is_blank(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "r.parquet", HOLD=pa.array([None], pa.string()))
    assert rows_of(read_rows(path, mapping()))[0] == [(1, (*CELLS[:-1], ""))]


def test_parquet_types_that_lost_nothing_are_read_as_text(tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "r.parquet",
        YEAR=pa.array([2022]),
        HOLD=pa.array([True]),
        DOB=pa.array([date(1972, 7, 8)]),
        NAME=pa.array(["ANNA HALVORSEN"]).dictionary_encode(),
    )
    compact = mapping('birth_date_form = "YYYYMMDD"')
    assert rows_of(read_rows(path, compact))[0] == [(1, (*CELLS[:2], "19720708", *CELLS[3:6], "yes"))]


@pytest.mark.parametrize("column", ["SSN", "ZIP"])
def test_a_number_that_lost_its_zeros_is_refused(tmp_path: Path, column: str) -> None:
    path = write_parquet(tmp_path / "r.parquet", **{column: pa.array([2134])})
    with pytest.raises(ConfigurationError, match="not text"):
        list(read_rows(path, mapping()))


def test_a_truncated_parquet_file_is_an_error_without_values(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "r.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(OperationalError):
        list(read_rows(path, mapping()))


WIDTHS = {"SSN": 9, "NAME": 20, "DOB": 10, "STREET": 20, "ZIP": 5, "YEAR": 4, "HOLD": 3}


def fields(**types: str) -> str:
    text, start = "", 1
    for name, length in WIDTHS.items():
        kind = types.get(name, "text")
        size = (length + 2) // 2 if kind == "packed" else length
        text += f'[[field]]\nname = "{name}"\nstart = {start}\nlength = {size}\ntype = "{kind}"\n'
        start += size
    return text


FIXED = "".join(cell.ljust(width) for cell, width in zip(CELLS, WIDTHS.values(), strict=True))


def test_fixed_width_lines_are_cut_by_byte_and_padding_falls(tmp_path: Path) -> None:
    form = mapping('format = "fixed_width"', fields())
    assert read(tmp_path / "r.dat", f"{FIXED}\r\n{FIXED}\n", form)[0] == [(1, CELLS), (2, CELLS)]


def test_a_line_too_short_or_not_of_the_encoding_is_a_fault(tmp_path: Path) -> None:
    form = mapping('format = "fixed_width"', fields())
    latin = FIXED.replace("ANNA", "JOSÉ").encode("latin-1")
    rows, faults = read(tmp_path / "r.dat", b"\n".join([FIXED.encode(), b"short", latin]), form)
    assert [number for number, _ in rows] == [1]
    assert faults == [RowFault(2, "row_length"), RowFault(3, "row_field_bytes")]


def test_a_line_of_another_length_than_the_mapping_says_is_a_fault(tmp_path: Path) -> None:
    form = mapping(f'format = "fixed_width"\nrecord_length = {len(FIXED)}', fields())
    assert read(tmp_path / "r.dat", f"{FIXED}X\n", form)[1] == [RowFault(1, "row_length")]


def packed(digits: str, sign: str = "F") -> bytes:
    return bytes.fromhex((digits + sign).zfill((len(digits) + 2) // 2 * 2))


@pytest.mark.parametrize("page", ["cp037", "cp500", "cp1140", "cp1047"])
def test_ebcdic_records_have_text_zoned_and_packed_fields(tmp_path: Path, page: str) -> None:
    types = {"SSN": "packed", "ZIP": "zoned"}
    codec = "cp037" if page == "cp1047" else page
    record = packed("012345678") + b"".join(
        cell.ljust(width).encode(codec) for cell, width in list(zip(CELLS, WIDTHS.values(), strict=True))[1:]
    )
    form = mapping(f'format = "ebcdic"\nencoding = "{page}"\nrecord_length = {len(record)}', fields(**types))
    assert read(tmp_path / "r.ebc", record * 2, form)[0] == [(1, CELLS), (2, CELLS)]


def test_code_page_1047_has_its_brackets_and_caret_elsewhere(tmp_path: Path) -> None:
    """IBM CDRA: 5F is the caret, AD and BD are the brackets, BA is Y acute, BB the diaeresis, B0 the not sign."""
    record = FIXED.ljust(80).encode("cp037").replace("ANNA".encode("cp037"), b"\x5f\xad\xbd\xba")
    form = mapping('format = "ebcdic"\nencoding = "cp1047"\nrecord_length = 80', fields())
    assert read(tmp_path / "r.ebc", record, form)[0][0][1][1] == "^[]Ý HALVORSEN"


def test_code_page_1047_is_that_of_another_implementation_at_every_byte() -> None:
    """Python has no cp1047; iconv of the GNU C library does."""
    iconv = shutil.which("iconv")
    if iconv is None:
        pytest.skip("NOT CHECKED: iconv is not installed")
    known = subprocess.run(
        [iconv, "-f", "IBM1047", "-t", "UTF-8"], input=bytes(range(256)), check=False, capture_output=True
    )
    if known.returncode:
        pytest.skip("NOT CHECKED: this iconv does not know IBM1047")
    assert known.stdout.decode() == _CP1047


def test_an_ebcdic_file_of_parts_of_records_is_refused(tmp_path: Path) -> None:
    form = mapping('format = "ebcdic"\nrecord_length = 80', fields())
    with pytest.raises(ConfigurationError, match="whole number of records"):
        read(tmp_path / "r.ebc", b"\x40" * 81, form)


@given(st.text("0123456789", min_size=1, max_size=9))
def test_packed_and_zoned_numbers_keep_every_digit(digits: str) -> None:
    padded = digits.zfill(len(digits) // 2 * 2 + 1)
    assert _packed_digits(packed(digits)) == padded
    assert _zoned_digits(bytes(0xF0 | int(digit) for digit in digits)) == digits
    assert _number(padded, len(digits)) == ("" if not digits.strip("0") else digits)


@pytest.mark.parametrize("data", [b"\x12\x3d", b"\x1a\x3f", b"\x12\x34", b"\x12\x3b"])
def test_a_packed_number_that_is_negative_or_no_number_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        _packed_digits(data)


@pytest.mark.parametrize("data", [b"\xf1\xd2", b"\xc1\xf2", b"\xf1\xfa", b"\x81\xf2"])
def test_a_zoned_number_that_is_negative_or_no_number_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        _zoned_digits(data)


def test_a_number_longer_than_its_digits_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^$"):
        _number("1012345678", 9)


def test_a_parquet_file_is_not_held_in_memory_while_it_is_read(tmp_path: Path) -> None:
    rows = 20_000
    path = tmp_path / "large.parquet"
    schema = pa.schema([(name, pa.string()) for name in ("TIN", "NAME", "YEAR", "HOME")])
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
        for group in range(40):
            column = pa.array([f"{group:02d}{row:06d}".ljust(50, "x") for row in range(rows)])
            writer.write_table(pa.Table.from_arrays([column] * 4, schema=schema))
    before, most = pa.total_allocated_bytes(), 0
    mapping = parse_mapping(
        '[columns]\ntin = "TIN"\nfull_name = "NAME"\ntax_year = "YEAR"\naddress_line_1 = "HOME"', "m"
    )
    for batch in read_rows(path, mapping):
        most = max(most, pa.total_allocated_bytes() - before)
        assert len(batch.numbers) > 0
    assert most < path.stat().st_size / 4
