"""``narrowgate doctor`` tells the truth: what would stop the next package is told before it comes, with what to do."""

from __future__ import annotations

import json
import re
import shutil
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.signing.certificates import save_certificates
from narrowgate.adapters.signing.issuing import Validity, create_root
from narrowgate.core.governance.kinds import Kind
from narrowgate.entrypoints.bootstrap import opened_books
from narrowgate.entrypoints.settings import read_settings
from support.command_line import CommandLine
from support.sandbox_acts import enact, put_in_force
from support.sandbox_files import SANDBOX, base_files

NOW = SystemClock().now()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("doctor")
    base_files(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        assert CommandLine(patch, None)(*SANDBOX.split()).code == 0
    return home / "world"


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "world"
    shutil.copytree(made, copy)
    return copy


def examine(narrowgate: CommandLine, world: Path) -> tuple[int, dict[str, tuple[str, str, str]]]:
    """The exit code, and of every subject its state, remark and next step."""
    result = narrowgate("doctor", "--config", world, "--json")
    assert result.err == ""
    found = json.loads(result.out)
    return result.code, {one["subject"]: (one["state"], one["remark"], one["next_step"]) for one in found}


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert re.search(old, text), old
    path.write_text(re.sub(old, new, text, count=1))


def test_a_gate_that_is_well_is_told_so_in_every_part(narrowgate: CommandLine, world: Path) -> None:
    code, found = examine(narrowgate, world)
    assert code == 0
    assert {state for state, _, _ in found.values()} <= {"ok", "absent"}
    assert {"agreement", "trust root", "officers", "keys", "index", "log and state"} <= found.keys()


def same_keys(world: Path) -> None:
    shutil.copy(world / "keys" / "history.key", world / "keys" / "commitment.key")


def another_index_key(world: Path) -> None:
    key = world / "keys" / "index.key"
    key.write_text(SystemEntropy().draw(32).hex() + "\n")


def another_root(world: Path) -> None:
    root = create_root("other", Validity(NOW, NOW + timedelta(days=90)), SystemEntropy())
    save_certificates(world / "governance" / "root.pem", [root.certificate])


def withdrawn_agreement(world: Path) -> None:
    digest = sha256((world / "agreement.toml").read_bytes()).hexdigest()
    enact(world, Kind.AGREEMENT_WITHDRAWN, "sandbox", digest)


def changed_document(world: Path) -> None:
    digest = sha256((world / "agreement.toml").read_bytes()).hexdigest()
    (world / "governance" / "documents" / digest).write_text("no")


def changed_act(world: Path) -> None:
    change(world / "governance" / "acts" / "000001.json", '"reason":"sandbox"', '"reason":"another"')


def empty_register(world: Path) -> None:
    (world / "officers" / "officers.csv").write_text("officer,certificate\n")
    put_in_force(world, "register")


def rolled_back_log(world: Path) -> None:
    shutil.rmtree(world / "log" / "tile" / "entries")


def lost_state(world: Path) -> None:
    for path in world.glob("state*"):
        path.unlink()


def answers_below_a_file(world: Path) -> None:
    shutil.rmtree(world / "answers")
    (world / "answers").write_text("")


def expired_safeguards(world: Path) -> None:
    for name, day in (("approved", "2020-01-01"), ("expires", "2020-12-31")):
        change(world / "agreement.toml", rf"(?s)(\[safeguards\].*?{name} = )[0-9-]+", rf"\g<1>{day}")
    put_in_force(world, "agreement")


def open_finding(world: Path) -> None:
    change(world / "agreement.toml", "open_finding = false", "open_finding = true")
    put_in_force(world, "agreement")


ILLS = {
    "index missing": (lambda world: shutil.rmtree(world / "index"), "index"),
    "index of another key": (another_index_key, "index"),
    "index manifest gone": (lambda world: (world / "index" / "manifest.json").unlink(), "index"),
    "another root of the custodian": (another_root, "charter and acts"),
    "agreement withdrawn": (withdrawn_agreement, "agreement in force"),
    "agreement's document changed": (changed_document, "agreement"),
    "an act changed": (changed_act, "charter and acts"),
    "everything held": (lambda world: enact(world, Kind.HOLD, "all"), "hold"),
    "empty register": (empty_register, "officers"),
    "two keys the same": (same_keys, "keys"),
    "key gone": (lambda world: (world / "keys" / "history.key").unlink(), "keys"),
    "log key gone": (lambda world: (world / "keys" / "log.key").unlink(), "log, state, vault and answers"),
    "log rolled back": (rolled_back_log, "log, state, vault and answers"),
    "state lost": (lost_state, "log, state, vault and answers"),
    "answers cannot be written": (answers_below_a_file, "log, state, vault and answers"),
    "safeguards expired": (
        expired_safeguards,
        "safeguards approval",
    ),
    "open finding": (open_finding, "safeguards approval"),
}


@pytest.mark.parametrize("ill", ILLS)
def test_what_would_stop_every_package_has_failed_and_has_a_next_step(
    ill: str, narrowgate: CommandLine, world: Path
) -> None:
    break_it, subject = ILLS[ill]
    break_it(world)
    code, found = examine(narrowgate, world)
    assert code == 1
    state, remark, next_step = found[subject]
    assert state == "failed", found
    assert remark
    assert next_step


def test_an_office_switched_off_is_a_warning_of_that_office(narrowgate: CommandLine, world: Path) -> None:
    change(world / "agreement.toml", "enabled = true", "enabled = false")
    put_in_force(world, "agreement")
    code, found = examine(narrowgate, world)
    off = [subject for subject, (state, _, _) in found.items() if state == "warning"]
    assert code == 0
    assert len(off) == 1
    assert off[0].startswith("office ")


def test_what_ends_within_thirty_days_is_told_before(narrowgate: CommandLine, world: Path) -> None:
    soon = f"{NOW + timedelta(days=20):%Y-%m-%d}"
    change(world / "agreement.toml", r"(?s)(\[safeguards\].*?expires = )[0-9-]+", rf"\g<1>{soon}")
    put_in_force(world, "agreement")
    code, found = examine(narrowgate, world)
    assert code == 0
    state, remark, next_step = found["safeguards approval"]
    assert state == "warning"
    assert "20 days are left" in remark
    assert next_step


def test_a_gate_at_work_is_busy_and_not_failed(narrowgate: CommandLine, world: Path) -> None:
    with opened_books(read_settings(world)):
        code, found = examine(narrowgate, world)
    assert code == 0
    assert found["log, state, vault and answers"][0] == "busy"


def test_a_hold_is_told_with_its_scope(narrowgate: CommandLine, world: Path) -> None:
    enact(world, Kind.HOLD, "office:acting_director_of_ice")
    _, found = examine(narrowgate, world)
    assert found["hold"][0] == "warning"
    assert "office:acting_director_of_ice since" in found["hold"][1]


def test_the_text_for_people_shows_what_to_do_below_each_fault(narrowgate: CommandLine, world: Path) -> None:
    shutil.rmtree(world / "index")
    lines = narrowgate("doctor", "--config", world).out.splitlines()
    (at,) = [number for number, line in enumerate(lines) if line.startswith("failed")]
    assert lines[at + 1].strip().startswith("->")


def test_settings_that_cannot_be_read_are_a_finding(narrowgate: CommandLine, world: Path) -> None:
    (world / "gate.toml").write_text("sandbox = maybe")
    code, found = examine(narrowgate, world)
    assert code == 1
    assert found["settings"][0] == "failed"
