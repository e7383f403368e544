"""The file that says where leaves lie is the same however it came about, and is never believed about another log."""

from __future__ import annotations

from pathlib import Path

import pytest

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.base.errors import LogInconsistentError, UsageError
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.merkle import leaf_hash
from narrowgate.core.log.note import NoteSigner
from narrowgate.core.log.tiles import ENTRIES, Tile, encode_bundle
from narrowgate.verify.entries import LogEntries
from narrowgate.verify.leaf_index import LeafIndex, continued, index_of_log, read_index, written
from support.governance import LOG_SIGNER
from support.inspected_log import InspectedLog


def leaves() -> list[bytes]:
    log = InspectedLog.in_force()
    for number in range(5):
        log.package(f"p-many-{number:04}", 150)
    return log.leaves


def save(directory: Path, some: list[bytes], signer: NoteSigner = LOG_SIGNER) -> tuple[Path, Checkpoint]:
    with TileLog.create(directory, signer) as log:
        log.append(some)
        log.integrate()
    return directory, LogEntries(directory).checkpoint


@pytest.mark.parametrize("cut", [0, 1, 5, 255, 256, 400, 773])
def test_an_index_that_goes_on_is_the_one_made_anew(tmp_path: Path, cut: int) -> None:
    before = index_of_log(*save(tmp_path / "before", leaves()[:cut]), 1)
    directory, checkpoint = save(tmp_path / "log", leaves())
    assert written(continued(before, directory, checkpoint)) == written(
        index_of_log(directory, checkpoint, 1)
    )


def test_it_names_every_leaf_of_a_package_but_the_items_after_the_first(tmp_path: Path) -> None:
    index = index_of_log(*save(tmp_path / "log", leaves()), 1)
    assert index.leaves_of("p-many-0001") == [158, 159, 309, 310]
    assert index.leaves_of("") == [0, 1, 2, 3, 4]
    assert index.leaves_of("p-none-0000") == []


def test_an_index_of_other_leaves_or_of_more_is_refused(tmp_path: Path) -> None:
    directory, checkpoint = save(tmp_path / "log", leaves())
    index = index_of_log(directory, checkpoint, 1)
    other = leaves()
    other[10] = other[11]
    forked = index_of_log(*save(tmp_path / "forked", other), 1)
    shorter = save(tmp_path / "shorter", leaves()[:-1])
    for wrong, log in ((forked, (directory, checkpoint)), (index, shorter)):
        with pytest.raises(LogInconsistentError):
            continued(wrong, *log)


def test_new_leaves_that_are_not_those_signed_are_refused(tmp_path: Path) -> None:
    before = index_of_log(*save(tmp_path / "before", leaves()[:600]), 1)
    directory, checkpoint = save(tmp_path / "log", leaves())
    tile = Tile(ENTRIES, 3, len(leaves()) - 768)
    changed = leaves()[768:]
    changed[1] = changed[0]
    (directory / tile.path).write_bytes(encode_bundle(changed))
    hashes = Tile(0, 3, tile.width)
    (directory / hashes.path).write_bytes(b"".join(map(leaf_hash, changed)))
    with pytest.raises(LogInconsistentError):
        continued(before, directory, checkpoint)


def test_a_damaged_file_is_no_index(tmp_path: Path) -> None:
    data = written(index_of_log(*save(tmp_path / "log", leaves()), 1))
    file = tmp_path / "leaves"
    for damaged in (b"", b"x", data[:-1], data[:-24], data[:-1] + b"\0", b"{}\n", b"[]\n" + data):
        file.write_bytes(damaged)
        with pytest.raises(UsageError):
            read_index(file)
    file.write_bytes(data)
    assert isinstance(read_index(file), LeafIndex)
