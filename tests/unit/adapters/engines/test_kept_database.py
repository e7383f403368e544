from __future__ import annotations

from pathlib import Path

import pytest

from narrowgate.adapters.engines.duckdb.connection import connect


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="tells threads by /proc")
def test_a_process_that_probes_for_one_gate_after_another_keeps_one_database(tmp_path: Path) -> None:
    def probe(gate: str) -> int:
        with connect("100MB", 4, tmp_path / gate, keep=True) as connection:
            (answer,) = connection.execute("SELECT sum(i) FROM range(1000000) of_them(i)").fetchall()
        assert answer == (499_999_500_000,)
        return threads()

    first = probe("first")

    assert max(probe(f"gate {number}") for number in range(4)) <= first


def test_a_database_that_was_kept_answers_again(tmp_path: Path) -> None:
    for _ in range(2):
        with connect("100MB", 1, tmp_path, keep=True) as connection:
            assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_a_database_in_which_something_failed_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), connect("100MB", 1, tmp_path, keep=True) as failed:
        raise RuntimeError

    with connect("100MB", 1, tmp_path, keep=True) as connection:
        assert connection is not failed


def test_databases_that_are_open_together_share_the_memory_that_is_set(tmp_path: Path) -> None:
    def limit(shared_by: int) -> float:
        with connect("400MiB", 1, tmp_path, shared_by=shared_by) as connection:
            ((size,),) = connection.execute("SELECT current_setting('memory_limit')").fetchall()
        number, unit = size.split()
        assert unit == "MiB"
        return float(number)

    assert (limit(1), limit(4)) == (400, 100)
