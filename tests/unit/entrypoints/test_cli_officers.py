"""The register of officers through the command line: attacks on it, cards of every kind, and its digest in the log."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.signing.certificates import (
    load_certificates,
    load_key,
    public_key_sha256,
    save_certificates,
)
from narrowgate.adapters.signing.issuing import Credential, Validity, create_root
from narrowgate.core.answers.answers_manifest import part_file_name
from narrowgate.core.base.errors import ActRefusedError
from narrowgate.verify.log_directory import verify_log
from support.command_line import CommandLine
from support.officers import KINDS, Key, certificate_for, key_of
from support.sandbox_acts import put_in_force
from support.sandbox_files import GATE, OPEN, VERIFY

PEM = Path("world/officers/1.pem")
KEY = Path("world/officers/1.key.pem")


def root() -> Credential:
    """The root of the sandbox, which keeps its key for cards like these."""
    return Credential(
        load_key(Path("world/keys/root.key.pem")), load_certificates(Path("world/keys/root.pem"))[0]
    )


def replace_card(key: Key, issuer: Credential) -> None:
    save_certificates(PEM, [certificate_for(key, issuer)])
    KEY.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


CHECK = "officers check world/officers/officers.csv --config world"
DOCUMENT = "officers document world/officers/officers.csv --config world"


def officers_sha256() -> list[str]:
    """The digests of the registers in the log, package by package."""
    leaves: list[dict[str, str]] = []
    verify_log(Path("world/log"), visit=lambda _, leaf: leaves.append(json.loads(leaf)))
    return [leaf["officers_sha256"] for leaf in leaves if leaf["type"] == "package-received"]


@pytest.mark.parametrize("kind", KINDS)
def test_answers_reach_an_officer_with_a_card_of_every_kind(
    home: Path, narrowgate: CommandLine, kind: str
) -> None:
    replace_card(key_of(kind), root())
    put_in_force(Path("world"), "register")
    receipt = json.loads(narrowgate(*GATE.split()).out)
    answers = Path("world/answers", receipt["package_id"])
    opened = narrowgate(*OPEN.format(answers=answers).split())
    assert opened.out.splitlines()[1:] == [
        "1,,CONFIRMED,",
        "2,,CONFIRMED,",
        "3,,NOT_CONFIRMED,",
        "4,,REFUSED,R-64",
    ]
    assert narrowgate(*VERIFY.split()).code == 0
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NOT CHECKED against another implementation: the openssl command is not installed")
    part = answers / part_file_name(public_key_sha256(load_certificates(PEM)[0]))
    command = [openssl, "cms", "-decrypt", "-binary", "-inform", "DER", "-in", part, "-out", "opened"]
    subprocess.run([*command, "-recip", PEM, "-inkey", KEY], check=True, capture_output=True)
    assert narrowgate(*VERIFY.split(), "--opened", "opened").code == 0


def test_an_operator_who_slips_in_a_certificate_of_his_own_changes_nothing(
    home: Path, narrowgate: CommandLine
) -> None:
    now = load_certificates(PEM)[0]
    own = create_root(
        "Operator", Validity(now.not_valid_before_utc, now.not_valid_after_utc), SystemEntropy()
    )
    before = officers_sha256()
    replace_card(key_of("P-256"), own)
    for command in (CHECK, DOCUMENT):
        refused = narrowgate(*command.split())
        assert (refused.code, refused.out) == (4, "")
        assert "file 1.pem: No path leads from it to the agreed root." in refused.err
    assert narrowgate(*GATE.split()).code == 0
    assert officers_sha256() == before * 2


def test_two_officers_with_one_certificate_are_no_register(home: Path, narrowgate: CommandLine) -> None:
    register = Path("world/officers/officers.csv")
    register.write_text(register.read_text() + "OFF-999,1.pem\n")
    refused = narrowgate(*DOCUMENT.split())
    assert (refused.code, refused.out) == (4, "")
    assert "Officer OFF-999, file 1.pem: Its key is that of officer" in refused.err


def test_an_agreement_that_does_not_name_the_root_of_the_gate_cannot_be_put_in_force(home: Path) -> None:
    now = load_certificates(PEM)[0]
    own = create_root(
        "Operator", Validity(now.not_valid_before_utc, now.not_valid_after_utc), SystemEntropy()
    )
    save_certificates(Path("world/governance/trust-root.pem"), [own.certificate])
    with pytest.raises(ActRefusedError, match="does not name the trust root"):
        put_in_force(Path("world"), "agreement")


def test_another_register_has_another_digest_in_the_log(home: Path, narrowgate: CommandLine) -> None:
    replace_card(key_of("P-384"), root())
    document = narrowgate(*DOCUMENT.split()).out.encode()
    told = json.loads(narrowgate(*CHECK.split(), "--json").out)
    put_in_force(Path("world"), "register")
    assert narrowgate(*GATE.split()).code == 0
    first, second = officers_sha256()
    assert first != second == told["sha256"] == sha256(document).hexdigest()
    kept = {path.stem: path.read_bytes() for path in Path("world/vault/officers").iterdir()}
    assert kept.keys() == {first, second}
    assert kept[second] == document


def test_a_package_that_began_is_answered_to_the_officers_it_began_with(
    home: Path, narrowgate: CommandLine
) -> None:
    shutil.copy(PEM, "then.pem")
    shutil.copy(KEY, "then.key.pem")
    Path("world/index").rename("away")
    assert narrowgate(*GATE.split()).code == 1
    Path("away").rename("world/index")
    replace_card(key_of("P-384"), root())
    finished = narrowgate(*GATE.split())
    assert finished.code == 0, finished.err
    answers = Path("world/answers", json.loads(finished.out)["package_id"])
    command = OPEN.format(answers=answers)
    assert narrowgate(*command.split()).code == 12
    then = command.replace("world/officers/1.key.pem", "then.key.pem").replace(
        "world/officers/1.pem", "then.pem"
    )
    assert narrowgate(*then.split()).code == 0
