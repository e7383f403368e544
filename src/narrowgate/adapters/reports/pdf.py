"""Reports as PDF/UA-1 (ISO 14289-1): tagged tables with headings, a title and a language, made by Typst."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from narrowgate.core.base.errors import ConfigurationError, OperationalError

_TEMPLATE: Final = """
#let report = json(bytes(sys.inputs.report))
#set document(title: report.title, date: none)
#set text(lang: "en", region: "us", size: 9pt)
#set page(paper: "us-letter", flipped: true, margin: 15mm, numbering: "1")
#set table(stroke: 0.5pt + luma(150), inset: 4pt)
#show table.cell: set text(hyphenate: false)
#title()
#for mark in report.marks [#strong(mark)\\ ]
#for note in report.notes [- #note
]
#for part in report.tables [
= #part.caption
#table(
  columns: part.columns.len(),
  table.header(repeat: true, ..part.columns.map(name => strong(name))),
  ..part.rows.flatten(),
)
]
"""


@dataclass(frozen=True, slots=True)
class PdfTable:
    """One table of a report.

    Args:
        caption: heading above it.
        columns: names, in order.
        rows: a text for each column.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def pdf_bytes(title: str, marks: Sequence[str], notes: Sequence[str], tables: Sequence[PdfTable]) -> bytes:
    """Returns a document that meets PDF/UA-1; the same texts give the same bytes under one version of Typst.

    The texts are data of the document, never part of what is compiled: none of them can be a command.

    Args:
        title: of the document.
        marks: what must not be overlooked.
        notes: how to read the tables.
        tables: in order; one without rows is left out.

    Raises:
        ConfigurationError: the extra is not installed.
        OperationalError: Typst cannot make the document.
    """
    try:
        import typst  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise ConfigurationError(
            "PDF support is not installed.", next_step="Install it with: pip install 'narrowgate[pdf]'"
        ) from error
    report = {
        "title": title,
        "marks": list(marks),
        "notes": list(notes),
        "tables": [
            {"caption": each.caption, "columns": list(each.columns), "rows": [list(row) for row in each.rows]}
            for each in tables
            if each.rows
        ],
    }
    try:
        made = typst.compile(
            _TEMPLATE.encode(),
            format="pdf",
            pdf_standards="ua-1",
            ignore_system_fonts=True,
            timestamp=0,
            sys_inputs={"report": json.dumps(report)},
        )
    except typst.TypstError as error:
        raise OperationalError(
            "The report cannot be made as PDF.",
            why="Typst refuses it.",
            next_step="Write it as a page with --html, and report this.",
        ) from error
    return bytes(made)
