"""A cluster of machines, one of which loses its power: the bytes and answers of one process, or a clear failure."""

from __future__ import annotations

import base64
import json
import os
import pickle
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import httpx
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.entrypoints.sandbox.synthetic import write_world
from support.command_line import CommandLine
from support.sandbox_files import BUILD, OPEN, SIGN, UNASKED, base_files, refused_file
from support.standalone_cluster import Machine, StandaloneCluster, standalone_cluster, wait_for

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PEOPLE = 3_000
SECRET = sha256(b"a key that would be found").digest()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandaloneCluster]:
    """One cluster for all tests here; a job that has no executor for 20 seconds fails."""
    patience = {
        "spark.network.timeout": "20s",
        "spark.network.timeoutInterval": "10s",
        "spark.executor.heartbeatInterval": "5s",
    }
    with standalone_cluster(tmp_path_factory.mktemp("cluster"), **patience) as cluster:
        yield cluster


@pytest.fixture
def machines(running: StandaloneCluster) -> StandaloneCluster:
    """The cluster with all of its workers."""
    return running.whole()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tax file of many row groups, its key, and the index of one process."""
    home = tmp_path_factory.mktemp("world")
    write_world(home, PEOPLE, 10, 1, date(2026, 3, 2))
    header, _, _ = (home / "records.csv").read_text().partition("\n")
    text = pyarrow.csv.ConvertOptions(column_types={name: pyarrow.string() for name in header.split(",")})
    pq.write_table(
        pyarrow.csv.read_csv(home / "records.csv", convert_options=text),
        home / "records.parquet",
        row_group_size=PEOPLE // 8,
    )
    (home / "index.key").touch(0o600)
    (home / "index.key").write_text(SECRET.hex())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _: NOON)
        assert CommandLine(patch, None)(*build(home, home / "embedded")).code == 0
    return home


def build(world: Path, directory: Path, *options: object) -> list[object]:
    return [
        *("index", "build", world / "records.parquet", directory, "--mapping", world / "mapping.toml"),
        *("--key", f"file:{world}/index.key", "--as-of", "2026-01-31", *options),
    ]


def contents(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def on(machines: StandaloneCluster) -> tuple[str, ...]:
    return "--engine", "spark", "--master", machines.url


def test_a_worker_killed_in_mid_build_changes_no_byte(
    machines: StandaloneCluster, world: Path, tmp_path: Path
) -> None:
    with machines.narrowgate(NOON, *build(world, tmp_path / "index", *on(machines))) as driver:
        begun = tmp_path / ".index.building"
        wait_for(lambda: any(begun.glob("parts-*/[0-9]*/entries.parquet")), [driver])
        machines.workers[0].kill()
        assert len(list(begun.glob("parts-*/[0-9]*"))) < 8, "nothing was left to do for the other worker"
        assert driver.process.wait(240) == 0, driver.log
    assert "Lost executor" in driver.log
    assert contents(tmp_path / "index") == contents(world / "embedded")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index", "index.quarantine.csv"]


@pytest.mark.scale
@pytest.mark.parametrize("begun", ["sorted-tokens/_temporary", "facts"])
def test_a_worker_killed_while_tokens_are_joined_or_sorted_changes_no_byte(
    machines: StandaloneCluster, world: Path, tmp_path: Path, begun: str
) -> None:
    with machines.narrowgate(NOON, *build(world, tmp_path / "index", *on(machines))) as driver:
        wait_for((tmp_path / ".index.building" / begun).exists, [driver])
        machines.workers[1].kill()
        assert driver.process.wait(240) == 0, driver.log
    assert contents(tmp_path / "index") == contents(world / "embedded")


@pytest.mark.scale
def test_without_any_worker_a_build_fails_clearly_and_leaves_nothing(
    machines: StandaloneCluster, world: Path, tmp_path: Path
) -> None:
    with machines.narrowgate(NOON, *build(world, tmp_path / "index", *on(machines))) as driver:
        wait_for(lambda: any((tmp_path / ".index.building").glob("parts-*/[0-9]*")), [driver])
        for worker in machines.workers:
            worker.kill()
        assert driver.process.wait(240) == 1, driver.log
    assert "Spark could not finish its work." in driver.log
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def package(tmp_path: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sandbox's world and a package for it, in the working directory."""
    home = tmp_path / "home"
    home.mkdir()
    base_files(home)
    refused_file(home)
    monkeypatch.chdir(home)
    for command in (UNASKED, BUILD, SIGN):
        assert narrowgate(*command.split()).code == 0
    return home


def opened(narrowgate: CommandLine, home: Path) -> str:
    """What the requester reads of the package's answers."""
    identifier = json.loads((home / "package-2" / "manifest.json").read_bytes())["package_id"]
    result = narrowgate(*OPEN.format(answers=f"world/answers/{identifier}").split(), "--package", "package-2")
    assert result.code == 0, result.err
    return result.out


def at_work(machines: StandaloneCluster) -> list[Machine]:
    """The workers that were given a task of the application that began last."""
    newest = max(
        (path.name for each in machines.workers for path in (each.home / "work").glob("app-*")), default=""
    )
    return [
        worker
        for worker in machines.workers
        if any("Running task" in log.read_text() for log in (worker.home / "work" / newest).glob("*/stderr"))
    ]


@pytest.mark.scale
def test_a_worker_killed_in_mid_probe_changes_no_bit(
    machines: StandaloneCluster, package: Path, narrowgate: CommandLine
) -> None:
    untouched = package.with_name("untouched")
    shutil.copytree(package, untouched)
    run = ("gate", "run", package / "package-2", "--config", package / "world", *on(machines))
    with machines.narrowgate(SystemClock().now(), *run) as driver:
        wait_for(lambda: bool(at_work(machines)), [driver])
        at_work(machines)[0].kill()
        assert driver.process.wait(240) == 0, driver.log
    on_spark = opened(narrowgate, package)
    os.chdir(untouched)
    assert narrowgate("gate", "run", "package-2", "--config", "world").code == 0
    assert on_spark == opened(narrowgate, untouched)
    assert ",CONFIRMED," in on_spark
    assert ",NOT_CONFIRMED," in on_spark


@pytest.mark.scale
def test_without_any_worker_a_probe_is_unavailable_and_the_package_goes_on_later(
    machines: StandaloneCluster, package: Path, narrowgate: CommandLine
) -> None:
    run = ("gate", "run", package / "package-2", "--config", package / "world")
    with machines.narrowgate(SystemClock().now(), *run, *on(machines)) as driver:
        wait_for(lambda: bool(at_work(machines)), [driver])
        for worker in machines.workers:
            worker.kill()
        assert driver.process.wait(240) == 1, driver.log
    assert "The index cannot be read." in driver.log
    assert len(list((package / "world" / "answers").iterdir())) == 1, "answers of a failed probe"
    assert narrowgate(*run).code == 0
    assert ",CONFIRMED," in opened(narrowgate, package)


def forms_of(secret: bytes) -> dict[str, bytes]:
    """The key as it could have been written: as it is, as text, pickled, and as its hash holds it (RFC 2104)."""
    shifted = (base64.b64encode(bytes(shift) + secret)[4:40] for shift in range(3))
    return {
        "first half": secret[:16],
        "second half": secret[16:],
        "hexadecimal": secret.hex().encode()[:32],
        "repr": repr(secret[:16]).encode()[2:-1],
        "numbers": str(list(secret[:8])).encode()[1:-1],
        "text of Java": secret[:16].decode("latin-1").encode(),
        "oldest pickle": pickle.dumps(secret[:8], 0).split(b"V")[1].split(b"\n")[0],
        "inner pad": bytes(byte ^ 0x36 for byte in secret[:16]),
        "outer pad": bytes(byte ^ 0x5C for byte in secret[:16]),
        **{f"base64, shifted by {shift}": text for shift, text in enumerate(shifted)},
    }


FORMS = forms_of(SECRET)


def leaks(seen: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Where the key is, and in which form."""
    found = {name: [form for form, text in FORMS.items() if text in data] for name, data in seen.items()}
    return {name: forms for name, forms in found.items() if forms}


def shown_by(machines: StandaloneCluster, seen: dict[str, bytes], until: threading.Event) -> None:
    """Collects what the machines show of themselves while they work: pages, command lines, environments."""
    driver = f"http://{machines.environment['SPARK_LOCAL_IP']}:4040"
    pages = [f"{driver}/{page}/" for page in ("environment", "executors", "jobs", "stages", "SQL")]
    pages.append(f"http://{machines.address}:8080/json/")
    parts = ("environment", "allexecutors", "jobs", "stages", "sql")
    while not until.wait(0.2):
        for process in Path("/proc").glob("[0-9]*"):
            for kind in ("cmdline", "environ"):
                with suppress(OSError):
                    seen[f"{process}/{kind}"] = (process / kind).read_bytes()
        with suppress(httpx.HTTPError, ValueError):  # the interface is not there yet, or no more
            interface = f"{driver}/api/v1/applications"
            (application,) = httpx.get(interface).json()
            for page in [*pages, *(f"{interface}/{application['id']}/{part}" for part in parts)]:
                seen[page] = httpx.get(page).content


SPEAKING = {
    "spark.ui.enabled": "true",
    "spark.ui.port": "4040",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
    "spark.eventLog.logStageExecutorMetrics": "true",
    "spark.io.encryption.enabled": "false",
    "spark.shuffle.compress": "false",
    "spark.broadcast.compress": "false",
    "spark.log.level": "INFO",
}
"""Spark told to show and write what it can, which no command of Narrowgate allows."""


def everything_shown(machines: StandaloneCluster, world: Path, home: Path, **more: str) -> dict[str, bytes]:
    """Every file, page, command line and environment of a build, up to the moment before its work directory goes."""
    events = home / "events"
    events.mkdir()
    settings = SPEAKING | {"spark.eventLog.dir": f"file://{events}"} | more
    seen: dict[str, bytes] = {}
    done = threading.Event()
    looking = threading.Thread(target=shown_by, args=(machines, seen, done))
    with machines.narrowgate(NOON, *build(world, home / "index", *on(machines)), settings=settings) as driver:
        looking.start()
        wait_for(lambda: any((home / ".index.building" / "index" / "guards").glob("*")), [driver], 240)
        driver.send(signal.SIGSTOP)
        done.set()
        looking.join()
        for root in (machines.home, home):
            for path in root.rglob("*"):
                with suppress(OSError):  # it is a directory, or a writer removed it
                    seen[str(path)] = path.read_bytes()
        driver.send(signal.SIGCONT)
        assert driver.process.wait(240) == 0, driver.log
    return seen


@pytest.mark.scale
def test_the_key_is_in_no_file_page_command_line_or_environment_of_a_cluster(
    machines: StandaloneCluster, world: Path, tmp_path: Path
) -> None:
    seen = everything_shown(machines, world, tmp_path)
    assert leaks(seen) == {}
    for kind in (
        "/events/",
        "shuffle_",
        "/cmdline",
        "/environ",
        "/work/app-",
        "api/v1",
        ".building/parts-",
    ):
        assert any(kind in name for name in seen), f"the search missed {kind}"
    assert any(
        b"CoarseGrainedExecutorBackend" in data for name, data in seen.items() if name.endswith("cmdline")
    )


@pytest.mark.scale
def test_a_key_given_to_executors_by_a_setting_is_found_by_that_search(
    machines: StandaloneCluster, world: Path, tmp_path: Path
) -> None:
    planted = {
        "spark.executorEnv.INDEX_KEY": SECRET.hex(),
        "spark.executor.extraJavaOptions": f"-Dindex={SECRET.hex()}",
    }
    found = leaks(everything_shown(machines, world, tmp_path, **planted))
    for kind in ("/events/", "/cmdline", "/environ", "/environment", "/work/app-", "/log"):
        assert any(kind in name for name in found), f"the search does not see {kind}"
