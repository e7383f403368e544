"""The data key of a package is destroyed on its day, after its entry in the log, and everything says so afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.files.outbox import DirectoryOutbox
from narrowgate.adapters.files.vault import DirectoryVault
from narrowgate.core.base.errors import OperationalError
from narrowgate.core.governance.kinds import Kind
from narrowgate.verify.entries import LogEntries
from support.command_line import CommandLine
from support.recalled_world import CUSTODY
from support.sandbox_acts import commanded
from support.sandbox_files import GATE

RETENTION = ("gate", "retention", "--config", "world")
DAYS = 90
"""Of the sandbox's agreement."""


def copies() -> dict[str, set[str]]:
    """The files of each copy in the vault."""
    found = [path for path in Path("world/vault").iterdir() if path.name != "officers"]
    return {path.name: {file.name for file in path.iterdir()} for path in found}


def destroyed_leaves() -> int:
    return sum(entry.kind == "data-key-destroyed" for entry in LogEntries(Path("world/log")))


def slot() -> datetime:
    (receipt,) = Path("world/answers").glob("p-*/receipt.json")
    return datetime.fromisoformat(json.loads(receipt.read_text())["slot"])


@pytest.fixture
def on_its_day(home: Path, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """A second after the end of the agreement's days."""
    moment = slot() + timedelta(days=DAYS, seconds=1)
    monkeypatch.setattr(SystemClock, "now", lambda _: moment)
    return moment


def opening(package: str) -> tuple[str, ...]:
    return tuple(
        f"custodian open --config world --item {package}:0 --what row --order world/agreement.toml --out o".split()
    )


def test_a_timer_that_does_not_run_is_told(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = slot() + timedelta(days=DAYS + 2)
    monkeypatch.setattr(SystemClock, "now", lambda _: moment)
    assert "1 data keys are past their day" in narrowgate("doctor", "--config", "world").out


def test_before_its_day_nothing_is_destroyed(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = slot() + timedelta(days=DAYS, seconds=-1)
    monkeypatch.setattr(SystemClock, "now", lambda _: moment)
    assert narrowgate(*RETENTION).code == 3
    (planned,) = json.loads(narrowgate(*RETENTION, "--dry-run", "--json").out)["packages"]
    assert (planned["fate"], planned["due"]) == (
        "waits",
        f"{slot() + timedelta(days=DAYS):%Y-%m-%dT%H:%M:%SZ}",
    )
    assert all("data-key" in files for files in copies().values())


def test_on_its_day_the_key_goes_and_everything_says_so(
    home: Path, narrowgate: CommandLine, on_its_day: datetime
) -> None:
    (answers,) = Path("world/answers").glob("p-*")
    assert narrowgate(*opening(answers.name)).code == 0
    Path("o").unlink()
    assert "would be destroyed" in narrowgate(*RETENTION, "--dry-run").out
    assert "none past its day" in narrowgate("doctor", "--config", "world").out
    assert narrowgate(*RETENTION).code == 0
    assert set(map(frozenset, copies().values())) == {frozenset({"destroyed"})}
    assert not list(Path("world/staging/released").iterdir())
    assert narrowgate(*RETENTION).code == 3
    assert narrowgate("log", "verify", "world").code == 0
    assert destroyed_leaves() == 1
    refused = narrowgate(*opening(answers.name))
    assert (refused.code, "was destroyed" in refused.err, Path("o").exists()) == (11, True, False)
    told = narrowgate("inspector", "trace", "world", answers.name)
    assert "its data are destroyed" in told.out
    assert "R-52" not in narrowgate(*GATE.split()).err  # the next package is decided as ever


@pytest.mark.parametrize("scope", ["all", "package:{}", "office:secretary_of_homeland_security"])
def test_a_hold_keeps_what_may_be_evidence(
    scope: str, home: Path, narrowgate: CommandLine, on_its_day: datetime
) -> None:
    (answers,) = Path("world/answers").glob("p-*")
    scope = scope.format(answers.name)
    assert commanded(narrowgate, Kind.HOLD, scope).code == 0
    kept = narrowgate(*RETENTION)
    assert (kept.code, f"the hold of {scope}" in kept.err, destroyed_leaves()) == (15, True, 0)
    assert commanded(narrowgate, Kind.HOLD_LIFTED, scope, (1, 2)).code == 0
    assert narrowgate(*RETENTION).code == 0


def test_an_open_incident_keeps_it_too(home: Path, narrowgate: CommandLine, on_its_day: datetime) -> None:
    keys = CUSTODY.format(1).split()
    put = (
        "custodian",
        "incident",
        "all",
        "--reason",
        "test",
        *keys,
        "--config",
        "world",
        "--out",
        "i",
        "--yes",
    )
    assert narrowgate(*put).code == 0
    assert commanded(narrowgate, Kind.HOLD_LIFTED, "all", (1, 2)).code == 0
    kept = narrowgate(*RETENTION)
    assert (kept.code, "incident of act 6" in kept.err) == (15, True)


def test_a_copy_that_is_gone_without_an_entry_is_told(
    home: Path, narrowgate: CommandLine, on_its_day: datetime
) -> None:
    for key in Path("world/vault").glob("*/data-key"):
        key.unlink()
    assert "is not in the vault" in narrowgate("doctor", "--config", "world").out
    missing = narrowgate(*RETENTION)
    assert (missing.code, "is missing" in missing.err, destroyed_leaves()) == (1, True, 0)


def refusing(*_: object) -> None:
    raise OperationalError("The disk refused.", next_step="Run it again.")


@pytest.mark.parametrize(
    ("place", "name", "entries"),
    [
        (DirectoryVault, "announce", 0),
        (TileLog, "integrate", 0),
        (DirectoryOutbox, "prune", 1),
        (DirectoryVault, "destroy", 1),
    ],
)
def test_cut_off_anywhere_the_next_run_goes_on_with_one_entry(
    place: type,
    name: str,
    entries: int,
    home: Path,
    narrowgate: CommandLine,
    on_its_day: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (answers,) = Path("world/answers").glob("p-*")
    with monkeypatch.context() as patch:
        patch.setattr(place, name, refusing)
        assert narrowgate(*RETENTION).code == 1
    assert destroyed_leaves() == entries
    if name != "announce":  # from then on nothing is opened
        assert narrowgate(*opening(answers.name)).code == 11
    assert commanded(narrowgate, Kind.KEY_REVOKED, "e" * 64).code == 0  # another entry comes between
    assert narrowgate(*RETENTION).code == 0
    assert (destroyed_leaves(), set().union(*copies().values())) == (1, {"destroyed"})
    assert narrowgate("log", "verify", "world").code == 0


def test_the_key_is_overwritten_before_it_is_unlinked(
    home: Path, narrowgate: CommandLine, on_its_day: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = Path("world/vault").glob("*/data-key")
    before = key.read_bytes()
    seen: list[bytes] = []
    unlink: Callable[..., None] = Path.unlink

    def watched(path: Path, *, missing_ok: bool = False) -> None:
        if path.name == "data-key":
            seen.append(path.read_bytes())
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", watched)
    assert narrowgate(*RETENTION).code == 0
    assert len(seen) == 1
    assert len(seen[0]) == len(before)
    assert seen[0] != before
