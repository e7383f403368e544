"""The leaves of what the custodian's officers put in force: the charter, which is leaf 0, and every act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from narrowgate.core.base.times import format_time, parse_time
from narrowgate.core.governance.act import Act
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.leaf import ACT, CHARTER, ITEM_DECIDED, build_leaf, parse_leaf

_MARKS: Final = (b'"type":"act"', b'"type":"charter"')
_ITEM_ENDING: Final = f'"type":"{ITEM_DECIDED}"}}'.encode()


@dataclass(frozen=True, slots=True)
class LoggedCharter:
    """The charter that founded the gate.

    Args:
        gate: name.
        charter_sha256: hex digest of its file.
        signers: hex SHA-256 of the keys that signed it.
        time: of the founding.
    """

    gate: str
    charter_sha256: str
    signers: Sequence[str]
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": CHARTER,
                "gate": self.gate,
                "charter_sha256": self.charter_sha256,
                "signer_keys_sha256": list(self.signers),
                "time": format_time(self.time),
            }
        )


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """An act as the log shows it: all of it that decides, without its reason.

    Args:
        number: of the act.
        kind: of the act.
        subject: of the act.
        sha256: hex digest that the act names; empty where it names none.
        start: aware UTC time from which it holds; ``None`` from the leaf on.
        until: aware UTC time at which it ends by itself; ``None`` where it does not.
        act_sha256: hex digest of the act's bytes.
        signers: hex SHA-256 of the keys that signed it.
        time: of the leaf, an aware UTC time.
    """

    number: int
    kind: Kind
    subject: str
    sha256: str
    start: datetime | None
    until: datetime | None
    act_sha256: str
    signers: tuple[str, ...]
    time: datetime

    @classmethod
    def of(cls, act: Act, signers: Sequence[str], time: datetime) -> LoggedAct:
        """What the log shows of ``act``."""
        return cls(
            act.number,
            act.kind,
            act.subject,
            act.sha256,
            act.start,
            act.until,
            act.digest,
            tuple(signers),
            time,
        )

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": ACT,
                "number": self.number,
                "act": self.kind.value,
                "subject": self.subject,
                "sha256": self.sha256,
                "from": format_time(self.start) if self.start else "",
                "until": format_time(self.until) if self.until else "",
                "act_sha256": self.act_sha256,
                "signer_keys_sha256": list(self.signers),
                "time": format_time(self.time),
            }
        )


def is_governance(leaf: bytes) -> bool:
    """Whether a leaf is of the charter or of an act; quick, because no value of a leaf holds a quotation mark."""
    # Of an item's leaf, of which a package has a million, the type is the last field.
    return not leaf.endswith(_ITEM_ENDING) and may_hold_governance(leaf)


def may_hold_governance(leaves: bytes) -> bool:
    """Whether any of these leaves, side by side, is of the charter or of an act."""
    return any(mark in leaves for mark in _MARKS)


def parse_governance(leaf: bytes, where: str) -> LoggedCharter | LoggedAct:
    """The charter or act of a leaf.

    Raises:
        EnvelopeError: the leaf is of another type, or its fields do not have their forms.
    """
    return governance_of(parse_leaf(leaf, where))


def governance_of(fields: Mapping[str, Any]) -> LoggedCharter | LoggedAct:
    """The charter or act of the fields of a leaf, as ``parse_leaf`` gives them for one of either type."""
    signers = tuple(fields["signer_keys_sha256"])
    if fields["type"] == CHARTER:
        return LoggedCharter(fields["gate"], fields["charter_sha256"], signers, parse_time(fields["time"]))
    return LoggedAct(
        number=fields["number"],
        kind=Kind(fields["act"]),
        subject=fields["subject"],
        sha256=fields["sha256"],
        start=parse_time(fields["from"]) if fields["from"] else None,
        until=parse_time(fields["until"]) if fields["until"] else None,
        act_sha256=fields["act_sha256"],
        signers=signers,
        time=parse_time(fields["time"]),
    )
