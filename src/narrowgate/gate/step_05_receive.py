"""Step 5: append *package received* to the log; from here the package is accounted for, come what may."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime

from narrowgate.core.base.canonical_json import canonical_bytes, parse_canonical
from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.log.leaf import PackageReceived, PackageRefused, Salts, leaf_time
from narrowgate.gate.ports import LogStore, PackageStart, StateStore
from narrowgate.gate.step_04_agreement import PackageRefusedError
from narrowgate.gate.types import AuthenticatedPackage, LoggedPackage, PermittedPackage


def receive(
    permitted: PermittedPackage, state: StateStore, log: LogStore, commitment_key: bytes, now: datetime
) -> LoggedPackage:
    """A package whose receipt stands durably in the log, once, however often it is begun.

    What a second run needs to be the same run (the time and the place in the log) is stored before the leaf is
    written; a run after a crash takes it from there.

    Args:
        permitted: from step 4.
        state: remembers the start.
        log: gets one leaf.
        commitment_key: the custodian's key for salts, at least 32 bytes.
        now: aware UTC time of this run.

    Raises:
        LogInconsistentError: the log holds something else in the place of this package.
    """
    package = permitted.package
    manifest = package.manifest
    resume = canonical_bytes({"leaf": log.size(), "time": leaf_time(now)})
    start = state.begin_package(
        PackageStart(
            package_id=manifest.package_id,
            manifest_sha256=package.manifest_sha256,
            office=manifest.office,
            items=manifest.rows.count,
            received_on=now.date(),
            resume=resume,
        )
    )
    stored = parse_canonical(start.resume, "the start of the package in the state")
    received_at = datetime.strptime(stored["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    leaf = PackageReceived(
        package_id=manifest.package_id,
        manifest_sha256=package.manifest_sha256,
        agreement_sha256=bytes.fromhex(permitted.agreement.digest),
        rows=manifest.rows.count,
        rows_sha256=bytes.fromhex(manifest.rows.sha256),
        office_id=manifest.office,
        signer_key_sha256=bytes.fromhex(package.signer.public_key_sha256),
        time=received_at,
    ).leaf()
    append_once(log, stored["leaf"], [leaf])
    salt_key = hmac.digest(commitment_key, manifest.package_id.encode() + package.manifest_sha256, "sha256")
    return LoggedPackage(permitted, received_at, stored["leaf"], Salts(salt_key))


def log_refusal(
    package: AuthenticatedPackage, refusal: PackageRefusedError, log: LogStore, now: datetime
) -> None:
    """Account for a package refused whole: its id, the rules and the time (26 USC 6103(p)(3)(A))."""
    log.append([PackageRefused(package.manifest.package_id, refusal.rules, now).leaf()])
    log.integrate()


def append_once(log: LogStore, first: int, leaves: Iterable[bytes]) -> None:
    """The leaves stand in the log from index ``first``, durably, exactly once.

    Leaves of one call become part of the log together, so after a crash either all of them stand there or none.

    Raises:
        LogInconsistentError: other leaves stand there.
    """
    if log.size() == first:
        log.append(leaves)
        log.integrate()
        return
    held = log.leaves(first, log.size())
    for index, leaf in enumerate(leaves, first):
        if next(held, None) != leaf:
            raise LogInconsistentError(
                "The log holds other decisions in the place of this package's.",
                why="The package was begun before, with another index, another key, or another log.",
                next_step="Restore the index and the log it was begun with; do not delete either.",
                where=f"leaf {index}",
            )
