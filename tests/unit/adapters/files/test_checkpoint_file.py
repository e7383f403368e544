"""The second place of a log: the log starts on neither less nor other than it knows, and recovers by itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from narrowgate.adapters.files import log_tiles
from narrowgate.adapters.files.checkpoint_file import CheckpointFile
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.base.errors import ConfigurationError, LogInconsistentError, OperationalError, ProofError
from narrowgate.core.log.kept_checkpoints import kept_checkpoints, last_kept
from narrowgate.verify.log_directory import verify_log
from support.log_world import OTHER_SIGNER, SIGNER, numbered


class Killed(BaseException):
    """The process ends here."""


def grown(directory: Path, *sizes: int, tag: int = 0) -> TileLog:
    """A log with its second place, grown to each size, open."""
    keeper = CheckpointFile(directory / "checkpoints")
    log = TileLog.create(directory / "log", SIGNER, keeper)
    for size in sizes:
        log.append(numbered(tag + log.size(), tag + size))
        log.integrate()
    return log


def opened(directory: Path) -> TileLog:
    return TileLog.open(directory / "log", SIGNER, CheckpointFile(directory / "checkpoints"))


def copy(directory: Path, name: str) -> Path:
    kept = directory.parent / name
    shutil.copytree(directory, kept)
    return kept


def restore(source: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_every_checkpoint_is_kept_in_order(home: Path) -> None:
    with grown(home, 3, 300) as log:
        texts = [log.checkpoint()]
    kept = kept_checkpoints((home / "checkpoints").read_text(encoding="utf-8"), SIGNER.key)
    assert [checkpoint.size for _, checkpoint in kept] == [0, 3, 300]
    assert kept[-1][0] == texts[-1] == (home / "log" / "checkpoint").read_text(encoding="utf-8")
    report = verify_log(home / "log", str(SIGNER.key), (home / "checkpoints").read_text(encoding="utf-8"))
    assert report.continues == 300


@pytest.mark.parametrize("sizes", [(3, 5), (3, 300), (255, 256, 600), (1, 70_000)])
def test_a_log_put_back_is_refused(home: Path, sizes: tuple[int, ...]) -> None:
    grown(home, *sizes[:-1]).close()
    old = copy(home, "old")
    with opened(home) as log:
        log.append(numbered(sizes[-2], sizes[-1]))
        log.integrate()
    restore(old / "log", home / "log")
    before = sorted(home.rglob("*"))
    with pytest.raises(LogInconsistentError, match=f"has {sizes[-2]} leaves .* knows {sizes[-1]}"):
        opened(home)
    assert sorted(home.rglob("*")) == before


def test_an_old_checkpoint_with_the_newer_tiles_is_no_way_back(home: Path) -> None:
    """Before, everything beyond it was taken for an interrupted append and deleted."""
    grown(home, 3).close()
    old = (home / "log" / "checkpoint").read_bytes()
    with opened(home) as log:
        log.append(numbered(3, 700))
        newest = log.integrate()
    (home / "log" / "checkpoint").write_bytes(old)
    with opened(home) as log:
        assert (log.completed, log.set_aside, log.checkpoint()) == (697, 0, newest)
        assert list(log.leaves(0, 700)) == numbered(0, 700)
    assert verify_log(home / "log", str(SIGNER.key)).findings == ()


@pytest.mark.parametrize(
    "name", ["tile/entries/001", "tile/0/001", "tile/1/000.p/2", "tile/entries/002.p/188", "tile/0/002.p/188"]
)
@pytest.mark.parametrize("damage", ["flip", "remove"])
def test_a_log_put_back_with_tiles_that_differ_is_refused(home: Path, name: str, damage: str) -> None:
    grown(home, 300).close()
    old = (home / "log" / "checkpoint").read_bytes()
    with opened(home) as log:
        log.append(numbered(300, 700))
        log.integrate()
    (home / "log" / "checkpoint").write_bytes(old)
    path = home / "log" / name
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    if damage == "flip":
        path.write_bytes(data)
    else:
        path.unlink()
    with pytest.raises(LogInconsistentError):
        opened(home)
    assert (home / "log" / "checkpoint").read_bytes() == old


def test_a_second_place_put_back_is_refused(home: Path) -> None:
    grown(home, 3).close()
    old = (home / "checkpoints").read_bytes()
    with opened(home) as log:
        log.append(numbered(3, 5))
        log.integrate()
    for content in (old, b"", b"nothing of a log"):
        (home / "checkpoints").write_bytes(content)
        with pytest.raises(LogInconsistentError, match="has 5 leaves where its second place knows"):
            opened(home)
    (home / "checkpoints").unlink()
    with pytest.raises(LogInconsistentError, match="knows none"):
        opened(home)


def test_another_branch_is_refused(home: Path, tmp_path: Path) -> None:
    grown(home, 3).close()
    (tmp_path / "other").mkdir()
    grown(tmp_path / "other", 3, tag=50).close()
    restore(tmp_path / "other" / "checkpoints", home / "checkpoints")
    with pytest.raises(LogInconsistentError, match="does not hold the 3 leaves"):
        opened(home)


def test_another_longer_branch_is_refused(home: Path, tmp_path: Path) -> None:
    grown(home, 3).close()
    (tmp_path / "other").mkdir()
    grown(tmp_path / "other", 3, 9, tag=50).close()
    restore(tmp_path / "other" / "checkpoints", home / "checkpoints")
    for name in ("tile/0/000.p/9", "tile/entries/000.p/9"):
        shutil.copyfile(tmp_path / "other" / "log" / name, home / "log" / name)
    with pytest.raises(LogInconsistentError):
        opened(home)


def test_a_changed_or_foreign_last_checkpoint_is_refused(home: Path) -> None:
    grown(home, 3).close()
    path = home / "checkpoints"
    text = path.read_text(encoding="utf-8")
    foreign = text.replace(SIGNER.key.name, "another.test/log")
    for changed in (text[:-8] + "AAAA==\n\n", foreign):
        path.write_text(changed, encoding="utf-8")
        with pytest.raises(LogInconsistentError, match="another checkpoint than the log ever signed"):
            opened(home)


def test_an_appending_cut_off_anywhere_is_passed_over(home: Path) -> None:
    """Half a checkpoint in the second place was never acknowledged; the next one is read all the same."""
    with grown(home, 3) as log:
        log.append(numbered(3, 5))
        newest = log.integrate()
    whole = (home / "checkpoints").read_bytes()
    for cut in range(len(newest.encode()) - 1):
        (home / "checkpoints").write_bytes(whole + newest.encode()[:cut])
        with opened(home) as log:
            assert log.size() == 5
    (home / "checkpoints").write_bytes(whole + newest.encode()[:40])
    with opened(home) as log:
        log.append([b"one more"])
        log.integrate()
    with opened(home) as log:
        assert log.size() == 6


def killed(*_: object) -> None:
    raise Killed


@pytest.mark.parametrize("at", ["before the second place knows", "after it knows"])
def test_an_append_cut_off_recovers_by_itself(home: Path, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log = grown(home, 3)
    log.append(numbered(3, 300))
    if at == "before the second place knows":
        monkeypatch.setattr(CheckpointFile, "keep", killed)
    else:
        monkeypatch.setattr(log_tiles.TileLog, "_publish", killed)
    with pytest.raises(Killed):
        log.integrate()
    log.close()
    monkeypatch.undo()
    with opened(home) as log:
        if at == "before the second place knows":
            assert (log.size(), log.completed, log.set_aside > 0) == (3, 0, True)
        else:
            assert (log.size(), log.completed, log.set_aside) == (300, 297, 0)
        log.append(numbered(log.size(), 400))
        log.integrate()
        assert list(log.leaves(0, 400)) == numbered(0, 400)
    assert verify_log(home / "log", str(SIGNER.key)).unfinished == 0


def test_a_second_place_that_cannot_be_written_stops_the_log(home: Path) -> None:
    with grown(home, 3) as log:
        log.append([b"x"])
        (home / "checkpoints").unlink()
        (home / "checkpoints").mkdir()
        with pytest.raises(OperationalError, match="second place"):
            log.integrate()
        with pytest.raises(OperationalError, match="failed before"):
            log.integrate()
    assert verify_log(home / "log", str(SIGNER.key)).size == 3


def test_a_new_log_takes_no_second_place_that_knows_another(home: Path, tmp_path: Path) -> None:
    grown(home, 3).close()
    with pytest.raises(ConfigurationError, match="knows a log with leaves"):
        TileLog.create(tmp_path / "new", SIGNER, CheckpointFile(home / "checkpoints"))
    with pytest.raises(LogInconsistentError):
        TileLog.create(tmp_path / "newer", OTHER_SIGNER, CheckpointFile(home / "checkpoints"))


def test_a_copy_of_a_checkpoint_is_a_second_place(home: Path) -> None:
    grown(home, 3).close()
    restore(home / "log" / "checkpoint", home / "checkpoints")
    with opened(home) as log:
        log.append([b"x"])
        log.integrate()
    with opened(home) as log:
        assert log.size() == 4


@pytest.mark.parametrize("order", [lambda texts: texts, lambda texts: texts[::-1]])
def test_all_kept_checkpoints_count_and_only_the_last_must_be_whole(
    home: Path, order: Callable[[list[str]], list[str]]
) -> None:
    grown(home, 3, 9).close()
    kept = kept_checkpoints((home / "checkpoints").read_text(encoding="utf-8"), SIGNER.key)
    data = "\n".join(order([text for text, _ in kept]))
    assert verify_log(home / "log", str(SIGNER.key), data).continues == 9
    for other in ("", "no checkpoint", data[:-5] + "AA=\n"):
        with pytest.raises(ProofError):
            verify_log(home / "log", str(SIGNER.key), other)


def test_the_last_kept_checkpoint_is_the_last_that_says_anything_new(home: Path) -> None:
    grown(home, 3, 9).close()
    first, _, last = (text for text, _ in kept_checkpoints((home / "checkpoints").read_text(), SIGNER.key))
    broken = first[:-9] + "AAAAAAA=\n"
    for texts in product((first, last, broken), repeat=4):
        data = "\n".join(texts)
        if texts[-1] == broken:
            with pytest.raises(ProofError):
                last_kept(data, SIGNER.key)
            continue
        kept = kept_checkpoints(data, SIGNER.key)
        new = [each for number, each in enumerate(kept) if each not in kept[:number]]
        assert last_kept(data, SIGNER.key) == new[-1]
    assert last_kept("", SIGNER.key) is None


def leaf(time: str) -> bytes:
    return b'{"package":"p","time":"%s","type":"package-refused"}' % time.encode()


def test_times_in_a_log_never_go_backwards(home: Path) -> None:
    noon, later = "2026-01-02T12:00:00Z", "2026-01-02T12:00:01Z"
    with grown(home, 3) as log:
        log.append([leaf(noon), b"without a time", leaf(noon), leaf(later)])
        log.append(numbered(0, 600))
        log.integrate()
    with opened(home) as log:
        with pytest.raises(OperationalError, match="clock is behind"):
            log.append([leaf(noon)])
        with pytest.raises(OperationalError, match="failed before"):
            log.integrate()
    with opened(home) as log:
        log.append([leaf(later)])
        log.integrate()


def test_a_pipe_is_no_second_place(home: Path) -> None:
    grown(home, 3).close()
    (home / "checkpoints").unlink()
    os.mkfifo(home / "checkpoints")
    with pytest.raises(OperationalError, match="Not a regular file"):
        opened(home)
