"""The budgets hold exactly, over packages and within one, against every way of asking again."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.core.address.examine import examine as examine_address
from narrowgate.core.address.keys import keys as address_keys
from narrowgate.core.address.model import RawAddress
from narrowgate.core.agreement.model import Limits
from narrowgate.core.eligibility.history.keys import HistoryDigester, HistoryKeys
from narrowgate.core.person.examine import examine as examine_person
from narrowgate.core.person.model import RawPerson
from narrowgate.gate.ports import PackageStart, StateStore
from narrowgate.gate.step_07_history import examine_history
from support.history_items import Asked, keys_of, limits
from support.simulated_state import SimulatedState

Verdicts = list[dict[int, tuple[str, ...]]]


def some(letter: str, count: int) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *(f"{letter}{number}" for number in range(count))])


ITEMS = st.builds(
    Asked,
    tin=some("t", 4),
    alien=some("a", 4),
    order=st.sampled_from([f"o{number}" for number in range(6)]),
    name=some("n", 4),
    address=st.sampled_from([f"address {number}" for number in range(4)]),
    reason=st.sampled_from([f"reason {number}" for number in range(3)]),
    officers=st.sampled_from([("OFF-1",), ("OFF-2",), ("OFF-1", "OFF-2"), ("OFF-3",)]),
)
PACKAGES = st.lists(st.lists(ITEMS, max_size=12), min_size=1, max_size=4)
BUDGETS = st.builds(
    limits,
    addresses=st.sampled_from([None, 1, 2, 3]),
    subjects=st.sampled_from([None, 1, 2, 4]),
    caseload=st.sampled_from([None, 3, 8]),
    reasons=st.sampled_from([None, 2, 6]),
)


@dataclass
class Oracle:
    """The rules as one would say them: admitted items are kept, and everything is counted anew."""

    allowed: Limits
    admitted: list[Asked] = field(default_factory=list)

    def judge(self, item: Asked) -> tuple[str, ...]:
        with_item = [*self.admitted, item]
        subject_of = self.subjects(with_item)
        own = subject_of[-1]
        counts = {
            "R-24": max(sum(name in other.officers for other in with_item) for name in item.officers),
            "R-25": sum(other.reason == item.reason for other in with_item),
            "R-28": len(
                {o.address for o, subject in zip(with_item, subject_of, strict=True) if subject == own}
            ),
            "R-29": len(
                {
                    subject
                    for o, subject in zip(with_item, subject_of, strict=True)
                    if o.address == item.address
                }
            ),
        }
        figures = {
            "R-24": self.allowed.caseload_per_officer,
            "R-25": self.allowed.identical_reasons,
            "R-28": self.allowed.distinct_addresses_per_subject,
            "R-29": self.allowed.subjects_per_address,
        }
        found = tuple(rule for rule, limit in figures.items() if limit is not None and counts[rule] > limit)
        if not found:
            self.admitted.append(item)
        return found

    @staticmethod
    def subjects(items: list[Asked]) -> list[int]:
        """The connected component of each item."""
        subject_of = list(range(len(items)))
        for _ in items:
            for left, one in enumerate(items):
                for right, other in enumerate(items):
                    if any(a and a == b for a, b in zip(one.identifiers, other.identifiers, strict=True)):
                        subject_of[left] = subject_of[right] = min(subject_of[left], subject_of[right])
        return subject_of


def run(state: StateStore, packages: list[list[Asked]], allowed: Limits) -> Verdicts:
    verdicts = []
    for number, items in enumerate(packages):
        package_id = f"package-{number}"
        verdict = examine_history(keys_of(items), allowed, "term", state)
        verdicts.append(dict(verdict.findings))
        state.begin_package(PackageStart(package_id, b"m", "an_office", len(items), date(2026, 3, 2), b""))
        state.commit_package(package_id, b"m", b"r", "term", verdict.charges, 7)
    return verdicts


def expected(packages: list[list[Asked]], allowed: Limits) -> Verdicts:
    oracle = Oracle(allowed)
    return [
        {row: found for row, found in enumerate([oracle.judge(item) for item in items]) if found}
        for items in packages
    ]


@settings(max_examples=100, deadline=None)
@given(PACKAGES, BUDGETS)
def test_the_history_refuses_exactly_what_the_rules_say(packages: list[list[Asked]], allowed: Limits) -> None:
    assert run(SimulatedState(), packages, allowed) == expected(packages, allowed)


@settings(max_examples=25, deadline=None)
@given(PACKAGES, BUDGETS)
def test_the_history_in_sql_refuses_exactly_what_the_rules_say(
    packages: list[list[Asked]], allowed: Limits
) -> None:
    with (
        tempfile.TemporaryDirectory() as directory,
        SqlState.open(f"sqlite:///{Path(directory) / 'state.db'}") as state,
    ):
        assert run(state, packages, allowed) == expected(packages, allowed)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 9),
            st.sampled_from(["tin", "name", "both"]),
            st.integers(0, 3),
            st.integers(0, 3),
            st.booleans(),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_an_attacker_who_once_gave_both_identifiers_gets_one_address_answered(
    tries: list[tuple[int, str, int, int, bool]],
) -> None:
    """New case numbers, other officers, other packages, replays: one distinct address is admitted."""
    packages: list[list[Asked]] = [[Asked(tin="t", name="n", order="o", address="address 0")]]
    for candidate, path, order, officer, new_package in tries:
        if new_package:
            packages.append([])
        packages[-1].append(
            Asked(
                tin="t" if path != "name" else "",
                name="n" if path != "tin" else "",
                order=f"new order {order}",
                address=f"address {candidate}",
                reason=f"reason {candidate}",
                officers=(f"OFF-{officer}",),
            )
        )
    verdicts = run(SimulatedState(), packages, limits(addresses=1))
    admitted = {
        item.address
        for items, verdict in zip(packages, verdicts, strict=True)
        for row, item in enumerate(items)
        if row not in verdict
    }
    assert admitted == {"address 0"}


WRITTEN_NAMES = [
    ("Maria Elena", "Garcia Lopez"),
    ("MARIA", "LOPEZ GARCIA"),
    ("maria e.", "García-López"),
    ("María", "Garcia y Lopez"),
]
"""Writings of one full name; none of them is another identity."""

WRITTEN_STREETS = ["{} N Oak St Apt 4", "{} north oak street #4", "{} N. OAK ST., UNIT 4"]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["900-70-1234", ""]),
    st.lists(
        st.tuples(
            st.integers(100, 109),
            st.sampled_from(WRITTEN_NAMES),
            st.sampled_from(WRITTEN_STREETS),
            st.integers(100, 999),
        ),
        min_size=1,
        max_size=30,
    ),
)
def test_spellings_and_new_case_numbers_do_not_make_another_person(
    tin: str, tries: list[tuple[int, tuple[str, str], str, int]]
) -> None:
    """With M candidate addresses for one person, one is answered, however names and numbers are written."""
    digester = HistoryDigester(b"k" * 32, b"term")
    keys = HistoryKeys()
    for ordinal, (number, (given_names, surnames), street, order) in enumerate(tries):
        person = examine_person(RawPerson(given_names, surnames, "", "1980-02-03", tin)).person
        point = examine_address(RawAddress(street.format(number), "", "Tulsa", "OK", "74115")).delivery_point
        assert person is not None
        assert point is not None
        reason = f"reason for {number}"
        record = digester.record(person, f"A{order}", f"RO-{order}", address_keys(point)[0], reason)
        keys.append(ordinal, record, ("OFF-1",))
    findings = examine_history(keys, limits(addresses=1), "term", SimulatedState()).findings
    admitted = {number for ordinal, (number, _, _, _) in enumerate(tries) if ordinal not in findings}
    assert admitted == {tries[0][0]}
