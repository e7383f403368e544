"""A release carries the full assurance report of exactly its code, or there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from runpy import run_path
from typing import Any
from zipfile import ZipFile

import orjson
import pytest

from narrowgate.entrypoints.assure.check import FULL, QUICK, Tried
from narrowgate.entrypoints.assure.report import Run, as_json, as_page
from narrowgate.entrypoints.assure.suite import CHECKS, Result
from support.locks import PROJECT
from support.requests import NOW

NIGHT = Run(is_full=True, size=FULL, seed=1, now=NOW)
MINUTES = Run(is_full=False, size=QUICK, seed=1, now=NOW)
HELD = [Result(check, False, Tried(1), 1.0) for check in CHECKS]
LAST = CHECKS[-1].name


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A wheel with the files of this checkout's package and what a build adds to them, and an sdist."""
    folder = tmp_path / "dist"
    folder.mkdir()
    source = PROJECT / "src"
    with ZipFile(folder / "narrowgate-0.1.0-py3-none-any.whl", "w") as wheel:
        for path in sorted(source.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                wheel.write(path, path.relative_to(source))
        wheel.writestr("narrowgate/docs/how-to/inspect.md", "What 'narrowgate docs' shows.")
        wheel.writestr("narrowgate-0.1.0.dist-info/METADATA", "Name: narrowgate")
    (folder / "narrowgate-0.1.0.tar.gz").write_bytes(b"the sdist")
    return folder


def released(dist: Path, results: Sequence[Result], run: Run = NIGHT) -> None:
    """What the tool says to a report of these results."""
    report = dist.with_name("report")
    report.mkdir(exist_ok=True)
    told = as_json(results, run)
    (report / "assurance.json").write_bytes(orjson.dumps(told))
    (report / "assurance.html").write_bytes(as_page(results, run))
    run_path(str(PROJECT / "tools" / "release.py"))["main"](dist, report)


def test_the_report_goes_with_the_release_and_every_file_has_its_digest(dist: Path) -> None:
    released(dist, HELD)
    files = sorted(path.name for path in dist.iterdir())
    assert files == [
        "SHA256SUMS",
        "assurance.html",
        "assurance.json",
        "narrowgate-0.1.0-py3-none-any.whl",
        "narrowgate-0.1.0.tar.gz",
    ]
    sums = dict(reversed(line.split("  ")) for line in (dist / "SHA256SUMS").read_text().splitlines())
    assert sums == {
        name: hashlib.sha256((dist / name).read_bytes()).hexdigest() for name in files if name != "SHA256SUMS"
    }


@pytest.mark.parametrize(
    ("results", "run", "says"),
    [
        (HELD, MINUTES, "not of a full run"),
        (HELD[1:], NIGHT, "not held, or not tried: twin-worlds"),
        ([*HELD[:-1], replace(HELD[-1], tried=Tried(0), is_begun=False)], NIGHT, f"not tried: {LAST}"),
        ([*HELD[:-1], replace(HELD[-1], tried=Tried(2, ["One broke."]))], NIGHT, "not held"),
        ([*HELD[:-1], replace(HELD[-1], planted=True)], NIGHT, f"faults were planted: {LAST}"),
    ],
)
def test_another_report_goes_with_no_release(
    results: Sequence[Result], run: Run, says: str, dist: Path
) -> None:
    with pytest.raises(SystemExit, match=says):
        released(dist, results, run)
    assert not (dist / "SHA256SUMS").exists()
    assert not (dist / "assurance.json").exists()


BROKEN = [*HELD[:-1], replace(HELD[-1], tried=Tried(2, ["One broke."]))]


@pytest.mark.parametrize(
    "edit",
    [
        lambda told: told["checks"][-1].update(verdict="held"),
        lambda told: told["checks"][-1].update(verdict="held", broken=0, examples=[]),
        lambda told: told["checks"].append(
            {**told["checks"][-1], "verdict": "held", "broken": 0, "examples": []}
        ),
        lambda told: told.update(checks=as_json(HELD, NIGHT)["checks"]),
        lambda told: told.update(as_json(HELD, NIGHT)),
        lambda told: told.clear(),
    ],
)
def test_a_report_that_was_edited_in_one_place_goes_with_no_release(
    edit: Callable[[dict[str, Any]], None], dist: Path
) -> None:
    report = dist.with_name("report")
    report.mkdir()
    told = as_json(BROKEN, NIGHT)
    edit(told)
    (report / "assurance.json").write_bytes(orjson.dumps(told))
    (report / "assurance.html").write_bytes(as_page(BROKEN, NIGHT))
    with pytest.raises(SystemExit, match="cannot go with this release"):
        run_path(str(PROJECT / "tools" / "release.py"))["main"](dist, report)
    assert not (dist / "SHA256SUMS").exists()


@pytest.mark.parametrize(
    "name",
    [
        "narrowgate/added.py",
        "narrowgate/core/person/more_nicknames.txt",
        "narrowgate/entrypoints/web/console/templates/console/page_2.html",
        "narrowgate/core/log/__pycache__/leaf.cpython-311.pyc",
        "sitecustomize.py",
    ],
)
def test_a_report_of_other_code_or_data_goes_with_no_release(name: str, dist: Path) -> None:
    with ZipFile(dist / "narrowgate-0.1.0-py3-none-any.whl", "a") as wheel:
        wheel.writestr(name, "")
    with pytest.raises(SystemExit, match="of other code than the wheel's"):
        released(dist, HELD)


def test_a_report_goes_with_no_wheel_in_which_one_word_of_a_list_was_changed(dist: Path) -> None:
    place = dist / "narrowgate-0.1.0-py3-none-any.whl"
    with ZipFile(place) as wheel:
        files = {name: wheel.read(name) for name in wheel.namelist()}
    files["narrowgate/core/person/nicknames.txt"] += b"\n"
    with ZipFile(place, "w") as wheel:
        for name, data in files.items():
            wheel.writestr(name, data)
    with pytest.raises(SystemExit, match="of other code than the wheel's"):
        released(dist, HELD)


def test_a_page_of_another_run_and_no_report_at_all_go_with_no_release(dist: Path) -> None:
    release = run_path(str(PROJECT / "tools" / "release.py"))["main"]
    with pytest.raises(
        SystemExit, match=r"does not hold assurance\.html and assurance\.json: run 'make assure'"
    ):
        release(dist, dist.with_name("report"))
    released(dist, HELD)
    (dist / "SHA256SUMS").unlink()
    page = as_page(HELD, replace(NIGHT, seed=2))
    (dist.with_name("report") / "assurance.html").write_bytes(page)
    with pytest.raises(SystemExit, match="are of two runs"):
        release(dist, dist.with_name("report"))
    assert not (dist / "SHA256SUMS").exists()
