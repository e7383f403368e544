"""A power cut at any change of a disk that forgets what was not synced loses nothing acknowledged, and repeats nothing.

The file system is ``support/forgetful_file_system.py``: it keeps less than any real one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import pytest

from fault.log_appender import SIZES, second_place
from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SeededEntropy, SystemEntropy
from narrowgate.adapters.files.checkpoint_file import CheckpointFile
from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.files.vault import DirectoryVault
from narrowgate.adapters.files.witness_directory import WitnessDirectory
from narrowgate.adapters.signing.certificates import load_certificates, load_key
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.adapters.signing.officer_signatures import RootOfficerSignatures
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.core.base.errors import NarrowgateError, SuspendedError
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.checkpoint import verify_checkpoint
from narrowgate.core.log.leaf import (
    ACT,
    CHARTER,
    PACKAGE_DECIDED,
    PACKAGE_RECEIVED,
    PACKAGE_RELEASED,
    parse_leaf,
)
from narrowgate.entrypoints import bootstrap
from narrowgate.entrypoints.acts import books_over
from narrowgate.entrypoints.bootstrap import log_signer, opened_books
from narrowgate.entrypoints.founding import found_gate, read_founding
from narrowgate.entrypoints.founding import prepare as prepare_gate
from narrowgate.entrypoints.settings import read_settings
from narrowgate.gate.package_ports import CopyState
from narrowgate.governance.acts import Wanted, apply_act
from narrowgate.governance.books import Books
from narrowgate.governance.found import found
from narrowgate.verify.cosignatures import request_of
from narrowgate.verify.entries import LogEntries
from narrowgate.verify.log_directory import verify_log
from narrowgate.verify.world import verify_world
from support.all_parties import OFFICES, Parties, bootstrap_tokens
from support.attacked_world import made_world
from support.custody import AnyDocument, cards, new_books, proposed
from support.governance import LOG_SIGNER, NOON
from support.log_world import SIGNER, numbered
from support.release_world import TurnedClock
from support.witnessed_world import under_a_witness

FOUNDING = """
gate = "tax-gate-1"
log_origin = "narrowgate.sandbox/founded"
sandbox = true
custodian_root = "world/keys/root.pem"
trust_root = "world/keys/root.pem"
revocation = "world/revocation"
requester_signatory = ["world/keys/signatory.pem"]
index_signer = "world/keys/custodian.pem"
quorum = 2
checkpoints = "SECOND"
checkpoint_copy = "the share of the inspector"
officer = [
  { id = "custody-1", function = "Disclosure officer", certificates = ["world/keys/custody-1.pem"] },
  { id = "custody-2", function = "Safeguards officer", certificates = ["world/keys/custody-2.pem"] },
  { id = "custody-3", function = "Privacy officer", certificates = ["world/keys/custody-3.pem"] },
]
"""

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
        server.wait(10)


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
    disk: Disk,
    prepare: Callable[[Path], Callable[[], None]],
    check: Callable[[Path, bool], None],
    step: int = 1,
) -> int:
    """Cut the power at one change after another until the work gets done; the last change at which it was cut."""
    for change in range(1, 2_000, step):
        home = disk.path / f"at-{change}"
        shutil.rmtree(home, ignore_errors=True)  # of a test that failed there
        home.mkdir()
        work = prepare(home)
        disk.control("sync")
        cut = disk.power_cut_at(change, work)
        check(home, cut)
        shutil.rmtree(home)
        if not cut:
            return change - step
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
        office.with_books(lambda books: books.verify_files(books.signatures))
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


GATE_CUTS = (pytest.param(41, id="sampled"), pytest.param(1, id="every", marks=pytest.mark.scale))
"""CI takes samples; ``make faults`` cuts the power at every change."""


@pytest.fixture(scope="module")
def waiting() -> Iterator[Path]:
    """A world with a package that a witness has seen and that waits, and one that the gate has not yet taken."""
    with made_world() as home, pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "token_processes", bootstrap_tokens)
        under_a_witness(home)
        parties = Parties(home, TurnedClock(SystemClock().now()))
        with pytest.raises(SuspendedError):
            parties.decide(parties.ask("seen", OFFICES[0]))
        parties.cosign()
        parties.ask("new", OFFICES[0])
        yield home


def on_the_disk(waiting: Path, home: Path) -> Parties:
    """The gate's own directories on the disk; index and packages where they are."""
    shutil.copytree(waiting / "world", home / "world", ignore=shutil.ignore_patterns("index", "package"))
    settings = home / "world" / "gate.toml"
    index = f'index = "{waiting / "world" / "index"}"'
    settings.write_text(settings.read_text().replace('index = "index"', index))
    parties = Parties(home, TurnedClock(SystemClock().now()))
    for name in ("seen", "new"):
        package = PackageDirectory(waiting / name)
        parties.packages[json.loads(package.manifest())["package_id"]] = package
    return parties


def leaves_of(parties: Parties, kind: str) -> list[str]:
    """The packages that leaves of a kind name."""
    return [entry.fields["package"] for entry in LogEntries(parties.settings.log) if entry.kind == kind]


@pytest.mark.parametrize("step", GATE_CUTS)
def test_a_release_happens_once_and_never_without_its_leaf(
    disk: Disk, waiting: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(bootstrap, "token_processes", bootstrap_tokens)
    released: list[str] = []

    def prepare(home: Path) -> Callable[[], None]:
        parties = on_the_disk(waiting, home)
        released.clear()

        def work() -> None:
            for one in parties.release():
                if one.reason is not None:
                    raise one.reason
                released.append(one.release.package_id)

        return work

    def check(home: Path, _cut: bool) -> None:
        parties = on_the_disk_again(waiting, home)
        verify_world(parties.world)
        assert set(released) <= parties.in_place()
        parties.release()
        report = verify_world(parties.world)
        assert [(one.released, bool(one.parts)) for one in report.packages] == [(True, True)] * 2
        assert len(leaves_of(parties, PACKAGE_RELEASED)) == 2

    assert every_cut(disk, prepare, check, step) > 10


@pytest.mark.parametrize("step", GATE_CUTS)
def test_a_package_is_decided_once_whatever_the_power_does(
    disk: Disk, waiting: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(bootstrap, "token_processes", bootstrap_tokens)
    stopped: list[str] = []

    def decide(parties: Parties) -> None:
        """The package is decided, and waits for the witness."""
        new = list(parties.packages)[1]
        try:
            parties.decide(new)
        except SuspendedError:
            stopped.append(new)

    def prepare(home: Path) -> Callable[[], None]:
        parties = on_the_disk(waiting, home)
        stopped.clear()
        return lambda: decide(parties)

    def check(home: Path, _cut: bool) -> None:
        parties = on_the_disk_again(waiting, home)
        new = list(parties.packages)[1]
        verify_world(parties.world)
        decided = leaves_of(parties, PACKAGE_DECIDED)
        assert (new in decided) or not stopped
        assert new not in parties.in_place()
        decide(parties)
        assert sorted(leaves_of(parties, PACKAGE_DECIDED)).count(new) == 1
        assert leaves_of(parties, PACKAGE_RECEIVED).count(new) == 1
        assert [one.decided for one in verify_world(parties.world).packages] == [True] * 3
        assert new not in parties.in_place()

    assert every_cut(disk, prepare, check, step) > 40


def on_the_disk_again(waiting: Path, home: Path) -> Parties:
    """The same gate after the power came back, a minute later."""
    parties = Parties(home, TurnedClock(SystemClock().now() + timedelta(minutes=1)))
    for name in ("seen", "new"):
        package = PackageDirectory(waiting / name)
        parties.packages[json.loads(package.manifest())["package_id"]] = package
    return parties


@pytest.mark.parametrize("step", GATE_CUTS)
def test_a_gate_is_founded_once_and_its_keys_are_those_of_its_charter(
    disk: Disk, waiting: Path, step: int
) -> None:
    charters: list[str] = []

    def found_it(home: Path) -> None:
        (waiting / "founding.toml").write_text(FOUNDING.replace("SECOND", str(home / "second")))
        settings = prepare_gate(home / "gate", read_founding(waiting / "founding.toml"), SystemEntropy())
        files = GovernanceDirectory(settings.governance)
        keys = waiting / "world" / "keys"
        for number in (1, 2):
            if len(files.charter().signatures) < number:
                card = load_certificates(keys / f"custody-{number}.pem")[0]
                signer = FileSigner(load_key(keys / f"custody-{number}.key.pem"), card)
                files.sign_charter(signer.sign(files.charter().data, SystemClock().now()))
        charters.append(found_gate(settings, SystemClock().now()).charter_sha256)

    def prepare(home: Path) -> Callable[[], None]:
        charters.clear()
        return lambda: found_it(home)

    def check(home: Path, _cut: bool) -> None:
        before = list(charters)
        found_it(home)
        assert set(before) <= {charters[-1]}
        kinds = [entry.kind for entry in LogEntries(home / "gate" / "log")]
        assert kinds == [CHARTER]
        settings = read_settings(home / "gate")
        assert str(log_signer(settings).key) == (home / "gate" / "log" / "log.vkey").read_text().strip()
        with opened_books(settings) as (log, state):
            books = books_over(settings, log, state)
            books.verify_files(books.signatures)

    assert every_cut(disk, prepare, check, step) > 40


def test_a_data_key_whose_destruction_is_acknowledged_is_gone_and_an_announced_one_opens_nothing(
    disk: Disk,
) -> None:
    key, manifest = bytes(range(32)), b"the manifest of a package"
    name = sha256(manifest).digest()
    done: list[bool] = []

    def vault(home: Path) -> DirectoryVault:
        return DirectoryVault(home / "vault", SeededEntropy(b"vault"))

    def destroy(home: Path) -> None:
        assert vault(home).announce(name, 7) == 7
        vault(home).destroy(name)

    def prepare(home: Path) -> Callable[[], None]:
        vault(home).take_in(name, manifest, b"signature", iter([b"a row\n"]), key)
        done.clear()

        def work() -> None:
            destroy(home)
            done.append(True)

        return work

    def check(home: Path, _cut: bool) -> None:
        copy = home / "vault" / name.hex()
        state = vault(home).state(name)
        assert (state is CopyState.DESTROYED) is not (copy / "data-key").exists() or not done
        assert state is CopyState.DESTROYED or not done
        if (copy / "destroying").exists():
            with pytest.raises(NarrowgateError):
                vault(home).kept(name, key)
            assert vault(home).announce(name, 9) == 7
        vault(home).announce(name, 7)
        vault(home).destroy(name)
        assert [path.name for path in copy.iterdir()] == ["destroyed"]

    assert every_cut(disk, prepare, check) > 5
