"""Step 5: copy the package into the vault and append *package received*; from here it is accounted for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.log.leaf import (
    PACKAGE_RECEIVED,
    PackageReceived,
    Salts,
    parse_leaf,
)
from narrowgate.gate.package_ports import KeptPackage, OfficerDirectory, Vault
from narrowgate.gate.ports import LogStore, PackageStart, StateStore
from narrowgate.gate.start import Start, parse_start, start_bytes
from narrowgate.gate.types import AuthenticatedPackage, LoggedPackage, PermittedPackage


def receive(
    permitted: PermittedPackage,
    vault: Vault,
    officers: OfficerDirectory,
    state: StateStore,
    log: LogStore,
    commitment_key: bytes,
    now: datetime,
) -> LoggedPackage:
    """A package of which the gate has a copy of its own, and the log an entry, once, however often it is begun.

    The rows are compared with the signed manifest while they are copied, and from then on only the copy is read. The
    copy is durable before the start is stored, and the start before the leaf is written; a run after a crash goes on
    from whatever is there.

    Args:
        permitted: from step 4.
        vault: gets the copy.
        officers: the register in force, with which a package begins.
        state: remembers the start.
        log: gets one leaf.
        commitment_key: the custodian's key that wraps the data key of the copy, 32 bytes.
        now: aware UTC time of this run.

    Raises:
        EnvelopeError: the rows are not those signed; nothing was begun.
        OperationalError: the disk refused, or the copy of a package that has begun is missing.
        LogInconsistentError: the log holds another entry of this package.
    """
    begun = permitted.begun
    if begun is None:
        kept = _take_in(permitted.package, vault, commitment_key)
        begun = state.begin_package(_start(permitted, officers, log, now))
    else:
        kept = vault.kept(permitted.package.manifest_sha256, commitment_key)
    start = parse_start(begun.resume)
    index = log_received(begun, start, log)
    began_with = officers.as_of(bytes.fromhex(start.officers_sha256))
    return LoggedPackage(
        permitted, kept, began_with, start.received_at, start.slot, index, Salts(kept.secret("salts"))
    )


def _take_in(package: AuthenticatedPackage, vault: Vault, commitment_key: bytes) -> KeptPackage:
    raw = package.raw
    rows = raw.source.signed_rows(raw.manifest.rows)
    return vault.take_in(raw.manifest_sha256, raw.manifest_data, raw.signature, rows, commitment_key)


def _start(
    permitted: PermittedPackage, officers: OfficerDirectory, log: LogStore, now: datetime
) -> PackageStart:
    officers.keep()
    package = permitted.package
    manifest = package.manifest
    start = Start(
        rows_sha256=manifest.rows.sha256,
        agreement_sha256=permitted.agreement.digest,
        officers_sha256=officers.sha256().hex(),
        signature_sha256=package.raw.signature_sha256.hex(),
        signer=package.signer,
        received_at=now,
        received_leaf=log.size(),
        slot=permitted.slot,
    )
    return PackageStart(
        package_id=manifest.package_id,
        manifest_sha256=package.manifest_sha256,
        office=manifest.office,
        items=manifest.rows.count,
        received_on=now.date(),
        resume=start_bytes(start),
    )


def log_received(begun: PackageStart, start: Start, log: LogStore) -> int:
    """Index of the *package received* leaf, which is in the log, once.

    Raises:
        LogInconsistentError: the log holds another entry of this package.
    """
    index = find_leaf(log, start.received_leaf, PACKAGE_RECEIVED, begun.package_id)
    if index is None:
        index = log.size()
    append_once(log, index, [_leaf(begun, start)])
    return index


def log_begun(state: StateStore, log: LogStore) -> None:
    """The package in progress, if there is one, has its *package received* leaf.

    Whatever else is logged comes after it, because that leaf has the time at which the package began.
    """
    if (begun := state.package_in_progress()) is not None:
        log_received(begun, parse_start(begun.resume), log)


def _leaf(begun: PackageStart, start: Start) -> bytes:
    return PackageReceived(
        package_id=begun.package_id,
        manifest_sha256=begun.manifest_sha256,
        signature_sha256=bytes.fromhex(start.signature_sha256),
        agreement_sha256=bytes.fromhex(start.agreement_sha256),
        officers_sha256=bytes.fromhex(start.officers_sha256),
        rows=begun.items,
        rows_sha256=bytes.fromhex(start.rows_sha256),
        office_id=begun.office,
        signer_key_sha256=bytes.fromhex(start.signer.public_key_sha256),
        slot=start.slot,
        time=start.received_at,
    ).leaf()


def find_leaf(log: LogStore, start: int, kind: str, package_id: str) -> int | None:
    """Index of the first leaf of this kind about this package, from ``start`` on.

    Between a package's own leaves only a few others can stand, such as holds.
    """
    for index, leaf in enumerate(log.leaves(min(start, log.size()), log.size()), start):
        fields = parse_leaf(leaf, f"leaf {index}")
        if fields["type"] == kind and fields.get("package") == package_id:
            return index
    return None


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
    require_leaves(log, first, leaves)


def require_leaves(log: LogStore, first: int, leaves: Iterable[bytes]) -> None:
    """Returns only if these leaves stand in the log from index ``first``.

    Raises:
        LogInconsistentError: other leaves stand there.
    """
    held = log.leaves(first, log.size())
    for index, leaf in enumerate(leaves, first):
        if next(held, None) != leaf:
            raise LogInconsistentError(
                "The log holds other decisions in the place of this package's.",
                why="The package was begun before, with another index, another key, or another log.",
                next_step="Restore the index and the log it was begun with; do not delete either.",
                where=f"leaf {index}",
            )
