"""Charts as SVG with the standard library alone: the same values give the same bytes.

Each has a title and a description for who does not see it, and tells its series apart by pattern and by colour. A value
that may not be shown is a gap with a mark, never a column of height nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from typing import Final

from narrowgate.verify.report_page import Html

WIDTH: Final = 720
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 10, 30, 40
_ROW: Final = 26
_PLOT: Final = 200
_LABEL_WIDTH: Final = 220
_GAP: Final = "\N{MULTIPLICATION SIGN}"
"""Where a number is not shown."""
_LETTER: Final = 7
"""Width of a letter at the size used, rounded up."""
_SERIES: Final = (("#005ea2", ""), ("#c05600", "6"), ("#4d8055", "3"), ("#8168b3", "9"))
"""Colour of a series, and the distance of its stripes; none has four times less contrast than 3:1 against white."""


@dataclass(frozen=True, slots=True)
class Series:
    """One value for each label.

    Args:
        name: of the series.
        values: whole numbers from 0; ``None`` where the number is not shown.
    """

    name: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Span:
    """A time during which something held.

    Args:
        start: on the scale of the chart.
        end: likewise; ``None`` while it holds.
        words: about it.
    """

    start: int
    end: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Lane:
    """Spans in one row of a time line.

    Args:
        name: of the row.
        spans: in any order.
    """

    name: str
    spans: Sequence[Span]


def columns(name: str, title: str, labels: Sequence[str], series: Sequence[Series]) -> Html:
    """Columns over labels, the series stacked upon one another, from the bottom in order.

    Args:
        name: one word, unique on the page.
        title: what the chart shows.
        labels: below the columns, such as months; every one is written where there is room, else some.
        series: one or more, at most four.
    """
    totals = [sum(each.values[place] or 0 for each in series) for place in range(len(labels))]
    top = _ceiling(max(totals, default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    height = _TOP + _PLOT + _BOTTOM
    base = _TOP + _PLOT
    parts = [_line(_LEFT, base, WIDTH - _RIGHT, base)]
    for quarter in range(5):
        value = top * quarter // 4
        y = base - _PLOT * quarter / 4
        parts += [
            _line(_LEFT, y, WIDTH - _RIGHT, y, "#dfe1e2"),
            _words(_LEFT - 6, y + 4, f"{value:,}", "end"),
        ]
    every = -(-max((len(label) for label in labels), default=0) * _LETTER // max(int(step), 1)) or 1
    for place, label in enumerate(labels):
        left = _LEFT + step * place
        heights = [(each.values[place] or 0) * _PLOT / top for each in series]
        for number, (size, above) in enumerate(zip(heights, accumulate(heights), strict=True)):
            if size:
                words = f"{label}, {series[number].name}: {series[number].values[place]:,}"
                parts.append(_bar(name, number, left + step * 0.15, base - above, step * 0.7, size, words))
        if any(each.values[place] is None for each in series):
            parts.append(_words(left + step / 2, base - 6 - sum(heights), _GAP, "middle"))
        if place % every == 0:
            parts.append(_words(left + step / 2, base + 18, label, "middle"))
    parts += _legend(name, series, any(None in each.values for each in series))
    told = "; ".join(
        f"{label}: " + ", ".join(f"{each.name} {_told(each.values[place])}" for each in series)
        for place, label in enumerate(labels)
    )
    return _svg(name, title, told, height, parts, len(series))


def bars(name: str, title: str, rows: Sequence[tuple[str, int | None]]) -> Html:
    """A horizontal bar for each row, its number behind it.

    Args:
        name: one word, unique on the page.
        title: what the chart shows.
        rows: label and value, in order; no value where the number is not shown.
    """
    top = max((value or 0 for _, value in rows), default=0) or 1
    room = WIDTH - _LABEL_WIDTH - 100
    parts = []
    for number, (label, value) in enumerate(rows):
        y = number * _ROW
        parts.append(_words(_LABEL_WIDTH - 8, y + 15, _short(label, _LABEL_WIDTH), "end"))
        length = (value or 0) * room / top
        if value:
            parts.append(_bar(name, 0, _LABEL_WIDTH, y + 3, length, _ROW - 8, f"{label}: {value:,}"))
        parts.append(
            _words(_LABEL_WIDTH + length + 6, y + 15, _GAP if value is None else f"{value:,}", "start")
        )
    told = "; ".join(f"{label}: {_told(value)}" for label, value in rows)
    return _svg(name, title, told, len(rows) * _ROW + 10, parts, 1)


def dots(name: str, title: str, rows: Sequence[tuple[str, Sequence[float]]]) -> Html:
    """A dot for each measurement of a row, all rows over one scale from 0; like ones lie upon one another.

    Args:
        name: one word, unique on the page.
        title: what the chart shows.
        rows: label and measurements, finite and from 0, in order.
    """
    top = max((value for _, values in rows for value in values), default=0) or 1
    room, base = WIDTH - _LABEL_WIDTH - 4 * _RIGHT, len(rows) * _ROW
    parts = []
    for quarter in range(5):
        x = _LABEL_WIDTH + room * quarter / 4
        parts += [
            _line(x, 0, x, base, "#dfe1e2"),
            _words(x, base + 18, f"{top * quarter / 4:,.3g}", "middle"),
        ]
    for number, (label, values) in enumerate(rows):
        y = number * _ROW + _ROW / 2
        parts.append(_words(_LABEL_WIDTH - 8, y + 4, _short(label, _LABEL_WIDTH), "end"))
        colour = _SERIES[number % len(_SERIES)][0]
        parts += [
            f'<circle cx="{_LABEL_WIDTH + value * room / top:.1f}" cy="{y:.1f}" r="5" fill="{colour}" '
            f'fill-opacity="0.4" stroke="{colour}"><title>{escape(f"{label}: {value:,.3f}")}</title></circle>'
            for value in values
        ]
    told = "; ".join(
        f"{label}: {len(values)} from {min(values):,.3f} to {max(values):,.3f}"
        if values
        else f"{label}: none"
        for label, values in rows
    )
    return _svg(name, title, told, base + 28, parts, 1)


def timeline(
    name: str, title: str, lanes: Sequence[Lane], marks: Sequence[tuple[int, str]], end: int
) -> Html:
    """Rows of spans over one scale; a span without an end reaches the right edge.

    Args:
        name: one word, unique on the page.
        title: what the chart shows.
        lanes: in order.
        marks: places on the scale with what is written there, such as months; the first is the left edge.
        end: right edge of the scale.
    """
    first = marks[0][0] if marks else 0
    room, width = WIDTH - _LABEL_WIDTH - _RIGHT, max(end - first, 1)
    base = len(lanes) * _ROW

    def at(moment: int) -> float:
        return _LABEL_WIDTH + min(max(moment - first, 0), width) * room / width

    parts = []
    free = 0.0
    for moment, words in marks:
        x = at(moment)
        parts.append(_line(x, 0, x, base, "#dfe1e2"))
        if x >= free and x + len(words) * _LETTER <= WIDTH:
            parts.append(_words(x, base + 18, words, "start"))
            free = x + (len(words) + 2) * _LETTER
    for number, lane in enumerate(lanes):
        y = number * _ROW
        parts.append(_words(_LABEL_WIDTH - 8, y + 15, _short(lane.name, _LABEL_WIDTH), "end"))
        for span in lane.spans:
            left, right = at(span.start), at(end if span.end is None else span.end)
            parts.append(_bar(name, 0, left, y + 3, max(right - left, 1.5), _ROW - 8, span.words))
    told = "; ".join(f"{lane.name}: " + ", ".join(span.words for span in lane.spans) for lane in lanes)
    return _svg(name, title, told, base + 28, parts, 1)


def _svg(name: str, title: str, told: str, height: float, parts: Sequence[str], series: int) -> Html:
    patterns = "".join(
        f'<pattern id="{name}-{number}" width="{gap}" height="{gap}" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="{gap}" height="{gap}" fill="{colour}"/>'
        f'<line x1="0" y1="0" x2="0" y2="{gap}" stroke="#ffffff" stroke-width="1.5"/></pattern>'
        for number, (colour, gap) in enumerate(_SERIES[:series])
        if gap
    )
    return Html(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" aria-labelledby="{name}-title {name}-told" font-size="12" '
        f'font-family="system-ui, sans-serif"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-told">{escape(told)}</desc><defs>{patterns}</defs>' + "".join(parts) + "</svg>"
    )


def _bar(name: str, number: int, x: float, y: float, width: float, height: float, words: str) -> str:
    colour, gap = _SERIES[number % len(_SERIES)]
    fill = f"url(#{name}-{number % len(_SERIES)})" if gap else colour
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" '
        f'stroke="{colour}"><title>{escape(words)}</title></rect>'
    )


def _legend(name: str, series: Sequence[Series], has_gaps: bool) -> list[str]:
    x = float(_LEFT)
    parts = []
    for number, each in enumerate(series):
        parts += [_bar(name, number, x, 8, 14, 12, each.name), _words(x + 20, 19, each.name, "start")]
        x += 40 + len(each.name) * _LETTER
    return [*parts, _words(x, 19, f"{_GAP} not shown", "start")] if has_gaps else parts


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = "#1b1b1b") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _words(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#1b1b1b">{escape(words)}</text>'


def _told(value: int | None) -> str:
    return "not shown" if value is None else f"{value:,}"


def _short(label: str, width: int) -> str:
    most = width // _LETTER - 2
    return label if len(label) <= most else label[: most - 1] + "…"


def _ceiling(value: int) -> int:
    """The least of 4, 8, 20, 40, 80, 200 ... that is no less than ``value``: its quarters are whole numbers."""
    power = 1
    while True:
        for digit in (4, 8, 20):
            if digit * power >= value:
                return digit * power
        power *= 10
