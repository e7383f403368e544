"""What a package began with: stored before its first leaf, so that every later run of it is the same run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import SHA256, read_document
from narrowgate.core.base.times import format_time
from narrowgate.gate.package_ports import SignerIdentity


@dataclass(frozen=True, slots=True)
class Start:
    """The conditions under which a package was let in; it is finished under them, whatever has changed since.

    Args:
        rows_sha256: hex digest of the rows.
        agreement_sha256: hex digest of the agreement then in force.
        officers_sha256: hex digest of the register of officers then in force.
        signature_sha256: hex digest of the signature that was verified then.
        signer: who had made it.
        received_at: aware UTC time.
        received_leaf: index of the *package received* leaf.
        slot: aware UTC time at which its answers are to leave.
    """

    rows_sha256: str
    agreement_sha256: str
    officers_sha256: str
    signature_sha256: str
    signer: SignerIdentity
    received_at: datetime
    received_leaf: int
    slot: datetime


def start_bytes(start: Start) -> bytes:
    """What the state stores of ``start``."""
    return canonical_bytes(
        {
            "agreement_sha256": start.agreement_sha256,
            "officers_sha256": start.officers_sha256,
            "received_at": format_time(start.received_at),
            "received_leaf": start.received_leaf,
            "root_sha256": start.signer.root_sha256,
            "rows_sha256": start.rows_sha256,
            "signature_sha256": start.signature_sha256,
            "signer_key_sha256": start.signer.public_key_sha256,
            "slot": format_time(start.slot),
        }
    )


def parse_start(data: bytes) -> Start:
    """The start that ``start_bytes`` wrote.

    Raises:
        EnvelopeError: the state holds something else.
    """
    fields = read_document(data, "the start of the package in the state")
    start = Start(
        rows_sha256=fields.text("rows_sha256", SHA256),
        agreement_sha256=fields.text("agreement_sha256", SHA256),
        officers_sha256=fields.text("officers_sha256", SHA256),
        signature_sha256=fields.text("signature_sha256", SHA256),
        signer=SignerIdentity(fields.text("signer_key_sha256", SHA256), fields.text("root_sha256", SHA256)),
        received_at=fields.time("received_at"),
        received_leaf=fields.count("received_leaf"),
        slot=fields.time("slot"),
    )
    fields.close()
    return start
