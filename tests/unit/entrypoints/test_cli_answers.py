"""What an officer reads of the answers, and the proof of one of them that a court checks alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.answers.answer_proof import verify_answer_proof
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.note import VerifierKey
from support.command_line import CommandLine
from support.sandbox_files import BUILD, GATE, SANDBOX, SIGN, base_files

OFFICER = "--key world/officers/{0}.key.pem --certificate world/officers/{0}.pem --log-key world/log/log.vkey"
ITEMS = ("by-tin", "another-home", "placeholder")
PROOF = "{}.proof.json"


def words(command: str, officer: int = 1) -> list[str]:
    """A command of an officer over the answers of the world."""
    (answers,) = Path("world/answers").glob("p-*")
    return [*command.format(answers=answers).split(), *OFFICER.format(officer).split(), "--acknowledge"]


def proving(item: str, officer: int = 1) -> list[str]:
    return words(
        f"answers prove {{answers}} {item} --package world/package --out {PROOF.format(item)}", officer
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world, the proofs of three of its answers, and a second package for its gate."""
    home = tmp_path_factory.mktemp("made")
    base_files(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        narrowgate = CommandLine(patch, None)
        assert narrowgate(*SANDBOX.split()).code == 0
        for item in ITEMS:
            assert narrowgate(*proving(item)).code == 0
        for command in (BUILD, SIGN):
            assert narrowgate(*command.split()).code == 0
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "home"
    shutil.copytree(made, copy)
    monkeypatch.chdir(copy)
    return copy


@pytest.fixture
def verify(home: Path, narrowgate: CommandLine) -> Callable[..., Any]:
    return lambda file, *more: narrowgate(
        "answers", "verify-proof", file, "--log-key", "world/log/log.vkey", *more
    )


def test_an_officer_reads_who_was_asked_about_where_and_what_the_answer_says(
    home: Path, narrowgate: CommandLine
) -> None:
    text = narrowgate(*words("answers open {answers} --package world/package")).out
    manifest = json.loads(next(Path("world/answers").glob("p-*/answers.json")).read_bytes())
    assert f"until {manifest['expires']} (R-41)" in text
    assert f"data as of {manifest['data_as_of']}" in text
    first = text.split("\n\n")[1]
    assert first.startswith("Row 1, item by-tin: CONFIRMED\n")
    assert "Quillana Vantorez, born 1984-03-09" in first
    assert "1234 North Larkmeadow Street, Apartment 4B, Houston, TX 77002" in first
    assert "appears in this person's tax file for 2022. This says nothing about whether" in first
    refused = text.split("Row 4, item placeholder: REFUSED")[1]
    assert "R-64  The address is no placeholder" in refused
    assert "What to do:" in refused


def test_without_the_package_it_says_what_is_missing(home: Path, narrowgate: CommandLine) -> None:
    text = narrowgate(*words("answers open {answers}")).out
    assert "--package DIR" in text
    assert "Larkmeadow" not in text
    assert "for a tax year that the item names." in text


def test_the_same_is_there_for_programs(home: Path, narrowgate: CommandLine) -> None:
    shown = json.loads(narrowgate(*words("answers open {answers} --package world/package --json")).out)
    by_item = {answer["asked"]["item"]: answer for answer in shown["answers"]}
    assert by_item["by-tin"]["outcome"] == "CONFIRMED"
    assert by_item["by-tin"]["asked"]["surnames"] == "Vantorez"
    assert "nothing about whether the person lives" in by_item["by-tin"]["meaning"]
    (finding,) = by_item["placeholder"]["findings"]
    assert (finding["rule"], bool(finding["text"]), bool(finding["hint"])) == ("R-64", True, True)
    assert shown["rows_without_an_answer"] == []
    without = json.loads(narrowgate(*words("answers open {answers} --json")).out)
    assert {answer["asked"] for answer in without["answers"]} == {None}


@pytest.mark.parametrize(
    ("item", "outcome"),
    [("by-tin", "CONFIRMED"), ("another-home", "NOT_CONFIRMED"), ("placeholder", "REFUSED")],
)
def test_a_court_checks_one_answer_with_the_file_and_the_key_of_the_log(
    home: Path, tmp_path: Path, narrowgate: CommandLine, item: str, outcome: str
) -> None:
    alone = tmp_path / "court"
    alone.mkdir()
    shutil.copy(PROOF.format(item), alone / "proof.json")
    shutil.copy("world/log/log.vkey", alone)
    shutil.rmtree("world")
    told = narrowgate("answers", "verify-proof", alone / "proof.json", "--log-key", alone / "log.vkey")
    assert told.code == 0, told.err
    assert f"holds the answer {outcome} to this question" in told.out
    assert "The key given signed the checkpoint of the log narrowgate.sandbox/log" in told.out
    assert "Not checked" in told.out
    as_data = narrowgate(
        "answers", "verify-proof", alone / "proof.json", "--log-key", alone / "log.vkey", "--json"
    )
    proved = json.loads(as_data.out)
    assert (proved["asked"]["item"], proved["outcome"], proved["expired"]) == (item, outcome, False)


def test_the_proof_holds_nothing_of_another_item_and_is_its_owners_alone(home: Path) -> None:
    text = Path(PROOF.format("by-tin")).read_text()
    rows = [json.loads(line) for line in Path("world/package/rows.ndjson").read_text().splitlines()]
    others = {value for row in rows if row["item"] != "by-tin" for value in row.values() if len(value) > 4}
    own = {value for row in rows if row["item"] == "by-tin" for value in row.values()}
    assert [value for value in others - own if value in text] == []
    assert Path(PROOF.format("by-tin")).stat().st_mode & 0o777 == 0o600


def test_a_proof_is_still_one_when_the_answer_may_no_longer_be_used_and_says_so(
    home: Path, verify: Callable[..., Any], narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = SystemClock().now() + timedelta(days=400)
    monkeypatch.setattr(SystemClock, "now", lambda _: later)
    told = verify(PROOF.format("by-tin"))
    assert told.code == 0
    assert "that time has passed" in told.out
    Path(PROOF.format("by-tin")).unlink()
    assert narrowgate(*proving("by-tin")).code == 11
    assert not Path(PROOF.format("by-tin")).exists()


def test_no_byte_of_a_proof_can_be_another(home: Path) -> None:
    key = VerifierKey.parse(Path("world/log/log.vkey").read_text().strip())
    data = Path(PROOF.format("by-tin")).read_bytes()
    verify_answer_proof(data, key, "proof")
    passed = []
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 7
        try:
            verify_answer_proof(bytes(changed), key, "proof")
        except ProofError:
            continue
        passed.append(at)
    assert passed == []
    for cut in (b"", data[:-1], data[:-2], data + b"\n", data * 2, b"{}\n", b"[" * 5_000 + b"\n"):
        with pytest.raises(ProofError):
            verify_answer_proof(cut, key, "proof")


def fields_of(item: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(Path(PROOF.format(item)).read_bytes())
    return fields


@pytest.mark.parametrize(
    "field",
    [
        "row",
        "row_path",
        "request",
        "answers",
        "outcome",
        "outcome_salt",
        "item_proof",
        "answers_proof",
        "log_key",
    ],
)
def test_no_part_of_a_proof_can_be_left_out_or_come_from_elsewhere(
    home: Path, verify: Callable[..., Any], narrowgate: CommandLine, field: str
) -> None:
    package_id = json.loads(narrowgate(*GATE.split()).out)["package_id"]
    other = "other.json"
    proved = narrowgate(
        *f"answers prove world/answers/{package_id} by-tin --package package-2 --out {other}".split(),
        *OFFICER.format(1).split(),
        "--acknowledge",
    )
    assert proved.code == 0, proved.err
    own, sources = fields_of("by-tin"), [fields_of("another-home"), json.loads(Path(other).read_bytes())]
    tried = [{key: value for key, value in own.items() if key != field}]
    tried += [own | {field: source[field]} for source in sources if source[field] != own[field]]
    if field == "log_key":
        tried.append(own | {field: own[field].replace("sandbox", "another")})
    if field == "outcome":
        tried += [own | {field: value} for value in ("REFUSED", "confirmed", "")]
    for changed in tried:
        Path("changed.json").write_bytes(canonical_bytes(changed) + b"\n")
        told = verify("changed.json")
        assert (told.code, told.out) == (13, "")


def test_two_fields_that_fit_each_other_do_not_fit_the_rest(home: Path, verify: Callable[..., Any]) -> None:
    own, other = fields_of("another-home"), fields_of("by-tin")
    pairs = [
        ("outcome", "outcome_salt"),
        ("row", "row_path"),
        ("outcome", "outcome_salt", "item_proof"),
        ("row", "row_path", "item_proof"),
    ]
    for names in pairs:
        Path("changed.json").write_bytes(canonical_bytes(own | {name: other[name] for name in names}) + b"\n")
        told = verify("changed.json")
        assert (told.code, told.out) == (13, ""), names


def test_a_proof_by_another_log_is_none_whatever_key_it_names(
    home: Path, verify: Callable[..., Any], narrowgate: CommandLine
) -> None:
    shutil.move("world", "first")
    assert narrowgate(*SANDBOX.split()).code == 0
    told = verify(PROOF.format("by-tin"))
    assert (told.code, told.out) == (13, "")
    assert "another log" in told.err
    own = fields_of("by-tin") | {"log_key": Path("world/log/log.vkey").read_text().strip()}
    Path("changed.json").write_bytes(canonical_bytes(own) + b"\n")
    assert verify("changed.json").code == 13


def test_an_officer_proves_own_answers_only_and_one_at_a_time(home: Path, narrowgate: CommandLine) -> None:
    Path(PROOF.format("by-tin")).unlink()
    for item, officer in (("by-tin", 2), ("no-such-item", 1)):
        told = narrowgate(*proving(item, officer))
        assert (told.code, told.out) == (2, "")
        assert "that item id" in told.err
    assert narrowgate(*proving("placeholder")).code == 1  # the file is there
    elsewhere = [word.replace("world/package", "package-2") for word in proving("by-tin")]
    assert narrowgate(*elsewhere).code == 12
    assert not Path(PROOF.format("by-tin")).exists()


def test_a_program_is_told_what_was_written(home: Path, narrowgate: CommandLine) -> None:
    Path(PROOF.format("by-tin")).unlink()
    told = json.loads(narrowgate(*proving("by-tin"), "--json").out)
    size = Path(PROOF.format("by-tin")).stat().st_size
    assert told == {"wrote": PROOF.format("by-tin"), "bytes": size, "item": "by-tin", "row": 1}
