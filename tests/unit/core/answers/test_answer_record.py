from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.answers.answer_record import AnswerRecord, RecordFormat
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError
from support.answer_records import FORMAT, records


@given(record=records())
def test_a_record_comes_back_as_it_was_and_all_records_are_equally_wide(record: AnswerRecord) -> None:
    line = FORMAT.encode(record)
    assert FORMAT.decode(line, "part:2") == record
    assert len(line) == FORMAT.record_bytes
    assert line.isascii()
    assert line.index(b"\n") == len(line) - 1


@given(several=st.lists(records(), max_size=4))
def test_many_records_at_once_are_what_each_is_alone(several: list[AnswerRecord]) -> None:
    together = FORMAT.encode_all(
        [record.ordinal for record in several],
        [record.leaf_index for record in several],
        [record.salt for record in several],
        [record.outcome for record in several],
        [record.findings for record in several],
        b"".join(record.row_commitment + record.address_commitment for record in several),
    )
    assert [FORMAT.decode(line, "part") for line in together.splitlines(keepends=True)] == several


@given(line=st.binary(min_size=FORMAT.record_bytes, max_size=FORMAT.record_bytes))
def test_whatever_decodes_is_the_encoding_of_what_it_decodes_to(line: bytes) -> None:
    try:
        record = FORMAT.decode(line, "part:2")
    except EnvelopeError:
        return
    assert FORMAT.encode(record) == line


@given(record=records(), position=st.integers(0, FORMAT.record_bytes - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_refused_or_read_as_another_record(
    record: AnswerRecord, position: int, byte: int
) -> None:
    line = bytearray(FORMAT.encode(record))
    unchanged = line[position] == byte
    line[position] = byte
    try:
        assert (FORMAT.decode(bytes(line), "part:2") == record) is unchanged
    except EnvelopeError:
        assert not unchanged


GOOD = AnswerRecord(3, 17, bytes(16), Outcome.REFUSED, ("R-12", "R-62a"), bytes(32), b"\xff" * 32)


def test_the_bits_of_the_findings_count_from_the_first_rule() -> None:
    assert FORMAT.encode(GOOD) == (
        b"0000000003 0000000000000017 00000000000000000000000000000000 REFUSED       080004 "
        + b"0" * 64
        + b" "
        + b"f" * 64
        + b"\n"
    )


def test_the_reference_shows_records_as_they_are() -> None:
    page = (Path(__file__).parents[4] / "docs" / "reference" / "protocol" / "answer.md").read_bytes()
    shown = page.partition(b"```record\n")[2].partition(b"```")[0].splitlines(keepends=True)
    form = RecordFormat(["R-10", "R-11", "R-12"])
    answer, refusal = (form.decode(line, "answer.md") for line in shown)
    assert (answer.outcome, answer.findings) == (Outcome.NOT_CONFIRMED, ())
    assert (refusal.outcome, refusal.findings) == (Outcome.REFUSED, ("R-10", "R-12"))


@pytest.mark.parametrize(
    "record",
    [
        replace(GOOD, findings=("R-99",)),
        replace(GOOD, findings=("R-62a", "R-12")),
        replace(GOOD, findings=("R-12", "R-12")),
        replace(GOOD, findings=()),
        replace(GOOD, outcome=Outcome.CONFIRMED),
        replace(GOOD, outcome=Outcome.NOT_CONFIRMED),
        replace(GOOD, ordinal=10**10),
        replace(GOOD, leaf_index=10**16),
        replace(GOOD, salt=bytes(15)),
    ],
)
def test_a_record_that_would_lose_or_contradict_something_is_not_written(record: AnswerRecord) -> None:
    with pytest.raises(ConfigurationError):
        FORMAT.encode(record)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"REFUSED      ", b"CONFIRMED    "),  # findings on an answered item would be a second bit
        (b"080004", b"000000"),
        (b"080004", b"880004"),  # a bit beyond the rules
        (b"080004", b"08000A"),
        (b"0000000003", b" 000000003"),
        (b"0000000003", b"000000000\xb2"),  # a superscript two is a digit to some parsers
        (b"REFUSED      ", b"UNAVAILABLE  "),
        (b"\n", b"\r\n"),
        (b"\n", b""),
    ],
)
def test_a_line_in_any_other_form_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(EnvelopeError, match="part:9: The line is not an answer record"):
        FORMAT.decode(FORMAT.encode(GOOD).replace(old, new), "part:9")


def test_a_record_has_room_for_every_rule_at_once() -> None:
    many = tuple(f"R-{number}" for number in range(500))
    form = RecordFormat(many)
    record = AnswerRecord(0, 0, bytes(16), Outcome.REFUSED, many, bytes(32), bytes(32))
    assert form.decode(form.encode(record), "part:2") == record
