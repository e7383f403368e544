"""An inspector recomputes from the log alone what was in force, and whether every hold was kept."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.in_force import InForce, after
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter
from support.command_line import CommandLine
from support.governance import FIRST, HOUR, LOG_SIGNER, NOON, SECOND, act, charter, nothing_in_force
from support.log_world import decided, item_leaves, received


@dataclass
class Written:
    """Leaves of a log in the making, an hour between any two acts."""

    leaves: list[bytes] = field(
        default_factory=lambda: [LoggedCharter("gate-1", charter().digest, (FIRST, SECOND), NOON).leaf()]
    )
    state: InForce = field(default_factory=nothing_in_force)
    now: datetime = NOON

    def act(self, kind: Kind, subject: str) -> None:
        self.now += HOUR
        logged = LoggedAct.of(act(self.state, kind, subject=subject), (FIRST, SECOND), self.now)
        self.leaves.append(logged.leaf())
        self.state = after(self.state, logged)

    def package(self, package_id: str, *, decide: bool = True) -> None:
        self.leaves += [received(package_id, 1), *item_leaves(package_id, 1)]
        if decide:
            self.leaves.append(decided(package_id, 1, b"answers"))

    def save(self, directory: Path) -> Path:
        # The leaves of packages bear their own time, which is not of interest here.
        with TileLog.create(directory, LOG_SIGNER) as log:
            for leaf in self.leaves:
                log.append(
                    [
                        leaf.replace(
                            b'"time":"2026-01-02T12:00:00Z"', f'"time":"{format_time(self.now)}"'.encode()
                        )
                        if b'"type":"package' in leaf
                        else leaf
                    ]
                )
                log.integrate()
        return directory


def test_periods_of_holds_are_told_with_their_leaves(narrowgate: CommandLine, tmp_path: Path) -> None:
    written = Written()
    written.act(Kind.HOLD, "all")
    written.act(Kind.HOLD_LIFTED, "all")
    written.act(Kind.HOLD, "office:acting_director_of_ice")
    written.package("p-20260101-abcdef")
    found = json.loads(narrowgate("inspector", "holds", written.save(tmp_path / "log"), "--json").out)[
        "holds"
    ]
    assert [(each["scope"], each["placed_leaf"], each["lifted_leaf"]) for each in found] == [
        ("all", 1, 2),
        ("office:acting_director_of_ice", 3, None),
    ]
    assert "in force" in narrowgate("inspector", "holds", tmp_path / "log").out


@pytest.mark.parametrize("scope", ["all", "package:p-20260101-abcdef", "office:office-1"])
def test_a_package_decided_under_a_hold_is_found(narrowgate: CommandLine, tmp_path: Path, scope: str) -> None:
    written = Written()
    written.package("p-20260101-abcdef", decide=False)
    if scope == "office:office-1":
        written.leaves[1] = written.leaves[1].replace(b"office-1", b"acting_director_of_ice")
        scope = "office:acting_director_of_ice"
    written.act(Kind.HOLD, scope)
    written.leaves.append(decided("p-20260101-abcdef", 1, b"answers"))
    found = narrowgate("inspector", "holds", written.save(tmp_path / "log"))
    assert found.code == 14
    assert "BROKEN by leaves 4" in found.out


def test_a_hold_of_another_package_or_a_lifted_one_is_not_broken(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    written = Written()
    written.act(Kind.HOLD, "package:p-20260101-fedcba")
    written.act(Kind.HOLD, "all")
    written.act(Kind.HOLD_LIFTED, "all")
    written.package("p-20260101-abcdef")
    assert narrowgate("inspector", "holds", written.save(tmp_path / "log")).code == 0


def test_what_was_in_force_is_told_for_a_time(narrowgate: CommandLine, tmp_path: Path) -> None:
    written = Written()
    written.act(Kind.AGREEMENT_IN_FORCE, "first")
    written.act(Kind.OFFICE_OFF, "acting_director_of_ice")
    log = written.save(tmp_path / "log")
    then = json.loads(
        narrowgate("inspector", "in-force", log, "--at", format_time(NOON + HOUR), "--json").out
    )
    assert (then["act"], then["agreement"]["subject"], then["offices_off"]) == (1, "first", {})
    assert then["index"] is None
    now = narrowgate("inspector", "in-force", log)
    assert "index  NOTHING" in now.out
    assert "offices off  acting_director_of_ice (act 2)" in now.out


def test_a_time_before_the_founding_and_a_text_that_is_no_time_are_refused(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    log = Written().save(tmp_path / "log")
    assert narrowgate("inspector", "in-force", log, "--at", format_time(NOON - HOUR)).code == 3
    assert narrowgate("inspector", "in-force", log, "--at", "yesterday").code == 2


def test_acts_that_do_not_follow_one_another_are_found(narrowgate: CommandLine, tmp_path: Path) -> None:
    written = Written()
    written.act(Kind.HOLD, "all")
    written.leaves.append(LoggedAct.of(act(nothing_in_force(), Kind.HOLD), (FIRST,), written.now).leaf())
    found = narrowgate("inspector", "holds", written.save(tmp_path / "log"))
    assert found.code == 14
    assert "could not be applied" in found.err
