"""``.ci/weekly`` runs what is too long for every change, all of it, and fails when one of it fails."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.locks import PROJECT

WEEKLY = PROJECT / ".ci" / "weekly"

MAKEFILE = """
good:
\t@echo "3 passed, 1 deselected"
skipping:
\t@echo "2 passed, 7 skipped"
bad:
\t@echo "1 failed" && false
slow:
\t@sleep 60
"""


def weekly(home: Path, *targets: str, **variables: str) -> tuple[int, list[str]]:
    """Exit code and summary of the program in a checkout with other targets."""
    (home / ".ci").mkdir()
    shutil.copy(WEEKLY, home / ".ci" / "weekly")
    (home / "Makefile").write_text(MAKEFILE)
    done = subprocess.run(
        [str(home / ".ci" / "weekly"), *targets],
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    summary = (home / "build" / "weekly" / "summary.txt").read_text()
    assert done.stdout == summary
    return done.returncode, summary.splitlines()[1:]


def test_every_target_of_the_week_is_one_of_the_makefile_and_the_long_ones_are_among_them() -> None:
    (words,) = re.findall(r"^TARGETS=\(([^)]*)\)$", WEEKLY.read_text(), re.MULTILINE)
    makefile = (PROJECT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, re.MULTILINE))
    assert set(words.split()) <= targets
    assert {"assure", "soak", "games", "faults", "timing", "two-machines", "cluster"} <= set(words.split())


def test_the_others_are_run_though_one_fails_and_the_whole_fails(tmp_path: Path) -> None:
    code, (first, bad, last, count) = weekly(tmp_path, "skipping", "bad", "good")
    assert code == 1
    assert first.endswith("passed, BUT 7 skipped")
    assert "FAILED: exit code 2" in bad
    assert last.endswith(" passed")
    assert count == "2 of 3 passed."
    assert "1 failed" in (tmp_path / "build" / "weekly" / "bad.log").read_text()


@pytest.mark.parametrize(("targets", "code"), [(["good", "skipping"], 0), (["slow"], 1), (["unknown"], 1)])
def test_it_passes_where_all_pass_in_their_time(targets: list[str], code: int, tmp_path: Path) -> None:
    found, lines = weekly(tmp_path, *targets, LIMIT="2s")
    assert found == code
    assert any("FAILED: " in line for line in lines) == bool(code)
    assert ("slow" in targets) == any("not over in 2s" in line for line in lines)
