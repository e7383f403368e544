"""Logs over months whose every row and outcome can be opened, for what is counted of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.log.leaf import ItemLeaves, PackageDecided, PackageReceived, PackageRefused, Salts
from narrowgate.core.log.opening import Opened, Opening, opening_line
from narrowgate.core.log.releases import PackageReleased
from narrowgate.core.request.item import item_row
from support.log_world import DIGEST, SIGNER
from support.requests import eligible_item

SECRETARY, DIRECTOR = "secretary_of_homeland_security", "acting_director_of_ice"
STATUTE = "8 USC 1253(a)(1)"
ORDER = sha256(b"the order").hexdigest()


@dataclass(frozen=True)
class Asked:
    """One item: who is asked about, under which statute, and what became of it."""

    person: int
    statute: str = STATUTE
    findings: tuple[str, ...] = ()
    outcome: str = "NOT_CONFIRMED"

    def line(self, row: int) -> bytes:
        number = f"101-12-{self.person:04d}"
        return item_row(eligible_item(item=f"i-{row}", tin=number, statute=self.statute))


@dataclass(frozen=True)
class Package:
    """One package: its office, its month, its items, and whether its answers were released."""

    name: str
    office: str
    month: str
    items: tuple[Asked, ...]
    is_released: bool = True

    @property
    def salts(self) -> Salts:
        return Salts(sha256(self.name.encode()).digest())

    def openings(self, what: Iterable[Opened] = (Opened.ROW, Opened.OUTCOME)) -> list[Opening]:
        return [
            Opening(self.name, row, each, self.salts.salt(each, row), self.value(each, row), ORDER)
            for row in range(len(self.items))
            for each in what
        ]

    def value(self, what: Opened, row: int) -> bytes:
        item = self.items[row]
        return item.line(row) if what is Opened.ROW else item.outcome.encode()


def refused(person: int, *findings: str, statute: str = STATUTE) -> Asked:
    return Asked(person, statute, findings, "REFUSED")


def confirmed(person: int) -> Asked:
    return Asked(person, outcome="CONFIRMED")


def write_log(directory: Path, packages: Sequence[Package], whole: Sequence[tuple[str, str]] = ()) -> Path:
    """A log of these packages, in the order of their months, and of packages refused whole (month, office)."""
    with TileLog.create(directory, SIGNER) as log:
        for package in sorted(packages, key=lambda each: each.month):
            for month, office in whole:
                if month == package.month:
                    log.append(
                        [PackageRefused(f"w-{month}", DIGEST, office, b"", ("R-26",), _at(month)).leaf()]
                    )
            log.append(_leaves(package))
        log.integrate()
    return directory


def write_openings(path: Path, openings: Iterable[Opening]) -> Path:
    path.write_bytes(b"".join(map(opening_line, openings)))
    return path


def _at(month: str) -> datetime:
    return datetime(int(month[:4]), int(month[5:]), 10, 12, 0, tzinfo=UTC)


def _leaves(package: Package) -> list[bytes]:
    at, rows = _at(package.month), len(package.items)
    leaves = ItemLeaves(package.name, "2", "2")
    findings = Counter(rule for item in package.items for rule in item.findings)
    turned_away = sum(bool(item.findings) for item in package.items)
    received = PackageReceived(
        package.name, DIGEST, DIGEST, DIGEST, DIGEST, rows, DIGEST, package.office, DIGEST, at, at
    )
    decided = PackageDecided(
        package.name,
        rows - turned_away,
        turned_away,
        dict(sorted(findings.items())),
        DIGEST,
        "2026-a",
        "2025-12-31",
        DIGEST,
        at,
    )
    found = [received.leaf()]
    found += [
        leaves.leaf(
            row,
            item.findings,
            package.salts.commit("row", row, item.line(row)),
            package.salts.commit("address", row, b""),
            package.salts.commit("outcome", row, item.outcome.encode()),
        )
        for row, item in enumerate(package.items)
    ]
    found.append(decided.leaf())
    return [*found, PackageReleased(package.name, at, at).leaf()] if package.is_released else found


def drawn_packages(seed: int, months: Sequence[str]) -> list[Package]:
    """Packages of two offices whose counts lie around the threshold: small ones, large ones, none."""
    draw = random.Random(seed)  # noqa: S311 - nothing is kept secret here
    packages = []
    for month in months:
        for office in (SECRETARY, DIRECTOR):
            items = [Asked(draw.randrange(1, 60)) for _ in range(draw.choice([0, 3, 14, 40]))]
            items += [confirmed(draw.randrange(1, 60)) for _ in range(draw.choice([0, 2, 9, 13]))]
            for rule in ("R-64", "R-62a"):
                items += [refused(draw.randrange(1, 60), rule) for _ in range(draw.choice([0, 4, 12]))]
            items += [refused(9, "R-12", statute="18 USC 1") for _ in range(draw.choice([0, 1, 12]))]
            if items:
                draw.shuffle(items)
                packages.append(Package(f"p-{month}-{office[:3]}", office, month, tuple(items)))
    return packages


def without_release(package: Package) -> Package:
    return replace(package, is_released=False)
