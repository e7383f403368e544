"""The inspector's site: verdict, entries, packages, acts and reports; nothing on it changes anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from narrowgate.core.base.errors import UsageError
from narrowgate.core.base.times import parse_time
from narrowgate.core.log.leaf import KINDS
from narrowgate.entrypoints.web.inspect.oversight import oversight_routes
from narrowgate.entrypoints.web.inspect.shelf import Shelf, day
from narrowgate.entrypoints.web.inspect.shelves import Shelves
from narrowgate.entrypoints.web.kit.application import Served, application, local
from narrowgate.entrypoints.web.kit.bars import Bar
from narrowgate.entrypoints.web.kit.downloads import BINARY, CSV, streamed
from narrowgate.entrypoints.web.kit.one_time_link import Link
from narrowgate.entrypoints.web.kit.pages import Pages, Place
from narrowgate.entrypoints.web.kit.strings import translatable
from narrowgate.verify.chosen import Choice, columns_of
from narrowgate.verify.ledger import PackageLedger
from narrowgate.verify.trace_picture import picture
from narrowgate.verify.trace_words import lines

REPORTS: Final = {
    "verify": translatable("Everything compared with everything"),
    "in-force": translatable("What is in force"),
    "holds": translatable("Holds"),
    "incidents": translatable("Incidents"),
    "conformance": translatable("Requirements R-1 to R-81"),
}
AS_OF: Final = frozenset({"in-force", "incidents"})
"""The reports that are told as of a time."""

_MOST_PACKAGES: Final = 1_000
_FILTERS: Final = ("kind", "package", "rule", "since", "until")


def site(shelves: Shelves, origin: str, secret: bytes, language: str = "en") -> tuple[ASGIApp, Link]:
    """The site behind its guards, and the link that opens it once.

    Args:
        shelves: what it shows.
        origin: on 127.0.0.1.
        secret: 32 random bytes.
        language: of the strings.
    """
    pages = _pages_of(language)
    served, link = local(origin, secret, pages)
    return application(_routes(shelves, pages), pages, served), link


def remote_site(shelves: Shelves, served: Callable[[Pages], Served], language: str = "en") -> ASGIApp:
    """The site for persons with client certificates, behind its guards.

    Args:
        shelves: what it shows.
        served: how its pages are served.
        language: of the strings.
    """
    pages = _pages_of(language)
    return application(_routes(shelves, pages), pages, served(pages))


def _pages_of(language: str) -> Pages:
    places = [
        Place("/entries", "Entries"),
        Place("/packages", "Packages"),
        Place("/acts", "Acts"),
        Place("/accounting", "Accounting"),
        Place("/recalls", "Recalls"),
        Place("/reports", "Reports"),
    ]
    return Pages(Path(__file__).parent, translatable("Narrowgate inspection"), places, language)


class SitePages:
    """Every page of the site, for one request.

    Args:
        shelf: what it shows.
        pages: of the site.
        now: aware UTC time of the visit.
    """

    def __init__(self, shelf: Shelf, pages: Pages, now: datetime) -> None:
        self._shelf = shelf
        self._pages = pages
        self._now = now

    def first(self, request: Request) -> Response:
        """The verdict, and what the source is."""
        return self._page(request, "first.html", found=self._shelf.inspection())

    def entries(self, request: Request) -> Response:
        """A list of entries, fifty a page, with filters and what they leave."""
        choice = _choice(request)
        number = _number(request.query_params.get("page", "1"))
        shown, pages = self._shelf.page(choice, number)
        facets = None if choice.is_everything else self._shelf.found(choice)
        query = {name: getattr(choice, name) for name in _FILTERS if getattr(choice, name)}

        def narrower(name: str, value: str) -> str:
            return f"/entries?{urlencode(query | {name: value})}"

        return self._page(
            request,
            "entries.html",
            rows=[columns_of(entry) for entry in shown],
            choice=choice,
            kinds=KINDS,
            at=number,
            of=pages,
            total=len(facets.indexes) if facets else self._shelf.size,
            by_kind=[
                Bar(kind, count, href=narrower("kind", kind)) for kind, count in facets.kinds.most_common()
            ]
            if facets
            else [],
            by_rule=[
                Bar(rule, count, href=narrower("rule", rule)) for rule, count in facets.rules.most_common()
            ]
            if facets
            else [],
            address=f"/entries?{urlencode(query)}&page=" if query else "/entries?page=",
            query=urlencode(query),
            command=" ".join(
                ["log list LOG", *(f"--{name} {quote(value)}" for name, value in query.items())]
            ),
        )

    def entry(self, request: Request) -> Response:
        """One entry, with its proof."""
        index = request.path_params["index"]
        found = self._shelf.entry(index)
        return self._page(
            request,
            "entry.html",
            entry=found,
            fields=orjson.dumps(found.fields, option=orjson.OPT_INDENT_2).decode(),
            proof=str(self._shelf.entries.proof(index)),
        )

    def export(self, request: Request) -> Response:
        """What the filters leave, as a file that names size and root of the log."""
        form = request.path_params["form"]
        if form not in {"csv", "parquet"}:
            raise UsageError("There is no such form of a list.", next_step="Choose CSV or Parquet.")
        name = f"entries-{self._shelf.size}-{self._shelf.root[:16]}.{form}"
        return streamed(self._shelf.exported(_choice(request), form), name, CSV if form == "csv" else BINARY)

    def packages(self, request: Request) -> Response:
        """Every package of the log, the newest first."""
        packages = list(self._shelf.inspection().ledger.packages.items())
        shown = [(name, package, _status(package)) for name, package in reversed(packages[-_MOST_PACKAGES:])]
        return self._page(request, "packages.html", packages=shown, total=len(packages))

    def package(self, request: Request) -> Response:
        """The way of a package, or of an item of it."""
        trace = self._shelf.trace(request.path_params["item"])
        rows = self._shelf.inspection().ledger.packages
        package = rows.get(trace.of.package)
        return self._page(
            request,
            "package.html",
            item=str(trace.of),
            package=trace.of.package,
            row=trace.of.row,
            rows=package.received["rows"] if package else 0,
            told="\n".join(lines(trace)),
            steps=[(step.index, step.kind) for step in trace.steps],
        )

    def way(self, request: Request) -> Response:
        """The picture of that way."""
        drawn = picture(self._shelf.trace(request.path_params["item"]))
        return Response(drawn, media_type="image/svg+xml")

    def acts(self, request: Request) -> Response:
        """Every act, in order, each with its entry."""
        found = self._shelf.found(Choice(kind="act"))
        acts = [self._shelf.entry(index) for index in found.indexes]
        return self._page(request, "acts.html", acts=acts)

    def reports(self, request: Request) -> Response:
        """The reports that the source is enough for."""
        return self._page(request, "reports.html", reports=REPORTS)

    def report(self, request: Request) -> Response:
        """One report, word for word as its command prints it."""
        name = request.path_params["name"]
        given = request.query_params.get("at", "").strip() if name in AS_OF else ""
        make = self._shelf.reports(_moment(given) if given else self._now).get(name)
        if make is None:
            raise UsageError("There is no such report.", next_step="Choose one on the page of reports.")
        command = f"narrowgate inspector {name} SOURCE" + (f" --at {quote(given)}" if given else "")
        return self._page(
            request,
            "report.html",
            name=name,
            title=REPORTS[name],
            text=make(),
            has_time=name in AS_OF,
            at=given,
            command=command,
        )

    def _page(self, request: Request, template: str, **values: Any) -> Response:
        shelf = self._shelf
        return self._pages.page(
            request,
            f"inspect/{template}",
            size=shelf.size,
            root=shelf.root,
            kind=str(shelf.source.kind),
            **values,
        )


_PAGES: Final = {
    "/": SitePages.first,
    "/entries": SitePages.entries,
    "/entries/{index:int}": SitePages.entry,
    "/export/{form}": SitePages.export,
    "/packages": SitePages.packages,
    "/packages/{item}": SitePages.package,
    "/packages/{item}/way.svg": SitePages.way,
    "/acts": SitePages.acts,
    "/reports": SitePages.reports,
    "/reports/{name}": SitePages.report,
}


def _routes(shelves: Shelves, pages: Pages) -> list[Route]:
    """Where the pages are; each of them is read and none takes anything."""

    def shown(page: Callable[[SitePages, Request], Response]) -> Callable[[Request], Response]:
        return shelves.page(lambda shelf, now, request: page(SitePages(shelf, pages, now), request))

    own = [Route(path, shown(page), methods=["GET"]) for path, page in _PAGES.items()]
    return own + oversight_routes(shelves, pages)


def _choice(request: Request) -> Choice:
    given = {name: request.query_params.get(name, "").strip()[:200] for name in _FILTERS}
    return Choice(**(given | {"since": day(given["since"]), "until": day(given["until"])}))


def _moment(text: str) -> datetime:
    try:
        return parse_time(text)
    except ValueError as error:
        raise UsageError("It is no time.", next_step="Write it as 2026-11-27T08:00:00Z.") from error


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _status(package: PackageLedger) -> str:
    """What became of a package, in the words of the log."""
    for state in ("destroyed", "expired", "abandoned", "released"):
        if getattr(package, state):
            return state
    return "decided" if package.decided is not None else "in progress"
