"""A copybook gives every field the bytes that a COBOL program reads it from, or is refused."""

from __future__ import annotations

import pytest

from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.taxfile.copybook import parse_copybook
from narrowgate.core.taxfile.mapping_source import Field, FieldType

RECORD = """
000100* A comment, and sequence numbers in the first six columns
000200 01  MASTER-REC.
000300     05  REC-TYPE        PIC S9(4) COMP.
000400         88  IS-MASTER   VALUE 1.
000500     05  TAXPAYER.
000600         10  SSN         PIC S9(9) COMP-3.
000700         10  NAME        PICTURE IS X(20).
000800     05  WAGES           PIC S9(7)V99 BINARY.
000900     05  WAGES-TEXT      REDEFINES WAGES PIC X(4).
001000     05  FILLER          PIC X(3).
001100     05  YEAR            PIC 9(4).
001200     05  BALANCE         PIC S9(5) SIGN LEADING SEPARATE.
001300     05  SPOUSE OCCURS 2 TIMES.
001400         10  NAME        PIC A(5).
001500         10  SCORE       PIC 99 OCCURS 2.
"""


def test_every_item_has_its_bytes_and_only_those_a_reader_takes_are_fields() -> None:
    copybook = parse_copybook(RECORD, "r.cpy")
    assert copybook.fields == (
        Field("SSN", 3, 5, FieldType.PACKED, 9),
        Field("NAME", 8, 20, FieldType.TEXT),
        Field("WAGES-TEXT", 28, 4, FieldType.TEXT),
        Field("YEAR", 35, 4, FieldType.ZONED, 4),
        Field("NAME(1)", 45, 5, FieldType.TEXT),
        Field("SCORE(1)(1)", 50, 2, FieldType.ZONED, 2),
        Field("SCORE(1)(2)", 52, 2, FieldType.ZONED, 2),
        Field("NAME(2)", 54, 5, FieldType.TEXT),
        Field("SCORE(2)(1)", 59, 2, FieldType.ZONED, 2),
        Field("SCORE(2)(2)", 61, 2, FieldType.ZONED, 2),
    )
    assert copybook.record_length == 62


def test_free_form_lower_case_and_several_items_a_line_are_read() -> None:
    text = "01 rec. *> the record\n 05 a pic x(2). 05 b pic 9(3) usage comp-3.\n05 pic x. 05 c pic xx.\n"
    copybook = parse_copybook(text, "r.cpy")
    assert [(field.name, field.start, field.length) for field in copybook.fields] == [
        ("A", 1, 2), ("B", 3, 2), ("C", 6, 2),
    ]  # fmt: skip
    assert copybook.record_length == 7


def test_items_of_one_name_are_told_apart_by_their_group() -> None:
    text = "01 R.\n 05 FILER.\n  10 NAME PIC X.\n 05 SPOUSE.\n  10 NAME PIC X.\n"
    assert [field.name for field in parse_copybook(text, "r.cpy").fields] == [
        "NAME OF FILER",
        "NAME OF SPOUSE",
    ]


@pytest.mark.parametrize(("digits", "length"), [(1, 2), (4, 2), (5, 4), (9, 4), (10, 8), (18, 8)])
def test_a_binary_number_takes_two_four_or_eight_bytes(digits: int, length: int) -> None:
    text = f"01 R.\n 05 N PIC S9({digits}) COMP.\n 05 AFTER PIC X.\n"
    assert parse_copybook(text, "r.cpy").fields == (Field("AFTER", length + 1, 1, FieldType.TEXT),)


def test_a_longer_redefinition_makes_the_record_longer() -> None:
    text = "01 R.\n 05 A PIC X(2).\n 05 B REDEFINES A PIC X(5).\n 05 C PIC X.\n"
    assert [(field.name, field.start) for field in parse_copybook(text, "r.cpy").fields] == [
        ("A", 1), ("B", 1), ("C", 6),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "describes no record"),
        ("      * nothing but a comment\n", "describes no record"),
        ("SSN,NAME\n1,2\n", "no data description"),
        ("01 R.\n 66 A RENAMES B.\n", "no data description"),
        ("01 R.\n 05 N PIC 9.\n 05 T OCCURS 1 TO 9 TIMES DEPENDING ON N PIC X.\n", "bytes of T"),
        ("01 R.\n 05 N COMP-1.\n", "bytes of N"),
        ("01 R.\n 05 N PIC 9(9) COMP SYNC.\n", "bytes of N"),
        ("01 R.\n 05 G COMP-3.\n  10 N PIC 9(9).\n", "bytes of G"),
        ("01 R.\n 05 N.\n", "bytes of N"),
    ],
)
def test_a_copybook_that_does_not_fix_every_byte_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parse_copybook(text, "r.cpy")
