"""A power cut at any change of a disk that forgets what was not synced loses nothing acknowledged, and repeats nothing.

The file system is ``support/forgetful_file_system.py``: it keeps less than any real one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from fault.log_appender import SIZES, second_place
from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.checkpoint_file import CheckpointFile
from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.files.witness_directory import WitnessDirectory
from narrowgate.adapters.signing.officer_signatures import RootOfficerSignatures
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.checkpoint import verify_checkpoint
from narrowgate.core.log.leaf import ACT, parse_leaf
from narrowgate.governance.acts import Wanted, apply_act
from narrowgate.governance.books import Books
from narrowgate.governance.found import found
from narrowgate.verify.cosignatures import request_of
from narrowgate.verify.log_directory import verify_log
from support.custody import AnyDocument, cards, new_books, proposed
from support.governance import LOG_SIGNER, NOON
from support.log_world import SIGNER, numbered

Result = TypeVar("Result")
SERVER = Path(__file__).parents[1] / "support" / "forgetful_file_system.py"


@dataclass(frozen=True)
class Disk:
    """The mounted file system."""

    path: Path

    def control(self, command: str) -> None:
        (self.path / ".control").write_text(command)

    def power_cut_at(self, change: int, work: Callable[[], None]) -> bool:
        """Whether the power was cut while ``work`` was at it; the disk is then as it was left."""
        self.control(f"cut {change}")
        try:
            work()
        except (NarrowgateError, OSError):
            return True
        finally:
            self.control("restore")
        return False


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    if not os.access("/dev/fuse", os.W_OK) or shutil.which("fusermount3") is None:
        pytest.skip("fuse3 is not installed or /dev/fuse is closed: NO POWER WAS CUT")
    mount = tmp_path_factory.mktemp("disk")
    server = subprocess.Popen([sys.executable, str(SERVER), str(mount)])
    try:
        until = time.monotonic() + 20
        while not os.path.ismount(mount):
            if server.poll() is not None or time.monotonic() > until:
                pytest.skip("the file system cannot be mounted here: NO POWER WAS CUT")
            time.sleep(0.02)
        yield Disk(mount)
    finally:
        subprocess.run(["fusermount3", "-u", "-z", str(mount)], check=False, capture_output=True)
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()


def test_the_disk_forgets_what_was_not_synced_and_nothing_else(disk: Disk) -> None:
    kept, lost = disk.path / "kept", disk.path / "lost"
    kept.write_text("before")
    disk.control("sync")

    def work() -> None:
        lost.write_text("its name is not durable")
        with kept.open("r+") as file:
            file.write("BEFORE")
            file.flush()
            os.fsync(file.fileno())
            file.write(" and after")
        (disk.path / "another").write_text("never comes to be")

    assert disk.power_cut_at(7, work)
    assert (kept.read_text(), lost.exists()) == ("BEFORE", False)


def every_cut(
    disk: Disk, prepare: Callable[[Path], Callable[[], None]], check: Callable[[Path, bool], None]
) -> int:
    """Cut the power at one change after another until the work gets done; how often it was cut."""
    for change in range(1, 1_000):
        home = disk.path / f"at-{change}"
        home.mkdir()
        work = prepare(home)
        disk.control("sync")
        cut = disk.power_cut_at(change, work)
        check(home, cut)
        shutil.rmtree(home)
        if not cut:
            return change - 1
    raise AssertionError("the work never got done")


def test_an_append_is_whole_or_not_there_and_what_was_acknowledged_stays(disk: Disk) -> None:
    acknowledged: list[int] = []

    def grow(directory: Path) -> None:
        make = TileLog.open if (directory / "checkpoint").exists() else TileLog.create
        with make(directory, SIGNER, CheckpointFile(second_place(directory))) as log:
            for size in SIZES:
                if log.size() < size:
                    log.append(numbered(log.size(), size))
                    log.integrate()
                acknowledged.append(size)

    def prepare(home: Path) -> Callable[[], None]:
        acknowledged.clear()
        return lambda: grow(home / "log")

    def check(home: Path, _cut: bool) -> None:
        log = home / "log"
        before = max(acknowledged, default=0)
        if (log / "checkpoint").exists():
            assert verify_log(log, str(SIGNER.key)).size >= before
        else:
            assert before == 0
        grow(log)
        with TileLog.open(log, SIGNER, CheckpointFile(second_place(log))) as opened:
            assert list(opened.leaves(0, opened.size())) == numbered(0, SIZES[-1])

    assert every_cut(disk, prepare, check) > 30


@dataclass(frozen=True)
class Office:
    """A founded gate's books on the disk, and an act that is signed and waits."""

    home: Path

    def found(self) -> None:
        TileLog.create(self.home / "log", LOG_SIGNER, CheckpointFile(self.home / "checkpoints")).close()
        new_books(self.home / "governance")
        self.with_books(lambda books: found(books, str(LOG_SIGNER.key), NOON))
        self.with_books(
            lambda books: proposed(books, Wanted(Kind.HOLD, "all", reason="a test"), cards().first)
        )

    def with_books(self, work: Callable[[Books], Result]) -> Result:
        files = GovernanceDirectory(self.home / "governance")
        with (
            TileLog.open(self.home / "log", LOG_SIGNER, CheckpointFile(self.home / "checkpoints")) as log,
            SqlState.open(f"sqlite:///{self.home / 'state.db'}") as state,
        ):
            return work(Books(log, state, files, RootOfficerSignatures(files.root), AnyDocument(files)))

    def apply(self) -> None:
        files = GovernanceDirectory(self.home / "governance")
        if 1 in files.proposals():
            self.with_books(lambda books: apply_act(books, books.files.proposal(1), NOON))


def test_an_act_is_applied_exactly_once_and_is_in_force_only_with_its_leaf(disk: Disk) -> None:
    done: list[bool] = []

    def prepare(home: Path) -> Callable[[], None]:
        office = Office(home)
        office.found()
        done.clear()

        def work() -> None:
            office.apply()
            done.append(True)

        return work

    def leaves(books: Books) -> list[bytes]:
        return list(books.log.leaves(0, books.log.size()))

    def check(home: Path, _cut: bool) -> None:
        office = Office(home)
        kinds = [parse_leaf(leaf, "")["type"] for leaf in office.with_books(leaves)]
        held = "all" in office.with_books(lambda books: books.in_force()).holds
        assert held is (ACT in kinds)
        assert held or not done
        office.apply()
        kinds = [parse_leaf(leaf, "")["type"] for leaf in office.with_books(leaves)]
        assert kinds.count(ACT) == 1
        assert "all" in office.with_books(lambda books: books.in_force()).holds

    assert every_cut(disk, prepare, check) > 10


def test_a_witness_remembers_every_checkpoint_that_it_cosigned(disk: Disk, tmp_path: Path) -> None:
    log = tmp_path / "log"
    TileLog.create(log, SIGNER).close()
    with TileLog.open(log, SIGNER) as grown:
        grown.append(numbered(0, 5))
        grown.integrate()
    answered: list[str] = []

    def prepare(home: Path) -> Callable[[], None]:
        witness = WitnessDirectory.create(home / "witness", "witness.test/w", SeededEntropy(b"w"))
        witness.watch(SIGNER.key)
        answered.clear()
        request = str(request_of(log, str(SIGNER.key), 0))
        return lambda: answered.append(witness.cosign(request, NOON))

    def check(home: Path, _cut: bool) -> None:
        last = WitnessDirectory(home / "witness").last()
        assert last is not None or not answered
        assert last is None or verify_checkpoint(last, SIGNER.key).size == 5

    assert every_cut(disk, prepare, check) > 2
