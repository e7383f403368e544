from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.answers.answer import (
    TERMS,
    AnswerPart,
    PartHeader,
    outcome_commitment,
    parse_part,
    part_bytes,
    proof_line,
    require_readable,
    verify_record,
)
from narrowgate.core.answers.answer_record import AnswerRecord, RecordFormat
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.canonical_json import canonical_bytes, parse_canonical
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError, ProofError, RefusedError
from narrowgate.core.log.leaf import ItemLeaves, PackageRefused, Salts

RULES = (*(f"R-{number}" for number in range(10, 29)), "R-62a", "R-62b", "R-65i", "R-71")
FORMAT = RecordFormat(RULES)
DIGESTS = st.binary(min_size=32, max_size=32)
ISSUED = datetime(2026, 3, 2, 6, tzinfo=UTC)
EXPIRES = ISSUED + timedelta(days=30)


@st.composite
def records(draw: st.DrawFn, ordinal: int | None = None) -> AnswerRecord:
    outcome = draw(st.sampled_from(Outcome))
    chosen = draw(st.sets(st.sampled_from(RULES), min_size=1)) if outcome is Outcome.REFUSED else set()
    return AnswerRecord(
        ordinal=draw(st.integers(0, 10**10 - 1)) if ordinal is None else ordinal,
        leaf_index=draw(st.integers(0, 10**16 - 1)),
        salt=draw(st.binary(min_size=16, max_size=16)),
        outcome=outcome,
        findings=tuple(rule for rule in RULES if rule in chosen),
        row_commitment=draw(DIGESTS),
        address_commitment=draw(DIGESTS),
    )


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


HEADER = PartHeader("package-0001", "officer-17", 2, RULES, ISSUED, EXPIRES)
RECORDS = (
    AnswerRecord(0, 5, bytes(16), Outcome.CONFIRMED, (), bytes(32), bytes(32)),
    AnswerRecord(4, 9, bytes(range(16)), Outcome.REFUSED, ("R-10",), bytes(32), b"\x01" * 32),
)
PROOF = (bytes(32), bytes(range(32)))
LINES = b"".join(map(FORMAT.encode, RECORDS))
PROOF_LINES = b"".join(map(proof_line, PROOF))
PART = part_bytes(HEADER, LINES, PROOF_LINES)


def test_a_part_comes_back_as_it_was() -> None:
    assert parse_part(PART, "part") == AnswerPart(HEADER, RECORDS, PROOF)


@given(
    outcomes=st.lists(st.sampled_from(Outcome), min_size=2, max_size=2),
    salts=st.lists(st.binary(min_size=16, max_size=16), min_size=2, max_size=2),
)
def test_the_length_of_a_part_does_not_depend_on_the_answers(
    outcomes: list[Outcome], salts: list[bytes]
) -> None:
    other = [
        replace(
            RECORDS[0],
            ordinal=ordinal,
            salt=salt,
            outcome=outcome,
            findings=RULES if outcome is Outcome.REFUSED else (),
        )
        for ordinal, (outcome, salt) in enumerate(zip(outcomes, salts, strict=True))
    ]
    assert len(part_bytes(HEADER, b"".join(map(FORMAT.encode, other)), PROOF_LINES)) == len(PART)


def test_a_part_carries_the_terms_that_its_reader_must_acknowledge() -> None:
    first_line = parse_canonical(PART.split(b"\n")[0], "part:1")
    assert first_line["terms"] == TERMS
    assert "Verify it independently" in TERMS


@pytest.mark.parametrize("cut", [1, FORMAT.record_bytes, len(PART) - 1, len(PART)])
def test_a_part_that_is_cut_is_refused(cut: int) -> None:
    with pytest.raises(EnvelopeError):
        parse_part(PART[:-cut], "part")


def test_a_part_with_a_record_too_many_or_out_of_order_is_refused() -> None:
    lines = PART.splitlines(keepends=True)
    for more in (lines[1], b"\n", b"AAAA\n", lines[3][:-1], lines[3].lower(), b"\xff" * 44 + b"\n"):
        with pytest.raises(EnvelopeError, match="A line after the records"):
            parse_part(PART + more, "part")
    for others in ([lines[2], lines[1]], [lines[1], lines[1]]):
        with pytest.raises(EnvelopeError, match="order of the request"):
            parse_part(b"".join([lines[0], *others]), "part")
    with pytest.raises(EnvelopeError, match="as many records"):
        parse_part(b"".join(lines[:2]), "part")


def test_a_bad_record_is_named_by_its_line() -> None:
    with pytest.raises(EnvelopeError, match="part:3: The line is not an answer record"):
        parse_part(PART.replace(b"REFUSED  ", b"REFUSED ?"), "part")


@pytest.mark.parametrize("count", [1, 3])
def test_a_part_with_more_or_fewer_records_than_announced_is_not_written(count: int) -> None:
    with pytest.raises(ConfigurationError, match="as many records"):
        part_bytes(replace(HEADER, records=count), LINES, PROOF_LINES)


@pytest.mark.parametrize("officer", ["", "two\nlines", "x" * 201])
def test_a_part_for_an_officer_without_a_plain_id_is_not_written(officer: str) -> None:
    with pytest.raises(EnvelopeError, match="officer"):
        part_bytes(replace(HEADER, officer=officer), LINES, PROOF_LINES)


@pytest.mark.parametrize("key", ["schema", "terms", "package_id", "records", "rules", "issued", "expires"])
def test_a_header_with_a_key_missing_changed_or_added_is_refused(key: str) -> None:
    first_line, _, body = PART.partition(b"\n")
    header = parse_canonical(first_line, "part:1")
    for other in (
        {name: value for name, value in header.items() if name != key},
        header | {key: True},
        header | {key: [{}]},
        header | {"confirmed": 1},
    ):
        with pytest.raises(EnvelopeError, match="part:1: The document cannot be used"):
            parse_part(canonical_bytes(other) + b"\n" + body, "part")


def test_answers_can_be_read_until_the_second_before_they_expire() -> None:
    require_readable(HEADER, EXPIRES - timedelta(seconds=1))
    for at in (EXPIRES, EXPIRES + timedelta(days=400)):
        with pytest.raises(RefusedError, match="have expired") as caught:
            require_readable(HEADER, at)
        assert caught.value.rule == "R-41"


SALTS = Salts(bytes(range(32)))


def leaf_of(record: AnswerRecord, package_id: str = "package-0001") -> bytes:
    """The leaf as the log writes it, commitment and all."""
    return ItemLeaves(package_id, "1", "1").leaf(
        record.ordinal,
        record.findings,
        record.row_commitment,
        record.address_commitment,
        SALTS.commit("outcome", record.ordinal, record.outcome.encode()),
    )


@given(record=records())
def test_an_answer_opens_the_commitment_that_the_log_made(record: AnswerRecord) -> None:
    record = replace(record, salt=SALTS.salt("outcome", record.ordinal))
    verify_record(record, "package-0001", leaf_of(record), "item 3")


def test_the_commitment_is_the_documented_one() -> None:
    salt = bytes(range(16))
    expected = sha256(salt + b"NOT_CONFIRMED").digest()
    assert outcome_commitment(salt, Outcome.NOT_CONFIRMED) == expected


ANSWERED = replace(GOOD, salt=SALTS.salt("outcome", 3), outcome=Outcome.NOT_CONFIRMED, findings=())


@pytest.mark.parametrize(
    "forged",
    [
        replace(ANSWERED, outcome=Outcome.CONFIRMED),
        replace(ANSWERED, outcome=Outcome.REFUSED, findings=("R-12",)),
        replace(ANSWERED, salt=bytes(16)),
        replace(ANSWERED, ordinal=4),
        replace(ANSWERED, row_commitment=b"\x01" * 32),
        replace(ANSWERED, address_commitment=b"\x01" * 32),
    ],
)
def test_any_other_answer_than_the_logged_one_is_caught(forged: AnswerRecord) -> None:
    verify_record(ANSWERED, "package-0001", leaf_of(ANSWERED), "item 3")
    with pytest.raises(ProofError, match="item 3: The answer is not the decision that the log holds"):
        verify_record(forged, "package-0001", leaf_of(ANSWERED), "item 3")


def test_a_leaf_of_another_package_or_kind_proves_nothing() -> None:
    with pytest.raises(ProofError):
        verify_record(ANSWERED, "package-0002", leaf_of(ANSWERED), "item 3")
    other = PackageRefused("package-0001", bytes(32), "an-office", b"", ("R-26",), ISSUED).leaf()
    with pytest.raises(ProofError):
        verify_record(ANSWERED, "package-0001", other, "item 3")


def test_other_findings_than_the_logged_ones_are_caught() -> None:
    refused = replace(ANSWERED, outcome=Outcome.REFUSED, findings=("R-12",))
    with pytest.raises(ProofError):
        verify_record(replace(refused, findings=("R-13",)), "package-0001", leaf_of(refused), "item 3")
