"""The wheel in an environment that has its dependencies and nothing else, away from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path
from zipfile import ZipFile

import pytest

from narrowgate import __version__
from narrowgate.entrypoints.assure.code_digest import code_at_work, code_in_wheel
from support.locks import LOCKS, PROJECT, closure, declared, pins

SOURCE = PROJECT / "src" / "narrowgate"


def build(project: Path, into: Path, *targets: str) -> None:
    """What ``make dist`` does, elsewhere."""
    kinds = [word for target in targets for word in ("-t", target)]
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(into), *kinds]
    subprocess.run(command, cwd=project, check=True, capture_output=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one wheel and one sdist."""
    folder = tmp_path_factory.mktemp("dist")
    build(PROJECT, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


class Environment:
    """A Python environment of its own, and how a shell in it, with nothing of this process, runs commands."""

    def __init__(self, home: Path) -> None:
        venv.create(home / "python", with_pip=False)
        self.python = home / "python" / "bin" / "python"
        self.work = home / "work"
        self.work.mkdir()
        (self._packages,) = (home / "python" / "lib").glob("python*/site-packages")

    def take(self, installed: Distribution) -> None:
        """Have the same package as this process's environment."""
        for file in installed.files or []:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                target = self._packages.joinpath(*file.parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                _link(Path(str(file.locate())), target)

    def pip(self, *arguments: object) -> None:
        """The pip of this process, at work on that environment."""
        command = [sys.executable, "-m", "pip", "--python", self.python, *arguments]
        subprocess.run(list(map(str, command)), check=True, capture_output=True, cwd=self.work)

    def shell(self, line: str) -> str:
        """What a command writes to stdout."""
        surroundings = {
            "HOME": str(self.work),
            "LANG": "C.UTF-8",
            "PATH": f"{self.python.parent}{os.pathsep}{os.defpath}",
        }
        done = subprocess.run(
            ["bash", "--norc", "-c", line],
            cwd=self.work,
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def test_the_wheel_is_the_code_that_an_assurance_report_of_this_checkout_names(wheel: Path) -> None:
    assert code_in_wheel(wheel) == code_at_work()


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    home = tmp_path_factory.mktemp("environment")
    made = Environment(home)
    for installed in closure(declared()).values():
        made.take(installed)
    made.pip("install", "--no-deps", "--no-index", wheel)
    yield made
    shutil.rmtree(home)


def test_what_runs_is_locked_and_the_installed_wheel_lacks_nothing_of_it(environment: Environment) -> None:
    assert set(closure(declared())) <= {pin.name for pin in pins(LOCKS["run"])}
    environment.pip("check")


def test_the_code_comes_from_the_wheel(environment: Environment) -> None:
    place = environment.shell("python -c 'import narrowgate; print(narrowgate.__file__)'")
    assert Path(place.strip()).is_relative_to(environment.python.parents[1])


def test_the_demo_runs_and_what_it_says_to_try_next_runs_too(environment: Environment) -> None:
    shown = environment.shell("python -m narrowgate demo --dir 'my demo' --people 400 --items 60")
    assert "Wrong confirmations  0 " in shown
    verify, explain, _ = shown.split("Try next\n")[1].splitlines()
    assert verify.strip() == f"{environment.python} -P -m narrowgate log verify 'my demo'"
    environment.shell(verify)
    assert "SPRINGFIELD" in environment.shell(explain)


def test_the_pages_and_examples_are_shown_without_a_checkout(environment: Environment) -> None:
    assert environment.shell("narrowgate docs errors").startswith("# Errors")
    assert "[agreement]" in environment.shell("narrowgate docs agreement.toml")
    assert environment.shell("narrowgate rules show R-51").startswith("R-51")


def test_both_ways_to_call_it_have_a_version(environment: Environment) -> None:
    for command in ("narrowgate", "python -m narrowgate"):
        assert environment.shell(f"{command} --version").strip() == f"narrowgate, version {__version__}"


def test_bash_completes_a_command_and_a_subcommand(environment: Environment) -> None:
    completed = environment.shell(
        'eval "$(_NARROWGATE_COMPLETE=bash_source narrowgate)"\n'
        "COMP_WORDS=(narrowgate addr) COMP_CWORD=1\n"
        "_narrowgate_completion narrowgate\n"
        'echo "${COMPREPLY[@]}"\n'
        "COMP_WORDS=(narrowgate log ver) COMP_CWORD=2 COMPREPLY=()\n"
        "_narrowgate_completion narrowgate\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    assert completed.splitlines() == ["address", "verify"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_completion_script(environment: Environment, shell: str) -> None:
    assert "_NARROWGATE_COMPLETE" in environment.shell(f"_NARROWGATE_COMPLETE={shell}_source narrowgate")


def test_every_file_of_the_package_is_in_the_wheel_and_nothing_else_is(wheel: Path) -> None:
    source = {
        str(path.relative_to(SOURCE.parent))
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for shelf in ("docs/reference", "docs/how-to", "docs/explanation", "examples"):
        place = PROJECT / shelf
        files = (path.relative_to(place.parent) for path in place.rglob("*") if path.is_file())
        source |= {f"narrowgate/docs/{path}" for path in files}
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == source


def test_a_wheel_built_from_the_sdist_elsewhere_has_the_same_bytes(
    built: Path, wheel: Path, tmp_path: Path
) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    build(tmp_path / sdist.name.removesuffix(".tar.gz"), tmp_path, "wheel")
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_what_the_sdist_holds_is_enough_to_test_it(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        tops = {Path(name).parts[1] for name in archive.getnames()}
    assert {"src", "tests", "tools", "docs", "requirements", "Makefile", "pyproject.toml", "LICENSE"} <= tops
