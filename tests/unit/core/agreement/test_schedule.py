"""A slot is known at receipt: the first of the schedule that is far enough away, through leaps of the clock, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.adapters.time_zones import time_zone
from narrowgate.core.agreement.model import Release
from narrowgate.core.agreement.schedule import Schedule, schedule_of

NEW_YORK = "America/New_York"


def schedule(*times: str, zone: str = NEW_YORK, hours: int = 1) -> Schedule:
    return schedule_of(Release(times, 30, zone, hours), time_zone(zone))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("received", "slot"),
    [
        ("2027-01-04T15:59:59", "2027-01-04T17:00:00"),
        ("2027-01-04T16:00:00", "2027-01-04T17:00:00"),
        ("2027-01-04T16:00:01", "2027-01-04T23:00:00"),
        ("2027-01-04T22:00:01", "2027-01-05T17:00:00"),
        ("2027-07-04T15:00:00", "2027-07-04T16:00:00"),
    ],
)
def test_a_package_leaves_at_the_first_slot_that_is_far_enough_away(received: str, slot: str) -> None:
    assert schedule("12:00", "18:00").slot_of(utc(received)) == utc(slot)


def test_a_package_that_missed_its_slot_takes_the_next_later_one() -> None:
    noon = schedule("12:00", "18:00")
    assert noon.next_slot(utc("2027-01-04T17:00:00")) == utc("2027-01-04T23:00:00")
    assert noon.next_slot(utc("2027-01-04T23:00:01")) == utc("2027-01-05T17:00:00")


def test_a_time_that_the_day_leaves_out_is_counted_by_the_offset_before_the_leap() -> None:
    # 2027-03-14: 02:00 to 03:00 do not exist in New York.
    assert schedule("02:30").slot_of(utc("2027-03-14T00:00:00")) == utc("2027-03-14T07:30:00")
    assert schedule("02:30").next_slot(utc("2027-03-14T07:30:00")) == utc("2027-03-15T06:30:00")
    # The later one of the two lies earlier in this one night.
    assert schedule("02:30", "03:15").slot_of(utc("2027-03-14T05:30:00")) == utc("2027-03-14T07:15:00")


def test_a_time_that_the_day_has_twice_is_the_first_of_the_two() -> None:
    # 2027-11-07: 01:00 to 02:00 exist twice in New York.
    assert schedule("01:30").slot_of(utc("2027-11-07T00:00:00")) == utc("2027-11-07T05:30:00")
    assert schedule("01:30").next_slot(utc("2027-11-07T05:30:00")) == utc("2027-11-08T06:30:00")


def test_a_day_that_a_zone_left_out_whole_has_slots_by_the_offset_before() -> None:
    # Samoa went from 2011-12-29 to 2011-12-31; both dates' slots fall on one moment.
    samoa = schedule("12:00", zone="Pacific/Apia")
    assert samoa.slot_of(utc("2011-12-30T05:00:00")) == utc("2011-12-30T22:00:00")
    assert samoa.next_slot(utc("2011-12-30T22:00:00")) == utc("2011-12-31T22:00:00")


def test_without_a_schedule_the_slot_is_the_receipt() -> None:
    at_once = schedule_of(Release((), 30), UTC)
    assert at_once.slot_of(utc("2027-01-04T15:59:59")) == utc("2027-01-04T15:59:59")
    with pytest.raises(ValueError, match="no slots"):
        at_once.next_slot(utc("2027-01-04T15:59:59"))


@given(
    times=st.sets(st.times().map(lambda at: f"{at:%H:%M}"), min_size=1, max_size=6),
    zone=st.sampled_from(
        [NEW_YORK, "UTC", "America/Anchorage", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kolkata"]
    ),
    received=st.datetimes(datetime(2010, 1, 1), datetime(2037, 12, 31)),  # noqa: DTZ001 - made aware below
    hours=st.integers(1, 72),
)
def test_a_slot_is_a_time_of_the_schedule_far_enough_away_and_none_lies_between(
    times: set[str], zone: str, received: datetime, hours: int
) -> None:
    found = schedule(*sorted(times), zone=zone, hours=hours)
    at = received.replace(tzinfo=UTC, microsecond=0)
    slot = found.slot_of(at)
    assert at + timedelta(hours=hours) <= slot <= at + timedelta(hours=hours + 49)
    assert found.next_slot(slot) > slot
    earlier = at + timedelta(hours=hours, seconds=-1)
    assert found.next_slot(earlier) == slot, "nothing lies between"
    around = [slot + timedelta(days) for days in (-1, 0, 1)]
    local = [moment.astimezone(time_zone(zone)) for moment in around]
    if len({moment.utcoffset() for moment in local}) == 1:
        assert f"{local[1]:%H:%M}" in times
