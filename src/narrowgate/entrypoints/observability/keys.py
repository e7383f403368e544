"""The one table of what a journal line may hold: each key with the closed form of its values.

No key takes free text: a value is a number, a time, a digest, or one of a list that the program knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from narrowgate.core.base.errors import NarrowgateError
from narrowgate.core.base.times import TIME
from narrowgate.core.intake.documents import Ending
from narrowgate.core.request.office import Office
from narrowgate.gate.release import Event as ReleaseOutcome
from narrowgate.gate.retention import Fate


class Service(StrEnum):
    """What writes the journal."""

    INTAKE = "intake"
    CONSOLE = "console"
    INSPECT = "inspect"
    DESK = "desk"
    GATE = "gate"
    RELEASE = "release"
    RETENTION = "retention"
    WITNESS = "witness"


class Event(StrEnum):
    """What a line tells of."""

    STARTED = "started"
    ENDED = "ended"
    REQUEST = "request"
    STEP = "step"
    PACKAGE = "package"
    RELEASE = "release"
    RETAINED = "retained"
    COSIGNED = "cosigned"
    TROUBLE = "trouble"
    FAULT = "fault"


class Key(StrEnum):
    """What a line may say; there is no other key."""

    TIME = "time"
    SERVICE = "service"
    EVENT = "event"
    METHOD = "method"
    ROUTE = "route"
    STATUS = "status"
    RECEIVED = "received_bytes"
    SENT = "sent_bytes"
    MILLISECONDS = "milliseconds"
    OFFICE = "office"
    PACKAGE = "package"
    STEP = "step"
    ENDING = "ending"
    RELEASED = "release"
    SLOT = "slot"
    FATE = "fate"
    LEAVES = "leaves"
    PROBLEM = "problem"
    EXIT_CODE = "exit_code"
    ERROR = "error"
    PLACE = "place"
    LEFT_OUT = "left_out"


METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
OTHER: Final = "other"
"""Where a client named what the program has no name for."""

NO_ANSWER: Final = 0
"""The status of a request that ended without an answer."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the values of a key look like.

    Args:
        words: for the reference.
        fits: whether a value is of the form.
    """

    words: str
    fits: Callable[[object], bool]


def _number(most: int, words: str) -> Form:
    return Form(words, lambda value: type(value) is int and 0 <= value <= most)


def _one_of(names: Iterable[str], words: str) -> Form:
    known = frozenset(map(str, names))
    return Form(words, lambda value: isinstance(value, str) and value in known)


def _like(pattern: str, words: str) -> Form:
    form = re.compile(pattern)
    return Form(words, lambda value: isinstance(value, str) and form.fullmatch(value) is not None)


def _is_problem(value: object) -> bool:
    """Whether an error of the program, or a warning of it, is called so."""
    return isinstance(value, str) and (value in WARNINGS or value in _problems(NarrowgateError))


def _problems(kind: type[NarrowgateError]) -> set[str]:
    return {kind.problem}.union(*(_problems(each) for each in kind.__subclasses__()))


_MOST: Final = 1 << 53

WARNINGS: Final = frozenset({"warning", "log-set-aside", "internal"})
"""What is no error's id, and told all the same."""

FORMS: Final[dict[Key, Form]] = {
    Key.TIME: Form(
        "UTC time in whole seconds (RFC 3339)",
        lambda value: isinstance(value, str) and TIME.fullmatch(value) is not None,
    ),
    Key.SERVICE: _one_of(Service, "one of the services"),
    Key.EVENT: _one_of(Event, "one of the events"),
    Key.METHOD: _one_of((*METHODS, OTHER), "an HTTP method, or `other`"),
    Key.ROUTE: _like(
        r"/[a-z0-9_{}:./-]{0,99}|other", "the template of a route of the program, or `other`; never the path"
    ),
    Key.STATUS: _number(599, "HTTP status; 0 where the request ended without an answer"),
    Key.RECEIVED: _number(_MOST, "bytes of the request's body"),
    Key.SENT: _number(_MOST, "bytes of the answer's body"),
    Key.MILLISECONDS: _number(_MOST, "how long a request, or one of the steps 1 to 7, took"),
    Key.OFFICE: _one_of(Office, "an office of the agreement"),
    Key.PACKAGE: _like(r"[0-9a-f]{16}", "first 16 hex digits of the SHA-256 of the package's id"),
    Key.STEP: _number(7, "one of the steps 1 to 7, which read no tax record"),
    Key.ENDING: _one_of(Ending, "how the gate was done with a package"),
    Key.RELEASED: _one_of(ReleaseOutcome, "what became of a release"),
    Key.SLOT: Form(
        "UTC time of a slot", lambda value: isinstance(value, str) and TIME.fullmatch(value) is not None
    ),
    Key.FATE: _one_of(Fate, "what became of a package's data key"),
    Key.LEAVES: _number(_MOST, "leaves of the log that a witness cosigned"),
    Key.PROBLEM: Form("a problem id (`narrowgate docs errors`)", _is_problem),
    Key.EXIT_CODE: _number(255, "with which the process ends"),
    Key.ERROR: _like(r"[A-Za-z_][A-Za-z0-9_]{0,59}", "the type of an unknown error; never its text"),
    Key.PLACE: _like(r"[A-Za-z0-9_]{1,60}\.py:[0-9]{1,6}", "module and line where it arose"),
    Key.LEFT_OUT: _number(99, "values that were not of their form, and are not written"),
}
"""What the values of each key look like."""

Value = str | int


def named(package_id: str) -> str:
    """What the journal calls a package: its id is the requester's own text, and could hold anything.

    Returns:
        16 hex digits; ``printf %s ID | sha256sum`` begins with them.
    """
    return sha256(package_id.encode()).hexdigest()[:16]
