"""What a package asks, counted and in words, for the official who is to sign it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.times import format_time
from narrowgate.core.eligibility.examine import facts_of
from narrowgate.core.eligibility.ruleset import findings
from narrowgate.core.request.item import Item
from narrowgate.core.request.manifest import ATTESTATIONS, Manifest
from narrowgate.requester.asked import AskedItem, asked_item, readable_item

SHOWN_AT_EACH_END: Final = 3
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
    """A package in figures: by statute, officer, state and tax year; what would be refused; its first and last rows.

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
        first: the first rows.
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
    first: tuple[AskedItem, ...] = ()
    last: tuple[AskedItem, ...] = ()


def summarize_package(
    manifest: Manifest,
    rows: Iterable[bytes],
    today: date,
    agreement: Agreement | None = None,
    officers: Container[str] = (),
    facilities: Container[str] = frozenset(),
) -> PackageSummary:
    """Counts every row of a package in one pass, holding a few of them in memory.

    Args:
        manifest: of the package.
        rows: without their line feeds, in order.
        today: the UTC day from which ages and windows count.
        agreement: says which items would be refused; without one nothing is said of it.
        officers: ids of the registered officers.
        facilities: keys of the agreement's list of facilities.
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
    counts = _Counts()
    first: list[AskedItem] = []
    last: deque[AskedItem] = deque(maxlen=SHOWN_AT_EACH_END)
    for number, row in enumerate(rows, 1):
        item = readable_item(row, "rows.ndjson")
        counts.take(item)
        if agreement is not None:
            counts.judge(_findings(item, agreement, today, officers, facilities))
        asked = asked_item(number, item)
        if len(first) < SHOWN_AT_EACH_END:
            first.append(asked)
        else:
            last.append(asked)
    summary.by_statute, summary.by_officer = _in_order(counts.statutes), _in_order(counts.officers)
    summary.by_state, summary.by_year = _in_order(counts.states), dict(sorted(counts.years.items()))
    summary.first, summary.last = tuple(first), tuple(last)
    if agreement is not None:
        summary.refused = counts.refused
        summary.refused_by_rule = dict(sorted(counts.rules.items()))
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
    def __init__(self) -> None:
        self.statutes: Counter[str] = Counter()
        self.officers: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.years: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.refused = 0

    def take(self, item: Item | None) -> None:
        if item is not None:
            self.statutes[item.statute] += 1
            self.states[item.state] += 1
            self.officers.update(set(item.officers.split()))
            self.years.update(set(item.tax_years.split()))

    def judge(self, found: Iterable[str]) -> None:
        rules = tuple(found)
        self.refused += bool(rules)
        self.rules.update(rules)


def _findings(
    item: Item | None, agreement: Agreement, today: date, officers: Container[str], facilities: Container[str]
) -> tuple[str, ...]:
    if item is None:
        return (UNREADABLE,)
    return findings(facts_of(item, agreement, today, officers, facilities))


def _in_order(counts: Counter[str]) -> dict[str, int]:
    """The most frequent first, equal ones by name."""
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))
