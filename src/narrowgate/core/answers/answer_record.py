"""What comes back for an item: one record of fixed width, whatever the outcome.

The format is stated in ``docs/reference/protocol/answer.md``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import REPORT_IT, ConfigurationError, EnvelopeError
from narrowgate.core.log.merkle import HASH_SIZE

SALT_BYTES: Final = 16

_OUTCOME_WIDTH: Final = max(map(len, Outcome))
_OUTCOME_COLUMN: Final = {outcome: outcome.ljust(_OUTCOME_WIDTH) for outcome in Outcome}
_COMMITMENTS_WIDTH: Final = 2 * (2 * HASH_SIZE) + 1


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """The answer to one item, with what proves it.

    Args:
        ordinal: the row of ``rows.ndjson``, from 0; below 10^10.
        leaf_index: index of the item's leaf in the log; below 10^16.
        salt: 16 bytes that open the leaf's commitment to the outcome.
        outcome: the answer.
        findings: ids of the rules that refuse the item; empty exactly when it is not refused.
        row_commitment: 32 bytes of the leaf, closed: what the leaf says of the row.
        address_commitment: 32 bytes of the leaf, closed: what the leaf says of the canonical address.
    """

    ordinal: int
    leaf_index: int
    salt: bytes
    outcome: Outcome
    findings: tuple[str, ...]
    row_commitment: bytes
    address_commitment: bytes


class RecordFormat:
    """Records as lines of ASCII text, all of one width, whatever the outcome; one text for one record.

    Findings are a bit mask over ``rules``, so that no list of findings is ever too long for its column.

    Args:
        rules: every rule id that can be a finding, in the order of the bits, the lowest bit first.
    """

    def __init__(self, rules: Sequence[str]) -> None:
        self.rules = tuple(rules)
        self._mask_width = max(1, -(-len(self.rules) // 4))
        self._bits = {rule: 1 << position for position, rule in enumerate(self.rules)}
        self._columns: dict[tuple[Outcome, tuple[str, ...]], str] = {}
        outcomes = "|".join(_OUTCOME_COLUMN.values())
        self._line = re.compile(
            rf"([0-9]{{10}}) ([0-9]{{16}}) ([0-9a-f]{{32}}) ({outcomes}) ([0-9a-f]{{{self._mask_width}}})"
            r" ([0-9a-f]{64}) ([0-9a-f]{64})\n"
        )
        self.record_bytes = 10 + 1 + 16 + 1 + 2 * SALT_BYTES + 1 + _OUTCOME_WIDTH + 1 + self._mask_width
        self.record_bytes += 2 * (1 + 2 * HASH_SIZE) + 1

    def encode(self, record: AnswerRecord) -> bytes:
        """The line of ``record``, ``record_bytes`` long, which ``decode`` reads back unchanged.

        Raises:
            ConfigurationError: a finding is not among the rules, out of their order or there twice; a number
                is too large for its column; the outcome and the findings contradict each other.
        """
        return self.encode_all(
            [record.ordinal],
            [record.leaf_index],
            [record.salt],
            [record.outcome],
            [record.findings],
            record.row_commitment + record.address_commitment,
        )

    def encode_all(
        self,
        ordinals: Sequence[int],
        leaf_indexes: Sequence[int],
        salts: Sequence[bytes],
        outcomes: Sequence[Outcome],
        findings: Sequence[tuple[str, ...]],
        commitments: bytes,
    ) -> bytes:
        """The lines of many records, given side by side: what ``encode`` makes of each, in a third of its time.

        Args:
            ordinals: of each record, as are the others.
            leaf_indexes: see ``AnswerRecord``.
            salts: see there.
            outcomes: see there.
            findings: see there.
            commitments: to the row and to the address of each, 64 bytes.

        Raises: as ``encode``.
        """
        texts = commitments.hex(" ", HASH_SIZE)  # "row address row address", each 64 digits
        known = self._columns
        lines = [
            "%010d %016d %s %s %s\n"  # noqa: UP031  takes half the time of an f-string, for a million records
            % (
                ordinal,
                leaf,
                salt.hex(),
                known.get((outcome, found)) or self._remember(outcome, found),
                texts[at : at + _COMMITMENTS_WIDTH],
            )
            for at, ordinal, leaf, salt, outcome, found in zip(
                range(0, len(texts), _COMMITMENTS_WIDTH + 1),
                ordinals,
                leaf_indexes,
                salts,
                outcomes,
                findings,
                strict=True,
            )
        ]
        if not {self.record_bytes}.issuperset(map(len, lines)):
            raise _does_not_fit()
        return "".join(lines).encode("ascii")

    def decode(self, line: bytes, where: str) -> AnswerRecord:
        """The record of ``line``.

        Raises:
            EnvelopeError: the line is not one that ``encode`` writes.
        """
        match = self._line.fullmatch(line.decode("latin-1"))
        if match is None:
            raise _malformed(where)
        ordinal, leaf_index, salt, outcome, mask, row, address = match.groups()
        bits = int(mask, 16)
        if bits >> len(self.rules) or (outcome.rstrip() == Outcome.REFUSED) is not bool(bits):
            raise _malformed(where)
        findings = tuple(rule for rule, bit in self._bits.items() if bits & bit) if bits else ()
        return AnswerRecord(
            int(ordinal),
            int(leaf_index),
            bytes.fromhex(salt),
            Outcome(outcome.rstrip()),
            findings,
            bytes.fromhex(row),
            bytes.fromhex(address),
        )

    def _remember(self, outcome: Outcome, findings: tuple[str, ...]) -> str:
        if (outcome is Outcome.REFUSED) is not bool(findings):
            raise _does_not_fit()
        if findings != tuple(rule for rule in self.rules if rule in findings):
            raise ConfigurationError(
                "A finding has no place in the answer's record.",
                why="It names no rule of the rule set in force, or stands out of order or twice.",
                next_step="Build the record format from the rules that the gate applies.",
            )
        mask = sum(self._bits[finding] for finding in findings)
        columns = f"{_OUTCOME_COLUMN[outcome]} {mask:0{self._mask_width}x}"
        return self._columns.setdefault((outcome, findings), columns)


def _does_not_fit() -> ConfigurationError:
    return ConfigurationError(
        "An answer does not fit its record.",
        why="A number is too large, or a refusal without findings or findings without a refusal.",
        next_step=REPORT_IT,
    )


def _malformed(where: str) -> EnvelopeError:
    return EnvelopeError("The line is not an answer record.", where=where, rule="R-1")
