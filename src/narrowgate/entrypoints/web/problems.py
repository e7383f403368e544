"""Every refusal as a problem document (RFC 9457), with the id that the command line has for it."""

from __future__ import annotations

from typing import Any, Final

import orjson
from starlette.responses import Response

from narrowgate.core.base import errors
from narrowgate.core.base.errors import NarrowgateError, UsageError

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:narrowgate:problem:"

_STATUS: Final[dict[type[NarrowgateError], int]] = {
    errors.UsageError: 400,
    errors.ClientRefusedError: 403,
    errors.RevokedCertificateError: 403,
    errors.NothingToProcessError: 404,
    errors.ConflictError: 409,
    errors.InUseError: 409,
    errors.TooLargeError: 413,
    errors.RefusedError: 422,
    errors.EnvelopeError: 422,
    errors.BusyError: 429,
    errors.OperationalError: 503,
}
"""By the nearest class; anything else is a fault of the service, 500."""


class HttpUsageError(UsageError):
    """A request that the interface does not offer; ``status`` says how HTTP calls it."""

    def __init__(self, status: int, what: str, next_step: str) -> None:
        super().__init__(what, next_step=next_step)
        self.status = status


def status_code(error: NarrowgateError) -> int:
    """The HTTP status of an error."""
    if isinstance(error, HttpUsageError):
        return error.status
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def problem_document(error: NarrowgateError) -> dict[str, Any]:
    """The members of the problem; no path of this machine is among them."""
    told: dict[str, Any] = {
        "type": TYPE_PREFIX + error.problem,
        "title": error.problem.replace("-", " ").capitalize(),
        "status": status_code(error),
        "detail": " ".join(part for part in (error.what, error.why) if part),
        "id": error.problem,
        "what": error.what,
        "why": error.why,
        "next_step": error.next_step,
    }
    if error.rule:
        told["rule"] = error.rule
    if error.where and "/" not in error.where:
        told["where"] = error.where
    return told


def problem_response(error: NarrowgateError, headers: dict[str, str] | None = None) -> Response:
    """The answer to a request that was refused; the connection ends with it, for its body may not have been read."""
    return Response(
        orjson.dumps(problem_document(error)),
        status_code(error),
        {**(headers or {}), "connection": "close"},
        MEDIA_TYPE,
    )


NOT_HTTP: Final = orjson.dumps(
    problem_document(
        UsageError("The request is no HTTP that this server understands.", next_step="Send HTTP/1.1.")
    )
)
"""Body of the answer to what is no HTTP."""

INTERNAL: Final = NarrowgateError(
    "Internal error.",
    why="The intake met something that it does not know; nothing was released.",
    next_step="Try again; if it comes again, tell the custodian the time.",
)
INTERNAL.problem = "internal"
