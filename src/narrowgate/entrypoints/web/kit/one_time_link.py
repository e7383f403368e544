"""A link that opens one browser, once, as Jupyter does: the token in it becomes a cookie and is worth nothing after."""

from __future__ import annotations

import hmac
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from narrowgate.core.base.errors import UsageError
from narrowgate.entrypoints.web.kit.headers import STATIC
from narrowgate.entrypoints.web.kit.origin import READS
from narrowgate.entrypoints.web.kit.pages import Pages

PARAMETER: Final = "token"
_REFUSED: Final = 403


class Link:
    """One link: the token it holds, the session it becomes, and whether it was used.

    Args:
        secret: 32 random bytes; token, session and the forms' token are derived from it.
        origin: that is served, such as ``http://127.0.0.1:8642``.
    """

    def __init__(self, secret: bytes, origin: str) -> None:
        self._secret = secret
        self._origin = origin
        self.used = False
        # Browsers keep the cookies of all ports of a host together.
        self.cookie = f"narrowgate-{urlsplit(origin).port}"

    @property
    def url(self) -> str:
        """What a person opens."""
        return f"{self._origin}/?{PARAMETER}={self._derived('link')}"

    @property
    def session(self) -> str:
        """The value of the cookie."""
        return self._derived("session")

    @property
    def form_token(self) -> str:
        """What every form of this session holds."""
        return self._derived("form")

    def opens(self, token: str) -> bool:
        """Whether the token is this link's and was not used before; it is used from now on."""
        if self.used or not hmac.compare_digest(token.encode(), self._derived("link").encode()):
            return False
        self.used = True
        return True

    def _derived(self, purpose: str) -> str:
        return hmac.new(self._secret, f"narrowgate {purpose}".encode(), "sha256").hexdigest()


class OneTimeLink:
    """Answers the one browser that opened the link first; every other request is refused (403).

    Args:
        app: that answers it.
        link: that opens it.
        pages: say why a request is refused.
    """

    def __init__(self, app: ASGIApp, link: Link, pages: Pages) -> None:
        self._app = app
        self._link = link
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(STATIC):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if self._is_in_session(request):
            request.state.form_token = self._link.form_token
            await self._app(scope, receive, send)
            return
        await self._enter(request)(scope, receive, send)

    def _is_in_session(self, request: Request) -> bool:
        given = request.cookies.get(self._link.cookie, "")
        return hmac.compare_digest(given.encode(), self._link.session.encode())

    def _enter(self, request: Request) -> Response:
        token = request.query_params.get(PARAMETER, "")
        if request.method in READS and token and self._link.opens(token):
            response = RedirectResponse("/", status_code=303)
            response.headers["Set-Cookie"] = self._set_cookie()
            return response
        return self._pages.problem(request, _refusal(bool(token)), _REFUSED)

    def _set_cookie(self) -> str:
        cookie: SimpleCookie = SimpleCookie()
        cookie[self._link.cookie] = self._link.session
        morsel = cookie[self._link.cookie]
        morsel["path"], morsel["httponly"], morsel["samesite"] = "/", True, "Strict"
        return morsel.OutputString()


def _refusal(with_token: bool) -> UsageError:
    if with_token:
        return UsageError(
            "This link does not open anything.",
            why="A link opens one browser, once: it was used already, or it belongs to another service.",
            next_step="Go on in the browser that opened it, or end the service and start it again for a new link.",
        )
    return UsageError(
        "This browser has not opened the link of this service.",
        why="Everything here belongs to the person who started it.",
        next_step="Open the link that the command printed when it began.",
    )
