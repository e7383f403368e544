"""Leaves told apart quickly: items of one package in their order are one run, every other leaf is parsed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from narrowgate.core.base.errors import EnvelopeError, LogInconsistentError
from narrowgate.core.log.leaf import ITEM_DECIDED, parse_leaf

_WORD = rb"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}"
_DIGEST = rb"[0-9a-f]{64}"
_ITEM = re.compile(
    rb'\{"address_commitment":"%(digest)b","canonical_form":"(%(word)b)",'
    rb'(?:"class":"answered","findings":\[\]|"class":"refused","findings":\[("%(word)b"(?:,"%(word)b")*)\]),'
    rb'"outcome_commitment":"%(digest)b",'
    rb'"package":"(%(word)b)","row":(0|[1-9][0-9]{0,14}),"row_commitment":"%(digest)b",'
    rb'"rule_set":"(%(word)b)","type":"item-decided"\}' % {b"word": _WORD, b"digest": _DIGEST}
)
"""What this describes is a canonical leaf of an item; one that it does not describe is parsed like the others."""


@dataclass(slots=True)
class ItemRun:
    """Items of one package, in neighbouring leaves and in the order of their rows.

    Args:
        first_leaf: index of the first item's leaf.
        package: id of the package.
        first_row: row of the first item, from 0.
        canonical_form: version that all of them name.
        rule_set: version that all of them name.
        rows: how many items.
        refused: how many of them have a finding.
        findings: items that each rule refuses; an item may count under several.
        refusal_lines: what the package's digest of refusals holds of the refused ones.
    """

    first_leaf: int
    package: str
    first_row: int
    canonical_form: str
    rule_set: str
    rows: int = 0
    refused: int = 0
    findings: Mapping[str, int] = field(default_factory=dict)
    refusal_lines: bytes = b""

    @property
    def last_leaf(self) -> int:
        """Index of the last item's leaf."""
        return self.first_leaf + self.rows - 1


@dataclass(frozen=True, slots=True)
class OtherLeaf:
    """A leaf that is not an item's.

    Args:
        index: of the leaf.
        fields: as ``parse_leaf`` gives them.
    """

    index: int
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UnreadLeaf:
    """A leaf that is of no item, or of one that is not as it should be."""

    index: int
    leaf: bytes


def told_apart(start: int, leaves: Sequence[bytes]) -> list[ItemRun | OtherLeaf]:
    """Returns runs of items and other leaves, in order; every leaf is in exactly one of them and has its form.

    A run ends where the package, its versions or the order of rows change, and with ``leaves``.

    Args:
        start: index of the first leaf.
        leaves: their bytes.

    Raises:
        LogInconsistentError: the bytes are no leaf, or an item is refused without a rule or answered with one.
    """
    return [
        part if isinstance(part, ItemRun) else _parsed(part.index, part.leaf)
        for part in summed_up(start, leaves)
    ]


def summed_up(start: int, leaves: Sequence[bytes]) -> list[ItemRun | UnreadLeaf]:
    """Returns the same with the other leaves as they are: whoever notes findings and goes on reads them.

    Args:
        start: index of the first leaf.
        leaves: their bytes.
    """
    parts: list[ItemRun | UnreadLeaf] = []
    run: ItemRun | None = None
    named: tuple[bytes, bytes, bytes] | None = None
    row = 0
    found: Counter[bytes | None] = Counter()
    lines: list[bytes] = []
    for index, leaf in enumerate(leaves, start):
        match = _ITEM.fullmatch(leaf)
        if match is None:
            _close(run, found, lines)
            run, named = None, None
            parts.append(UnreadLeaf(index, leaf))
            continue
        canonical_form, findings, package, digits, rule_set = match.groups()
        if run is None or named != (package, canonical_form, rule_set) or int(digits) != row:
            _close(run, found, lines)
            named, row, found, lines = (package, canonical_form, rule_set), int(digits), Counter(), []
            run = ItemRun(index, package.decode(), row, canonical_form.decode(), rule_set.decode())
            parts.append(run)
        found[findings] += 1
        if findings is not None:
            lines.append(digits + b" " + findings[1:-1].replace(b'","', b" ") + b"\n")
        row += 1
    _close(run, found, lines)
    return parts


def _close(run: ItemRun | None, found: Counter[bytes | None], lines: list[bytes]) -> None:
    if run is None:
        return
    by_rule: Counter[str] = Counter()
    for findings, items in found.items():
        for rule in findings.decode().replace('"', "").split(",") if findings else ():
            by_rule[rule] += items
    run.rows = found.total()
    run.refused = run.rows - found[None]
    run.findings = dict(sorted(by_rule.items()))
    run.refusal_lines = b"".join(lines)


def _parsed(index: int, leaf: bytes) -> ItemRun | OtherLeaf:
    try:
        fields = parse_leaf(leaf, f"leaf {index}")
    except EnvelopeError as error:
        raise LogInconsistentError(error.what, why=error.why, where=error.where) from error
    if fields["type"] != ITEM_DECIDED:
        return OtherLeaf(index, fields)
    findings = fields["findings"]
    if (fields["class"] == "refused") is not bool(findings):
        raise LogInconsistentError(
            "A refusal without a rule, or a rule without a refusal.", where=f"leaf {index}"
        )
    return ItemRun(
        index,
        fields["package"],
        fields["row"],
        fields["canonical_form"],
        fields["rule_set"],
        1,
        int(bool(findings)),
        dict(sorted(Counter(findings).items())),
    )
