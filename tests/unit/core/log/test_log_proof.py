"""tlog-proof: a leaf proved with one text and one key."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.checkpoint import Checkpoint, sign_checkpoint
from narrowgate.core.log.merkle import inclusion_proof, leaf_hash, root, subtrees
from narrowgate.core.log.note import NoteSigner
from narrowgate.core.log.proof import LogProof, parse_proof

LOG = NoteSigner.ed25519("example.test/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
LEAVES = [b"leaf %d" % number for number in range(5)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
SIGNED = sign_checkpoint(Checkpoint("example.test/log", 5, root(HASHES)), LOG)
PROOF = LogProof(2, inclusion_proof(2, 5, subtrees(HASHES)), SIGNED, LEAVES[2])


def test_a_proof_reads_back_and_verifies() -> None:
    assert parse_proof(str(PROOF)) == PROOF
    assert parse_proof(str(PROOF)).verify(LOG.key).size == 5


def test_its_lines_are_those_of_the_specification() -> None:
    lines = str(PROOF).split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra bGVhZiAy", "index 2"]
    assert lines[3 + len(PROOF.hashes)] == ""
    assert str(PROOF).endswith("\n\n" + SIGNED)


def test_every_changed_byte_is_found() -> None:
    data = str(PROOF).encode()
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1
        with pytest.raises((ProofError, UnicodeDecodeError)):
            parse_proof(changed.decode()).verify(LOG.key)


def test_another_leaf_is_not_proved() -> None:
    with pytest.raises(ProofError, match="another root"):
        LogProof(2, PROOF.hashes, SIGNED, LEAVES[3]).verify(LOG.key, "answers.tlog-proof")


def test_a_log_of_one_leaf_needs_no_hashes() -> None:
    single = sign_checkpoint(Checkpoint("example.test/log", 1, HASHES[0]), LOG)
    proof = parse_proof(str(LogProof(0, (), single, LEAVES[0])))
    assert proof.verify(LOG.key).size == 1


@pytest.mark.parametrize(
    "data",
    [
        "",
        str(PROOF).replace("@v1", "@v2"),
        str(PROOF).replace("index 2", "index 02"),
        str(PROOF).replace("index 2", "index"),
        str(PROOF).replace("extra bGVhZiAy\n", ""),
        str(PROOF).replace("index 2\n", "index 2\nAAAA\n"),
        str(PROOF).replace("index 2\n", "index 2\n" + "A" * 43 + "=\n" * 1),
        str(PROOF).replace("index 2\n", "index 2\n" + ("A" * 43 + "=\n") * 64),
    ],
)
def test_a_malformed_proof_is_refused(data: str) -> None:
    with pytest.raises(ProofError):
        parse_proof(data).verify(LOG.key)
