"""A gate opens an index only if the custodian's own key signed it, whichever root vouches for the signer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.core.base.errors import ConfigurationError, UnavailableError
from narrowgate.entrypoints.bootstrap import index_verifier, opened_gate
from narrowgate.entrypoints.sandbox.credentials import Credentials, create_credentials
from narrowgate.entrypoints.sandbox.world import Sources, build_world
from narrowgate.entrypoints.settings import GateSettings, read_settings
from support.gate_world import OFFICE
from support.sandbox_files import base_files

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
MANIFEST = b'{"schema":"x"}'


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    return create_credentials(tmp_path, [], NOW, SeededEntropy(b"index signer"))


def settings(home: Path, *, sandbox: bool = True, named: bool = True) -> GateSettings:
    places = (
        "governance",
        "trust_root",
        "index",
        "log",
        "answers",
        "checkpoints",
        "spill",
        "vault",
        "staging",
        "intake",
        "notices",
        "progress",
    )
    empty = dict.fromkeys(places, home)
    return GateSettings(
        sandbox=sandbox,
        index_root=home / "keys" / "root.pem" if named else None,
        index_signer=home / "keys" / "custodian.pem" if named else None,
        index_key="",
        history_key="",
        commitment_key="",
        log_key="",
        log_origin="",
        state="",
        workers=1,
        index_store=None,
        indexes=None,
        timestamps=None,
        timestamp_authority=None,
        timestamp_url="",
        memory_limit="1GB",
        engine="embedded",
        master="",
        revocation=None,
        card_policies=frozenset(),
        **empty,
    )


def test_the_custodians_signature_is_accepted(credentials: Credentials, tmp_path: Path) -> None:
    signer = FileSigner(credentials.custodian.key, credentials.custodian.certificate)
    verify = index_verifier(settings(tmp_path), NOW)
    assert verify is not None
    verify(MANIFEST, signer.sign(MANIFEST, NOW))
    with pytest.raises(ConfigurationError):
        verify(MANIFEST + b" ", signer.sign(MANIFEST, NOW))


def test_an_offices_signature_under_the_same_root_is_not(credentials: Credentials, tmp_path: Path) -> None:
    office = credentials.signers[OFFICE]
    verify = index_verifier(settings(tmp_path), NOW)
    assert verify is not None
    with pytest.raises(ConfigurationError, match="none of those expected"):
        verify(MANIFEST, FileSigner(office.key, office.certificate).sign(MANIFEST, NOW))


def test_a_real_gate_names_its_index_signer_and_a_sandbox_may_go_without(tmp_path: Path) -> None:
    assert index_verifier(settings(tmp_path, named=False), NOW) is None
    with pytest.raises(ConfigurationError, match="who signs"):
        index_verifier(settings(tmp_path, sandbox=False, named=False), NOW)


def test_an_index_without_its_signature_is_unavailable(tmp_path: Path) -> None:
    base_files(tmp_path)
    home = tmp_path / "world"
    home.mkdir()
    sources = Sources(tmp_path / "records.csv", tmp_path / "mapping.toml", tmp_path / "cases.csv")
    build_world(home, sources, FixedClock(NOW), SeededEntropy(b"world"), 1, lambda *_: None)
    (home / "index" / "manifest.json.p7s").unlink()
    with opened_gate(read_settings(home), FixedClock(NOW)) as gate, pytest.raises(UnavailableError):
        gate.open_index(gate.open_keys().tokens.key_id())
