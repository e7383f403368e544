"""Checkpoints and cosignatures."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.checkpoint import (
    Checkpoint,
    cosign,
    parse_checkpoint_text,
    sign_checkpoint,
    verify_checkpoint,
    verify_cosignature,
)
from narrowgate.core.log.note import COSIGNATURE_V1, NoteSigner, sign_note

LOG = NoteSigner.ed25519("example.test/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = NoteSigner.ed25519(
    "witness.test/w1", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))), COSIGNATURE_V1
)
CHECKPOINT = Checkpoint("example.test/log", 70_000, bytes(range(32)))
SIGNED = sign_checkpoint(CHECKPOINT, LOG)


def test_a_signed_checkpoint_reads_back() -> None:
    assert verify_checkpoint(SIGNED, LOG.key) == CHECKPOINT


def test_the_example_of_the_specification_is_read() -> None:
    checkpoint = parse_checkpoint_text(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)


def test_extension_lines_mean_nothing() -> None:
    assert parse_checkpoint_text(CHECKPOINT.text() + "extension\n") == CHECKPOINT


ROOT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\n5\n",
        f"log\n5\n{ROOT}",
        f"\n5\n{ROOT}\n",
        f"log\n05\n{ROOT}\n",
        f"log\n-5\n{ROOT}\n",
        f"log\n+5\n{ROOT}\n",
        f"log\n\u0665\n{ROOT}\n",
        f"log\n{10**19}\n{ROOT}\n",
        f"log\n5\n{ROOT}\n\nextension\n",
        "log\n5\nAAAA\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        parse_checkpoint_text(text)


def test_a_log_signs_only_under_its_own_name() -> None:
    with pytest.raises(ProofError):
        sign_checkpoint(Checkpoint("another.test", 0, bytes(32)), LOG)
    foreign = str(sign_note(Checkpoint("another.test", 0, bytes(32)).text(), LOG))
    with pytest.raises(ProofError, match="another log"):
        verify_checkpoint(foreign, LOG.key)


def test_a_cosigned_checkpoint_verifies_for_the_log_and_for_the_witness() -> None:
    cosigned = cosign(SIGNED, WITNESS, 1_679_315_147)
    assert verify_checkpoint(cosigned, LOG.key) == CHECKPOINT
    assert verify_cosignature(cosigned, WITNESS.key) == 1_679_315_147


def test_a_cosignature_holds_for_its_own_time_and_text_only() -> None:
    cosigned = cosign(SIGNED, WITNESS, 1_679_315_147)
    other = sign_checkpoint(Checkpoint("example.test/log", 70_001, bytes(range(32))), LOG)
    moved = other + cosigned.removeprefix(SIGNED)
    with pytest.raises(ProofError):
        verify_cosignature(moved, WITNESS.key)
    with pytest.raises(ProofError, match="no signature of the key"):
        verify_cosignature(SIGNED, WITNESS.key)


def test_a_log_key_does_not_cosign() -> None:
    with pytest.raises(ProofError):
        cosign(SIGNED, LOG, 1)
    with pytest.raises(ProofError):
        verify_cosignature(SIGNED, LOG.key)
