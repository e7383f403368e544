"""Is it an address: junk refused, facilities refused, real addresses accepted."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.data import Address, Label, Pair, rows
from benchmarks.accuracy.ours import raw
from benchmarks.accuracy.scoring import Share

from narrowgate.adapters.files.facility_list import read_facility_list
from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import RawAddress

_MADE_UP = frozenset(
    {"N-number-missing", "N-zip-only", "N-unit-changed", "N-number-off", "N-direction-changed"}
)
"""Classes whose second side was made from the first, by a program, to be another or no address."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One set of texts: how many came out as they should, and the others with the defects found."""

    name: str
    wanted: str
    share: Share
    others: tuple[tuple[str, str], ...]


def findings(directory: Path, pairs: list[Pair]) -> list[Finding]:
    """Every set of ``directory``, judged."""
    listed = read_facility_list(directory / "detention_facilities_2017.csv")
    return [
        *_texts(directory),
        *_facilities(directory, listed),
        *_real(pairs, listed),
        *_components(directory),
    ]


def _judged(
    name: str, wanted: str, addresses: Iterable[RawAddress], facilities: Container[str] = frozenset()
) -> Finding:
    right = total = 0
    others = []
    for address in addresses:
        found = examine_address(address, facilities)
        total += 1
        if (found.delivery_point is None) == (wanted == "refused"):
            right += 1
        else:
            text = ", ".join(part for part in _fields(address) if part)
            others.append((text, " ".join(found.defects) or "accepted"))
    return Finding(name, wanted, Share(right, total), tuple(others))


def _fields(address: RawAddress) -> tuple[str, ...]:
    """The fields of an address in order."""
    return (address.address_line_1, address.address_line_2, address.city, address.state, address.zip)


def _texts(directory: Path) -> Iterable[Finding]:
    texts = list(rows(directory / "not_an_address.csv"))
    for cls, wanted, name in (
        ("placeholder", "refused", "placeholders and junk"),
        ("valid", "accepted", "Publication 28 forms, one line"),
    ):
        yield _judged(name, wanted, (RawAddress(row["text"]) for row in texts if row["cls"] == cls))


def _facilities(directory: Path, listed: Container[str]) -> Iterable[Finding]:
    facilities = list(rows(directory / "detention_facilities_2017.csv"))

    def bare(row: dict[str, str]) -> RawAddress:
        return RawAddress(row["address"], "", row["city"], row["state"], row["zip"])

    def named(row: dict[str, str]) -> RawAddress:
        return RawAddress(row["name"], row["address"], row["city"], row["state"], row["zip"])

    yield _judged("detention facilities, address only, list loaded", "refused", map(bare, facilities), listed)
    yield _judged("detention facilities, address only, no list", "refused", map(bare, facilities))
    yield _judged("detention facilities, name and address, no list", "refused", map(named, facilities))


def real_addresses(pairs: list[Pair]) -> dict[str, list[Address]]:
    """Every distinct side that names a number or box and a place, by source."""
    found: dict[str, dict[Address, None]] = {}
    for pair in pairs:
        sides = [pair.a] if pair.cls in _MADE_UP else [pair.a, pair.b]
        for side in sides:
            if pair.label is not Label.AMBIGUOUS and (side.zip or (side.city and side.state)):
                found.setdefault(pair.source, {})[side] = None
    return {source: list(found[source]) for source in sorted(found)}


def _real(pairs: list[Pair], listed: Container[str]) -> Iterable[Finding]:
    found = []
    for source, addresses in real_addresses(pairs).items():
        name = f"real addresses, {source}, list loaded"
        found.append(_judged(name, "accepted", map(raw, addresses), listed))
        yield found[-1]
    shares = [one.share for one in found]
    total = Share(sum(share.hits for share in shares), sum(share.total for share in shares))
    others = tuple(other for one in found for other in one.others)
    yield Finding("real addresses, all", "accepted", total, others)


def _components(directory: Path) -> Iterable[Finding]:
    streets, boxes, neither = [], [], []
    for row in rows(directory / "address_components.csv"):
        labels = {label for label, _ in json.loads(row["components_json"])}
        located = "ZipCode" in labels or {"PlaceName", "StateName"} <= labels
        text = RawAddress(row["text"])
        if "USPSBoxID" in labels and located:
            boxes.append(text)
        elif {"AddressNumber", "StreetName"} <= labels and located:
            streets.append(text)
        elif not {"AddressNumber", "USPSBoxID"} & labels:
            neither.append(text)
    yield _judged("labeled components: number, street and place", "accepted", streets)
    yield _judged("labeled components: box and place", "accepted", boxes)
    yield _judged("labeled components: neither number nor box", "refused", neither)
