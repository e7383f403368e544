"""Reports as one HTML file and as CSV, with the standard library alone: the same values give the same bytes.

A page holds no script, loads nothing, and names no time of its making. Whatever text it is given is escaped.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from narrowgate.core.base.page import STYLE


class Html(str):
    """Text that is markup already; every other text is escaped."""

    __slots__ = ()


Cell = str | int

_MORE_STYLE: Final = """
.region { overflow-x: auto; } .region:focus { outline: 3px solid #2491ff; }
td.count, th.count { text-align: right; font-variant-numeric: tabular-nums; }
td.none { color: #565c65; font-style: italic; text-align: right; }
figure { margin: 0.5rem 0 1.5rem; } figure svg { max-width: 100%; height: auto; } figcaption { font-weight: 700; }
dl { display: grid; grid-template-columns: max-content auto; gap: 0.25rem 1rem; } dt { font-weight: 700; }
dd { margin: 0; overflow-wrap: anywhere; }
.mark { border: 2px solid #b50909; padding: 0.5rem 0.75rem; font-weight: 700; }
code { overflow-wrap: anywhere; } .skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
@page { margin: 15mm; }
@media print { thead { display: table-header-group; } tr, figure { break-inside: avoid; }
h2, h3 { break-after: avoid; } .region { overflow: visible; } .skip { display: none; } table { font-size: 0.8rem; } }
"""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a cell a formula where a spreadsheet opens the CSV."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        name: its heading.
        is_count: whether its cells are numbers, which are set right.
    """

    name: str
    is_count: bool = False


def text(value: str) -> Html:
    """The text, escaped."""
    return Html(escape(value))


def join(parts: Iterable[Html]) -> Html:
    """Pieces of markup, one after another."""
    return Html("\n".join(parts))


def page(title: str, parts: Iterable[Html]) -> bytes:
    """A whole page in UTF-8: a heading of the title, and the parts in order."""
    lines = (
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}{_MORE_STYLE}</style>",
        "</head>",
        "<body>",
        '<a class="skip" href="#content">Skip to the content</a>',
        '<main id="content">',
        f"<h1>{escape(title)}</h1>",
        *parts,
        "</main>",
        "</body>",
        "</html>",
        "",
    )
    return "\n".join(lines).encode("utf-8")


def heading(level: int, words: str) -> Html:
    """A heading of level 2 to 6."""
    return Html(f"<h{level}>{escape(words)}</h{level}>")


def paragraph(words: str, *, is_mark: bool = False) -> Html:
    """A paragraph; a mark is framed, for what must not be overlooked."""
    kind = ' class="mark"' if is_mark else ""
    return Html(f"<p{kind}>{_markup(words)}</p>")


def code(words: str) -> Html:
    """Text as typed: a command, a digest."""
    return Html(f"<code>{escape(words)}</code>")


def bullets(entries: Iterable[str]) -> Html:
    """An unnumbered list."""
    return Html("<ul>" + "".join(f"<li>{_markup(entry)}</li>" for entry in entries) + "</ul>")


def facts(pairs: Iterable[tuple[str, str]]) -> Html:
    """Terms and what is said of each."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{_markup(value)}</dd>" for name, value in pairs)
    return Html(f"<dl>{rows}</dl>")


def table(name: str, caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Html:
    """A table whose first column heads its rows; it can be scrolled with the keyboard where it is too wide.

    Args:
        name: one word, unique on the page.
        caption: what the table shows.
        columns: in order.
        rows: as many cells in each as there are columns; a text in a column of counts says why there is no number.
    """
    kinds = ("", ' class="count"')
    head = "".join(
        f'<th scope="col"{kinds[column.is_count]}>{escape(column.name)}</th>' for column in columns
    )
    body = "\n".join(
        "<tr>"
        + "".join(
            _cell(place, column, cell) for place, (column, cell) in enumerate(zip(columns, row, strict=True))
        )
        + "</tr>"
        for row in rows
    )
    return Html(
        f'<div class="region" role="region" tabindex="0" aria-labelledby="{name}-caption">\n<table>\n'
        f'<caption id="{name}-caption">{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def figure(svg: Html, caption: str) -> Html:
    """A picture from ``verify.charts`` with its caption; its numbers belong into a table beside it."""
    return Html(f"<figure><figcaption>{escape(caption)}</figcaption>\n{svg}\n</figure>")


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """A CSV in UTF-8 with a header (RFC 4180); no text in it begins as a formula does."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
    return out.getvalue().encode("utf-8")


def counted(value: int) -> str:
    """A whole number with thousands parted by commas."""
    return f"{value:,}"


def _cell(place: int, column: Column, cell: Cell) -> str:
    if isinstance(cell, int):
        return f'<td class="count">{cell:,}</td>'
    words = _markup(cell)
    if place == 0:
        return f'<th scope="row">{words}</th>'
    return f'<td class="none">{words}</td>' if column.is_count else f"<td>{words}</td>"


def _markup(words: str) -> str:
    return words if isinstance(words, Html) else escape(words)


def _harmless(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
