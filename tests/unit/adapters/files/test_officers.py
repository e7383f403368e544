"""The register of officers: who is in it, and what is sealed to them in any process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.officers import CertifiedRecipient, OfficerRegister, write_register
from narrowgate.adapters.sealing.envelope import unseal
from narrowgate.adapters.signing.certificates import (
    Validity,
    create_root,
    issue_officer,
    public_key_sha256,
    save_certificates,
)
from narrowgate.adapters.workers import workers_for
from narrowgate.core.base.errors import ConfigurationError

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
YEAR = Validity(NOW - timedelta(days=30), NOW + timedelta(days=335))
ENTROPY = SeededEntropy(b"test_officers")
ROOT = create_root("Test root", YEAR, ENTROPY)
OFFICER = issue_officer(ROOT, "Test officer", YEAR, ENTROPY)


@pytest.fixture
def register(tmp_path: Path) -> OfficerRegister:
    save_certificates(tmp_path / "one.pem", [OFFICER.certificate])
    write_register(tmp_path / "officers.csv", [("OFF-1", "one.pem")])
    return OfficerRegister(tmp_path / "officers.csv")


def _sealed(recipient: CertifiedRecipient) -> tuple[str, bytes]:
    return recipient.key_sha256(), recipient.seal(b"an answer", SeededEntropy(b"seed"))


def test_a_worker_process_seals_the_same_bytes_to_the_same_key(register: OfficerRegister) -> None:
    recipient = register.recipient("OFF-1")
    here = _sealed(recipient)
    with workers_for(2) as workers:
        assert list(workers.map(_sealed, [recipient, recipient])) == [here, here]
    assert here[0] == public_key_sha256(OFFICER.certificate)
    assert unseal(here[1], OFFICER.key, OFFICER.certificate) == b"an answer"


def test_an_officer_who_is_not_registered_is_no_recipient(register: OfficerRegister) -> None:
    assert register.registered() == {"OFF-1"}
    with pytest.raises(ConfigurationError, match="not registered"):
        register.recipient("OFF-2")
