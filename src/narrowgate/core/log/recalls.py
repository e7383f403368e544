"""The leaves of a recall: which answers are recalled, and whose disposal of them was received."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from narrowgate.core.base.times import format_time
from narrowgate.core.log.leaf import build_leaf
from narrowgate.core.log.leaf_forms import ANSWERS_RECALLED, DISPOSAL_RECEIPT

Rows = tuple[int, int]
"""First and last row, from 0."""


@dataclass(frozen=True, slots=True)
class AnswersRecalled:
    """Answers of one package are recalled; these leaves follow the one of the act that recalls them.

    Args:
        act_number: of the act.
        package_id: the package.
        rows: every answer of the package among these rows; rows that were refused have none.
        answers: how many those are, at least 1.
        time: of the act's leaf.
    """

    act_number: int
    package_id: str
    rows: Sequence[Rows]
    answers: int
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": ANSWERS_RECALLED,
                "act_number": self.act_number,
                "package": self.package_id,
                "rows": [f"{first}-{last}" for first, last in self.rows],
                "answers": self.answers,
                "time": format_time(self.time),
            }
        )


def recalled_rows(fields: Mapping[str, Any]) -> tuple[Rows, ...]:
    """The ranges of rows of an *answers recalled* leaf, as ``parse_leaf`` gives its fields."""
    return tuple(
        (int(first), int(last)) for first, _, last in (text.partition("-") for text in fields["rows"])
    )


@dataclass(frozen=True, slots=True)
class DisposalReceipt:
    """A recipient of recalled answers has said, signed, what became of them.

    Args:
        act_number: of the act that recalled them.
        package_id: the package.
        recipient_key_sha256: hex digest of the key that the answers were sealed to, or that signed for the office.
        signer_key_sha256: hex digest of the key that signed the receipt.
        receipt_sha256: hex digest of the receipt.
        time: of this leaf.
    """

    act_number: int
    package_id: str
    recipient_key_sha256: str
    signer_key_sha256: str
    receipt_sha256: str
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": DISPOSAL_RECEIPT,
                "act_number": self.act_number,
                "package": self.package_id,
                "recipient_key_sha256": self.recipient_key_sha256,
                "signer_key_sha256": self.signer_key_sha256,
                "receipt_sha256": self.receipt_sha256,
                "time": format_time(self.time),
            }
        )
