"""The entry of a package that is refused whole: who asked, as far as that is known, once for each package."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from narrowgate.core.log.leaf import PACKAGE_REFUSED, PackageRefused, parse_leaf
from narrowgate.gate.package_ports import SignerIdentity
from narrowgate.gate.ports import LogStore, StateStore
from narrowgate.gate.step_03_replay import require_common_past
from narrowgate.gate.step_05_receive import log_begun
from narrowgate.gate.types import RawPackage


def log_refusal(
    raw: RawPackage,
    signer: SignerIdentity | None,
    rules: Sequence[str],
    state: StateStore,
    log: LogStore,
    now: datetime,
) -> None:
    """The log says that this package was refused whole, once however often it is handed over.

    A package counts by its manifest and by the key that is known to have signed it: a forged signature on an honest
    manifest neither takes the place of the honest package's entry nor is hidden by it. (26 USC 6103(p)(3)(A))

    Args:
        raw: from step 1.
        signer: whose signature verified, or nothing when none did; then the office is what the manifest claims.
        rules: ids of the rules that refuse it.
        state: remembers where the entry is.
        log: gets at most one leaf, and before it the entry of a package that has begun.
        now: aware UTC time.

    Raises:
        LogInconsistentError: state and log do not belong together.
        OperationalError: the disk refused.
    """
    require_common_past(state, log)
    key = bytes.fromhex(signer.public_key_sha256) if signer is not None else b""
    refused = PackageRefused(
        package_id=raw.manifest.package_id,
        manifest_sha256=raw.manifest_sha256,
        office_id=raw.manifest.office,
        signer_key_sha256=key,
        rules=rules,
        time=now,
    )
    digest = sha256(raw.manifest_sha256 + key).digest()
    place = state.refusal_leaf(digest)
    if place is not None and place < log.size() and _is_entry(log.read_leaf(place), raw, key):
        return
    log_begun(state, log)
    # The place comes first: after a crash in between, the next run looks there and finds it or writes it.
    state.place_refusal(digest, log.size())
    log.append([refused.leaf()])
    log.integrate()


def _is_entry(leaf: bytes, raw: RawPackage, key: bytes) -> bool:
    fields = parse_leaf(leaf, "log")
    expected = {
        "type": PACKAGE_REFUSED,
        "manifest_sha256": raw.manifest_sha256.hex(),
        "signer_key_sha256": key.hex(),
    }
    return expected.items() <= {name: str(value) for name, value in fields.items()}.items()
