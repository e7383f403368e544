"""An application of pages with every guard around it, in the one order in which they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from narrowgate.core.base.errors import NarrowgateError, UsageError
from narrowgate.entrypoints.cli.failures import OUT_OF_MEMORY, Failure, system, unknown
from narrowgate.entrypoints.web.kit.bodies import BoundedBodies
from narrowgate.entrypoints.web.kit.headers import SecurityHeaders
from narrowgate.entrypoints.web.kit.one_time_link import Link, OneTimeLink
from narrowgate.entrypoints.web.kit.origin import OwnOrigin
from narrowgate.entrypoints.web.kit.pages import STATIC_FILES, Pages
from narrowgate.entrypoints.web.kit.peer_user import SameUser, this_user

FORM_BYTES: Final = 1_000_000
"""The largest body where no file is taken."""


@dataclass(frozen=True, slots=True)
class Served:
    """How an application is served.

    Args:
        origins: scheme, host and port of each name, such as ``http://127.0.0.1:8642``.
        entry: what lets a person in, and gives every request of it a token for forms.
        most_bytes: the largest body that is taken.
        is_entry_first: whether the entry comes before everything else, because it needs nothing but the connection.
        only_user: the numeric id of the one user of this machine who may connect; ``None`` for any.
    """

    origins: tuple[str, ...]
    entry: Middleware
    most_bytes: int = FORM_BYTES
    is_entry_first: bool = False
    only_user: int | None = None


def local(origin: str, secret: bytes, pages: Pages, most_bytes: int = FORM_BYTES) -> tuple[Served, Link]:
    """How an application of one person's own machine is served, and the link that opens it once.

    Args:
        origin: on 127.0.0.1.
        secret: 32 random bytes.
        pages: of the application.
        most_bytes: the largest body that is taken.
    """
    link = Link(secret, origin)
    return Served(
        (origin,), Middleware(OneTimeLink, link=link, pages=pages), most_bytes, only_user=this_user()
    ), link


def application(routes: Sequence[BaseRoute], pages: Pages, served: Served) -> ASGIApp:
    """The routes behind the guards: headers, user, host and origin, entry, length; and a page for every failure.

    Args:
        routes: of the application; what changes something takes its form by ``forms.posted``.
        pages: of the application.
        served: how it is served.
    """
    guards = [
        Middleware(OwnOrigin, origins=served.origins),
        served.entry,
        Middleware(BoundedBodies, most=served.most_bytes),
    ]
    if served.is_entry_first:
        guards[:2] = reversed(guards[:2])
    if served.only_user is not None:
        guards.insert(0, Middleware(SameUser, user=served.only_user))

    def refused(request: Request, error: Exception) -> Response:
        return pages.problem(
            request, _told(error), error.status_code if isinstance(error, HTTPException) else None
        )

    def failed(request: Request, error: Exception) -> Response:
        return pages.problem(request, _told(error), 500)

    inner = Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=STATIC_FILES))],
        middleware=guards,
        exception_handlers={NarrowgateError: refused, HTTPException: refused, Exception: failed},
    )
    # Around everything: what Starlette says of an unknown error has the headers too.
    return SecurityHeaders(inner)


def _told(error: Exception) -> NarrowgateError | Failure:
    if isinstance(error, NarrowgateError):
        return error
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, OSError):
        return system(error)
    return OUT_OF_MEMORY if isinstance(error, MemoryError) else unknown(error)


def _of_http(error: HTTPException) -> UsageError:
    if error.status_code == 404:
        return UsageError("There is no such page.", next_step="Go to the first page.")
    if error.status_code == 405:
        return UsageError("The page does not take that.", next_step="Open the page and use its form.")
    return UsageError(
        "The form could not be read.",
        why="It is damaged, or holds more than such a form can.",
        next_step="Open the page again and send it once more.",
    )
