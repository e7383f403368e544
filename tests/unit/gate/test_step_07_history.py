"""Step 7: the budgets of subjects, addresses, officers and reasons inside one package."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from narrowgate.core.agreement.model import Limits
from narrowgate.core.base.errors import UnavailableError
from narrowgate.gate import step_07_history
from narrowgate.gate.ports import PackageStart
from narrowgate.gate.step_07_history import HistoryVerdict, examine_history
from support.history_items import LIFTED, Asked, keys_of, limits
from support.releases import planned
from support.simulated_state import SimulatedState


def refused(*items: Asked, allowed: Limits) -> dict[int, tuple[str, ...]]:
    verdict = examine_history(keys_of(items), allowed, "term", SimulatedState())
    return dict(verdict.findings)


def test_a_second_different_address_of_a_subject_is_refused() -> None:
    one = limits(addresses=1)
    assert refused(Asked(tin="t", address="a"), Asked(tin="t", address="b"), allowed=one) == {1: ("R-28",)}


def test_the_same_address_again_is_no_new_question() -> None:
    one = limits(addresses=1)
    item = Asked(tin="t", address="a")
    assert refused(item, item, Asked(tin="t", address="b"), item, allowed=one) == {2: ("R-28",)}


def test_a_refused_item_is_charged_to_nobody() -> None:
    one = limits(addresses=1, reasons=2)
    items = [
        Asked(tin="t", address="a", reason="r"),
        Asked(tin="t", name="n", address="b", reason="r"),
        Asked(name="n", address="c", reason="r"),
    ]
    assert refused(*items, allowed=one) == {1: ("R-28",)}


def test_rotating_identifiers_gains_no_fresh_budget() -> None:
    two = limits(addresses=2)
    chain = [
        Asked(tin="t", name="n", address="a"),
        Asked(name="n", alien="x", address="b"),
        Asked(alien="x", order="o", address="c"),
    ]
    assert refused(*chain, allowed=two) == {2: ("R-28",)}


def test_an_item_that_would_connect_two_subjects_counts_the_addresses_of_both() -> None:
    items = [
        Asked(tin="t", address="a"),
        Asked(name="n", address="b"),
        Asked(tin="t", name="n", address="a"),
    ]
    assert refused(*items, allowed=limits(addresses=1)) == {2: ("R-28",)}
    assert refused(*items, allowed=limits(addresses=2)) == {}


def test_a_number_given_with_two_birth_dates_or_two_tins_is_a_contradiction_and_connects_nothing() -> None:
    one = limits(addresses=1)
    for first, second in (
        (Asked(alien="x", birth_date="b"), Asked(alien="x", birth_date="c")),
        (Asked(order="o", birth_date="b"), Asked(order="o", birth_date="c")),
        (Asked(tin="t", birth_date="b"), Asked(tin="t", birth_date="c")),
        (Asked(alien="x", tin="t"), Asked(alien="x", tin="u")),
    ):
        assert refused(first, second, allowed=one) == {1: ("R-73",)}
        later = replace(second, alien="", order="", tin="u", name="n", address="elsewhere")
        assert refused(first, second, later, allowed=one) == {1: ("R-73",)}


def test_a_wrong_number_does_not_join_two_persons() -> None:
    items = [
        Asked(tin="t", alien="x", name="n", birth_date="b", address="a"),
        Asked(tin="u", alien="y", name="m", birth_date="c", address="b"),
        Asked(tin="t", alien="y", name="n", birth_date="b", address="a"),
        Asked(tin="u", name="m", birth_date="c", address="b"),
    ]
    assert refused(*items, allowed=limits(addresses=1)) == {2: ("R-73",)}


def test_one_alien_number_does_not_hide_thirty_persons_at_one_address() -> None:
    people = [Asked(alien="x", name=f"n{number}", birth_date=f"b{number}") for number in range(30)]
    assert set(refused(*people, allowed=limits(subjects=10)).values()) == {("R-73",)}
    apart = [replace(person, alien="") for person in people]
    found = refused(*apart, allowed=limits(subjects=10))
    assert found == dict.fromkeys(range(10, 30), ("R-29",))


def test_namesakes_with_one_birth_date_and_two_tins_are_two_persons() -> None:
    namesakes = [Asked(tin="t", name="n", address="a"), Asked(tin="u", name="n", address="b")]
    assert refused(*namesakes, allowed=limits(addresses=1)) == {}
    without_tin = Asked(name="n", address="a")
    assert refused(*namesakes, without_tin, allowed=limits(addresses=1)) == {2: ("R-73",)}


def test_one_name_in_common_and_the_birth_date_make_one_person() -> None:
    items = [Asked(name="maria-garcia maria-lopez", address="a"), Asked(name="maria-lopez", address="b")]
    assert refused(*items, allowed=limits(addresses=1)) == {1: ("R-28",)}


def after(state: SimulatedState, *items: Asked, allowed: Limits) -> HistoryVerdict:
    """The verdict on a package over what the packages before it left; the package is committed."""
    verdict = examine_history(keys_of(items), allowed, "term", state)
    verdict.charges.answer(lambda ordinal: ordinal == 0)
    package_id = f"package-{state.log_size()}"
    state.begin_package(PackageStart(package_id, b"m", "an_office", len(items), date(2026, 3, 2), b""))
    state.commit_package(
        package_id, b"m", b"r", "term", verdict.charges, state.log_size() + 1, planned(package_id)
    )
    return verdict


def test_the_very_same_question_in_a_later_package_has_the_answer_of_the_first_time() -> None:
    state = SimulatedState()
    yes, no = Asked(tin="t", address="a"), Asked(tin="u", birth_date="c", address="b")
    assert after(state, yes, no, allowed=limits(addresses=1)).remembered == {}
    again = after(state, no, yes, allowed=limits(addresses=1))
    assert (again.findings, again.remembered) == ({}, {0: False, 1: True})


def test_the_same_question_is_remembered_where_budgets_are_lifted_too() -> None:
    state = SimulatedState()
    item = Asked(tin="t")
    after(state, item, allowed=LIFTED)
    assert after(state, item, allowed=LIFTED).remembered == {0: True}


def test_in_other_words_a_person_and_an_address_are_not_asked_about_in_a_later_package() -> None:
    state = SimulatedState()
    first = Asked(tin="t", name="n m", address="a", years="2022")
    other_words = [replace(first, years="2023"), replace(first, name="n"), replace(first, tin="")]
    after(state, first, allowed=limits(addresses=2))
    found = after(state, *other_words, first, replace(first, address="b"), allowed=limits(addresses=2))
    assert found.findings == dict.fromkeys(range(3), ("R-74",))
    assert found.remembered == {3: True}


def test_inside_one_package_a_question_may_be_put_in_several_ways() -> None:
    first = Asked(tin="t", address="a", years="2022")
    assert refused(first, replace(first, years="2023"), allowed=limits(addresses=1)) == {}


def test_one_subject_more_than_agreed_at_an_address_is_refused() -> None:
    people = [Asked(tin=f"t{number}") for number in range(4)]
    assert refused(*people, allowed=limits(subjects=3)) == {3: ("R-29",)}
    assert refused(*people[:3], people[0], allowed=limits(subjects=3)) == {}


def test_an_officer_gets_no_more_open_items_than_agreed_and_colleagues_do_not_help() -> None:
    items = [
        Asked(tin="t", officers=("OFF-1",)),
        Asked(tin="u", officers=("OFF-1", "OFF-2")),
        Asked(tin="v", officers=("OFF-2", "OFF-1")),
        Asked(tin="w", officers=("OFF-2",)),
    ]
    assert refused(*items, allowed=limits(caseload=2)) == {2: ("R-24",)}


def test_items_beyond_the_agreed_number_with_one_reason_are_refused() -> None:
    items = [Asked(tin=f"t{number}", reason="r" if number != 2 else "s") for number in range(5)]
    assert refused(*items, allowed=limits(reasons=2)) == {3: ("R-25",), 4: ("R-25",)}


def test_every_budget_that_refuses_is_reported() -> None:
    everything = limits(addresses=1, subjects=1, caseload=1, reasons=1)
    first = Asked(tin="t", address="a")
    items = [
        first,
        Asked(tin="u", address="b", reason="other", officers=("OFF-9",)),
        replace(first, address="b"),
    ]
    assert refused(*items, allowed=everything) == {2: ("R-24", "R-25", "R-28", "R-29")}


def test_with_every_budget_lifted_nothing_is_refused() -> None:
    assert refused(*[Asked(tin="t", address=f"a{number}") for number in range(50)], allowed=LIFTED) == {}


def test_findings_stand_under_the_ordinals_of_the_package() -> None:
    keys = keys_of([])
    keys.append(7, Asked(tin="t", address="a").record(), ("OFF-1",))
    keys.append(12, Asked(tin="t", address="b").record(), ("OFF-1",))
    verdict = examine_history(keys, limits(addresses=1), "term", SimulatedState())
    assert list(verdict.findings) == [12]


def test_the_verdict_is_the_same_however_many_items_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = limits(addresses=1, subjects=3, caseload=9, reasons=8)
    items = [
        Asked(
            tin=f"t{n % 7}",
            name=f"n{n % 5}",
            address=f"a{n % 4}",
            reason=f"r{n % 3}",
            officers=(f"O{n % 2}",),
        )
        for n in range(60)
    ]
    at_once = refused(*items, allowed=everything)
    monkeypatch.setattr(step_07_history, "ROWS_AT_ONCE", 7)
    assert refused(*items, allowed=everything) == at_once
    assert at_once


def test_a_history_that_cannot_be_read_is_an_error_and_never_an_empty_one() -> None:
    with pytest.raises(UnavailableError):
        examine_history(
            keys_of([Asked(tin="t")]), limits(addresses=1), "term", SimulatedState(available=False)
        )
