"""Verify answers: the manifest against its log proof, the files beside it against manifest and log."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from narrowgate.core.answers.answers_manifest import (
    AnswersManifest,
    verify_refusals,
    verify_sealed_part,
)
from narrowgate.core.answers.file_names import ANSWERS, PROOF, RECEIPT, REFUSALS
from narrowgate.core.answers.proved_answers import ProvedAnswers, malformed_is_unproved, prove_answers
from narrowgate.core.answers.receipt import Receipt, parse_receipt, parse_refusal_line
from narrowgate.core.base.errors import ProofError
from narrowgate.core.base.times import format_time
from narrowgate.core.log.note import VerifierKey
from narrowgate.verify.files import read_bytes, read_text, regular_files
from narrowgate.verify.ledger import PackageLedger, refusal_line


def read_answers(directory: Path, key: VerifierKey) -> ProvedAnswers:
    """The manifest of answers that the log of this key holds; needs no log, and no part at hand.

    Raises:
        ProofError: the manifest or its proof is missing or malformed, or one does not fit the other.
        OperationalError: the machine cannot read a file.
    """
    proof, manifest = directory / PROOF, directory / ANSWERS
    text = read_text(proof, ProofError)
    return prove_answers(read_bytes(manifest, ProofError), text, key, str(manifest), str(proof))


def verify_files(directory: Path, manifest: AnswersManifest, package: PackageLedger) -> int:
    """The number of sealed parts, all at hand and unchanged; receipt and refusals fit the log.

    Raises:
        ProofError: a part is missing or changed, a file belongs to nothing, or one contradicts the log.
        OperationalError: the machine cannot read a file.
    """
    expected = {
        "manifest_sha256": package.received["manifest_sha256"],
        "agreement_sha256": package.received["agreement_sha256"],
        "rows": package.received["rows"],
        "first_leaf": package.first_leaf,
        "last_leaf": package.last_leaf,
    }
    _require_equal(manifest, expected, str(directory / ANSWERS))
    if package.versions != {(manifest.canonical_form_version, manifest.rule_set_version)}:
        raise ProofError("The answers name other versions than the log.", where=str(directory / ANSWERS))
    listed = {ANSWERS, PROOF, RECEIPT, REFUSALS, *(part.file for part in manifest.parts)}
    if foreign := set(regular_files(directory, ProofError)) - listed:
        raise ProofError("A file beside the answers is not in the log.", where=str(directory / min(foreign)))
    with malformed_is_unproved():
        for part in manifest.parts:
            verify_sealed_part(read_bytes(directory / part.file, ProofError), part)
        _verify_receipt(directory / RECEIPT, manifest, package)
        _verify_refusals(directory / REFUSALS, manifest, package)
    return len(manifest.parts)


def _verify_receipt(path: Path, manifest: AnswersManifest, package: PackageLedger) -> None:
    receipt = parse_receipt(read_bytes(path, ProofError), str(path))
    expected = {
        "package_id": manifest.package_id,
        "manifest_sha256": manifest.manifest_sha256,
        "agreement_sha256": manifest.agreement_sha256,
        "log_origin": manifest.log_origin,
        "received_leaf": package.received_at,
        "first_item_leaf": package.first_leaf,
        "decided_leaf": package.decided_at,
        "items": package.received["rows"],
        "refused": package.refused,
        "refused_by_rule": dict(package.refusals),
    }
    _require_equal(receipt, expected, str(path))
    times = tuple(map(format_time, (receipt.received, receipt.slot, receipt.decided)))
    received = package.received
    if package.decided is None or times != (received["time"], received["slot"], package.decided["time"]):
        raise ProofError("The receipt and the log differ in their times.", where=str(path))


def _verify_refusals(path: Path, manifest: AnswersManifest, package: PackageLedger) -> None:
    data = read_bytes(path, ProofError)
    verify_refusals(data, manifest, str(path))
    digest = sha256()
    lines = data.split(b"\n")
    if lines.pop() != b"":
        raise ProofError("The last line is torn.", where=str(path))
    for number, line in enumerate(lines, 1):
        refusal = parse_refusal_line(line, f"{path}:{number}")
        digest.update(refusal_line(refusal.ordinal, refusal.findings))
    if digest.digest() != package.refusals_digest.digest():
        raise ProofError("The refusals are not those in the log.", where=str(path))


def _require_equal(document: AnswersManifest | Receipt, expected: Mapping[str, object], where: str) -> None:
    for name, value in expected.items():
        if getattr(document, name) != value:
            raise ProofError(f"The document and the log differ in {name}.", where=where)
