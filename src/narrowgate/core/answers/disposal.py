"""A receipt of disposal: what the recipient of recalled answers says, signed, became of them; no outcome is in it.

The format is stated in ``docs/reference/protocol/recall.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import SHA256, WORD, read_document
from narrowgate.core.base.times import format_time

RECEIPT_SCHEMA: Final = "narrowgate/disposal-receipt/v1"


class Disposal(StrEnum):
    """What became of the recalled answers that a recipient had."""

    DESTROYED = "destroyed"
    """Every copy, as NIST SP 800-88 says."""
    RETURNED = "returned"
    NEVER_OPENED = "never-opened"
    """The sealed file was destroyed as it was."""


SENTENCES: Final = {
    Disposal.DESTROYED: "Every copy of the recalled answers was destroyed (NIST SP 800-88).",
    Disposal.RETURNED: "Every copy of the recalled answers was returned to the custodian.",
    Disposal.NEVER_OPENED: "The recalled answers were never opened, and the sealed file was destroyed.",
}

_DISPOSAL: Final = re.compile("|".join(Disposal))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a recipient says.

    Args:
        notice_sha256: hex digest of the notice that it answers.
        act_number: of the recall.
        package: id.
        office: that signed the package.
        recipient_key_sha256: hex digest of the key that the notice is for.
        disposal: what became of the answers.
        acted_on: whether one of them was acted on, or handed on, before the notice.
        made: when the receipt was made, aware UTC.
    """

    notice_sha256: str
    act_number: int
    package: str
    office: str
    recipient_key_sha256: str
    disposal: Disposal
    acted_on: bool
    made: datetime

    @property
    def digest(self) -> str:
        """Hex SHA-256 of its bytes, by which the log names it."""
        return sha256(receipt_bytes(self)).hexdigest()


def receipt_bytes(receipt: Receipt) -> bytes:
    """The only byte string that denotes the receipt: what its signer signs."""
    return canonical_bytes(
        {
            "schema": RECEIPT_SCHEMA,
            "notice_sha256": receipt.notice_sha256,
            "act_number": receipt.act_number,
            "package": receipt.package,
            "office": receipt.office,
            "recipient_key_sha256": receipt.recipient_key_sha256,
            "disposal": receipt.disposal.value,
            "acted_on": receipt.acted_on,
            "made": format_time(receipt.made),
        }
    )


def parse_receipt(data: bytes, where: str) -> Receipt:
    """The receipt that the bytes denote.

    Raises:
        EnvelopeError: they denote none.
    """
    fields = read_document(data, where)
    fields.constant("schema", RECEIPT_SCHEMA)
    receipt = Receipt(
        notice_sha256=fields.text("notice_sha256", SHA256),
        act_number=fields.count("act_number"),
        package=fields.text("package", WORD),
        office=fields.text("office", WORD),
        recipient_key_sha256=fields.text("recipient_key_sha256", SHA256),
        disposal=Disposal(fields.text("disposal", _DISPOSAL)),
        acted_on=fields.flag("acted_on"),
        made=fields.time("made"),
    )
    fields.close()
    return receipt


def receipt_text(receipt: Receipt) -> str:
    """The receipt in words, as its signer is shown it."""
    acted = "was" if receipt.acted_on else "was not"
    return "\n".join(
        (
            f"Receipt for the recall by act {receipt.act_number}, package {receipt.package}, {receipt.office}",
            f"  recipient {receipt.recipient_key_sha256}",
            f"  {SENTENCES[receipt.disposal]}",
            f"  A recalled answer {acted} acted on or handed on before the notice.",
            f"  made {format_time(receipt.made)}",
        )
    )
