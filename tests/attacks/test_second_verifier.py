"""A verifier that shares no code with ours, in Go, says the same of clean logs and of every damaged one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.checkpoint import Checkpoint, sign_checkpoint
from narrowgate.core.log.leaf import PackageDecided, PackageReceived
from narrowgate.core.log.merkle import leaf_hash
from narrowgate.core.log.recalls import AnswersRecalled, DisposalReceipt
from narrowgate.core.log.releases import DataKeyDestroyed, PackageReleased
from narrowgate.core.log.tiles import encode_bundle
from narrowgate.verify.log_directory import verify_log
from narrowgate.verify.world import verify_bare_log
from support.governance import NOON, ActLeaves
from support.log_world import OTHER_SIGNER, SIGNER, decided, item_leaves, make_log, numbered, received
from support.requests import PROJECT

PROGRAM = PROJECT / "verify" / "second" / "main.go"
PACKAGES = Path("/usr/share/gocode")

Second = Callable[..., dict[Path, bool]]


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Second:
    """Log to whether the Go program, built from our source with Debian's packages, finds it in order."""
    if shutil.which("go") is None or not (PACKAGES / "src/golang.org/x/mod").is_dir():
        pytest.skip("NO SECOND VERIFIER: Go or golang-golang-x-mod-dev is not installed")
    home = tmp_path_factory.mktemp("go")
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": str(PACKAGES),
        "GOCACHE": str(home / "cache"),
        "GOFLAGS": "",
        "GOPROXY": "off",
    }
    built = home / "second"
    subprocess.run(["go", "build", "-o", built, PROGRAM], env=environment, check=True, timeout=300)

    def run(logs: list[Path], *options: str) -> dict[Path, bool]:
        verdicts: dict[Path, bool] = {}
        for start in range(0, len(logs), 500):
            command = [built, *options, *logs[start : start + 500]]
            found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
            for line in found.stdout.splitlines():
                verdict, _, rest = line.partition(" ")
                verdicts[Path(rest.partition(": ")[0])] = verdict == "ok"
        return verdicts

    return run


def ours(log: Path, verify: Callable[[Path], object] = verify_log) -> bool:
    try:
        verify(log)
    except LogInconsistentError:
        return False
    return True


def damaged(log: Path, home: Path) -> Iterator[Path]:
    """Copies of a log, each with one byte or file changed, cut, lengthened, exchanged, removed or added."""
    number = 0

    def copy() -> Path:
        nonlocal number
        number += 1
        return Path(shutil.copytree(log, home / str(number)))

    files = sorted(path.relative_to(log) for path in log.rglob("*") if path.is_file())
    for name in files:
        data = (log / name).read_bytes()
        for position in range(0, len(data), 1 if len(data) < 400 else 97):
            changed = bytearray(data)
            changed[position] ^= 1 << position % 8
            made = copy()
            (made / name).write_bytes(changed)
            yield made
        for changed in (data[:-1], b"", data + b"\0", data + data):
            made = copy()
            (made / name).write_bytes(changed)
            yield made
        for other in files:
            if (log / other).read_bytes() != data:
                made = copy()
                (made / name).write_bytes((log / other).read_bytes())
                yield made
        made = copy()
        (made / name).unlink()
        yield made
    for added in (
        "notes.txt",
        "tile/notes",
        "tile/0/00",
        "checkpoint.bak",
        "tile/0/000.p/256",
        "tile/0/000.p/07",
    ):
        made = copy()
        (made / added).write_text("x")
        yield made
    for beyond in (
        "tile/0/123",
        "tile/entries/x001/234.p/5",
        "tile/3/000",
        "checkpoint.new",
        "aside/tile/0/9",
    ):
        made = copy()
        (made / beyond).parent.mkdir(parents=True, exist_ok=True)
        (made / beyond).write_text("x")
        yield made
    made = copy()
    (made / "tile/0/001").symlink_to("000.p")
    yield made


@pytest.mark.parametrize("size", [7, 300])
def test_both_say_the_same_of_every_damaged_log(tmp_path: Path, second: Second, size: int) -> None:
    make_log(tmp_path / "clean", [3, size])
    logs = [tmp_path / "clean", *damaged(tmp_path / "clean", tmp_path / "damaged")]
    verdicts = second(logs, "-files")
    expected = {log: ours(log) for log in logs}
    assert verdicts == expected
    assert expected[tmp_path / "clean"]
    assert 0 < sum(expected.values()) < 10 < len(logs)


def rewritten(log: Path, change: str) -> Path:
    """What can be done with the disk alone, or with another key."""
    leaves = numbered(0, 7)
    if change == "change":
        leaves[4] = b"leaf X"
    elif change == "reorder":
        leaves[4], leaves[5] = leaves[5], leaves[4]
    make_log(log, [7])
    (log / "tile/entries/000.p/7").write_bytes(encode_bundle(leaves))
    (log / "tile/0/000.p/7").write_bytes(b"".join(map(leaf_hash, leaves)))
    if change == "sign with another key":
        make_log(log.with_name("other"), [7], OTHER_SIGNER)
        shutil.copy(log.with_name("other") / "checkpoint", log / "checkpoint")
    elif change == "sign a false root":
        (log / "checkpoint").write_text(sign_checkpoint(Checkpoint(SIGNER.key.name, 7, bytes(32)), SIGNER))
    return log


def test_both_find_what_was_rewritten_and_signed_anew(tmp_path: Path, second: Second) -> None:
    changes = ("nothing", "change", "reorder", "sign with another key", "sign a false root")
    logs = [rewritten(tmp_path / str(number) / "log", change) for number, change in enumerate(changes)]
    verdicts = second(logs, "-files")
    assert list(verdicts.values()) == [ours(log) for log in logs] == [True, False, False, False, False]


def test_a_published_key_is_held_against_the_log(tmp_path: Path, second: Second) -> None:
    for name, signer in (("one", SIGNER), ("other", OTHER_SIGNER)):
        make_log(tmp_path / name, [5], signer)
    (tmp_path / "key").write_text(f"{SIGNER.key}\n")
    verdicts = second([tmp_path / "one", tmp_path / "other"], "-files", "-key", str(tmp_path / "key"))
    assert list(verdicts.values()) == [True, False]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_536 + 300])
def test_both_verify_a_clean_log_of_any_size(tmp_path: Path, second: Second, size: int) -> None:
    make_log(tmp_path / "log", [size])
    assert second([tmp_path / "log"], "-files") == {tmp_path / "log": True}


def told(name: str) -> list[bytes]:
    """Leaves that a lying gate signs."""
    items = item_leaves("package-1", 8)
    whole = [received("package-1", 8), *items, decided("package-1", 8, b"")]
    return {
        "true": whole,
        "a row twice": [whole[0], *items[:4], *items[3:], whole[-1]],
        "a row left out": [whole[0], *items[:3], *items[4:], whole[-1]],
        "rows in another order": [whole[0], items[1], items[0], *items[2:], whole[-1]],
        "one row too few": [whole[0], *items[:7], whole[-1]],
        "other counts": [*whole[:-1], decided("package-1", 4, b"")],
        "decided twice": [*whole, whole[-1]],
        "received twice": [whole[0], *whole],
        "decided before it was received": [*items, decided("package-1", 8, b"")],
        "an item of nobody": [*whole, *item_leaves("package-2", 1)],
        "no leaf": [*whole, b"leaf"],
    }[name]


def test_both_find_a_lying_gate(tmp_path: Path, second: Second) -> None:
    names = (
        *(
            "true",
            "a row twice",
            "a row left out",
            "rows in another order",
            "one row too few",
            "other counts",
        ),
        *(
            "decided twice",
            "received twice",
            "decided before it was received",
            "an item of nobody",
            "no leaf",
        ),
    )
    logs = []
    for number, name in enumerate(names):
        logs.append(tmp_path / str(number))
        with TileLog.create(logs[-1], SIGNER) as log:
            log.append(told(name))
            log.integrate()
    verdicts = second(logs)
    assert list(verdicts.values()) == [ours(log, verify_bare_log) for log in logs]
    assert list(verdicts.values()) == [name == "true" for name in names]


def test_both_read_recalls_receipts_and_destroyed_keys(tmp_path: Path, second: Second) -> None:
    package, made = "p-20260101-abcdef", ActLeaves()
    before = [
        ActLeaves.charter,
        *made.in_force("1" * 64, "2" * 64),
        made.leaf(Kind.INDEX_IN_FORCE, subject="2026-01-a"),
        made.leaf(Kind.RULES_IN_FORCE, subject="rules-1"),
        PackageReceived(
            *(package, bytes(32), bytes(32), b"\x11" * 32, b"\x22" * 32, 1, bytes(32)),
            *("acting_director_of_ice", bytes(32), NOON, NOON),
        ).leaf(),
    ]
    items = [
        item_leaves(package, 1)[0],
        PackageDecided(package, 1, 0, {}, bytes(32), "2026-01-a", "2025-12-31", bytes(32), NOON).leaf(),
    ]
    recall = made.leaf(Kind.RECALL, subject="1")
    number = made.state.number
    after = [
        PackageReleased(package, NOON, NOON).leaf(),
        recall,
        AnswersRecalled(number, package, [(0, 0)], 1, NOON).leaf(),
        DisposalReceipt(number, package, "a" * 64, "b" * 64, "c" * 64, NOON).leaf(),
        DataKeyDestroyed(package, NOON, NOON).leaf(),
    ]
    verdicts = {}
    for name, leaves in (("clean", [*before, *items, *after]), ("early", [*before, *after[1:3], *items])):
        with TileLog.create(tmp_path / name, SIGNER) as log:
            log.append(leaves)
            log.integrate()
        verdicts[name] = (second([tmp_path / name])[tmp_path / name], ours(tmp_path / name, verify_bare_log))
    assert verdicts == {"clean": (True, True), "early": (False, False)}
