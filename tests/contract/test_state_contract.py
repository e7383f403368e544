"""Every state store keeps the same promises: the SQL one and the simulated one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.adapters.state.tables import METADATA
from narrowgate.core.agreement.model import Limits
from narrowgate.core.agreement.term import Term
from narrowgate.core.base.errors import EnvelopeError, UnavailableError
from narrowgate.core.eligibility.history.keys import QUESTION_COLUMN
from narrowgate.gate.ports import IndexInUse, PackageStart, ReleaseStage, StateStore, StoredReceipt, Usage
from narrowgate.gate.step_07_history import HistoryVerdict, examine_history
from support.history_items import LIFTED, Asked, keys_of, limits
from support.postgresql import sqlalchemy_url
from support.releases import SLOT, planned
from support.simulated_state import SimulatedState

DAY = date(2026, 3, 2)
ONE_ADDRESS = limits(addresses=1)


@pytest.fixture(params=["sql", "simulated", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    if request.param == "simulated":
        yield SimulatedState()
        return
    if request.param == "postgresql":
        yield from empty_postgresql(sqlalchemy_url(request.getfixturevalue("postgresql")))
        return
    with SqlState.open(f"sqlite:///{tmp_path / 'state.db'}") as opened:
        yield opened


def empty_postgresql(url: str) -> Iterator[StateStore]:
    engine = create_engine(url)
    METADATA.drop_all(engine)
    engine.dispose()
    with SqlState.open(url) as opened:
        with pytest.raises(UnavailableError, match="Another gate run"):
            SqlState.open(url)
        yield opened


def start(package_id: str = "package-1", **changes: object) -> PackageStart:
    begun = PackageStart(package_id, b"manifest of " + package_id.encode(), "an_office", 10, DAY, b"resume")
    return replace(begun, **changes)  # type: ignore[arg-type]  # fields by name in a test helper


def examine(
    state: StateStore, *items: Asked, allowed: Limits = ONE_ADDRESS, term: str = "term"
) -> HistoryVerdict:
    return examine_history(keys_of(items), allowed, term, state)


def finish(state: StateStore, package_id: str, verdict: HistoryVerdict, term: str = "term") -> None:
    begun = state.begin_package(start(package_id))
    verdict.charges.answer(lambda ordinal: ordinal == 0)
    state.commit_package(
        package_id,
        begun.manifest_sha256,
        b"receipt of " + package_id.encode(),
        term,
        verdict.charges,
        7,
        planned(package_id),
    )


def refused(verdict: HistoryVerdict) -> dict[int, tuple[str, ...]]:
    return dict(verdict.findings)


def test_a_package_never_seen_has_no_receipt_and_is_not_in_progress(state: StateStore) -> None:
    assert state.stored_receipt("package-1") is None
    assert state.package_in_progress() is None


def test_a_begun_package_is_in_progress_until_its_receipt_is_stored(state: StateStore) -> None:
    assert state.begin_package(start()) == start()
    assert state.package_in_progress() == start()
    assert state.stored_receipt("package-1") is None
    finish(state, "package-1", examine(state))
    assert state.package_in_progress() is None
    assert state.stored_receipt("package-1") == StoredReceipt(
        b"manifest of package-1", b"receipt of package-1"
    )


def test_a_run_after_a_crash_gets_the_first_start_back(state: StateStore) -> None:
    state.begin_package(start(resume=b"first run"))
    assert state.begin_package(start(resume=b"second run")).resume == b"first run"


def test_another_package_waits_for_the_one_in_progress(state: StateStore) -> None:
    state.begin_package(start())
    with pytest.raises(UnavailableError):
        state.begin_package(start("package-2"))


def test_one_id_cannot_stand_for_two_manifests(state: StateStore) -> None:
    state.begin_package(start())
    with pytest.raises(EnvelopeError):
        state.begin_package(start(manifest_sha256=b"another"))
    with pytest.raises(EnvelopeError):
        state.commit_package(
            "package-1", b"another", b"receipt", "term", examine(state).charges, 7, planned()
        )


def test_a_finished_package_cannot_begin_again(state: StateStore) -> None:
    finish(state, "package-1", examine(state))
    with pytest.raises(EnvelopeError):
        state.begin_package(start())


def test_a_package_not_begun_cannot_be_committed(state: StateStore) -> None:
    with pytest.raises(EnvelopeError):
        state.commit_package(
            "package-1", b"manifest of package-1", b"receipt", "term", examine(state).charges, 7, planned()
        )


def test_an_abandoned_package_is_known_and_in_progress_no_more(state: StateStore) -> None:
    begun = state.begin_package(start())
    assert (state.known_package("package-1"), state.is_abandoned("package-1")) == (begun, False)
    state.abandon_package("package-1", 3)
    state.abandon_package("package-1", 9)
    assert (state.known_package("package-1"), state.is_abandoned("package-1")) == (begun, True)
    assert (state.package_in_progress(), state.log_size()) == (None, 3)
    with pytest.raises(EnvelopeError):
        state.begin_package(start())
    assert state.begin_package(start("package-2")) == start("package-2")


def test_only_a_package_whose_answers_have_not_left_can_be_abandoned(state: StateStore) -> None:
    with pytest.raises(EnvelopeError):
        state.abandon_package("package-1", 3)
    finish(state, "package-1", examine(state))
    finish(state, "package-2", examine(state))
    state.keep_release(planned("package-1", stage=ReleaseStage.RELEASED), 8)
    with pytest.raises(EnvelopeError):
        state.abandon_package("package-1", 9)
    for _ in range(2):
        state.abandon_package("package-2", 9)
    assert [state.is_abandoned(f"package-{number}") for number in (1, 2)] == [False, True]
    assert (state.releases(ReleaseStage.WAITING), state.log_size()) == ((), 9)
    assert state.stored_receipt("package-2") is not None, "it stays charged"


def test_several_packages_wait_for_their_slots_in_the_order_of_the_slots(state: StateStore) -> None:
    for number in (3, 1, 2):
        finish(state, f"package-{number}", examine(state))
    assert [one.package_id for one in state.releases(ReleaseStage.WAITING)] == [
        "package-1",
        "package-2",
        "package-3",
    ]
    later = planned("package-1", slot=SLOT + timedelta(hours=6), leaf=12)
    state.keep_release(later, 13)
    assert state.releases(ReleaseStage.WAITING) == (planned("package-2"), planned("package-3"), later)
    state.keep_release(planned("package-2", stage=ReleaseStage.RELEASED, leaf=13), 5)
    assert state.releases(ReleaseStage.RELEASED) == (
        planned("package-2", stage=ReleaseStage.RELEASED, leaf=13),
    )
    assert state.log_size() == 13, "the state never forgets how far it followed the log"
    assert state.package_in_progress() is None


def test_a_package_that_was_not_committed_has_no_release(state: StateStore) -> None:
    state.begin_package(start())
    with pytest.raises(EnvelopeError):
        state.keep_release(planned(), 9)
    assert state.releases(ReleaseStage.WAITING) == ()


def test_a_package_counts_for_its_office_and_day_once_whether_finished_or_not(state: StateStore) -> None:
    finish(state, "package-1", examine(state))
    state.begin_package(start("package-2", items=5))
    state.begin_package(start("package-2", items=5))
    assert state.usage("an_office", DAY, DAY) == Usage(2, 15)
    assert state.usage("an_office", DAY, DAY, apart_from="package-2") == Usage(1, 10)
    assert state.usage("another_office", DAY, DAY) == Usage(0, 0)
    assert state.usage("an_office", date(2026, 3, 3), date(2026, 3, 9)) == Usage(0, 0)


def test_the_acts_of_the_log_are_remembered_in_their_order(state: StateStore) -> None:
    assert state.governance() == (0, ())
    state.keep_governance(3, [b"charter", b"first act"])
    state.keep_governance(9, [])
    state.keep_governance(10, [b"second act"])
    assert state.governance() == (10, (b"charter", b"first act", b"second act"))
    state.forget_governance()
    assert state.governance() == (0, ())


def test_a_hold_is_in_force_from_placing_to_lifting(state: StateStore) -> None:
    assert state.holds() == frozenset()
    state.place_hold("all")
    state.place_hold("all")
    state.place_hold("an_office")
    assert state.holds() == {"all", "an_office"}
    state.lift_hold("all")
    state.lift_hold("never placed")
    assert state.holds() == {"an_office"}


@pytest.mark.parametrize("identifier", ["tin", "alien", "order", "name"])
def test_any_one_identifier_is_enough_to_know_a_subject_again(state: StateStore, identifier: str) -> None:
    everything = Asked(tin="t", alien="a", order="o", name="n", address="first")
    finish(state, "package-1", examine(state, everything))
    again = Asked(**{identifier: getattr(everything, identifier)}, address="second")
    assert refused(examine(state, again)) == {0: ("R-28",)}
    assert refused(examine(state, replace(again, address="first"))) == {0: ("R-74",)}
    assert refused(examine(state, everything)) == {}


def test_what_was_never_committed_is_charged_to_nobody(state: StateStore) -> None:
    examine(state, Asked(tin="t", address="first"))
    assert refused(examine(state, Asked(tin="t", address="second"))) == {}


def test_a_package_committed_twice_is_charged_once(state: StateStore) -> None:
    allowed = limits(caseload=2, reasons=2)
    verdict = examine(state, Asked(tin="t"), allowed=allowed)
    finish(state, "package-1", verdict)
    state.commit_package(
        "package-1", b"manifest of package-1", b"another receipt", "term", verdict.charges, 7, planned()
    )
    assert state.stored_receipt("package-1") == StoredReceipt(
        b"manifest of package-1", b"receipt of package-1"
    )
    assert refused(examine(state, Asked(tin="u"), allowed=allowed)) == {}
    assert refused(examine(state, Asked(tin="u"), Asked(tin="v"), allowed=allowed)) == {1: ("R-24", "R-25")}


def test_subjects_that_an_item_connects_stay_one_in_later_packages(state: StateStore) -> None:
    three = limits(addresses=3)
    finish(state, "package-1", examine(state, Asked(tin="t", address="first"), allowed=three))
    finish(state, "package-2", examine(state, Asked(name="n", address="second"), allowed=three))
    connecting = Asked(tin="t", name="n", alien="a", address="third")
    finish(state, "package-3", examine(state, connecting, allowed=three))
    for known in (Asked(tin="t"), Asked(name="n"), Asked(alien="a")):
        assert refused(examine(state, replace(known, address="fourth"), allowed=three)) == {0: ("R-28",)}
        in_other_words = replace(known, address="second", years="2023")
        assert refused(examine(state, in_other_words, allowed=three)) == {0: ("R-74",)}


def test_connected_subjects_count_once_at_an_address(state: StateStore) -> None:
    two = limits(subjects=2)
    finish(state, "package-1", examine(state, Asked(tin="t"), Asked(name="n"), allowed=two))
    assert refused(examine(state, Asked(tin="u"), allowed=two)) == {0: ("R-29",)}
    finish(state, "package-2", examine(state, Asked(tin="t", name="n"), allowed=two))
    assert refused(examine(state, Asked(tin="u"), Asked(tin="v"), allowed=two)) == {1: ("R-29",)}


def test_a_caseload_counts_in_its_own_term_only(state: StateStore) -> None:
    allowed = limits(caseload=1)
    finish(state, "package-1", examine(state, Asked(tin="t"), allowed=allowed))
    assert refused(examine(state, Asked(tin="u"), allowed=allowed)) == {0: ("R-24",)}
    assert refused(examine(state, Asked(tin="u"), allowed=allowed, term="next term")) == {}


def test_a_lifted_budget_keeps_no_history(state: StateStore) -> None:
    finish(state, "package-1", examine(state, Asked(tin="t", address="first"), allowed=LIFTED))
    everything = limits(addresses=1, subjects=1, caseload=1, reasons=1)
    assert refused(examine(state, Asked(tin="t", address="second"), allowed=everything)) == {}


def test_the_first_answer_of_a_question_stays_and_is_that_of_its_term(state: StateStore) -> None:
    first, second = Asked(tin="t", address="first"), Asked(tin="u", birth_date="c", address="second")
    finish(state, "package-1", examine(state, first, second))
    again = examine(state, second, first)
    assert again.remembered == {0: False, 1: True}
    finish(state, "package-2", examine(state, second, first))
    assert examine(state, first, second).remembered == {0: True, 1: False}
    assert examine(state, Asked(tin="v", birth_date="d")).remembered == {}


def test_a_forgotten_answer_is_remembered_no_more_and_its_question_is_refused_as_other_words_are(
    state: StateStore,
) -> None:
    first, second = Asked(tin="t", address="first"), Asked(tin="u", birth_date="c", address="second")
    finish(state, "package-1", examine(state, first, second))
    question = keys_of([second]).digest(0, QUESTION_COLUMN)
    for _ in range(2):
        state.forget_answers([question, bytes(len(question))])
        verdict = examine(state, second, first)
        assert (verdict.remembered, refused(verdict)) == ({1: True}, {0: ("R-74",)})
    assert examine(state, second, allowed=LIFTED).remembered == {}
    state.forget_answers(None)
    verdict = examine(state, first)
    assert (verdict.remembered, refused(verdict)) == ({}, {0: ("R-74",)})


def test_a_person_with_two_tins_before_is_two_persons_after(state: StateStore) -> None:
    finish(state, "package-1", examine(state, Asked(tin="t", name="n", address="first")))
    finish(state, "package-2", examine(state, Asked(tin="u", name="n", address="second")))
    assert refused(examine(state, Asked(tin="t", name="n", address="other"))) == {0: ("R-28",)}
    assert refused(examine(state, Asked(tin="u", name="n", address="other"))) == {0: ("R-28",)}
    assert refused(examine(state, Asked(name="n", address="first"))) == {0: ("R-73",)}


def test_a_tin_learned_later_contradicts_another_one(state: StateStore) -> None:
    finish(state, "package-1", examine(state, Asked(alien="x", name="n")))
    finish(
        state, "package-2", examine(state, Asked(alien="y", tin="t", name="m", birth_date="c", address="b"))
    )
    finish(
        state, "package-3", examine(state, Asked(alien="z", tin="v", name="k", birth_date="d", address="c"))
    )
    assert refused(examine(state, Asked(alien="x", birth_date="c"))) == {0: ("R-73",)}
    assert refused(examine(state, Asked(alien="y", tin="u", birth_date="c", address="b"))) == {0: ("R-73",)}


def test_the_history_key_and_the_terms_are_kept_and_an_amendment_moves_the_last_day(
    state: StateStore,
) -> None:
    term = Term("agreement-1", "a custodian", "a requester", date(2026, 1, 1), date(2026, 12, 31))
    assert (state.history_key_check(), state.terms()) == (None, ())
    state.keep_term(b"check", term)
    longer = replace(term, expires=date(2027, 3, 31))
    state.keep_term(b"check", longer)
    later = replace(term, id="agreement-2", effective=date(2027, 4, 1), expires=date(2028, 3, 31))
    state.keep_term(b"check", later)
    assert (state.history_key_check(), state.terms()) == (b"check", (longer, later))


def test_the_index_in_use_is_the_one_put_in_use_last(state: StateStore) -> None:
    assert state.index_in_use() is None
    for index in (
        IndexInUse("2026-01-01T00:00:00+00:00", b"one"),
        IndexInUse("2026-02-01T00:00:00+00:00", b"two"),
    ):
        state.put_in_use(index)
        assert state.index_in_use() == index


def test_a_refusal_is_where_it_was_placed_last(state: StateStore) -> None:
    assert state.refusal_leaf(b"one") is None
    state.place_refusal(b"one", 7)
    state.place_refusal(b"two", 9)
    assert (state.refusal_leaf(b"one"), state.refusal_leaf(b"two")) == (7, 9)
    state.place_refusal(b"one", 11)
    assert state.refusal_leaf(b"one") == 11


def test_a_gate_that_has_lost_its_lock_on_the_server_writes_nothing_more(postgresql: Path) -> None:
    """The server ended the session that held it: another machine may hold it by now."""
    url = sqlalchemy_url(postgresql)
    for opened in empty_postgresql(url):
        opened.place_hold("all")
        stranger = create_engine(url)
        with stranger.connect() as connection:
            ended = text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            )
            assert connection.execute(ended).scalars().all() == [True]
        with pytest.raises(UnavailableError):
            opened.lift_hold("all")
        assert opened.holds() == {"all"}
        with pytest.raises(UnavailableError):
            opened.begin_package(start())
        assert opened.package_in_progress() is None
        stranger.dispose()
