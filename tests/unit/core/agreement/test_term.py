"""The term of an agreement outlives its amendments, and no two terms overlap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from narrowgate.core.agreement.term import Term, require_continuous, term_of
from narrowgate.core.base.errors import ConfigurationError
from support.requests import example_agreement

TERM = Term("agreement-1", "a custodian", "a requester", date(2026, 1, 1), date(2026, 12, 31))
NEXT = replace(TERM, id="agreement-2", effective=date(2027, 1, 1), expires=date(2027, 12, 31))


def test_an_amendment_of_anything_but_id_parties_and_first_day_keeps_the_digest() -> None:
    agreement = example_agreement()
    amended = replace(
        agreement,
        title="Another title",
        version=2,
        expires=date(2027, 10, 31),
        limits=replace(agreement.limits, packages_per_day=1),
        digest="0" * 64,
    )
    assert term_of(amended).digest == term_of(agreement).digest


@pytest.mark.parametrize(
    "change",
    [
        {"id": "another"},
        {"custodian": "another"},
        {"requester": "another"},
        {"effective": date(2026, 1, 2)},
        {"custodian": "a", "requester": "custodian"},
    ],
)
def test_another_id_party_or_first_day_is_another_term(change: dict[str, object]) -> None:
    assert replace(TERM, **change).digest != TERM.digest  # type: ignore[arg-type]  # fields by name


def test_a_first_term_an_amended_one_and_one_after_it_are_let_through() -> None:
    require_continuous((), TERM)
    require_continuous((TERM,), replace(TERM, expires=date(2027, 6, 30)))
    require_continuous((TERM,), replace(TERM, expires=date(2026, 6, 30)))
    require_continuous((TERM,), NEXT)
    require_continuous((TERM, NEXT), TERM)


@pytest.mark.parametrize(
    ("current", "said"),
    [
        (replace(TERM, requester="another"), "other parties"),
        (replace(TERM, effective=date(2025, 12, 31)), "another first day"),
        (replace(NEXT, effective=date(2026, 12, 31)), "overlaps"),
        (replace(TERM, id="agreement-0"), "overlaps"),
        (replace(TERM, id="agreement-0", custodian="another"), "overlaps"),
    ],
)
def test_what_would_begin_the_budgets_anew_is_refused(current: Term, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        require_continuous((TERM,), current)


def test_an_amendment_that_runs_into_the_next_term_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="overlaps"):
        require_continuous((TERM, NEXT), replace(TERM, expires=date(2027, 1, 1)))
