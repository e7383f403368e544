"""What the rules may look at: all of it comes from the requester, the agreement and the clock.

No fact here depends on a tax record; that is what makes a refusal say nothing about one.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from narrowgate.core.address.model import Examined
from narrowgate.core.agreement.model import Agreement, Hold, OfficeGrant
from narrowgate.core.person.model import ExaminedPerson
from narrowgate.core.request.item import Item
from narrowgate.core.request.manifest import Manifest


class ItemFacts(NamedTuple):
    """One item as the rules see it. A named tuple, because packages hold a million of them.

    Args:
        item: the item as the requester wrote it.
        person: what the canonical form makes of its person.
        address: what the canonical form makes of its address.
        agreement: the agreement in force.
        today: the UTC date of the package's decision.
        officers: ids of the officers registered with the custodian.
    """

    item: Item
    person: ExaminedPerson
    address: Examined
    agreement: Agreement
    today: date
    officers: Container[str]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, in lower-case hex: SHA-256 of the SubjectPublicKeyInfo and of the root certificate."""

    key_sha256: str
    root_sha256: str


@dataclass(frozen=True, slots=True)
class RecentCounts:
    """What the package's office was answered today (UTC), this package not counted."""

    packages: int
    items: int


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """One package as the rules see it.

    Args:
        manifest: the manifest whose signature was verified.
        agreement: the agreement in force at the custodian.
        signer: the verified signer.
        now: an aware UTC time.
        recent: what the office was answered today.
        holds: holds placed at the gate, beside the agreement's own.
    """

    manifest: Manifest
    agreement: Agreement
    signer: Signer
    now: datetime
    recent: RecentCounts
    holds: tuple[Hold, ...] = ()

    @property
    def today(self) -> date:
        """The UTC date of ``now``."""
        return self.now.date()

    @property
    def grant(self) -> OfficeGrant | None:
        """What the agreement says of the manifest's office."""
        return self.agreement.grant(self.manifest.office)
