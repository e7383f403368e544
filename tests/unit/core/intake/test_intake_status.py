from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from narrowgate.core.agreement.model import Release
from narrowgate.core.agreement.schedule import schedule_of
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.intake.documents import (
    Arrival,
    Ending,
    Notice,
    Problem,
    Terms,
    arrival_bytes,
    notice_bytes,
    parse_arrival,
    parse_notice,
    parse_terms,
    terms_bytes,
)
from narrowgate.core.intake.status import Stage, status_of
from narrowgate.core.request.office import Office

RELEASE = Release(("06:00", "18:00"), 30, "UTC", 2)
SCHEDULE = schedule_of(RELEASE, UTC)
ARRIVED = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
SLOT = datetime(2026, 3, 2, 18, 0, 0, tzinfo=UTC)
OFFICE = next(iter(Office))
ARRIVAL = Arrival(7, "package-1", OFFICE, "a" * 64, "b" * 64, ARRIVED, SLOT)
PROBLEM = Problem("refused", "The package is refused whole.", "Why.", "Do this.", ("R-26", "R-52"))
DECIDED = Notice("package-1", OFFICE, "a" * 64, Ending.DECIDED, SLOT, SLOT + timedelta(days=30))
REFUSED = Notice("package-1", OFFICE, "a" * 64, Ending.REFUSED, SLOT, problem=PROBLEM)
ENDINGS = [None, DECIDED, REFUSED, replace(DECIDED, ending=Ending.ABANDONED)]


@pytest.mark.parametrize("notice", ENDINGS)
@pytest.mark.parametrize("released", [None, SLOT])
def test_before_the_slot_nothing_but_arrival_and_clock_is_seen(
    notice: Notice | None, released: datetime | None
) -> None:
    for minutes in (0, 60, 539):
        now = ARRIVED + timedelta(minutes=minutes)
        seen = status_of(ARRIVAL, notice, released, SCHEDULE, now)
        assert seen == status_of(ARRIVAL, None, None, SCHEDULE, now)
        assert (seen.stage, seen.slot) == (Stage.WAITING, SLOT)


def test_from_the_slot_on_what_became_of_it_is_seen() -> None:
    assert status_of(ARRIVAL, DECIDED, SLOT, SCHEDULE, SLOT).as_json() == {
        "package": "package-1",
        "state": "released",
        "arrived": "2026-03-02T09:00:00Z",
        "released": "2026-03-02T18:00:00Z",
    }
    refused = status_of(ARRIVAL, REFUSED, None, SCHEDULE, SLOT)
    assert refused.as_json()["problem"]["rules"] == ["R-26", "R-52"]
    assert status_of(ARRIVAL, DECIDED, None, SCHEDULE, SLOT).stage is Stage.DECIDED
    assert status_of(ARRIVAL, DECIDED, None, SCHEDULE, SLOT + timedelta(days=30)).stage is Stage.EXPIRED
    assert status_of(ARRIVAL, ENDINGS[3], None, SCHEDULE, SLOT).stage is Stage.ABANDONED


def test_what_was_not_ready_at_its_slot_waits_for_the_next_one_and_says_no_more() -> None:
    following = SLOT + timedelta(hours=12)
    late = replace(DECIDED, shown_from=following)
    for notice in (None, late):
        seen = status_of(ARRIVAL, notice, None, SCHEDULE, SLOT + timedelta(hours=1))
        assert (seen.stage, seen.slot) == (Stage.WAITING, following)
    assert status_of(ARRIVAL, late, None, SCHEDULE, following).stage is Stage.DECIDED


def test_without_terms_no_slot_is_promised() -> None:
    unknown = replace(ARRIVAL, slot=None)
    assert status_of(unknown, None, None, None, SLOT).as_json() == {
        "package": "package-1",
        "state": "received",
        "arrived": "2026-03-02T09:00:00Z",
    }
    assert status_of(unknown, None, None, SCHEDULE, ARRIVED).slot == SLOT


def test_the_documents_say_again_what_was_written() -> None:
    assert parse_arrival(arrival_bytes(ARRIVAL), "here") == ARRIVAL
    assert parse_arrival(arrival_bytes(replace(ARRIVAL, slot=None)), "here").slot is None
    terms = Terms("c" * 64, RELEASE)
    assert parse_terms(terms_bytes(terms), "here") == terms
    for notice in ENDINGS[1:]:
        assert notice is not None
        assert parse_notice(notice_bytes(notice), "here") == notice


@pytest.mark.parametrize(
    "bad", [b"{}", b"[]", notice_bytes(DECIDED)[:-1] + b',"x":1}', arrival_bytes(ARRIVAL)]
)
def test_nothing_else_is_a_notice(bad: bytes) -> None:
    with pytest.raises(EnvelopeError):
        parse_notice(bad, "here")
