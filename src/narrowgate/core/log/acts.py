"""The leaves of what the custodian does beside deciding: place and lift a hold, abandon a package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from narrowgate.core.base.times import format_time
from narrowgate.core.log.leaf import HOLD, HOLD_LIFTED, PACKAGE_ABANDONED, build_leaf


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """A hold came into force, or ended.

    Args:
        scope: ``all``, or the id of the office whose packages it stops.
        lifted: whether it ended.
        ordered: when it was ordered; a gate at work logs it only when its package is done.
        time: of this entry.
    """

    scope: str
    lifted: bool
    ordered: datetime
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": HOLD_LIFTED if self.lifted else HOLD,
                "scope": self.scope,
                "ordered": format_time(self.ordered),
                "time": format_time(self.time),
            }
        )


@dataclass(frozen=True, slots=True)
class PackageAbandoned:
    """A package that was received is ended for good: no answer of it left, and none will."""

    package_id: str
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {"type": PACKAGE_ABANDONED, "package": self.package_id, "time": format_time(self.time)}
        )
