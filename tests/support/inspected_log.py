"""Logs as a gate writes them, an hour from leaf to leaf, with acts before the packages; built leaf by leaf."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.governance.in_force import InForce, after
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter
from narrowgate.core.log.checkpoint import Checkpoint, sign_checkpoint
from narrowgate.core.log.leaf import ItemLeaves, PackageDecided, PackageReceived, PackageRefused, Salts
from narrowgate.core.log.merkle import leaf_hash
from narrowgate.core.log.recalls import AnswersRecalled, DisposalReceipt
from narrowgate.core.log.releases import AnswersExpired, DataKeyDestroyed, PackageReleased, ReleaseDelayed
from narrowgate.core.log.tiles import ENTRIES, TILE_WIDTH, RightEdge, Tile, encode_bundle
from support.governance import FIRST, HOUR, LOG_SIGNER, NOON, SECOND, act, charter, nothing_in_force

OFFICE = "secretary_of_homeland_security"
SIGNER_KEY = bytes([7] * 32)
AGREEMENT = bytes([1] * 32)
REGISTER = bytes([2] * 32)
INDEX = bytes([3] * 32)
RULES = bytes([4] * 32)
SNAPSHOT = "index-1"


def salts_of(package: str) -> Salts:
    """The salts of a package of these logs."""
    return Salts(sha256(package.encode()).digest())


def plain_row(row: int) -> bytes:
    """What stands for a row where nobody reads one."""
    return b"row %d" % row


@dataclass
class InspectedLog:
    """Leaves of a log in the making."""

    leaves: list[bytes] = field(
        default_factory=lambda: [LoggedCharter("gate-1", charter().digest, (FIRST, SECOND), NOON).leaf()]
    )
    state: InForce = field(default_factory=nothing_in_force)
    now: datetime = NOON
    slots: dict[str, datetime] = field(default_factory=dict)
    agreement: bytes = AGREEMENT

    @classmethod
    def in_force(cls, agreement: bytes = AGREEMENT, now: datetime = NOON) -> InspectedLog:
        """A log whose acts have put everything in force that a package needs."""
        log = cls(agreement=agreement, now=now)
        log.act(Kind.AGREEMENT_IN_FORCE, "first", sha256=agreement.hex())
        log.act(Kind.REGISTER_IN_FORCE, "officers", sha256=REGISTER.hex())
        log.act(Kind.RULES_IN_FORCE, "rules-1", sha256=RULES.hex())
        log.act(Kind.INDEX_IN_FORCE, SNAPSHOT, sha256=INDEX.hex())
        return log

    @property
    def last(self) -> int:
        """Index of the last leaf."""
        return len(self.leaves) - 1

    def act(self, kind: Kind, subject: str, **changes: object) -> int:
        """The next act; returns its leaf."""
        self.now += HOUR
        logged = LoggedAct.of(act(self.state, kind, subject=subject, **changes), (FIRST, SECOND), self.now)
        self.state = after(self.state, logged)
        self.leaves.append(logged.leaf())
        return self.last

    def receive(self, package: str, rows: int, office: str = OFFICE, key: bytes = SIGNER_KEY) -> int:
        """A package received, its slot two hours on; returns its leaf."""
        self.now += HOUR
        self.slots[package] = self.now + 2 * HOUR
        self.leaves.append(
            PackageReceived(
                package,
                sha256(package.encode()).digest(),
                bytes(32),
                self.agreement,
                REGISTER,
                rows,
                bytes(32),
                office,
                key,
                self.slots[package],
                self.now,
            ).leaf()
        )
        return self.last

    def items(
        self, package: str, rows: range, refused: int = 4, texts: Callable[[int], bytes] = plain_row
    ) -> None:
        """Items decided; every ``refused``-th is refused by R-64."""
        salts, form = salts_of(package), ItemLeaves(package, "1", "1")
        self.leaves += [
            form.leaf(
                row,
                ("R-64",) if row % refused == refused - 1 else (),
                salts.commit("row", row, texts(row)),
                salts.commit("address", row, b"address %d" % row),
                salts.commit("outcome", row, outcome_in(row, refused)),
            )
            for row in rows
        ]

    def decide(self, package: str, rows: int, refused: int = 4) -> int:
        """The package decided; returns its leaf."""
        self.now += HOUR
        number = rows // refused
        by_rule = {"R-64": number} if number else {}
        self.leaves.append(
            PackageDecided(
                package,
                rows - number,
                number,
                by_rule,
                bytes(32),
                SNAPSHOT,
                "2025-12-31",
                bytes(32),
                self.now,
            ).leaf()
        )
        return self.last

    def delay(self, package: str) -> int:
        """The slot missed; returns the leaf."""
        self.now = max(self.now + HOUR, self.slots[package])
        missed, self.slots[package] = self.slots[package], self.now + HOUR
        self.leaves.append(ReleaseDelayed(package, missed, self.slots[package], self.now).leaf())
        return self.last

    def release(self, package: str) -> int:
        """The answers released at their slot or later; returns the leaf."""
        self.now = max(self.now + HOUR, self.slots[package])
        self.leaves.append(PackageReleased(package, self.slots[package], self.now).leaf())
        return self.last

    def expire(self, package: str) -> int:
        """The answers expired; returns the leaf."""
        self.now += HOUR
        self.leaves.append(AnswersExpired(package, self.now).leaf())
        return self.last

    def recall(self, package: str, *rows: tuple[int, int]) -> int:
        """Answers recalled by an act, and the receipt of one recipient; returns the act's leaf."""
        answers = sum(last - first + 1 for first, last in rows)
        act_leaf = self.act(Kind.RECALL, str(answers), sha256="6" * 64)
        number = self.state.number
        self.leaves.append(AnswersRecalled(number, package, rows, answers, self.now).leaf())
        self.leaves.append(DisposalReceipt(number, package, "7" * 64, "8" * 64, "9" * 64, self.now).leaf())
        return act_leaf

    def destroy(self, package: str, early: timedelta = timedelta(0)) -> int:
        """The data key of the package destroyed on its day, or so long before it; returns the leaf."""
        self.now += HOUR
        self.leaves.append(DataKeyDestroyed(package, self.now + early, self.now).leaf())
        return self.last

    def refuse(self, package: str, *rules: str) -> int:
        """A package refused whole; returns its leaf."""
        self.now += HOUR
        self.leaves.append(
            PackageRefused(package, bytes(32), OFFICE, SIGNER_KEY, rules or ("R-26",), self.now).leaf()
        )
        return self.last

    def package(self, package: str, rows: int = 4) -> None:
        """A package from its receipt to its release."""
        self.receive(package, rows)
        self.items(package, range(rows))
        self.decide(package, rows)
        self.release(package)

    def save(self, directory: Path) -> Path:
        """The log on disk under one checkpoint, whatever its leaves say: no gate would write some of them."""
        with TileLog.create(directory, LOG_SIGNER):
            pass
        edge = RightEdge()
        for start in range(0, len(self.leaves), TILE_WIDTH):
            leaves = self.leaves[start : start + TILE_WIDTH]
            bundle = Tile(ENTRIES, start // TILE_WIDTH, len(leaves))
            _write(directory / bundle.path, encode_bundle(leaves))
            for tile, data in edge.add([leaf_hash(leaf) for leaf in leaves]):
                _write(directory / tile.path, data)
        for tile, data in edge.partial_tiles():
            _write(directory / tile.path, data)
        checkpoint = Checkpoint(LOG_SIGNER.key.name, edge.size, edge.root())
        (directory / "checkpoint").write_text(sign_checkpoint(checkpoint, LOG_SIGNER), encoding="utf-8")
        return directory


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def outcome_in(row: int, refused: int = 4) -> bytes:
    """What the item's leaf commits to: every third answered item is confirmed."""
    if row % refused == refused - 1:
        return b"REFUSED"
    return b"CONFIRMED" if row % 3 == 0 else b"NOT_CONFIRMED"
