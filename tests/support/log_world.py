"""Small logs and worlds with known content."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.log_tiles import TileLog
from narrowgate.core.canonical_json import canonical_bytes
from narrowgate.core.log.leaf import ItemLeaves, PackageDecided, PackageReceived, Salts
from narrowgate.core.log.note import NoteSigner
from narrowgate.core.log.proof import LogProof

SIGNER = NoteSigner.ed25519("example.test/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER_SIGNER = NoteSigner.ed25519("example.test/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
DIGEST = bytes(range(32))
PARTS = {"officer-a.cms": b"sealed for a", "officer-b.cms": b"sealed for b"}


def numbered(start: int, end: int) -> list[bytes]:
    """Leaves of different lengths, each different."""
    return [b"leaf %d" % number + b"." * (number % 7) for number in range(start, end)]


def make_log(directory: Path, sizes: Iterable[int], signer: NoteSigner = SIGNER) -> list[str]:
    """A log grown to each of the sizes in turn; its checkpoints, the first of size 0."""
    with TileLog.create(directory, signer) as log:
        checkpoints = [log.checkpoint()]
        for size in sizes:
            log.append(numbered(log.size(), size))
            checkpoints.append(log.integrate())
    return checkpoints


def item_leaves(package_id: str, rows: int) -> list[bytes]:
    """Item leaves of a package whose every fourth item is refused by R-64."""
    salts, leaves = Salts(sha256(package_id.encode()).digest()), ItemLeaves(package_id, "1", "1")
    return [
        leaves.leaf(
            row,
            ("R-64",) if row % 4 == 3 else (),
            salts.commit("row", row, b"row"),
            salts.commit("address", row, b"address"),
            salts.commit("outcome", row, b"CONFIRMED"),
        )
        for row in range(rows)
    ]


def received(package_id: str, rows: int) -> bytes:
    return PackageReceived(package_id, DIGEST, DIGEST, rows, DIGEST, "office-1", DIGEST, NOON).leaf()


def decided(package_id: str, rows: int, answers: bytes) -> bytes:
    refused = rows // 4
    by_rule = {"R-64": refused} if refused else {}
    digest = sha256(answers).digest()
    return PackageDecided(
        package_id, rows - refused, refused, by_rule, digest, "2026-01-a", "2025-12-31", DIGEST, NOON
    ).leaf()


def answers_manifest(package_id: str, rows: int, items: range) -> dict[str, object]:
    return {
        "schema": "narrowgate/answers/1",
        "package_id": package_id,
        "manifest_sha256": DIGEST.hex(),
        "agreement_sha256": DIGEST.hex(),
        "rows": rows,
        "parts": [
            {"officer_digest": "00", "file": name, "bytes": len(data), "sha256": sha256(data).hexdigest()}
            for name, data in PARTS.items()
        ],
        "first_leaf": items.start,
        "last_leaf": items.stop - 1,
        "snapshot_id": "2026-01-a",
        "data_as_of": "2025-12-31",
    }


def decide_package(log: TileLog, package_id: str, rows: int) -> tuple[bytes, bytes, int]:
    """The answers' manifest, the *package decided* leaf and its index; everything is integrated."""
    log.append([received(package_id, rows)])
    log.integrate()
    items = log.append(item_leaves(package_id, rows))
    answers = canonical_bytes(answers_manifest(package_id, rows, items))
    leaf = decided(package_id, rows, answers)
    index = log.append([leaf]).start
    log.integrate()
    return answers, leaf, index


def write_answers(folder: Path, log: TileLog, answers: bytes, leaf: bytes, index: int) -> None:
    folder.mkdir(parents=True)
    for name, data in PARTS.items():
        (folder / name).write_bytes(data)
    (folder / "answers.json").write_bytes(answers)
    proof = LogProof(index, log.proof(index), log.checkpoint(), leaf)
    (folder / "answers.tlog-proof").write_text(str(proof), encoding="utf-8")


def make_world(directory: Path, packages: dict[str, int]) -> None:
    """A world of packages with so many rows each, all decided and answered."""
    with TileLog.create(directory / "log", SIGNER) as log:
        for package_id, rows in packages.items():
            answers, leaf, index = decide_package(log, package_id, rows)
            write_answers(directory / "answers" / package_id, log, answers, leaf, index)
