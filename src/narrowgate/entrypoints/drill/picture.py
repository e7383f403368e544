"""A picture of two clocks: how long it took after a wrong answer left, in the drill and in 2025. SVG, no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Final

from narrowgate.entrypoints.drill.timeline import in_words
from narrowgate.verify.report_page import Html

_WIDTH: Final = 760
_LEFT: Final = 300
_RIGHT: Final = 80
_ROW: Final = 26
_TOP: Final = 34
_TICKS: Final = (
    (1, "1 s"),
    (60, "1 min"),
    (3_600, "1 h"),
    (86_400, "1 day"),
    (30 * 86_400, "30 days"),
    (365 * 86_400, "1 year"),
)
_COLOURS: Final = {True: "#b50909", False: "#005ea2"}
"""Of 2025, of the drill; the words beside the bars say the same."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the picture.

    Args:
        label: what happened.
        after: since the release.
        is_2025: whether it was then.
    """

    label: str
    after: timedelta
    is_2025: bool


def draw(bars: Sequence[Bar]) -> Html:
    """An SVG of the bars from top to bottom, on a scale on which each mark is many times the one before it."""
    height = _TOP + _ROW * len(bars) + 8
    told = "; ".join(f"{bar.label}: {in_words(bar.after)}" for bar in bars)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-labelledby="clock-title clock-text" font-family="system-ui, sans-serif" font-size="13">'
    )
    lines = [
        head,
        '<title id="clock-title">Time since the wrong answer left, on a logarithmic scale</title>',
        f'<desc id="clock-text">{escape(told)}</desc>',
    ]
    for seconds, name in _TICKS:
        x = _x(seconds)
        lines += [
            f'<line x1="{x}" y1="{_TOP - 8}" x2="{x}" y2="{height - 8}" stroke="#dfe1e2"/>',
            f'<text x="{x}" y="{_TOP - 14}" text-anchor="middle" fill="#565c65">{name}</text>',
        ]
    for number, bar in enumerate(bars):
        y = _TOP + _ROW * number
        end = _x(max(1, bar.after.total_seconds()))
        size = f'width="{max(2, end - _LEFT)}" height="{_ROW - 8}"'
        lines += [
            f'<text x="{_LEFT - 10}" y="{y + 14}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect x="{_LEFT}" y="{y}" {size} fill="{_COLOURS[bar.is_2025]}"/>',
            f'<text x="{max(2 + _LEFT, end) + 6}" y="{y + 14}">{in_words(bar.after)}</text>',
        ]
    return Html("\n".join([*lines, "</svg>"]))


def _x(seconds: float) -> int:
    """Where a number of seconds lies; one second is the left end."""
    whole = math.log10(_TICKS[-1][0])
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * math.log10(seconds) / whole)
