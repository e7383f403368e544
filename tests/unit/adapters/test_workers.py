"""Workers give the results of the batches in their order."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from narrowgate.adapters.workers import ProcessWorkers, SerialWorkers, workers_for
from narrowgate.core.errors import ConfigurationError, OperationalError


def double(number: int) -> int:
    return 2 * number


def refuse(number: int) -> int:
    raise ConfigurationError("Refused.", where=str(number))


def die(number: int) -> int:
    os._exit(number)


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_batches(processes: int) -> None:
    assert list(workers_for(processes).map(double, range(20))) == [2 * number for number in range(20)]


def test_one_batch_needs_no_process() -> None:
    assert list(ProcessWorkers(2).map(double, [21])) == [42]


def test_serial_workers_hold_one_batch_at_a_time() -> None:
    drawn: list[int] = []

    def batches() -> Iterator[int]:
        for number in range(3):
            drawn.append(number)
            yield number

    results = SerialWorkers().map(double, batches())
    assert (next(results), drawn) == (0, [0])


def test_an_error_of_a_worker_arrives_whole() -> None:
    with pytest.raises(ConfigurationError) as caught:
        list(ProcessWorkers(2).map(refuse, [1, 2]))
    assert caught.value.where == "1"


def test_a_worker_that_dies_is_an_error_of_the_machine() -> None:
    with pytest.raises(OperationalError, match="ended before"):
        list(ProcessWorkers(2).map(die, [1, 2]))
