"""A year of two agencies, from the command line alone: no sandbox, every person with a card, a clock that is turned.

One test, because it is one history: each month begins with what the months before it left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from narrowgate.adapters.signing.certificates import public_key_sha256
from support.agencies import CUSTODY, GATE, READERS, Agencies, two_agencies
from support.command_line import CommandLine
from support.command_line_cases import BASE, copy_files

FOUNDING = """
gate = "tax-gate"
log_origin = "gate.tax.example/log"
custodian_root = "custodian-root.pem"
trust_root = "agreed-root.pem"
revocation = "revocation"
requester_signatory = ["signatory.pem"]
index_signer = "indexes.pem"
quorum = 2
witnesses = ["witness/witness.vkey"]
witness_quorum = 1
checkpoints = "second/checkpoints"
checkpoint_copy = "the share of the inspector"
"""
OFFICER = """
[[officer]]
id = "{0}"
function = "Officer of the custodian"
certificates = ["{0}.pem"]
"""


@pytest.fixture
def agencies(tmp_path: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agencies]:
    with two_agencies(tmp_path, narrowgate, monkeypatch) as both:
        yield both


def test_a_year_of_two_agencies(agencies: Agencies) -> None:
    found_the_gate(agencies)
    first = first_answers(agencies)
    held_and_lifted(agencies)
    office_off_and_on(agencies)
    lost_card(agencies)
    rotated_index(agencies)
    amended_agreement(agencies)
    what_the_inspector_sees(agencies, first)


def found_the_gate(agencies: Agencies) -> None:
    """January: a witness, three officers of whom two sign, a charter, and five acts; then nothing is missing."""
    Path("second").mkdir()
    agencies.run("witness", "init", "witness", "--name", "oversight.example/witness")
    officers = "".join(OFFICER.format(name) for name in list(CUSTODY)[:3])
    Path("founding.toml").write_text(FOUNDING + officers, encoding="utf-8")
    first = ("--from", "founding.toml", "--key", agencies.key("custody-1"))
    agencies.run("custodian", "found", "gate", *first, stdin=b"y\n")
    again = agencies.run("custodian", "found", "gate", "--key", agencies.key("custody-1"), stdin=b"y\n")
    assert "signed by 1 of 2" in again.out
    founded = agencies.run("custodian", "found", "gate", "--key", agencies.key("custody-3"), stdin=b"y\n")
    assert "leaf 0" in founded.out
    agencies.run("witness", "watch", "witness", "--log-key", "gate/log/log.vkey")
    agencies.agreement("agreement.toml", 1, agencies.begun)
    agencies.enact("agreement-in-force", "--document", "agreement.toml", by=("custody-1", "custody-2"))
    agencies.enact("rules-in-force", by=("custody-2", "custody-3"))
    Path("officers.csv").write_text(
        "officer,certificate\n" + "".join(f"{name},{name}.pem\n" for name in READERS), encoding="utf-8"
    )
    Path("officers.json").write_bytes(
        agencies.run("officers", "document", "officers.csv", *GATE).out.encode()
    )
    unsigned = agencies.propose("register-in-force", "--document", "officers.json", code=11)
    assert unsigned == 0
    agencies.run("officers", "sign", "officers.json", "--key", agencies.key("signatory"), stdin=b"y\n")
    agencies.enact("register-in-force", "--document", "officers.json", by=("custody-1", "custody-3"))
    build_index(agencies, "gate/index")
    agencies.enact("index-in-force", "--document", "gate/index", by=("custody-1", "custody-2"))
    agencies.calendar.later(seconds=1)
    told = json.loads(agencies.run("doctor", "--json", *GATE, code=1).out)
    # No witness was asked yet: nothing could leave, and nothing else is amiss.
    assert [one["subject"] for one in told if one["state"] == "failed"] == ["cosignatures"]


def build_index(agencies: Agencies, directory: str) -> None:
    copy_files(BASE, Path(), agencies.calendar.at.date())
    agencies.run(
        "index", "build", "records.csv", directory, "--mapping", "mapping.toml", "--key", "file:gate/keys/index.key",
        "--as-of", agencies.calendar.at.date(), "--workers", 1,
        "--signer-key", "indexes.key.pem", "--signer-certificate", "indexes.pem",
    )  # fmt: skip


def first_answers(agencies: Agencies) -> str:
    """February: nothing shows before the slot, nothing leaves before the witness saw it, each officer reads a part."""
    agencies.until(days=30)
    package = agencies.package("february", "secretary", "agreement.toml")
    agencies.decide("february")
    agencies.decide("february")  # the same package again is the same run
    assert agencies.release(code=3).out == ""
    agencies.slot_comes(package)
    waits = agencies.release(code=15)
    assert "waits for cosignatures" in waits.err
    agencies.cosign()
    assert not agencies.is_in_place(package)
    agencies.slot_comes(package)
    agencies.release()
    assert agencies.answers(package, "officer-1") == ["CONFIRMED", "CONFIRMED", "NOT_CONFIRMED", "REFUSED"]
    return package


def held_and_lifted(agencies: Agencies) -> None:
    """March: one officer holds, two lift; a package that waits for its slot is held, too."""
    agencies.until(days=28)
    waiting = agencies.package("march", "director", "agreement.toml", ("by-tin",))
    agencies.decide("march")
    agencies.cosign()
    agencies.enact("hold", "all", by=("custody-3",))
    agencies.package("april", "director", "agreement.toml", ("by-tin",))
    assert "R-52" in agencies.decide("april", code=11).err
    agencies.slot_comes(waiting)
    assert "suspended by a hold" in agencies.release(code=15).err
    number = agencies.propose("hold-lifted", "all")
    agencies.sign(number, "custody-1")
    agencies.run("act", "apply", number, *GATE, code=11)
    agencies.sign(number, "custody-2")
    agencies.run("act", "apply", number, *GATE)
    assert not agencies.is_in_place(waiting)
    agencies.slot_comes(waiting)
    agencies.cosign()
    agencies.release()
    assert agencies.answers(waiting, "officer-1") == ["CONFIRMED"]


def office_off_and_on(agencies: Agencies) -> None:
    """May: one office is switched off by one officer, the other goes on; two switch it on again."""
    agencies.until(days=60)
    agencies.enact("office-off", "acting_director_of_ice", by=("custody-2",))
    agencies.package("may", "director", "agreement.toml", ("by-tin",))
    assert "R-22" in agencies.decide("may", code=11).err
    other = agencies.package("may-2", "secretary", "agreement.toml", ("by-birth-date",))
    agencies.decide("may-2")
    agencies.cosign()
    agencies.slot_comes(other)
    agencies.release()
    assert agencies.answers(other, "officer-2") == ["CONFIRMED"]
    agencies.enact("office-on", "acting_director_of_ice", by=("custody-1", "custody-3"))


def lost_card(agencies: Agencies) -> None:
    """July: a card is lost; its key is revoked by one, its owner replaced by the quorum of the charter before."""
    agencies.until(days=60)
    lost = public_key_sha256(agencies.certificates["custody-2"])
    agencies.enact("key-revoked", lost, by=("custody-1",))
    agencies.revoked.append(agencies.certificates["custody-2"].serial_number)
    agencies.publish_lists()
    thief = agencies.propose("hold-lifted", "all", code=11)
    assert thief == 0, "no hold is in force"
    stopped = agencies.propose("rules-in-force")
    refused = agencies.run(
        "act", "sign", stopped, "--key", agencies.key("custody-2"), *GATE, stdin=b"y\n", code=11
    )
    assert "revoked" in refused.err
    charter = Path("gate/governance/charter.toml").read_text(encoding="utf-8")
    new = public_key_sha256(agencies.certificates["custody-4"])
    Path("next-charter.toml").write_text(
        charter.replace(lost, new).replace("custody-2", "custody-4"), encoding="utf-8"
    )
    number = agencies.propose("charter-replaced", "--document", "next-charter.toml")
    agencies.sign(number, "custody-1", "custody-3")
    agencies.run("act", "apply", number, *GATE)
    hold = agencies.enact("hold", "office:acting_director_of_ice", by=("custody-4",))
    agencies.enact("hold-lifted", "office:acting_director_of_ice", by=("custody-4", "custody-1"))
    shown = json.loads(agencies.run("act", "show", hold, "--json", *GATE).out)
    assert shown["signed_by"] == ["custody-4"]


def rotated_index(agencies: Agencies) -> None:
    """September: a new index is in force; the old one is asked no more, and does not come back."""
    agencies.until(days=60)
    build_index(agencies, "gate/index-2")
    agencies.enact("index-in-force", "--document", "gate/index-2", by=("custody-1", "custody-4"))
    agencies.package("september", "secretary", "agreement.toml", ("by-tin",), reason="The lease of September")
    assert "not the one in force" in agencies.decide("september", code=16).err
    settings = Path("gate/gate.toml")
    settings.write_text(
        settings.read_text(encoding="utf-8").replace('"index"', '"index-2"'), encoding="utf-8"
    )
    agencies.decide("september")
    assert agencies.propose("index-in-force", "--document", "gate/index", code=11) == 0


def amended_agreement(agencies: Agencies) -> None:
    """November: a narrower version, signed by both; what the first one counted and remembered goes on."""
    waiting = json.loads(agencies.run("release", "status", "--json", *GATE).out)["waiting"]
    agencies.cosign()
    agencies.slot_comes(waiting[0]["package"])
    agencies.release()
    assert agencies.answers(waiting[0]["package"], "officer-1") == ["CONFIRMED"]
    agencies.until(days=60)
    agencies.agreement("agreement-2.toml", 2, agencies.begun, items_per_package=3)
    difference = agencies.run("agreement", "diff", "agreement.toml", "agreement-2.toml").out
    assert "Narrower" in difference
    agencies.enact("agreement-in-force", "--document", "agreement-2.toml", by=("custody-3", "custody-4"))
    agencies.package("old", "secretary", "agreement.toml", ("by-tin",))
    assert "R-51" in agencies.decide("old", code=11).err
    agencies.package("many", "secretary", "agreement-2.toml", code=11)
    assert "R-26" in agencies.narrowgate(*_sign_again(agencies, "many")).err
    last = agencies.package("december", "director", "agreement-2.toml", ("by-tin", "by-birth-date"))
    agencies.decide("december")
    agencies.cosign()
    agencies.slot_comes(last)
    agencies.release()
    # Five items gave the same reason under the first version: no sixth may under the second.
    assert agencies.answers(last, "officer-1") == ["REFUSED", "REFUSED"]


def _sign_again(agencies: Agencies, package: str) -> tuple[str, ...]:
    terms = ("--agreement", "agreement-2.toml", "--root", "agreed-root.pem")
    return ("package", "sign", package, "--key", agencies.key("secretary"), *terms)


def what_the_inspector_sees(agencies: Agencies, first: str) -> None:
    """The last day: from the log alone, what was held and in force when, and that all of it adds up."""
    agencies.cosign()
    key = ("--key", "gate/log/log.vkey")
    holds = json.loads(agencies.run("inspector", "holds", "gate/log", *key, "--json").out)["holds"]
    assert [(each["scope"], each["lifted_leaf"] is not None, each["broken_by"]) for each in holds] == [
        ("all", True, []),
        ("office:acting_director_of_ice", True, []),
    ]
    now = json.loads(agencies.run("inspector", "in-force", "gate/log", *key, "--json").out)
    assert (now["index"]["act"], now["holds"], now["offices_off"]) == (13, {}, {})
    assert list(now["keys_revoked"]) == [public_key_sha256(agencies.certificates["custody-2"])]
    listed = json.loads(agencies.run("act", "list", "--json", *GATE).out)
    logged = [row["number"] for row in listed if row["state"] == "in log"]
    assert logged == list(range(len(logged)))
    assert [row["act"] for row in listed if row["state"] != "in log"] == ["rules-in-force"], (
        "overtaken in July"
    )
    assert json.loads(agencies.run("state", "rebuild", "--json", *GATE).out)["same"]
    quorum = ("--witness", "witness/witness.vkey", "--quorum", 1)
    verified = agencies.run("log", "verify", "gate", *quorum).out
    assert "5 packages received = 5 decided + 0 abandoned + 0 in progress" in verified
    assert first in agencies.run("log", "list", "gate/log").out
    assert len(agencies.asked) > 30, "every signature and every opening asked for its PIN"
