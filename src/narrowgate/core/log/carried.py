"""The leaf that carries the books of one log into the log that follows it: no budget begins anew with a new log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from narrowgate.core.base.times import format_time, parse_time
from narrowgate.core.log.leaf import build_leaf
from narrowgate.core.log.leaf_forms import HISTORY_CARRIED


@dataclass(frozen=True, slots=True)
class HistoryCarried:
    """What was charged before this log goes on counting in it.

    Args:
        predecessor: origin of the log before.
        size: its leaves, as the charter names them.
        root: hex root of the tree over them.
        packages: received in it, and in the logs before it.
        items_by_office: rows of those packages by the office that signed them.
        uncharged: packages decided in it of which no record of the charges is left.
        history_sha256: hex digest of the carried tables of the state.
        time: aware UTC time of the entry.
    """

    predecessor: str
    size: int
    root: str
    packages: int
    items_by_office: Mapping[str, int]
    uncharged: int
    history_sha256: str
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": HISTORY_CARRIED,
                "predecessor": self.predecessor,
                "size": self.size,
                "root": self.root,
                "packages": self.packages,
                "items_by_office": dict(sorted(self.items_by_office.items())),
                "uncharged": self.uncharged,
                "history_sha256": self.history_sha256,
                "time": format_time(self.time),
            }
        )

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> HistoryCarried:
        """The entry of the fields of a leaf, as ``parse_leaf`` gives them for this type."""
        return cls(
            predecessor=fields["predecessor"],
            size=fields["size"],
            root=fields["root"],
            packages=fields["packages"],
            items_by_office=fields["items_by_office"],
            uncharged=fields["uncharged"],
            history_sha256=fields["history_sha256"],
            time=parse_time(fields["time"]),
        )
