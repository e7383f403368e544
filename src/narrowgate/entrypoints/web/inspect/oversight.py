"""The pages that count and call back: the accounting of disclosures, and recalls with who has not answered."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import datetime
from shlex import quote
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from narrowgate.core.base.errors import NarrowgateError, UsageError
from narrowgate.core.governance.recall_list import Criteria, recall_list_bytes
from narrowgate.entrypoints.accounting_files import as_parquet, as_pdf
from narrowgate.entrypoints.recall_criteria import CRITERIA, DIGESTS, TIMES, digest_of, item_of, time_of
from narrowgate.entrypoints.web.inspect.shelf import Shelf
from narrowgate.entrypoints.web.inspect.shelves import Shelves
from narrowgate.entrypoints.web.kit.bars import Bar
from narrowgate.entrypoints.web.kit.downloads import BINARY, CSV, download
from narrowgate.entrypoints.web.kit.pages import Pages
from narrowgate.entrypoints.web.kit.strings import translatable
from narrowgate.verify.accounting.lines import PACKAGES, SHOWN
from narrowgate.verify.accounting.publication import ALL_OFFICES, ALL_STATUTES, Publication
from narrowgate.verify.accounting.report import as_html, notes
from narrowgate.verify.accounting.rows import as_csv
from narrowgate.verify.recall_words import SHOWN as MOST_NAMED
from narrowgate.verify.recall_words import in_hours

LABELS: Final = {
    "index": translatable("Index"),
    "rule_set": translatable("Rule set"),
    "canonical_form": translatable("Canonical form"),
    "match_rule": translatable("Match rule"),
    "agreement": translatable("Agreement (SHA-256)"),
    "office": translatable("Office"),
    "signer": translatable("Key that signed (SHA-256)"),
    "recipient": translatable("Key that answers were sealed to (SHA-256)"),
    "start": translatable("Decided from"),
    "end": translatable("Decided before"),
}
_MOST_PACKAGES: Final = 200
_MOST_LETTERS: Final = 4_000
_KINDS: Final = {"csv": CSV, "json": "application/json", "html": BINARY, "parquet": BINARY, "pdf": BINARY}


class OversightPages:
    """The pages of accounting and recalls, for one request.

    Args:
        shelf: what the site shows.
        pages: of the site.
        now: aware UTC time of the visit.
    """

    def __init__(self, shelf: Shelf, pages: Pages, now: datetime) -> None:
        self._shelf = shelf
        self._pages = pages
        self._now = now

    def accounting(self, request: Request) -> Response:
        """The numbers by month, office and statute, and by rule; small ones withheld as in what is published."""
        publication, _ = self._shelf.accounting()
        period, office = (request.query_params.get(name, "")[:100] for name in ("period", "office"))

        def shown(line: Any) -> bool:
            return (not period or line.period == period) and (not office or line.office == office)

        return self._page(
            request,
            "accounting.html",
            publication=publication,
            lines=list(filter(shown, publication.lines)),
            packages=list(filter(shown, publication.packages)),
            rules=list(filter(shown, publication.rules)),
            volume=_volume(publication),
            days=_days,
            names=SHOWN,
            package_names=PACKAGES,
            notes=notes(publication),
            periods=sorted({line.period for line in publication.packages}),
            offices=sorted({line.office for line in publication.packages}),
            period=period,
            office=office,
            openings=len(self._shelf.openings),
            forms=list(_KINDS),
            command=self._accounting_command(),
        )

    def accounting_file(self, request: Request) -> Response:
        """The whole accounting as a file, byte for byte the one that the command writes."""
        form = request.path_params["form"]
        publication, force = self._shelf.accounting()
        if form not in _KINDS:
            raise UsageError(
                "There is no such form of the accounting.", next_step=f"Choose one of {', '.join(_KINDS)}."
            )
        make = {
            "csv": lambda: as_csv(publication),
            "json": lambda: orjson.dumps(publication.as_dict(), option=orjson.OPT_INDENT_2) + b"\n",
            "html": lambda: as_html(publication, force),
            "parquet": lambda: as_parquet(publication),
            "pdf": lambda: as_pdf(publication),
        }
        return download(make[form](), f"accounting-{publication.size}.{form}", _KINDS[form])

    def recalls(self, request: Request) -> Response:
        """Every recall, its receipts, and who has not answered for how long."""
        found = self._shelf.recalls(self._now)
        return self._page(
            request, "recalls.html", recalls=found, most=MOST_NAMED, in_hours=in_hours, total=len(found)
        )

    def find(self, request: Request) -> Response:
        """The answers that criteria pick: what a recall of them would call back."""
        given = _given(request)
        found, refused = None, None
        errors: dict[str, str] = {}
        if any(given.values()):
            try:
                criteria, errors = _criteria(given)
                found = None if errors else self._shelf.find(criteria)
            except NarrowgateError as error:
                refused = error
        return self._page(
            request,
            "find.html",
            status=400 if errors else 422 if refused else 200,
            given=given,
            labels=LABELS,
            errors=errors,
            refused=refused,
            found=found,
            most=_MOST_PACKAGES,
            query=urlencode({name: value for name, value in given.items() if value}),
            command=_find_command(given),
        )

    def found_list(self, request: Request) -> Response:
        """The list of those answers, which an act of recall names: byte for byte the one that the command writes."""
        criteria, errors = _criteria(_given(request))
        if errors:
            raise UsageError("A criterion cannot be read.", next_step="Correct it on the page of the search.")
        return download(recall_list_bytes(self._shelf.find(criteria)), "recall.json", BINARY)

    def _accounting_command(self) -> str:
        openings = " --openings FILE" * len(self._shelf.openings)
        return f"narrowgate inspector accounting SOURCE{openings}"

    def _page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        shelf = self._shelf
        return self._pages.page(
            request,
            f"inspect/{template}",
            status,
            size=shelf.size,
            root=shelf.root,
            kind=str(shelf.source.kind),
            **values,
        )


_PAGES: Final = {
    "/accounting": OversightPages.accounting,
    "/accounting/file/{form}": OversightPages.accounting_file,
    "/recalls": OversightPages.recalls,
    "/recalls/find": OversightPages.find,
    "/recalls/list.json": OversightPages.found_list,
}


def oversight_routes(shelves: Shelves, pages: Pages) -> list[Route]:
    """Where these pages are; each of them is read and none takes anything.

    Args:
        shelves: what the site shows.
        pages: of the site.
    """

    def shown(page: Callable[[OversightPages, Request], Response]) -> Callable[[Request], Response]:
        return shelves.page(lambda shelf, now, request: page(OversightPages(shelf, pages, now), request))

    return [Route(path, shown(page), methods=["GET"]) for path, page in _PAGES.items()]


def _given(request: Request) -> dict[str, str]:
    names = (*CRITERIA, "items")
    return {name: request.query_params.get(name, "").strip()[:_MOST_LETTERS] for name in names}


def _criteria(given: Mapping[str, str]) -> tuple[Criteria, dict[str, str]]:
    """What was given as criteria, and what of it cannot be read, by its field."""
    read: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in given.items():
        try:
            if name == "items":
                read[name] = tuple(dict.fromkeys(map(item_of, value.replace(",", " ").split())))
            elif name in DIGESTS:
                read[name] = digest_of(value)
            else:
                read[name] = time_of(value) if name in TIMES else value
        except ValueError as error:
            errors[name] = str(error)
    return (Criteria() if errors else Criteria(**read)), errors


def _find_command(given: Mapping[str, str]) -> str:
    options = [f"--{option} {quote(given[name])}" for name, option in CRITERIA.items() if given[name]]
    options += [f"--item {quote(each)}" for each in given["items"].replace(",", " ").split()]
    return " ".join(["narrowgate recall find SOURCE", *(options or ["--index ID"]), "--out recall.json"])


def _volume(publication: Publication) -> list[Bar]:
    """Items by month over all offices, where the number is told."""
    return [
        Bar(line.period, items, href=f"/accounting?{urlencode({'period': line.period})}")
        for line in publication.lines
        if line.office == ALL_OFFICES and line.statute == ALL_STATUTES and len(line.period) > len("2026")
        if isinstance(items := line.counts["items"], int)
    ]


def _days(period: str) -> str:
    """The entries of a month or a year, as an address filters them."""
    year, _, month = period.partition("-")
    first, last = (month or "01"), (month or "12")
    end = monthrange(int(year), int(last))[1]
    return urlencode({"since": f"{year}-{first}-01", "until": f"{year}-{last}-{end:02d}"})
