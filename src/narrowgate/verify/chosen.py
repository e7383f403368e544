"""Which leaves of a log a person wants to see, for the command line and the pages alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from narrowgate.verify.entries import Entry


@dataclass(frozen=True, slots=True)
class Choice:
    """What a leaf must be to be shown; an empty part allows any.

    Args:
        kind: of the leaf.
        package: that it is about.
        rule: that refuses it.
        since: UTC day, ``2026-11-27``, from which on.
        until: UTC day up to which, that day included.
    """

    kind: str = ""
    package: str = ""
    rule: str = ""
    since: str = ""
    until: str = ""

    @property
    def is_everything(self) -> bool:
        """Whether no leaf is left out."""
        return self == Choice()

    def takes(self, entry: Entry) -> bool:
        """Whether the leaf is one of those; one whose time is not known lies before no day."""
        day = entry.time[:10]
        return (
            self.kind in {"", entry.kind}
            and self.package in {"", entry.package}
            and (not self.rule or self.rule in entry.rules)
            and (not self.since or day >= self.since)
            and (not self.until or "" < day <= self.until)
        )


def columns_of(entry: Entry) -> dict[str, Any]:
    """Number, time, kind, package, row, class and rules of a leaf; empty where it has none."""
    return {
        "index": entry.index,
        "time": entry.time,
        "kind": entry.kind,
        "package": entry.package,
        "row": entry.fields.get("row", ""),
        "class": entry.fields.get("class", ""),
        "rules": " ".join(entry.rules),
    }
