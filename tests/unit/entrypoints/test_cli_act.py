"""``narrowgate act`` and ``custodian found``: what is in force comes from signed acts, through the command line."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import tomllib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.signing.certificates import load_certificates, load_key, public_key_sha256
from narrowgate.adapters.signing.issuing import Credential, Validity, revocation_list
from narrowgate.core.governance.charter import parse_charter
from narrowgate.core.governance.kinds import Kind
from support.command_line import CommandLine
from support.log_world import SIGNER
from support.sandbox_acts import commanded, replace_charter
from support.sandbox_files import GATE


def test_settings_put_nothing_in_force(home: Path, narrowgate: CommandLine) -> None:
    settings = home / "world" / "gate.toml"
    settings.write_text('agreement = "agreement.toml"\n' + settings.read_text())
    refused = narrowgate(*GATE.split())
    assert (refused.code, "put in force by acts, not by settings" in refused.err) == (4, True)


@pytest.mark.parametrize(
    ("kind", "document"),
    [(Kind.AGREEMENT_WITHDRAWN, "world/agreement.toml"), (Kind.INDEX_WITHDRAWN, "world/index")],
)
def test_one_officer_takes_out_of_force_and_nothing_is_decided(
    kind: Kind, document: str, home: Path, narrowgate: CommandLine
) -> None:
    proposed = narrowgate(
        *f"act propose {kind} --reason test --document {document} --config world --json".split()
    )
    number = json.loads(proposed.out)["number"]
    card = "--key world/keys/custody-3.key.pem --certificate world/keys/custody-3.pem"
    assert narrowgate(*f"act sign {number} {card} --yes --config world".split()).code == 0
    assert narrowgate(*f"act apply {number} --config world".split()).code == 0
    refused = narrowgate(*GATE.split())
    assert (refused.code, "Not in force" in refused.err) == (16, True)
    assert not list((home / "world" / "answers").glob("*/refusals*")) or refused.out == ""


def test_a_dry_run_says_in_words_what_would_change_and_changes_nothing(
    home: Path, narrowgate: CommandLine
) -> None:
    before = (home / "world" / "log" / "checkpoint").read_bytes()
    told = narrowgate(*["act", "propose", "hold", "all", "--reason", "test", "--config", "world"])
    assert "Hold: all, begins" in told.out
    dry = narrowgate(*["act", "apply", "5", "--dry-run", "--config", "world", "--json"])
    assert json.loads(dry.out)["changes"] == ["Hold: all, begins"]
    assert "Hold: all, begins" in narrowgate(*["act", "diff", "5", "--config", "world"]).out
    assert json.loads(narrowgate(*["act", "show", "5", "--config", "world", "--json"]).out)["signed_by"] == []
    assert (home / "world" / "log" / "checkpoint").read_bytes() == before


def test_an_office_switched_off_and_a_revoked_key_are_refused_by_their_rules(
    home: Path, narrowgate: CommandLine
) -> None:
    office = "secretary_of_homeland_security"
    assert commanded(narrowgate, Kind.OFFICE_OFF, office).code == 0
    assert "R-22" in narrowgate(*GATE.split()).err
    assert commanded(narrowgate, Kind.OFFICE_ON, office).code == 11
    assert commanded(narrowgate, Kind.OFFICE_ON, office, (1, 2)).code == 0
    assert narrowgate(*GATE.split()).code == 0


def test_a_hold_taken_out_of_the_state_is_there_again(home: Path, narrowgate: CommandLine) -> None:
    """The state is a cache of the log."""
    import sqlite3

    assert commanded(narrowgate, Kind.HOLD, "all").code == 0
    with sqlite3.connect(home / "world" / "state.sqlite") as state:
        state.execute("DELETE FROM holds")
        state.execute("DELETE FROM governance WHERE number = 5")
    rebuilt = narrowgate(*["state", "rebuild", "--config", "world", "--json"])
    assert json.loads(rebuilt.out) == {"leaves": 6, "same": False}
    assert "R-52" in narrowgate(*GATE.split()).err
    again = narrowgate(*["state", "rebuild", "--config", "world", "--json"])
    assert json.loads(again.out)["same"]


FOUNDING = """
gate = "tax-gate-1"
log_origin = "narrowgate.sandbox/founded"
sandbox = true
custodian_root = "world/keys/root.pem"
trust_root = "world/keys/root.pem"
revocation = "world/revocation"
requester_signatory = ["world/keys/signatory.pem"]
index_signer = "world/keys/custodian.pem"
quorum = 2
checkpoints = "second/checkpoints"
checkpoint_copy = "the share of the inspector"
officer = [
  { id = "custody-1", function = "Disclosure officer", certificates = ["world/keys/custody-1.pem"] },
  { id = "custody-2", function = "Safeguards officer", certificates = ["world/keys/custody-2.pem"] },
  { id = "custody-3", function = "Privacy officer", certificates = ["world/keys/custody-3.pem"] },
]
"""


def test_a_gate_is_founded_by_two_officers_one_after_the_other(home: Path, narrowgate: CommandLine) -> None:
    (home / "founding.toml").write_text(FOUNDING)
    (home / "second").mkdir()
    card = "--key world/keys/custody-{0}.key.pem --certificate world/keys/custody-{0}.pem --yes --json"
    first = narrowgate(*f"custodian found gate --from founding.toml {card.format(1)}".split())
    assert (first.code, json.loads(first.out)["founded"]) == (0, False)
    again = narrowgate(*f"custodian found gate {card.format(1)}".split())
    assert json.loads(again.out)["signed_by"] == ["custody-1"]
    second = narrowgate(*f"custodian found gate {card.format(2)}".split())
    assert json.loads(second.out)["founded"]
    listed = json.loads(narrowgate(*["act", "list", "--config", "gate", "--json"]).out)
    assert [row["act"] for row in listed] == ["charter"]
    modes = {
        name: oct((home / "gate" / name).stat().st_mode & 0o777) for name in ("keys", "vault", "governance")
    }
    assert modes == {"keys": "0o700", "vault": "0o700", "governance": "0o750"}
    doctor = narrowgate(*["doctor", "--config", "gate", "--json"])
    missing = [one["subject"] for one in json.loads(doctor.out) if one["remark"] == "nothing"]
    assert missing == ["agreement in force", "index in force", "register in force", "rules in force"]
    refused = narrowgate(*["gate", "run", "package-2", "--config", "gate"])
    assert refused.code == 16


def test_witnesses_of_the_founding_are_in_the_charter(home: Path, narrowgate: CommandLine) -> None:
    made = narrowgate("witness", "init", home / "oversight", "--name", "oversight.test/w")
    named = 'quorum = 2\nwitnesses = ["oversight/witness.vkey"]\nwitness_quorum = 1'
    (home / "founding.toml").write_text(FOUNDING.replace("quorum = 2", named))
    (home / "second").mkdir()
    card = "--key world/keys/custody-1.key.pem --certificate world/keys/custody-1.pem"
    shown = narrowgate(*f"custodian found gate --from founding.toml {card}".split(), stdin=b"y\n")
    assert (shown.code, "1 of 1 witnesses" in shown.err) == (0, True)
    charter = (home / "gate" / "governance" / "charter.toml").read_bytes()
    assert parse_charter(charter, "charter.toml").witnesses == (made.out.strip(),)


def test_a_founding_that_cannot_be_used_says_why(home: Path, narrowgate: CommandLine) -> None:
    (home / "founding.toml").write_text(FOUNDING.replace("quorum = 2", "quorum = 1"))
    refused = narrowgate(*["custodian", "found", "gate", "--from", "founding.toml"])
    assert (refused.code, "between 2 and 2" in refused.err) == (4, True)


def _card(number: int) -> str:
    return f"--key world/keys/custody-{number}.key.pem --certificate world/keys/custody-{number}.pem --yes"


def test_an_act_that_a_hold_overtakes_is_kept_and_drawn_up_again_by_one_command(
    home: Path, narrowgate: CommandLine
) -> None:
    propose = ["act", "propose", "rules-in-force", "--reason", "as installed", "--config", "world"]
    assert narrowgate(*propose).code == 0
    assert narrowgate(*f"act sign 5 {_card(1)} --config world".split()).code == 0
    assert commanded(narrowgate, Kind.HOLD, "all").code == 0
    late = narrowgate(*f"act sign 5 {_card(2)} --config world".split())
    assert (late.code, "Another act took the number 5" in late.err) == (2, True)
    listed = json.loads(narrowgate(*["act", "list", "--config", "world", "--json"]).out)
    (overtaken,) = [row for row in listed if row["state"] == "overtaken"]
    assert (overtaken["number"], overtaken["act"]) == (5, "rules-in-force")
    again = json.loads(narrowgate(*["act", "again", "--config", "world", "--json"]).out)
    assert (again["number"], again["reason"], again["signed_by"]) == (6, "as installed", [])
    for officer in (1, 2):
        assert narrowgate(*f"act sign 6 {_card(officer)} --config world".split()).code == 0
    assert narrowgate(*["act", "apply", "6", "--config", "world"]).code == 0
    listed = json.loads(narrowgate(*["act", "list", "--config", "world", "--json"]).out)
    assert [row["act"] for row in listed][-2:] == ["hold", "rules-in-force"]
    assert narrowgate(*["act", "again", "--config", "world"]).code == 2


def _report_stolen(home: Path, name: str) -> None:
    keys = home / "world" / "keys"
    root = Credential(load_key(keys / "root.key.pem"), load_certificates(keys / "root.pem")[0])
    now = SystemClock().now()
    stolen = load_certificates(keys / f"{name}.pem")
    listed = revocation_list(root, stolen, now, Validity(now, now + timedelta(days=7)))
    (home / "world" / "revocation" / "root.crl").write_bytes(listed.public_bytes(Encoding.DER))


def test_a_stolen_card_signs_no_agreement_and_no_register_and_its_package_does_not_verify(
    home: Path, narrowgate: CommandLine
) -> None:
    looked_up = "--root world/keys/root.pem --revocation world/revocation"
    verify = f"package verify package-2 --agreement world/agreement.toml {looked_up}"
    assert narrowgate(*verify.split()).code == 0
    _report_stolen(home, "secretary_of_homeland_security")
    assert narrowgate(*verify.split()).code == 12
    _report_stolen(home, "signatory")
    shutil.copy(home / "world" / "agreement.toml", home / "next.toml")
    card = "--key world/keys/signatory.key.pem --certificate world/keys/signatory.pem --yes"
    signed = narrowgate(*f"agreement sign next.toml --as requester {card} {looked_up}".split())
    assert (signed.code, (home / "next.toml.requester.p7s").exists()) == (12, False)
    register = narrowgate("officers", "document", "--config", "world")
    (home / "officers.json").write_text(register.out)
    signed = narrowgate(*f"officers sign officers.json {card} {looked_up}".split())
    assert (signed.code, (home / "officers.json.requester.p7s").exists()) == (12, False)


@pytest.mark.parametrize("name", ["signatory", "custody-1"])
def test_what_a_revoked_key_signs_puts_no_agreement_in_force(
    name: str, home: Path, narrowgate: CommandLine
) -> None:
    """The thief signs a wider agreement with the lost card before its authority lists it."""
    lost = public_key_sha256(load_certificates(home / "world" / "keys" / f"{name}.pem")[0])
    assert commanded(narrowgate, Kind.KEY_REVOKED, lost, (2,)).code == 0
    text = (home / "world" / "agreement.toml").read_text()
    (home / "next.toml").write_text(text.replace("version = 1", "version = 2", 1))
    for party, signer in (("requester", "signatory"), ("custodian", "custody-1")):
        card = f"--key world/keys/{signer}.key.pem --certificate world/keys/{signer}.pem --yes"
        signed = f"agreement sign next.toml --as {party} {card} --root world/keys/root.pem"
        assert narrowgate(*signed.split()).code == 0
    propose = ["act", "propose", "agreement-in-force", "--document", "next.toml", "--reason", "next version"]
    refused = narrowgate(*propose, "--config", "world")
    assert (refused.code, "none of those expected" in refused.err) == (12, True)


def test_an_index_that_only_a_revoked_key_signed_comes_in_force_by_no_act(
    home: Path, narrowgate: CommandLine
) -> None:
    signer = load_certificates(home / "world" / "governance" / "index-signer.pem")[0]
    propose = "act propose index-in-force --document world/index --reason again --config world"
    assert narrowgate(*propose.split()).code == 0
    assert commanded(narrowgate, Kind.KEY_REVOKED, public_key_sha256(signer)).code == 0
    refused = narrowgate(*propose.split())
    assert (refused.code, "signs the indexes of this gate is revoked" in refused.err) == (11, True)
    told = narrowgate("doctor", "--config", "world")
    assert (told.code, "revoked the key that signed the index in force" in told.out) == (1, True), told.out


def test_a_card_that_was_reported_stolen_signs_no_act(home: Path, narrowgate: CommandLine) -> None:
    _report_stolen(home, "custody-2")
    propose = ["act", "propose", "rules-in-force", "--reason", "as installed", "--config", "world"]
    assert narrowgate(*propose).code == 0
    refused = narrowgate(*f"act sign 5 {_card(2)} --config world".split())
    assert (refused.code, "revoked" in refused.err) == (12, True)
    shown = narrowgate(*["act", "show", "5", "--config", "world", "--json"])
    assert json.loads(shown.out)["signed_by"] == []


def test_the_verifier_compares_the_files_of_the_acts_with_the_log(
    home: Path, narrowgate: CommandLine
) -> None:
    told = narrowgate("log", "verify", "world")
    assert (told.code, "The charter and 4 acts are those of the log" in told.out) == (0, True)
    shutil.copytree(home / "world" / "governance", home / "handed-over")
    apart = narrowgate("log", "verify", "world/log", "--governance", "handed-over", "--json")
    assert json.loads(apart.out)["governance"] == {"founded": True, "acts": 4}
    act = home / "handed-over" / "acts" / "000002.json"
    act.write_bytes(act.read_bytes().replace(b'"reason":"', b'"reason":"not '))
    changed = narrowgate("log", "verify", "world/log", "--governance", "handed-over")
    assert (changed.code, "The act 2 in the directory of acts is not the one in the log" in changed.err) == (
        14,
        True,
    )


def test_the_verifier_says_plainly_that_nobody_founded_a_log(tmp_path: Path, narrowgate: CommandLine) -> None:
    TileLog.create(tmp_path / "log", SIGNER).close()
    told = narrowgate("log", "verify", tmp_path / "log")
    assert (told.code, "NO CHARTER" in told.out) == (0, True)


def test_a_gate_is_founded_by_a_guided_conversation_at_a_terminal(home: Path) -> None:
    (home / "second").mkdir()
    (home / "world" / "revocation").rename(home / "lists")
    people = [
        line
        for number in (1, 2, 3)
        for line in ("", f"Officer {number} of the custodian", f"world/keys/custody-{number}.pem")
    ]
    typed = [
        *("tax-gate-1", "gate.tax.example/log", "world/keys/root.pem", "world/keys/root.pem", "lists"),
        *("world/keys/signatory.pem", "world/keys/custodian.pem", "second/checkpoints", "the share"),
        *("", "", *people, "y", "y"),
    ]
    command = [sys.executable, "-m", "narrowgate", "custodian", "found", "gate"]
    for number in (1, 2):
        card = f"world/keys/custody-{number}"
        command += ["--key", f"{card}.key.pem", "--certificate", f"{card}.pem"]
    person, terminal = pty.openpty()
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, cwd=home) as founding:
        os.close(terminal)
        os.write(person, "".join(f"{line}\n" for line in typed).encode())
        screen = b""
        with suppress(OSError):  # the terminal ends with the command
            while piece := os.read(person, 65_536):
                screen += piece
    assert founding.wait() == 0, screen.decode()
    assert b"Founded: the charter is leaf 0 of the log." in screen
    kept = tomllib.loads((home / "gate" / "founding.toml").read_text())
    assert (kept["gate"], kept["quorum"], [one["id"] for one in kept["officer"]]) == (
        *("tax-gate-1", 2),
        ["custody-1", "custody-2", "custody-3"],
    )


def test_a_signature_made_later_takes_no_place_of_the_one_that_an_act_was_applied_with(
    home: Path, narrowgate: CommandLine
) -> None:
    """One person who proposed the agreement in force with another signature made the history look unsigned."""
    world = home / "world"
    agreement = world / "agreement.toml"
    (kept,) = (world / "governance" / "documents").glob("*.custodian.p7s")
    before = narrowgate("inspector", "verify", world).code
    nobody = (
        "--key world/keys/signatory.key.pem --certificate world/keys/signatory.pem --root world/keys/root.pem"
    )
    signed = narrowgate(*f"agreement sign world/agreement.toml --as custodian {nobody} --yes".split())
    assert signed.code == 0, signed.err
    assert agreement.with_name("agreement.toml.custodian.p7s").read_bytes() != kept.read_bytes()
    propose = "act propose agreement-in-force --document world/agreement.toml --reason test --config world"
    assert narrowgate(*propose.split()).code == 0  # what was signed then counts
    verified = narrowgate("inspector", "verify", world)
    assert (verified.code, "INVALID" in verified.out + verified.err) == (before, False)

    one, other = (
        public_key_sha256(load_certificates(world / "keys" / f"{name}.pem")[0])
        for name in ("custody-1", "acting_director_of_ice")
    )
    charter = (world / "governance" / "charter.toml").read_text()
    (home / "charter.toml").write_text(charter.replace(one, other))
    replace_charter(world, home / "charter.toml")
    refused = narrowgate(*propose.split())
    assert (refused.code, "was in force before" in refused.err) == (11, True)
    assert "INVALID" not in narrowgate("inspector", "verify", world).err
