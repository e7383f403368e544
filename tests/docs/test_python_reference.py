"""The interface for programs: its examples run, every name is on its page, and loading it loads nothing else."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import narrowgate
from narrowgate.entrypoints import library
from support.command_line import CommandLine
from support.requests import PROJECT

PAGE = PROJECT / "docs" / "reference" / "python.md"


def test_the_examples_of_the_page_give_what_it_says(
    narrowgate: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert narrowgate("demo", "--dir", "demo").code == 0
    failed, tried = doctest.testfile(
        str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert tried > 15
    assert failed == 0


@pytest.mark.parametrize("room", [found.name for found in pkgutil.iter_modules(library.__path__)])
def test_the_examples_of_the_docstrings_give_what_they_say(room: str) -> None:
    assert doctest.testmod(importlib.import_module(f"{library.__name__}.{room}")).failed == 0


def test_the_example_of_the_package_gives_what_it_says() -> None:
    assert doctest.testmod(narrowgate) == (0, 2)


@pytest.mark.parametrize("name", narrowgate.__all__)
def test_every_name_is_documented_and_on_the_page(name: str) -> None:
    assert getattr(narrowgate, name).__doc__
    assert f"`{name}`" in PAGE.read_text(encoding="utf-8")


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tax_records'"):
        _ = narrowgate.tax_records


def test_importing_the_package_loads_none_of_its_rooms() -> None:
    code = "import sys, narrowgate; print([m for m in sys.modules if m.startswith('narrowgate.')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"
