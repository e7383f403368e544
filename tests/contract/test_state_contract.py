"""Every state store keeps the same promises: the SQL one and the simulated one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.adapters.state.tables import METADATA
from narrowgate.core.agreement.model import Limits
from narrowgate.core.base.errors import EnvelopeError, UnavailableError
from narrowgate.gate.ports import PackageStart, StateStore, StoredReceipt, Usage
from narrowgate.gate.step_07_history import HistoryVerdict, examine_history
from support.history_items import LIFTED, Asked, keys_of, limits
from support.postgresql import sqlalchemy_url
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
    state.commit_package(
        package_id, begun.manifest_sha256, b"receipt of " + package_id.encode(), term, verdict.charges, 7
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
        state.commit_package("package-1", b"another", b"receipt", "term", examine(state).charges, 7)


def test_a_finished_package_cannot_begin_again(state: StateStore) -> None:
    finish(state, "package-1", examine(state))
    with pytest.raises(EnvelopeError):
        state.begin_package(start())


def test_a_package_not_begun_cannot_be_committed(state: StateStore) -> None:
    with pytest.raises(EnvelopeError):
        state.commit_package(
            "package-1", b"manifest of package-1", b"receipt", "term", examine(state).charges, 7
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


def test_only_the_package_in_progress_can_be_abandoned(state: StateStore) -> None:
    with pytest.raises(EnvelopeError):
        state.abandon_package("package-1", 3)
    finish(state, "package-1", examine(state))
    with pytest.raises(EnvelopeError):
        state.abandon_package("package-1", 3)


def test_a_package_counts_for_its_office_and_day_once_whether_finished_or_not(state: StateStore) -> None:
    finish(state, "package-1", examine(state))
    state.begin_package(start("package-2", items=5))
    state.begin_package(start("package-2", items=5))
    assert state.usage("an_office", DAY, DAY) == Usage(2, 15)
    assert state.usage("an_office", DAY, DAY, apart_from="package-2") == Usage(1, 10)
    assert state.usage("another_office", DAY, DAY) == Usage(0, 0)
    assert state.usage("an_office", date(2026, 3, 3), date(2026, 3, 9)) == Usage(0, 0)


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
    assert refused(examine(state, replace(again, address="first"))) == {}


def test_what_was_never_committed_is_charged_to_nobody(state: StateStore) -> None:
    examine(state, Asked(tin="t", address="first"))
    assert refused(examine(state, Asked(tin="t", address="second"))) == {}


def test_a_package_committed_twice_is_charged_once(state: StateStore) -> None:
    allowed = limits(caseload=2, reasons=2)
    verdict = examine(state, Asked(tin="t"), allowed=allowed)
    finish(state, "package-1", verdict)
    state.commit_package(
        "package-1", b"manifest of package-1", b"another receipt", "term", verdict.charges, 7
    )
    assert state.stored_receipt("package-1") == StoredReceipt(
        b"manifest of package-1", b"receipt of package-1"
    )
    assert refused(examine(state, Asked(tin="u"), allowed=allowed)) == {}
    assert refused(examine(state, Asked(tin="u"), Asked(tin="v"), allowed=allowed)) == {1: ("R-24", "R-25")}


def test_subjects_that_an_item_connects_stay_one_in_later_packages(state: StateStore) -> None:
    two = limits(addresses=2)
    finish(state, "package-1", examine(state, Asked(tin="t", address="first"), allowed=two))
    finish(state, "package-2", examine(state, Asked(name="n", address="second"), allowed=two))
    finish(
        state, "package-3", examine(state, Asked(tin="t", name="n", alien="a", address="first"), allowed=two)
    )
    for known in (Asked(tin="t"), Asked(name="n"), Asked(alien="a")):
        assert refused(examine(state, replace(known, address="third"), allowed=two)) == {0: ("R-28",)}
        assert refused(examine(state, replace(known, address="second"), allowed=two)) == {}


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
