"""The console on a network: officers sign with the card in their own machine, and hand the signature in.

No key is named there and no PIN is typed: a field for the path of a key would open files of the gate's machine to
everybody who reaches the page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from narrowgate.adapters.http.tls_server import PEER_CERTIFICATE
from narrowgate.adapters.signing.client_certificates import client_key_sha256
from narrowgate.core.base.errors import ClientRefusedError, NarrowgateError, UsageError
from narrowgate.core.governance.kinds import KINDS, Kind
from narrowgate.entrypoints.acts import books_of_files
from narrowgate.entrypoints.cli.act_words import act_in_words
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.entrypoints.signed_acts import proposal_of, put_in_force, take_signature
from narrowgate.entrypoints.web.console.application import NO_REASON, SCOPES, ConsolePages, pages_of
from narrowgate.entrypoints.web.console.view import View
from narrowgate.entrypoints.web.kit.application import Served, application
from narrowgate.entrypoints.web.kit.certified import PERSON
from narrowgate.entrypoints.web.kit.downloads import download
from narrowgate.entrypoints.web.kit.forms import file, posted, text
from narrowgate.entrypoints.web.kit.pages import Pages, redirect
from narrowgate.gate.package_ports import MAX_SIGNATURE_BYTES
from narrowgate.gate.ports import Clock
from narrowgate.governance.acts import Wanted, after_waiting, propose

_NO_FILE: Final = "Choose the signature that 'narrowgate act sign-file' made."


def remote_console(
    settings: GateSettings, clock: Clock, served: Callable[[Pages], Served], language: str = "en"
) -> ASGIApp:
    """The console for persons with client certificates, behind its guards.

    Args:
        settings: of the gate.
        clock: asked at each request.
        served: how its pages are served.
        language: of the pages.

    Raises:
        UsageError: there is no such language.
    """
    pages = pages_of(language)
    return application(RemotePages(View(settings, clock), pages).routes(), pages, served(pages))


class RemotePages(ConsolePages):
    """The console's pages, whose forms take signatures and open no key.

    Whoever is no officer of the charter in force looks, and changes nothing.

    Args:
        view: of the gate.
        pages: of the console.
    """

    def routes(self) -> list[Route]:
        """Where they are: those of the console, and an act as files to be signed elsewhere."""
        return [
            *super().routes(),
            Route("/acts/{number:int}/act.json", self.act_file, methods=["GET"]),
            Route("/acts/{number:int}/act.txt", self.shown_file, methods=["GET"]),
        ]

    def act_file(self, request: Request) -> Response:
        """The bytes of a proposed act, which its signatures are over."""
        number = int(request.path_params["number"])
        data = proposal_of(books_of_files(self._view.settings), number).data
        return download(data, f"{number:06d}.json")

    def shown_file(self, request: Request) -> Response:
        """What the page says that the act does, which its signatures name."""
        number = int(request.path_params["number"])
        return download(act_in_words(self._found(number)).encode(), f"{number:06d}.txt")

    async def sign(self, request: Request) -> Response:
        """Take a signature that the officer made elsewhere; what brakes is in force with it."""
        async with posted(request) as form:
            upload = file(form, "signature")
            signature = await upload.read(MAX_SIGNATURE_BYTES + 1) if upload else b""
        number, officer = int(request.path_params["number"]), self._officer(request)
        errors = {} if signature else {"signature": _NO_FILE}
        try:
            if not errors:
                await run_in_threadpool(self._taken, number, signature, officer)
        except NarrowgateError as error:
            return await run_in_threadpool(self._act, request, errors, error, None)
        if errors:
            return await run_in_threadpool(self._act, request, errors, None, None)
        return redirect(f"/acts/{number}" if self._waits(number) else "/acts")

    async def apply(self, request: Request) -> Response:
        """Put a signed act in force, as an officer."""
        self._officer(request)
        return await super().apply(request)

    async def place_hold(self, request: Request) -> Response:
        """Draw up a hold; it is in force when its page has the officer's signature."""
        async with posted(request) as form:
            scope, reason = text(form, "scope"), text(form, "reason")
        self._officer(request)
        if not reason:
            return await run_in_threadpool(self._holds, request, {"reason": NO_REASON}, None, None)
        number = await run_in_threadpool(self._drawn_up, scope, reason)
        return redirect(f"/acts/{number}")

    async def propose_lift(self, request: Request) -> Response:
        """Draw up the act that lifts a hold, as an officer."""
        self._officer(request)
        return await super().propose_lift(request)

    def _officer(self, request: Request) -> str:
        """The custody officer whose certificate this is; anybody else changes nothing.

        Neither does an officer all of whose cards an act revoked, or whose client certificate has a revoked key.
        """
        person: str = getattr(request.state, PERSON)
        books, now = books_of_files(self._view.settings), self._view.clock.now()
        before = after_waiting(books, now)
        keys = {key for each in books.charter(before).officers if each.id == person for key in each.keys}
        if not keys:
            raise ClientRefusedError(
                f"{person} is no custody officer of the charter in force.",
                why="Who is no officer looks at these pages, and changes nothing.",
                next_step="Have an officer do it.",
            )
        client = client_key_sha256(getattr(request.state, PEER_CERTIFICATE))
        if not before.counting(keys) or not before.counting([client]):
            raise ClientRefusedError(
                f"An act revoked the key of {person}.",
                why="What is done with a key that is revoked counts no more; these pages may be looked at.",
                next_step="Have another officer do it.",
            )
        return person

    def _drawn_up(self, scope: str, reason: str) -> int:
        if scope not in SCOPES:
            raise UsageError("No such scope can be held here.", next_step="Choose one of the list.")
        now = self._view.clock.now()
        books = books_of_files(self._view.settings)
        return propose(books, after_waiting(books, now), Wanted(Kind.HOLD, scope, reason), now).number

    def _taken(self, number: int, signature: bytes, officer: str) -> None:
        view = self._view
        take_signature(view.settings, number, signature, view.clock.now(), officer)
        found = self._found(number)
        if KINDS[found.act.kind].brakes and len(found.persons) >= found.needed:
            put_in_force(view.settings, number, view.clock)

    def _waits(self, number: int) -> bool:
        return number in books_of_files(self._view.settings).files.proposals()
