"""The budgets hold exactly, over packages and within one, against every way of asking again."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys as address_keys
from narrowgate.core.address.model import RawAddress
from narrowgate.core.agreement.model import Limits
from narrowgate.core.eligibility.history.digests import HistoryDigester
from narrowgate.core.eligibility.history.keys import HistoryKeys
from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.identity import IdentityKey, record_identities, request_identities
from narrowgate.core.person.model import RawPerson
from narrowgate.gate.ports import PackageStart, StateStore
from narrowgate.gate.step_07_history import examine_history
from support.history_items import Asked, keys_of, limits
from support.releases import planned
from support.simulated_state import SimulatedState

Verdicts = list[dict[int, tuple[str, ...]]]


def some(letter: str, count: int) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *(f"{letter}{number}" for number in range(count))])


ITEMS = st.builds(
    Asked,
    tin=some("t", 4),
    alien=some("a", 4),
    order=st.sampled_from([f"o{number}" for number in range(6)]),
    name=st.sampled_from(["", "n0", "n1", "n0 n1", "n2", "n1 n2 n3"]),
    birth_date=st.sampled_from(["b0", "b0", "b0", "b1"]),
    years=st.sampled_from(["2022", "2022", "2023"]),
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
    subjects: list[list[Asked]] = field(default_factory=list)
    before: list[Asked] = field(default_factory=list)

    def begin_package(self) -> None:
        self.before = list(self.admitted)

    def judge(self, item: Asked) -> tuple[str, ...]:
        with_item = [*self.admitted, item]
        own = [subject for subject in self.subjects if self.is_about(item, subject)]
        others = [subject for subject in self.subjects if subject not in own]
        together = [item, *(earlier for subject in own for earlier in subject)]
        counts = {
            "R-24": max(sum(name in other.officers for other in with_item) for name in item.officers),
            "R-25": sum(other.reason == item.reason for other in with_item),
            "R-28": len({one.address for one in together}),
            "R-29": 1 + sum(any(one.address == item.address for one in subject) for subject in others),
        }
        figures = {
            "R-24": self.allowed.caseload_per_officer,
            "R-25": self.allowed.identical_reasons,
            "R-28": self.allowed.distinct_addresses_per_subject,
            "R-29": self.allowed.subjects_per_address,
        }
        keeps_subjects = figures["R-28"] is not None or figures["R-29"] is not None
        found = {rule for rule, limit in figures.items() if limit is not None and counts[rule] > limit}
        if keeps_subjects and self.contradicts(together):
            found = found - {"R-28", "R-29"} | {"R-73"}
        elif figures["R-28"] is not None and self.in_other_words(item, together):
            found.add("R-74")
        if not found:
            self.admitted.append(item)
            if keeps_subjects:
                self.subjects = [*others, together]
        return tuple(sorted(found))

    @staticmethod
    def is_about(item: Asked, subject: list[Asked]) -> bool:
        """One number in common, or birth date and a name: then not if both have TINs and they differ."""
        for one in subject:
            if any(a and a == b for a, b in zip(item.numbers, one.numbers, strict=True)):
                return True
        tins = {one.tin for one in subject} - {""}
        if item.tin and tins - {item.tin}:
            return False
        return any(set(item.names) & set(one.names) for one in subject)

    @staticmethod
    def contradicts(together: list[Asked]) -> bool:
        return len({one.birth_date for one in together}) > 1 or len({one.tin for one in together} - {""}) > 1

    def in_other_words(self, item: Asked, together: list[Asked]) -> bool:
        earlier = [one for one in self.before if any(one is other for other in together)]
        asked_here = any(one.address == item.address for one in earlier)
        return asked_here and all(one.question != item.question for one in self.before)


def run(state: StateStore, packages: list[list[Asked]], allowed: Limits) -> Verdicts:
    verdicts = []
    for number, items in enumerate(packages):
        package_id = f"package-{number}"
        verdict = examine_history(keys_of(items), allowed, "term", state)
        verdicts.append(dict(verdict.findings))
        verdict.charges.answer(lambda ordinal: ordinal % 2 == 0)
        state.begin_package(PackageStart(package_id, b"m", "an_office", len(items), date(2026, 3, 2), b""))
        state.commit_package(package_id, b"m", b"r", "term", verdict.charges, 7, planned(package_id))
    return verdicts


def expected(packages: list[list[Asked]], allowed: Limits) -> Verdicts:
    oracle = Oracle(allowed)
    verdicts = []
    for items in packages:
        oracle.begin_package()
        verdicts.append({row: found for row, item in enumerate(items) if (found := oracle.judge(item))})
    return verdicts


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
    ("Maria", "Garcia"),
    ("Maria", "Lopez"),
    ("Mary", "Lopez"),
]
"""Writings of one name, whole or in part, and a nickname; none of them is another person."""

WRITTEN_STREETS = ["{} N Oak St Apt 4", "{} north oak street #4", "{} N. OAK ST., UNIT 4"]


@dataclass(frozen=True)
class Try:
    """One question of somebody who wants many answers about one person, each at an address of its own."""

    names: tuple[str, str] = ("Maria Elena", "Garcia Lopez")
    birth_date: str = "1980-02-03"
    tin: str = "900-70-1234"
    alien_number: str = "A012345678"
    street: str = "{} N Oak St Apt 4"
    number: int = 0
    new_package: bool = False


TRUE_NAMES = ("Maria Elena", "Garcia Lopez")
TRUE = Try()
FALSE_BIRTH_DATES = ("1980-03-02", "1981-02-03")
FALSE_TIN = "900-70-4321"
FALSE_ALIEN_NUMBERS = ("A087654321", "A087654322")


def tries(
    birth_dates: tuple[str, ...], tins: tuple[str, ...], names: list[tuple[str, str]]
) -> st.SearchStrategy[list[Try]]:
    return st.lists(
        st.builds(
            Try,
            names=st.sampled_from(names),
            birth_date=st.sampled_from(birth_dates),
            tin=st.sampled_from(tins),
            alien_number=st.sampled_from([TRUE.alien_number, "", *FALSE_ALIEN_NUMBERS]),
            street=st.sampled_from(WRITTEN_STREETS),
            number=st.integers(100, 109),
            new_package=st.booleans(),
        ),
        min_size=1,
        max_size=20,
    )


def addresses_answered(
    tried: list[Try], records: list[RawPerson], accepted: tuple[IdentityKey, ...] = tuple(IdentityKey)
) -> set[int]:
    """The addresses at which the person of ``records`` was really asked about: admitted, and able to meet a record."""
    digester = HistoryDigester(b"k" * 32, b"term")
    state = SimulatedState()
    meets = {
        identity
        for record in records
        if (person := examine_person(record).person)
        for identity in record_identities(person)
    }
    useful: dict[int, int] = {}
    answered: set[int] = set()
    keys = HistoryKeys()
    for ordinal, one in enumerate([*tried, Try(number=1, new_package=True)]):
        if one.new_package and len(keys):
            verdict = examine_history(keys, limits(addresses=1), "term", state)
            answered |= {
                useful[row] for row in keys.ordinals if row not in verdict.findings and row in useful
            }
            package_id = f"package-{ordinal}"
            state.begin_package(PackageStart(package_id, b"m", "an_office", 1, date(2026, 3, 2), b""))
            state.commit_package(package_id, b"m", b"r", "term", verdict.charges, 7, planned(package_id))
            keys = HistoryKeys()
        person = examine_person(RawPerson(*one.names, "", one.birth_date, one.tin)).person
        point = examine_address(
            RawAddress(one.street.format(one.number), "", "Tulsa", "OK", "74115")
        ).delivery_point
        assert person is not None
        assert point is not None
        numbers = (one.alien_number, f"RO-{ordinal}")
        keys.append(
            ordinal,
            digester.record(person, numbers, address_keys(point), (2022,), f"reason for {ordinal}"),
            ("OFF-1",),
        )
        if meets & set(request_identities(person, accepted)):
            useful[ordinal] = one.number
    return answered


RECORD = RawPerson(*TRUE_NAMES, "", TRUE.birth_date, TRUE.tin)


@settings(max_examples=100, deadline=None)
@given(tries((TRUE.birth_date,), (TRUE.tin, ""), WRITTEN_NAMES))
def test_a_requester_who_leaves_identifiers_out_gets_one_address_answered(tried: list[Try]) -> None:
    """With or without the TIN, in other spellings, with other order and alien numbers, in other packages."""
    assert len(addresses_answered(tried, [RECORD])) <= 1


@settings(max_examples=150, deadline=None)
@given(tries((TRUE.birth_date, *FALSE_BIRTH_DATES), (TRUE.tin, "", FALSE_TIN), WRITTEN_NAMES))
def test_a_liar_gets_one_address_more_and_never_two(tried: list[Try]) -> None:
    """Beside the TIN the birth date is not compared: a false one there keeps the true one for a second question."""
    assert len(addresses_answered(tried, [RECORD])) <= 2


@settings(max_examples=100, deadline=None)
@given(tries((TRUE.birth_date, *FALSE_BIRTH_DATES), (TRUE.tin, "", FALSE_TIN), WRITTEN_NAMES))
def test_where_the_number_counts_with_the_birth_date_only_a_liar_gains_nothing(tried: list[Try]) -> None:
    accepted = (IdentityKey.TIN_AND_BIRTH_DATE, IdentityKey.BIRTH_DATE)
    assert len(addresses_answered(tried, [RECORD], accepted)) <= 1


def test_what_a_liar_gains_is_one_address() -> None:
    lie = Try(birth_date=FALSE_BIRTH_DATES[0], alien_number="", number=100)
    truth = Try(tin="", alien_number="", number=101)
    assert addresses_answered([lie, truth], [RECORD]) == {100, 101}
    assert addresses_answered([replace(lie, birth_date=TRUE.birth_date), truth], [RECORD]) == {100}
    assert addresses_answered(
        [replace(lie, alien_number=TRUE.alien_number), replace(truth, alien_number=TRUE.alien_number)],
        [RECORD],
    ) == {100}


def test_a_person_who_filed_under_two_names_without_one_in_common_has_one_budget_for_each() -> None:
    """Without a number in common nothing tells that the two are one person: stated, and counted here."""
    married = RawPerson("Maria Elena", "Cruz", "", TRUE.birth_date, TRUE.tin)
    maiden_name = Try(tin="", alien_number="", number=100)
    married_name = Try(tin="", alien_number="", names=("Maria Elena", "Cruz"), number=101)
    assert addresses_answered([maiden_name, married_name], [RECORD, married]) == {100, 101}
    with_number = replace(maiden_name, alien_number=TRUE.alien_number)
    assert addresses_answered(
        [with_number, replace(married_name, alien_number=TRUE.alien_number)], [RECORD, married]
    ) == {100}
