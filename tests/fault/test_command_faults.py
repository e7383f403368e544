"""A machine that fails or dies at any system call of a command leaves a gate that verifies; the next run ends the work.

The commands are those that put something in force or let something out: founding, an act, a release, a cosignature. The
method is that of ``test_log_faults``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.files.witness_directory import WitnessDirectory
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.leaf import ACT, CHARTER, PACKAGE_RELEASED
from narrowgate.verify.cosignatures import request_of
from narrowgate.verify.entries import LogEntries
from narrowgate.verify.world import verify_world
from support.all_parties import Parties
from support.attacked_world import AttackedWorld, made_world
from support.command_line import CommandLine
from support.release_world import TurnedClock
from support.witnessed_world import under_a_witness

CALLS = (
    *("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "link", "unlink", "rmdir", "mkdir"),
    *("chmod", "fchmod", "utimensat", "ftruncate", "close"),
)
FAULTS = ("error=EIO", "error=ENOSPC", "signal=SIGKILL")

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed: NO FAULT WAS INJECTED INTO ANY COMMAND"
)


@dataclass(frozen=True)
class Case:
    """One command, and what must hold after a fault in it."""

    home: Path
    ends_again: ClassVar[frozenset[int]] = frozenset({0})

    def command(self) -> list[str]:
        raise NotImplementedError

    def check(self, wrote: str) -> None:
        """What holds whatever happened."""

    def check_done(self) -> None:
        """What holds when the command was run again."""

    def leaves(self, kind: str) -> int:
        """Leaves of a kind in the log, each proved to be in the signed tree; none where no log is."""
        log = self.home / "world" / "log"
        if not (log / "checkpoint").exists():
            return 0
        return sum(entry.kind == kind for entry in LogEntries(log))


class Founding(Case):
    """Both officers sign at once, from nothing."""

    def command(self) -> list[str]:
        cards = [
            word
            for number in (1, 2)
            for word in (
                *("--key", f"{self.home}/keys/custody-{number}.key.pem"),
                *("--certificate", f"{self.home}/keys/custody-{number}.pem"),
            )
        ]
        founding = ["--from", f"{self.home}/founding.toml", "--yes"]
        return ["custodian", "found", f"{self.home}/world", *founding, *cards]

    def check(self, wrote: str) -> None:
        assert self.leaves(CHARTER) or "Founded" not in wrote

    def check_done(self) -> None:
        assert self.leaves(CHARTER) == 1
        assert len(GovernanceDirectory(self.home / "world" / "governance").charter().signatures) >= 2


class Application(Case):
    """A hold that one officer signed is put in force; when it is, nothing waits any more (exit code 2)."""

    ends_again = frozenset({0, 2})

    def command(self) -> list[str]:
        return ["act", "apply", str(self.number()), "--config", f"{self.home}/world"]

    def number(self) -> int:
        return json.loads((self.home / "number").read_text())

    def check(self, wrote: str) -> None:
        verify_world(self.home / "world")
        assert self.leaves(ACT) >= self.number() - ("in force" not in wrote)

    def check_done(self) -> None:
        assert self.leaves(ACT) == self.number()
        assert verify_world(self.home / "world").holds == ("all",)


class Release(Case):
    """A package whose slot has come, and which the witness has seen, leaves; then nothing is due (exit code 3)."""

    ends_again = frozenset({0, 3})

    def command(self) -> list[str]:
        return ["release", "run", "--config", f"{self.home}/world"]

    def check(self, wrote: str) -> None:
        verify_world(self.home / "world")  # answers in place without their leaf do not verify
        assert self.leaves(PACKAGE_RELEASED) == 2 or "released for" not in wrote

    def check_done(self) -> None:
        report = verify_world(self.home / "world")
        assert [(each.released, bool(each.parts)) for each in report.packages] == [(True, True)] * 2
        assert self.leaves(PACKAGE_RELEASED) == 2


class Cosignature(Case):
    """A witness cosigns a request; one that it remembers already starts elsewhere (exit code 13)."""

    ends_again = frozenset({0, 13})

    def command(self) -> list[str]:
        return ["witness", "cosign", f"{self.home}/witness", f"{self.home}/request"]

    def check(self, wrote: str) -> None:
        last = WitnessDirectory(self.home / "witness").last_checkpoint()
        assert last is not None
        assert (last.size > self.known()) or not wrote.strip()

    def check_done(self) -> None:
        last = WitnessDirectory(self.home / "witness").last_checkpoint()
        assert last is not None
        assert last.size > self.known()

    def known(self) -> int:
        return json.loads((self.home / "known").read_text())


FOUNDING = """
gate = "tax-gate-1"
log_origin = "narrowgate.sandbox/founded"
sandbox = true
custodian_root = "keys/root.pem"
trust_root = "keys/root.pem"
revocation = "revocation"
requester_signatory = ["keys/signatory.pem"]
index_signer = "keys/custodian.pem"
quorum = 2
checkpoints = "second/checkpoints"
checkpoint_copy = "the share of the inspector"
officer = [
  { id = "custody-1", function = "Disclosure officer", certificates = ["keys/custody-1.pem"] },
  { id = "custody-2", function = "Safeguards officer", certificates = ["keys/custody-2.pem"] },
  { id = "custody-3", function = "Privacy officer", certificates = ["keys/custody-3.pem"] },
]
"""


@pytest.fixture(scope="module")
def before() -> Iterator[Path]:
    """A world with an act that waits, a package that waits and was cosigned, and a request for a longer log."""
    with made_world() as home, pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        narrowgate = CommandLine(patch, None)
        under_a_witness(home)
        world = AttackedWorld(home, narrowgate)
        world.package("asked")
        assert world.gate("asked")[0] == 15
        parties = Parties(home, TurnedClock(SystemClock().now()))
        parties.cosign()
        known = WitnessDirectory(home / "witness").last_checkpoint()
        assert known is not None
        (home / "known").write_text(str(known.size))
        parties.enact(Kind.SUPPRESSION, "1", (1, 2), "1" * 64)
        (home / "request").write_text(str(request_of(home / "world" / "log", None, known.size)))
        number = known_acts(home) + 1
        card = "--key world/keys/custody-3.key.pem --certificate world/keys/custody-3.pem --yes"
        for command in ("propose hold all --reason test", f"sign {number} {card}"):
            assert narrowgate("act", *command.split(), "--config", "world").code == 0
        (home / "number").write_text(str(number))
        (home / "founding.toml").write_text(FOUNDING)
        yield home


def known_acts(home: Path) -> int:
    return Case(home).leaves(ACT)


def prepared(case: type[Case], before: Path, directory: Path) -> Case:
    """A copy of what was before; where a gate is to be founded, without one."""
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(before, directory)
    if case is Founding:
        shutil.move(directory / "world" / "keys", directory)
        shutil.move(directory / "world" / "revocation", directory)
        shutil.rmtree(directory / "world")
        (directory / "second").mkdir()
    return case(directory)


def run(case: Case, *strace: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, under ``strace``."""
    trace = ["strace", "-f", "-qq", "-o", f"{case.home}.trace", *strace]
    return subprocess.run(
        [*trace, sys.executable, "-m", "narrowgate", *case.command(), "--quiet"],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def calls_on_the_home(case: Case) -> list[tuple[str, int]]:
    """Each call of an undisturbed run that concerns the home: its name, and its number among those of that name."""
    undisturbed = run(case, "-y", "-e", f"trace={','.join(CALLS)}")
    assert undisturbed.returncode == 0, undisturbed.stderr
    case.check_done()
    seen: Counter[str] = Counter()
    found, main = [], ""
    for line in Path(f"{case.home}.trace").read_text(errors="replace").splitlines():
        process, _, call = line.partition(" ")
        main = main or process
        name = call.strip().partition("(")[0]
        if process == main and name in CALLS:
            seen[name] += 1
            if str(case.home) in line:
                found.append((name, seen[name]))
    return found


def sweep(kind: type[Case], before: Path, directory: Path, samples: int | None) -> int:
    """Inject a fault at so many of the calls, evenly spread, or at every one; how many there are."""
    case = prepared(kind, before, directory)
    points = [(call, fault) for call in calls_on_the_home(case) for fault in FAULTS]
    step = max(1, len(points) // samples) if samples else 1
    for (name, number), fault in points[step // 2 :: step]:
        case = prepared(kind, before, directory)
        result = run(case, "-e", f"trace={name}", "-e", f"inject={name}:{fault}:when={number}")
        where = (
            f"{kind.__name__}: {fault} at {name} {number}: {result.returncode} {result.stdout}{result.stderr}"
        )
        print(where)  # noqa: T201 - shown where what follows fails
        assert "Traceback" not in result.stderr, where
        assert "Internal error" not in result.stderr, where
        case.check(result.stdout)
        with pytest.MonkeyPatch.context() as patch:
            again = CommandLine(patch, None)(*case.command(), "--quiet")
        assert again.code in case.ends_again, f"{where}\nand again: {again.code}"
        case.check_done()
    return len(points)


CASES = (Founding, Application, Release, Cosignature)


@pytest.mark.parametrize("kind", CASES)
def test_a_fault_at_sampled_calls_of_a_command_is_mended_by_the_next_run(
    kind: type[Case], before: Path, tmp_path: Path
) -> None:
    assert sweep(kind, before, tmp_path / "home", samples=2) > 20


@pytest.mark.scale
@pytest.mark.parametrize("kind", CASES)
def test_a_fault_at_any_call_of_a_command_is_mended_by_the_next_run(
    kind: type[Case], before: Path, tmp_path: Path
) -> None:
    assert sweep(kind, before, tmp_path / "home", samples=None) > 20
