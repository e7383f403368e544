import time
from datetime import UTC, datetime

from narrowgate.adapters.clock import FixedClock, SystemClock


def test_the_system_clock_tells_the_machine_s_time_in_utc_and_whole_seconds() -> None:
    before = time.time_ns() // 1_000_000_000
    told = SystemClock().now()
    after = time.time_ns() // 1_000_000_000
    assert before <= told.timestamp() <= after
    assert told.tzinfo is UTC
    assert told.microsecond == 0


def test_a_fixed_clock_stands_still() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    clock = FixedClock(noon)
    assert [clock.now(), clock.now()] == [noon, noon]
