"""The leaves of what becomes of a package: answers released at a slot, delayed, expired; its data key destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from narrowgate.core.base.times import format_time
from narrowgate.core.log.leaf import ANSWERS_EXPIRED, PACKAGE_RELEASED, RELEASE_DELAYED, build_leaf
from narrowgate.core.log.leaf_forms import DATA_KEY_DESTROYED


@dataclass(frozen=True, slots=True)
class PackageReleased:
    """The answers of a package are put in place; written before they are.

    Args:
        package_id: the package.
        slot: for which they were released; their files have this time.
        time: of this entry.
    """

    package_id: str
    slot: datetime
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": PACKAGE_RELEASED,
                "package": self.package_id,
                "slot": format_time(self.slot),
                "time": format_time(self.time),
            }
        )


@dataclass(frozen=True, slots=True)
class ReleaseDelayed:
    """A package was not released at its slot and waits for another one.

    Args:
        package_id: the package.
        slot: that was missed.
        next_slot: that takes its place.
        time: of this entry.
    """

    package_id: str
    slot: datetime
    next_slot: datetime
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": RELEASE_DELAYED,
                "package": self.package_id,
                "slot": format_time(self.slot),
                "next_slot": format_time(self.next_slot),
                "time": format_time(self.time),
            }
        )


@dataclass(frozen=True, slots=True)
class AnswersExpired:
    """The answers of a package are taken away at their expiry, or never leave; written before they are gone."""

    package_id: str
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {"type": ANSWERS_EXPIRED, "package": self.package_id, "time": format_time(self.time)}
        )


@dataclass(frozen=True, slots=True)
class DataKeyDestroyed:
    """The data key of a package is destroyed, and with it its rows, salts and seals; written before it is.

    Args:
        package_id: the package.
        due: the day of the agreement's retention on which it was to be destroyed, or later.
        time: of this entry.
    """

    package_id: str
    due: datetime
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": DATA_KEY_DESTROYED,
                "package": self.package_id,
                "due": format_time(self.due),
                "time": format_time(self.time),
            }
        )
