from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.signing.certificates import certificate_sha256, public_key_sha256, save_certificates
from narrowgate.adapters.signing.issuing import Validity, revocation_list
from narrowgate.adapters.signing.officer_signatures import RootOfficerSignatures
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.core.base.errors import RevocationMissingError, RevokedCertificateError
from support.custody import cards, signature
from support.governance import NOON

DAY = timedelta(days=1)
ACT = b"an act"


def test_a_custody_officers_card_that_was_reported_stolen_signs_no_act(tmp_path: Path) -> None:
    held = cards()
    save_certificates(tmp_path / "root.pem", [held.root.certificate])
    lists = tmp_path / "revocation"
    lists.mkdir()
    officers = RootOfficerSignatures(tmp_path / "root.pem", RevocationDirectory(lists))
    root = certificate_sha256(held.root.certificate)
    key = public_key_sha256(held.first.certificate)

    def signer() -> str:
        return officers.signer(ACT, signature(held.first, ACT), {key}, root, NOON)

    with pytest.raises(RevocationMissingError):
        signer()
    week = Validity(NOON - DAY, NOON + 6 * DAY)
    for stolen in (False, True):
        revoked = [held.first.certificate] if stolen else []
        listed = revocation_list(held.root, revoked, NOON, week)
        (lists / "root.crl").write_bytes(listed.public_bytes(Encoding.DER))
        if stolen:
            with pytest.raises(RevokedCertificateError):
                signer()
        else:
            assert signer() == key
