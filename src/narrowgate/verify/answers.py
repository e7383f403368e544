"""Verify answers: the manifest against its log proof, the sealed parts against the manifest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from narrowgate.core.canonical_json import parse_canonical
from narrowgate.core.errors import EnvelopeError, ProofError
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.leaf import PACKAGE_DECIDED, parse_leaf
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.proof import LogProof, parse_proof
from narrowgate.verify.files import read_bytes, read_text, regular_files

MANIFEST = "answers.json"
PROOF = "answers.tlog-proof"

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199})?\Z")


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers that are in the log.

    Args:
        manifest: the content of ``answers.json``.
        leaf: the *package decided* leaf that names it.
        proof: the proof that the leaf is in the log.
        checkpoint: the signed checkpoint the proof leads to.
    """

    manifest: dict[str, Any]
    leaf: dict[str, Any]
    proof: LogProof
    checkpoint: Checkpoint


def read_answers(directory: Path, key: VerifierKey) -> Answers:
    """The manifest of answers that the log of this key holds; needs no log, and no part at hand.

    Raises:
        ProofError: the manifest or its proof is missing or malformed, or one does not fit the other.
        OperationalError: the machine cannot read a file.
    """
    path = directory / MANIFEST
    proof = parse_proof(read_text(directory / PROOF, ProofError), str(directory / PROOF))
    checkpoint = proof.verify(key, str(directory / PROOF))
    data = read_bytes(path, ProofError)
    try:
        leaf = parse_leaf(proof.leaf, str(directory / PROOF))
        manifest = parse_canonical(data, str(path))
    except EnvelopeError as error:
        raise ProofError(error.what, why=error.why, where=error.where) from error
    if leaf["type"] != PACKAGE_DECIDED or leaf["answers_sha256"] != sha256(data).hexdigest():
        raise ProofError(
            "The answers are not those in the log.",
            why="The logged digest is of another file.",
            next_step="Do not act on these answers; ask the custodian for the receipt again.",
            where=str(path),
        )
    _require_fields(manifest, leaf, str(path))
    return Answers(manifest, leaf, proof, checkpoint)


def verify_part(directory: Path, part: Any, where: str) -> str:
    """The name of a sealed part whose bytes are those that the manifest lists.

    Raises:
        ProofError: the entry is malformed, or the file missing or changed.
        OperationalError: the machine cannot read the file.
    """
    name = part.get("file") if isinstance(part, dict) else None
    if not isinstance(name, str) or not _NAME.match(name):
        raise ProofError("A part of the answers has no usable file name.", where=where)
    data = read_bytes(directory / name, ProofError)
    if (part.get("bytes"), part.get("sha256")) != (len(data), sha256(data).hexdigest()):
        raise ProofError(
            "A sealed part is not the one in the answers' manifest.", where=str(directory / name)
        )
    return name


def verify_parts(directory: Path, manifest: dict[str, Any]) -> int:
    """The number of sealed parts, all at hand and unchanged, with no other file beside them.

    Raises:
        ProofError: a part is missing, changed or listed twice, or a file is not listed.
        OperationalError: the machine cannot read a file.
    """
    where = str(directory / MANIFEST)
    names = [verify_part(directory, part, where) for part in manifest["parts"]]
    found = sorted(set(regular_files(directory, ProofError)) - {MANIFEST, PROOF})
    if found != sorted(names):
        raise ProofError(
            "The files beside the answers are not the parts that the manifest lists.", where=str(directory)
        )
    return len(names)


def _require_fields(manifest: Any, leaf: dict[str, Any], where: str) -> None:
    expected = {
        "package_id": leaf["package"],
        "rows": leaf["answered"] + leaf["refused"],
        "snapshot_id": leaf["index_snapshot"],
        "data_as_of": leaf["index_data_as_of"],
    }
    if not isinstance(manifest, dict) or not isinstance(manifest.get("parts"), list):
        raise ProofError("The answers' manifest lists no parts.", where=where)
    for name, value in expected.items():
        if manifest.get(name) != value:
            raise ProofError(f"The answers' manifest and its leaf differ in {name}.", where=where)
