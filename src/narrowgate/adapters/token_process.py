"""Processes of their own that hold the index key: they take canonical texts and give tokens, and can do nothing else.

Such a process reads the key itself, has no other descriptor open than the two ends of its pipes, and cannot open one
any more: no file, no socket, no index. What the gate sends it is JSON, never code.
"""

from __future__ import annotations

import gc
import os
import pickle
import queue
import resource
import struct
import subprocess
import sys
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from itertools import chain, islice
from typing import IO, Any, Final

import orjson

from narrowgate.adapters.hidden_memory import hide_memory
from narrowgate.adapters.keys import load_secret_key
from narrowgate.core.address.model import AddressClass, DeliveryPoint
from narrowgate.core.base.errors import NarrowgateError, OperationalError
from narrowgate.core.matching.match_rule import Relaxations
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.person.identity import IdentityKey
from narrowgate.core.person.model import Person
from narrowgate.gate.packing import pack_admitted
from narrowgate.gate.step_08_tokens import ask_batch
from narrowgate.gate.token_ports import AskedBatch, Asking, QuestionTerms

_LENGTH: Final = struct.Struct(">Q")
_WAITING_PER_PROCESS: Final = 3
_STANDARD_STREAMS: Final = 3


class TokenProcesses:
    """A ``TokenMaker`` of one or several processes, started as they are needed; ``close`` ends them.

    Args:
        key_uri: where each process reads the index key.
        processes: how many, at least one.
    """

    def __init__(self, key_uri: str, processes: int) -> None:
        self._key_uri = key_uri
        self._processes = processes
        self._started: list[_TokenProcess] = []
        self._threads: ThreadPoolExecutor | None = None

    def key_id(self) -> str:
        """See ``TokenMaker.key_id``."""
        return self._start(1)[0].key_id

    def begin(self) -> None:
        """The first process starts while the caller does something else; whoever needs it then waits for it."""
        if not self._started:
            self._started.append(_TokenProcess(self._key_uri))

    def ask(self, askings: Iterable[Asking], terms: QuestionTerms) -> Iterator[AskedBatch]:
        """See ``TokenMaker.ask``.

        Raises:
            OperationalError: a process died.
        """
        free: queue.SimpleQueue[_TokenProcess] = queue.SimpleQueue()
        waiting = iter(askings)
        first = list(islice(waiting, 2))
        for process in self._start(self._processes if len(first) > 1 else 1):
            free.put(process)

        def ask_one(asking: Asking) -> AskedBatch:
            process = free.get()
            try:
                return process.ask(asking, terms)
            finally:
                free.put(process)

        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._processes)
        under_way: deque[Future[AskedBatch]] = deque()
        try:
            for asking in chain(first, waiting):
                under_way.append(self._threads.submit(ask_one, asking))
                if len(under_way) >= self._processes * _WAITING_PER_PROCESS:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for left in under_way:
                left.cancel()

    def close(self) -> None:
        """No process is left, nor the key in memory."""
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
            self._threads = None
        for process in self._started:
            process.close()
        self._started = []

    def _start(self, count: int) -> list[_TokenProcess]:
        """At least so many of the processes; one batch needs one of them."""
        self._started += [_TokenProcess(self._key_uri) for _ in range(count - len(self._started))]
        for process in self._started:
            process.greet()
        return self._started


class _TokenProcess:
    """The gate's end of one such process."""

    def __init__(self, key_uri: str) -> None:
        self.key_id = ""
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-P", "-m", __spec__.name],  # -P: no module from the working directory
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            close_fds=True,
        )
        self._send(orjson.dumps(key_uri))

    def greet(self) -> None:
        """Wait until it has its key.

        Raises:
            ConfigurationError: it cannot have it.
            OperationalError: the process died.
        """
        if not self.key_id:
            self.key_id = self._receive()

    def ask(self, asking: Asking, terms: QuestionTerms) -> AskedBatch:
        """The questions of one batch.

        Raises:
            OperationalError: the process died.
        """
        header = orjson.dumps(
            {"first": asking.first, "ordinals": asking.ordinals.tolist(), "terms": asdict(terms)}
        )
        self._send(header)
        self._send(asking.admitted)
        asked: AskedBatch = self._receive()
        return asked

    def close(self) -> None:
        """End it: it ends by itself when its input does."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        self._process.wait()

    def _send(self, frame: bytes) -> None:
        try:
            _write(self._pipe(self._process.stdin), frame)
        except OSError as error:
            raise _died() from error

    def _receive(self) -> Any:
        frame = _read(self._pipe(self._process.stdout))
        if frame is None:
            raise _died()
        answer = pickle.loads(frame)  # noqa: S301 - from our own process, which has less than we have
        if isinstance(answer, NarrowgateError):
            raise answer
        return answer

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise _died()
        return pipe


def _died() -> OperationalError:
    return OperationalError(
        "The process that makes the tokens ended before its work was done.",
        why="It was killed, memory ran out, or it met what it must not do.",
        next_step="Run the package again; nothing of it was released.",
    )


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """What such a process does until its input ends: read the key, shut itself in, make tokens.

    Args:
        source: the URI of the key, then pairs of frames: what is asked, and the items.
        sink: the key's id, then a batch of questions for each pair.
    """
    gc.disable()  # what is read stays, and the work leaves no cycles
    try:
        key = IndexKey(load_secret_key(orjson.loads(_read(source) or b'""')))
    except NarrowgateError as error:
        _write(sink, pickle.dumps(error))
        return
    _warm_up(key)
    _shut_in()
    _write(sink, pickle.dumps(key.key_id))
    while (header := _read(source)) is not None and (admitted := _read(source)) is not None:
        asked = orjson.loads(header)
        asking = Asking(asked["first"], admitted, array("Q", asked["ordinals"]))
        batch = ask_batch(key, _terms(asked["terms"]), asking)
        _write(sink, pickle.dumps(batch, protocol=5))


def _terms(terms: dict[str, Any]) -> QuestionTerms:
    accepted = tuple(map(IdentityKey, terms["accepted"]))
    return QuestionTerms(accepted, Relaxations(**terms["relaxations"]))


def _warm_up(key: IndexKey) -> None:
    """Whatever is read from a file at its first use is read now: afterwards nothing can be."""
    person = Person(("MARY", "ANN"), ("EXAMPLE", "SAMPLE"), "1980-01-02", "911820043")
    for number, (identified, street) in enumerate(
        ((person, "LARKMEADOW"), (Person(("M",), ("N",), "1980-01-02"), "5TH"))
    ):
        point = DeliveryPoint(AddressClass.STREET, number="1", street_name=street, suffix="ST", zip5="77002")
        packed = pack_admitted([(number, identified, point, (2022,))])
        terms = QuestionTerms(tuple(IdentityKey), Relaxations())
        ask_batch(key, terms, Asking(0, packed, array("Q", (number,))))


def _shut_in() -> None:
    """Open nothing from now on, stay in no directory, and leave no memory behind."""
    os.chdir("/")
    hide_memory()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_STANDARD_STREAMS, _STANDARD_STREAMS))


def _write(pipe: IO[bytes], frame: bytes) -> None:
    pipe.write(_LENGTH.pack(len(frame)))
    pipe.write(frame)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes | None:
    """The next frame; nothing when the other end has closed the pipe."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    frame = pipe.read(length)
    return frame if len(frame) == length else None


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)  # the gate waits for the end, and to take apart the tables that were read takes time
