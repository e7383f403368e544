"""A short soak holds on both kinds of state, and each planted fault makes it fail; ``make soak`` plays for hours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from soak.watch import LEAF_TOLERANCE, TOLERANCES, Grown, Sample, Watch
from support.requests import PROJECT


def soak(out: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report; it mounts its disk where no other process sees it, so it is a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "soak", "--out", str(out), *options],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT / "tests"), *sys.path])},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert (out / "soak.json").exists(), done.stderr
    return done.returncode, json.loads((out / "soak.json").read_bytes())


@pytest.mark.parametrize(("store", "seed"), [("sqlite", "8"), ("postgresql", "9")])
def test_a_short_soak_holds(store: str, seed: str, tmp_path: Path) -> None:
    code, told = soak(tmp_path, "--store", store, "--seed", seed, "--moves", "12")
    if told["not tried"]:
        pytest.skip(f"NO SOAK ON {store.upper()}: {told['not tried']}")
    (course,) = told["courses"]
    assert (code, course["faults"]) == (0, [])
    assert course["met"]["packages decided"] == course["met"]["packages released"] > 0
    assert course["met"]["states rebuilt, equal"] == 1
    assert (course["moves"], course["watched"]["logs"]) == (12, 1)
    hours = course["hours of the virtual clock"]
    assert told["hours of the virtual clock"] == hours >= 1
    assert f"{hours:,} hours of gates' lives." in (tmp_path / "soak.txt").read_text(encoding="utf-8")


def test_each_planted_fault_is_found(tmp_path: Path) -> None:
    plants = [word for name in ("leak", "descriptors", "leftover", "lost") for word in ("--plant", name)]
    code, told = soak(tmp_path, "--store", "sqlite", "--seed", "8", "--moves", "12", *plants)
    assert code == 1
    faults = "\n".join(told["courses"][0]["faults"])
    for sign in ("memory grew", "files grew", "Left over for the time of a command", "the log ends"):
        assert sign in faults, faults


def test_a_log_whose_leaves_grow_is_seen() -> None:
    flat = [Sample(number, 1 << 28, 7, 5) for number in range(30)]
    same = Watch(flat, [Grown(100, 30_000, 900_000)] * 4)
    assert same.faults() == []
    longer = Grown(100, int(30_000 * LEAF_TOLERANCE) + 1, 900_000)
    assert Watch(flat, [*same.logs[:2], longer, longer]).faults() == [
        f"A leaf grew from 300 to {longer.leaf_bytes / 100:,.0f} bytes."
    ]
    assert Watch(flat, [Grown(100, 30_000, 30_000 * 261)]).faults() != []
    swollen = [one._replace(memory=one.memory + TOLERANCES["memory"] + 1) for one in flat[20:]]
    assert Watch([*flat[:20], *swollen]).faults() != []
    told = same.figures()
    assert {name for name in told if "may" in name} == {
        *(f"{name} may grow by" for name in TOLERANCES),
        "bytes of a leaf may grow by percent",
        "bytes on the disk for a byte of leaves may be",
    }
    assert told["bytes of a leaf, first half of the logs"] == told["bytes of a leaf, second half"] == 300
    assert Watch(flat[:8]).faults() == ["There were too few moves to see whether anything grows."]
