"""All leaves of a log in one pass, a run at a time, in several processes, against the signed root."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Generic, TypeVar

from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.file_names import CHECKPOINT
from narrowgate.core.log.merkle import leaf_hash, root
from narrowgate.core.log.tiles import ENTRIES, TILE_WIDTH, decode_bundle, tile_holding
from narrowgate.verify.files import read_bytes

R = TypeVar("R")
T = TypeVar("T")
Work = Callable[[int, Sequence[bytes]], T]

RUN = 32 * TILE_WIDTH
"""Leaves of a run, but for the last one of a log."""
IN_ONE_PROCESS = 8 * RUN
"""A log up to this size is read faster than a second process starts."""


@dataclass(frozen=True, slots=True)
class _Done(Generic[T]):
    roots: list[bytes]
    result: T


def available_processes() -> int:
    """Returns how many processes this machine lets us run at once, eight at most."""
    known = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(8, known)


def over_runs(directory: Path, checkpoint: Checkpoint, work: Work[T], processes: int = 1) -> Iterator[T]:
    """Yields what ``work`` says of each run of leaves, in order; its end proves that they are those signed.

    The leaves are hashed where they are read. Only after the last result is the root compared with the checkpoint's:
    let no result leave before the iterator has ended. Tiles and older partial files are not looked at, which
    ``verify_log`` does.

    Args:
        directory: the log.
        checkpoint: of the log, its signature verified.
        work: a function of a module, told the index of the first leaf and the leaves of a run, at most ``RUN``; its
            results travel between processes, so let them be small.
        processes: how many work at once, 1 or more; a small log is read in this one.

    Raises:
        LogInconsistentError: a bundle is malformed, or the leaves are not those that the checkpoint signs.
        OperationalError: the machine cannot read a file.
    """
    jobs = (
        (directory, start, min(start + RUN, checkpoint.size), checkpoint.size, work)
        for start in range(0, checkpoint.size, RUN)
    )
    done = in_order(_run, jobs, processes if checkpoint.size > IN_ONE_PROCESS else 1)
    roots: list[bytes] = []
    for one in done:
        roots += one.roots
        yield one.result
    if root(roots) != checkpoint.root:
        raise LogInconsistentError(
            "The leaves have another root than the signed checkpoint.",
            why="Leaves were changed, or the log was rolled back.",
            next_step="Run 'narrowgate log verify', which names the file; keep this copy as evidence.",
            where=str(directory / CHECKPOINT),
        )


def in_order(function: Callable[..., R], jobs: Iterable[tuple[Any, ...]], processes: int) -> Iterator[R]:
    """Yields the result of each job in order; never more than two jobs a process ahead, so that memory stays bounded.

    Args:
        function: of a module, for the arguments of a job.
        jobs: arguments, one tuple a job.
        processes: how many work at once; below 2 this one does.
    """
    if processes < 2:
        yield from (function(*job) for job in jobs)
        return
    waiting: deque[Future[R]] = deque()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            for job in jobs:
                waiting.append(pool.submit(function, *job))
                if len(waiting) >= 2 * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _run(directory: Path, start: int, end: int, size: int, work: Work[T]) -> _Done[T]:
    leaves: list[bytes] = []
    roots: list[bytes] = []
    for position in range(start, end, TILE_WIDTH):
        tile = tile_holding(ENTRIES, position, size)
        path = directory / tile.path
        entries = decode_bundle(read_bytes(path), tile.width, str(path))
        roots.append(root([leaf_hash(leaf) for leaf in entries]))
        leaves += entries
    return _Done(roots, work(start, leaves))
