"""The signed attribute that says what the signer was shown: once, in 32 bytes, and of one text only."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.primitives.asymmetric import ec

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.signing.certificates import public_key_sha256
from narrowgate.adapters.signing.cms import verify_detached
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.adapters.signing.shown import (
    SHOWN,
    read_shown,
    require_shown,
    require_some_shown,
    shown_sha256,
)
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import EnvelopeError
from support.softhsm import Authority, signing_usage

NOW = SystemClock().now().replace(microsecond=0)


def attributes(*digests: bytes, values: int = 1) -> cms.CMSAttributes:
    """Signed attributes that hold each digest in one attribute."""
    return cms.CMSAttributes(
        [{"type": SHOWN, "values": [core.OctetString(digest)] * values} for digest in digests]
    )


def test_the_digest_is_read_as_it_was_signed() -> None:
    assert read_shown(attributes(bytes.fromhex(shown_sha256("Sign?")))) == shown_sha256("Sign?")
    assert read_shown(attributes()) is None


@pytest.mark.parametrize(
    "unclear",
    [
        attributes(bytes(32), bytes(32)),
        attributes(bytes(32), values=2),
        attributes(bytes(31)),
        attributes(b""),
    ],
    ids=["twice", "two values", "short", "empty"],
)
def test_an_attribute_of_two_meanings_is_refused(unclear: cms.CMSAttributes) -> None:
    with pytest.raises(EnvelopeError, match="unclearly"):
        read_shown(unclear)


def test_another_text_is_refused_and_so_is_none() -> None:
    require_shown(shown_sha256("Sign 3 items?"), "Sign 3 items?")
    with pytest.raises(EnvelopeError, match="another text"):
        require_shown(shown_sha256("Sign 3 items?"), "Sign 3 items? ")
    with pytest.raises(EnvelopeError, match="does not say"):
        require_some_shown(None)


def test_the_attribute_is_part_of_what_is_signed(tmp_path: Path) -> None:
    root = Authority.new(NOW)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = root.certify("Official", key.public_key(), NOW, signing_usage())
    signature = FileSigner(key, certificate).sign(b"data", NOW, "Sign?")
    trust, keys = Trust(root.certificate, None), {public_key_sha256(certificate)}
    assert verify_detached(b"data", signature, trust, NOW, keys).shown_sha256 == shown_sha256("Sign?")
    digest = bytes.fromhex(shown_sha256("Sign?"))
    forged = signature.replace(digest, bytes.fromhex(shown_sha256("Sign nothing?")))
    assert forged != signature
    with pytest.raises(EnvelopeError):
        verify_detached(b"data", forged, trust, NOW, keys)
    (tmp_path / "signature").write_bytes(signature)
    command = ["openssl", "cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", "signature"]
    printed = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert SHOWN in printed
