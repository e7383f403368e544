"""A wrong answer is found, recalled by two officers, seen as recalled by its reader, and its disposal counted."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.vault import ANNOUNCED
from narrowgate.adapters.signing.certificates import load_certificates, load_key, save_certificates, save_key
from narrowgate.adapters.signing.issuing import Credential, Validity, issue_office
from narrowgate.core.base.errors import RefusedError
from narrowgate.core.governance.kinds import Kind
from narrowgate.entrypoints.library.answers import open_answers
from narrowgate.gate import run
from narrowgate.gate.step_09_probe import look_up
from support.command_line import CommandLine, Result
from support.recalled_world import OFFICE, OFFICER, OFFICIAL, found, notices, recalled, signed
from support.sandbox_acts import commanded
from support.sandbox_files import BUILD, GATE, SIGN


def opened(narrowgate: CommandLine, *options: object, officer: int = 1, verb: str = "open") -> Result:
    """What an officer is shown of the answers of the world."""
    (answers,) = Path("world/answers").glob("p-*")
    return narrowgate("answers", verb, answers, *OFFICER.format(officer).split(), "--acknowledge", *options)


def outcomes(shown: Result) -> list[str]:
    assert shown.code == 0, shown.err
    return [line.split(",")[2] for line in shown.out.splitlines()[1:]]


@pytest.mark.parametrize(
    ("criteria", "answers"),
    [
        (["--office", OFFICE], 3),
        (["--rule-set", "0"], None),
        (["--index", "none"], None),
        (["--until", "2026-01-01T00:00:00Z"], None),
        (["--from", "2026-01-01T00:00:00Z", "--until", "9999-01-01T00:00:00Z"], 3),
        (["--signer", "0" * 64], None),
        (["--recipient", "0" * 64], None),
        (["--match-rule", "0"], None),
    ],
)
def test_what_the_criteria_pick_is_listed_and_nothing_else(
    criteria: list[str], answers: int | None, home: Path, narrowgate: CommandLine
) -> None:
    told = found(narrowgate, *criteria)
    if answers is None:
        assert (told.code, "pick no answer" in told.err) == (3, True)
    else:
        assert (told.code, json.loads(told.out)["answers"]) == (0, answers)
        assert narrowgate("recall", "check", "recall.json", "world").code == 0


def test_every_version_and_key_of_an_answer_picks_it(home: Path, narrowgate: CommandLine) -> None:
    entries = [
        json.loads(leaf) for leaf in narrowgate("log", "list", "world", "--json").out.splitlines() if leaf
    ]
    fields = {each["type"]: each for each in _leaves(narrowgate)}
    item, received, decided = fields["item-decided"], fields["package-received"], fields["package-decided"]
    assert entries
    (manifest,) = Path("world/answers").glob("p-*/answers.json")
    part = json.loads(manifest.read_text())["parts"][0]["recipient_key_sha256"]
    criteria = {
        "--rule-set": item["rule_set"],
        "--canonical-form": item["canonical_form"],
        "--index": decided["index_snapshot"],
        "--agreement": received["agreement_sha256"],
        "--signer": received["signer_key_sha256"],
        "--recipient": part,
        "--item": received["package"],
        "--match-rule": json.loads(_rules_document())["match_rule"],
    }
    for number, (option, value) in enumerate(criteria.items()):
        told = found(narrowgate, option, value, out=f"{number}.json")
        assert (option, told.code, json.loads(told.out)["answers"]) == (option, 0, 3)
        assert narrowgate("recall", "check", f"{number}.json", "world").code == 0
    together = [part for pair in criteria.items() for part in pair]
    assert json.loads(found(narrowgate, *together, out="all.json").out)["answers"] == 3


def _leaves(narrowgate: CommandLine) -> list[dict[str, str]]:
    """Every leaf of the world's log."""
    from narrowgate.verify.entries import LogEntries

    return [entry.fields for entry in LogEntries(Path("world/log"))]


def _rules_document() -> str:
    texts = (path.read_text(errors="replace") for path in Path("world/governance/documents").iterdir())
    return next(text for text in texts if '"schema":"narrowgate/rules/v1"' in text)


def test_rows_are_counted_from_one_and_a_refusal_is_no_answer(home: Path, narrowgate: CommandLine) -> None:
    (answers,) = Path("world/answers").glob("p-*")
    rows = [f"{answers.name}/{row}" for row in (1, 2)]
    (home / "items.txt").write_text(f"{rows[0]}\n{answers.name}/1-2\n")
    assert json.loads(found(narrowgate, "--items", "items.txt", out="a.json").out)["answers"] == 2
    listed = json.loads((home / "a.json").read_text())
    assert listed["packages"][0]["rows"] == [{"first": 0, "last": 1, "answers": 2}]
    for item in (f"{answers.name}/4", f"{answers.name}/9"):
        refused = found(narrowgate, "--item", item, out="b.json")
        assert (refused.code, "a refusal is no answer" in refused.err) == (2, True)
    assert found(narrowgate, out="c.json").code == 2
    for form in ("/0", "/x", "/2-1", ":1-0", "#", ":-1"):
        assert found(narrowgate, "--item", f"{answers.name}{form}", out="d.json").code == 2


def test_rows_have_the_name_that_a_trace_gives_them_and_lists_of_before_are_read(
    home: Path, narrowgate: CommandLine
) -> None:
    (answers,) = Path("world/answers").glob("p-*")
    for number, form in enumerate((":0-1", "#0-1", "/1-2")):
        assert found(narrowgate, "--item", f"{answers.name}{form}", out=f"{number}.json").code == 0
    lists = [(home / f"{number}.json").read_bytes() for number in range(3)]
    assert len({*lists}) == 1
    assert json.loads(lists[0])["criteria"]["items"] == [f"{answers.name}:0-1"]
    assert found(narrowgate, "--item", f"{answers.name}:0", out="one.json").code == 0
    assert narrowgate("inspector", "trace", "world", f"{answers.name}:0").code == 0
    before = lists[0].replace(b":0-1", b"#0-1")
    (home / "before.json").write_bytes(before)
    checked = narrowgate("recall", "check", "before.json", "world")
    assert checked.code == 0, checked.err


@pytest.mark.parametrize("rows", [":x", ":", ":1-x", "#1-", ":1-2-3", "/1-2"])
def test_a_list_whose_items_name_no_rows_is_refused_and_no_fault_of_ours(
    rows: str, home: Path, narrowgate: CommandLine
) -> None:
    (answers,) = Path("world/answers").glob("p-*")
    found(narrowgate, "--item", answers.name)
    listed = Path("recall.json").read_text()
    forged = listed.replace(f'"items":["{answers.name}"]', f'"items":["{answers.name}{rows}"]')
    assert forged != listed
    Path("recall.json").write_text(forged)
    checked = narrowgate("recall", "check", "recall.json", "world")
    assert (checked.code, "nternal" in checked.err) == (12, False), checked.err


def test_a_recalled_answer_is_shown_to_nobody_any_more(home: Path, narrowgate: CommandLine) -> None:
    (answers,) = Path("world/answers").glob("p-*")
    before = outcomes(opened(narrowgate, "--csv"))
    assert "Recalls were not looked for" in opened(narrowgate, "--csv").err
    assert outcomes(opened(narrowgate, "--csv", "--recalls", "world")) == before
    proving = ("by-tin", "--package", "world/package", "--out", "proof.json")
    assert opened(narrowgate, *proving, verb="prove").code == 0
    shutil.copytree("world/log", "old-log")
    assert recalled(narrowgate, "--item", f"{answers.name}/1") == 5
    shown = opened(narrowgate, "--csv", "--recalls", "world")
    assert outcomes(shown) == ["RECALLED", *before[1:]]
    assert "1 of these answers are RECALLED" in shown.err
    told = json.loads(opened(narrowgate, "--json", "--recalls", "world/log").out)
    assert (told["answers"][0]["outcome"], "act 5" in told["answers"][0]["meaning"]) == ("RECALLED", True)
    notice = notices(narrowgate)[0]
    assert outcomes(opened(narrowgate, "--csv", "--recalls", notice)) == ["RECALLED", *before[1:]]
    kept = opened(narrowgate, "--csv", "--recalls", notice, "--opened", "opened.txt")
    assert (kept.code, Path("opened.txt").exists()) == (11, False)
    again = opened(narrowgate, "by-tin", *proving[1:3], "--out", "2.json", "--recalls", notice, verb="prove")
    assert (again.code, Path("2.json").exists()) == (11, False)
    checked = ("answers", "verify-proof", "proof.json", "--log-key", "world/log/log.vkey")
    assert narrowgate(*checked).code == 0
    withdrawn = narrowgate(*checked, "--recalls", notice)
    assert (withdrawn.code, "RECALLED" in withdrawn.err, withdrawn.out) == (11, True, "")


def test_the_library_hands_on_no_part_with_a_recalled_answer(home: Path, narrowgate: CommandLine) -> None:
    (answers,) = Path("world/answers").glob("p-*")
    given: dict[str, Any] = {
        "key": Path("world/officers/1.key.pem"),
        "certificate": Path("world/officers/1.pem"),
        "log_key": Path("world/log/log.vkey"),
        "now": SystemClock().now(),
    }
    assert open_answers(answers, **given, recalls=[Path("world")]) == open_answers(answers, **given)
    recalled(narrowgate, "--item", f"{answers.name}/1")
    with pytest.raises(RefusedError, match="RECALLED"):
        open_answers(answers, **given, recalls=[Path("world")])


def test_a_log_from_before_the_recall_is_refused_where_a_newer_checkpoint_is_known(
    home: Path, narrowgate: CommandLine
) -> None:
    """An old copy of the log, genuine and signed, is shown to hide a recall."""
    shutil.copytree("world/log", "old-log")
    recalled(narrowgate, "--office", OFFICE)
    hidden = opened(narrowgate, "--csv", "--recalls", "old-log")
    assert "RECALLED" not in hidden.out
    assert "the newest of" in hidden.err
    found_out = opened(narrowgate, "--csv", "--recalls", "old-log", "--checkpoint", "world/checkpoints")
    assert (found_out.code, found_out.out) == (14, "")
    assert opened(narrowgate, "--csv", "--checkpoint", "world/checkpoints").code == 2


def test_a_notice_that_was_changed_proves_nothing(home: Path, narrowgate: CommandLine) -> None:
    (answers,) = Path("world/answers").glob("p-*")
    recalled(narrowgate, "--item", f"{answers.name}/1")
    notice = notices(narrowgate)[0]
    told = json.loads(notice.read_text())
    assert not any(word in notice.read_text() for word in ("CONFIRMED", 'outcome"'))
    for change in (
        {"package": "p-another-package"},
        {"act_proof": told["recalled_proofs"][0]},
        {"recalled_proofs": [told["act_proof"]]},
        {"recalled_proofs": []},
        {"what_to_do": ["Nothing."]},
        {"act_proof": told["act_proof"].replace("index ", "index 1")},
    ):
        Path("forged.json").write_text(json.dumps(told | change, sort_keys=True, separators=(",", ":")))
        for command in (("recall", "show", "forged.json", "--log-key", "world/log/log.vkey"),):
            assert (change.keys(), narrowgate(*command).code) == (change.keys(), 13)
        assert opened(narrowgate, "--csv", "--recalls", "forged.json").code == 13


def test_one_officer_alone_recalls_nothing_and_a_changed_list_is_not_drawn_up(
    home: Path, narrowgate: CommandLine
) -> None:
    (answers,) = Path("world/answers").glob("p-*")
    found(narrowgate, "--item", f"{answers.name}/1-2")
    size = narrowgate("log", "list", "world").out
    issue = ("recall", "issue", "recall.json", "--reason", "test", "--config", "world", "--json")
    number = json.loads(narrowgate(*issue).out)["number"]
    assert signed(narrowgate, number, 1).code == 11
    assert narrowgate("log", "list", "world").out == size
    listed = json.loads(Path("recall.json").read_text())
    listed["packages"][0]["rows"] = [{"first": 0, "last": 2, "answers": 3}]
    Path("recall.json").write_text(json.dumps(listed, sort_keys=True, separators=(",", ":")))
    for command in (issue, ("recall", "check", "recall.json", "world")):
        assert narrowgate(*command).code == 13


@pytest.mark.parametrize("option", ["--agreement", "--signer", "--recipient"])
def test_a_mistyped_digest_is_a_mistake_and_not_a_recall_of_nothing(
    option: str, home: Path, narrowgate: CommandLine
) -> None:
    for digest in ("zz", "0" * 63, "A" * 64):
        told = found(narrowgate, option, digest)
        assert (told.code, "64 lower-case" in told.err) == (2, True)


def test_a_list_that_leaves_a_recipient_out_is_found_by_the_second_officer(
    home: Path, narrowgate: CommandLine
) -> None:
    found(narrowgate, "--office", OFFICE)
    checked = narrowgate("recall", "check", "recall.json", "world", "--json")
    assert json.loads(checked.out)["recipients_compared"] == 1
    listed = json.loads(Path("recall.json").read_text())
    listed["packages"][0]["recipients"].pop()
    Path("recall.json").write_text(json.dumps(listed, sort_keys=True, separators=(",", ":")))
    issue = ("recall", "issue", "recall.json", "--reason", "test", "--config", "world")
    for command in (issue, ("recall", "check", "recall.json", "world")):
        assert narrowgate(*command).code == 13
    shutil.copytree("world/log", "bare")
    bare = narrowgate("recall", "check", "recall.json", "bare")
    assert bare.code == 0
    assert "recipients of 0 of 1 packages compared" in bare.out


def test_receipts_are_signed_kept_and_counted(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    recalled(narrowgate, "--office", OFFICE)
    office, *officers = notices(narrowgate)
    said = ("--log-key", "world/log/log.vkey", "--yes")
    receipt = ("recall", "receipt", office, "--disposal", "destroyed", *said)
    assert narrowgate(*receipt, *OFFICIAL.split(), "--out", "r0.json").code == 0
    assert narrowgate("recall", "accept", "r0.json", "--config", "world").code == 0
    before = narrowgate("log", "list", "world").out
    assert narrowgate("recall", "accept", "r0.json", "--config", "world").code == 0
    assert narrowgate("log", "list", "world").out == before
    later = SystemClock().now() + timedelta(days=3)
    status = ("recall", "status", "world", "--json", "--at", f"{later:%Y-%m-%dT%H:%M:%SZ}")
    (told,) = json.loads(narrowgate(*status).out)["recalls"]
    assert (told["receipts_expected"], told["receipts"]) == (1 + len(officers), 1)
    assert all(each["waiting_seconds"] >= 2 * 86_400 for each in told["missing"])
    assert "3 days" in narrowgate(*[each for each in status if each != "--json"]).out.replace(
        "2 days 23", "3 days"
    )
    own = _signing_card(Path("world"), "1")
    for number, notice in enumerate(officers):
        out = f"officer-{number}.json"
        made = narrowgate(
            "recall", "receipt", notice, "--disposal", "never-opened", *said, *own, "--out", out
        )
        assert made.code == 0, made.err
    accepted = [
        narrowgate("recall", "accept", f"officer-{each}.json", "--config", "world").code for each in (0, 1)
    ]
    assert sorted(accepted) == [0, 12]  # the officer's own, and not the other's
    (told,) = json.loads(narrowgate(*status).out)["recalls"]
    assert (told["receipts"], len(told["missing"])) == (2, 1)
    assert narrowgate("log", "verify", "world").code == 0


def _signing_card(world: Path, officer: str) -> list[str]:
    """A signature key with the name and the authority of the certificate that the officer's answers are sealed to."""
    keys = world / "keys"
    root = Credential(load_key(keys / "root.key.pem"), load_certificates(keys / "root.pem")[0])
    sealed_to = load_certificates(world / "officers" / f"{officer}.pem")[0]
    name = str(sealed_to.subject.rdns[0].rfc4514_string()).removeprefix("CN=")
    held = Validity(sealed_to.not_valid_before_utc, sealed_to.not_valid_after_utc)
    card = issue_office(root, name, held, SystemEntropy())
    save_key(world / "card.key.pem", card.key)
    save_certificates(world / "card.pem", [card.certificate])
    return ["--key", str(world / "card.key.pem"), "--certificate", str(world / "card.pem")]


def test_a_forged_receipt_is_not_counted(home: Path, narrowgate: CommandLine) -> None:
    """Somebody who may not says that recalled answers were destroyed."""
    recalled(narrowgate, "--office", OFFICE)
    office, first, _ = notices(narrowgate)
    said = ("--disposal", "destroyed", "--log-key", "world/log/log.vkey", "--yes", "--out")
    stranger = ["--key", "world/keys/custody-1.key.pem", "--certificate", "world/keys/custody-1.pem"]
    assert narrowgate("recall", "receipt", first, *said, "stranger.json", *stranger).code == 0
    assert narrowgate("recall", "receipt", office, *said, "true.json", *OFFICIAL.split()).code == 0
    told = json.loads(Path("true.json").read_text())
    for name, change in {
        "other-key": {"recipient_key_sha256": "0" * 64},
        "other-act": {"act_number": 4},
        "other-package": {"package": "p-another-package"},
        "changed": {"disposal": "returned"},
    }.items():
        Path(f"{name}.json").write_text(json.dumps(told | change, sort_keys=True, separators=(",", ":")))
        shutil.copy("true.json.p7s", f"{name}.json.p7s")
    before = narrowgate("log", "list", "world").out
    for name in ("stranger", "other-key", "other-act", "other-package", "changed"):
        refused = narrowgate("recall", "accept", f"{name}.json", "--config", "world")
        assert (name, refused.code) == (name, 12), refused.err
    assert narrowgate("log", "list", "world").out == before


def test_a_receipt_that_a_revoked_key_signs_is_not_counted(home: Path, narrowgate: CommandLine) -> None:
    """The card of the office is stolen and revoked by an act, before its authority lists it."""
    recalled(narrowgate, "--office", OFFICE)
    lost = json.loads(narrowgate("key", "digest", f"world/keys/{OFFICE}.pem", "--json").out)[
        "public_key_sha256"
    ]
    assert commanded(narrowgate, Kind.KEY_REVOKED, lost).code == 0
    said = ("--disposal", "destroyed", "--log-key", "world/log/log.vkey", "--yes", "--out", "stolen.json")
    assert narrowgate("recall", "receipt", notices(narrowgate)[0], *said, *OFFICIAL.split()).code == 0
    before = narrowgate("log", "list", "world").out
    assert narrowgate("recall", "accept", "stolen.json", "--config", "world").code == 12
    assert narrowgate("log", "list", "world").out == before


def test_recalled_answers_do_not_leave_again(home: Path, narrowgate: CommandLine) -> None:
    """They were lost from the outbox: the gate does not put recalled ones back."""
    assert narrowgate(*GATE.split()).code == 0
    (answers,) = set(Path("world/answers").glob("p-*")) - {_first(narrowgate)}
    recalled(narrowgate, "--item", answers.name)
    shutil.rmtree(answers)
    assert narrowgate("recall", "forget", "--config", "world").code == 0
    again = narrowgate(*GATE.split())
    assert (again.code, "R-43" in again.err, answers.exists()) == (15, True, False)


def _first(narrowgate: CommandLine) -> Path:
    packages = [each["package"] for each in _leaves(narrowgate) if each["type"] == "package-received"]
    return Path("world/answers") / packages[0]


@pytest.mark.parametrize("is_destroyed", [False, True], ids=["kept", "destroyed"])
def test_a_recalled_answer_is_not_given_again_to_the_same_question(
    is_destroyed: bool, home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answers were wrong; the next package of the term repeats the questions (R-74)."""

    def wrong(*arguments: Any) -> dict[int, bool]:
        return {row: not is_member for row, is_member in look_up(*arguments).items()}

    cases = Path("cases.csv")
    cases.write_text(cases.read_text().replace("Quillana", "Perpetua"))
    for name in ("wrong", "again"):
        for command in (BUILD, SIGN):
            assert narrowgate(*command.replace("package-2", name).split()).code == 0
    with monkeypatch.context() as patch:
        patch.setattr(run, "look_up", wrong)
        assert narrowgate("gate", "run", "wrong", "--config", "world").code == 0
    wrong_package = json.loads(Path("wrong/manifest.json").read_text())["package_id"]
    recalled(narrowgate, "--item", wrong_package)
    again = ("gate", "run", "again", "--config", "world")
    stopped = narrowgate(*again)
    assert (stopped.code, "recall forget" in stopped.err) == (15, True)
    if is_destroyed:
        manifest = Path("wrong/manifest.json").read_bytes()
        (Path("world/vault") / sha256(manifest).hexdigest() / ANNOUNCED).touch()
    told = narrowgate("recall", "forget", "--config", "world", "--json")
    forgotten = (0, [wrong_package], True) if is_destroyed else (3, [], False)
    assert tuple(json.loads(told.out).values()) == forgotten
    receipt = narrowgate(*again)
    assert receipt.code == 0, receipt.err
    package = json.loads(receipt.out)["package_id"]
    replayed = narrowgate("gate", "replay", package, "--config", "world", "--json")
    assert (replayed.code, json.loads(replayed.out)["answered_as_the_first_time"]) == (0, 0)
    if not is_destroyed:
        assert narrowgate("gate", "replay", wrong_package, "--config", "world").code == 14
