"""What would refuse a package whole, whoever signs it: told before anybody signs."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.eligibility.facts import PackageFacts, RecentCounts, Signer
from narrowgate.core.eligibility.rule import Finding
from narrowgate.core.eligibility.rules import (
    r17_attestations,
    r20_offices,
    r22_office_enabled,
    r26_quotas,
    r51_agreement_in_force,
    r52_hold,
)
from narrowgate.core.request.manifest import ATTESTATIONS, Manifest, Rows

_CHECKS: Final = (
    (r17_attestations.RULE, r17_attestations.check),
    (r20_offices.RULE, r20_offices.check),
    (r22_office_enabled.RULE, r22_office_enabled.check),
    (r26_quotas.RULE, r26_quotas.check),
    (r51_agreement_in_force.RULE, r51_agreement_in_force.check),
    (r52_hold.RULE, r52_hold.check),
)
_NO_SIGNER: Final = Signer("", "")


def package_obstacles(manifest: Manifest, agreement: Agreement, today: date) -> tuple[Finding, ...]:
    """Every package rule that is not met today, apart from those about the signer.

    What the office was answered today, and holds that the gate has beside the agreement's, only the custodian knows.

    Args:
        manifest: of the package.
        agreement: that it is sent under.
        today: the UTC day.
    """
    facts = PackageFacts(
        manifest, agreement, _NO_SIGNER, datetime.combine(today, time(), UTC), RecentCounts(0, 0)
    )
    return tuple(Finding(rule.id, detail) for rule, check in _CHECKS if (detail := check(facts)))


def obstacles_of_any_office(items: int, agreement: Agreement, today: date) -> tuple[Finding, ...]:
    """What would refuse a package of so many items today, whichever office of the agreement signs it.

    Args:
        items: number of them.
        agreement: that it would be sent under.
        today: the UTC day.
    """
    now = datetime.combine(today, time(), UTC)
    found = [
        package_obstacles(
            Manifest(
                package_id="not-built-yet",
                nonce="",
                agreement_sha256=agreement.digest,
                office=grant.role,
                created=now,
                expires=now + timedelta(days=1),
                attestations=tuple(ATTESTATIONS),
                rows=Rows(items, 0, "", ""),
            ),
            agreement,
            today,
        )
        for grant in agreement.offices
    ]
    return tuple(finding for finding in found[0] if all(finding in other for other in found)) if found else ()
