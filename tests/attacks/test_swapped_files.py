"""Attack: whoever can write a package's directory changes its files while the gate is at work (issue 9, item 1)."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from narrowgate.entrypoints.cli.gate import StepProgress
from support.attacked_world import AttackedWorld

STEPS = ["2", "5", "6", "9", "13"]
SIGNED = ["1,,CONFIRMED,", "2,,CONFIRMED,", "3,,NOT_CONFIRMED,", "4,,REFUSED,R-64"]

ENDLESS = 10
"""Seconds: ten times what it takes on a busy machine; a reader of a pipe or a device waits for ever."""


def swap_at(step: str, wanted: Path, other: Path, names: list[str], patch: pytest.MonkeyPatch) -> None:
    """The moment the gate begins ``step``, the named files of the one package become those of the other."""
    begin = StepProgress.begin

    def begin_and_swap(self: StepProgress, name: str) -> None:
        if name.split(maxsplit=1)[0] == step:
            for file in names:
                (wanted / file).unlink(missing_ok=True)
                (wanted / file).write_bytes((other / file).read_bytes())
        begin(self, name)

    patch.setattr(StepProgress, "begin", begin_and_swap)


@pytest.mark.parametrize("step", STEPS)
def test_rows_swapped_at_any_step_are_never_answered(
    step: str, world: AttackedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The official signed about one person; the rows of another, who is not in the file, take their place."""
    signed, other = world.package("signed"), world.package("other", person="Somebodyelse")
    rows = (signed / "rows.ndjson").read_bytes()
    swap_at(step, signed, other, ["rows.ndjson"], monkeypatch)
    code, message = world.gate("signed")
    if code == 0:
        assert world.answers("signed") == SIGNED
    else:
        assert (code, "rows.ndjson" in message) == (12, True)
        monkeypatch.undo()
        monkeypatch.chdir(world.home)
        (signed / "rows.ndjson").write_bytes(rows)
        assert world.gate("signed")[0] == 0
        assert world.answers("signed") == SIGNED
    world.verify()


def test_a_package_of_which_every_file_is_swapped_is_answered_as_it_was_when_it_was_verified(
    world: AttackedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed, other = world.package("signed"), world.package("other", person="Somebodyelse")
    kept = (signed / "manifest.json").read_bytes()
    swap_at("6", signed, other, ["manifest.json", "manifest.json.p7s", "rows.ndjson"], monkeypatch)
    assert world.gate("signed")[0] == 0
    (signed / "manifest.json").write_bytes(kept)
    assert world.answers("signed") == SIGNED


@pytest.mark.parametrize("name", ["manifest.json", "manifest.json.p7s", "rows.ndjson"])
@pytest.mark.parametrize("kind", ["pipe", "device", "link", "directory"])
def test_what_is_no_regular_file_is_refused_at_once(kind: str, name: str, world: AttackedWorld) -> None:
    package = world.package("signed")
    path = package / name
    path.rename(package / "kept")
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "link":
            path.symlink_to("kept")
        case _:
            path.mkdir()
    began = time.monotonic()
    code, message = world.gate("signed")
    assert time.monotonic() - began < ENDLESS
    assert (code, name in message, "not a regular file" in message) == (12, True, True)
