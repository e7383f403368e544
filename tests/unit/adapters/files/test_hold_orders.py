"""Orders of holds are read in the sequence in which they were given, whole or not at all."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from narrowgate.adapters.files.hold_orders import DirectoryHoldOrders
from narrowgate.core.base.errors import OperationalError
from narrowgate.gate.holds import HoldOrder
from support.requests import NOW


def test_orders_wait_in_sequence_until_they_are_done(tmp_path: Path) -> None:
    orders = DirectoryHoldOrders(tmp_path / "holds")
    assert list(orders.waiting()) == []
    orders.give("all", lift=False, ordered=NOW)
    orders.give("all", lift=True, ordered=NOW + timedelta(hours=1))
    first, second = orders.waiting()
    assert first == HoldOrder(1, "all", False, NOW)
    assert second == HoldOrder(2, "all", True, NOW + timedelta(hours=1))
    orders.done(first)
    orders.done(first)
    assert list(orders.waiting()) == [second]


def test_orders_given_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    orders = DirectoryHoldOrders(tmp_path / "holds")
    threads = [
        Thread(target=lambda: DirectoryHoldOrders(tmp_path / "holds").give("all", lift=False, ordered=NOW))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [order.number for order in orders.waiting()] == list(range(1, 9))


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"order":"stop","ordered":"2026-01-01T00:00:00Z","scope":"all"}']
)
def test_an_order_that_cannot_be_understood_stops_the_gate_rather_than_being_passed_over(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "000000001.json").write_bytes(content)
    with pytest.raises(OperationalError, match="cannot be understood"):
        DirectoryHoldOrders(tmp_path).waiting()


def test_a_pipe_in_the_place_of_an_order_stops_the_gate_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "000000001.json")
    with pytest.raises(OperationalError, match="regular"):
        DirectoryHoldOrders(tmp_path).waiting()
