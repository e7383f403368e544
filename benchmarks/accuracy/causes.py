"""What the slips and the pairs that people wrote have in common where they are lost: which decision costs how much."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.accuracy.data import Pair
from benchmarks.accuracy.ours import raw

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import key_street_name
from narrowgate.core.address.model import DeliveryPoint
from narrowgate.core.matching.suffix_blank import is_whole_without_suffix
from narrowgate.entrypoints.sandbox.synthetic_homes import is_one_edit
from narrowgate.index.street_reference import ReferenceRow

CLASSES = ("P-typo1-name", "P-ocr-name", "P-human-cluster")
"""The classes whose bars of an earlier issue fell with match rule 2."""

FIRST_LETTER = "first letter of the name (never changes)"
DIGITS = "digits of the name (never change)"
OTHER_NAME = "another name, more than one edit away"
NEAR = "several streets one edit away, or a plural"
UNLISTED = "street not in the list"
WHOLE = "suffix blank on one side of a name that is whole without one (never relaxes)"
SEVERAL = "suffix blank on one side of a street known with several"
TWO = "two different suffixes written"
ZIPS = "two different ZIP Codes written"
UNIT = "unit on one side only"
REFUSED = "one side refused"
REST = "directional, number or several parts"

_PARTS = ("address_class", "number", "predirectional", "postdirectional", "units", "route", "box", "suffix")


def lost(
    pairs: Sequence[Pair], confirmed: Iterable[bool], reference: Iterable[ReferenceRow]
) -> Mapping[tuple[str, str], int]:
    """How many pairs of each class are lost by each cause; a pair counts once.

    Args:
        pairs: labeled.
        confirmed: of each pair, whether it was.
        reference: the list of streets that the run had.
    """
    suffixes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for zip5, name, suffix in reference:
        suffixes[zip5, name.replace(" ", "")].add(suffix)
    found: Counter[tuple[str, str]] = Counter()
    for pair, was in zip(pairs, confirmed, strict=True):
        if pair.cls in CLASSES and not was:
            one, other = (examine_address(raw(side)).delivery_point for side in (pair.a, pair.b))
            found[pair.cls, _cause(one, other, suffixes) if one and other else REFUSED] += 1
    return found


def _cause(a: DeliveryPoint, b: DeliveryPoint, suffixes: Mapping[tuple[str, str], set[str]]) -> str:
    names = key_street_name(a), key_street_name(b)
    parts = {part for part in _PARTS if getattr(a, part) != getattr(b, part)}
    if names[0] != names[1]:
        return _cause_of_name(a, b) if not parts else OTHER_NAME if not is_one_edit(*names) else REST
    if parts == {"suffix"}:
        return _cause_of_suffix(a, b, suffixes)
    if parts == {"units"}:
        return UNIT
    if not parts:
        return ZIPS
    return REST


def _cause_of_name(a: DeliveryPoint, b: DeliveryPoint) -> str:
    one, other = key_street_name(a), key_street_name(b)
    without_first = {name[1:].lstrip() for name in (one, other)}  # 6LOBE is 6 LOBE
    if len(without_first) == 1 or (one[0] != other[0] and is_one_edit(one, other)):
        return FIRST_LETTER
    if not is_one_edit(one, other):
        return OTHER_NAME
    digits = (list(filter(str.isdigit, name)) for name in (a.street_name, b.street_name))
    return DIGITS if next(digits) != next(digits) else NEAR


def _cause_of_suffix(a: DeliveryPoint, b: DeliveryPoint, suffixes: Mapping[tuple[str, str], set[str]]) -> str:
    if a.suffix and b.suffix:
        return TWO
    if is_whole_without_suffix(b.street_name):
        return WHOLE
    if a.zip5 and b.zip5 and a.zip5 != b.zip5:
        return ZIPS
    known = suffixes.get((b.zip5 or a.zip5, key_street_name(b)), set())
    return SEVERAL if len(known) > 1 else UNLISTED
