"""The offline verifier finds whatever was done to a log."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.base.errors import ConfigurationError, LogInconsistentError, ProofError
from narrowgate.core.log.checkpoint import Checkpoint, cosign, sign_checkpoint
from narrowgate.core.log.merkle import leaf_hash, root
from narrowgate.core.log.note import COSIGNATURE_V1, NoteSigner
from narrowgate.core.log.tiles import encode_bundle
from narrowgate.verify.log_directory import verify_log
from support.log_world import OTHER_SIGNER, SIGNER, make_log, numbered

KEY = str(SIGNER.key)


def small_log(directory: Path) -> Path:
    make_log(directory, [3, 7])
    return directory


def all_files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


@pytest.mark.parametrize("sizes", [[], [1], [255, 256, 257], [3, 600], [65_536 + 300]])
def test_an_honest_log_verifies_with_and_without_a_given_key(tmp_path: Path, sizes: list[int]) -> None:
    make_log(tmp_path, sizes)
    given, found = verify_log(tmp_path, KEY), verify_log(tmp_path)
    assert given.size == found.size == (sizes or [0])[-1]
    assert given.root == root([leaf_hash(leaf) for leaf in numbered(0, given.size)]).hex()
    assert (given.key_given, found.key_given) == (True, False)
    assert given.leaf_bytes == sum(map(len, numbered(0, given.size)))
    assert given.unfinished == given.unknown_signatures == 0


def test_the_report_says_what_was_checked_against_which_key(tmp_path: Path) -> None:
    report = verify_log(small_log(tmp_path))
    assert json.loads(json.dumps(asdict(report)))["size"] == 7
    text = str(report)
    assert "7 leaves" in text
    assert KEY in text
    assert "compare it with the published one" in text


def test_every_flipped_bit_of_every_file_is_found(tmp_path: Path) -> None:
    log = small_log(tmp_path)
    flipped = 0
    for path in all_files(log):
        data = path.read_bytes()
        for position in range(len(data)):
            changed = bytearray(data)
            changed[position] ^= 1 << position % 8
            path.write_bytes(changed)
            with pytest.raises(LogInconsistentError):
                verify_log(log)
            flipped += 1
        path.write_bytes(data)
    assert flipped == sum(path.stat().st_size for path in all_files(log))
    verify_log(log)


@pytest.mark.parametrize("size", [7, 256, 300])
def test_every_truncated_lengthened_or_swapped_file_is_found(tmp_path: Path, size: int) -> None:
    make_log(tmp_path, [3, size])
    paths = all_files(tmp_path)
    for path in paths:
        data = path.read_bytes()
        for changed in (data[:-1], b"", data + b"\0", data + data):
            path.write_bytes(changed)
            with pytest.raises(LogInconsistentError):
                verify_log(tmp_path)
        for other in paths:
            if other.read_bytes() != data and other != path:
                path.write_bytes(other.read_bytes())
                with pytest.raises(LogInconsistentError):
                    verify_log(tmp_path)
        path.write_bytes(data)


def test_every_removed_file_of_the_last_checkpoint_is_found_and_named(tmp_path: Path) -> None:
    make_log(tmp_path, [600])
    for path in all_files(tmp_path):
        data = path.read_bytes()
        path.unlink()
        with pytest.raises(LogInconsistentError, match="missing") as caught:
            verify_log(tmp_path)
        assert caught.value.where == str(path)
        path.write_bytes(data)


def test_a_flipped_leaf_is_named(tmp_path: Path) -> None:
    make_log(tmp_path, [300])
    path = tmp_path / "tile/entries/001.p/44"
    data = bytearray(path.read_bytes())
    data[2] ^= 1
    path.write_bytes(data)
    with pytest.raises(LogInconsistentError, match="Leaf 256"):
        verify_log(tmp_path, KEY)


def test_an_older_partial_tile_must_be_the_beginning_of_the_newer_one(tmp_path: Path) -> None:
    log = small_log(tmp_path)
    for name in ("tile/0/000.p/3", "tile/entries/000.p/3"):
        data = (log / name).read_bytes()
        (log / name).write_bytes(data[:-1] + b"!")
        with pytest.raises(LogInconsistentError, match=r"000\.p/3"):
            verify_log(log)
        (log / name).write_bytes(data)


def test_a_file_that_belongs_to_no_log_is_found(tmp_path: Path) -> None:
    log = small_log(tmp_path)
    for name in ("notes.txt", "tile/notes", "tile/0/00", "checkpoint.bak"):
        (log / name).write_text("x")
        with pytest.raises(LogInconsistentError, match="does not belong"):
            verify_log(log)
        (log / name).unlink()
    (log / "tile/0/001").symlink_to(log / "tile/0/000.p/3")
    with pytest.raises(LogInconsistentError, match="Neither"):
        verify_log(log)


def rewrite(log: Path, leaves: list[bytes]) -> None:
    """What an administrator can do who has the disk but not the key: leaves and tiles that fit each other."""
    width = len(leaves)
    (log / f"tile/entries/000.p/{width}").write_bytes(encode_bundle(leaves))
    (log / f"tile/0/000.p/{width}").write_bytes(b"".join(map(leaf_hash, leaves)))


@pytest.mark.parametrize("edit", ["change", "reorder", "shorten"])
def test_leaves_rewritten_together_with_their_tiles_are_found(tmp_path: Path, edit: str) -> None:
    make_log(tmp_path, [7])
    leaves = numbered(0, 7)
    if edit == "change":
        leaves[4] = b"leaf X"
    elif edit == "reorder":
        leaves[4], leaves[5] = leaves[5], leaves[4]
    else:
        leaves[6] = b""
    rewrite(tmp_path, leaves)
    with pytest.raises(LogInconsistentError, match="another root"):
        verify_log(tmp_path)


def test_a_log_signed_anew_by_another_key_verifies_only_without_the_given_key(tmp_path: Path) -> None:
    make_log(tmp_path, [7], OTHER_SIGNER)
    verify_log(tmp_path)
    with pytest.raises(LogInconsistentError, match="not the key given"):
        verify_log(tmp_path, KEY)


def test_a_rollback_is_found_with_an_earlier_checkpoint(tmp_path: Path) -> None:
    checkpoints = make_log(tmp_path / "log", [3, 7])
    shutil.copytree(tmp_path / "log", tmp_path / "old")
    (tmp_path / "old" / "checkpoint").write_text(checkpoints[1], encoding="utf-8")
    assert verify_log(tmp_path / "old", KEY).size == 3
    with pytest.raises(LogInconsistentError, match="rolled back"):
        verify_log(tmp_path / "old", KEY, checkpoints[2])


def test_a_fork_is_found_with_an_earlier_checkpoint(tmp_path: Path) -> None:
    checkpoints = make_log(tmp_path / "one", [3])
    with TileLog.create(tmp_path / "two", SIGNER) as log:
        log.append(numbered(50, 60))
        log.integrate()
    assert verify_log(tmp_path / "two", KEY).size == 10
    with pytest.raises(LogInconsistentError, match="forked"):
        verify_log(tmp_path / "two", KEY, checkpoints[-1])


def test_a_log_continues_each_of_its_earlier_checkpoints(tmp_path: Path) -> None:
    for checkpoint in make_log(tmp_path, [1, 3, 256, 300, 513]):
        report = verify_log(tmp_path, KEY, checkpoint)
        assert report.continues == int(checkpoint.split("\n")[1])
    assert "continues the earlier checkpoint of 513" in str(report)


def test_an_earlier_checkpoint_must_itself_be_signed(tmp_path: Path) -> None:
    checkpoints = make_log(tmp_path, [3, 7])
    with pytest.raises(ProofError):
        verify_log(tmp_path, KEY, checkpoints[1].replace("\n3\n", "\n4\n"))


def test_a_signed_checkpoint_of_a_false_root_is_found(tmp_path: Path) -> None:
    make_log(tmp_path, [7])
    false = sign_checkpoint(Checkpoint("example.test/log", 7, bytes(32)), SIGNER)
    (tmp_path / "checkpoint").write_text(false, encoding="utf-8")
    with pytest.raises(LogInconsistentError, match="another root"):
        verify_log(tmp_path)


def test_files_of_an_interrupted_append_are_reported_and_no_part_of_the_log(tmp_path: Path) -> None:
    log = small_log(tmp_path)
    (log / "tile/0/000.p/9").write_bytes(b"x")
    (log / "tile/entries/000.p/9.new").write_bytes(b"x")
    (log / "checkpoint.new").write_bytes(b"x")
    report = verify_log(log)
    assert report.unfinished == 3
    assert "FINDING: 3 files lie beyond the checkpoint" in str(report)
    TileLog.open(log, SIGNER).close()
    report = verify_log(log)
    assert (report.unfinished, report.set_aside) == (0, 3)
    assert "FINDING: 3 files lay beyond the checkpoint when a gate opened the log" in str(report)


def test_cosignatures_of_unknown_witnesses_are_counted_not_believed(tmp_path: Path) -> None:
    log = small_log(tmp_path)
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signer = NoteSigner.ed25519("w.test", key, COSIGNATURE_V1)
    path = log / "checkpoint"
    path.write_text(cosign(path.read_text(encoding="utf-8"), signer, 1), encoding="utf-8")
    report = verify_log(log, KEY)
    assert report.unknown_signatures == 1
    assert "1 further signatures not verified" in str(report)


def test_a_key_that_is_none_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        verify_log(small_log(tmp_path), "not a key")


def test_a_directory_that_is_no_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogInconsistentError, match="missing"):
        verify_log(tmp_path)
    (tmp_path / "log.vkey").mkdir()
    with pytest.raises(LogInconsistentError, match="not a regular file"):
        verify_log(tmp_path)
