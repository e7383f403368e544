"""The one page over all answers to a package; its digest is in the log, or the answers do not count.

The format is stated in ``docs/reference/protocol/answer.md``.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from narrowgate.core.answers.answer import TERMS, AnswerPart
from narrowgate.core.answers.answer_record import RecordFormat
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import SHA256, WORD, Fields, read_document
from narrowgate.core.base.errors import EnvelopeError, ProofError
from narrowgate.core.base.times import DATE, format_time

ANSWERS_SCHEMA: Final = "narrowgate/answers/v2"

_FILE = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.p7m")
"""A plain name: nothing that could lead out of the directory."""


@dataclass(frozen=True, slots=True)
class SealedPart:
    """One officer's sealed file.

    Args:
        recipient_key_sha256: hex SHA-256 of the SubjectPublicKeyInfo it is sealed to. It names the officer to
            whoever holds the certificate, and cannot be guessed from a list of badge numbers.
        file: its name, beside the manifest.
        bytes: its size.
        sha256: hex digest of the sealed bytes.
        records: number of answers in it.
    """

    recipient_key_sha256: str
    file: str
    bytes: int
    sha256: str
    records: int


@dataclass(frozen=True, slots=True)
class AnswersManifest:
    """What was answered, under which versions, where the log holds it, and until when it may be read.

    Holds no outcome and no count that depends on one.

    Args:
        package_id: the package answered.
        manifest_sha256: hex digest of the request's manifest.
        agreement_sha256: hex digest of the agreement.
        rows: items of the package, at least 1.
        rules: the rules of the record format, in the order of their bits.
        parts: the sealed files in rising order of their recipients' digests.
        refusals_sha256: hex digest of the file that says which items were refused, and why.
        log_origin: origin of the log.
        first_leaf: index of the leaf of row 0; the leaves of the rows follow one another.
        snapshot_id: opaque id of the index that was asked.
        data_as_of: ISO date of its records.
        canonical_form_version: version of the canonical form.
        rule_set_version: version of the eligibility rules.
        issued: when the answers were made, UTC.
        expires: when they become unreadable, UTC.
    """

    package_id: str
    manifest_sha256: str
    agreement_sha256: str
    rows: int
    rules: tuple[str, ...]
    parts: tuple[SealedPart, ...]
    refusals_sha256: str
    log_origin: str
    first_leaf: int
    snapshot_id: str
    data_as_of: str
    canonical_form_version: str
    rule_set_version: str
    issued: datetime
    expires: datetime

    @property
    def last_leaf(self) -> int:
        """Index of the leaf of the last row."""
        return self.first_leaf + self.rows - 1


def part_file_name(recipient_key_sha256: str) -> str:
    """The file name of a recipient's part."""
    return f"{recipient_key_sha256[:32]}.p7m"


def answers_manifest_bytes(manifest: AnswersManifest) -> bytes:
    """The only byte string that denotes ``manifest``: what is hashed into the log.

    Raises:
        EnvelopeError: a field does not have its form, or two contradict each other: nothing is written that
            the reader would refuse.
    """
    fields = asdict(manifest) | {
        "schema": ANSWERS_SCHEMA,
        "record_bytes": RecordFormat(manifest.rules).record_bytes,
        "last_leaf": manifest.last_leaf,
        "issued": format_time(manifest.issued),
        "expires": format_time(manifest.expires),
        "terms": TERMS,
    }
    data = canonical_bytes(fields)
    parse_answers_manifest(data, "the manifest of the answers")
    return data


def parse_answers_manifest(data: bytes, where: str) -> AnswersManifest:
    """The manifest of ``data``, complete, closed, canonical, and in agreement with itself.

    Raises:
        EnvelopeError: a key is missing, unknown or of another form, or two of them contradict each other.
    """
    fields = read_document(data, where)
    fields.constant("schema", ANSWERS_SCHEMA)
    fields.constant("terms", TERMS)
    manifest = AnswersManifest(
        package_id=fields.text("package_id", WORD),
        manifest_sha256=fields.text("manifest_sha256", SHA256),
        agreement_sha256=fields.text("agreement_sha256", SHA256),
        rows=fields.count("rows"),
        rules=fields.texts("rules", WORD),
        parts=tuple(_parse_part_entry(part) for part in fields.objects("parts")),
        refusals_sha256=fields.text("refusals_sha256", SHA256),
        log_origin=fields.text("log_origin", WORD),
        first_leaf=fields.count("first_leaf"),
        snapshot_id=fields.text("snapshot_id", WORD),
        data_as_of=fields.text("data_as_of", DATE),
        canonical_form_version=fields.text("canonical_form_version", WORD),
        rule_set_version=fields.text("rule_set_version", WORD),
        issued=fields.time("issued"),
        expires=fields.time("expires"),
    )
    if fields.count("record_bytes") != RecordFormat(manifest.rules).record_bytes:
        raise fields.refused("record_bytes", "is not the width of a record under its rules")
    if manifest.rows == 0 or fields.count("last_leaf") != manifest.last_leaf:
        raise fields.refused("last_leaf", "is not the leaf of the last row")
    if manifest.expires <= manifest.issued:
        raise fields.refused("expires", "is not later than 'issued'")
    recipients = [part.recipient_key_sha256 for part in manifest.parts]
    if recipients != sorted(set(recipients)):
        raise fields.refused("parts", "are not in rising order of their recipients")
    fields.close()
    return manifest


def _parse_part_entry(fields: Fields) -> SealedPart:
    part = SealedPart(
        recipient_key_sha256=fields.text("recipient_key_sha256", SHA256),
        file=fields.text("file", _FILE),
        bytes=fields.count("bytes"),
        sha256=fields.text("sha256", SHA256),
        records=fields.count("records"),
    )
    fields.close()
    return part


def find_part(manifest: AnswersManifest, recipient_key_sha256: str) -> SealedPart:
    """The part sealed to a key.

    Raises:
        EnvelopeError: none is: no item of the package names the holder of the key.
    """
    for part in manifest.parts:
        if part.recipient_key_sha256 == recipient_key_sha256:
            return part
    raise EnvelopeError(
        "No part of the answers is sealed to this key.",
        why="Only the officers named in an item can read its answer.",
        next_step="Use the key that is registered for the officer.",
        rule="R-40",
    )


def verify_sealed_part(sealed: bytes, listed: SealedPart) -> None:
    """Returns only if the file is, byte for byte, the one that the manifest lists.

    Raises:
        EnvelopeError: its size or digest differs.
    """
    if len(sealed) != listed.bytes or sha256(sealed).hexdigest() != listed.sha256:
        raise EnvelopeError(
            "The sealed part is not the one that the manifest lists.",
            why="It was changed, cut short or exchanged.",
            next_step="Fetch it again.",
            where=listed.file,
            rule="R-40",
        )


def verify_refusals(data: bytes, manifest: AnswersManifest, where: str) -> None:
    """Returns only if the file of the refusals is, byte for byte, the one that the manifest names.

    The log's leaves have no id of an item, so an id that was exchanged shows nowhere else.

    Args:
        data: what ``refusals.ndjson`` holds.
        manifest: of the answers beside it.
        where: what to call the file in messages.

    Raises:
        ProofError: its digest differs.
    """
    if sha256(data).hexdigest() != manifest.refusals_sha256:
        raise ProofError(
            "The refusals are not those that the answers name.",
            why="The file was changed, cut short or exchanged.",
            next_step="Fetch the answers again; if they still differ, do not act on them: tell the inspector.",
            where=where,
        )


def verify_part(part: AnswerPart, listed: SealedPart, manifest: AnswersManifest) -> None:
    """Returns only if the opened part answers the manifest's package under its rules, dates and leaves.

    Raises:
        EnvelopeError: the header or a record contradicts the manifest.
    """
    header = part.header
    said = (header.package_id, header.records, header.rules, header.issued, header.expires)
    listed_so = (manifest.package_id, listed.records, manifest.rules, manifest.issued, manifest.expires)
    rows_fit = all(
        record.ordinal < manifest.rows and record.leaf_index == manifest.first_leaf + record.ordinal
        for record in part.records
    )
    if said != listed_so or not rows_fit:
        raise EnvelopeError(
            "The opened part contradicts the manifest of the answers.",
            why="It belongs to another package, or was made outside the gate.",
            next_step="Do not use it; report it to the inspector.",
            where=listed.file,
            rule="R-40",
        )
