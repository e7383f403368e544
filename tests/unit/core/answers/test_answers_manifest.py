from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from narrowgate.core.answers.answer import AnswerPart, PartHeader
from narrowgate.core.answers.answer_record import AnswerRecord
from narrowgate.core.answers.answers_manifest import (
    AnswersManifest,
    SealedPart,
    answers_manifest_bytes,
    find_part,
    parse_answers_manifest,
    part_file_name,
    verify_part,
    verify_sealed_part,
)
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.canonical_json import canonical_bytes, parse_canonical
from narrowgate.core.base.errors import EnvelopeError

RULES = ("R-10", "R-11", "R-62a")
ISSUED = datetime(2026, 3, 2, 6, tzinfo=UTC)
EXPIRES = ISSUED + timedelta(days=30)
SEALED = b"sealed bytes"
LISTED = SealedPart("ab" * 32, part_file_name("ab" * 32), len(SEALED), sha256(SEALED).hexdigest(), 2)
MANIFEST = AnswersManifest(
    package_id="package-0001",
    manifest_sha256="11" * 32,
    agreement_sha256="22" * 32,
    rows=8,
    rules=RULES,
    parts=(LISTED, replace(LISTED, recipient_key_sha256="cd" * 32)),
    refusals_sha256="33" * 32,
    log_origin="narrowgate.example/log",
    first_leaf=1001,
    snapshot_id="snapshot-7f3a",
    data_as_of="2026-01-31",
    canonical_form_version="1",
    rule_set_version="1",
    issued=ISSUED,
    expires=EXPIRES,
)


def changed(**fields: Any) -> bytes:
    return canonical_bytes(parse_canonical(answers_manifest_bytes(MANIFEST), "answers.json") | fields)


def test_a_manifest_comes_back_as_it_was() -> None:
    assert parse_answers_manifest(answers_manifest_bytes(MANIFEST), "answers.json") == MANIFEST


def test_a_manifest_names_the_leaves_of_its_rows() -> None:
    fields = parse_canonical(answers_manifest_bytes(MANIFEST), "answers.json")
    assert (fields["first_leaf"], fields["last_leaf"]) == (1001, 1008)


def test_no_outcome_and_no_officer_s_id_stands_in_a_manifest() -> None:
    """The terms explain the outcomes; nothing else may name one."""
    fields = parse_canonical(answers_manifest_bytes(MANIFEST), "answers.json")
    del fields["terms"]
    text = canonical_bytes(fields).decode().lower()
    assert "confirmed" not in text
    assert "refused" not in text
    assert "officer" not in text


@pytest.mark.parametrize("key", sorted(parse_canonical(answers_manifest_bytes(MANIFEST), "answers.json")))
def test_a_manifest_with_a_key_missing_or_of_another_kind_is_refused(key: str) -> None:
    fields = parse_canonical(answers_manifest_bytes(MANIFEST), "answers.json")
    without = canonical_bytes({name: value for name, value in fields.items() if name != key})
    for data in (without, changed(**{key: -1}), changed(**{key: True}), changed(**{key: ["x", {}]})):
        with pytest.raises(EnvelopeError, match=key):
            parse_answers_manifest(data, "answers.json")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"confirmed": 3}, "unknown key"),
        ({"schema": "narrowgate/answers/v3"}, "schema"),
        ({"terms": "Trust it."}, "terms"),
        ({"rows": 0, "last_leaf": 1000}, "last_leaf"),
        ({"rows": 9}, "last_leaf"),
        ({"rows": -1}, "rows"),
        ({"record_bytes": 90}, "record_bytes"),
        ({"rules": ["R-10", "R-10"]}, "twice"),
        ({"expires": "2026-03-02T06:00:00Z"}, "expires"),
        ({"expires": "2026-02-30T06:00:00Z"}, "not a time"),
        ({"expires": "2026-04-01T06:00:00+00:00"}, "expires"),
        ({"first_leaf": 2**53}, "2\\^53"),
        ({"manifest_sha256": "AB" * 32}, "manifest_sha256"),
    ],
)
def test_a_manifest_that_contradicts_itself_or_the_protocol_is_refused(
    fields: dict[str, Any], why: str
) -> None:
    with pytest.raises(EnvelopeError, match=why):
        parse_answers_manifest(changed(**fields), "answers.json")


@pytest.mark.parametrize(
    "name", ["../answers.p7m", "/etc/x.p7m", "a/b.p7m", ".p7m", "a.p7m\n", "A.p7m", "a.txt", ""]
)
def test_a_part_s_file_is_a_plain_name(name: str) -> None:
    parts = parse_canonical(answers_manifest_bytes(MANIFEST), "answers.json")["parts"]
    parts[0]["file"] = name
    with pytest.raises(EnvelopeError, match=r"parts\[0\]\.file"):
        parse_answers_manifest(changed(parts=parts), "answers.json")


def test_a_part_with_an_unknown_key_is_refused() -> None:
    parts = parse_canonical(answers_manifest_bytes(MANIFEST), "answers.json")["parts"]
    parts[1]["confirmed"] = 1
    with pytest.raises(EnvelopeError, match=r"parts\[1\] has 1 unknown key"):
        parse_answers_manifest(changed(parts=parts), "answers.json")


@pytest.mark.parametrize("parts", [MANIFEST.parts[::-1], (LISTED, LISTED)])
def test_parts_are_in_one_order_and_none_is_there_twice(parts: tuple[SealedPart, ...]) -> None:
    with pytest.raises(EnvelopeError, match="rising order"):
        answers_manifest_bytes(replace(MANIFEST, parts=parts))


def test_nothing_is_written_that_the_reader_would_refuse() -> None:
    with pytest.raises(EnvelopeError, match="snapshot_id"):
        answers_manifest_bytes(replace(MANIFEST, snapshot_id="two words"))


def test_a_part_is_found_by_the_key_it_is_sealed_to() -> None:
    assert find_part(MANIFEST, "ab" * 32) is LISTED
    with pytest.raises(EnvelopeError, match="No part of the answers"):
        find_part(MANIFEST, "ef" * 32)


def test_a_sealed_file_must_be_the_listed_one() -> None:
    verify_sealed_part(SEALED, LISTED)
    for other in (SEALED[:-1], SEALED + b"\0", b"Sealed bytes", b""):
        with pytest.raises(EnvelopeError, match="not the one that the manifest lists"):
            verify_sealed_part(other, LISTED)


PART = AnswerPart(
    PartHeader("package-0001", "officer-17", 2, RULES, ISSUED, EXPIRES),
    (
        AnswerRecord(0, 1001, bytes(16), Outcome.CONFIRMED, (), bytes(32), bytes(32)),
        AnswerRecord(7, 1008, bytes(16), Outcome.REFUSED, ("R-10",), bytes(32), bytes(32)),
    ),
    (),
)


def test_an_opened_part_that_fits_its_manifest_is_accepted() -> None:
    verify_part(PART, LISTED, MANIFEST)


@pytest.mark.parametrize(
    "other",
    [
        replace(PART, header=replace(PART.header, package_id="package-0002")),
        replace(PART, header=replace(PART.header, expires=EXPIRES + timedelta(days=1))),
        replace(PART, header=replace(PART.header, issued=ISSUED - timedelta(days=1))),
        replace(PART, header=replace(PART.header, rules=RULES[::-1])),
        replace(PART, header=replace(PART.header, records=3)),
        replace(PART, records=(replace(PART.records[0], leaf_index=1002),)),
        replace(PART, records=(replace(PART.records[0], ordinal=8, leaf_index=1009),)),
    ],
)
def test_an_opened_part_of_another_package_term_or_leaf_is_refused(other: AnswerPart) -> None:
    with pytest.raises(EnvelopeError, match="contradicts the manifest"):
        verify_part(other, LISTED, MANIFEST)
