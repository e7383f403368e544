"""One time has one text, and one text is one time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.times import format_time, parse_date, parse_time


@given(st.datetimes(min_value=datetime(1000, 1, 1, tzinfo=UTC).replace(tzinfo=None), timezones=st.just(UTC)))
def test_a_time_is_read_back_as_written(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert parse_time(format_time(whole)) == whole


def test_times_of_other_zones_are_written_in_utc() -> None:
    there = datetime(2026, 1, 2, 7, 0, tzinfo=timezone(timedelta(hours=-5)))
    assert format_time(there) == "2026-01-02T12:00:00Z"


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 1, 2), datetime(2026, 1, 2, 0, 0, 0, 1, tzinfo=UTC)],  # noqa: DTZ001 - the case under test
    ids=["no zone", "a fraction"],
)
def test_a_time_without_zone_or_with_a_fraction_is_not_written(moment: datetime) -> None:
    with pytest.raises(ValueError, match="time in a document"):
        format_time(moment)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-01-02T12:00:00", "2026-01-02 12:00:00Z", "2026-01-02T12:00:00+00:00", "2026-01-02T12:00Z"),
        *("2026-13-02T12:00:00Z", "2026-01-02T25:00:00Z", "2026-01-02T12:00:00Z\n", "", "20260102T120000Z"),
    ],
)
def test_another_text_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        parse_time(text)


def test_a_date_is_read_in_one_form() -> None:
    assert parse_date("2026-01-31") == date(2026, 1, 31)
    for text in ("20260131", "2026-W05-6", "2026-02-30", "01/31/2026", "2026-1-31", " 2026-01-31", ""):
        assert parse_date(text) is None
