"""The desk as one application: its first page, the template, and the pages of cases, packages and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from narrowgate.adapters.files.case_template import write_template
from narrowgate.core.base.errors import UsageError
from narrowgate.core.request.dictionary import DICTIONARY
from narrowgate.entrypoints.documents import read_agreement
from narrowgate.entrypoints.web.desk.answer_pages import AnswerPages
from narrowgate.entrypoints.web.desk.case_files import CaseFiles
from narrowgate.entrypoints.web.desk.case_pages import CasePages
from narrowgate.entrypoints.web.desk.intake_pages import IntakePages
from narrowgate.entrypoints.web.desk.package_pages import PackagePages
from narrowgate.entrypoints.web.desk.packages import Packages
from narrowgate.entrypoints.web.desk.settings import DeskSettings
from narrowgate.entrypoints.web.kit.application import application, local
from narrowgate.entrypoints.web.kit.downloads import CSV, WORKBOOK, download
from narrowgate.entrypoints.web.kit.one_time_link import Link
from narrowgate.entrypoints.web.kit.pages import Pages, Place
from narrowgate.entrypoints.web.kit.strings import translatable

MOST_BYTES: Final = 100_000_000
"""The largest case file that the desk takes; a larger one is for the command line."""

_TEMPLATES: Final = {"cases.xlsx": WORKBOOK, "cases.csv": CSV, "cases.dictionary.csv": CSV}


def desk(settings: DeskSettings, origin: str) -> tuple[ASGIApp, Link]:
    """The desk behind its guards, and the link that opens it once.

    Args:
        settings: of the desk.
        origin: on 127.0.0.1.

    Raises:
        NarrowgateError: the agreement cannot be used, or there is no such language.
    """
    read_agreement(settings.agreement)
    places = [
        Place("/template", "Template"),
        Place("/cases", "Case files"),
        Place("/packages", "Packages"),
        Place("/answers", "Answers"),
    ]
    pages = Pages(Path(__file__).parent, translatable("Narrowgate desk"), places, settings.language)
    cases, packages = CaseFiles(settings), Packages(settings)
    answers = AnswerPages(settings, pages)
    first = FirstPages(settings, pages, cases, packages, answers)
    routes = [
        *first.routes(),
        *CasePages(settings, pages, cases, packages).routes(),
        *PackagePages(settings, pages, packages).routes(),
        *IntakePages(settings, pages, packages).routes(),
        *answers.routes(),
    ]
    served, link = local(origin, settings.entropy.draw(32), pages, MOST_BYTES)
    return application(routes, pages, served), link


class FirstPages:
    """The first page, and the template of a case file.

    Args:
        settings: of the desk.
        pages: of the desk.
        cases: that are open.
        packages: in the directory.
        answers: in the directory.
    """

    def __init__(
        self, settings: DeskSettings, pages: Pages, cases: CaseFiles, packages: Packages, answers: AnswerPages
    ) -> None:
        self._settings = settings
        self._pages = pages
        self._cases = cases
        self._packages = packages
        self._answers = answers

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/", self.first, methods=["GET"]),
            Route("/template", self.template, methods=["GET"]),
            Route("/template/{name}", self.template_file, methods=["GET"]),
        ]

    def first(self, request: Request) -> Response:
        """What there is to do, and how far it is."""
        packages = self._packages.all()
        return self._pages.page(
            request,
            "desk/first.html",
            opened=len(self._cases.all()),
            unsigned=sum(not package.is_signed for package in packages),
            signed=sum(package.is_signed for package in packages),
            answers=len(self._answers.names()),
        )

    def template(self, request: Request) -> Response:
        """The data dictionary, and the template for download."""
        statutes = read_agreement(self._settings.agreement).statutes
        return self._pages.page(request, "desk/template.html", dictionary=DICTIONARY, statutes=statutes)

    def template_file(self, request: Request) -> Response:
        """A template as a file."""
        name = request.path_params["name"]
        if name not in _TEMPLATES:
            raise UsageError(
                "There is no such template.", next_step="Choose one on the page of the template."
            )
        folder = self._settings.scratch / self._settings.entropy.draw(8).hex()
        folder.mkdir(mode=0o700)
        statutes = tuple(read_agreement(self._settings.agreement).statutes)
        written = write_template(folder / ("cases.xlsx" if name == "cases.xlsx" else "cases.csv"), statutes)
        data = (folder / name).read_bytes()
        for path in written:
            path.unlink()
        folder.rmdir()
        return download(data, name, _TEMPLATES[name])
