"""The cases of ``field_cases.csv`` about addresses, by class of report, and real streets beside each other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.data import Pair, rows
from benchmarks.accuracy.scoring import Share

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import RawAddress

_REAL_STREETS = "hamilton"
"""The source of ``address_pairs.csv`` whose first sides are a county's own addresses."""
_STREET = re.compile(r"[0-9]+ ([A-Z0-9 ]+?)(?: (?:APT|UNIT|STE|#|FL|LOT|BLDG|RM)\b.*)?")
_NUMBER = "4512"


@dataclass(frozen=True, slots=True)
class Neighbors:
    """Real streets at one number, each against every other.

    Args:
        pairs: of different streets.
        sharing: those that share a key, all of one key together.
    """

    pairs: int
    sharing: Sequence[Sequence[str]]


def measure(source: Path) -> dict[tuple[str, str], Share]:
    """By expected answer and class: the cases decided as expected.

    Args:
        source: ``field_cases.csv``.
    """
    found: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows(source):
        if not row["kind"].startswith("person"):
            found[row["expected"], row["class"]].append(_is_as_expected(row))
    return {told: Share(sum(right), len(right)) for told, right in sorted(found.items())}


def neighbors(pairs: Sequence[Pair]) -> dict[str, Neighbors]:
    """The streets of each ZIP Code, and those of the whole county put into one, by what they are.

    Args:
        pairs: labeled; the first sides of one county are its real addresses.
    """
    streets: defaultdict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        street = _STREET.fullmatch(pair.a.line.upper()) if pair.source == _REAL_STREETS else None
        if street:
            streets[pair.a.zip].add(street[1])
    every = sorted(set().union(*streets.values()))
    return {
        "streets of one ZIP Code": _beside_each_other(sorted(found) for found in streets.values()),
        "all streets of the county in one ZIP Code": _beside_each_other([every]),
    }


def _beside_each_other(groups: Iterable[Sequence[str]]) -> Neighbors:
    count, sharing = 0, []
    for streets in groups:
        by_key: defaultdict[str, list[str]] = defaultdict(list)
        for street in streets:
            if found := _keys(RawAddress(f"{_NUMBER} {street}", "", "Cincinnati", "OH", "45202")):
                by_key[min(found)].append(street)
        understood = sum(map(len, by_key.values()))
        count += understood * (understood - 1) // 2
        sharing += [names for names in by_key.values() if len(names) > 1]
    return Neighbors(count, sharing)


def _is_as_expected(row: dict[str, str]) -> bool:
    one = _keys(_address(row["a"]))
    if row["expected"] in {"accepted", "refused"}:
        return bool(one) == (row["expected"] == "accepted")
    return one.isdisjoint(_keys(_address(row["b"]))) == (row["expected"] == "different")


def _address(text: str) -> RawAddress:
    line, *place = text.split(";")
    return RawAddress(line, "", *place)


def _keys(raw: RawAddress) -> frozenset[str]:
    point = examine_address(raw).delivery_point
    return frozenset(keys(point) if point else ())
