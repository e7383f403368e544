"""A full disk is a clear error; nothing half-written stays, and with space the same command works."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.command_line_cases import contents
from support.sandbox_files import BUILD, GATE, SANDBOX, SIGN, VERIFY, base_files

FILL = "fill"


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of 2 MB of its own."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("DISK FULL IS NOT TESTED: mounting a small disk needs root and 'mount'")
    point = tmp_path_factory.mktemp("disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", point], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"DISK FULL IS NOT TESTED: {mounted.stderr.strip()}")
    try:
        yield point
    finally:
        subprocess.run(["umount", "-l", point], check=True)


@pytest.fixture
def files(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The disk, empty, as the working directory, with the base files read from another one."""
    for path in disk.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    base_files(tmp_path)
    for path in tmp_path.iterdir():
        (disk / path.name).symlink_to(path)
    monkeypatch.chdir(disk)
    return disk


def leave(disk: Path, kilobytes: int) -> None:
    """Fill the disk until only so much is free."""
    status = os.statvfs(disk)
    (disk / FILL).write_bytes(b"\0" * (status.f_bavail * status.f_frsize - kilobytes * 1024))


@pytest.mark.parametrize("kilobytes", [0, 8, 24, 48, 72, 100, 140, 180])
def test_a_sandbox_leaves_nothing_of_a_world_that_does_not_fit(
    kilobytes: int, files: Path, narrowgate: CommandLine
) -> None:
    leave(files, kilobytes)
    before = contents(files)
    result = narrowgate(*SANDBOX.split())
    assert (result.code, result.out) == (1, "")
    assert "(operational" in result.err or "(unavailable" in result.err
    assert "Internal error" not in result.err
    assert contents(files) == before


def test_a_sandbox_runs_when_there_is_space_again(files: Path, narrowgate: CommandLine) -> None:
    leave(files, 100)
    assert narrowgate(*SANDBOX.split()).code == 1
    (files / FILL).unlink()
    assert narrowgate(*SANDBOX.split()).code == 0
    assert narrowgate(*VERIFY.split()).code == 0


@pytest.mark.parametrize("kilobytes", [0, 28, 36, 48, 60, 72, 84, 96])
def test_a_gate_out_of_space_says_so_and_goes_on_when_there_is_some(
    kilobytes: int, files: Path, narrowgate: CommandLine
) -> None:
    for command in (SANDBOX, BUILD, SIGN):
        assert narrowgate(*command.split()).code == 0
    leave(files, kilobytes)
    full = narrowgate(*GATE.split())
    assert (full.code, full.out) == (1, "")
    assert "Internal error" not in full.err
    assert narrowgate(*VERIFY.split()).code == 0
    (files / FILL).unlink()
    receipt = narrowgate(*GATE.split())
    assert receipt.code == 0, receipt.err
    assert '"items":4' in receipt.out
    assert narrowgate(*GATE.split()).out == receipt.out
    verified = narrowgate(*VERIFY.split())
    assert (verified.code, verified.out.count("4 rows in, 3 answered, 1 refused, decided")) == (0, 2)
