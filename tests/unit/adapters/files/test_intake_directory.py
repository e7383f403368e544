from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from narrowgate.adapters.files import intake_directory
from narrowgate.adapters.files.intake_directory import IntakeDirectory, package_home, queued
from narrowgate.core.base.errors import InUseError, UnknownPackageError
from support.handed_over import OFFICE, hand_over, uploads_in
from support.requests import NOW
from support.running_intake import sample_of


def test_packages_that_arrive_at_the_same_moment_each_have_a_place_of_their_own(tmp_path: Path) -> None:
    samples = [sample_of(tmp_path / f"p{number}", b"same moment %d" % number) for number in range(8)]
    with uploads_in(tmp_path) as uploads:
        for one in samples:
            uploads.put_manifest(OFFICE, one.id, one.manifest)
            uploads.put_signature(OFFICE, one.id, one.signature)
            part = uploads.append(OFFICE, one.id, 0)
            part.write(one.rows)
            part.finish()
        with ThreadPoolExecutor(8) as threads:
            arrived = list(threads.map(lambda one: uploads.arrive(OFFICE, one.id, NOW, None), samples))
        assert sorted(one.number for one in arrived) == list(range(1, 9))
        assert {one.package_id for one in queued(tmp_path / "intake")} == {one.id for one in samples}


def test_the_numbers_go_on_after_a_restart_and_after_the_queue_was_emptied(tmp_path: Path) -> None:
    first = hand_over(tmp_path, sample_of(tmp_path / "a", b"first").directory, NOW)
    with uploads_in(tmp_path) as uploads:
        uploads.settle(first)
        assert list(uploads.queue()) == []
    second = hand_over(tmp_path, sample_of(tmp_path / "b", b"second").directory, NOW)
    assert (first.number, second.number) == (1, 2)
    with uploads_in(tmp_path) as uploads:
        assert uploads.arrival(OFFICE, first.package_id) == first, (
            "the same package again is the same arrival"
        )
        assert not (package_home(tmp_path / "intake", first) / "rows.ndjson").exists()


def test_a_crash_between_queue_and_arrival_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = intake_directory.place

    def stops_at_the_arrival(path: Path, data: bytes) -> None:
        if path.name == "arrival.json":
            raise KeyboardInterrupt
        real(path, data)

    sample = sample_of(tmp_path / "a", b"crash")
    with monkeypatch.context() as patch:
        patch.setattr(intake_directory, "place", stops_at_the_arrival)
        with pytest.raises(KeyboardInterrupt):
            hand_over(tmp_path, sample.directory, NOW)
    assert [one.package_id for one in queued(tmp_path / "intake")] == [sample.id], "it is decided"
    with uploads_in(tmp_path) as uploads:
        again = uploads.arrive(OFFICE, sample.id, NOW, None)
        assert {one.package_id for one in queued(tmp_path / "intake")} == {sample.id}
        for one in list(uploads.queue()):
            uploads.settle(one)
        assert list(uploads.queue()) == []
        assert uploads.arrival(OFFICE, sample.id) == again


def test_an_upload_that_nobody_goes_on_with_is_removed_and_an_arrival_is_not(tmp_path: Path) -> None:
    arrived = hand_over(tmp_path, sample_of(tmp_path / "a", b"arrived").directory, NOW)
    left = sample_of(tmp_path / "b", b"left")
    old = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    with uploads_in(tmp_path) as uploads:
        uploads.put_manifest(OFFICE, left.id, left.manifest)
        home = tmp_path / "intake" / "packages" / OFFICE
        for path in (*home.rglob("*"),):
            os.utime(path, (old, old))
        assert uploads.forget_unfinished(old + 1) == 1
        with pytest.raises(UnknownPackageError):
            uploads.offset(OFFICE, left.id)
        assert uploads.arrival(OFFICE, arrived.package_id) == arrived


def test_one_process_writes_in_the_directory(tmp_path: Path) -> None:
    with uploads_in(tmp_path), pytest.raises(InUseError):
        IntakeDirectory(tmp_path / "intake", 1, 1)
