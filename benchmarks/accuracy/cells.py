"""How the page writes figures and tables."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from benchmarks.accuracy.scoring import Share

SHOWN = 20
SHOWN_OF_A_CLASS = 5


def table(names: Sequence[str], entries: Sequence[Sequence[str]]) -> str:
    """The first rows of a table and how many more there are."""
    if not entries:
        return "None."
    shown = [row(names), row(["---"] * len(names)), *map(row, entries[:SHOWN])]
    rest = len(entries) - SHOWN
    return "\n".join(shown) + (f"\n\nAnd {rest:,} more." if rest > 0 else "")


def row(cells: Iterable[str]) -> str:
    """One line of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def rate(share: Share) -> str:
    """The share to three decimals."""
    return number(share.rate)


def number(figure: float) -> str:
    """Three decimals, or a dash for a figure that nothing was counted for."""
    return "-" if math.isnan(figure) else f"{figure:.3f}"


def counted(share: Share) -> str:
    """The share to four decimals and its count."""
    return f"{share.rate:.4f} ({share.hits:,})"


def varied(entries: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The entries in order, those of a class after its first few put behind all others."""
    seen: Counter[str] = Counter()
    first: list[tuple[str, ...]] = []
    late: list[tuple[str, ...]] = []
    for entry in entries:
        seen[entry[0]] += 1
        (first if seen[entry[0]] <= SHOWN_OF_A_CLASS else late).append(entry)
    return first + late
