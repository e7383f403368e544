"""Hunting for relations between the rows of an index, as somebody would who has its files and not its key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

Row = Mapping[str, int]
"""The stored columns of one row, each a number of 64 bits."""


def equal_parts(rows: Sequence[Row]) -> int:
    """How often a value stands in two rows, in whichever columns."""
    seen = Counter(value for row in rows for value in set(row.values()))
    return sum(count - 1 for count in seen.values())


def repeated_differences(rows: Sequence[Row]) -> int:
    """How often two pairs of different rows differ in some column by one and the same XOR.

    Two persons who moved from one street to another, the house number being the same: where a stored token is an XOR
    of parts, both pairs give the same value.
    """
    found = 0
    for column in rows[0]:
        met: dict[int, tuple[int, int]] = {}
        values = [row[column] for row in rows]
        for pair in combinations(range(len(rows)), 2):
            difference = values[pair[0]] ^ values[pair[1]]
            before = met.setdefault(difference, pair)
            found += before != pair and not set(before) & set(pair)
    return found


def movable(rows: Sequence[Row], facts: Sequence[Row]) -> int:
    """How many of ``rows`` turn into another of them by the XOR of one or two values that stand in ``facts``."""
    found = 0
    values = sorted({value for fact in facts for value in fact.values()})
    differences = {left ^ right for left, right in combinations(values, 2)} | set(values)
    for column in rows[0]:
        known = {row[column] for row in rows}
        found += sum(any(value ^ difference in known for difference in differences - {0}) for value in known)
    return found


def stand_out(rows: Sequence[Row], marked: Sequence[bool]) -> bool:
    """Whether the marked rows differ from the others: by a value of their own, or by a column that is not random.

    Args:
        rows: all.
        marked: which of them are looked for; the hunter does not know that, and only proves that it shows.
    """
    seen = {column: Counter(row[column] for row in rows) for column in rows[0]}
    features = [
        tuple((seen[column][value] == 1, value < 1 << 16) for column, value in row.items()) for row in rows
    ]
    inside = {feature for feature, is_marked in zip(features, marked, strict=True) if is_marked}
    outside = {feature for feature, is_marked in zip(features, marked, strict=True) if not is_marked}
    return inside != outside
