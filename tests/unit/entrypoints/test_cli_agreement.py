"""An agreement is shown for the signing table, and an amendment is told in words, from the command line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.signing.certificates import public_key_sha256, save_certificates, save_key
from narrowgate.adapters.signing.issuing import Validity, create_root, issue_office
from narrowgate.entrypoints.document_signature import PARTIES
from support.command_line import CommandLine, Result

EXAMPLE = Path(__file__).parents[3] / "examples" / "agreement.toml"


@pytest.fixture
def amended(tmp_path: Path) -> Path:
    text = EXAMPLE.read_text().replace("version = 1\n", "version = 2\n", 1)
    path = tmp_path / "amended.toml"
    path.write_text(text)
    return path


def set_limit(path: Path, name: str, figure: int) -> None:
    lines = [
        f"{name} = {figure}" if line.startswith(f"{name} =") else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(lines) + "\n")


def test_every_clause_is_shown_with_its_rules_as_text_page_and_json(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    assert "R-22: " in narrowgate("agreement", "show", EXAMPLE).out
    page = tmp_path / "agreement.html"
    narrowgate("agreement", "show", EXAMPLE, "--html", page)
    assert "Acting Director" in page.read_text()
    shown = json.loads(narrowgate("agreement", "show", EXAMPLE, "--json").out)
    assert {"name": "Items in one package", "value": "1000"} in shown["provisions"]


def test_a_smaller_quota_is_narrower_and_a_greater_one_wider(narrowgate: CommandLine, amended: Path) -> None:
    set_limit(amended, "items_per_package", 999)
    set_limit(amended, "packages_per_day", 24)
    out = narrowgate("agreement", "diff", EXAMPLE, amended).out
    wider, narrower = out.index("Wider"), out.index("Narrower")
    assert wider < out.index("Packages of one office in one day: 24") < narrower
    assert narrower < out.index("Items in one package: 999 in place of 1000")


def test_what_the_code_does_not_allow_cannot_be(narrowgate: CommandLine, amended: Path) -> None:
    set_limit(amended, "items_per_package", 1_280_000)
    result = narrowgate("agreement", "diff", EXAMPLE, amended)
    assert result.code == 4
    assert "cannot be" in result.err
    assert "limits.items_per_package" in result.err


def test_an_amendment_of_the_same_version_cannot_be(narrowgate: CommandLine, amended: Path) -> None:
    amended.write_text(amended.read_text().replace("version = 2\n", "version = 1\n", 1))
    set_limit(amended, "items_per_package", 999)
    result = narrowgate("agreement", "diff", EXAMPLE, amended)
    assert result.code == 4
    assert "needs a greater one" in result.err
    assert "Items in one package" in result.out


@dataclass(frozen=True)
class Parties:
    """For each party what it signs with, and the digest of its key; both under one root."""

    custodian: list[object]
    requester: list[object]
    keys: dict[str, str]


@pytest.fixture
def parties(tmp_path: Path) -> Parties:
    now, entropy = SystemClock().now(), SeededEntropy(b"parties")
    validity = Validity(now - timedelta(days=1), now + timedelta(days=30))
    root = create_root("root of both", validity, entropy)
    save_certificates(tmp_path / "root.pem", [root.certificate])
    brought: dict[str, list[object]] = {}
    keys = {}
    for party in PARTIES:
        card = issue_office(root, party, validity, entropy)
        save_certificates(tmp_path / f"{party}.pem", [card.certificate])
        save_key(tmp_path / f"{party}.key.pem", card.key)
        keys[party] = public_key_sha256(card.certificate)
        brought[party] = [
            *(
                "--as",
                party,
                "--key",
                tmp_path / f"{party}.key.pem",
                "--certificate",
                tmp_path / f"{party}.pem",
            ),
            *("--root", tmp_path / "root.pem", "--yes"),
        ]
    return Parties(**brought, keys=keys)


def verified(narrowgate: CommandLine, file: Path, parties: Parties) -> Result:
    root = file.parent / "root.pem"
    return narrowgate(
        *("agreement", "verify", file, "--custodian-root", root, "--requester-root", root),
        *("--custodian-key", parties.keys["custodian"], "--requester-key", parties.keys["requester"]),
    )


def test_both_parties_sign_the_same_bytes_and_anybody_can_verify_it(
    narrowgate: CommandLine, amended: Path, parties: Parties
) -> None:
    shown = narrowgate("agreement", "sign", amended, *parties.custodian)
    assert shown.code == 0, shown.err
    assert "R-22: " in shown.err
    one = verified(narrowgate, amended, parties)
    assert (one.code, "is not signed for the requester" in one.err) == (12, True)
    assert narrowgate("agreement", "sign", amended, *parties.requester).code == 0
    assert "signed by both parties" in verified(narrowgate, amended, parties).out
    amended.write_text(amended.read_text() + "# another byte\n")
    assert verified(narrowgate, amended, parties).code == 12


def test_one_party_cannot_sign_for_both(narrowgate: CommandLine, amended: Path, parties: Parties) -> None:
    narrowgate("agreement", "sign", amended, *parties.custodian)
    narrowgate(
        "agreement",
        "sign",
        amended,
        *["requester" if each == "custodian" else each for each in parties.custodian],
    )
    assert verified(narrowgate, amended, parties).code == 12


def test_a_signature_is_never_replaced_and_a_foreign_key_is_refused_before(
    narrowgate: CommandLine, amended: Path, parties: Parties, tmp_path: Path
) -> None:
    narrowgate("agreement", "sign", amended, *parties.custodian)
    assert narrowgate("agreement", "sign", amended, *parties.custodian).code == 2
    mixed = [
        tmp_path / "custodian.pem" if each == tmp_path / "requester.pem" else each
        for each in parties.requester
    ]
    assert narrowgate("agreement", "sign", amended, *mixed).code == 4
    assert not (tmp_path / "amended.toml.requester.p7s").exists()
