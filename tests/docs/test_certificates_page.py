"""The commands of the page on certificates make keys and certificates that sign packages and take seals."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.officers import OfficerRegister, write_register
from narrowgate.adapters.sealing.envelope import unseal
from narrowgate.adapters.sealing.officer_certificates import OfficerCertificates
from narrowgate.adapters.signing.certificates import (
    certificate_sha256,
    load_certificates,
    load_key,
    load_person_key,
    public_key_sha256,
)
from narrowgate.adapters.signing.cms import verify_detached
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.adapters.signing.fitness import require_fit_signer
from narrowgate.adapters.signing.trust import Trust
from support.command_line import CommandLine
from support.requests import PROJECT

PAGE = PROJECT / "docs" / "how-to" / "certificates.md"

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("certificates")
    commands = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for block in commands:
        if "narrowgate" not in block:
            subprocess.run(["sh", "-ec", block], cwd=directory, check=True, capture_output=True)
    return directory


def test_the_office_signs_as_the_gate_wants_it(home: Path) -> None:
    key, (certificate,) = load_key(home / "office.key.pem"), load_certificates(home / "office.pem")
    (root,) = load_certificates(home / "root.pem")
    require_fit_signer(certificate, SystemClock().now())
    now = SystemClock().now()
    signature = FileSigner(key, certificate).sign(b"a manifest", now)
    verify_detached(b"a manifest", signature, Trust(root, None), now, {public_key_sha256(certificate)})


@pytest.mark.parametrize("name", ["officer", "rsa-officer"])
def test_answers_are_sealed_to_the_officer_and_opened(name: str, home: Path, tmp_path: Path) -> None:
    shutil.copy(home / f"{name}.pem", tmp_path / "1.pem")
    write_register(tmp_path / "officers.csv", [("1", "1.pem")])
    (root,) = load_certificates(home / "root.pem")
    accept = OfficerCertificates(root, SystemClock().now())
    register = OfficerRegister.load(tmp_path / "officers.csv", accept, tmp_path / "archive")
    sealed = register.recipient("1").seal(b"an answer", SeededEntropy(b"page"))
    key = load_person_key(home / f"{name}.key.pem")
    assert unseal(sealed, key, load_certificates(home / f"{name}.pem")[0]) == b"an answer"


def test_key_digest_prints_what_an_agreement_names(home: Path, narrowgate: CommandLine) -> None:
    (office,), (root,) = load_certificates(home / "office.pem"), load_certificates(home / "root.pem")
    assert public_key_sha256(office) in narrowgate("key", "digest", home / "office.pem").out
    assert certificate_sha256(root) in narrowgate("key", "digest", home / "root.pem", "--json").out


def test_what_is_no_certificate_has_no_digest(home: Path, narrowgate: CommandLine) -> None:
    assert narrowgate("key", "digest", home / "office.key.pem").code == 4
