"""Small logs and worlds with known content."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.answers.answers_manifest import AnswersManifest, SealedPart, answers_manifest_bytes
from narrowgate.core.answers.receipt import Receipt, RefusalLine, receipt_bytes, refusal_line_bytes
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.log.leaf import ItemLeaves, PackageDecided, PackageReceived, Salts
from narrowgate.core.log.note import NoteSigner
from narrowgate.core.log.proof import LogProof
from narrowgate.core.log.releases import PackageReleased

SIGNER = NoteSigner.ed25519("example.test/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER_SIGNER = NoteSigner.ed25519("example.test/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
DIGEST = bytes(range(32))
NO_CHANGE: Mapping[str, object] = {}
PARTS = {"a.p7m": b"sealed for a", "b.p7m": b"sealed for b"}


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
    return PackageReceived(
        package_id, DIGEST, DIGEST, DIGEST, DIGEST, rows, DIGEST, "office-1", DIGEST, NOON, NOON
    ).leaf()


def decided(package_id: str, rows: int, answers: bytes) -> bytes:
    refused = rows // 4
    by_rule = {"R-64": refused} if refused else {}
    digest = sha256(answers).digest()
    return PackageDecided(
        package_id, rows - refused, refused, by_rule, digest, "2026-01-a", "2025-12-31", DIGEST, NOON
    ).leaf()


def answers_manifest(package_id: str, rows: int, items: range) -> bytes:
    parts = [
        SealedPart(sha256(data).hexdigest(), name, len(data), sha256(data).hexdigest(), rows)
        for name, data in PARTS.items()
    ]
    return answers_manifest_bytes(
        AnswersManifest(
            package_id=package_id,
            manifest_sha256=DIGEST.hex(),
            agreement_sha256=DIGEST.hex(),
            rows=rows,
            rules=("R-62", "R-64"),
            parts=tuple(sorted(parts, key=lambda part: part.recipient_key_sha256)),
            refusals_sha256=sha256(refusals(rows)).hexdigest(),
            log_origin=SIGNER.key.name,
            first_leaf=items.start,
            snapshot_id="2026-01-a",
            data_as_of="2025-12-31",
            canonical_form_version="1",
            rule_set_version="1",
            issued=NOON,
            expires=NOON + timedelta(days=30),
        )
    )


def refusals(rows: int) -> bytes:
    lines = [RefusalLine(row, f"item-{row}", ("R-64",)) for row in range(3, rows, 4)]
    return b"".join(map(refusal_line_bytes, lines))


def receipt(package_id: str, rows: int, items: range) -> bytes:
    refused = rows // 4
    return receipt_bytes(
        Receipt(
            package_id=package_id,
            manifest_sha256=DIGEST.hex(),
            agreement_sha256=DIGEST.hex(),
            received=NOON,
            decided=NOON,
            slot=NOON,
            log_origin=SIGNER.key.name,
            received_leaf=items.start - 1,
            first_item_leaf=items.start,
            decided_leaf=items.stop,
            items=rows,
            refused=refused,
            refused_by_rule={"R-64": refused} if refused else {},
        )
    )


def write_answers(folder: Path, log: TileLog, answers: bytes, items: range) -> None:
    """Everything that is released for a package, whose *package decided* leaf follows its items; it has its leaf."""
    folder.mkdir(parents=True)
    for name, data in PARTS.items():
        (folder / name).write_bytes(data)
    (folder / "answers.json").write_bytes(answers)
    proof = LogProof(items.stop, log.proof(items.stop), log.checkpoint(), log.read_leaf(items.stop))
    (folder / "answers.tlog-proof").write_text(str(proof), encoding="utf-8")
    (folder / "receipt.json").write_bytes(receipt(folder.name, len(items), items))
    (folder / "refusals.ndjson").write_bytes(refusals(len(items)))
    log.append([PackageReleased(folder.name, NOON, NOON).leaf()])
    log.integrate()


def decide_package(
    log: TileLog, package_id: str, rows: int, change: Mapping[str, object] = NO_CHANGE
) -> tuple[bytes, range]:
    """The answers' manifest, with fields changed, and the indexes of the items' leaves; all is integrated."""
    log.append([received(package_id, rows)])
    log.integrate()
    items = log.append(item_leaves(package_id, rows))
    answers = answers_manifest(package_id, rows, items)
    if change:
        answers = canonical_bytes(json.loads(answers) | change)
    log.append([decided(package_id, rows, answers)])
    log.integrate()
    return answers, items


def make_world(directory: Path, packages: dict[str, int]) -> None:
    """A world of packages with so many rows each, all decided and answered."""
    with TileLog.create(directory / "log", SIGNER) as log:
        for package_id, rows in packages.items():
            answers, items = decide_package(log, package_id, rows)
            write_answers(directory / "answers" / package_id, log, answers, items)
