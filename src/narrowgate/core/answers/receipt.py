"""What the requester's office gets back: refusals and counts, computed without the tax records.

The format is stated in ``docs/reference/protocol/receipt.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import SHA256, WORD, read_document
from narrowgate.core.base.times import format_time

RECEIPT_SCHEMA: Final = "narrowgate/receipt/v1"

_ITEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:#/-]{0,63}|row [1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a package was taken in and decided, and how many items were refused by which rule.

    Holds nothing that depends on a tax record: no count of confirmations, no digest of answers, no index.

    Args:
        package_id: the package.
        manifest_sha256: hex digest of its manifest.
        agreement_sha256: hex digest of the agreement.
        received: when it was taken in, UTC.
        decided: when it was decided, UTC.
        slot: when its answers were to leave, known at receipt, UTC.
        log_origin: origin of the log.
        received_leaf: index of the *package received* leaf.
        first_item_leaf: index of the leaf of row 0; the leaves of the rows follow one another.
        decided_leaf: index of the *package decided* leaf.
        items: items of the package, at least 1.
        refused: items refused; the others were admitted and are answered to the officers they name.
        refused_by_rule: items that each rule refused, no zeros; an item may count under several.
    """

    package_id: str
    manifest_sha256: str
    agreement_sha256: str
    received: datetime
    decided: datetime
    slot: datetime
    log_origin: str
    received_leaf: int
    first_item_leaf: int
    decided_leaf: int
    items: int
    refused: int
    refused_by_rule: Mapping[str, int]

    @property
    def admitted(self) -> int:
        """Items that were asked of the index."""
        return self.items - self.refused


def receipt_bytes(receipt: Receipt) -> bytes:
    """The only byte string that denotes ``receipt``.

    Raises:
        EnvelopeError: a field does not have its form, or the counts contradict each other: nothing is written
            that the reader would refuse.
    """
    fields = asdict(receipt) | {
        "schema": RECEIPT_SCHEMA,
        "admitted": receipt.admitted,
        "received": format_time(receipt.received),
        "decided": format_time(receipt.decided),
        "slot": format_time(receipt.slot),
    }
    data = canonical_bytes(fields)
    parse_receipt(data, "the receipt")
    return data


def parse_receipt(data: bytes, where: str) -> Receipt:
    """The receipt of ``data``, complete, closed, canonical, its counts adding up.

    Raises:
        EnvelopeError: a key is missing, unknown or of another form, or the counts contradict each other.
    """
    fields = read_document(data, where)
    fields.constant("schema", RECEIPT_SCHEMA)
    receipt = Receipt(
        package_id=fields.text("package_id", WORD),
        manifest_sha256=fields.text("manifest_sha256", SHA256),
        agreement_sha256=fields.text("agreement_sha256", SHA256),
        received=fields.time("received"),
        decided=fields.time("decided"),
        slot=fields.time("slot"),
        log_origin=fields.text("log_origin", WORD),
        received_leaf=fields.count("received_leaf"),
        first_item_leaf=fields.count("first_item_leaf"),
        decided_leaf=fields.count("decided_leaf"),
        items=fields.count("items"),
        refused=fields.count("refused"),
        refused_by_rule=fields.counts("refused_by_rule", WORD),
    )
    if receipt.items == 0 or fields.count("admitted") != receipt.admitted:
        raise fields.refused("items", "is not the sum of those admitted and refused")
    if not _counts_agree(receipt):
        raise fields.refused("refused_by_rule", "contradicts the number of refused items")
    if receipt.decided < receipt.received:
        raise fields.refused("decided", "is before 'received'")
    if receipt.slot < receipt.received:
        raise fields.refused("slot", "is before 'received'")
    fields.close()
    return receipt


def _counts_agree(receipt: Receipt) -> bool:
    """Every refused item counts under one rule or more, and under each at most once."""
    counts = receipt.refused_by_rule.values()
    return all(0 < count <= receipt.refused for count in counts) and sum(counts) >= receipt.refused


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """One line of ``refusals.ndjson``: an item that was refused, and every rule that refused it.

    Args:
        ordinal: the row of ``rows.ndjson``, from 0.
        item: the requester's own id of the item, or ``row N`` (from 1) where the row has no readable id.
        findings: ids of the rules, at least one.
    """

    ordinal: int
    item: str
    findings: tuple[str, ...]


def refusal_line_bytes(line: RefusalLine) -> bytes:
    """The canonical JSON of the line, with its line feed."""
    return canonical_bytes({"ordinal": line.ordinal, "item": line.item, "findings": line.findings}) + b"\n"


def parse_refusal_line(data: bytes, where: str) -> RefusalLine:
    """The refusal of one line, without its line feed.

    Raises:
        EnvelopeError: the line is not one that :func:`refusal_line_bytes` writes.
    """
    fields = read_document(data, where)
    line = RefusalLine(
        ordinal=fields.count("ordinal"),
        item=fields.text("item", _ITEM),
        findings=fields.texts("findings", WORD),
    )
    if not line.findings:
        raise fields.refused("findings", "is empty")
    fields.close()
    return line
