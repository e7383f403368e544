"""What comes back to an officer: records, with the proof that the log holds them, sealed together.

The format is stated in ``docs/reference/protocol/answer.md``.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Final

from narrowgate.core.answers.answer_record import AnswerRecord, RecordFormat
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import WORD, read_document
from narrowgate.core.base.errors import REPORT_IT, ConfigurationError, EnvelopeError, ProofError, RefusedError
from narrowgate.core.base.times import format_time
from narrowgate.core.log.leaf import ITEM_DECIDED, parse_leaf
from narrowgate.core.log.merkle import HASH_SIZE
from narrowgate.core.log.note import decode_base64

PART_SCHEMA: Final = "narrowgate/answer-part/v2"

TERMS: Final = (
    "CONFIRMED says that a person with this identity has a record with this address in the tax files for a "
    "tax year named in the item. It does not say that the person lives, lived or can be found there. Verify "
    "it independently before any action; nothing adverse may rest on it alone. "
    "NOT_CONFIRMED says nothing about the person: no record, another address and an answer withheld by law "
    "look the same. "
    "REFUSED says that the item did not meet the agreement; tax records played no part in it. "
    "Only the officers named in the item may read its answer, for the criminal matter named in it, until the "
    "answer expires. Do not copy it or pass it on. Unauthorized inspection or disclosure is an offense "
    "(26 USC 6103, 7213, 7213A)."
)
"""What an answer says and does not say (R-40 to R-45); it never changes under one schema version."""

_OFFICER = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True, slots=True)
class PartHeader:
    """The first line of a part: whose it is, how to read it, and until when.

    Args:
        package_id: the package answered.
        officer: id of the only officer who may read the part.
        records: number of records.
        rules: the rules of the record format, in the order of their bits.
        issued: when the answers were made, UTC.
        expires: when they become unreadable (R-41), UTC.
    """

    package_id: str
    officer: str
    records: int
    rules: tuple[str, ...]
    issued: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """The opened answers of one officer, in the order of the request, and the proof that the log holds them.

    Args:
        header: its first line.
        records: one for each answer.
        proof: of the leaves of all records at once (``core.log.multi_proof``).
    """

    header: PartHeader
    records: tuple[AnswerRecord, ...]
    proof: tuple[bytes, ...]


@lru_cache(maxsize=8)
def _record_bytes(rules: tuple[str, ...]) -> int:
    return RecordFormat(rules).record_bytes


def proof_line(value: bytes) -> bytes:
    """The line of one hash of the proof: its base64 (RFC 4648 section 4) and a line feed."""
    return b2a_base64(value)


def part_bytes(header: PartHeader, records: bytes, proof: bytes) -> bytes:
    """The plaintext of a part, to be sealed: the header line, the encoded records, the lines of the proof.

    Its length depends on the package, the officer, the number of records and their place in the log, never on an
    outcome.

    Args:
        header: its first line.
        records: encoded, one after the other.
        proof: the line of each hash (``proof_line``), one after the other.

    Raises:
        ConfigurationError: there are more or fewer records than the header says.
        EnvelopeError: a value of the header does not have the form the protocol states.
    """
    if len(records) != header.records * _record_bytes(header.rules):
        raise ConfigurationError(
            "A part does not hold as many records as its header says.",
            next_step=REPORT_IT,
        )
    fields = {
        "schema": PART_SCHEMA,
        "package_id": header.package_id,
        "officer": header.officer,
        "records": header.records,
        "rules": list(header.rules),
        "issued": format_time(header.issued),
        "expires": format_time(header.expires),
        "terms": TERMS,
    }
    first_line = canonical_bytes(fields)
    _parse_header(first_line, "the header of a part")
    return b"".join((first_line, b"\n", records, proof))


def parse_part(plaintext: bytes, where: str) -> AnswerPart:
    """The header, all records in rising order of the request, none twice, and the proof; nothing left over.

    Nothing is proved yet.

    Raises:
        EnvelopeError: the bytes are not a part.
    """
    first_line, _, body = plaintext.partition(b"\n")
    header = _parse_header(first_line, where)
    form = RecordFormat(header.rules)
    end_of_records = header.records * form.record_bytes
    if len(body) < end_of_records:
        raise EnvelopeError("The part does not hold as many records as its header says.", where=where)
    records = tuple(
        form.decode(
            body[number * form.record_bytes : (number + 1) * form.record_bytes], f"{where}:{number + 2}"
        )
        for number in range(header.records)
    )
    if any(earlier.ordinal >= later.ordinal for earlier, later in pairwise(records)):
        raise EnvelopeError("The records are not in the order of the request.", where=where)
    return AnswerPart(header, records, _parse_proof(body[end_of_records:], where))


def _parse_proof(lines: bytes, where: str) -> tuple[bytes, ...]:
    """The hashes of the lines that end a part."""
    texts = lines.decode("latin-1").split("\n")
    try:
        hashes = tuple(decode_base64(text, where) for text in texts[:-1])
    except ProofError as error:
        raise EnvelopeError("A line after the records is no hash.", why=error.what, where=where) from error
    if texts[-1] or any(len(value) != HASH_SIZE for value in hashes):
        raise EnvelopeError("A line after the records is torn, or no hash.", where=where)
    return hashes


def _parse_header(line: bytes, where: str) -> PartHeader:
    fields = read_document(line, f"{where}:1")
    fields.constant("schema", PART_SCHEMA)
    fields.constant("terms", TERMS)
    header = PartHeader(
        package_id=fields.text("package_id", WORD),
        officer=fields.text("officer", _OFFICER),
        records=fields.count("records"),
        rules=fields.texts("rules", WORD),
        issued=fields.time("issued"),
        expires=fields.time("expires"),
    )
    fields.close()
    return header


def require_readable(header: PartHeader, at: datetime) -> None:
    """Returns only while the answers have not expired.

    Raises:
        RefusedError: ``at`` is not before the expiry (R-41).
    """
    if at >= header.expires:
        raise RefusedError(
            "The answers have expired.",
            why=f"They could be read until {format_time(header.expires)}.",
            next_step="Ask again in a new package if the case still needs the answer.",
            rule="R-41",
        )


def outcome_commitment(salt: bytes, outcome: Outcome) -> bytes:
    """SHA-256 over the salt and the outcome in ASCII: what the leaf of the item holds."""
    return sha256(salt + outcome.encode("ascii")).digest()


_ANSWERED_FIELDS = (
    "type",
    "package",
    "row",
    "findings",
    "row_commitment",
    "address_commitment",
    "outcome_commitment",
)


def verify_record(record: AnswerRecord, package_id: str, leaf: bytes, where: str) -> None:
    """Returns only if ``leaf`` is the logged decision of exactly this answer to exactly this item.

    Whoever has the leaf at hand has the log; who has not recomputes the leaf and proves it
    (``proved_answers.verify_leaves_of_part``).

    Args:
        record: an answer.
        package_id: the package answered.
        leaf: the leaf of the log at the record's index.
        where: what to name in the message.

    Raises:
        ProofError: the leaf is of another item, or commits to another outcome or other findings.
        EnvelopeError: the bytes are no leaf.
    """
    fields = parse_leaf(leaf, where)
    logged = {name: fields.get(name) for name in _ANSWERED_FIELDS}
    answered = {
        "type": ITEM_DECIDED,
        "package": package_id,
        "row": record.ordinal,
        "findings": list(record.findings),
        "row_commitment": record.row_commitment.hex(),
        "address_commitment": record.address_commitment.hex(),
        "outcome_commitment": outcome_commitment(record.salt, record.outcome).hex(),
    }
    if logged != answered:
        raise ProofError(
            "The answer is not the decision that the log holds.",
            why="An answer counts only with the leaf that commits to it.",
            next_step="Do not use the answer; report it to the inspector.",
            where=where,
            rule="R-30",
        )
