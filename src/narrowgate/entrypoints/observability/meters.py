"""The one table of metrics: each with its kind, its labels and their closed values, and the services that have it.

None counts an outcome, and none is read more often than once a minute where the gate's work on a package could be seen
in it: the moment at which a package is done depends on how long the tax records took.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from narrowgate import __version__
from narrowgate.adapters.files.worker_progress import WorkerState
from narrowgate.adapters.state.schema_version import SCHEMA_VERSION
from narrowgate.core.intake.documents import Ending
from narrowgate.entrypoints.observability.keys import FORMS, METHODS, OTHER, Key, Service

SERVED: Final = frozenset({Service.INTAKE, Service.CONSOLE, Service.INSPECT})
GATES: Final = frozenset({Service.GATE, Service.CONSOLE})
QUEUED: Final = GATES | {Service.INTAKE}
ALL: Final = SERVED | GATES


class Kind(StrEnum):
    """What a metric is, as Prometheus has it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Refused(StrEnum):
    """Why a connection got no further than its handshake."""

    TOO_MANY = "too_many"
    CERTIFICATE = "certificate"
    HANDSHAKE = "handshake"


class Directory(StrEnum):
    """Where room is needed."""

    VAULT = "vault"
    LOG = "log"
    ANSWERS = "answers"
    INTAKE = "intake"


STATUS_CLASSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx", "none")


@dataclass(frozen=True, slots=True)
class Meter:
    """One metric.

    Args:
        name: with its unit, and ``_total`` where it counts.
        kind: what it is.
        help: one sentence.
        services: that have it.
        labels: the values that each label may have; none listed where it is a route of the service.
    """

    name: str
    kind: Kind
    help: str
    services: frozenset[Service]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def may_have(self, labels: Mapping[str, str]) -> bool:
        """Whether these are its labels, and their values among those that it may have."""
        return labels.keys() == self.labels.keys() and all(
            value in self.labels[name] if self.labels[name] else FORMS[Key.ROUTE].fits(value)
            for name, value in labels.items()
        )


_ROUTE: Final[Mapping[str, tuple[str, ...]]] = {"route": ()}


def _gauge(
    name: str, text: str, services: frozenset[Service], labels: Mapping[str, tuple[str, ...]] | None = None
) -> Meter:
    return Meter(f"narrowgate_{name}", Kind.GAUGE, text, services, labels or {})


def _counter(
    name: str, text: str, services: frozenset[Service], labels: Mapping[str, tuple[str, ...]] | None = None
) -> Meter:
    return Meter(f"narrowgate_{name}_total", Kind.COUNTER, text, services, labels or {})


BUILD: Final = _gauge(
    "build_info",
    "1, with the versions of this software and of the state's schema that it needs.",
    ALL,
    {"version": (__version__,), "state_schema": (str(SCHEMA_VERSION),)},
)
STARTED: Final = _gauge("start_timestamp_seconds", "When the service started.", ALL)
READY: Final = _gauge("ready", "1 where the service is ready, as /readyz says; looked at once a minute.", ALL)
REQUESTS: Final = _counter(
    "http_requests",
    "Requests that have ended, by the template of their route.",
    SERVED,
    {**_ROUTE, "method": (*METHODS, OTHER), "status": STATUS_CLASSES},
)
RECEIVED: Final = _counter("http_received_bytes", "Bytes of the bodies of requests.", SERVED, _ROUTE)
SENT: Final = _counter("http_sent_bytes", "Bytes of the bodies of answers.", SERVED, _ROUTE)
DURATION: Final = Meter(
    "narrowgate_http_request_duration_seconds",
    Kind.HISTOGRAM,
    "From the head of a request to its end.",
    SERVED,
    _ROUTE,
)
IN_PROGRESS: Final = _gauge("http_requests_in_progress", "Requests under way.", SERVED)
CONNECTIONS: Final = _gauge("tls_connections", "Open connections, where the service speaks TLS.", SERVED)
REFUSED: Final = _counter(
    "tls_refused",
    "Connections that were refused before their first request.",
    SERVED,
    {"reason": tuple(Refused)},
)
UPLOADS: Final = _gauge(
    "uploads_in_progress", "Uploads that have begun and not arrived.", frozenset({Service.INTAKE})
)
WAITING: Final = _gauge("packages_waiting", "Packages that have arrived and are not decided.", QUEUED)
OLDEST: Final = _gauge(
    "packages_oldest_waiting_seconds", "Since the oldest of them arrived; 0 where none waits.", QUEUED
)
DONE: Final = _counter(
    "packages_done",
    "Packages of the intake that the gate is done with: decided, refused whole, or abandoned.",
    QUEUED,
    {"ending": tuple(Ending)},
)
SLOTS_AHEAD: Final = _gauge("releases_waiting", "Decided packages whose answers wait for their slot.", GATES)
SLOTS_LATE: Final = _gauge("releases_late", "Those of them that should have left.", GATES)
RELEASED: Final = _gauge("releases_in_place", "Packages whose answers are released and not expired.", GATES)
RELEASE_RUN: Final = _gauge(
    "release_run_timestamp_seconds", "When 'narrowgate release run' last did all that was due.", GATES
)
LEAVES: Final = _gauge("log_leaves", "Leaves of the log.", GATES)
CHECKPOINT: Final = _gauge(
    "log_checkpoint_timestamp_seconds", "When the log's checkpoint was written, to the minute.", GATES
)
COSIGNED: Final = _gauge(
    "log_cosigned_timestamp_seconds",
    "When the quorum of the charter's witnesses was last complete; absent where the charter names none.",
    GATES,
)
UNCOSIGNED: Final = _gauge(
    "log_uncosigned_leaves", "Leaves that no quorum has cosigned; absent where the charter names none.", GATES
)
REVOCATION_ISSUED: Final = _gauge(
    "revocation_issued_timestamp_seconds",
    "When the oldest of the newest revocation lists was issued.",
    QUEUED,
)
REVOCATION_ENDS: Final = _gauge(
    "revocation_ends_timestamp_seconds",
    "When the first of them is too old, and signatures are refused.",
    QUEUED,
)
FREE: Final = _gauge(
    "disk_free_bytes", "Free on the disk of a directory.", QUEUED, {"directory": tuple(Directory)}
)
WORKER: Final = _gauge(
    "worker_state", "1 for what 'gate work' is at, 0 for the rest.", GATES, {"state": tuple(WorkerState)}
)
WORKER_TOLD: Final = _gauge(
    "worker_told_timestamp_seconds", "When 'gate work' last said what it is at, to the minute.", GATES
)

METERS: Final = (
    BUILD,
    STARTED,
    READY,
    REQUESTS,
    RECEIVED,
    SENT,
    DURATION,
    IN_PROGRESS,
    CONNECTIONS,
    REFUSED,
    UPLOADS,
    WAITING,
    OLDEST,
    DONE,
    SLOTS_AHEAD,
    SLOTS_LATE,
    RELEASED,
    RELEASE_RUN,
    LEAVES,
    CHECKPOINT,
    COSIGNED,
    UNCOSIGNED,
    REVOCATION_ISSUED,
    REVOCATION_ENDS,
    FREE,
    WORKER,
    WORKER_TOLD,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a metric.

    Args:
        meter: of the table.
        value: counted or measured.
        labels: of the value.
        within: of a histogram: for each upper bound, how many were within it and above the one before.
    """

    meter: Meter
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[float, int] = field(default_factory=dict)


Readings = Iterable[Reading]
