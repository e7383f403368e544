"""Charters and acts for tests: three officers, one of them with two cards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.core.governance.act import Act
from narrowgate.core.governance.charter import Charter, CustodyOfficer, parse_charter, render_charter
from narrowgate.core.governance.in_force import InForce, after, founded
from narrowgate.core.governance.kinds import KINDS, Digest, Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter
from narrowgate.core.log.note import NoteSigner

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LOG_SIGNER = NoteSigner.ed25519("example.test/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
FIRST, FIRST_AGAIN, SECOND, THIRD = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)

SUBJECTS = {
    Kind.HOLD: "all",
    Kind.HOLD_LIFTED: "all",
    Kind.OFFICE_OFF: "acting_director_of_ice",
    Kind.OFFICE_ON: "acting_director_of_ice",
    Kind.KEY_REVOKED: "e" * 64,
    Kind.SUPPRESSION: "37",
    Kind.PACKAGE_ABANDONED: "p-20260101-abcdef",
    Kind.INCIDENT: "package:p-20260101-abcdef/2026-01-02T12:00:00Z",
    Kind.INCIDENT_REPORTED: "1",
    Kind.INCIDENT_CLOSED: "1",
    Kind.RECALL: "10",
    Kind.CHARTER_REPLACED: "gate-1",
}


def charter(**changes: object) -> Charter:
    """A charter, read back from its own text so that it has its digest."""
    written = Charter(
        gate="gate-1",
        sandbox=True,
        log_key=str(LOG_SIGNER.key),
        trust_root="0" * 64,
        requester_signatory=("f" * 64,),
        quorum=2,
        officers=(
            CustodyOfficer("custody-1", "Disclosure officer", (FIRST, FIRST_AGAIN)),
            CustodyOfficer("custody-2", 'Head of "safeguards"', (SECOND,)),
            CustodyOfficer("custody-3", "Privacy officer", (THIRD,)),
        ),
        witnesses=(),
        witness_quorum=0,
        checkpoint_copy="the inspector's share",
    )
    return parse_charter(render_charter(replace(written, **changes)).encode(), "charter.toml")


def nothing_in_force() -> InForce:
    """What is in force right after the founding."""
    return founded(LoggedCharter("gate-1", charter().digest, (FIRST, SECOND), NOON))


def act(before: InForce, kind: Kind, **changes: object) -> Act:
    """The next act of a kind, of the usual subject."""
    drawn_up = Act(
        gate="gate-1",
        number=before.number + 1,
        previous=before.last_sha256,
        kind=kind,
        subject=SUBJECTS.get(kind, "first"),
        sha256="" if KINDS[kind].digest is Digest.NOTHING else "1" * 64,
        start=None,
        until=None,
        reason="as agreed",
        issued=NOON,
    )
    return replace(drawn_up, **changes)


def applied(before: InForce, kind: Kind, at: datetime = NOON, **changes: object) -> InForce:
    """What is in force after the next act of a kind."""
    return after(before, LoggedAct.of(act(before, kind, **changes), (FIRST, SECOND), at))


class ActLeaves:
    """Leaves of acts in sequence, behind the charter's, which is the first leaf of a log."""

    charter = LoggedCharter("gate-1", charter().digest, (FIRST, SECOND), NOON).leaf()

    def __init__(self) -> None:
        self.state = nothing_in_force()

    def leaf(self, kind: Kind, at: datetime = NOON, **changes: object) -> bytes:
        """The leaf of the next act."""
        logged = LoggedAct.of(act(self.state, kind, **changes), (FIRST, SECOND), at)
        self.state = after(self.state, logged)
        return logged.leaf()

    def in_force(
        self, agreement_sha256: str, officers_sha256: str, at: datetime = NOON, index: str = "2026-01-a"
    ) -> list[bytes]:
        """The leaves that a package needs before it: an agreement, a register, an index and rules."""
        return [
            self.leaf(Kind.AGREEMENT_IN_FORCE, at, sha256=agreement_sha256),
            self.leaf(Kind.REGISTER_IN_FORCE, at, sha256=officers_sha256),
            self.leaf(Kind.INDEX_IN_FORCE, at, subject=index),
            self.leaf(Kind.RULES_IN_FORCE, at, subject="rules-1"),
        ]
