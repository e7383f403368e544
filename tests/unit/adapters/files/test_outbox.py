"""Answers appear by one rename, with one time, or not at all; until then they lie where only the gate can look."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from narrowgate.adapters.files.outbox import RELEASED, DirectoryOutbox
from narrowgate.core.answers.file_names import ANSWERS, PROOF
from narrowgate.core.base.errors import ConfigurationError, OperationalError
from support.file_systems import other_file_system

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FILES = {ANSWERS: b"{}", PROOF: b"proof", "a.p7m": b"sealed"}


def release(home: Path, files: dict[str, bytes] = FILES) -> Path:
    staging = DirectoryOutbox(home / "answers", home / "staging").stage("p-1", NOON)
    for name, data in files.items():
        staging.put(name, data)
    staging.release()
    return home / "answers" / "p-1"


def test_nothing_is_in_the_outbox_before_the_release_and_everything_after_it(tmp_path: Path) -> None:
    staging = DirectoryOutbox(tmp_path / "answers", tmp_path / "staging").stage("p-1", NOON)
    for name, data in FILES.items():
        staging.put(name, data)
        assert list((tmp_path / "answers").iterdir()) == []
    assert (tmp_path / "staging").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "staging" / "p-1").stat().st_mode & 0o777 == 0o700
    staging.release()
    assert {path.name: path.read_bytes() for path in (tmp_path / "answers" / "p-1").iterdir()} == FILES
    assert [path.name for path in (tmp_path / "staging").iterdir()] == [RELEASED]


def test_every_file_has_one_time_and_no_more_readers_than_the_group(tmp_path: Path) -> None:
    released = release(tmp_path)
    for path in (released, *released.iterdir()):
        status = path.stat()
        assert status.st_mtime_ns == int(NOON.timestamp()) * 10**9
        assert status.st_mode & 0o777 == (0o750 if path == released else 0o640)


def test_what_a_killed_run_left_is_gone_at_the_next_whatever_its_package(tmp_path: Path) -> None:
    outbox = DirectoryOutbox(tmp_path / "answers", tmp_path / "staging")
    outbox.stage("killed", NOON).put("a.p7m", b"sealed")
    outbox.stage("p-1", NOON)
    assert [path.name for path in (tmp_path / "staging").iterdir()] == ["p-1"]


def test_an_equal_release_changes_nothing_and_keeps_its_proof(tmp_path: Path) -> None:
    released = release(tmp_path)
    release(tmp_path, FILES | {PROOF: b"proof to a later checkpoint"})
    assert (released / PROOF).read_bytes() == b"proof"
    assert [path.name for path in (tmp_path / "staging").iterdir()] == [RELEASED]


@pytest.mark.parametrize("other", [{ANSWERS: b"[]"}, {"b.p7m": b"sealed"}])
def test_another_release_of_the_same_package_is_refused(tmp_path: Path, other: dict[str, bytes]) -> None:
    released = release(tmp_path)
    with pytest.raises(OperationalError, match="Other answers were released"):
        release(tmp_path, FILES | other)
    assert {path.name: path.read_bytes() for path in released.iterdir()} == FILES


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


@pytest.mark.parametrize("lost", [["p-1"], ["p-1/a.p7m"], ["p-1/a.p7m", f"p-1/{PROOF}"]])
def test_lost_answers_are_released_again_byte_for_byte(lost: list[str], tmp_path: Path) -> None:
    released = release(tmp_path)
    outbox = DirectoryOutbox(tmp_path / "answers", tmp_path / "staging")
    assert outbox.is_complete("p-1")
    for name in lost:
        path = tmp_path / "answers" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert not outbox.is_complete("p-1")
    outbox.release_again("p-1")
    assert outbox.is_complete("p-1")
    assert {path.name: path.read_bytes() for path in released.iterdir()} == FILES
    for path in (released, *released.iterdir()):
        assert path.stat().st_mtime_ns == int(NOON.timestamp()) * 10**9
        assert path.stat().st_mode & 0o777 == (0o750 if path == released else 0o640)


def test_answers_of_which_no_copy_is_left_are_an_error_that_says_what_to_restore(tmp_path: Path) -> None:
    shutil.rmtree(release(tmp_path))
    shutil.rmtree(tmp_path / "staging" / RELEASED / "p-1")
    outbox = DirectoryOutbox(tmp_path / "answers", tmp_path / "staging")
    with pytest.raises(OperationalError, match=r"copy of them\."):
        outbox.release_again("p-1")


def test_where_there_are_no_hard_links_the_kept_answers_are_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path, _target: Path) -> None:
        raise PermissionError(1, "no hard links")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    shutil.rmtree(release(tmp_path))
    DirectoryOutbox(tmp_path / "answers", tmp_path / "staging").release_again("p-1")
    assert {path.name: path.read_bytes() for path in (tmp_path / "answers" / "p-1").iterdir()} == FILES
