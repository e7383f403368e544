"""A list of the streets of the labeled pairs, as a county would have it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from benchmarks.accuracy.data import Address, Label, Pair

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import key_street_name
from narrowgate.core.address.model import RawAddress
from narrowgate.core.matching.suffix_blank import is_whole_without_suffix
from narrowgate.entrypoints.sandbox.synthetic_homes import is_one_edit
from narrowgate.index.street_reference import ReferenceRow

_REAL_BOTH = re.compile(r"N-.*(-real|-random|-samezip|-similar-street|-same-number|-same-zip)$")
"""Classes whose side b is a real address too, and not one that a program wrote wrongly."""


def reference_of(pairs: Iterable[Pair]) -> list[ReferenceRow]:
    """The streets of the addresses as they are, not as they were misspelt: what a county's list has of them.

    Of streets that people wrote, those with a suffix, unless a name one letter away was written more often there. A
    side without a ZIP Code is in the one of the other side where both are the same place: a county's list knows
    STATE ST in 60628 although this writer left the ZIP Code out.
    """
    streets: set[ReferenceRow] = set()
    people: Counter[ReferenceRow] = Counter()
    for pair in pairs:
        human = "human" in pair.cls or "cluster" in pair.cls
        same = human and pair.label is Label.SAME
        for side, other in (
            ((pair.a, pair.b), (pair.b, pair.a))
            if human or _REAL_BOTH.match(pair.cls)
            else ((pair.a, pair.b),)
        ):
            street = _street_of(side if side.zip or not same else replace(side, zip=other.zip))
            if street and human:
                people[street] += bool(street[2] or is_whole_without_suffix(street[1]))
            elif street:
                streets.add(street)
    return sorted(streets | _spelled_right(people))


def _spelled_right(people: Counter[ReferenceRow]) -> set[ReferenceRow]:
    names: Counter[tuple[str, str]] = Counter()
    for (zip5, name, _), count in people.items():
        names[zip5, name] += count
    found = set()
    for (zip5, name, suffix), count in people.items():
        near = max(
            (n for (z, other), n in names.items() if z == zip5 and is_one_edit(name, other)), default=0
        )
        usual = max(n for (z, other, _), n in people.items() if (z, other) == (zip5, name))
        if count and names[zip5, name] > near and 3 * count > usual:
            found.add((zip5, name, suffix))
    return found


def _street_of(side: Address) -> ReferenceRow | None:
    point = examine_address(RawAddress(side.line, "", side.city, side.state, side.zip)).delivery_point
    if point is None or not point.zip5 or not key_street_name(point):
        return None
    return point.zip5, point.street_name, point.suffix
