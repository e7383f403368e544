"""The way of a package as a picture (SVG) and as a page (HTML) that prints; nothing in either needs another file."""

from __future__ import annotations

import re
from html import escape
from textwrap import wrap
from typing import Final

from narrowgate.core.log.checkpoint import parse_checkpoint_text
from narrowgate.core.log.note import parse_note
from narrowgate.verify.report_page import Html, bullets, code, facts, figure, heading, join, paragraph
from narrowgate.verify.report_page import page as page_of
from narrowgate.verify.trace import Trace
from narrowgate.verify.trace_file import SAYS
from narrowgate.verify.trace_words import Told, opened, outcome_of, told

_WIDTH: Final = 760
_LEFT: Final = 190
_LINE: Final = 16
_COLUMNS: Final = 84
_GAP: Final = 26
_TOP: Final = 76

_DIGEST: Final = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{20,52}\b")
"""A picture shows the first 12 digits; the page beside it has all of them."""

_PICTURE_STYLE: Final = """
text { font: 13px system-ui, sans-serif; fill: #1b1b1b }
.head { font-weight: 600; font-size: 15px }
.small { font-size: 11.5px; fill: #454545 }
.box { fill: #ffffff; stroke: #565c65 }
.law { fill: #e7f2f5 }
.refusal { fill: #f0f0f0 }
.brake { fill: #ffe396; stroke: #936f38 }
.alarm { fill: #f8dfe2; stroke: #8b0a03; stroke-width: 2 }
.arrow { stroke: #2e2e2a; stroke-width: 1.6; fill: none; marker-end: url(#tip) }
"""


def picture(trace: Trace) -> str:
    """Returns the way as an SVG: one box for each step, from top to bottom, with its time and its leaf."""
    steps = [told(step) for step in trace.steps]
    boxes: list[str] = []
    y = _TOP
    for number, step in enumerate(steps):
        lines = wrap(_DIGEST.sub(r"\1...", step.sentence), _COLUMNS, break_long_words=True)
        height = 34 + _LINE * len(lines)
        if number:
            boxes.append(f'<path class="arrow" d="M{_LEFT + 40} {y - _GAP} V{y - 3}"/>')
        boxes += _box(step, lines, y, height)
        y += height + _GAP
    title = f"The way of {trace.of}"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img" aria-labelledby="t d">',
            f'<title id="t">{escape(title)}</title>',
            f'<desc id="d">{escape(_described(steps))}</desc>',
            f"<style>{_PICTURE_STYLE}</style>",
            (
                '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
                '<path d="M0 0 L8 4 L0 8 z" fill="#2e2e2a"/></marker></defs>'
            ),
            f'<text class="head" x="14" y="28">{escape(title)}</text>',
            f'<text class="small" x="14" y="50">{escape(outcome_of(trace))}</text>',
            *boxes,
            "</svg>\n",
        )
    )


def page(trace: Trace) -> bytes:
    """Returns the way as an HTML page: the picture, what was opened, and each step with its entry and proof."""
    checkpoint = parse_checkpoint_text(parse_note(trace.checkpoint).text)
    parts = [
        paragraph(outcome_of(trace), is_mark=True),
        facts(
            (
                ("log", checkpoint.origin),
                ("entries", f"{checkpoint.size:,}"),
                ("root", code(checkpoint.root.hex())),
                ("key", code(trace.key)),
            )
        ),
        paragraph(SAYS),
        figure(Html(picture(trace)), f"The way of {trace.of}"),
    ]
    for opening in trace.openings:
        parts.append(heading(2, f"The {opening.what}, opened"))
        parts.append(paragraph(f"Under the order {opening.order_sha256}; it is what the entry commits to."))
        parts.append(facts((name, code(value)) for name, value in opened(opening).items()))
    parts.append(heading(2, "Each step and its proof"))
    parts.append(
        join(
            (
                paragraph("These write the proofs, and check them without the log:"),
                bullets(
                    (
                        code(f"narrowgate inspector trace SOURCE {trace.of} --json > trace.json"),
                        code("narrowgate inspector check-trace trace.json --key log.vkey"),
                    )
                ),
            )
        )
    )
    for step in trace.steps:
        parts += _section(told(step), step.leaf.decode(), len(step.proof))
    return page_of(f"The way of {trace.of}", parts)


def _box(step: Told, lines: list[str], y: int, height: int) -> list[str]:
    style = "" if step.tone == "plain" else f" {step.tone}"
    return [
        f'<text class="small" x="14" y="{y + 20}">{escape(step.time)}</text>',
        f'<text class="small" x="14" y="{y + 38}">leaf {step.leaf:,}</text>',
        f'<rect class="box{style}" x="{_LEFT}" y="{y}" width="{_WIDTH - _LEFT - 14}" height="{height}" rx="6"/>',
        f'<text class="head" x="{_LEFT + 12}" y="{y + 22}">{escape(step.heading)}</text>',
        *(
            f'<text class="small" x="{_LEFT + 12}" y="{y + 40 + _LINE * number}">{escape(line)}</text>'
            for number, line in enumerate(lines)
        ),
    ]


def _described(steps: list[Told]) -> str:
    return " ".join(f"{step.time or 'Within the package'}: {step.heading}." for step in steps)


def _section(step: Told, entry: str, hashes: int) -> list[Html]:
    return [
        heading(3, f"{step.heading}, leaf {step.leaf:,}"),
        paragraph(f"{step.time} {step.sentence}".strip()),
        facts((name, code(value)) for name, value in sorted(step.details.items())),
        paragraph(f"Proved by {hashes} hashes. The entry:"),
        paragraph(code(entry)),
    ]
