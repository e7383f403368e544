"""The commands of the page on revocation publish lists that the gate reads."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.signing.certificates import load_certificates, load_key, public_key_sha256
from narrowgate.adapters.signing.cms import verify_detached
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import RevokedCertificateError
from support.requests import PROJECT

HOW_TO = PROJECT / "docs" / "how-to"


def commands(page: str, heading: str) -> str:
    text = (HOW_TO / page).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```sh\n(.*?)```", text[text.index(heading) :], re.DOTALL))


@pytest.mark.skipif(
    shutil.which("openssl") is None, reason="NOT CHECKED: the openssl command is not installed"
)
def test_the_commands_publish_a_list_and_take_a_stolen_card_out(tmp_path: Path) -> None:
    def run(script: str) -> None:
        subprocess.run(["sh", "-euc", script], cwd=tmp_path, check=True, capture_output=True)

    made = commands("certificates.md", "# Certificates")
    run("\n".join(line for line in made.splitlines() if not line.startswith("narrowgate ")))
    (tmp_path / "revocation").mkdir()
    publish = commands("revocation.md", "## Publish a list yourself")
    run(publish)
    now = SystemClock().now()
    office = load_certificates(tmp_path / "office.pem")[0]
    root = load_certificates(tmp_path / "root.pem")[0]
    signature = FileSigner(load_key(tmp_path / "office.key.pem"), office).sign(b"a manifest", now)

    def verify() -> None:
        trust = Trust(root, RevocationDirectory(tmp_path / "revocation").read())
        verify_detached(b"a manifest", signature, trust, SystemClock().now(), {public_key_sha256(office)})

    verify()
    revoke = "openssl ca -config crl.cnf -revoke office.pem -keyfile root.key.pem -cert root.pem"
    assert revoke.replace("office.pem", "stolen.pem") in (HOW_TO / "revocation.md").read_text()
    run(revoke)
    run(publish.splitlines()[-1])
    with pytest.raises(RevokedCertificateError):
        verify()
