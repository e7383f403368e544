"""What the leaves of recalls say together: which answers each act recalled, and whose receipts came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from narrowgate.core.log.leaf_forms import ANSWERS_RECALLED, DISPOSAL_RECEIPT
from narrowgate.core.log.recalls import recalled_rows

RECALL_KINDS = frozenset({ANSWERS_RECALLED, DISPOSAL_RECEIPT})


@dataclass(slots=True)
class PackageRecalls:
    """What is recalled of one package.

    Args:
        answers: how many each act recalled, by the act's number.
        receipts: act and recipient's key of each receipt.
    """

    answers: dict[int, int] = field(default_factory=dict)
    receipts: set[tuple[int, str]] = field(default_factory=set)


class RecallLedger:
    """Follows the acts that recall, and what stands behind each."""

    def __init__(self) -> None:
        self._number = 0
        self._missing = 0

    def begin(self, number: int, answers: int) -> None:
        """An act recalls so many answers; the leaves that say which follow it."""
        self._number, self._missing = number, answers

    def is_incomplete(self) -> bool:
        """Whether leaves are missing that say which answers the last act recalls."""
        return self._missing > 0

    def give_up(self) -> None:
        """Look for no more of them; that some are missing was told."""
        self._missing = 0

    def problems(
        self, fields: dict[str, Any], recalls: PackageRecalls | None, answered: int, rows: int
    ) -> Iterator[str]:
        """Takes one leaf of either kind, and yields what is wrong with it.

        Args:
            fields: of the leaf.
            recalls: of its package; ``None`` where that has no answers, or none any more.
            answered: answers of the package.
            rows: of the package.
        """
        if fields["type"] == DISPOSAL_RECEIPT:
            yield from self._receipt(fields, recalls)
            return
        if fields["act_number"] != self._number or not 0 < fields["answers"] <= self._missing:
            yield "Answers are recalled by no act, or more of them than it names."
            return
        self._missing -= fields["answers"]
        if recalls is None:
            yield "Answers are recalled of a package that has none."
            return
        known = recalls.answers.get(self._number, 0) + fields["answers"]
        if known > answered or recalled_rows(fields)[-1][1] >= rows:
            yield "More answers are recalled than the package has."
        recalls.answers[self._number] = known

    def _receipt(self, fields: dict[str, Any], recalls: PackageRecalls | None) -> Iterator[str]:
        if recalls is None or fields["act_number"] not in recalls.answers:
            yield "A receipt is for answers that were not recalled."
            return
        recipient = (fields["act_number"], fields["recipient_key_sha256"])
        if recipient in recalls.receipts:
            yield "A recipient's receipt is there twice."
        recalls.receipts.add(recipient)
