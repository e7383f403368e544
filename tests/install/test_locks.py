"""What the locks promise: the same versions on any machine, on any day."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from support.locks import LOCKS, PROJECT, declared, empty_wheel, pins, sha256_of

NEWER = "9999.0"
GOES_ASTRAY = Version(version("pip")) <= Version("23.2.1")

DECLARED = {
    "run": declared(),
    "build": declared(groups=["build"], run=False),
    "test": declared(groups=["test", "lint"], extras=["postgresql", "pkcs11", "pdf"]),
    "spark": declared(extras=["spark"]),
    "peers": declared(groups=["peers"], run=False),
    "assets": declared(groups=["assets"], run=False),
    "docs": declared(groups=["docs"], run=False),
}
OTHER_ENVIRONMENTS = (".venv-assets/.installed", ".venv-site/.installed")
"""Made when they are first needed: npm, and what builds the documentation's site."""
TOGETHER = ("run", "build", "test", "spark")
"""The locks of one environment."""


def recipe(*targets: str) -> list[str]:
    """The commands with which make builds these from nothing."""
    surroundings = {
        name: value for name, value in os.environ.items() if "MAKE" not in name and name != "MFLAGS"
    }
    told = subprocess.run(
        ["make", "--dry-run", "--always-make", *targets],
        cwd=PROJECT,
        env=surroundings,
        check=True,
        capture_output=True,
        text=True,
    )
    return told.stdout.splitlines()


def pip(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Pip as a machine has it that has no configuration."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return subprocess.run(
        [sys.executable, "-m", "pip", *map(str, arguments)],
        env={**surroundings, "PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )


class Market:
    """A folder of releases: every package of a lock as it is pinned, and a newer one of each, and nothing else."""

    def __init__(self, lock: str, home: Path) -> None:
        self._report = home / "report.json"
        self._wheels = home / "wheels"
        self._wheels.mkdir()
        self.lock = home / "lock.txt"
        self.pinned = {}
        lines = []
        for pin in pins(LOCKS[lock]):
            hashes = pin.hashes
            if pin.applies():
                wheel = empty_wheel(self._wheels, distribution(pin.name), pin.version)
                empty_wheel(self._wheels, distribution(pin.name), NEWER)
                hashes = {sha256_of(wheel)}
                self.pinned[pin.name] = pin.version
            lines.append(" ".join([str(pin.requirement), *(f"--hash={text}" for text in hashes)]))
        self.lock.write_text("\n".join(lines) + "\n")

    def chosen(self, *arguments: object) -> dict[str, str]:
        """What ``pip install`` with these arguments would install into an empty environment, by name."""
        done = self.install(*arguments)
        assert done.returncode == 0, done.stderr
        report = json.loads(self._report.read_text())
        return {
            canonicalize_name(entry["metadata"]["name"]): entry["metadata"]["version"]
            for entry in report["install"]
        }

    def install(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """``pip install`` that installs nothing and reports what it would."""
        here = ["--no-index", "--find-links", self._wheels, "--dry-run", "--ignore-installed"]
        return pip("install", *arguments, *here, "--report", self._report)


def makes_own_arguments(lock: str) -> list[str]:
    """What the Makefile gives ``pip install`` for a lock, save the name of the lock."""
    (line,) = [
        line for line in recipe(".venv/.test", ".venv/.spark") if f"-r requirements/{lock}.txt" in line
    ]
    words = shlex.split(line)
    return words[words.index("install") + 1 : -1]


@pytest.mark.parametrize("lock", TOGETHER)
def test_the_pinned_versions_are_installed_though_each_package_has_a_newer_release(
    lock: str, tmp_path: Path
) -> None:
    market = Market(lock, tmp_path)
    assert market.chosen(*makes_own_arguments(lock), market.lock) == market.pinned


def test_without_a_lock_the_newer_release_is_what_pip_takes(tmp_path: Path) -> None:
    market = Market("test", tmp_path)
    assert market.chosen("coverage")["coverage"] == NEWER


@pytest.mark.skipif(not GOES_ASTRAY, reason="later releases of pip see that both names are one package")
def test_the_resolver_that_came_with_python_311_goes_astray_even_on_a_complete_lock(tmp_path: Path) -> None:
    market = Market("test", tmp_path)
    resolving = [word for word in makes_own_arguments("test") if word != "--no-deps"]
    done = market.install(*resolving, market.lock)
    assert done.returncode == 1
    assert f"-{NEWER}-" in done.stderr


def test_make_installs_nothing_but_locked_packages_and_the_project() -> None:
    installs = [
        line for line in recipe("test", "accuracy", "dist", *OTHER_ENVIRONMENTS) if " -m pip install " in line
    ]
    for line in installs:
        assert "--no-deps" in line
        assert "--require-hashes -r requirements/" in line or "--no-build-isolation --editable ." in line
    locked = {line.rsplit("/", 1)[1] for line in installs if "--require-hashes" in line}
    assert locked == {f"{name}.txt" for name in LOCKS}


def test_no_environment_is_done_before_pip_has_checked_it() -> None:
    unchecked: list[str] = []
    done = 0
    for line in recipe("test", "accuracy", *OTHER_ENVIRONMENTS):
        if " -m pip install " in line:
            unchecked.append(line)
        elif " -m pip check" in line:
            unchecked.clear()
        elif line.startswith("touch "):
            assert unchecked == []
            done += 1
    assert done == len([".run", ".compiled", ".test", ".spark", ".peers", *OTHER_ENVIRONMENTS])


def test_what_has_to_be_built_is_built_by_locked_tools() -> None:
    """An isolated build would fetch the newest release of its tools: only wheels may do without the flag."""
    for line in recipe("test"):
        if "--editable" in line or "requirements/spark.txt" in line:
            assert "--no-build-isolation" in line


def test_the_demo_needs_the_locks_of_what_runs_and_of_what_builds_it_and_no_other() -> None:
    used = {name for name in LOCKS for line in recipe("demo") if f"requirements/{name}.txt" in line}
    assert used == {"run", "build"}


@pytest.mark.parametrize("lock", sorted(DECLARED))
def test_every_declared_dependency_is_pinned_within_its_bounds(lock: str) -> None:
    pinned = {pin.name: pin.version for pin in pins(LOCKS[lock])}
    outside = [
        str(requirement)
        for requirement in DECLARED[lock]
        if not requirement.specifier.contains(pinned[canonicalize_name(requirement.name)])
    ]
    assert outside == []


def test_there_is_a_check_for_each_lock() -> None:
    assert set(LOCKS) == set(DECLARED)


def test_one_environment_takes_every_lock_because_they_agree() -> None:
    first: dict[str, tuple[set[str], frozenset[str]]] = {}
    for lock in TOGETHER:
        here: dict[str, tuple[set[str], frozenset[str]]] = {}
        for pin in pins(LOCKS[lock]):
            versions, hashes = here.get(pin.name, (set(), frozenset()))
            here[pin.name] = (versions | {pin.version}, hashes | pin.hashes)
        differing = {name for name in here.keys() & first.keys() if here[name] != first[name]}
        assert differing == set()
        first |= here


@pytest.mark.parametrize("larger", ["test", "spark"])
def test_the_lock_of_what_runs_is_a_part_of_the_larger_ones(larger: str) -> None:
    assert {pin.name for pin in pins(LOCKS["run"])} < {pin.name for pin in pins(LOCKS[larger])}


def test_what_builds_and_what_tests_is_not_in_the_lock_of_what_runs() -> None:
    run = {pin.name for pin in pins(LOCKS["run"])}
    tools = {canonicalize_name(one.name) for one in declared(groups=["build", "test", "lint"], run=False)}
    assert run & tools == set()


@pytest.mark.parametrize("lock", sorted(LOCKS))
def test_a_lock_has_versions_and_hashes_and_names_no_place(lock: str) -> None:
    forms = re.compile(
        r"[a-z0-9.-]+(\[[a-z0-9, -]+\])?==[0-9][a-z0-9.]*( ; [^/@]+)? \\"
        r"|    --hash=sha256:[0-9a-f]{64}( \\)?"
        r"|    # via.*"
        r"|    #   .*"
    )
    lines = LOCKS[lock].read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not forms.fullmatch(line)] == []
    assert "://" not in LOCKS[lock].read_text(encoding="utf-8")
    assert all(pin.hashes and isinstance(pin.requirement, Requirement) for pin in pins(LOCKS[lock]))
