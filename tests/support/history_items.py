"""Short ways to write items for the history in tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from narrowgate.core.agreement.model import Limits
from narrowgate.core.eligibility.history.keys import ABSENT, DIGEST_SIZE, HistoryKeys, record_of

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
    """One item as the history sees it; words stand for digests, an empty one for none.

    ``name`` stands for birth date, given name and surname together; a name written with spaces has several forms.
    """

    tin: str = ""
    alien: str = ""
    order: str = ""
    name: str = ""
    birth_date: str = "a birth date"
    address: str = "an address"
    reason: str = "a reason"
    officers: tuple[str, ...] = ("OFF-1",)
    years: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        return (self.tin, self.alien, self.order)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.birth_date} {name}" for name in self.name.split())

    @property
    def question(self) -> str:
        return repr((self.tin, self.name, self.birth_date, self.address, self.years))

    def record(self) -> bytes:
        words = (*self.numbers, self.birth_date, self.address, self.reason, self.question)
        mask = digest(f"mask {self.question}")[0] & 1
        return record_of(map(digest, words), mask, map(digest, self.names))


def digest(word: str) -> bytes:
    return sha256(word.encode()).digest()[:DIGEST_SIZE] if word else ABSENT


def keys_of(items: Iterable[Asked]) -> HistoryKeys:
    """The items with ordinals 0, 1, 2 ..."""
    keys = HistoryKeys()
    for ordinal, item in enumerate(items):
        keys.append(ordinal, item.record(), item.officers)
    return keys
