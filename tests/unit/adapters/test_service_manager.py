"""A service tells systemd that it is ready, lives and ends; where nothing listens, nothing happens."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from narrowgate.adapters.service_manager import managed, tell_manager, watchdog_seconds


def test_a_manager_is_told_of_the_start_of_life_and_of_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive = [True]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "60000")
        with managed(lambda: alive[0]):
            assert manager.recv(100) == b"READY=1"
            assert manager.recv(100) == b"WATCHDOG=1"
            alive[0] = False
            time.sleep(0.1)
            manager.setblocking(False)
            with suppress(BlockingIOError):
                while manager.recv(100) == b"WATCHDOG=1":
                    pass  # those that were under way
            time.sleep(0.1)
            with pytest.raises(BlockingIOError):
                manager.recv(100)
        assert manager.recv(100) == b"STOPPING=1"


def test_without_a_manager_and_with_one_that_is_gone_nothing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in ("", "nowhere", str(tmp_path / "gone"), "@narrowgate-test-gone"):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        tell_manager("READY=1")
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    assert watchdog_seconds() is None


def test_the_watchdog_of_another_process_is_not_this_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert watchdog_seconds() == 30
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    assert watchdog_seconds() is None
