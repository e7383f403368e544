"""Short ways to write items for the history in tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from narrowgate.core.agreement.model import Limits
from narrowgate.core.eligibility.history.keys import ABSENT, DIGEST_SIZE, HistoryKeys

LIFTED = Limits(
    items_per_package=None,
    packages_per_day=None,
    items_per_day_per_office=None,
    caseload_per_officer=None,
    distinct_addresses_per_subject=None,
    subjects_per_address=None,
    identical_reasons=None,
    filers_per_address=None,
)


def limits(
    *,
    addresses: int | None = None,
    subjects: int | None = None,
    caseload: int | None = None,
    reasons: int | None = None,
) -> Limits:
    """Limits with only these budgets in force."""
    return replace(
        LIFTED,
        distinct_addresses_per_subject=addresses,
        subjects_per_address=subjects,
        caseload_per_officer=caseload,
        identical_reasons=reasons,
    )


@dataclass(frozen=True)
class Asked:
    """One item as the history sees it; words stand for digests, an empty one for none."""

    tin: str = ""
    alien: str = ""
    order: str = ""
    name: str = ""
    address: str = "an address"
    reason: str = "a reason"
    officers: tuple[str, ...] = ("OFF-1",)

    @property
    def identifiers(self) -> tuple[str, ...]:
        return (self.tin, self.alien, self.order, self.name)

    def record(self) -> bytes:
        return b"".join(digest(word) for word in (*self.identifiers, self.address, self.reason))


def digest(word: str) -> bytes:
    return sha256(word.encode()).digest()[:DIGEST_SIZE] if word else ABSENT


def keys_of(items: Iterable[Asked]) -> HistoryKeys:
    """The items with ordinals 0, 1, 2 ..."""
    keys = HistoryKeys()
    for ordinal, item in enumerate(items):
        keys.append(ordinal, item.record(), item.officers)
    return keys
