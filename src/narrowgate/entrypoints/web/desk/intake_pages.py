"""Pages that reach the custodian's intake: hand a package over, ask where it is, fetch its sealed answers."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from narrowgate.adapters.http.intake_client import IntakeClient
from narrowgate.core.base.errors import ConfigurationError, NarrowgateError, UsageError
from narrowgate.core.request.manifest import Manifest
from narrowgate.entrypoints.cli.submit import status_text
from narrowgate.entrypoints.web.desk.packages import DeskPackage, Packages
from narrowgate.entrypoints.web.desk.settings import DeskSettings
from narrowgate.entrypoints.web.kit.forms import posted
from narrowgate.entrypoints.web.kit.pages import Pages


class IntakePages:
    """What a signed package's page can do at the intake.

    Args:
        settings: of the desk.
        pages: of the desk.
        packages: in its directory.
    """

    def __init__(self, settings: DeskSettings, pages: Pages, packages: Packages) -> None:
        self._settings = settings
        self._pages = pages
        self._packages = packages

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/packages/{name}/submit", self.submit, methods=["POST"]),
            Route("/packages/{name}/status", self.status, methods=["POST"]),
            Route("/packages/{name}/fetch", self.fetch, methods=["POST"]),
        ]

    async def submit(self, request: Request) -> Response:
        """Hand the package over; again, it goes on where it was cut off."""
        return await self._at_the_intake(
            request, lambda client, package, _: status_text(client.submit(package.path, _unwatched))
        )

    async def status(self, request: Request) -> Response:
        """Where the package is."""
        return await self._at_the_intake(
            request, lambda client, _, manifest: status_text(client.status(manifest.package_id))
        )

    async def fetch(self, request: Request) -> Response:
        """Bring the sealed answers into the desk's directory of answers; nothing of them is opened."""
        return await self._at_the_intake(request, self._fetched)

    def _fetched(self, client: IntakeClient, _package: DeskPackage, manifest: Manifest) -> str:
        folder = self._settings.answers
        if folder is None:
            raise ConfigurationError(
                "The desk has no directory of answers.", next_step="Open the desk with --answers."
            )
        files = client.fetch(manifest.package_id, folder / manifest.package_id, _unwatched)
        return f"{files:,} files of {manifest.package_id} are in the directory of answers."

    async def _at_the_intake(
        self, request: Request, done: Callable[[IntakeClient, DeskPackage, Manifest], str]
    ) -> Response:
        async with posted(request):
            package = await run_in_threadpool(self._packages.get, request.path_params["name"])
        return await run_in_threadpool(self._done, request, package, done)

    def _done(
        self,
        request: Request,
        package: DeskPackage,
        done: Callable[[IntakeClient, DeskPackage, Manifest], str],
    ) -> Response:
        told, refused = "", None
        try:
            told = self._called(package, done)
        except NarrowgateError as error:
            refused = error
        return self._pages.page(
            request, "desk/intake.html", 422 if refused else 200, package=package, told=told, refused=refused
        )

    def _called(
        self, package: DeskPackage, done: Callable[[IntakeClient, DeskPackage, Manifest], str]
    ) -> str:
        if self._settings.intake is None:
            raise ConfigurationError(
                "The desk does not know the intake.",
                next_step="Open the desk with --intake and the client's certificate and key, or hand the files over.",
            )
        if package.manifest is None or not package.is_signed:
            raise UsageError("The package is not signed.", next_step="Sign it first.")
        with IntakeClient(self._settings.intake, time.sleep) as client:
            return done(client, package, package.manifest)


def _unwatched(_what: str, _done: int, _of: int) -> None:
    """Nobody watches while a page waits."""
