"""An application of two pages that uses everything the kit has."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from narrowgate.entrypoints.web.kit.application import application, local
from narrowgate.entrypoints.web.kit.bars import Bar
from narrowgate.entrypoints.web.kit.forms import file, posted, text
from narrowgate.entrypoints.web.kit.one_time_link import Link
from narrowgate.entrypoints.web.kit.pages import Pages, Place, redirect

ORIGIN = "http://127.0.0.1:8642"
MOST_BYTES = 2_000_000

_TEMPLATE = """
{% extends "kit/base.html" %}
{% block title %}Sample{% endblock %}
{% block content %}
<h1>Sample</h1>
{{ ui.error_summary({"number": "Enter a number."}) }}
{% call ui.alert("info", "Noted") %}<p>{{ hostile }}</p>{% endcall %}
{% call ui.alert("warning", "Careful") %}<p>Read <a class="usa-link" href="/">this</a>.</p>{% endcall %}
{% call ui.alert("success", "Done") %}<p>Well.</p>{% endcall %}
<h2>Tasks</h2>
{{ ui.task_list([{"name": "Open", "href": "/", "hint": "a file", "done": true, "status": "Done"},
                 {"name": "Sign", "href": "", "hint": "", "done": false, "status": "Not yet"}]) }}
{{ ui.summary_list([("Items", "1,200", "/"), ("Office", hostile)]) }}
{{ ui.bar_chart("Refused by rule", "Rule", chart) }}
{{ ui.counts_table("By state", "State", {"TX": 1200, "": 3}) }}
{{ ui.pagination(2, 3, "/?page=") }}
{% call ui.search_form("/") %}
{{ ui.select("rule", "Rule", [("", "All"), ("R-10", "R-10")], "R-10") }}
{{ ui.button("Filter") }}
{% endcall %}
{% call ui.form("/", true) %}
{{ ui.text_field("number", "Number", "", "Digits only", "Enter a number.") }}
{{ ui.text_area("reason", "Reason", hostile) }}
{{ ui.radios("office", "Office", [("a", "First"), ("b", "Second")], "a") }}
{{ ui.checkbox("read", "I have read this") }}
{{ ui.file_field("cases", "Case file") }}
{{ ui.button("Send") }}
{% endcall %}
{{ ui.button_link("Elsewhere", "/", "outline") }}
{{ ui.command("narrowgate case lint cases.csv") }}
{{ ui.verbatim("Attested", "word for word") }}
{% endblock %}
"""

HOSTILE = "<script>alert(1)</script>'\"&{{ 7 * 7 }}"


@dataclass
class Sample:
    """The application, its link, and what its form took."""

    app: ASGIApp
    link: Link
    pages: Pages
    taken: list[Any] = field(default_factory=list)


@dataclass
class ServedSample:
    """The application, where it is, and a client that no link was opened with."""

    sample: Sample
    origin: str
    stranger: httpx.Client
    closed_at_the_end: ExitStack

    def entered(self) -> httpx.Client:
        """A client that the link was opened with."""
        client = self.closed_at_the_end.enter_context(httpx.Client(base_url=self.origin))
        assert client.get(self.sample.link.url).status_code == 303
        return client


def sample(folder: Path, origin: str = ORIGIN, secret: bytes = bytes(32)) -> Sample:
    """The application; its template is written into the folder."""
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "strings").mkdir(exist_ok=True)
    (folder / "templates" / "sample.html").write_text(_TEMPLATE.strip(), encoding="utf-8")
    (folder / "strings" / "es.toml").write_text(
        '"Sample application" = "Aplicación de muestra"\n', encoding="utf-8"
    )
    pages = Pages(folder, "Sample application", [Place("/", "Sample"), Place("/fails", "Fails")])
    taken: list[Any] = []

    def show(request: Request) -> Response:
        chart = [Bar("R-10", 1200, "the form of the row", "/?rule=R-10"), Bar("R-12", 3), Bar("R-13", 0)]
        return pages.page(request, "sample.html", hostile=HOSTILE, chart=chart)

    async def take(request: Request) -> Response:
        async with posted(request) as form:
            upload = file(form, "cases")
            taken.append((text(form, "number"), await upload.read() if upload else b""))
        return redirect("/")

    def fail(request: Request) -> Response:
        raise ValueError("a person's datum")

    def header(request: Request) -> Response:
        return PlainTextResponse("kept?", headers={"Cache-Control": "public, max-age=99"})

    served, link = local(origin, secret, pages, MOST_BYTES)
    routes = [
        Route("/", show, methods=["GET"]),
        Route("/", take, methods=["POST"]),
        Route("/fails", fail),
        Route("/header", header),
    ]
    return Sample(application(routes, pages, served), link, pages, taken)
