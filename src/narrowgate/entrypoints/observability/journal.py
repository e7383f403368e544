"""The journal of a service: one JSON object a line, of known keys and closed values."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, TextIO

import orjson

from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.observability.keys import FORMS, Event, Key, Service, Value
from narrowgate.gate.ports import Clock

_OWN: Final = frozenset({Key.TIME, Key.SERVICE, Key.EVENT, Key.LEFT_OUT})


class Journal:
    """Writes lines of one service, whole, from any thread; a line that cannot be written harms no request.

    Args:
        service: that writes.
        clock: asked for each line.
        stream: that lines go to; None writes nothing.
    """

    def __init__(self, service: Service, clock: Clock, stream: TextIO | None) -> None:
        self._service = service
        self._clock = clock
        self._stream = stream
        self._one_at_a_time = threading.Lock()

    @property
    def is_kept(self) -> bool:
        """Whether lines are written."""
        return self._stream is not None

    def write(self, event: Event, values: Mapping[Key, Value] | None = None) -> None:
        """Writes one line; a value that is not of its key's form is left out, and counted in the line.

        Args:
            event: what the line tells of.
            values: of keys of the table; a key that every line has is none of them.

        Raises:
            TypeError: a key is not in the table: a fault of the program.
        """
        if self._stream is None:
            return
        line: dict[str, Value] = {
            Key.TIME.value: format_time(self._clock.now().replace(microsecond=0)),
            Key.SERVICE.value: self._service.value,
            Key.EVENT.value: event.value,
        }
        left_out = 0
        for key, value in (values or {}).items():
            if not isinstance(key, Key) or key in _OWN:
                # Neither key nor value is told: they may be anything.
                raise TypeError("a key of a journal line is not in the table")
            if FORMS[key].fits(value):
                line[key.value] = value.value if isinstance(value, Event) else value
            else:
                left_out += 1
        if left_out:
            line[Key.LEFT_OUT.value] = min(left_out, 99)
        text = orjson.dumps(line).decode() + "\n"
        # ValueError: the stream is closed.
        with self._one_at_a_time, suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()
