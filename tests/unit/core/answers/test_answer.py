from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

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
from narrowgate.core.answers.answer_record import AnswerRecord
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.canonical_json import canonical_bytes, parse_canonical
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError, ProofError, RefusedError
from narrowgate.core.log.leaf import ItemLeaves, PackageRefused, Salts
from support.answer_records import FORMAT, RULES, records

ISSUED = datetime(2026, 3, 2, 6, tzinfo=UTC)
EXPIRES = ISSUED + timedelta(days=30)


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


ANSWERED = AnswerRecord(3, 17, SALTS.salt("outcome", 3), Outcome.NOT_CONFIRMED, (), bytes(32), b"\xff" * 32)


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
