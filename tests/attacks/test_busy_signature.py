"""Attack: certificates that vouch for each other keep the gate busy before it knows who asks (issue 9, item 9)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import ec

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.signing.certificates import load_certificates, load_key
from narrowgate.adapters.signing.cms_signer import FileSigner
from support.attacked_world import AttackedWorld
from support.hostile_signatures import certificate, cross_signed, signed_below_cross_signed

SECONDS = 2.0
"""Of work, the whole command included."""

NOW = SystemClock().now()
OFFICE = "world/keys/secretary_of_homeland_security"


def by_a_stranger(manifest: bytes) -> bytes:
    return signed_below_cross_signed(manifest, ec.generate_private_key(ec.SECP256R1()), NOW)


def by_a_stranger_with_the_key_of_the_office_in_the_certificate(manifest: bytes) -> bytes:
    authority, between = cross_signed(3, NOW)
    office = load_certificates(Path(f"{OFFICE}.pem"))[0].public_key()
    assert isinstance(office, ec.EllipticCurvePublicKey)
    signer = certificate("Office", office, "Authority 0", authority, NOW)
    return FileSigner(ec.generate_private_key(ec.SECP256R1()), signer, between).sign(manifest, NOW)


def by_the_office_itself(manifest: bytes) -> bytes:
    return signed_below_cross_signed(manifest, load_key(Path(f"{OFFICE}.key.pem")), NOW)


@pytest.mark.parametrize(
    "sign",
    [by_a_stranger, by_a_stranger_with_the_key_of_the_office_in_the_certificate, by_the_office_itself],
)
def test_certificates_that_vouch_for_each_other_are_refused_at_once(
    sign: Callable[[bytes], bytes], world: AttackedWorld
) -> None:
    package = world.package("signed")
    signature = sign((package / "manifest.json").read_bytes())
    assert len(signature) < 35_000
    (package / "manifest.json.p7s").write_bytes(signature)
    began = time.process_time()
    code, message = world.gate("signed")
    assert (code, "(envelope, rule R-21)" in message) == (12, True)
    assert time.process_time() - began < SECONDS
    world.next_honest_package_is_answered()


def test_a_time_stamp_full_of_them_is_not_looked_at(world: AttackedWorld) -> None:
    """Anyone on the way could add it: the signature does not cover it."""
    package = world.package("signed")
    path = package / "manifest.json.p7s"
    signature = cms.ContentInfo.load(path.read_bytes())
    stamp = cms.ContentInfo.load(by_a_stranger(b"anything"))
    signature["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes(
        [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [stamp]})]
    )
    path.write_bytes(signature.dump())
    began = time.process_time()
    code, message = world.gate("signed")
    assert code == 0, message
    assert time.process_time() - began < SECONDS + 2
