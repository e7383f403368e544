from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.http import intake_client
from narrowgate.adapters.http.intake_client import IntakeAddress, IntakeClient
from narrowgate.core.base.errors import (
    ClientRefusedError,
    ConfigurationError,
    ConflictError,
    EnvelopeError,
    NotReleasedError,
    UnavailableError,
    UnknownPackageError,
    UsageError,
)
from support.cutting_proxy import cutting_proxy
from support.requests import NOW
from support.running_intake import RunningIntake, Sample

SLOT = NOW + timedelta(hours=6)


def no_report(what: str, done: int, total: int) -> None:
    """Nobody watches."""


def client(intake: RunningIntake, name: str = "ours", url: str = "") -> IntakeClient:
    home = intake.home
    address = IntakeAddress(
        url or intake.url, home / f"{name}.pem", home / f"{name}.key.pem", home / "root.pem"
    )
    return IntakeClient(address, lambda _: None)


def test_a_package_is_handed_over_and_the_same_again_changes_nothing(
    intake: RunningIntake, sample: Sample
) -> None:
    with client(intake) as ours:
        status = ours.submit(sample.directory, no_report)
        assert (status["state"], status["slot"]) == ("waiting", "2026-11-22T18:00:00Z")
        assert ours.submit(sample.directory, no_report) == status
        assert ours.status(sample.id) == status
        with pytest.raises(ConflictError):
            ours.discard(sample.id)


def test_an_upload_that_is_cut_off_again_and_again_arrives_byte_for_byte(
    intake: RunningIntake, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_client, "PART_BYTES", 700)
    with cutting_proxy(intake.url, after=7_000, times=6) as url, client(intake, url=url) as ours:
        assert ours.submit(sample.directory, no_report)["state"] == "waiting"


def test_answers_that_are_cut_off_come_whole_or_not_at_all(
    intake: RunningIntake, sample: Sample, tmp_path: Path
) -> None:
    into = tmp_path / "answers"
    files = {"0a.p7m": os.urandom(90_000), "answers.json": b"{}", "receipt.json": b'{"a":1}'}
    with client(intake) as ours:
        ours.submit(sample.directory, no_report)
        with pytest.raises(NotReleasedError):
            ours.fetch(sample.id, into, no_report)
        assert not into.exists()
        released = intake.home / "answers" / sample.id
        released.mkdir()
        for name, data in files.items():
            (released / name).write_bytes(data)
        os.utime(released, (SLOT.timestamp(), SLOT.timestamp()))
    intake.clock.at = SLOT
    try:
        with cutting_proxy(intake.url, after=40_000, times=3) as url, client(intake, url=url) as ours:
            assert ours.fetch(sample.id, into, no_report) == 3
            assert {path.name: path.read_bytes() for path in into.iterdir()} == files
            with pytest.raises(UsageError, match="exists already"):
                ours.fetch(sample.id, into, no_report)
    finally:
        intake.clock.at = NOW
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_the_intake_refuses_has_the_id_it_had_there(intake: RunningIntake, sample: Sample) -> None:
    with client(intake, "theirs") as theirs:
        with pytest.raises(ClientRefusedError) as refused:
            theirs.submit(sample.directory, no_report)
        assert refused.value.next_step
        with pytest.raises(UnknownPackageError):
            theirs.status(sample.id)
        with pytest.raises(UsageError, match="no package id"):
            theirs.status("../x")
    (sample.directory / "rows.ndjson").write_bytes(sample.rows.replace(b"i0", b"i9"))
    with client(intake) as ours, pytest.raises(EnvelopeError) as changed:
        ours.submit(sample.directory, no_report)
    assert changed.value.rule == "R-21"


def test_an_intake_that_is_not_there_or_not_who_it_should_be_gets_nothing(
    intake: RunningIntake, sample: Sample, tmp_path: Path
) -> None:
    with client(intake, url="https://127.0.0.1:1") as ours, pytest.raises(UnavailableError):
        ours.status(sample.id)
    with pytest.raises(ConfigurationError, match="URL"):
        client(intake, url="http://127.0.0.1:1")
    home = intake.home
    from narrowgate.adapters.entropy import SeededEntropy
    from narrowgate.adapters.signing.certificates import save_certificates
    from narrowgate.adapters.signing.issuing import create_root
    from support.running_intake import year

    other = create_root("other", year(), SeededEntropy(b"other"))
    save_certificates(tmp_path / "other.pem", [other.certificate])
    address = IntakeAddress(intake.url, home / "ours.pem", home / "ours.key.pem", tmp_path / "other.pem")
    with (
        IntakeClient(address, lambda _: None) as ours,
        pytest.raises(ConfigurationError, match="own certificate"),
    ):
        ours.status(sample.id)


@pytest.mark.parametrize("name", ["../x", ".x", "/etc/passwd", "A b", ""])
def test_names_that_lead_elsewhere_are_not_written(name: str) -> None:
    with pytest.raises(EnvelopeError):
        intake_client._listed({"files": [{"name": name, "bytes": 1}]})  # the form a lying intake would send


@pytest.mark.parametrize(
    "url",
    [
        "http://intake.example",
        "https://[::1",
        "https://::1",
        "https://[x]",
        "https://xn--.example",
        "https://a:b",
    ],
)
def test_a_url_that_names_no_host_over_tls_is_refused_before_a_file_is_opened(url: str) -> None:
    missing = Path("missing.pem")
    with pytest.raises(ConfigurationError, match="URL of the intake"):
        IntakeClient(IntakeAddress(url, missing, missing, missing), lambda _: None)
