"""The walk for one more rule, followed word by word in a copy of the project, ends with passing tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION
from support.requests import PROJECT

PAGE = PROJECT / "docs" / "how-to" / "extend.md"
_VERSIONS = Path("tests") / "vectors" / "rule_sets.toml"
_STEP = re.compile(
    r"^(?P<how>New file|In) `(?P<path>[^`]+)`(?:, (?P<where>below|instead of) `(?P<anchor>[^`]+)`)?:[^\n]*\n\n"
    r"```\w+\n(?P<text>.*?)```$",
    re.MULTILINE | re.DOTALL,
)
COPIED = ("src", "tests", "tools", "docs", "examples", "benchmarks", "requirements")


def follow(walk: str, project: Path) -> int:
    """Does what the walk says to the project; how many steps there were."""
    steps = list(_STEP.finditer(walk))
    for step in steps:
        file = project / step["path"]
        if step["how"] == "New file":
            assert not file.exists(), step["path"]
            file.write_text(step["text"], encoding="utf-8")
            continue
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        at = lines.index(step["anchor"] + "\n")
        lines[at : at + 1] = [step["text"]] if step["where"] == "instead of" else [lines[at], step["text"]]
        file.write_text("".join(lines), encoding="utf-8")
    return len(steps)


def copy_of_the_project(directory: Path) -> Path:
    project = directory / "project"
    for name in COPIED:
        shutil.copytree(PROJECT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in [*PROJECT.glob("*.md"), PROJECT / "pyproject.toml", PROJECT / "Makefile"]:
        shutil.copy(file, project)
    return project


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    for name in [name for name in environment if name.startswith(("PYTEST_XDIST", "COV_CORE"))]:
        del environment[name]
    return subprocess.run(
        [sys.executable, *command], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def test_one_more_rule_is_added_by_following_the_walk(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path)
    version = str(int(RULE_SET_VERSION) + 1)
    walk = PAGE.read_text(encoding="utf-8").split("\n## ")[1].replace("@VERSION@", version)
    assert follow(walk, project) == 6
    tests = ("-m", "pytest", "-q", "-x", "tests/unit/core/eligibility/test_ruleset.py")
    unversioned = run(project, *tests)
    assert unversioned.returncode == 1, "a rule was added, and no test asked for a new version"
    ruleset = project / "src" / "narrowgate" / "core" / "eligibility" / "ruleset.py"
    text = ruleset.read_text(encoding="utf-8")
    old, new = (f'RULE_SET_VERSION: Final = "{number}"' for number in (RULE_SET_VERSION, version))
    assert old in text
    ruleset.write_text(text.replace(old, new), encoding="utf-8")
    for command in re.findall(r"^python (.+)$", walk, re.MULTILINE):
        done = run(project, *command.split())
        assert done.returncode == 0, done.stdout + done.stderr
    assert f'{version} = "' in (project / _VERSIONS).read_text(encoding="utf-8")
