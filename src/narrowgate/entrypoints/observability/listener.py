"""Metrics, liveness and readiness on a listener of this machine, apart from what others reach."""

from __future__ import annotations

import os
import re
import socket
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from narrowgate.core.base.errors import UnavailableError, UsageError
from narrowgate.core.base.system_errors import refused_by_system
from narrowgate.entrypoints.observability import meters
from narrowgate.entrypoints.observability.exposition import Readout, Source
from narrowgate.entrypoints.observability.look import MinuteLook
from narrowgate.entrypoints.observability.meters import Reading
from narrowgate.entrypoints.observability.readiness import not_ready
from narrowgate.entrypoints.web.kit.serve import listening, serving
from narrowgate.entrypoints.web.problems import MEDIA_TYPE, HttpUsageError, problem_document

_TCP: Final = re.compile(r"127\.0\.0\.1:([0-9]{1,5})")
_HOST: Final = re.compile(r"(127\.0\.0\.1|localhost)(:[0-9]{1,5})?")
_UNIX: Final = "unix:"
_MODE: Final = 0o117
"""What a socket's file does not allow: others nothing, and nobody to execute it."""

_HEADERS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def observed_application(
    look: MinuteLook, sources: Iterable[Source], is_alive: Callable[[], bool], *, over_tcp: bool
) -> Starlette:
    """``/metrics``, ``/healthz`` and ``/readyz``; nothing of it can be changed, and none says who calls.

    Args:
        look: of the service.
        sources: further readings.
        is_alive: whether the service itself still comes round; called in a thread.
        over_tcp: whether a browser of this machine could be led here: then the host must be this machine's.
    """

    def ready() -> Iterator[Reading]:
        seen = look()
        yield Reading(meters.READY, not seen.failed)
        yield from seen.readings

    readout = Readout([*sources, ready])

    def metrics(request: Request) -> Response:
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(readout), media_type=media_type)

    def healthz(_request: Request) -> Response:
        if is_alive():
            return JSONResponse({"status": "alive"})
        error = UnavailableError(
            "The service does not come round any more.",
            next_step="Restart it; what was acknowledged is kept.",
        )
        return _problem(problem_document(error))

    def readyz(_request: Request) -> Response:
        failed = look().failed
        return _problem(not_ready(failed)) if failed else JSONResponse({"status": "ready"})

    def local_only(endpoint: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            if over_tcp and not _HOST.fullmatch(request.headers.get("host", "")):
                return _problem(
                    problem_document(HttpUsageError(421, "The host is not this machine.", "Name 127.0.0.1."))
                )
            response = endpoint(request)
            response.headers.update(_HEADERS)
            return response

        return answer

    def no_resource(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        what = "There is no such resource, or it does not take the method."
        return _problem(problem_document(HttpUsageError(status, what, "Get /metrics, /healthz or /readyz.")))

    return Starlette(
        routes=[
            Route(path, local_only(endpoint), methods=["GET"])
            for path, endpoint in (("/metrics", metrics), ("/healthz", healthz), ("/readyz", readyz))
        ],
        exception_handlers={HTTPException: no_resource},
    )


def _problem(document: dict[str, Any]) -> Response:
    return JSONResponse(document, int(document["status"]), _HEADERS, media_type=MEDIA_TYPE)


@contextmanager
def served_at(address: str, application: Starlette) -> Iterator[str]:
    """Answers at the address, in a thread of its own, until the block ends; gives the address.

    Args:
        address: ``127.0.0.1:PORT``, where 0 takes a free one, or ``unix:PATH``.
        application: that answers.

    Raises:
        UsageError: the address is not one of this machine alone.
        OperationalError: it cannot be had.
    """
    if address.startswith(_UNIX):
        path = Path(address.removeprefix(_UNIX))
        with serving(application, _unix_socket(path)):
            yield address
        with suppress(OSError):
            path.unlink()
        return
    port = _port(address)
    with serving(application, listening(port)) as origin:
        yield origin.removeprefix("http://")


def _port(address: str) -> int:
    found = _TCP.fullmatch(address)
    if found is None or int(found[1]) > 65_535:
        raise UsageError(
            "Metrics and health are given on this machine alone.",
            why="They are for its operators; who is to read them from elsewhere does so through a proxy of theirs.",
            next_step="Name 127.0.0.1:PORT, or unix: and the path of a socket.",
        )
    return int(found[1])


def _unix_socket(path: Path) -> socket.socket:
    """A socket of which the file's owner and group may ask; one that a killed process left is replaced.

    Raises:
        UsageError: something else is there.
        OperationalError: the socket cannot be made.
    """
    _require_free(path)
    waiting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(_MODE)
    try:
        waiting.bind(str(path))
        waiting.listen(16)
    except OSError as error:
        waiting.close()
        raise refused_by_system(error, "The socket cannot be made.", where=path.name) from error
    finally:
        os.umask(before)
    return waiting


def _require_free(path: Path) -> None:
    """Returns only if nothing is at the path any more; a socket that nothing listens at is removed."""
    try:
        is_socket = stat.S_ISSOCK(path.lstat().st_mode)
    except FileNotFoundError:
        return
    if not is_socket or _answers(path):
        raise UsageError(
            "Another file, or a socket that another process listens at, is there.",
            next_step="Name another path.",
            where=path.name,
        )
    path.unlink()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        try:
            other.connect(str(path))
        except OSError:
            return False
        return True
