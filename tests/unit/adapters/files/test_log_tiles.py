"""The log on disk: what is acknowledged stays, what is not leaves no trace."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from narrowgate.adapters.files import durable_files, tile_files
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.base.errors import ConfigurationError, LogInconsistentError, OperationalError, ProofError
from narrowgate.core.log.checkpoint import verify_checkpoint
from narrowgate.core.log.merkle import leaf_hash, root, verify_inclusion
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.tiles import bundle_leaves
from support.log_world import OTHER_SIGNER, SIGNER, make_log, numbered


def files(directory: Path) -> dict[str, bytes]:
    return {str(p.relative_to(directory)): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


def test_a_new_log_states_that_it_is_empty_and_shows_its_key(tmp_path: Path) -> None:
    make_log(tmp_path, [])
    key = VerifierKey.parse((tmp_path / "log.vkey").read_text().rstrip("\n"))
    checkpoint = verify_checkpoint((tmp_path / "checkpoint").read_text(encoding="utf-8"), key)
    assert (checkpoint.size, checkpoint.root) == (0, root([]))
    assert sorted(files(tmp_path)) == ["checkpoint", "log.vkey"]


@pytest.mark.parametrize("sizes", [[1], [255], [256], [257], [3, 256, 300], [1, 2, 3, 600]])
def test_leaves_come_back_in_order_with_proofs(tmp_path: Path, sizes: list[int]) -> None:
    make_log(tmp_path, sizes)
    leaves = numbered(0, sizes[-1])
    with TileLog.open(tmp_path, SIGNER) as log:
        checkpoint = verify_checkpoint(log.checkpoint(), SIGNER.key)
        assert checkpoint.root == root([leaf_hash(leaf) for leaf in leaves])
        assert list(log.leaves(0, log.size())) == leaves
        for index in (0, len(leaves) // 2, len(leaves) - 1):
            assert log.read_leaf(index) == leaves[index]
            verify_inclusion(leaf_hash(leaves[index]), index, log.size(), log.proof(index), checkpoint.root)


def test_the_files_depend_on_the_leaves_and_checkpoints_only(tmp_path: Path) -> None:
    make_log(tmp_path / "one", [3, 600])
    with TileLog.create(tmp_path / "two", SIGNER) as log:
        for leaf in numbered(0, 3):
            log.append([leaf])
        log.integrate()
    with TileLog.open(tmp_path / "two", SIGNER) as log:
        for start in range(3, 600, 100):
            log.append(iter(numbered(start, min(600, start + 100))))
        log.integrate()
    assert files(tmp_path / "one") == files(tmp_path / "two")


@pytest.mark.parametrize("begun", [0, 3, 255, 256])
def test_leaves_bundled_by_others_make_the_same_log(tmp_path: Path, begun: int) -> None:
    make_log(tmp_path / "one", [begun, 700])
    make_log(tmp_path / "two", [begun])
    leaves = numbered(begun, 700)
    with TileLog.open(tmp_path / "two", SIGNER) as log:
        room = 256 - begun % 256
        starts = [0, *range(room, len(leaves), 256)]
        ends = [*starts[1:], len(leaves)]
        assert log.append_bundled(
            bundle_leaves(leaves[a:b]) for a, b in zip(starts, ends, strict=True)
        ) == range(begun, 700)
        log.integrate()
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_leaves_that_reach_beyond_their_bundle_are_not_written(tmp_path: Path) -> None:
    make_log(tmp_path, [3])
    before = files(tmp_path)
    with TileLog.open(tmp_path, SIGNER) as log:
        with pytest.raises(OperationalError, match="do not lie in the bundle"):
            log.append_bundled([bundle_leaves(numbered(3, 257))])
        with pytest.raises(OperationalError, match="failed before"):
            log.integrate()
    assert files(tmp_path) == before


@pytest.mark.parametrize(("start", "end"), [(0, 600), (0, 1), (1, 300), (300, 301), (301, 600), (599, 600)])
def test_the_acts_of_a_stretch_are_found_among_its_leaves(tmp_path: Path, start: int, end: int) -> None:
    leaves = numbered(0, 600)
    for place in (0, 255, 300, 599):
        leaves[place] = b'{"type":"act","place":%d}' % place
    make_log(tmp_path, [])
    with TileLog.open(tmp_path, SIGNER) as log:
        log.append(leaves)
        log.integrate()
        assert list(log.acts(start, end)) == [
            leaf for leaf in leaves[start:end] if leaf.startswith(b'{"type"')
        ]


def test_files_that_are_written_several_at_a_time_are_those_written_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_log(tmp_path / "several", [10_000])
    monkeypatch.setattr(tile_files, "_AT_ONCE", 1_000)
    make_log(tmp_path / "one", [10_000])
    assert files(tmp_path / "several") == files(tmp_path / "one")
    assert len(files(tmp_path / "one")) > tile_files._MOST_WAITING


def test_a_fenced_writer_writes_several_files_of_one_name_at_a_time(tmp_path: Path) -> None:
    make_log(tmp_path / "log", [])
    with TileLog.open(tmp_path / "log", SIGNER, fence=OnlyWriter()) as log:
        log.append(numbered(0, 10_000))
        log.integrate()
    make_log(tmp_path / "other", [10_000])
    fenced = {name: data for name, data in files(tmp_path / "log").items() if "writing" not in name}
    assert fenced == files(tmp_path / "other")


class OnlyWriter:
    """A fence that nobody overtakes."""

    epoch = 1

    def authorized(self) -> None:
        """Nothing was."""

    def authorize(self, checkpoint: str) -> None:
        """It may."""


def test_a_partial_bundle_has_the_specified_path_and_bytes(tmp_path: Path) -> None:
    make_log(tmp_path, [2])
    content = files(tmp_path)
    assert content["tile/entries/000.p/2"] == b"\x00\x06leaf 0\x00\x07leaf 1."
    assert content["tile/0/000.p/2"] == b"".join(map(leaf_hash, numbered(0, 2)))


def test_leaves_that_were_not_integrated_are_set_aside_and_never_deleted(tmp_path: Path) -> None:
    make_log(tmp_path, [3])
    before = files(tmp_path)
    with TileLog.open(tmp_path, SIGNER) as log:
        assert log.append(numbered(100, 900)) == range(3, 803)
        assert log.size() == 3
    (tmp_path / "checkpoint.new").write_bytes(b"torn")
    left = {name: data for name, data in files(tmp_path).items() if name not in before}
    assert len(left) > 3
    with TileLog.open(tmp_path, SIGNER) as log:
        assert log.set_aside == len(left)
    assert files(tmp_path) == before | {f"aside/1/{name}": data for name, data in left.items()}
    (tmp_path / "tile/0/000.p/9").write_bytes(b"torn again")
    TileLog.open(tmp_path, SIGNER).close()
    assert files(tmp_path)["aside/2/tile/0/000.p/9"] == b"torn again"


def test_integrating_nothing_changes_nothing(tmp_path: Path) -> None:
    make_log(tmp_path, [3])
    before = files(tmp_path)
    with TileLog.open(tmp_path, SIGNER) as log:
        assert log.append([]) == range(3, 3)
        assert log.integrate() == log.checkpoint()
    assert files(tmp_path) == before


def test_a_log_has_one_writer(tmp_path: Path) -> None:
    make_log(tmp_path, [1])
    with TileLog.open(tmp_path, SIGNER), pytest.raises(OperationalError, match="Another process"):
        TileLog.open(tmp_path, SIGNER)
    TileLog.open(tmp_path, SIGNER).close()


def test_a_directory_with_anything_in_it_does_not_become_a_log(tmp_path: Path) -> None:
    make_log(tmp_path / "log", [1])
    with pytest.raises(ConfigurationError):
        TileLog.create(tmp_path / "log", SIGNER)
    with pytest.raises(ConfigurationError):
        TileLog.create(tmp_path, SIGNER)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log"]


def test_an_interrupted_creation_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "log.vkey").write_bytes(b"torn")
    (tmp_path / "checkpoint.new").write_bytes(b"torn")
    make_log(tmp_path, [1])
    assert not (tmp_path / "checkpoint.new").exists()


def test_a_directory_without_a_checkpoint_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(LogInconsistentError, match="missing"):
        TileLog.open(tmp_path, SIGNER)
    with pytest.raises(OperationalError):
        TileLog.open(tmp_path / "absent", SIGNER)


def test_another_key_does_not_open_the_log(tmp_path: Path) -> None:
    make_log(tmp_path, [1])
    with pytest.raises(LogInconsistentError):
        TileLog.open(tmp_path, OTHER_SIGNER)
    (tmp_path / "log.vkey").write_text(f"{OTHER_SIGNER.key}\n")
    with pytest.raises(LogInconsistentError, match="not the signer's"):
        TileLog.open(tmp_path, SIGNER)


@pytest.mark.parametrize("name", ["tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1", "checkpoint"])
@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_damaged_end_of_the_log_is_not_appended_to(tmp_path: Path, name: str, damage: str) -> None:
    make_log(tmp_path, [300])
    path = tmp_path / name
    data = bytearray(path.read_bytes())
    if damage == "remove":
        path.unlink()
    else:
        data[-3] ^= 1
        path.write_bytes(data if damage == "flip" else data[:-3])
    with pytest.raises(LogInconsistentError):
        TileLog.open(tmp_path, SIGNER)


@pytest.mark.parametrize("name", ["tile/entries/000", "tile/0/000"])
def test_the_last_full_bundle_is_checked_where_no_partial_one_follows(tmp_path: Path, name: str) -> None:
    make_log(tmp_path, [256])
    data = bytearray((tmp_path / name).read_bytes())
    data[5] ^= 1
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LogInconsistentError):
        TileLog.open(tmp_path, SIGNER)


def test_a_foreign_file_in_the_log_is_not_removed_but_reported(tmp_path: Path) -> None:
    make_log(tmp_path, [3])
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(LogInconsistentError, match="does not belong"):
        TileLog.open(tmp_path, SIGNER)
    assert (tmp_path / "notes.txt").exists()


def test_no_file_of_other_content_is_overwritten(tmp_path: Path) -> None:
    make_log(tmp_path, [3])
    with TileLog.open(tmp_path, SIGNER) as log:
        (tmp_path / "tile/0/000.p/4").write_bytes(bytes(128))
        log.append([b"x"])
        with pytest.raises(LogInconsistentError, match="overwritten"):
            log.integrate()
    assert (tmp_path / "tile/0/000.p/4").read_bytes() == bytes(128)


def torn() -> Iterator[bytes]:
    yield b"first"
    raise ValueError("the source failed")


def test_a_batch_whose_source_fails_does_not_enter_by_halves(tmp_path: Path) -> None:
    make_log(tmp_path, [3])
    with TileLog.open(tmp_path, SIGNER) as log:
        with pytest.raises(ValueError, match="source"):
            log.append(torn())
        with pytest.raises(OperationalError, match="failed before"):
            log.integrate()
    with TileLog.open(tmp_path, SIGNER) as log:
        assert log.size() == 3


def test_a_leaf_too_long_for_a_bundle_is_refused(tmp_path: Path) -> None:
    make_log(tmp_path, [3])
    with TileLog.open(tmp_path, SIGNER) as log:
        with pytest.raises(OperationalError, match="longer than 65,535 bytes"):
            log.append([bytes(65_536)])
        with pytest.raises(OperationalError, match="failed before"):
            log.integrate()
    with TileLog.open(tmp_path, SIGNER) as log:
        assert log.size() == 3


def test_after_a_failed_sync_nothing_more_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_log(tmp_path, [3])

    def failing(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with TileLog.open(tmp_path, SIGNER) as log:
        log.append([b"x"])
        monkeypatch.setattr(durable_files.os, "fsync", failing)
        with pytest.raises(OperationalError, match="write the file"):
            log.integrate()
        monkeypatch.undo()
        with pytest.raises(OperationalError, match="failed before"):
            log.integrate()
        with pytest.raises(OperationalError, match="failed before"):
            log.append([b"y"])
        assert log.size() == 3


def test_a_place_where_no_directory_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OperationalError, match="file/log"):
        TileLog.create(tmp_path / "file" / "log", SIGNER)


def test_a_closed_log_takes_nothing(tmp_path: Path) -> None:
    make_log(tmp_path, [3])
    log = TileLog.open(tmp_path, SIGNER)
    log.close()
    log.close()
    with pytest.raises(OperationalError):
        log.append([b"x"])


def test_leaves_outside_the_checkpoint_are_not_read(tmp_path: Path) -> None:
    make_log(tmp_path, [3])
    with TileLog.open(tmp_path, SIGNER) as log:
        log.append([b"x"])
        with pytest.raises(ProofError):
            log.read_leaf(3)
        with pytest.raises(ProofError):
            log.proof(3)
