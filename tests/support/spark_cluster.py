"""One Spark session for a whole test run, with its logs and temporary files where a test can read them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

MASTER = "local[2]"

_QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Tests are over before the better compiler of Java has paid."""


@dataclass(frozen=True)
class Cluster:
    """A running session.

    Args:
        master: its URL.
        local: its temporary files: shuffles, broadcasts, task binaries.
        log: everything Java and the executors' Python write to stderr.
    """

    master: str
    local: Path
    log: Path


@contextmanager
def running_cluster(home: Path) -> Iterator[Cluster]:
    """The session of this process, or a skip that says what is missing."""
    if find_spec("pyspark") is None:
        pytest.skip("PySpark is not installed: the index on Spark is NOT tested")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("there is no Java: the index on Spark is NOT tested")
    from narrowgate.adapters.engines.spark.session import session

    cluster = Cluster(MASTER, home / "local", home / "stderr.log")
    (home / "conf").mkdir()
    # Nothing is tidied away while a test searches what was written.
    (home / "conf" / "spark-defaults.conf").write_text("spark.cleaner.referenceTracking false\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(home / "conf"))
        patch.setenv("SPARK_LOCAL_DIRS", str(cluster.local))
        patch.setenv("JAVA_TOOL_OPTIONS", _QUICK_START)
        patch.setenv("TMPDIR", str(home))
        with _standard_error_in(cluster.log):
            spark = session(MASTER)
        yield cluster
        spark.stop()


@contextmanager
def _standard_error_in(path: Path) -> Iterator[None]:
    """Child processes started now keep writing there."""
    kept = os.dup(2)
    with path.open("wb") as log:
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
