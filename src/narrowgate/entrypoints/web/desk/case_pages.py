"""Pages of case files: open one, see what would be refused, correct a row, make a package of it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from narrowgate.adapters.files.case_template import write_cases
from narrowgate.core.base.errors import NarrowgateError, RefusedError, UsageError
from narrowgate.core.eligibility.lint import Severity
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.core.request.dictionary import DICTIONARY
from narrowgate.core.request.form_faults import FormFault
from narrowgate.core.request.item import ITEM_COLUMNS, Item
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.documents import read_agreement
from narrowgate.entrypoints.web.desk.case_files import CaseFiles, JudgedCaseFile, OpenCaseFile, line_of
from narrowgate.entrypoints.web.desk.packages import Packages
from narrowgate.entrypoints.web.desk.settings import DeskSettings
from narrowgate.entrypoints.web.kit.bars import Bar
from narrowgate.entrypoints.web.kit.downloads import WORKBOOK, download
from narrowgate.entrypoints.web.kit.forms import file, posted, text
from narrowgate.entrypoints.web.kit.pages import Pages, redirect
from narrowgate.requester.lint_lines import obstacle_text
from narrowgate.requester.lint_table import FindingRow, finding_row, finding_rows

ROWS_A_PAGE: Final = 50
"""Findings that a page of the table shows."""

_OF_ADDRESSES: Final = ("R-62d", "R-62e", "R-64", "R-65")
"""Rules on the text of an address as a whole."""

_NO_FILE: Final = "Choose a file: CSV, Parquet or Excel."


class CasePages:
    """The pages of case files.

    Args:
        settings: of the desk.
        pages: of the desk.
        cases: that are open.
        packages: that are made of them.
    """

    def __init__(self, settings: DeskSettings, pages: Pages, cases: CaseFiles, packages: Packages) -> None:
        self._settings = settings
        self._pages = pages
        self._cases = cases
        self._packages = packages

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/cases", self.list, methods=["GET"]),
            Route("/cases", self.open, methods=["POST"]),
            Route("/cases/{key}", self.findings, methods=["GET"]),
            Route("/cases/{key}", self.open_again, methods=["POST"]),
            Route("/cases/{key}/close", self.close, methods=["POST"]),
            Route("/cases/{key}/corrected.xlsx", self.corrected, methods=["GET"]),
            Route("/cases/{key}/package", self.ask_office, methods=["GET"]),
            Route("/cases/{key}/package", self.make_package, methods=["POST"]),
            Route("/cases/{key}/rows/{line:int}", self.row, methods=["GET"]),
            Route("/cases/{key}/rows/{line:int}", self.correct, methods=["POST"]),
        ]

    def list(self, request: Request) -> Response:
        """The open case files, and the form that opens one."""
        return self._list(request, {})

    async def open(self, request: Request) -> Response:
        """Open a file."""
        async with posted(request) as form:
            upload = file(form, "cases")
            if upload is None:
                return self._list(request, {"cases": _NO_FILE})
            opened = await run_in_threadpool(self._cases.open, upload.filename or "", upload.file)
        return redirect(f"/cases/{opened.key}")

    async def open_again(self, request: Request) -> Response:
        """Open a corrected version in the place of a file."""
        opened = self._opened(request)
        async with posted(request) as form:
            upload = file(form, "cases")
            if upload is None:
                return await run_in_threadpool(self._findings, request, opened, {"cases": _NO_FILE})
            newer = await run_in_threadpool(self._cases.replace, opened, upload.filename or "", upload.file)
        return redirect(f"/cases/{newer.key}")

    async def close(self, request: Request) -> Response:
        """Close a file: nothing of it stays on the desk."""
        opened = self._opened(request)
        async with posted(request):
            await run_in_threadpool(self._cases.close, opened)
        return redirect("/cases")

    def findings(self, request: Request) -> Response:
        """What would be refused of a file."""
        return self._findings(request, self._opened(request), {})

    def corrected(self, request: Request) -> Response:
        """The file as corrected, as a workbook of text."""
        opened = self._opened(request)
        statutes = tuple(read_agreement(self._settings.agreement).statutes)
        path = self._settings.scratch / f"{self._settings.entropy.draw(8).hex()}.xlsx"
        try:
            write_cases(path, (item for _, item in self._cases.items(opened)), statutes)
            return download(path.read_bytes(), "cases-corrected.xlsx", WORKBOOK)
        finally:
            path.unlink(missing_ok=True)

    def row(self, request: Request) -> Response:
        """One row, each field with what is wrong with it."""
        opened, line = self._opened(request), int(request.path_params["line"])
        self._require_known_columns(opened)
        return self._row(request, opened, line, self._cases.row(opened, line), "")

    async def correct(self, request: Request) -> Response:
        """Take a corrected row and judge it at once."""
        opened, line = self._opened(request), int(request.path_params["line"])
        async with posted(request) as form:
            item = Item._make(text(form, column) for column in ITEM_COLUMNS)
        return await run_in_threadpool(self._correct, request, opened, line, item)

    def ask_office(self, request: Request) -> Response:
        """Which office is to sign."""
        opened = self._opened(request)
        self._require_good_form(opened)
        judged = self._cases.judged(opened)
        return self._pages.page(
            request,
            "desk/make-package.html",
            opened=opened,
            found=judged.linted.found,
            offices=[(office.value, office.value.replace("_", " ")) for office in Office],
        )

    async def make_package(self, request: Request) -> Response:
        """Make an unsigned package of the file as corrected."""
        opened = self._opened(request)
        async with posted(request) as form:
            office = text(form, "office")
        if office not in list(Office):
            raise UsageError("No office was chosen.", next_step="Choose the office that is to sign.")
        items = (item for _, item in self._cases.items(opened))
        name = await run_in_threadpool(self._packages.make, items, Office(office))
        return redirect(f"/packages/{name}")

    def _opened(self, request: Request) -> OpenCaseFile:
        return self._cases.get(request.path_params["key"])

    def _list(self, request: Request, errors: dict[str, str]) -> Response:
        opened = self._cases.all()
        status = 400 if errors else 200
        return self._pages.page(request, "desk/cases.html", status, opened=opened, errors=errors)

    def _findings(self, request: Request, opened: OpenCaseFile, errors: dict[str, str]) -> Response:
        judged = self._cases.judged(opened)
        found = judged.linted.found
        asked = {name: request.query_params.get(name, "") for name in ("rule", "severity", "item")}
        rows = finding_rows(found, rule=asked["rule"], severity=asked["severity"], item=asked["item"])
        of = max(1, -(-len(rows) // ROWS_A_PAGE))
        at = min(of, max(1, _number(request.query_params.get("page", ""))))
        counts = found.refused_by_rule()
        return self._pages.page(
            request,
            "desk/findings.html",
            400 if errors else 200,
            opened=opened,
            errors=errors,
            found=found,
            faults=[_shown_fault(judged, fault) for fault in judged.faults],
            is_correctable=judged.is_correctable(),
            obstacles=[obstacle_text(obstacle) for obstacle in judged.linted.obstacles],
            chart=[
                Bar(rule, counts[rule], rule_of(rule).title, f"?{urlencode({'rule': rule})}#findings")
                for rule in sorted(counts, key=lambda rule: (-counts[rule], rule))
            ],
            rules=sorted({row.rule for row in finding_rows(found)}),
            severities=list(Severity),
            asked=asked,
            rows=rows[(at - 1) * ROWS_A_PAGE : at * ROWS_A_PAGE],
            number=len(rows),
            at=at,
            of=of,
            address=f"?{urlencode(asked)}&page=",
        )

    def _correct(self, request: Request, opened: OpenCaseFile, line: int, item: Item) -> Response:
        self._require_known_columns(opened)
        self._cases.row(opened, line)
        try:
            self._cases.correct(opened, line, item)
        except RefusedError as error:
            return self._row(request, opened, line, item, "", error)
        return self._row(request, opened, line, item, "corrected")

    def _row(
        self,
        request: Request,
        opened: OpenCaseFile,
        line: int,
        item: Item,
        state: str,
        refused: NarrowgateError | None = None,
    ) -> Response:
        rows = [finding_row(line, item.item, remark) for remark in self._cases.remarks(item)]
        columns = {remark.detail: remark.column for remark in self._cases.remarks(item)}
        errors = {_field(row, columns[row.detail]): f"{row.rule}: {row.detail}" for row in reversed(rows)}
        faults = self._cases.judged(opened).faults_of(line)
        errors |= {fault.column: f"{fault.rule}: {fault.problem}" for fault in faults if fault.column}
        statutes = tuple(read_agreement(self._settings.agreement).statutes)
        fields: list[dict[str, Any]] = [
            {
                "name": entry.name,
                "value": value,
                "hint": entry.holds,
                "error": errors.get(entry.name, ""),
                "choices": _choices(statutes if entry.name == "statute" else entry.choices, value),
            }
            for entry, value in zip(DICTIONARY, item, strict=True)
        ]
        return self._pages.page(
            request,
            "desk/row.html",
            422 if refused else 200,
            opened=opened,
            line=line,
            item=item.item,
            rows=rows,
            faults=faults,
            fields=fields,
            state=state,
            refused=refused,
        )

    def _require_known_columns(self, opened: OpenCaseFile) -> None:
        if not self._cases.judged(opened).is_correctable():
            raise _bad_form("Until its headings are, which value stands in which cell is not certain.")

    def _require_good_form(self, opened: OpenCaseFile) -> None:
        if self._cases.judged(opened).faults:
            raise _bad_form("Until it is, what some rows ask is not certain.")


def _bad_form(why: str) -> RefusedError:
    return RefusedError(
        "The form of the case file is not yet right.",
        why=why,
        next_step="Correct what the findings say of its form: row by row here, or in the file, and open it again.",
        rule="R-10",
    )


def _shown_fault(judged: JudgedCaseFile, fault: FormFault) -> dict[str, Any]:
    """A fault with its places, each with the line of its row where that can be corrected on a page."""
    places = [
        (place, line_of(place) if judged.is_correctable() and line_of(place) in judged.readable else 0)
        for place in fault.places
    ]
    return {
        "places": places,
        "more": fault.count - len(fault.places),
        "column": fault.column,
        "problem": fault.problem,
        "hint": fault.hint,
        "rule": fault.rule,
    }


def _field(row: FindingRow, column: str) -> str:
    """The field of the page that a finding is about: the column it names, or the first that its rule judges."""
    if column:
        return column
    if row.rule.startswith(_OF_ADDRESSES):
        return "address_line_1"
    return next((entry.name for entry in DICTIONARY if row.rule.startswith(entry.rule)), "item")


def _choices(choices: tuple[str, ...], value: str) -> list[tuple[str, str]]:
    """What a field offers; what stands there now is always among it."""
    if not choices:
        return []
    offered = ["", *choices] if value == "" else list(choices)
    return [(choice, choice) for choice in (offered if value in offered else [value, *offered])]


def _number(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 1
