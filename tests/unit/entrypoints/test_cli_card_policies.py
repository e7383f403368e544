"""A gate that wants cards: what a certificate says of its key, and what the signer was shown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.package_files import add_signature
from narrowgate.adapters.signing.certificates import load_certificates, load_key, save_certificates
from narrowgate.adapters.signing.cms_signer import FileSigner
from support.command_line import CommandLine
from support.sandbox_files import BUILD, GATE, SANDBOX, SIGN, base_files

HARDWARE = "2.16.840.1.101.3.2.1.3.7"
OFFICE = "world/keys/secretary_of_homeland_security"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, narrowgate: CommandLine) -> Path:
    """A world whose gate wants cards, and a package that is not signed yet."""
    monkeypatch.chdir(tmp_path)
    base_files(tmp_path)
    for command in (SANDBOX, BUILD):
        assert narrowgate(*command.split()).code == 0
    settings = tmp_path / "world" / "gate.toml"
    settings.write_text(f'card_policies = ["{HARDWARE}"]\n' + settings.read_text())
    return tmp_path


def certify(*policies: str) -> x509.Certificate:
    """The office's key again, with the authority's word for it."""
    old, root = load_certificates(Path(f"{OFFICE}.pem"))[0], load_certificates(Path("world/keys/root.pem"))[0]
    builder = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(root.subject)
        .public_key(old.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(old.not_valid_before_utc)
        .not_valid_after(old.not_valid_after_utc)
    )
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    listed = [x509.PolicyInformation(x509.ObjectIdentifier(each), None) for each in policies]
    builder = builder.add_extension(x509.CertificatePolicies(listed), critical=False)
    return builder.sign(load_key(Path("world/keys/root.key.pem")), hashes.SHA256())


def test_a_certificate_that_does_not_speak_of_hardware_signs_no_package(
    home: Path, narrowgate: CommandLine
) -> None:
    assert narrowgate(*SIGN.split()).code == 0
    result = narrowgate(*GATE.split())
    assert result.code == 12
    assert "certificate" in result.err


@pytest.mark.parametrize(
    ("policy", "code"), [(HARDWARE, 0), ("2.16.840.1.101.3.2.1.3.6", 12), ("2.5.29.32.0", 12)]
)
def test_the_authoritys_word_for_hardware_is_what_counts(
    home: Path, narrowgate: CommandLine, policy: str, code: int
) -> None:
    save_certificates(Path(f"{OFFICE}.pem"), [certify(policy)])
    assert narrowgate(*SIGN.split()).code == 0
    result = narrowgate(*GATE.split())
    assert result.code == code, result.err


def test_a_signature_that_does_not_say_what_was_shown_is_refused(home: Path, narrowgate: CommandLine) -> None:
    certificate = certify(HARDWARE)
    signer = FileSigner(load_key(Path(f"{OFFICE}.key.pem")), certificate)
    package = home / "package-2"
    now = SystemClock().now() + timedelta(seconds=1)
    add_signature(package, signer.sign((package / "manifest.json").read_bytes(), now))
    result = narrowgate(*GATE.split())
    assert result.code == 12
    assert "does not say what its signer was shown" in result.err


@pytest.mark.parametrize("value", ['"2.5"', "[]", '["hardware"]', "true", '[""]'])
def test_a_demand_that_cannot_be_read_closes_the_gate(
    home: Path, narrowgate: CommandLine, value: str
) -> None:
    settings = home / "world" / "gate.toml"
    settings.write_text(settings.read_text().replace(f'["{HARDWARE}"]', value, 1))
    result = narrowgate(*GATE.split())
    assert result.code == 4
    assert "card_policies" in result.err
