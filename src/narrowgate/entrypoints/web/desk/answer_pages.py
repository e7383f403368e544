"""Pages of answers: the terms first, then the outcomes to the officer they are sealed to, in one response alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from narrowgate.adapters.files.package_files import MANIFEST_FILE, PackageDirectory
from narrowgate.core.answers.answer import TERMS
from narrowgate.core.answers.answers_manifest import AnswersManifest
from narrowgate.core.answers.file_names import ANSWERS
from narrowgate.core.base.errors import ConfigurationError, NarrowgateError, UsageError
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.answered_package import answered_items
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.entrypoints.opened_part import OfficerKey, opened_part
from narrowgate.entrypoints.web.desk.settings import DeskSettings
from narrowgate.entrypoints.web.kit.forms import posted, text
from narrowgate.entrypoints.web.kit.key_form import NO_ERRORS, key_errors, officer_key, shown_key
from narrowgate.entrypoints.web.kit.pages import Pages
from narrowgate.requester.asked import asked_item
from narrowgate.requester.opened import OpenedAnswers, rule_lines

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_UNREAD: Final = "Say that you have read the terms and will keep to them (R-45)."


class AnswerPages:
    """The pages of answers.

    Args:
        settings: of the desk.
        pages: of the desk.
    """

    def __init__(self, settings: DeskSettings, pages: Pages) -> None:
        self._settings = settings
        self._pages = pages

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/answers", self.list, methods=["GET"]),
            Route("/answers/{name}", self.terms, methods=["GET"]),
            Route("/answers/{name}", self.open, methods=["POST"]),
        ]

    def names(self) -> list[str]:
        """The released answers that lie in the directory."""
        folder = self._settings.answers
        if folder is None or not folder.is_dir():
            return []
        return sorted(
            (
                path.name
                for path in folder.iterdir()
                if _NAME.fullmatch(path.name) and (path / ANSWERS).is_file()
            ),
            reverse=True,
        )

    def list(self, request: Request) -> Response:
        """The released answers; nothing of them is opened."""
        return self._pages.page(
            request, "desk/answers.html", names=self.names(), has_folder=self._settings.answers is not None
        )

    def terms(self, request: Request) -> Response:
        """The terms, before anything is shown."""
        self._directory(request)
        return self._terms(request)

    async def open(self, request: Request) -> Response:
        """The outcomes, in this response alone."""
        directory = self._directory(request)
        async with posted(request) as form:
            officer = officer_key(form)
            errors = key_errors(officer) | (
                {} if text(form, "acknowledge") == "yes" else {"acknowledge": _UNREAD}
            )
        if errors:
            return self._terms(request, errors, None, officer)
        try:
            opened = await run_in_threadpool(self._opened, directory, officer)
        except NarrowgateError as error:
            return self._terms(request, {}, error, officer)
        header, manifest = opened.part.header, opened.manifest
        return self._pages.page(
            request,
            "desk/outcomes.html",
            header=header,
            manifest=manifest,
            issued=format_time(header.issued),
            expires=format_time(header.expires),
            has_package=opened.asked is not None,
            left_out=[row + 1 for row in opened.left_out],
            records=_shown(opened),
            recalls=opened.recalls,
            witnessed=opened.witnessed,
        )

    def _directory(self, request: Request) -> Path:
        name = str(request.path_params["name"])
        if self._settings.answers is None or name not in self.names():
            raise UsageError("There are no such answers.", next_step="Choose one of the list of answers.")
        return self._settings.answers / name

    def _terms(
        self,
        request: Request,
        errors: Mapping[str, str] = NO_ERRORS,
        refused: NarrowgateError | None = None,
        named: OfficerKey | None = None,
    ) -> Response:
        return self._pages.page(
            request,
            "desk/terms.html",
            400 if errors else 422 if refused else 200,
            name=request.path_params["name"],
            terms=TERMS,
            errors=errors,
            refused=refused,
            **shown_key(named, self._settings.key, self._settings.certificate),
        )

    def _opened(self, directory: Path, officer: OfficerKey) -> OpenedAnswers:
        if self._settings.log_key is None:
            raise ConfigurationError(
                "The log's key is not at hand.",
                why="Answers count only if they are in the log (R-30).",
                next_step="Open the desk with --log-key, the log.vkey that the custodian published.",
            )
        log_key = read_log_key(self._settings.log_key)
        part = opened_part(
            directory,
            officer,
            log_key,
            self._settings.clock.now(),
            self._settings.recalls,
            self._settings.witnesses.demanded(log_key),
        )
        package = self._package(part.manifest)
        asked, left_out = answered_items(package, part.answers, part.manifest) if package else (None, ())
        return OpenedAnswers(part.answers, part.manifest, asked, left_out, part.recalls, part.witnessed)

    def _package(self, manifest: AnswersManifest) -> Path | None:
        """The package that was answered, where it is in the desk's directory."""
        folder = self._settings.packages
        for path in folder.iterdir() if folder.is_dir() else ():
            if _NAME.fullmatch(path.name) and (path / MANIFEST_FILE).is_file():
                try:
                    data = PackageDirectory(path).manifest()
                except NarrowgateError:
                    continue
                if sha256(data).hexdigest() == manifest.manifest_sha256:
                    return path
        return None


def _shown(opened: OpenedAnswers) -> list[dict[str, Any]]:
    shown = []
    for record in opened.part.records:
        item = opened.item(record)
        shown.append(
            {
                "row": record.ordinal + 1,
                "outcome": opened.outcome(record),
                "is_recalled": opened.recall(record) is not None,
                "meaning": opened.meaning(record),
                "item": item,
                "asked": asked_item(record.ordinal + 1, item) if item else None,
                "findings": [[line.strip() for line in rule_lines(finding)] for finding in record.findings],
            }
        )
    return shown
