"""Every leaf of a log is handed on once, in order, and only a log that the checkpoint signs comes to its end."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.log.checkpoint import Checkpoint, verify_checkpoint
from narrowgate.verify import runs
from narrowgate.verify.log_directory import log_key
from narrowgate.verify.runs import over_runs
from support.log_world import make_log, numbered


def joined(start: int, leaves: Sequence[bytes]) -> tuple[int, list[bytes]]:
    return start, list(leaves)


def signed(directory: Path) -> Checkpoint:
    text = (directory / "checkpoint").read_text()
    return verify_checkpoint(text, log_key(directory, None), "checkpoint")


@pytest.fixture(params=[0, 1, 255, 256, 257, 700, 1024])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    make_log(tmp_path / "log", [request.param])
    return tmp_path / "log"


@pytest.mark.parametrize("processes", [1, 2])
def test_every_leaf_comes_once_and_in_order_from_one_process_or_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    monkeypatch.setattr(runs, "RUN", 256)
    monkeypatch.setattr(runs, "IN_ONE_PROCESS", 256)
    make_log(tmp_path / "log", [1300])
    checkpoint = signed(tmp_path / "log")
    found = list(over_runs(tmp_path / "log", checkpoint, joined, processes))
    assert [start for start, _ in found] == list(range(0, 1300, 256))
    assert [leaf for _, leaves in found for leaf in leaves] == numbered(0, 1300)


def test_a_log_of_any_size_ends_with_its_signed_root(log: Path) -> None:
    checkpoint = signed(log)
    leaves = [leaf for _, run in over_runs(log, checkpoint, joined) for leaf in run]
    assert leaves == numbered(0, checkpoint.size)


def test_a_changed_leaf_ends_the_pass_with_an_error(tmp_path: Path) -> None:
    make_log(tmp_path / "log", [300])
    bundle = tmp_path / "log" / "tile/entries/000"
    data = bytearray(bundle.read_bytes())
    data[-1] ^= 1
    bundle.write_bytes(data)
    with pytest.raises(LogInconsistentError, match="another root"):
        list(over_runs(tmp_path / "log", signed(tmp_path / "log"), joined))
