"""What an intake refused, and why it could not be reached, as errors of the hierarchy."""

from __future__ import annotations

import ssl
from typing import Final

import httpx
import orjson

from narrowgate.core.base import errors
from narrowgate.core.base.errors import (
    ConfigurationError,
    NarrowgateError,
    OperationalError,
    UnavailableError,
)

_KINDS: Final = {
    kind.problem: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, NarrowgateError)
}
_BY_STATUS: Final = {403: "client-refused", 404: "unknown-package", 429: "busy", 503: "unavailable"}


def require_success(response: httpx.Response) -> None:
    """Return only for an answer that is no refusal.

    Raises:
        NarrowgateError: the one that the intake tells of, with the id it has there.
    """
    if not response.is_success:
        raise refusal(response)


def refusal(response: httpx.Response) -> NarrowgateError:
    """The error that a problem document tells of; its texts are the intake's."""
    try:
        told = orjson.loads(response.content) if response.content else {}
    except orjson.JSONDecodeError:
        told = {}
    told = told if isinstance(told, dict) else {}
    text = {
        key: str(told.get(key, ""))[:4_000] for key in ("id", "what", "why", "next_step", "rule", "where")
    }
    # The answer to HEAD has no body.
    kind = _KINDS.get(text["id"] or _BY_STATUS.get(response.status_code, ""), OperationalError)
    return kind(
        text["what"] or f"The intake answered {response.status_code}.",
        why=text["why"],
        next_step=text["next_step"] or "Ask for the status of the package, and try again.",
        rule=text["rule"],
        where=text["where"],
    )


def unreachable(error: httpx.TransportError) -> NarrowgateError:
    """Why there was no answer: the certificates, or the network."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return ConfigurationError(
                "The intake's own certificate is not accepted.",
                why="It does not come from the root named, has expired, or is for another host.",
                next_step="Check the URL and the root with the custodian; nothing was sent.",
            )
        if isinstance(cause, ssl.SSLError):
            return ConfigurationError(
                "The intake did not accept the connection.",
                why="The client certificate is missing, expired, or of another root than the intake's.",
                next_step="Check the certificate with the custodian; nothing was sent.",
            )
        cause = cause.__cause__ or cause.__context__
    return UnavailableError(
        "The intake cannot be reached.",
        why=f"{type(error).__name__}.",
        next_step="Check the URL and the network, and run the same command again: it goes on where it was.",
    )
