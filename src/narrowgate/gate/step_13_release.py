"""Step 13: the sealed answers wait for their slot, with their proof and the receipt; it comes after the last leaf.

``gate/release.py`` lets them leave.
"""

from __future__ import annotations

from datetime import datetime

from narrowgate.core.answers.file_names import PROOF, RECEIPT
from narrowgate.core.answers.receipt import Receipt, receipt_bytes
from narrowgate.gate.package_ports import Staging
from narrowgate.gate.ports import PlannedRelease
from narrowgate.gate.step_11_seal import expiry
from narrowgate.gate.step_12_log import Concluded, refusals_by_rule
from narrowgate.gate.types import DecidedPackage


def plan_release(
    decided: DecidedPackage, concluded: Concluded, log_origin: str, staging: Staging, now: datetime
) -> tuple[bytes, PlannedRelease]:
    """The receipt, and when the answers leave; answers, proof and receipt wait together, durably.

    The receipt is computed without the tax records.

    Args:
        decided: from step 10.
        concluded: from step 12.
        log_origin: name of the log.
        staging: from step 11.
        now: aware UTC time; a package that is ready only now misses a slot that has come.
    """
    logged = decided.judged.logged
    staging.put(PROOF, str(concluded.proof).encode())
    receipt = receipt_bytes(_receipt(decided, concluded, log_origin))
    staging.put(RECEIPT, receipt)
    staging.finish()
    return receipt, PlannedRelease(
        package_id=logged.manifest.package_id,
        office=logged.manifest.office,
        agreement_sha256=logged.agreement.digest,
        slot=logged.slot,
        ready=now,
        expires=expiry(decided),
    )


def _receipt(decided: DecidedPackage, concluded: Concluded, log_origin: str) -> Receipt:
    logged = decided.judged.logged
    return Receipt(
        package_id=logged.manifest.package_id,
        manifest_sha256=logged.permitted.package.manifest_sha256.hex(),
        agreement_sha256=logged.agreement.digest,
        received=logged.received_at,
        decided=decided.decided_at,
        slot=logged.slot,
        log_origin=log_origin,
        received_leaf=logged.received_leaf,
        first_item_leaf=decided.first_item_leaf,
        decided_leaf=concluded.decided_leaf,
        items=decided.judged.items,
        refused=len(decided.judged.findings),
        refused_by_rule=refusals_by_rule(decided),
    )
