"""A world verifies when its log holds every decision once and its answers are those in the log."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.errors import LogInconsistentError, ProofError
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log import leaf_forms
from narrowgate.core.log.leaf import PackageRefused, build_leaf
from narrowgate.core.log.proof import LogProof
from narrowgate.verify.answers import read_answers
from narrowgate.verify.ledger import Ledger
from narrowgate.verify.world import verify_world
from support.command_line import CommandLine
from support.governance import ActLeaves
from support.log_world import (
    DIGEST,
    NOON,
    OTHER_SIGNER,
    SIGNER,
    decide_package,
    decided,
    item_leaves,
    make_log,
    make_world,
    received,
    write_answers,
)

KEY = str(SIGNER.key)


def test_an_honest_world_verifies_and_says_what_it_holds(tmp_path: Path) -> None:
    make_world(tmp_path, {"pkg-1": 10, "pkg-2": 300})
    report = verify_world(tmp_path, KEY)
    assert [(p.package_id, p.rows, p.answered, p.refused, p.parts) for p in report.packages] == [
        ("pkg-1", 10, 8, 2, 2),
        ("pkg-2", 300, 225, 75, 2),
    ]
    assert "Package pkg-1: 10 rows in, 8 answered, 2 refused, decided" in str(report)
    assert json.loads(json.dumps(asdict(report)))["log"]["size"] == report.log.size


def test_a_world_with_a_log_only_verifies(tmp_path: Path) -> None:
    with TileLog.create(tmp_path / "log", SIGNER) as log:
        decide_package(log, "pkg-1", 10)
        log.append(
            [
                PackageRefused("pkg-2", bytes(32), "an-office", b"", ("R-26",), NOON).leaf(),
                received("pkg-3", 5),
            ]
        )
        log.integrate()
    report = verify_world(tmp_path)
    assert report.packages[0].parts is None
    assert not report.packages[1].decided
    assert report.packages_refused == 1
    assert "1 packages refused whole" in str(report)


def test_packages_and_holds_are_counted(tmp_path: Path) -> None:
    acts = ActLeaves()
    with TileLog.create(tmp_path / "log", SIGNER) as log:
        log.append([acts.charter, *acts.in_force(DIGEST.hex(), DIGEST.hex())])
        decide_package(log, "package-1", 10)
        log.append([received("package-2", 5), received("package-3", 5)])
        log.append([acts.leaf(Kind.PACKAGE_ABANDONED, subject="package-2")])
        log.append([acts.leaf(kind) for kind in (Kind.HOLD, Kind.HOLD_LIFTED, Kind.HOLD)])
        log.integrate()
    report = verify_world(tmp_path)
    assert "3 packages received = 1 decided + 1 abandoned + 1 in progress" in str(report)
    assert report.contents.as_dict()["packages"]["abandoned"] == 1
    assert (report.holds_placed, report.holds) == (2, ("all",))


def test_answers_of_an_abandoned_package_are_found(tmp_path: Path) -> None:
    acts = ActLeaves()
    with TileLog.create(tmp_path / "log", SIGNER) as log:
        log.append([acts.charter, *acts.in_force(DIGEST.hex(), DIGEST.hex())])
        answers, items = decide_package(log, "package-1", 10)
        write_answers(tmp_path / "answers" / "package-1", log, answers, items)
        log.append([acts.leaf(Kind.PACKAGE_ABANDONED, subject="package-1")])
        log.integrate()
    with pytest.raises(ProofError, match="abandoned"):
        verify_world(tmp_path)


def test_every_flipped_byte_of_the_answers_is_found(tmp_path: Path) -> None:
    make_world(tmp_path, {"pkg-1": 4})
    for path in sorted((tmp_path / "answers" / "pkg-1").iterdir()):
        data = path.read_bytes()
        for position in range(len(data)):
            changed = bytearray(data)
            changed[position] ^= 1
            path.write_bytes(changed)
            with pytest.raises(ProofError):
                verify_world(tmp_path, KEY)
        path.write_bytes(data)
    verify_world(tmp_path, KEY)


def test_every_removed_or_added_file_of_the_answers_is_found(tmp_path: Path) -> None:
    make_world(tmp_path, {"pkg-1": 5})
    folder = tmp_path / "answers" / "pkg-1"
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        path.unlink()
        with pytest.raises(ProofError, match=path.name):
            verify_world(tmp_path, KEY)
        path.write_bytes(data)
    (folder / "unlogged.p7m").write_bytes(b"an answer by hand")
    with pytest.raises(ProofError, match="not in the log"):
        verify_world(tmp_path, KEY)


def test_answers_without_a_decided_package_are_found(tmp_path: Path) -> None:
    make_world(tmp_path, {"pkg-1": 5})
    (tmp_path / "answers" / "pkg-1").rename(tmp_path / "answers" / "pkg-9")
    with pytest.raises(ProofError, match="no package of this name"):
        verify_world(tmp_path, KEY)
    (tmp_path / "answers" / "pkg-9").rename(tmp_path / "answers" / "pkg-1")
    (tmp_path / "answers" / "stray").write_text("x")
    with pytest.raises(ProofError, match="in directories"):
        verify_world(tmp_path, KEY)


def test_swapped_answers_are_found(tmp_path: Path) -> None:
    make_world(tmp_path, {"pkg-1": 5, "pkg-2": 5})
    answers = tmp_path / "answers"
    (answers / "pkg-1").rename(answers / "x")
    (answers / "pkg-2").rename(answers / "pkg-1")
    (answers / "x").rename(answers / "pkg-2")
    with pytest.raises(LogInconsistentError, match="another leaf"):
        verify_world(tmp_path, KEY)


def test_answers_proved_by_another_history_of_the_same_log_are_found(tmp_path: Path) -> None:
    make_world(tmp_path / "shown", {"pkg-1": 5})
    make_world(tmp_path / "kept", {"pkg-1": 6})
    proof = (tmp_path / "shown/answers/pkg-1/answers.tlog-proof").read_bytes()
    manifest = (tmp_path / "shown/answers/pkg-1/answers.json").read_bytes()
    folder = tmp_path / "kept/answers/pkg-1"
    (folder / "answers.tlog-proof").write_bytes(proof)
    (folder / "answers.json").write_bytes(manifest)
    with pytest.raises(LogInconsistentError, match="earlier checkpoint"):
        verify_world(tmp_path / "kept", KEY)


def test_answers_proved_by_another_key_are_found(tmp_path: Path) -> None:
    make_world(tmp_path, {"pkg-1": 5})
    with pytest.raises(ProofError):
        read_answers(tmp_path / "answers" / "pkg-1", OTHER_SIGNER.key)


def test_an_officer_without_the_log_verifies_the_manifest(tmp_path: Path) -> None:
    make_world(tmp_path, {"pkg-1": 5})
    answers = read_answers(tmp_path / "answers" / "pkg-1", SIGNER.key)
    assert answers.manifest.package_id == answers.leaf["package"] == "pkg-1"
    assert answers.checkpoint.size == 7


@pytest.mark.parametrize(
    "change",
    [
        {"package_id": "pkg-2"},
        {"rows": 6, "last_leaf": 6},
        {"snapshot_id": "other"},
        {"data_as_of": "2020-01-01"},
        {"log_origin": "another.test"},
        {"manifest_sha256": "00" * 32},
        {"agreement_sha256": "00" * 32},
        {"first_leaf": 2, "last_leaf": 6},
        {"canonical_form_version": "2"},
        {"rule_set_version": "2"},
        {"parts": {}},
        {"parts": []},
    ],
)
def test_a_logged_manifest_that_contradicts_the_log_is_found(
    tmp_path: Path, change: dict[str, object]
) -> None:
    with TileLog.create(tmp_path / "log", SIGNER) as log:
        answers, items = decide_package(log, "pkg-1", 5, change)
        write_answers(tmp_path / "answers" / "pkg-1", log, answers, items)
    with pytest.raises(ProofError):
        verify_world(tmp_path, KEY)


@pytest.mark.parametrize("change", [{"received_leaf": 1}, {"decided_leaf": 1}, {"first_item_leaf": 2}])
def test_a_receipt_that_contradicts_the_log_is_found(tmp_path: Path, change: dict[str, int]) -> None:
    make_world(tmp_path, {"pkg-1": 5})
    path = tmp_path / "answers/pkg-1/receipt.json"
    path.write_bytes(canonical_bytes(json.loads(path.read_bytes()) | change))
    with pytest.raises(ProofError, match="differ in"):
        verify_world(tmp_path, KEY)


def test_a_receipt_of_another_time_is_found(tmp_path: Path) -> None:
    make_world(tmp_path, {"pkg-1": 5})
    path = tmp_path / "answers/pkg-1/receipt.json"
    path.write_bytes(path.read_bytes().replace(b"2026-01-02T12:00:00Z", b"2026-01-03T12:00:00Z"))
    with pytest.raises(ProofError, match="times"):
        verify_world(tmp_path, KEY)


def test_refusals_that_differ_from_the_log_are_found(tmp_path: Path) -> None:
    make_world(tmp_path, {"pkg-1": 10})
    path = tmp_path / "answers/pkg-1/refusals.ndjson"
    data = path.read_bytes()
    others = [data.replace(b"R-64", b"R-62"), data.replace(b":3", b":4"), data.replace(b"item-3", b"item-4")]
    for changed in (b"", data[:-1], data + data, *others):
        path.write_bytes(changed)
        with pytest.raises(ProofError):
            verify_world(tmp_path, KEY)


def test_hidden_answers_beside_the_released_ones_are_found(tmp_path: Path) -> None:
    make_world(tmp_path, {"pkg-1": 5})
    (tmp_path / "answers" / "pkg-1").rename(tmp_path / "answers" / ".pkg-1.unfinished")
    with pytest.raises(ProofError, match="no package of this name"):
        verify_world(tmp_path, KEY)


def test_a_proof_of_a_leaf_that_decides_nothing_is_refused(tmp_path: Path) -> None:
    make_world(tmp_path, {"pkg-1": 5})
    with TileLog.open(tmp_path / "log", SIGNER) as log:
        proof = LogProof(0, log.proof(0), log.checkpoint(), log.read_leaf(0))
    (tmp_path / "answers/pkg-1/answers.tlog-proof").write_text(str(proof), encoding="utf-8")
    with pytest.raises(ProofError, match="not those in the log"):
        verify_world(tmp_path, KEY)


def test_leaves_that_are_no_leaves_of_narrowgate_are_found_in_a_world(tmp_path: Path) -> None:
    make_log(tmp_path / "log", [3])
    with pytest.raises(LogInconsistentError, match="leaf 0"):
        verify_world(tmp_path, KEY)


ITEMS = item_leaves("p", 4)
END = decided("p", 4, b"")


@pytest.mark.parametrize(
    "leaves",
    [
        [received("p", 4), received("p", 4)],
        [ITEMS[0]],
        [END],
        [received("p", 4), ITEMS[0], ITEMS[0]],
        [received("p", 4), ITEMS[1]],
        [received("p", 4), *ITEMS[:3], END],
        [received("p", 3), *ITEMS],
        [received("p", 4), *ITEMS, END, END],
        [received("p", 4), *ITEMS, decided("p", 3, b"")],
        [received("p", 4), *ITEMS, END.replace(b'{"R-64":1}', b'{"R-62":1}')],
        [received("p", 4), *ITEMS[:3], ITEMS[3].replace(b'"refused"', b'"answered"')],
        [received("p", 4), ITEMS[0].replace(b'"answered"', b'"refused"')],
    ],
)
def test_leaves_that_contradict_each_other_are_found(leaves: list[bytes]) -> None:
    ledger = Ledger()
    for index, leaf in enumerate(leaves[:-1]):
        ledger.take(index, leaf)
    with pytest.raises(LogInconsistentError):
        ledger.take(len(leaves) - 1, leaves[-1])


def test_packages_may_be_interleaved_and_refused_ones_come_again() -> None:
    ledger = Ledger()
    others = item_leaves("q", 1)
    refused = PackageRefused("p", bytes(32), "an-office", b"", ("R-26",), NOON).leaf()
    leaves = [refused, refused, received("p", 4), received("q", 1), *ITEMS[:2], *others, *ITEMS[2:], END]
    for index, leaf in enumerate(leaves):
        ledger.take(index, leaf)
    assert ledger.packages["p"].decided_at == len(leaves) - 1


def test_a_leaf_of_a_type_that_the_verifier_does_not_know_counts_as_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, narrowgate: CommandLine
) -> None:
    monkeypatch.setitem(leaf_forms._FORMS, "package-extended", {"package": leaf_forms._WORD})
    make_world(tmp_path, {"pkg-1": 5})
    with TileLog.open(tmp_path / "log", SIGNER) as log:
        log.append([build_leaf({"type": "package-extended", "package": "pkg-1"})])
        log.integrate()
    verified = narrowgate("log", "verify", tmp_path)
    assert verified.code == 14
    assert "Its type is package-extended." in verified.err
