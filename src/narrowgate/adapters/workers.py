"""All cores for pure functions of a batch (``gate.ports.Workers``)."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import chain, cycle, islice
from multiprocessing.context import BaseContext
from multiprocessing.util import get_temp_dir
from typing import Any, TypeVar

from narrowgate.core.base.errors import OperationalError

Input = TypeVar("Input")
Output = TypeVar("Output")

_WAITING_PER_PROCESS = 12
"""Batches under way for each process: enough to work on while the results are used."""


_LONGEST_DIRECTORY = 80
"""Bytes of a directory in which a socket has a path that sockets may have, 108 with its name (unix(7))."""

_KEEPS_TO_ITSELF = (3, 11, 1)
"""The first Python whose server of forks has a socket that other users of the machine cannot reach (CVE-2022-42919)."""

_TO_SHARE = "narrowgate.adapters.shared_by_forks"
"""Reads the tables of addresses, which all processes need, before the first of them is forked."""

_PROCESS = os.getpid()
"""That loaded this module; a fork of it has another number."""

_FEW_BATCHES = 3
"""Up to so many batches are not worth a new process: to start one takes longer than they do."""


class SerialWorkers:
    """This process alone."""

    def map(self, function: Callable[[Input], Output], batches: Iterable[Input]) -> Iterator[Output]:
        """The results in the order of the batches, one at a time."""
        return map(function, batches)


class ProcessWorkers:
    """Several processes, started with the first work of more than a few batches; ``close`` ends them.

    They are forked from a process that has loaded what they need and nothing else, so that it is loaded once for all
    of them. Not from this one: a fork beside the threads of Arrow and DuckDB may hang, and would inherit what is open
    here. They collect no cycles: a pure function leaves none, and looking for some among a million cached parts takes
    longer than the work.

    Args:
        processes: how many, at least one.
        in_turn: the batches go to the processes in turn, so that their order says which process has which;
            else to the process that is free.
    """

    def __init__(self, processes: int, *, in_turn: bool = False) -> None:
        self._processes = processes
        self._in_turn = in_turn
        self._pools: list[ProcessPoolExecutor] = []

    def map(self, function: Callable[[Input], Output], batches: Iterable[Input]) -> Iterator[Output]:
        """The results in the order of the batches, holding only a few batches in memory.

        Raises:
            OperationalError: a process died; whatever ``function`` raises.
        """
        waiting = iter(batches)
        first = list(islice(waiting, _FEW_BATCHES + 1))
        few = 1 if self._pools else _FEW_BATCHES
        if self._processes == 1 or len(first) <= few:
            yield from map(function, chain(first, waiting))
            return
        try:
            yield from self._in_order(self._started(function), function, chain(first, waiting))
        except BrokenProcessPool as error:
            raise OperationalError(
                "A worker process ended before its work was done.",
                why="It was killed, or memory ran out.",
                next_step="Run the command again, with fewer workers if memory is short.",
            ) from error

    def _started(self, function: Callable[..., Any]) -> list[ProcessPoolExecutor]:
        if not self._pools:
            context = loaded_context(function)
            sizes = [1] * self._processes if self._in_turn else [self._processes]
            self._pools = [ProcessPoolExecutor(size, context, initializer=_begin) for size in sizes]
        return self._pools

    def close(self) -> None:
        """No process is left, and what none had begun is dropped.

        Not left to the collection of garbage: that may happen in the thread that would be waited for.
        """
        for pool in self._pools:
            pool.shutdown(wait=True, cancel_futures=True)
        self._pools = []

    def _in_order(
        self, pools: list[ProcessPoolExecutor], function: Callable[[Input], Output], batches: Iterator[Input]
    ) -> Iterator[Output]:
        under_way: deque[Future[Output]] = deque()
        try:
            for batch, pool in zip(batches, cycle(pools), strict=False):
                under_way.append(pool.submit(function, batch))
                if len(under_way) >= self._processes * _WAITING_PER_PROCESS:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for waiting in under_way:
                waiting.cancel()


def loaded_context(function: Callable[..., Any], *modules: str) -> BaseContext:
    """What starts processes that have the module of the function, and this one, loaded.

    The first call of a process says which: the process that all are forked from is started once, and ends with this
    one. It is reached by a socket in the directory for temporary files. Where there is none, where its path is longer
    than a socket's may be, in a fork of a process, whose own it is not, and under a Python that lets other users
    reach it, each process is started anew.

    Args:
        function: that the processes are to call, or a partial one.
        modules: which others will need.
    """
    while isinstance(function, partial):
        function = function.func
    if sys.version_info < _KEEPS_TO_ITSELF or os.getpid() != _PROCESS or not _can_hold_socket():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, function.__module__, *modules, _TO_SHARE])
    return context


def _can_hold_socket() -> bool:
    try:
        return len(os.fsencode(get_temp_dir())) <= _LONGEST_DIRECTORY
    except OSError:
        return False


def _begin() -> None:
    """What a new process does first: an interrupt at the terminal goes to all, and the first one answers it.

    A process whose parent was killed ends too: it holds what the batches held. One that is done ends at once: to take
    apart a million cached parts takes it seconds, and the system has them back anyway.
    """
    gc.disable()
    atexit.register(os._exit, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


@contextmanager
def workers_for(processes: int, *, in_turn: bool = False) -> Iterator[SerialWorkers | ProcessWorkers]:
    """As many processes as asked for, ended on the way out; this one alone when that is one.

    Args:
        processes: how many.
        in_turn: as for ``ProcessWorkers``.
    """
    if processes == 1:
        yield SerialWorkers()
        return
    workers = ProcessWorkers(processes, in_turn=in_turn)
    try:
        yield workers
    finally:
        workers.close()
