"""A gate that answers something else than it logs is caught, by the officer without the log and by the inspector."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from narrowgate.adapters.sealing.envelope import unseal
from narrowgate.adapters.signing.certificates import load_certificates, load_key, public_key_sha256
from narrowgate.core.answers.answers_manifest import part_file_name
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.log.tiles import BundledLeaves, bundle_leaves, leaves_of_bundle
from narrowgate.gate import step_11_seal, step_12_log
from narrowgate.gate.ports import IndexSnapshot, LogStore, Workers
from narrowgate.gate.step_12_log import Concluded
from narrowgate.gate.types import DecidedPackage, SealedAnswers
from support.command_line import CommandLine
from support.sandbox_files import GATE, OPEN, VERIFY


def lie(decided: DecidedPackage) -> DecidedPackage:
    """The package as if the person lived where the officer asked."""
    outcomes = [
        Outcome.CONFIRMED if outcome is Outcome.NOT_CONFIRMED else outcome for outcome in decided.outcomes
    ]
    assert outcomes != list(decided.outcomes)
    return replace(decided, outcomes=outcomes)


def seals_another_outcome(patch: pytest.MonkeyPatch) -> None:
    """The records lie; proof and log are those of the truth."""
    honest = step_11_seal.item_leaf_run
    patch.setattr(step_11_seal, "item_leaf_run", lambda decided, *rest: honest(TRUTH.pop(), *rest))
    _seal(patch, lie)


def proves_another_outcome_too(patch: pytest.MonkeyPatch) -> None:
    """Records and proof lie, and the gate's own comparison with the log is taken out; the log holds the truth."""
    _seal(patch, lie)
    _compare_nothing(patch)


def logs_no_leaf_of_an_item(patch: pytest.MonkeyPatch) -> None:
    """The log holds nothing of the package but its first and its last leaf, which is proved where it is."""
    patch.setattr(step_12_log, "bundled_item_leaves", lambda *_: iter(()))
    _compare_nothing(patch)


def logs_the_leaves_of_other_rows(patch: pytest.MonkeyPatch) -> None:
    """The leaves are there, but each at the place of another."""
    honest = step_12_log.bundled_item_leaves

    def turned_around(decided: DecidedPackage, workers: Workers) -> Iterator[BundledLeaves]:
        for some in honest(decided, workers):
            yield bundle_leaves(leaves_of_bundle(some)[::-1])

    patch.setattr(step_12_log, "bundled_item_leaves", turned_around)
    _compare_nothing(patch)


TRUTH: list[DecidedPackage] = []


def _seal(patch: pytest.MonkeyPatch, change: Callable[[DecidedPackage], DecidedPackage]) -> None:
    honest = step_11_seal.seal_answers

    def lying(decided: DecidedPackage, *rest: object) -> object:
        TRUTH.append(decided)
        return honest(change(decided), *rest)  # type: ignore[arg-type]

    patch.setattr("narrowgate.gate.run.seal_answers", lying)


def _compare_nothing(patch: pytest.MonkeyPatch) -> None:
    honest = step_12_log.log_decisions

    def trusting(
        decided: DecidedPackage,
        sealed: SealedAnswers,
        snapshot: IndexSnapshot,
        log: LogStore,
        workers: Workers,
    ) -> Concluded:
        class Log:
            def __getattr__(self, name: str) -> object:
                return getattr(log, name)

            def peaks(self, size: int) -> object:
                return sealed.peaks

            def proof(self, index: int) -> object:
                return log.proof(log.size() - 1)

        concluded = honest(decided, sealed, snapshot, Log(), workers)  # type: ignore[arg-type]
        return replace(concluded, proof=replace(concluded.proof, index=log.size() - 1))

    patch.setattr("narrowgate.gate.run.log_decisions", trusting)


def run_gate(narrowgate: CommandLine) -> Path:
    result = narrowgate(*GATE.split())
    assert result.code == 0, result.err
    return Path("world/answers") / json.loads(result.out)["package_id"]


def open_with_openssl_or_like_it(answers: Path, to: Path) -> None:
    """What an officer can always do: decrypt the part without any of our checks."""
    certificate = load_certificates(Path("world/officers/1.pem"))[0]
    sealed = (answers / part_file_name(public_key_sha256(certificate))).read_bytes()
    to.write_bytes(unseal(sealed, load_key(Path("world/officers/1.key.pem")), certificate))


@pytest.mark.parametrize("sabotage", [seals_another_outcome, proves_another_outcome_too])
def test_a_gate_that_seals_what_it_did_not_log_is_caught_by_officer_and_inspector(
    home: Path,
    narrowgate: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    sabotage: Callable[[pytest.MonkeyPatch], None],
) -> None:
    with monkeypatch.context() as patch:
        sabotage(patch)
        answers = run_gate(narrowgate)
    opened = narrowgate(*OPEN.format(answers=answers).split(), "--opened", "part")
    assert (opened.code, opened.out, Path("part").exists()) == (13, "", False)
    assert "not the decision that the log holds" in opened.err
    open_with_openssl_or_like_it(answers, Path("part"))
    inspected = narrowgate(*VERIFY.split(), "--opened", "part")
    assert (inspected.code, inspected.out) == (13, "")
    assert "not the decision that the log holds" in inspected.err
    assert "part, row 3" in inspected.err


@pytest.mark.parametrize("sabotage", [logs_no_leaf_of_an_item, logs_the_leaves_of_other_rows])
def test_an_answer_whose_leaf_is_missing_is_worth_nothing_anywhere(
    home: Path,
    narrowgate: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    sabotage: Callable[[pytest.MonkeyPatch], None],
) -> None:
    with monkeypatch.context() as patch:
        sabotage(patch)
        answers = run_gate(narrowgate)
    opened = narrowgate(*OPEN.format(answers=answers).split())
    assert (opened.code, opened.out) == (13, "")
    open_with_openssl_or_like_it(answers, Path("part"))
    assert narrowgate(*VERIFY.split(), "--opened", "part").code in {13, 14}
    assert narrowgate("log", "verify", "world/log", "--opened", "part").code in {13, 14}


def test_the_gate_itself_releases_nothing_that_its_log_does_not_hold(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(Path("world/answers").iterdir())
    with monkeypatch.context() as patch:
        _seal(patch, lie)
        run = narrowgate(*GATE.split())
    assert (run.code, run.out) == (14, "")
    assert sorted(path for path in Path("world/answers").iterdir() if path.name[0] != ".") == before


def test_an_officer_hands_an_opened_part_to_the_inspector_who_finds_it_in_the_log(
    home: Path, narrowgate: CommandLine
) -> None:
    answers = run_gate(narrowgate)
    Path("opened").mkdir()
    part = Path("opened/part")
    opened = narrowgate(*OPEN.format(answers=answers).split(), "--opened", part)
    assert opened.code == 0
    assert part.stat().st_mode & 0o777 == 0o600
    for directory in ("world", "world/log"):
        report = json.loads(narrowgate("log", "verify", directory, "--opened", "opened", "--json").out)
        assert report["openings"] == {"parts": 1, "answers": 4}
    again = narrowgate(*OPEN.format(answers=answers).split(), "--opened", part)
    assert (again.code, again.out) == (1, "")
    data = part.read_bytes()
    for changed in (data.replace(b" CONFIRMED    ", b" NOT_CONFIRMED"), data[:-45], data[:-2], b""):
        part.write_bytes(changed)
        assert narrowgate(*VERIFY.split(), "--opened", "opened").code == 13
    part.unlink()
    assert narrowgate(*VERIFY.split(), "--opened", "opened").code == 13


def test_an_officer_with_the_package_at_hand_is_told_of_an_answer_that_was_left_out(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = step_11_seal._ordinals_by_officer
    with monkeypatch.context() as patch:
        patch.setattr(
            step_11_seal,
            "_ordinals_by_officer",
            lambda judged: {officer: rows[:2] + rows[3:] for officer, rows in honest(judged).items()},
        )
        answers = run_gate(narrowgate)
    command = [*OPEN.format(answers=answers).split(), "--package", "package-2"]
    opened = narrowgate(*command)
    assert [line.split(",")[0] for line in opened.out.splitlines()] == ["row", "1", "2", "4"]
    assert "Row 3 of the package names this officer and has no answer here." in opened.err
