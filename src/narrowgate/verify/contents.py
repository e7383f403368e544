"""What a log holds, counted: leaves by kind, packages by office, items by outcome class, refusals by rule, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.leaf import (
    ACT,
    ITEM_DECIDED,
    PACKAGE_DECIDED,
    PACKAGE_RECEIVED,
    PACKAGE_REFUSED,
)


@dataclass(slots=True)
class LogContents:
    """Counts what the leaves say, leaf by leaf; it holds no count of confirmations, for no leaf tells one.

    Args:
        kinds: leaves by kind.
        offices: packages received, by the office that signed them.
        answered: items answered.
        refused: items refused.
        refusals_by_rule: items that each rule refused; an item may count under several.
        abandoned: packages that an act ended.
        packages_refused_by_rule: packages refused whole, by rule.
        first_time: of the earliest leaf that has a time; empty where none has.
        last_time: of the latest.
    """

    kinds: dict[str, int] = field(default_factory=dict)
    offices: dict[str, int] = field(default_factory=dict)
    answered: int = 0
    refused: int = 0
    refusals_by_rule: dict[str, int] = field(default_factory=dict)
    abandoned: int = 0
    packages_refused_by_rule: dict[str, int] = field(default_factory=dict)
    first_time: str = ""
    last_time: str = ""

    def take(self, fields: dict[str, Any]) -> None:
        """Counts one leaf.

        Args:
            fields: of a leaf, as ``core.log.leaf.parse_leaf`` gives them.
        """
        kind = fields["type"]
        _count(self.kinds, [kind])
        if kind == ITEM_DECIDED:
            self.answered += fields["class"] == "answered"
            self.refused += fields["class"] == "refused"
            _count(self.refusals_by_rule, fields["findings"])
        elif kind == ACT:
            self.abandoned += fields["act"] == Kind.PACKAGE_ABANDONED
        elif kind == PACKAGE_RECEIVED:
            _count(self.offices, [fields["office"]])
        elif kind == PACKAGE_REFUSED:
            _count(self.packages_refused_by_rule, fields["rules"])
        if time := fields.get("time"):
            # Times of leaves are RFC 3339 in UTC with whole seconds, which sort as text.
            self.first_time = min(self.first_time or time, time)
            self.last_time = max(self.last_time, time)

    def take_items(self, rows: int, refused: int, refusals: Mapping[str, int]) -> None:
        """Counts leaves of items.

        Args:
            rows: how many.
            refused: how many of them were refused.
            refusals: rule to the number of items that it refused.
        """
        self.kinds[ITEM_DECIDED] = self.kinds.get(ITEM_DECIDED, 0) + rows
        self.answered += rows - refused
        self.refused += refused
        for rule, count in refusals.items():
            self.refusals_by_rule[rule] = self.refusals_by_rule.get(rule, 0) + count

    def as_dict(self) -> dict[str, Any]:
        """Returns every count by its name, tables in the order of their keys."""
        return {
            "leaves": sum(self.kinds.values()),
            "kinds": dict(sorted(self.kinds.items())),
            "packages": {
                "received": self.kinds.get(PACKAGE_RECEIVED, 0),
                "decided": self.kinds.get(PACKAGE_DECIDED, 0),
                "abandoned": self.abandoned,
                "refused_whole": self.kinds.get(PACKAGE_REFUSED, 0),
                "received_by_office": dict(sorted(self.offices.items())),
                "refused_whole_by_rule": dict(sorted(self.packages_refused_by_rule.items())),
            },
            "items": {
                "decided": self.answered + self.refused,
                "answered": self.answered,
                "refused": self.refused,
                "refused_by_rule": dict(sorted(self.refusals_by_rule.items())),
            },
            "first_time": self.first_time or None,
            "last_time": self.last_time or None,
        }

    def __str__(self) -> str:
        """The counts as lines of text."""
        span = f", from {self.first_time} to {self.last_time}" if self.first_time else ""
        received, decided, whole = (
            self.kinds.get(kind, 0) for kind in (PACKAGE_RECEIVED, PACKAGE_DECIDED, PACKAGE_REFUSED)
        )
        items = self.answered + self.refused
        lines = [
            f"  {received:,} packages received, {decided:,} decided, {whole:,} refused whole{span}",
            f"  {items:,} items decided: {self.answered:,} answered, {self.refused:,} refused",
        ]
        for title, table in (
            ("packages by office", self.offices),
            ("packages refused by rule", self.packages_refused_by_rule),
            ("items refused by rule", self.refusals_by_rule),
        ):
            if table:
                listed = ", ".join(f"{name} {count:,}" for name, count in sorted(table.items()))
                lines.append(f"  {title}: {listed}")
        return "\n".join(lines)


def _count(table: dict[str, int], names: Iterable[str]) -> None:
    for name in names:
        table[name] = table.get(name, 0) + 1
