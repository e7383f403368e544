"""From a template and values to a response: everything escaped, nothing undefined, and one page for every failure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from narrowgate.core.base.errors import (
    ConfigurationError,
    NarrowgateError,
    OperationalError,
    UsageError,
)
from narrowgate.entrypoints.cli.failures import Failure
from narrowgate.entrypoints.web.kit.bars import widths
from narrowgate.entrypoints.web.kit.strings import Strings

KIT: Final = Path(__file__).parent
STATIC_FILES: Final = KIT.parent / "static"
_USWDS: Final = STATIC_FILES / "uswds" / "css" / "uswds.min.css"
_OWN_PATH: Final = re.compile(r"/(?![/\\])[\w/.?=&%+-]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the header leads to.

    Args:
        path: of the page.
        name: in English; the catalogue has it.
    """

    path: str
    name: str


class Pages:
    """The pages of one application.

    Args:
        folder: of the application; its templates lie in ``templates/``, its catalogues in ``strings/``.
        name: of the application, in English; the catalogue has it.
        places: that the header leads to.
        language: of the strings.

    Raises:
        UsageError: there is no such language.
    """

    def __init__(self, folder: Path, name: str, places: Sequence[Place] = (), language: str = "en") -> None:
        strings = Strings(language, [KIT / "strings", folder / "strings"])
        self.environment = environment(folder)
        # The types of Jinja2 do not know what its own extension adds.
        vars(self.environment)["install_gettext_callables"](strings.gettext, strings.ngettext, newstyle=True)
        self.environment.globals.update(
            application=name,
            places=tuple(places),
            language=language,
            has_uswds=has_uswds(),
            widths=widths,
            zip=zip,
        )

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """The page of a template.

        Args:
            request: that is answered.
            template: name of its file.
            status: of the response.
            values: what the template names.
        """
        return HTMLResponse(
            self.environment.get_template(template).render(
                here=request.url.path,
                form_token=getattr(request.state, "form_token", ""),
                person=getattr(request.state, "person", ""),
                **values,
            ),
            status_code=status,
        )

    def problem(
        self, request: Request, error: NarrowgateError | Failure, status: int | None = None
    ) -> Response:
        """The page of a failure: what happened, why, what to do next, as the command line says it.

        Args:
            request: that failed.
            error: what happened.
            status: of the response; without it the one of the kind of error.
        """
        failure = error if isinstance(error, Failure) else Failure.of(error)
        code = status if status is not None else _status(error)
        return self.page(request, "kit/problem.html", code, failure=failure)


def environment(folder: Path) -> Environment:
    """Templates of the kit and of an application: everything is escaped, and what is undefined is an error.

    Args:
        folder: of the application.
    """
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder / "templates"), FileSystemLoader(KIT / "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.filters["count"] = "{:,}".format
    return made


def has_uswds() -> bool:
    """Whether the design system is in this installation; without it the pages have a plain style of their own."""
    return _USWDS.exists()


def redirect(path: str) -> RedirectResponse:
    """To another page of the same application, after a change was made.

    Raises:
        ValueError: the path could lead elsewhere.
    """
    if not _OWN_PATH.fullmatch(path):
        raise ValueError("a redirect leads to a page of the same application")
    return RedirectResponse(path, status_code=303)


_STATUSES: Final[Mapping[type[NarrowgateError], int]] = {
    UsageError: 400,
    ConfigurationError: 400,
    OperationalError: 503,
}


def _status(error: NarrowgateError | Failure) -> int:
    return next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), 422)
