"""Pages of packages: what one asks, for the official to check; the signature; the files to hand over."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from narrowgate.core.base.errors import NarrowgateError, UsageError
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.entrypoints.opened_part import OfficerKey
from narrowgate.entrypoints.web.desk.packages import FILES, DeskPackage, Packages
from narrowgate.entrypoints.web.desk.settings import DeskSettings
from narrowgate.entrypoints.web.kit.bars import Bar
from narrowgate.entrypoints.web.kit.forms import posted, text
from narrowgate.entrypoints.web.kit.key_form import NO_ERRORS, key_errors, officer_key, shown_key
from narrowgate.entrypoints.web.kit.pages import Pages, redirect
from narrowgate.requester.summary_page import summary_text

_UNREAD: Final = "Say that you have read what the package asks and attests."


class PackagePages:
    """The pages of packages.

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
            Route("/packages", self.list, methods=["GET"]),
            Route("/packages/{name}", self.show, methods=["GET"]),
            Route("/packages/{name}", self.sign, methods=["POST"]),
            Route("/packages/{name}/{file}", self.file, methods=["GET"]),
        ]

    def list(self, request: Request) -> Response:
        """Every package, and whether it is signed."""
        return self._pages.page(request, "desk/packages.html", packages=self._packages.all())

    def show(self, request: Request) -> Response:
        """Check what a package asks; then sign it, or hand it over."""
        return self._show(request, self._packages.get(request.path_params["name"]))

    async def sign(self, request: Request) -> Response:
        """Sign a package that was read."""
        package = await run_in_threadpool(self._packages.get, request.path_params["name"])
        async with posted(request) as form:
            official = officer_key(form)
            errors = key_errors(official) | ({} if text(form, "read") == "yes" else {"read": _UNREAD})
            shown = text(form, "shown_sha256")
        if errors:
            return await run_in_threadpool(self._show, request, package, errors, None, official)
        try:
            await run_in_threadpool(self._packages.sign, package, official, shown)
        except NarrowgateError as error:
            return await run_in_threadpool(self._show, request, package, {}, error, official)
        return redirect(f"/packages/{package.name}")

    def file(self, request: Request) -> Response:
        """One file of a signed package, to hand over."""
        package = self._packages.get(request.path_params["name"])
        name = request.path_params["file"]
        if name not in FILES or not package.is_signed or not (package.path / name).exists():
            raise UsageError(
                "There is no such file to hand over.", next_step="Choose one on the package's page."
            )
        return FileResponse(package.path / name, filename=name, media_type="application/octet-stream")

    def _show(
        self,
        request: Request,
        package: DeskPackage,
        errors: Mapping[str, str] = NO_ERRORS,
        refused: NarrowgateError | None = None,
        named: OfficerKey | None = None,
    ) -> Response:
        summary = self._packages.summary(package)
        shown = summary_text(summary)
        return self._pages.page(
            request,
            "desk/package.html",
            400 if errors else 422 if refused else 200,
            package=package,
            summary=summary,
            shown=shown,
            shown_sha256=sha256(shown.encode()).hexdigest(),
            refusals=[
                Bar(rule, number, rule_of(rule).title) for rule, number in summary.refused_by_rule.items()
            ],
            files=self._packages.files(package) if package.is_signed else [],
            errors=errors,
            refused=refused,
            **shown_key(named, self._settings.key, self._settings.certificate),
            has_root=self._settings.root is not None,
            has_intake=self._settings.intake is not None,
        )
