"""A gate under its own settings file: a card that was reported stolen, lists that are late, and none at all."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.signing.certificates import load_certificates, load_key
from narrowgate.adapters.signing.issuing import Credential, Validity, revocation_list
from support.command_line import CommandLine
from support.sandbox_files import GATE

NOW = SystemClock().now()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OFFICE = "keys/secretary_of_homeland_security.pem"
LIST = "world/revocation/root.crl"


def publish(home: Path, *revoked: str, until: timedelta = DAY, since: timedelta = HOUR) -> None:
    """The root's new list."""
    keys = home / "world" / "keys"
    root = Credential(load_key(keys / "root.key.pem"), load_certificates(keys / "root.pem")[0])
    certificates = [load_certificates(home / "world" / each)[0] for each in revoked]
    listed = revocation_list(root, certificates, NOW - since, Validity(NOW - since, NOW + until))
    (home / LIST).write_bytes(listed.public_bytes(Encoding.DER))


def test_a_package_signed_with_a_card_that_was_reported_stolen_is_refused(
    home: Path, narrowgate: CommandLine
) -> None:
    publish(home, OFFICE)
    result = narrowgate(*GATE.split())
    assert result.code == 12
    assert "The certificate is revoked." in result.err
    assert "certificate-revoked" in result.err


def test_a_late_list_stops_the_gate_and_the_same_package_is_answered_once_it_is_there(
    home: Path, narrowgate: CommandLine
) -> None:
    publish(home, until=-HOUR, since=DAY)
    late = narrowgate(*GATE.split())
    assert late.code == 1
    assert "revocation-stale" in late.err
    (home / LIST).unlink()
    missing = narrowgate(*GATE.split())
    assert missing.code == 1
    assert "revocation-missing" in missing.err
    publish(home)
    assert narrowgate(*GATE.split()).code == 0


def test_a_list_may_be_no_older_than_the_settings_say(home: Path, narrowgate: CommandLine) -> None:
    settings = home / "world" / "gate.toml"
    settings.write_text(settings.read_text().replace("max_age_days = 366", "max_age_days = 3"))
    publish(home, since=4 * DAY, until=30 * DAY)
    late = narrowgate(*GATE.split())
    assert late.code == 1
    assert "for at most 3 days" in late.err


def test_a_gate_does_not_start_without_its_revocation_directory(home: Path, narrowgate: CommandLine) -> None:
    shutil.rmtree(home / "world" / "revocation")
    result = narrowgate(*GATE.split())
    assert result.code == 4
    assert "revocation directory is missing" in result.err


@pytest.mark.parametrize("line", ["revocation_max_age_days = 366", 'revocation_max_age_days = "7"'])
def test_a_real_gate_names_a_revocation_directory_and_an_age_in_days(
    home: Path, narrowgate: CommandLine, line: str
) -> None:
    settings = home / "world" / "gate.toml"
    text = settings.read_text().replace("sandbox = true", "sandbox = false")
    text = text.replace("revocation_max_age_days = 366", line).replace('revocation = "revocation"\n', "")
    settings.write_text(text)
    result = narrowgate(*GATE.split())
    assert result.code == 4
    expected = "does not say where its revocation lists lie" if "366" in line else "not a number of days"
    assert expected in result.err


def test_nothing_is_sealed_to_an_officer_whose_card_was_reported_stolen(
    home: Path, narrowgate: CommandLine
) -> None:
    publish(home, "officers/1.pem")
    result = narrowgate(*GATE.split())
    assert result.code == 4
    assert "Officer officer-1: It is revoked." in result.err


@pytest.mark.parametrize(
    ("until", "state", "said"),
    [
        (30 * DAY, "ok", "does until"),
        (DAY, "warning", "hours are left"),
        (-HOUR, "failed", "stale, and signatures under it are refused"),
    ],
)
def test_the_doctor_tells_how_long_the_lists_will_do(
    home: Path, narrowgate: CommandLine, until: timedelta, state: str, said: str
) -> None:
    publish(home, until=until, since=2 * HOUR)
    findings = json.loads(narrowgate("doctor", "--config", home / "world", "--json").out)
    (found,) = [each for each in findings if each["subject"] == "revocation list"]
    assert found["state"] == state
    assert said in found["remark"]
    assert ("narrowgate docs revocation" in found["next_step"]) is (state != "ok")
