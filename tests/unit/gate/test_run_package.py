"""One package through the thirteen steps: what comes back, what the log holds, and what stops it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.answers.receipt import parse_receipt
from narrowgate.core.base.errors import (
    EnvelopeError,
    LogInconsistentError,
    OperationalError,
    UnavailableError,
)
from narrowgate.core.base.times import format_time
from narrowgate.core.log.leaf import PackageRefused, parse_leaf
from narrowgate.entrypoints.requester import SigningRequest, require_signable, sign_package
from narrowgate.gate import run as run_module
from narrowgate.gate import step_06_eligibility
from narrowgate.gate.run import run_package
from narrowgate.gate.step_04_agreement import PackageRefusedError
from narrowgate.verify.world import verify_world
from support.gate_world import (
    OFFICE,
    RecordingProgress,
    SilentProgress,
    everything_outgoing,
    gate_over,
    house,
    opened_records,
    run,
    signed_package,
    with_limits,
)
from support.index_worlds import KEY, LIMIT, Row
from support.requests import NOW, eligible_item
from support.simulated_index import GatheredInMemory, SimulatedIndex

ROW = Row("123-45-6701", "MARIA", "GARCIA LOPEZ", "1980-02-03", "123 N MAIN ST APT 4")
TRUE = eligible_item(
    item="i1",
    given_names="Maria",
    surnames="Garcia",
    birth_date="1984-03-09",
    tin="123-45-6701",
    address_line_1="123 North Main Street #4",
    address_line_2="",
    city="Cincinnati",
    state="OH",
    zip="45220",
    tax_years="2022",
    officers="officer-1 officer-2",
)
FALSE = TRUE._replace(item="i2", address_line_1="125 North Main Street #4")
REFUSED = TRUE._replace(item="i3", address_line_1="UNKNOWN")


def index() -> SimulatedIndex:
    return SimulatedIndex([ROW], KEY, LIMIT)


def outcomes(directory: Path) -> list[Outcome]:
    return [record.outcome for record in opened_records(directory)]


def leaves(directory: Path) -> list[dict[str, object]]:
    with gate_over(directory, index) as gate:
        return [parse_leaf(gate.log.read_leaf(number), "") for number in range(gate.log.size())]


def test_every_item_is_answered_once_and_the_world_verifies_offline(tmp_path: Path) -> None:
    receipt = parse_receipt(run([TRUE, FALSE, REFUSED], tmp_path, index()), "receipt")
    assert outcomes(tmp_path) == [Outcome.CONFIRMED, Outcome.NOT_CONFIRMED, Outcome.REFUSED]
    assert (receipt.items, receipt.refused, receipt.refused_by_rule) == (3, 1, {"R-64": 1})
    assert verify_world(tmp_path).log.size == 6


def test_the_steps_run_in_the_order_of_the_design_and_sealing_precedes_the_last_leaf(tmp_path: Path) -> None:
    package = signed_package([TRUE], tmp_path / "package")
    progress = RecordingProgress()
    with gate_over(tmp_path, index) as gate:
        run_package(gate, package, progress)
    assert [step.split(maxsplit=1)[0] for step in progress.steps] == [
        *("1", "2", "3", "4", "5", "6", "7", "8", "9", "8", "9", "10"),
        *("11", "12", "13"),
    ]


def test_whoever_watches_hears_how_many_items_are_examined_and_how_many_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_06_eligibility, "BATCH_ITEMS", 1)
    monkeypatch.setattr(run_module, "GROUP_ITEMS", 1)
    package = signed_package([TRUE, REFUSED, FALSE], tmp_path / "package")
    progress = RecordingProgress()
    with gate_over(tmp_path, index) as gate:
        run_package(gate, package, progress)
    examined = [("6 eligibility", done, 3) for done in (1, 2, 3)]
    assert progress.advances == [*examined, ("9 probe", 1, 2), ("9 probe", 2, 2)]


def test_many_batches_and_groups_give_the_bytes_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip = TRUE._replace(item="i4", alien_number="A099999999", address_line_1="123 North Maine Street #4")
    items = [TRUE, FALSE, REFUSED, slip]
    run(items, tmp_path / "one", index())
    monkeypatch.setattr(step_06_eligibility, "BATCH_ITEMS", 1)
    monkeypatch.setattr(run_module, "GROUP_ITEMS", 1)
    asked = index()
    run(items, tmp_path / "many", asked)
    assert asked.reads > 3
    assert everything_outgoing(tmp_path / "many") == everything_outgoing(tmp_path / "one")


def test_the_same_package_again_gets_the_same_receipt_and_no_new_leaf(tmp_path: Path) -> None:
    first = run([TRUE, FALSE], tmp_path, index())
    before = everything_outgoing(tmp_path)
    package = tmp_path / "package"
    with gate_over(tmp_path, index) as gate:
        assert run_package(gate, PackageDirectory(package), SilentProgress()) == first
    assert everything_outgoing(tmp_path) == before


def test_the_id_of_an_answered_package_with_other_rows_is_a_conflict(tmp_path: Path) -> None:
    run([TRUE], tmp_path, index())
    other = signed_package([FALSE], tmp_path / "other")
    with gate_over(tmp_path, index) as gate, pytest.raises(EnvelopeError, match="id was used"):
        run_package(gate, other, SilentProgress())


def test_the_same_address_again_is_answered_and_a_second_one_is_refused_across_packages(
    tmp_path: Path,
) -> None:
    agreement = with_limits(distinct_addresses_per_subject=1)
    run([TRUE], tmp_path, index(), agreement)
    second = signed_package(
        [TRUE, TRUE._replace(item="i2", address_line_1="99 ELM CT")],
        tmp_path / "second",
        agreement,
        b"second",
    )
    with gate_over(tmp_path, index, agreement) as gate:
        receipt = parse_receipt(run_package(gate, second, SilentProgress()), "receipt")
    assert receipt.refused_by_rule == {"R-28": 1}


def test_a_question_put_again_is_answered_as_the_first_time_and_nothing_is_read(tmp_path: Path) -> None:
    first = signed_package([TRUE], tmp_path / "first", seed=b"first")
    second = signed_package([TRUE], tmp_path / "second", seed=b"second")
    with gate_over(tmp_path, index) as gate:
        run_package(gate, first, SilentProgress())
    assert outcomes(tmp_path) == [Outcome.CONFIRMED]
    shutil.rmtree(tmp_path / "answers")
    changed = SimulatedIndex([], KEY, LIMIT)
    with gate_over(tmp_path, lambda: changed) as gate:
        run_package(gate, second, SilentProgress())
    assert changed.reads == 0
    assert outcomes(tmp_path) == [Outcome.CONFIRMED]


def test_an_item_id_given_twice_is_refused_the_second_time(tmp_path: Path) -> None:
    run([TRUE, FALSE._replace(item="i1")], tmp_path, index())
    assert [(record.outcome, record.findings) for record in opened_records(tmp_path)] == [
        (Outcome.CONFIRMED, ()),
        (Outcome.REFUSED, ("R-10",)),
    ]


def test_an_item_without_a_registered_officer_is_refused_in_the_receipt_and_sealed_to_nobody(
    tmp_path: Path,
) -> None:
    run([TRUE, FALSE._replace(officers="nobody-here")], tmp_path, index())
    assert outcomes(tmp_path) == [Outcome.CONFIRMED]
    (refusals,) = (tmp_path / "answers").rglob("refusals.ndjson")
    assert json.loads(refusals.read_text()) == {"ordinal": 1, "item": "i2", "findings": ["R-24"]}


def test_a_package_over_the_quota_is_refused_whole_logged_and_the_index_never_opened(tmp_path: Path) -> None:
    agreement = with_limits(items_per_package=1)
    package = signed_package([TRUE, FALSE], tmp_path / "package", agreement)

    def no_index() -> SimulatedIndex:
        raise AssertionError("the index was opened")

    with gate_over(tmp_path, no_index, agreement) as gate, pytest.raises(PackageRefusedError) as caught:
        run_package(gate, package, SilentProgress())
    assert caught.value.rules == ("R-26",)
    assert leaves(tmp_path)[0]["type"] == "package-refused"
    assert list((tmp_path / "answers").iterdir()) == []


def test_a_hold_stops_every_package(tmp_path: Path) -> None:
    package = signed_package([TRUE], tmp_path / "package")
    with gate_over(tmp_path, index) as gate:
        gate.state.place_hold("all")
        with pytest.raises(PackageRefusedError) as caught:
            run_package(gate, package, SilentProgress())
        assert caught.value.rules == ("R-52",)
        gate.state.lift_hold("all")
        run_package(gate, package, SilentProgress())
    assert outcomes(tmp_path) == [Outcome.CONFIRMED]


def test_a_package_for_another_agreement_is_refused(tmp_path: Path) -> None:
    package = signed_package([TRUE], tmp_path / "package", with_limits(items_per_package=9))
    with gate_over(tmp_path, index) as gate, pytest.raises(PackageRefusedError) as caught:
        run_package(gate, package, SilentProgress())
    assert "R-51" in caught.value.rules


@pytest.mark.parametrize("name", ["manifest.json", "manifest.json.p7s", "rows.ndjson"])
def test_any_changed_byte_of_a_package_stops_it_before_it_is_received(name: str, tmp_path: Path) -> None:
    package = signed_package([TRUE], tmp_path / "package")
    path = tmp_path / "package" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with gate_over(tmp_path, index) as gate, pytest.raises(EnvelopeError):
        run_package(gate, package, SilentProgress())
    assert {leaf["type"] for leaf in leaves(tmp_path)} <= {"package-refused"}


@pytest.mark.parametrize("name", ["manifest.json", "manifest.json.p7s", "rows.ndjson"])
def test_a_package_without_one_of_its_files_is_no_package(name: str, tmp_path: Path) -> None:
    package = signed_package([TRUE], tmp_path / "package")
    (tmp_path / "package" / name).unlink()
    with gate_over(tmp_path, index) as gate, pytest.raises(EnvelopeError, match=name):
        run_package(gate, package, SilentProgress())


def test_the_other_offices_signature_is_no_signature_for_this_one(tmp_path: Path) -> None:
    package = signed_package([TRUE], tmp_path / "package")
    others = [office for office in house().credentials.signers if office is not OFFICE]
    signer = house().credentials.signers[others[0]]
    sign_package(
        require_signable(
            tmp_path / "package", SigningRequest(KeyInMemory(signer.key, [signer.certificate])), NOW
        ),
        NOW,
    )
    with gate_over(tmp_path, index) as gate, pytest.raises(EnvelopeError) as caught:
        run_package(gate, package, SilentProgress())
    assert caught.value.rule == "R-21"


def test_a_package_past_its_expiry_is_not_decided(tmp_path: Path) -> None:
    package = signed_package([TRUE], tmp_path / "package")
    late = NOW + timedelta(days=8)
    with gate_over(tmp_path, index, now=late) as gate, pytest.raises(EnvelopeError, match="expired"):
        run_package(gate, package, SilentProgress())


class Failing:
    """A part of the gate that breaks at one call."""

    def __init__(self, part: object, method: str) -> None:
        self._part, self._method = part, method

    def __getattr__(self, name: str) -> object:
        if name == self._method:
            raise OperationalError("The disk is full.", next_step="Start again.")
        return getattr(self._part, name)


def test_a_run_cut_off_before_its_decisions_are_logged_decides_later_and_says_when(tmp_path: Path) -> None:
    package = signed_package([TRUE, FALSE, REFUSED], tmp_path / "package")
    with gate_over(tmp_path, index) as gate, pytest.raises(OperationalError, match="disk is full"):
        run_package(replace(gate, outbox=Failing(gate.outbox, "stage")), package, SilentProgress())
    later = NOW + timedelta(hours=5)
    with gate_over(tmp_path, index, now=later) as gate:
        receipt = parse_receipt(run_package(gate, package, SilentProgress()), "receipt")
    assert (receipt.received, receipt.decided) == (NOW, later)
    times = [leaf["time"] for leaf in leaves(tmp_path) if "time" in leaf]
    assert times == [format_time(NOW), *[format_time(later)] * 2]
    assert outcomes(tmp_path) == [Outcome.CONFIRMED, Outcome.NOT_CONFIRMED, Outcome.REFUSED]
    verify_world(tmp_path)


def test_a_clock_that_was_set_back_decides_nothing_before_it_was_received(tmp_path: Path) -> None:
    package = signed_package([TRUE], tmp_path / "package")
    with gate_over(tmp_path, index) as gate, pytest.raises(OperationalError):
        run_package(replace(gate, outbox=Failing(gate.outbox, "stage")), package, SilentProgress())
    with gate_over(tmp_path, index, now=NOW - timedelta(hours=5)) as gate:
        receipt = parse_receipt(run_package(gate, package, SilentProgress()), "receipt")
    assert receipt.decided == NOW


@pytest.mark.parametrize(("part", "method"), [("state", "commit_package"), ("log", "checkpoint")])
def test_a_run_cut_off_anywhere_and_repeated_later_decides_every_item_once(
    part: str, method: str, tmp_path: Path
) -> None:
    expected = tmp_path / "expected"
    receipt = run([TRUE, FALSE, REFUSED], expected, index())
    home = tmp_path / "crashed"
    package = signed_package([TRUE, FALSE, REFUSED], home / "package")
    with gate_over(home, index) as gate:
        broken = replace(gate, **{part: Failing(getattr(gate, part), method)})
        with pytest.raises(OperationalError, match="disk is full"):
            run_package(broken, package, SilentProgress())
    with gate_over(home, index, now=NOW + timedelta(hours=5)) as gate:
        assert run_package(gate, package, SilentProgress()) == receipt
    assert answers_of(home) == answers_of(expected)
    assert [leaf["type"] for leaf in leaves(home)] == [
        "package-received",
        *["item-decided"] * 3,
        "package-decided",
        "package-released",
    ]
    assert leaves(home)[:-1] == leaves(expected)[:-1]


def answers_of(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (home / "answers").rglob("*") if path.is_file()}


def test_a_log_that_grew_after_the_decisions_does_not_stop_the_repetition(tmp_path: Path) -> None:
    package = signed_package([TRUE], tmp_path / "package")
    with gate_over(tmp_path, index) as gate:
        with pytest.raises(OperationalError):
            run_package(replace(gate, state=Failing(gate.state, "commit_package")), package, SilentProgress())
        assert answers_of(tmp_path) == {}
        gate.log.append([PackageRefused("p-other", bytes(32), "an-office", b"", ("R-26",), NOW).leaf()])
        gate.log.integrate()
        run_package(gate, package, SilentProgress())
    assert outcomes(tmp_path) == [Outcome.CONFIRMED]
    verify_world(tmp_path)


def test_no_other_package_comes_between_a_run_and_its_repetition(tmp_path: Path) -> None:
    package = signed_package([TRUE], tmp_path / "package")
    other = signed_package([FALSE], tmp_path / "other", seed=b"other")
    with gate_over(tmp_path, index) as gate:
        with pytest.raises(OperationalError):
            run_package(replace(gate, outbox=Failing(gate.outbox, "stage")), package, SilentProgress())
        with pytest.raises(UnavailableError, match="not finished"):
            run_package(gate, other, SilentProgress())
        run_package(gate, package, SilentProgress())
        run_package(gate, other, SilentProgress())


def test_a_repetition_over_another_index_does_not_overwrite_a_decision(tmp_path: Path) -> None:
    package = signed_package([TRUE], tmp_path / "package")
    with gate_over(tmp_path, index) as gate, pytest.raises(OperationalError):
        run_package(replace(gate, state=Failing(gate.state, "commit_package")), package, SilentProgress())
    with (
        gate_over(tmp_path, lambda: SimulatedIndex([], KEY, LIMIT)) as gate,
        pytest.raises(LogInconsistentError),
    ):
        run_package(gate, package, SilentProgress())


def test_an_index_that_does_not_answer_is_never_a_no(tmp_path: Path) -> None:
    class SilentRows(GatheredInMemory):
        def answers(self) -> list[bool]:
            return []

    class Silent(SimulatedIndex):
        def gather(self) -> SilentRows:
            return SilentRows(self.members)

    package = signed_package([TRUE], tmp_path / "package")
    with gate_over(tmp_path, lambda: Silent([ROW], KEY, LIMIT)) as gate, pytest.raises(UnavailableError):
        run_package(gate, package, SilentProgress())
    assert list((tmp_path / "answers").iterdir()) == []
    assert [leaf["type"] for leaf in leaves(tmp_path)] == ["package-received"]


def test_a_gate_that_lost_its_state_or_its_log_decides_nothing_again(tmp_path: Path) -> None:
    """Budgets and receipts stand in the state: without it the same package would be decided twice."""
    run([TRUE], tmp_path, index())
    package = PackageDirectory(tmp_path / "package")
    (tmp_path / "state.sqlite").rename(tmp_path / "kept.sqlite")
    before = everything_outgoing(tmp_path)
    with gate_over(tmp_path, index) as gate, pytest.raises(LogInconsistentError, match="belong together"):
        run_package(gate, package, SilentProgress())
    assert everything_outgoing(tmp_path) == before
    (tmp_path / "state.sqlite").unlink()
    (tmp_path / "kept.sqlite").rename(tmp_path / "state.sqlite")
    (tmp_path / "log").rename(tmp_path / "kept-log")
    (tmp_path / "checkpoints").unlink()
    with gate_over(tmp_path, index) as gate, pytest.raises(LogInconsistentError, match="belong together"):
        run_package(gate, package, SilentProgress())


def test_refusals_beyond_the_state_are_no_contradiction(tmp_path: Path) -> None:
    run([TRUE], tmp_path, index())
    other = signed_package([FALSE], tmp_path / "other", with_limits(items_per_package=9), b"other")
    third = signed_package([FALSE], tmp_path / "third", seed=b"third")
    with gate_over(tmp_path, index) as gate:
        with pytest.raises(PackageRefusedError):
            run_package(gate, other, SilentProgress())
        run_package(gate, third, SilentProgress())
