"""One Spark session for this process, set up so that it listens on no more than it must and logs no event."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import pyarrow as pa

from narrowgate.core.base.errors import ConfigurationError, NarrowgateError, OperationalError
from narrowgate.index.progress import Progress, nobody

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

Share = TypeVar("Share")
Result = TypeVar("Result")

_SMALLEST_HEAP_MB = 512
"""Spark refuses to start with less."""

_MEGABYTES = {"K": 1 / 1024, "M": 1, "G": 1024, "T": 1024 * 1024}


def session(master: str, memory_limit: str = "1GB") -> SparkSession:
    """The session of this process on ``master``; the first call starts it, and its settings stay.

    Args:
        master: ``local[2]``, or the URL of a cluster.
        memory_limit: Java heap of this process, such as ``1GB``; at least 512 MB are taken. Executors of a cluster
            get what ``spark-defaults.conf`` says.

    Raises:
        ConfigurationError: no PySpark, no Java, or a session on another master.
        OperationalError: Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional extra, and slow to load
    except ImportError as error:
        raise ConfigurationError(
            "Spark is not installed.", next_step="Install it with: pip install 'narrowgate[spark]'"
        ) from error
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise ConfigurationError("Spark needs Java.", next_step="Install Java 17, or set JAVA_HOME.")
    running = SparkSession.getActiveSession()
    if running is not None:
        if running.sparkContext.master != master:
            raise ConfigurationError(
                "This process has a Spark session on another master already.",
                next_step="Use one master for all that a process does, or start another process.",
            )
        return running
    # Executors on this machine run the interpreter that runs now, not the first one of the path.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("narrowgate").master(master)
    for name, value in settings_of(master, memory_limit).items():
        builder = builder.config(name, value)
    with spark_failures():
        started = builder.getOrCreate()
        if not master.startswith("local"):
            _end_jobs_without_executors(started.sparkContext)
        return started


def _end_jobs_without_executors(context: SparkContext) -> None:
    """From now on jobs fail when there was no executor for as long as ``spark.network.timeout``; Spark would wait."""
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an optional extra

    scheduler = context._jsc.sc()  # PySpark has no call of its own for the executors that live
    patience = int(scheduler.conf().getTimeAsSeconds("spark.network.timeout", "120s"))

    def watch() -> None:
        missing = 0
        with suppress(Py4JError, OSError):  # the session has ended
            while not scheduler.isStopped():
                # The driver is one of those counted.
                missing = missing + 1 if scheduler.getExecutorMemoryStatus().size() < 2 else 0
                if missing >= patience:
                    context.cancelAllJobs()
                    missing = 0
                sleep(1)

    Thread(target=watch, daemon=True).start()


def unprotected(master: str) -> list[str]:
    """The settings that would keep strangers from the running session's tokens, and that its cluster does not have.

    Args:
        master: as for ``session``.
    """
    if master.startswith("local"):
        return []
    conf = session(master).sparkContext.getConf()
    wanted = ("spark.authenticate", "spark.network.crypto.enabled", "spark.io.encryption.enabled")
    return [name for name in wanted if conf.get(name, "false") != "true"]


def settings_of(master: str, memory_limit: str) -> dict[str, str]:
    """What a session is set to, whatever ``spark-defaults.conf`` says.

    Args:
        master: as for ``session``.
        memory_limit: likewise.

    Raises:
        ConfigurationError: the memory limit is not written as one.
    """
    settings = {
        "spark.driver.memory": f"{_heap_megabytes(memory_limit)}m",
        "spark.ui.enabled": "false",
        "spark.eventLog.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.ui.liveUpdate.period": "0",  # else progress hears of a task when another one begins or ends
        "spark.log.level": "ERROR",
    }
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        settings |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.shuffle.partitions": "16",
        }
    else:
        settings["spark.io.encryption.enabled"] = "true"
    return settings


def _heap_megabytes(memory_limit: str) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT])i?B", memory_limit)
    if found is None:
        raise ConfigurationError(
            "The memory limit is not written as a number and KB, MB, GB or TB.", next_step="Write, say, 1GB."
        )
    return max(_SMALLEST_HEAP_MB, int(float(found[1]) * _MEGABYTES[found[2]]))


def file_url(path: Path) -> str:
    """``path`` for Spark: a file of every machine, whatever file system is the cluster's own."""
    return f"file://{path}"


def view_parquet(spark: SparkSession, name: str, paths: Iterable[Path], schema: pa.Schema) -> None:
    """Makes the rows of Parquet files appear as ``name``; their schema is told, so that no job must find it out."""
    columns = ", ".join(f"{field.name} {_TYPES[str(field.type)]}" for field in schema)
    spark.read.schema(columns).parquet(*map(file_url, paths)).createOrReplaceTempView(name)


_TYPES = {
    "int64": "BIGINT",
    "bool": "BOOLEAN",
    "list<item: int64>": "ARRAY<BIGINT>",
    "list<element: int64>": "ARRAY<BIGINT>",
}
"""What tokens, years and flags are to Spark; Parquet reads back a list's items as elements."""


@contextmanager
def spark_failures() -> Iterator[None]:
    """Turns what Spark raises into an error of ours that repeats nothing of its text.

    Raises:
        OperationalError: Spark stopped.
    """
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an optional extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an optional extra

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise OperationalError(
            "Spark could not finish its work.",
            why=f"It stopped with {type(error).__name__}: an executor may have been lost, or memory or disk ran out.",
            next_step="Read the logs of the executors.",
        ) from None


def on_executors(
    spark: SparkSession,
    function: Callable[[Share], Result],
    shares: Sequence[Share],
    progress: Progress = nobody,
    stage: str = "",
) -> list[Result]:
    """``function`` of every share, one task each, in the order of the shares; results are small.

    Args:
        spark: the session.
        function: of a module that executors have installed; what it is bound to travels and may lie in temporary
            files of Spark, so it holds no secret and no plain text.
        shares: likewise.
        progress: told every second how many tasks are done.
        stage: what these tasks are called there.

    Raises:
        NarrowgateError: the first that a task raised.
        OperationalError: Spark stopped.
    """
    if not shares:
        return []
    with spark_failures():
        tasks = spark.sparkContext.parallelize(shares, len(shares)).map(partial(_guarded, function))
        with _watched(spark.sparkContext, lambda done: progress(stage, done, len(shares))):
            outcomes: list[Result | NarrowgateError] = tasks.collect()
    results: list[Result] = []
    for outcome in outcomes:
        if isinstance(outcome, NarrowgateError):
            raise outcome
        results.append(outcome)
    return results


@contextmanager
def _watched(context: SparkContext, told: Callable[[int], None]) -> Iterator[None]:
    """Tells every second how many tasks are done of the jobs that this thread starts inside."""
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an optional extra

    group = uuid4().hex
    finished = Event()

    def watch() -> None:
        with suppress(Py4JError):  # those who wait for the tasks meet it too, and say it
            tracker = context.statusTracker()
            while not finished.wait(1):
                jobs = filter(None, map(tracker.getJobInfo, tracker.getJobIdsForGroup(group)))
                stages = filter(None, (tracker.getStageInfo(stage) for job in jobs for stage in job.stageIds))
                told(sum(stage.numCompletedTasks for stage in stages))

    watcher = Thread(target=watch, daemon=True)
    context.setLocalProperty("spark.jobGroup.id", group)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
        watcher.join()
        context.setLocalProperty("spark.jobGroup.id", "")


def _guarded(function: Callable[[Share], Result], share: Share) -> Result | NarrowgateError:
    """Gives errors back as values: Python's text of an error would bring what it quotes into Spark's logs."""
    try:
        return function(share)
    except NarrowgateError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever it is, its text must not be logged
        return OperationalError(
            "A task of Spark failed.",
            why=f"It stopped with {type(error).__name__}.",
            next_step="Look at Spark's own log of the task, and run the same command again.",
        )
