"""One answer with all that proves it, in one file: what a court needs, and nothing of any other item.

The format is stated in ``docs/reference/protocol/answer-proof.md``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from narrowgate.core.answers.answer import AnswerPart, outcome_commitment
from narrowgate.core.answers.answer_record import SALT_BYTES, AnswerRecord
from narrowgate.core.answers.answers_manifest import AnswersManifest
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.answers.proved_answers import (
    ProvedAnswers,
    leaf_of,
    malformed_is_unproved,
    prove_answers,
)
from narrowgate.core.base.canonical_json import canonical_bytes, parse_canonical
from narrowgate.core.base.closed_document import SHA256, read_document
from narrowgate.core.base.errors import EnvelopeError, ProofError
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.leaf import ITEM_DECIDED, ItemLeaves, parse_leaf
from narrowgate.core.log.merkle import inclusion_proof, leaf_hash, subtrees, verify_inclusion
from narrowgate.core.log.multi_proof import path_to_peak, proof_beside
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.proof import LogProof, parse_proof
from narrowgate.core.log.witness_quorum import Witnessed, WitnessQuorum
from narrowgate.core.request.item import Item, parse_item
from narrowgate.core.request.manifest import Manifest, parse_manifest

ANSWER_PROOF_SCHEMA: Final = "narrowgate/answer-proof/v1"

_ANY_TEXT: Final = re.compile(r"[\s\S]*")
_SALT: Final = re.compile(rf"[0-9a-f]{{{2 * SALT_BYTES}}}")
_OUTCOME: Final = re.compile("|".join(Outcome))
_NEXT_STEP: Final = (
    "Do not rely on the file; ask the officer for it again, or the inspector to look at the log."
)


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """The row of a package that an answer is to.

    Args:
        row: the line of ``rows.ndjson`` without its line feed.
        leaf_hashes: of all rows of the package, in order.
        manifest: the bytes of the package's ``manifest.json``.
    """

    row: bytes
    leaf_hashes: Sequence[bytes]
    manifest: bytes


def answer_proof_bytes(
    record: AnswerRecord,
    part: AnswerPart,
    proved: ProvedAnswers,
    answers: bytes,
    asked: AnsweredRow,
    key: VerifierKey,
) -> bytes:
    """The file that proves one answer of an opened part; ``verify_answer_proof`` reads it back.

    Args:
        record: of the part.
        part: verified (``proved_answers.verify_leaves_of_part``).
        proved: of the part.
        answers: the bytes of ``answers.json``.
        asked: the row answered.
        key: the log's public key.

    Raises:
        ProofError: the row is not of the package that was answered, or the parts do not fit one another.
    """
    form = ItemLeaves(
        proved.manifest.package_id, proved.manifest.canonical_form_version, proved.manifest.rule_set_version
    )
    leaves = [(one.leaf_index, leaf_hash(leaf_of(one, form))) for one in part.records]
    decided = proved.proof
    path = path_to_peak(record.leaf_index, leaves, decided.index, part.proof)
    hashes = proof_beside(
        record.leaf_index,
        path,
        decided.index,
        leaf_hash(decided.leaf),
        proved.checkpoint.size,
        decided.hashes,
    )
    item = LogProof(record.leaf_index, hashes, decided.checkpoint, leaf_of(record, form))
    row_path = inclusion_proof(record.ordinal, len(asked.leaf_hashes), subtrees(asked.leaf_hashes))
    with malformed_is_unproved():
        fields: dict[str, Any] = {
            "schema": ANSWER_PROOF_SCHEMA,
            "row": parse_canonical(asked.row, "the row"),
            "row_path": [value.hex() for value in row_path],
            "request": parse_canonical(asked.manifest, "the manifest of the package"),
            "answers": parse_canonical(answers, "the manifest of the answers"),
            "outcome": record.outcome.value,
            "outcome_salt": record.salt.hex(),
            "item_proof": str(item),
            "answers_proof": str(decided),
            "log_key": str(key),
        }
    data = canonical_bytes(fields) + b"\n"
    verify_answer_proof(data, key, "the proof of the answer")
    return data


@dataclass(frozen=True, slots=True)
class ProvedAnswer:
    """One answer that a log holds, and what it answers; made by :func:`verify_answer_proof` alone.

    Args:
        item: the row as it was asked.
        row: its number in the package, from 0.
        request: the manifest of the package that asked.
        answers: the manifest of the answers.
        outcome: of the item.
        findings: the rules that refuse it.
        leaf_index: of the item's leaf.
        checkpoint: signed by the log's key, of a tree that holds the leaf and that of the answers.
        witnessed: what is known of witnesses who saw that checkpoint.
    """

    item: Item
    row: int
    request: Manifest
    answers: AnswersManifest
    outcome: Outcome
    findings: tuple[str, ...]
    leaf_index: int
    checkpoint: Checkpoint
    witnessed: Witnessed


def verify_answer_proof(
    data: bytes, key: VerifierKey, where: str, witnesses: WitnessQuorum | None = None
) -> ProvedAnswer:
    """The answer of the file, which the log of this key holds, to the row of the file, which its package held.

    Needs no log, no package and no other file.

    Args:
        data: the file.
        key: the log's public key, from another source than the file.
        where: what to call the file in messages.
        witnesses: who must have cosigned the checkpoint; ``None`` where the reader knows no witness.

    Raises:
        ProofError: the file is malformed, something in it does not follow from the log's signature, or too few of
            the witnesses cosigned.
    """
    try:
        return _proved_answer(data, key, where, witnesses)
    except EnvelopeError as error:
        raise ProofError(
            "The file does not prove an answer: it is malformed.",
            why=error.what,
            next_step=_NEXT_STEP,
            where=error.where or where,
            rule="R-30",
        ) from error


def _proved_answer(
    data: bytes, key: VerifierKey, where: str, witnesses: WitnessQuorum | None
) -> ProvedAnswer:
    if not data.endswith(b"\n"):
        raise _unproved("its line is torn", where)
    fields = read_document(data[:-1], where)
    fields.constant("schema", ANSWER_PROOF_SCHEMA)
    row = canonical_bytes(fields.table("row"))
    row_path = tuple(bytes.fromhex(value) for value in fields.texts("row_path", SHA256))
    request_data = canonical_bytes(fields.table("request"))
    answers_data = canonical_bytes(fields.table("answers"))
    outcome = Outcome(fields.text("outcome", _OUTCOME))
    salt = bytes.fromhex(fields.text("outcome_salt", _SALT))
    item_text = fields.text("item_proof", _ANY_TEXT)
    answers_text = fields.text("answers_proof", _ANY_TEXT)
    named = fields.text("log_key", _ANY_TEXT)
    fields.close()
    if named != str(key):
        raise ProofError(
            "The file is a proof for another log than that of the key given.",
            why="What a file says of its own key proves nothing.",
            next_step="Take the log's key from where the custodian published it, and compare.",
            where=where,
        )
    where_proof = f"{where}: answers_proof"
    proved = prove_answers(answers_data, answers_text, key, where, where_proof, witnesses)
    proof = parse_proof(item_text, f"{where}: item_proof")
    proof.verify(key, f"{where}: item_proof")
    if proof.checkpoint != proved.proof.checkpoint:
        raise _unproved("its two proofs lead to different checkpoints", where)
    ordinal, findings = _item_leaf(proof, proved.manifest, outcome, salt, where)
    request = parse_manifest(request_data, where)
    _require_request(request, sha256(request_data).hexdigest(), proved.manifest, where)
    item = parse_item(row, where)
    try:
        root = bytes.fromhex(request.rows.merkle_root)
        verify_inclusion(leaf_hash(row), ordinal, request.rows.count, row_path, root)
    except ProofError as error:
        raise _unproved("the row is not the one that the package held at this place", where) from error
    return ProvedAnswer(
        item=item,
        row=ordinal,
        request=request,
        answers=proved.manifest,
        outcome=outcome,
        findings=findings,
        leaf_index=proof.index,
        checkpoint=proved.checkpoint,
        witnessed=proved.witnessed,
    )


def _item_leaf(
    proof: LogProof, answers: AnswersManifest, outcome: Outcome, salt: bytes, where: str
) -> tuple[int, tuple[str, ...]]:
    """Row and findings of the item's leaf, which is of this package, at its place, and commits to the outcome."""
    leaf = parse_leaf(proof.leaf, where)
    if leaf["type"] != ITEM_DECIDED or leaf["package"] != answers.package_id:
        raise _unproved("its leaf is not the decision of an item of this package", where)
    if leaf["row"] >= answers.rows or proof.index != answers.first_leaf + leaf["row"]:
        raise _unproved("its leaf is not at the place of its row", where)
    versions = (leaf["canonical_form"], leaf["rule_set"])
    if versions != (answers.canonical_form_version, answers.rule_set_version):
        raise _unproved("its leaf and the answers name different versions", where)
    findings = tuple(leaf["findings"])
    opened = outcome_commitment(salt, outcome).hex()
    if opened != leaf["outcome_commitment"] or (outcome is Outcome.REFUSED) is not bool(findings):
        raise _unproved("the outcome is not the one that the leaf commits to", where)
    return leaf["row"], findings


def _require_request(request: Manifest, digest: str, answers: AnswersManifest, where: str) -> None:
    said = (digest, request.package_id, request.rows.count, request.agreement_sha256)
    answered = (answers.manifest_sha256, answers.package_id, answers.rows, answers.agreement_sha256)
    if said != answered:
        raise _unproved("the answers are to another package", where)


def _unproved(problem: str, where: str) -> ProofError:
    return ProofError(
        f"The file does not prove an answer: {problem}.", next_step=_NEXT_STEP, where=where, rule="R-30"
    )
