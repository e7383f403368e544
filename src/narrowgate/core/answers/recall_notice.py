"""A notice of recall: to one recipient of one package, proved by the log, without an outcome in it.

The format is stated in ``docs/reference/protocol/recall.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import SHA256, WORD, read_document
from narrowgate.core.base.errors import EnvelopeError, ProofError
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.leaf import ACT, parse_leaf
from narrowgate.core.log.leaf_forms import ANSWERS_RECALLED
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.proof import LogProof, parse_proof
from narrowgate.core.log.recalls import Rows, recalled_rows

NOTICE_SCHEMA: Final = "narrowgate/recall-notice/v1"

WHAT_TO_DO: Final = (
    "The custodian has recalled the answers named here. They must not be acted on, shown or handed on any more (R-43).",
    "Stop every action that rests on one of them, and tell whoever was given one.",
    "Destroy every copy, on paper and on disk (NIST SP 800-88), or return it.",
    "Tell what was done by a signed receipt: 'narrowgate recall receipt'.",
    "An answer that a court or another body was given is corrected there, too.",
    "A recalled answer may be asked again in a new package, if the agreement still allows the question.",
)
"""What a recipient does; the text never changes under one schema version."""

_TEXT: Final = re.compile(r"[\s\S]+")


@dataclass(frozen=True, slots=True)
class RecallOfPackage:
    """Which answers of a package one act recalled, as the log says.

    Args:
        package: id.
        act_number: of the act.
        leaf: index of the (first) leaf that says so.
        time: of the leaf, RFC 3339.
        rows: every answer among these rows, from 0.
        answers: how many.
    """

    package: str
    act_number: int
    leaf: int
    time: str
    rows: tuple[Rows, ...]
    answers: int

    def holds(self, row: int) -> bool:
        """Whether the answer of this row, from 0, is recalled."""
        return any(first <= row <= last for first, last in self.rows)


@dataclass(frozen=True, slots=True)
class KnownRecalls:
    """The recalls that a log or some notices tell of.

    Args:
        recalls: in the order of the log.
        log_size: leaves of the newest log looked through; 0 where there were notices only: then there may be others.
        last_time: of the newest leaf of that log; empty without one.
    """

    recalls: tuple[RecallOfPackage, ...] = ()
    log_size: int = 0
    last_time: str = ""

    def of(self, package: str, row: int) -> RecallOfPackage | None:
        """The last recall of the answer of this row, from 0; nothing where none is known."""
        found = [each for each in self.recalls if each.package == package and each.holds(row)]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class RecallNotice:
    """A notice whose proofs verified.

    Args:
        office: that signed the package.
        recipient_key_sha256: hex digest of the key of whom it is for.
        recall: what is recalled.
        act_sha256: hex digest of the act.
        log_size: leaves of the log whose checkpoint proves it.
        digest: hex SHA-256 of the notice.
    """

    office: str
    recipient_key_sha256: str
    recall: RecallOfPackage
    act_sha256: str
    log_size: int
    digest: str


def notice_bytes(
    office: str, recipient_key_sha256: str, package: str, act: LogProof, recalled: tuple[LogProof, ...]
) -> bytes:
    """The only byte string that denotes the notice.

    Args:
        office: that signed the package.
        recipient_key_sha256: of whom it is for.
        package: id.
        act: proof of the leaf of the act.
        recalled: proofs of the leaves that name the package's rows.
    """
    return canonical_bytes(
        {
            "schema": NOTICE_SCHEMA,
            "office": office,
            "recipient_key_sha256": recipient_key_sha256,
            "package": package,
            "act_proof": str(act),
            "recalled_proofs": [str(each) for each in recalled],
            "what_to_do": list(WHAT_TO_DO),
        }
    )


def verify_notice(data: bytes, key: VerifierKey, where: str) -> RecallNotice:
    """The notice, which the log of this key proves; it needs no log.

    Raises:
        ProofError: the bytes are no notice, or something in it does not follow from the log's signature.
    """
    try:
        return _verified(data, key, where)
    except EnvelopeError as error:
        raise ProofError(error.what, why=error.why, where=where) from error


def _verified(data: bytes, key: VerifierKey, where: str) -> RecallNotice:
    fields = read_document(data, where)
    fields.constant("schema", NOTICE_SCHEMA)
    office, recipient = fields.text("office", WORD), fields.text("recipient_key_sha256", SHA256)
    package = fields.text("package", WORD)
    act_proof = parse_proof(fields.text("act_proof", _TEXT), where)
    proofs = [parse_proof(text, where) for text in fields.texts("recalled_proofs", _TEXT)]
    if fields.texts("what_to_do", _TEXT) != WHAT_TO_DO:
        raise fields.refused("what_to_do", "is not the text that this version knows")
    fields.close()
    size = act_proof.verify(key, where).size
    act = parse_leaf(act_proof.leaf, where)
    if act["type"] != ACT or act["act"] != Kind.RECALL or not proofs:
        raise fields.refused("act_proof", "is not of a recall")
    leaves = []
    for number, proof in enumerate(proofs):
        proof.verify(key, where)
        leaf = parse_leaf(proof.leaf, where)
        follows = number == 0 or proof.index == proofs[number - 1].index + 1
        if leaf["type"] != ANSWERS_RECALLED or leaf["act_number"] != act["number"] or not follows:
            raise fields.refused("recalled_proofs", "are not of what the act recalls")
        if leaf["package"] != package or proof.index <= act_proof.index:
            raise fields.refused("recalled_proofs", "are of another package")
        leaves.append(leaf)
    recall = RecallOfPackage(
        package,
        act["number"],
        proofs[0].index,
        leaves[0]["time"],
        tuple(rows for leaf in leaves for rows in recalled_rows(leaf)),
        sum(leaf["answers"] for leaf in leaves),
    )
    return RecallNotice(office, recipient, recall, act["act_sha256"], size, sha256(data).hexdigest())
