"""The cluster engine from the command line: the same index, byte for byte, and the same answers."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from support.command_line import CommandLine
from support.sandbox_files import BUILD, SANDBOX, SIGN, base_files
from support.spark_cluster import Cluster


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: Cluster) -> Path:
    """A directory with the base files, current, on a machine that has Spark."""
    base_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def digests(directory: Path) -> dict[str, str]:
    """Every data file of an index; the manifest holds the time."""
    return {
        path.relative_to(directory).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*.parquet"))
    }


def test_build_and_gate_give_the_same_on_spark(
    home: Path, narrowgate: CommandLine, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert narrowgate(*SANDBOX.split()).code == 0
    built_at = SystemClock().now()  # decoy rows follow from the second in which a build began
    options = ["--mapping", "mapping.toml", "--key", "file:world/keys/index.key", "--as-of", "2026-01-31"]
    on_spark = ("--engine", "spark", "--master", cluster.master)
    with monkeypatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _: built_at)
        assert narrowgate("index", "build", "records.csv", "embedded", *options).code == 0
        assert narrowgate("index", "build", "records.csv", "clustered", *options, *on_spark).code == 0
    assert digests(home / "clustered") == digests(home / "embedded")
    assert narrowgate(*BUILD.split()).code == 0
    assert narrowgate(*SIGN.split()).code == 0
    result = narrowgate("gate", "run", "package-2", "--config", "world", *on_spark)
    assert (result.code, result.err) == (0, "")
    assert narrowgate("log", "verify", "world").code == 0
