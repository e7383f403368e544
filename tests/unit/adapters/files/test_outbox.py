"""Answers appear by one rename, with one time, or not at all; until then they lie where only the gate can look."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep, time_ns

import pytest

from narrowgate.adapters.files.outbox import RELEASED, DirectoryOutbox
from narrowgate.core.answers.file_names import ANSWERS, PROOF
from narrowgate.core.base.errors import ConfigurationError, OperationalError
from support.file_systems import other_file_system

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FILES = {ANSWERS: b"{}", PROOF: b"proof", "a.p7m": b"sealed"}


def outbox(home: Path) -> DirectoryOutbox:
    return DirectoryOutbox(home / "answers", home / "staging")


def keep(home: Path, files: dict[str, bytes] = FILES, package: str = "p-1") -> DirectoryOutbox:
    """An outbox in which the files of a package wait."""
    box = outbox(home)
    staging = box.stage(package)
    for name, data in files.items():
        staging.put(name, data)
    staging.finish()
    return box


def release(home: Path, files: dict[str, bytes] = FILES) -> Path:
    box = keep(home, files)
    box.prepare("p-1", NOON)
    box.release("p-1")
    return home / "answers" / "p-1"


def staged(home: Path) -> list[str]:
    """What lies in the staging directory but for what was released and is kept."""
    paths = [path.relative_to(home / "staging") for path in (home / "staging").rglob("*/*")]
    return sorted(path.as_posix() for path in paths if path.parts[0] != RELEASED)


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_nothing_is_in_the_outbox_before_the_release_and_everything_after_it(tmp_path: Path) -> None:
    box = keep(tmp_path)
    before = (tmp_path / "answers").stat()
    box.prepare("p-1", NOON)
    assert list((tmp_path / "answers").iterdir()) == []
    assert (tmp_path / "answers").stat().st_mtime_ns == before.st_mtime_ns, "nothing can be seen of it"
    for private in (tmp_path / "staging", *(tmp_path / "staging").iterdir()):
        assert private.stat().st_mode & 0o777 == 0o700
    box.release("p-1")
    assert contents(tmp_path / "answers" / "p-1") == FILES
    assert staged(tmp_path) == []
    assert box.is_released("p-1")


def test_every_file_has_one_time_and_no_more_readers_than_the_group(tmp_path: Path) -> None:
    released = release(tmp_path)
    for path in (released, *released.iterdir()):
        status = path.stat()
        assert status.st_mtime_ns == int(NOON.timestamp()) * 10**9
        assert status.st_mode & 0o777 == (0o750 if path == released else 0o640)


def test_no_file_that_leaves_was_there_before_it_was_prepared(tmp_path: Path) -> None:
    """When a file was made, and by its number even in which order, would say when it was sealed."""
    box = keep(tmp_path)
    sealed = {path.stat().st_ino for path in (tmp_path / "staging" / "waiting" / "p-1").iterdir()}
    sleep(0.02)
    earliest = time_ns()
    box.prepare("p-1", NOON)
    box.release("p-1")
    for path in (tmp_path / "answers" / "p-1").iterdir():
        assert path.stat().st_ino not in sealed
        assert path.stat().st_ctime_ns >= earliest - 10_000_000  # the kernel's clock ticks every 4 ms


def test_what_a_killed_run_left_is_gone_at_the_next_whatever_its_package(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.stage("killed").put("a.p7m", b"sealed")
    box.stage("p-1")
    assert staged(tmp_path) == ["unfinished/p-1"]


def test_what_waits_stays_while_other_packages_are_staged_and_released(tmp_path: Path) -> None:
    keep(tmp_path, package="p-2")
    release(tmp_path)
    assert staged(tmp_path) == ["waiting/p-2", *(f"waiting/p-2/{name}" for name in sorted(FILES))]


def test_a_run_repeated_before_its_release_takes_the_place_of_the_first(tmp_path: Path) -> None:
    keep(tmp_path, FILES | {"b.p7m": b"of the first run"})
    assert contents(release(tmp_path)) == FILES


def test_a_release_cut_off_before_its_rename_is_prepared_again_for_another_time(tmp_path: Path) -> None:
    box = keep(tmp_path)
    box.prepare("p-1", NOON)
    box.prepare("p-1", NOON + timedelta(hours=6))
    box.release("p-1")
    (answers,) = (tmp_path / "answers").iterdir()
    assert answers.stat().st_mtime == (NOON + timedelta(hours=6)).timestamp()


def test_a_release_cut_off_after_its_rename_changes_nothing_more(tmp_path: Path) -> None:
    released = release(tmp_path)
    before = {path: path.stat().st_ctime_ns for path in released.iterdir()}
    box = keep(tmp_path)  # as if the waiting files had not been removed yet
    box.prepare("p-1", NOON + timedelta(hours=6))
    box.release("p-1")
    assert {path: path.stat().st_ctime_ns for path in released.iterdir()} == before
    assert staged(tmp_path) == []


@pytest.mark.parametrize("other", [{ANSWERS: b"[]"}, {"b.p7m": b"sealed"}])
def test_another_release_of_the_same_package_is_refused(tmp_path: Path, other: dict[str, bytes]) -> None:
    released = release(tmp_path)
    with pytest.raises(OperationalError, match="Other answers were released"):
        release(tmp_path, FILES | other)
    assert contents(released) == FILES


def test_what_is_not_there_is_not_released(tmp_path: Path) -> None:
    with pytest.raises(OperationalError, match="are not there"):
        outbox(tmp_path).prepare("p-1", NOON)
    keep(tmp_path)
    with pytest.raises(OperationalError, match="are not there"):
        outbox(tmp_path).release("p-1")


def test_withdrawn_answers_are_gone_and_again_changes_nothing(tmp_path: Path) -> None:
    release(tmp_path)
    keep(tmp_path, package="p-2")
    for package in ("p-1", "p-1", "p-2"):
        outbox(tmp_path).withdraw(package)
    assert list((tmp_path / "answers").iterdir()) == []
    assert staged(tmp_path) == []


@pytest.mark.parametrize("lost", [["p-1"], ["p-1/a.p7m"], ["p-1/a.p7m", f"p-1/{PROOF}"]])
def test_lost_answers_are_released_again_byte_for_byte(lost: list[str], tmp_path: Path) -> None:
    released = release(tmp_path)
    box = outbox(tmp_path)
    assert box.is_complete("p-1")
    for name in lost:
        path = tmp_path / "answers" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert not box.is_complete("p-1")
    box.release_again("p-1")
    assert box.is_complete("p-1")
    assert contents(released) == FILES
    for path in (released, *released.iterdir()):
        assert path.stat().st_mtime_ns == int(NOON.timestamp()) * 10**9
        assert path.stat().st_mode & 0o777 == (0o750 if path == released else 0o640)


def test_answers_of_which_no_copy_is_left_are_an_error_that_says_what_to_restore(tmp_path: Path) -> None:
    shutil.rmtree(release(tmp_path))
    shutil.rmtree(tmp_path / "staging" / RELEASED / "p-1")
    with pytest.raises(OperationalError, match=r"copy of them\."):
        outbox(tmp_path).release_again("p-1")


def test_a_staging_directory_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "staging").mkdir(mode=0o755)
    with pytest.raises(ConfigurationError, match="chmod 700"):
        DirectoryOutbox(tmp_path / "answers", tmp_path / "staging")


@pytest.mark.parametrize(("answers", "staging"), [("a", "a/staging"), ("a/answers", "a"), ("a", "a")])
def test_staging_inside_the_outbox_or_around_it_is_refused(
    tmp_path: Path, answers: str, staging: str
) -> None:
    (tmp_path / "a").mkdir(mode=0o700)
    with pytest.raises(ConfigurationError, match="outside of the outbox"):
        DirectoryOutbox(tmp_path / answers, tmp_path / staging)


def test_staging_on_another_file_system_is_refused(tmp_path: Path) -> None:
    with other_file_system(tmp_path) as other, pytest.raises(ConfigurationError, match="same file system"):
        DirectoryOutbox(tmp_path / "answers", other / "staging")
