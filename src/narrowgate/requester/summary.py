"""What a package asks, counted and in words, for the official who is to sign it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.times import format_time
from narrowgate.core.eligibility.lint_file import lint_file
from narrowgate.core.eligibility.package_obstacles import package_obstacles
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.core.request.item import Item
from narrowgate.core.request.manifest import ATTESTATIONS, Manifest
from narrowgate.requester.asked import AskedItem, asked_item, readable_item

SHOWN_AT_EACH_END: Final = 3
LISTED_IN_FULL: Final = 100
"""Items up to which a package is listed in full without being asked to."""
UNREADABLE: Final = "R-10"


@dataclass(frozen=True, slots=True)
class Quota:
    """What the package uses of one limit of the agreement that counts within a package.

    Args:
        name: of the limit, as the agreement writes it.
        used: by this package.
        limit: of the agreement; ``None`` where it is lifted.
    """

    name: str
    used: int
    limit: int | None


@dataclass(slots=True)
class PackageSummary:
    """A package in figures: by statute, officer, state and tax year; what would be refused; its rows.

    Args:
        package_id: id of the package.
        office: that is to sign.
        created: RFC 3339, UTC.
        expires: RFC 3339, UTC; decided before or not at all.
        agreement_sha256: of the agreement that it is sent under.
        items: rows of the package.
        attestations: the texts that the signature attests, in full, by id.
        by_statute: items by statute as written.
        by_officer: items that name an officer.
        by_state: items by state as written; blank where only a ZIP Code is given.
        by_year: items that name a tax year.
        refused: items that a rule would refuse; nothing where no agreement was at hand.
        refused_by_rule: items that each rule would refuse; an item may count under several.
        quotas: limits that count within a package.
        obstacles: what would refuse the package whole today, in words; nothing where no agreement was at hand.
        first: the first rows; all of them where every row is listed.
        last: the last rows that are not among the first.
    """

    package_id: str
    office: str
    created: str
    expires: str
    agreement_sha256: str
    items: int
    attestations: dict[str, str]
    by_statute: dict[str, int] = field(default_factory=dict)
    by_officer: dict[str, int] = field(default_factory=dict)
    by_state: dict[str, int] = field(default_factory=dict)
    by_year: dict[str, int] = field(default_factory=dict)
    refused: int | None = None
    refused_by_rule: dict[str, int] = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    obstacles: tuple[str, ...] = ()
    first: tuple[AskedItem, ...] = ()
    last: tuple[AskedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a package is judged by.

    Args:
        agreement: that it is sent under.
        officers: ids of the registered officers.
        facilities: keys of the agreement's list of facilities.
        key: 32 random bytes for this call: identifiers are compared by their digests, as at the gate.
    """

    agreement: Agreement
    officers: Container[str]
    facilities: Container[str]
    key: bytes


def summarize_package(
    manifest: Manifest,
    rows: Iterable[bytes],
    today: date,
    terms: Terms | None = None,
    listed: int = LISTED_IN_FULL,
) -> PackageSummary:
    """Counts every row of a package in one pass, holding those that are listed in memory.

    Args:
        manifest: of the package.
        rows: without their line feeds, in order.
        today: the UTC day from which ages and windows count.
        terms: say which items would be refused, the budgets within the package included; without them nothing is said.
        listed: items up to which every row is listed; of a larger package three at each end are.
    """
    summary = PackageSummary(
        package_id=manifest.package_id,
        office=manifest.office.value,
        created=format_time(manifest.created),
        expires=format_time(manifest.expires),
        agreement_sha256=manifest.agreement_sha256,
        items=manifest.rows.count,
        attestations={name: ATTESTATIONS[name] for name in manifest.attestations},
    )
    counts = _Counts(manifest.rows.count if manifest.rows.count <= listed else SHOWN_AT_EACH_END)
    items = counts.take_all(rows)
    found = None
    if terms is None:
        deque(items, maxlen=0)
    else:
        found = lint_file(items, terms.agreement, today, terms.officers, terms.facilities, terms.key)
    summary.by_statute, summary.by_officer = _in_order(counts.statutes), _in_order(counts.officers)
    summary.by_state, summary.by_year = _in_order(counts.states), dict(sorted(counts.years.items()))
    refused_by: dict[int, tuple[str, ...]] = dict.fromkeys(counts.unreadable, (UNREADABLE,))
    refused_by |= {linted.line: linted.refused_by for linted in found.remarked} if found else {}
    summary.first, summary.last = (
        tuple(asked_item(number, item, refused_by.get(number, ()) if terms else ()) for number, item in shown)
        for shown in (counts.first, counts.last)
    )
    if terms is not None and found is not None:
        agreement = terms.agreement
        summary.obstacles = tuple(
            f"{finding.detail} {rule_of(finding.rule_id).hint} ({finding.rule_id})"
            for finding in package_obstacles(manifest, agreement, today)
        )
        summary.refused = found.refused() + len(counts.unreadable)
        by_rule = Counter(found.refused_by_rule())
        by_rule[UNREADABLE] += len(counts.unreadable)
        summary.refused_by_rule = dict(sorted((+by_rule).items()))
        limits = agreement.limits
        summary.quotas = (
            Quota("items_per_package", manifest.rows.count, limits.items_per_package),
            Quota("items_per_day_per_office", manifest.rows.count, limits.items_per_day_per_office),
            Quota(
                "caseload_per_officer", max(counts.officers.values(), default=0), limits.caseload_per_officer
            ),
        )
    return summary


class _Counts:
    """Counts of the rows taken, and the first and last of them.

    Args:
        kept: how many of the first are kept.
    """

    def __init__(self, kept: int) -> None:
        self.statutes: Counter[str] = Counter()
        self.officers: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.years: Counter[str] = Counter()
        self.first: list[tuple[int, Item | None]] = []
        self.last: deque[tuple[int, Item | None]] = deque(maxlen=SHOWN_AT_EACH_END)
        self.unreadable: list[int] = []
        self._kept = kept

    def take_all(self, rows: Iterable[bytes]) -> Iterator[tuple[int, Item]]:
        """The items with their numbers, from 1, counted on the way; rows that cannot be read are passed over."""
        for number, row in enumerate(rows, 1):
            item = readable_item(row, "rows.ndjson")
            (self.first if len(self.first) < self._kept else self.last).append((number, item))
            if item is None:
                self.unreadable.append(number)
                continue
            self.statutes[item.statute] += 1
            self.states[item.state] += 1
            self.officers.update(set(item.officers.split()))
            self.years.update(set(item.tax_years.split()))
            yield number, item


def _in_order(counts: Counter[str]) -> dict[str, int]:
    """The most frequent first, equal ones by name."""
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))
