"""Each requirement has a verdict, and a planted violation of each kind turns it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.core.base.times import format_time
from narrowgate.core.governance.charter import render_charter
from narrowgate.core.governance.in_force import after
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter
from narrowgate.core.log.checkpoint import cosign
from narrowgate.core.log.note import COSIGNATURE_V1, NoteSigner
from narrowgate.verify.conformance.evidence import SENTENCES, Topic
from narrowgate.verify.conformance.report import Conformance, Verdict, conformance
from narrowgate.verify.conformance.requirements import requirements
from narrowgate.verify.conformance.told import document, lines, report_page
from narrowgate.verify.source import find_source
from support.command_line import CommandLine
from support.governance import FIRST, FIRST_AGAIN, HOUR, NOON, SECOND, act, charter
from support.inspected_log import OFFICE, InspectedLog
from support.requests import PROJECT

ONE, TWO = "p-20260101-aaaaaa", "p-20260101-bbbbbb"


def judged(log: InspectedLog, directory: Path) -> Conformance:
    return conformance(find_source(log.save(directory / "log")))


def busy() -> InspectedLog:
    log = InspectedLog.in_force()
    log.package(ONE)
    log.refuse("p-20260101-cccccc", "R-26")
    log.act(Kind.HOLD, "all")
    log.act(Kind.HOLD_LIFTED, "all")
    log.act(Kind.OFFICE_OFF, "acting_director_of_ice")
    log.act(Kind.SUPPRESSION, "3", sha256="5" * 64)
    log.package(TWO)
    log.expire(ONE)
    return log


def test_the_table_has_every_requirement_once_and_each_says_one_thing() -> None:
    numbers = [
        *range(1, 9),
        *range(10, 20),
        *range(20, 30),
        *range(30, 38),
        *range(40, 46),
        *range(50, 57),
        *range(60, 72),
        80,
        81,
    ]
    assert [each.id for each in requirements()] == [f"R-{number}" for number in numbers]
    for each in requirements():
        kinds = (bool(each.shown_by), bool(each.elsewhere), bool(each.never))
        assert sum(kinds) == 1, each.id
        assert bool(each.shown_by) == bool(each.broken_by) == bool(each.says), each.id
        assert len(each.elsewhere or each.never or each.says) > 30, each.id


def test_every_topic_has_its_sentence_and_contradicts_some_requirement() -> None:
    assert set(SENTENCES) == set(Topic)
    assert {topic for each in requirements() for topic in each.broken_by} == set(Topic)


def test_a_log_in_order_contradicts_nothing_and_shows_what_it_holds(tmp_path: Path) -> None:
    found = judged(busy(), tmp_path)
    verdicts = {each.requirement.id: each.verdict for each in found.judged}
    assert Verdict.CONTRADICTED not in verdicts.values()
    shown = {name for name, verdict in verdicts.items() if verdict is Verdict.SHOWN}
    assert shown >= {"R-1", "R-8", "R-20", "R-22", "R-26", "R-41", "R-50", "R-52", "R-55", "R-64", "R-67"}
    assert verdicts["R-63"] is verdicts["R-43"] is verdicts["R-3"] is Verdict.NOT_HERE
    assert verdicts["R-42"] is Verdict.NEVER


def malformed(log: InspectedLog) -> None:
    log.leaves[-1] = log.leaves[-1].replace(b'"package"', b'"address":"12 Main St","package"')


def class_without_rule(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 1)
    log.items("p-20260101-dddddd", range(1))
    log.leaves[-1] = log.leaves[-1].replace(b'"class":"answered"', b'"class":"refused"')
    log.decide("p-20260101-dddddd", 1)


def back_in_time(log: InspectedLog) -> None:
    log.now -= timedelta(days=3)
    log.refuse("p-20260101-dddddd")


def never_received(log: InspectedLog) -> None:
    log.items("p-20260101-dddddd", range(2))


def row_left_out(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 4)
    log.items("p-20260101-dddddd", range(2))
    log.items("p-20260101-dddddd", range(3, 4))
    log.decide("p-20260101-dddddd", 4)


def row_too_many(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 2)
    log.items("p-20260101-dddddd", range(3))


def false_counts(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 4)
    log.items("p-20260101-dddddd", range(4))
    log.decide("p-20260101-dddddd", 4, refused=2)


def received_again(log: InspectedLog) -> None:
    log.receive(ONE, 4)


def third_office(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 0, office="governor")


def office_is_off(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 0, office="acting_director_of_ice")


def revoked_key(log: InspectedLog) -> None:
    log.act(Kind.KEY_REVOKED, bytes([7] * 32).hex())
    log.receive("p-20260101-dddddd", 0)


def revoked_before_decision(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 0)
    log.act(Kind.KEY_REVOKED, bytes([7] * 32).hex())
    log.decide("p-20260101-dddddd", 0)


def revoked_before_release(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 0)
    log.decide("p-20260101-dddddd", 0)
    log.act(Kind.KEY_REVOKED, bytes([7] * 32).hex())
    log.release("p-20260101-dddddd")


def agreement_withdrawn(log: InspectedLog) -> None:
    log.act(Kind.AGREEMENT_WITHDRAWN, "first", sha256=log.agreement.hex())
    log.receive("p-20260101-dddddd", 0)


def withdrawn_before_decision(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 0)
    log.act(Kind.AGREEMENT_WITHDRAWN, "first", sha256=log.agreement.hex())
    log.decide("p-20260101-dddddd", 0)


def register_changed(log: InspectedLog) -> None:
    log.act(Kind.REGISTER_IN_FORCE, "officers", sha256="9" * 64)
    log.receive("p-20260101-dddddd", 0)


def another_index(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 0)
    log.decide("p-20260101-dddddd", 0)
    log.leaves[-1] = log.leaves[-1].replace(b'"index-1"', b'"index-0"')


def another_rule_set(log: InspectedLog) -> None:
    log.act(Kind.RULES_IN_FORCE, "rules-9", sha256="9" * 64)
    log.receive("p-20260101-dddddd", 1)
    log.items("p-20260101-dddddd", range(1))
    log.decide("p-20260101-dddddd", 1)


def held_receipt(log: InspectedLog) -> None:
    log.act(Kind.HOLD, f"office:{OFFICE}")
    log.receive("p-20260101-dddddd", 0)


def held_decision(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 0)
    log.act(Kind.HOLD, "package:p-20260101-dddddd")
    log.decide("p-20260101-dddddd", 0)


def held_release(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 0)
    log.decide("p-20260101-dddddd", 0)
    log.act(Kind.HOLD, "all")
    log.release("p-20260101-dddddd")


def before_the_slot(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 0)
    log.decide("p-20260101-dddddd", 0)
    log.slots["p-20260101-dddddd"] += HOUR
    log.release("p-20260101-dddddd")


def released_twice(log: InspectedLog) -> None:
    log.release(TWO)


def released_undecided(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 4)
    log.release("p-20260101-dddddd")


def released_after_expiry(log: InspectedLog) -> None:
    log.delay(ONE)
    log.release(ONE)


def released_after_its_end(log: InspectedLog) -> None:
    log.receive("p-20260101-dddddd", 0)
    log.decide("p-20260101-dddddd", 0)
    log.act(Kind.PACKAGE_ABANDONED, "p-20260101-dddddd")
    log.release("p-20260101-dddddd")


def incident_reported_late(log: InspectedLog) -> None:
    log.act(Kind.INCIDENT, f"all/{format_time(log.now)}", sha256="9" * 64)
    log.now += timedelta(hours=24)
    log.act(Kind.INCIDENT_REPORTED, str(log.state.number), sha256="9" * 64)


def incident_never_reported(log: InspectedLog) -> None:
    log.act(Kind.INCIDENT, f"package:{TWO}/{format_time(log.now)}", sha256="9" * 64)
    log.now += timedelta(hours=24)
    log.refuse("p-20260101-dddddd")


def released_after_a_recall(log: InspectedLog) -> None:
    log.recall(TWO, (0, 2))
    log.delay(TWO)
    log.release(TWO)


def destroyed_early(log: InspectedLog) -> None:
    log.destroy(ONE, early=HOUR)


def released_without_its_data(log: InspectedLog) -> None:
    log.destroy(TWO)
    log.delay(TWO)
    log.release(TWO)


def one_key_releases(log: InspectedLog) -> None:
    log.now += HOUR
    logged = LoggedAct.of(act(log.state, Kind.RULES_IN_FORCE, subject="rules-1"), (FIRST,), log.now)
    log.state = after(log.state, logged)
    log.leaves.append(logged.leaf())


def act_left_out(log: InspectedLog) -> None:
    log.state = replace(log.state, number=log.state.number + 1)
    log.act(Kind.RULES_IN_FORCE, "rules-1")


def second_charter(log: InspectedLog) -> None:
    log.leaves.append(LoggedCharter("gate-2", charter().digest, (FIRST, SECOND), log.now).leaf())


PLANTED: dict[Callable[[InspectedLog], None], Topic] = {
    malformed: Topic.FORM,
    class_without_rule: Topic.FORM,
    back_in_time: Topic.TIME,
    never_received: Topic.UNRECEIVED,
    released_undecided: Topic.UNRECEIVED,
    row_left_out: Topic.ORDER,
    row_too_many: Topic.ORDER,
    false_counts: Topic.COUNTS,
    received_again: Topic.AGAIN,
    released_twice: Topic.AGAIN,
    third_office: Topic.OFFICE,
    office_is_off: Topic.OFFICE_OFF,
    revoked_key: Topic.REVOKED,
    revoked_before_decision: Topic.REVOKED,
    revoked_before_release: Topic.REVOKED,
    agreement_withdrawn: Topic.AGREEMENT,
    withdrawn_before_decision: Topic.AGREEMENT,
    register_changed: Topic.REGISTER,
    another_index: Topic.INDEX,
    another_rule_set: Topic.RULES,
    held_receipt: Topic.HOLD,
    held_decision: Topic.HOLD,
    held_release: Topic.HOLD,
    before_the_slot: Topic.SLOT,
    released_after_expiry: Topic.EXPIRED,
    released_after_its_end: Topic.ABANDONED,
    incident_reported_late: Topic.INCIDENT,
    incident_never_reported: Topic.INCIDENT,
    released_after_a_recall: Topic.RECALLED,
    destroyed_early: Topic.DESTROYED,
    released_without_its_data: Topic.DESTROYED,
    one_key_releases: Topic.SIGNATURES,
    act_left_out: Topic.SEQUENCE,
    second_charter: Topic.SEQUENCE,
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_violation_turns_every_requirement_that_it_breaks(
    tmp_path: Path, plant: Callable[[InspectedLog], None]
) -> None:
    log = busy()
    plant(log)
    found = judged(log, tmp_path)
    topic = PLANTED[plant]
    for each in found.judged:
        if topic in each.requirement.broken_by:
            assert each.verdict is Verdict.CONTRADICTED, each.requirement.id
            named = next(one for one in each.contradictions if one.topic == topic)
            assert named.count >= 1
            assert all(0 <= leaf < found.size for leaf in named.leaves)
    topics = {one.topic for each in found.judged for one in each.contradictions}
    assert topic in topics


def test_every_topic_is_planted_somewhere() -> None:
    beside = {Topic.QUOTA, Topic.OFFICE_KEY, Topic.PERSONS, Topic.SECOND_PLACE, Topic.WITNESSES}
    assert set(PLANTED.values()) | beside == set(Topic)


AGREEMENT_FILE = (PROJECT / "examples" / "agreement.toml").read_bytes()
BOUND = bytes.fromhex("b105d98c3ad13be0599ea5f01cc1fb572ad27817b24aa814cb4652455cd7ebe2")
IN_TERM = datetime(2026, 11, 2, 12, tzinfo=UTC)


def beside(directory: Path, log: InspectedLog) -> Conformance:
    """The report of a world in whose governance directory charter and agreement lie."""
    documents = directory / "governance" / "documents"
    documents.mkdir(parents=True)
    (documents / sha256(AGREEMENT_FILE).hexdigest()).write_bytes(AGREEMENT_FILE)
    (documents.parent / "charter.toml").write_text(render_charter(charter()), encoding="utf-8")
    log.save(directory / "log")
    return conformance(find_source(directory))


def agreed() -> InspectedLog:
    log = InspectedLog.in_force(sha256(AGREEMENT_FILE).digest(), IN_TERM)
    log.receive(ONE, 4, key=BOUND)
    return log


def contradicted(found: Conformance) -> set[str]:
    return {one.topic for each in found.judged for one in each.contradictions}


def test_agreement_and_charter_beside_the_log_are_compared_and_show_more(tmp_path: Path) -> None:
    found = beside(tmp_path, agreed())
    assert contradicted(found) == set()
    assert [each.split()[0] for each in found.documents] == ["charter", "agreement"]
    (quotas,) = (each for each in found.judged if each.requirement.id == "R-26")
    assert quotas.verdict is Verdict.SHOWN


@pytest.mark.parametrize("rows", [[1001], [1000, 997], [1, 1, 1, 1]], ids=["package", "items", "packages"])
def test_a_quota_that_was_not_kept_contradicts(tmp_path: Path, rows: list[int]) -> None:
    log = agreed()
    log.now -= HOUR
    for number, each in enumerate(rows):
        log.now -= HOUR - timedelta(minutes=1)
        log.receive(f"p-20261102-{number:06}", each, key=BOUND)
    assert contradicted(beside(tmp_path, log)) >= {Topic.QUOTA}


def test_a_key_that_the_agreement_does_not_bind_contradicts(tmp_path: Path) -> None:
    log = agreed()
    log.receive(TWO, 4)
    assert contradicted(beside(tmp_path, log)) == {Topic.OFFICE_KEY}


def test_two_cards_of_one_person_contradict(tmp_path: Path) -> None:
    log = agreed()
    logged = LoggedAct.of(
        act(log.state, Kind.RULES_IN_FORCE, subject="rules-1"), (FIRST, FIRST_AGAIN), log.now
    )
    log.leaves.append(logged.leaf())
    assert contradicted(beside(tmp_path, log)) == {Topic.PERSONS}


@pytest.mark.parametrize("covered", ["all", "before the decision", "none", "by a stranger"])
def test_answers_released_before_the_witnesses_cosigned_contradict(tmp_path: Path, covered: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes([9] * 32))
    witness, stranger = (
        NoteSigner.ed25519(f"example.test/{name}", key, COSIGNATURE_V1) for name in ("witness", "stranger")
    )
    chartered = charter(witnesses=(str(witness.key),), witness_quorum=1)
    log = busy()
    log.leaves[0] = LoggedCharter("gate-1", chartered.digest, (FIRST, SECOND), NOON).leaf()
    directory = log.save(tmp_path / "log")
    (tmp_path / "governance").mkdir()
    (tmp_path / "governance" / "charter.toml").write_text(render_charter(chartered), encoding="utf-8")
    early = busy()
    early.leaves = [log.leaves[0], *early.leaves[1:8]]
    signed = early.save(tmp_path / "early") if covered == "before the decision" else directory
    if covered != "none":
        text = (signed / "checkpoint").read_text(encoding="utf-8")
        signer = stranger if covered == "by a stranger" else witness
        (directory / "cosigned").write_text(cosign(text, signer, 1_800_000_000), encoding="utf-8")
    found = conformance(find_source(tmp_path))
    assert (Topic.WITNESSES in contradicted(found)) == (covered != "all")
    assert found.cosigned == {"all": found.size, "before the decision": 8}.get(covered, -1)


def test_a_document_that_is_not_the_one_named_says_nothing(tmp_path: Path) -> None:
    log = agreed()
    beside(tmp_path, log)
    for path in (tmp_path / "governance").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes() + b"\n")
    assert conformance(find_source(tmp_path)).documents == ()


def test_a_kept_checkpoint_that_the_log_does_not_continue_contradicts(tmp_path: Path) -> None:
    kept = busy().save(tmp_path / "kept")
    log = busy()
    log.leaves[3] = log.leaves[4]
    log.save(tmp_path / "world" / "log")
    (tmp_path / "world" / "checkpoints").write_bytes((kept / "checkpoint").read_bytes() + b"\n")
    found = conformance(find_source(tmp_path / "world"))
    assert Topic.SECOND_PLACE in contradicted(found)


def test_an_incident_reported_in_time_contradicts_nothing(tmp_path: Path) -> None:
    log = busy()
    log.act(Kind.INCIDENT, f"all/{format_time(log.now)}", sha256="9" * 64)
    log.act(Kind.INCIDENT_REPORTED, str(log.state.number), sha256="9" * 64)
    log.now += timedelta(days=3)
    log.refuse("p-20260101-dddddd")
    assert contradicted(judged(log, tmp_path)) == set()


def test_the_same_agreement_put_in_force_again_meanwhile_contradicts_nothing(tmp_path: Path) -> None:
    log = busy()
    log.receive("p-20260101-dddddd", 0)
    log.act(Kind.AGREEMENT_IN_FORCE, "first", sha256=log.agreement.hex())
    log.act(Kind.RULES_IN_FORCE, "rules-2", sha256="9" * 64)
    log.decide("p-20260101-dddddd", 0)
    assert contradicted(judged(log, tmp_path)) == set()


def test_gaps_are_told_with_their_periods(tmp_path: Path) -> None:
    log = busy()
    log.now += timedelta(days=4)
    log.act(Kind.AGREEMENT_WITHDRAWN, "first", sha256=log.agreement.hex())
    log.act(Kind.HOLD, "all")
    log.receive("p-20260101-dddddd", 4)
    log.decide(ONE, 4)
    found = judged(log, tmp_path)
    assert [(each.what, bool(each.end)) for each in found.holds] == [
        ("hold all", True),
        ("office-off acting_director_of_ice", False),
        ("hold all", False),
    ]
    assert [(each.what, each.end) for each in found.gaps if each.start > found.first_time[:10] + "T20"] == [
        ("agreement", "")
    ]
    assert found.silent[0].start < found.silent[0].end
    assert found.late["undecided"] == 1
    assert found.cosigned == -1


def test_the_same_log_gives_the_same_bytes_in_any_form(tmp_path: Path) -> None:
    log = busy()
    one, two = judged(log, tmp_path / "one"), judged(log, tmp_path / "two")
    assert document(one) == document(two)
    assert report_page(one) == report_page(two)
    assert lines(one) == lines(two)
    page = report_page(one).decode()
    assert all(f">{each.id}<" in page for each in requirements())
    assert "<script" not in page


def test_the_command_ends_with_14_where_something_is_contradicted(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    good, bad = busy(), busy()
    held_release(bad)
    good.save(tmp_path / "good")
    bad.save(tmp_path / "bad")
    html = tmp_path / "report.html"
    found = narrowgate("inspector", "conformance", tmp_path / "good", "--html", html, "--json")
    assert found.code == 0, found.err
    assert len(json.loads(found.out)["requirements"]) == 63
    found = narrowgate("inspector", "conformance", tmp_path / "bad", "--json")
    assert found.code == 14
    assert "R-52" in found.err
    broken = [
        each["id"] for each in json.loads(found.out)["requirements"] if each["verdict"] == "contradicted"
    ]
    assert broken == ["R-52"]
    assert (
        narrowgate("inspector", "conformance", tmp_path / "bad", "--html", tmp_path / "bad" / "x").code == 2
    )


def test_every_command_that_the_table_names_exists() -> None:
    tree = json.loads((PROJECT / "docs" / "reference" / "cli.json").read_text(encoding="utf-8"))
    for each in requirements():
        if each.command:
            program, group, name, *_ = each.command.split()
            assert program == "narrowgate"
            assert name in tree["commands"][group]["commands"], each.command


def test_the_reference_names_every_requirement_and_every_finding() -> None:
    page = (PROJECT / "docs" / "reference" / "conformance.md").read_text(encoding="utf-8")
    for each in requirements():
        assert f"| {each.id} | {each.title} |" in page
    for topic, sentence in SENTENCES.items():
        assert f"| `{topic}` | {sentence} |" in page
