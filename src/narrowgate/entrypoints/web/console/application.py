"""The custodian's console as one application: what is in force, the queue, holds, and acts of several officers."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from narrowgate.adapters.private_keys.resolve import open_signing_key
from narrowgate.core.base.errors import NarrowgateError, RefusedError, UsageError
from narrowgate.core.governance.kinds import ALL, Kind
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.acts import books_of_files
from narrowgate.entrypoints.braking import brake
from narrowgate.entrypoints.cli.act_words import act_in_words
from narrowgate.entrypoints.opened_part import OfficerKey
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.entrypoints.signed_acts import put_in_force, require_signable_act, sign_act
from narrowgate.entrypoints.web.console.view import View
from narrowgate.entrypoints.web.kit.application import application, local
from narrowgate.entrypoints.web.kit.forms import posted, text
from narrowgate.entrypoints.web.kit.key_form import key_errors, officer_key, shown_key
from narrowgate.entrypoints.web.kit.one_time_link import Link
from narrowgate.entrypoints.web.kit.pages import Pages, Place, redirect
from narrowgate.entrypoints.web.kit.strings import translatable
from narrowgate.gate.ports import Clock, Entropy
from narrowgate.governance.acts import Outcome, Wanted, after_waiting, propose

SCOPES: Final = (ALL, *(f"office:{office.value}" for office in Office))
"""What can be held with one click; other scopes are for the command line."""

NO_REASON: Final = "Give the reason in one line; every inspector reads it."
_UNREAD: Final = "Say that you have read what the act does."


def console(
    settings: GateSettings, clock: Clock, entropy: Entropy, origin: str, language: str = "en"
) -> tuple[ASGIApp, Link]:
    """The console behind its guards, and the link that opens it once.

    Args:
        settings: of the gate.
        clock: asked at each request.
        entropy: of the link.
        origin: on 127.0.0.1.
        language: of the pages.

    Raises:
        UsageError: there is no such language.
    """
    pages = pages_of(language)
    routes = ConsolePages(View(settings, clock), pages).routes()
    served, link = local(origin, entropy.draw(32), pages)
    return application(routes, pages, served), link


def pages_of(language: str) -> Pages:
    """The pages of the console in a language.

    Raises:
        UsageError: there is no such language.
    """
    places = [Place("/acts", "Acts"), Place("/holds", "Holds"), Place("/checkup", "Check-up")]
    return Pages(Path(__file__).parent, translatable("Narrowgate console"), places, language)


class ConsolePages:
    """The pages of the console, in a browser of the gate's machine.

    Args:
        view: of the gate.
        pages: of the console.
    """

    def __init__(self, view: View, pages: Pages) -> None:
        self._view = view
        self._pages = pages

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/", self.first, methods=["GET"]),
            Route("/checkup", self.checkup, methods=["GET"]),
            Route("/acts", self.acts, methods=["GET"]),
            Route("/acts/{number:int}", self.act, methods=["GET"]),
            Route("/acts/{number:int}/sign", self.sign, methods=["POST"]),
            Route("/acts/{number:int}/apply", self.apply, methods=["POST"]),
            Route("/holds", self.holds, methods=["GET"]),
            Route("/holds/place", self.place_hold, methods=["POST"]),
            Route("/holds/lift", self.propose_lift, methods=["POST"]),
        ]

    def first(self, request: Request) -> Response:
        """Alarms, what waits, and what is in force on a time line."""
        view = self._view
        queue = view.queue()
        return self._pages.page(
            request,
            "console/first.html",
            alarms=view.alarms(queue),
            queue=queue,
            time_line=view.time_line(),
            proposed=view.proposed(),
        )

    def checkup(self, request: Request) -> Response:
        """Everything that a check-up tries."""
        return self._pages.page(request, "console/checkup.html", findings=self._view.checkup())

    def acts(self, request: Request) -> Response:
        """Every act: proposed, handed to the gate at work, and in the log."""
        view = self._view
        return self._pages.page(
            request,
            "console/acts.html",
            proposed=view.proposed(),
            handed_over=view.handed_over(),
            acts=view.acts(),
        )

    def act(self, request: Request) -> Response:
        """A proposed act, what it would change in words, and who signed it."""
        return self._act(request, {}, None, None)

    async def sign(self, request: Request) -> Response:
        """Sign a proposed act as a custody officer."""
        async with posted(request) as form:
            officer = officer_key(form)
            errors = key_errors(officer) | ({} if text(form, "read") == "yes" else {"read": _UNREAD})
            shown = text(form, "shown_sha256")
        number = int(request.path_params["number"])
        refused = None
        if not errors:
            try:
                await run_in_threadpool(self._signed, number, officer, shown)
            except NarrowgateError as error:
                refused = error
        if errors or refused:
            return await run_in_threadpool(self._act, request, errors, refused, officer)
        return redirect(f"/acts/{number}")

    async def apply(self, request: Request) -> Response:
        """Put a signed act in force."""
        async with posted(request):
            number = int(request.path_params["number"])
        try:
            await run_in_threadpool(put_in_force, self._view.settings, number, self._view.clock)
        except NarrowgateError as error:
            return await run_in_threadpool(self._act, request, {}, error, None)
        return redirect("/acts")

    def holds(self, request: Request) -> Response:
        """The holds in force, and the form that places one."""
        return self._holds(request, {}, None, None)

    async def place_hold(self, request: Request) -> Response:
        """Place a hold: one officer, one click, one key or card."""
        async with posted(request) as form:
            officer, scope, reason = officer_key(form), text(form, "scope"), text(form, "reason")
        errors = key_errors(officer) | ({} if reason else {"reason": NO_REASON})
        refused = None
        if not errors:
            try:
                await run_in_threadpool(self._placed, officer, scope, reason)
            except NarrowgateError as error:
                refused = error
        if errors or refused:
            return await run_in_threadpool(self._holds, request, errors, refused, officer)
        return redirect("/holds")

    async def propose_lift(self, request: Request) -> Response:
        """Draw up the act that lifts a hold; two officers sign it on its page."""
        async with posted(request) as form:
            scope, reason = text(form, "lifted"), text(form, "lift_reason")
        if not reason:
            return await run_in_threadpool(self._holds, request, {"lift_reason": NO_REASON}, None, None)
        number = await run_in_threadpool(self._lifting, scope, reason)
        return redirect(f"/acts/{number}")

    def _placed(self, officer: OfficerKey, scope: str, reason: str) -> None:
        if scope not in SCOPES:
            raise UsageError("No such scope can be held here.", next_step="Choose one of the list.")
        key = open_signing_key(officer.reference, officer.certificate, officer.ask)
        shown = f"Hold {scope}: decisions and releases stop, packages under way included. Reason: {reason}"
        brake(self._view.settings, Wanted(Kind.HOLD, scope, reason), key, self._view.clock.now(), shown)

    def _lifting(self, scope: str, reason: str) -> int:
        now = self._view.clock.now()
        books = books_of_files(self._view.settings)
        return propose(books, after_waiting(books, now), Wanted(Kind.HOLD_LIFTED, scope, reason), now).number

    def _signed(self, number: int, officer: OfficerKey, shown_sha256: str) -> None:
        now = self._view.clock.now()
        key = open_signing_key(officer.reference, officer.certificate, officer.ask)
        signable = require_signable_act(books_of_files(self._view.settings), number, key, now)
        shown = act_in_words(signable.found)
        if sha256(shown.encode()).hexdigest() != shown_sha256:
            raise RefusedError(
                "What the act does is no longer what the page showed.",
                why="Another act came in force, or another officer signed, since.",
                next_step="Read the page again before signing.",
            )
        sign_act(self._view.settings, signable, now, shown)

    def _act(
        self,
        request: Request,
        errors: dict[str, str],
        refused: NarrowgateError | None,
        named: OfficerKey | None,
    ) -> Response:
        found = self._found(int(request.path_params["number"]))
        shown = act_in_words(found)
        return self._pages.page(
            request,
            "console/act.html",
            400 if errors else 422 if refused else 200,
            found=found,
            shown=shown,
            shown_sha256=sha256(shown.encode()).hexdigest(),
            is_complete=len(found.persons) >= found.needed,
            errors=errors,
            refused=refused,
            **shown_key(named),
        )

    def _found(self, number: int) -> Outcome:
        found = [each for each in self._view.proposed() if each.act.number == number]
        if not found:
            raise UsageError("No act of that number waits.", next_step="Choose one of the list of acts.")
        return found[0]

    def _holds(
        self,
        request: Request,
        errors: dict[str, str],
        refused: NarrowgateError | None,
        named: OfficerKey | None,
    ) -> Response:
        held: dict[str, Any] = dict(self._view.in_force().holds)
        return self._pages.page(
            request,
            "console/holds.html",
            400 if errors else 422 if refused else 200,
            held=held,
            handed_over=self._view.handed_over(),
            scopes=[(scope, scope.replace("_", " ")) for scope in SCOPES],
            errors=errors,
            refused=refused,
            **shown_key(named),
        )
