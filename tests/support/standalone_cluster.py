"""A standalone Spark cluster: a master and two workers in processes of their own, and networks where root allows."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest

from support.processes import members_of_session

WORKERS = 2
_PORT = 7077
_START_SECONDS = 180

DEFAULTS = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.executor.memory": "512m",
    "spark.default.parallelism": "2",
    "spark.sql.shuffle.partitions": "4",
    # Nothing is tidied away while a test searches what was written.
    "spark.cleaner.referenceTracking": "false",
    # Tests are over before the better compiler of Java has paid.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}

_PROGRAM = """
import sys
from datetime import datetime
from narrowgate.adapters.clock import SystemClock
at, settings = datetime.fromisoformat(sys.argv.pop(1)), eval(sys.argv.pop(1))
SystemClock.now = lambda _: at
if settings:
    from narrowgate.adapters.engines.spark import session
    own = session.settings_of
    session.settings_of = lambda *arguments: own(*arguments) | settings
from narrowgate.entrypoints.cli.main import main
main()
"""
"""``narrowgate`` at one second, for decoy rows follow from it; and with settings of Spark that an attack needs."""


@dataclass(frozen=True)
class Machine:
    """A master or worker: a session of processes, its network if it has one, and its files.

    Args:
        process: the first of its session.
        home: directory of its log, its work directory and its temporary files.
    """

    process: subprocess.Popen[bytes]
    home: Path

    @property
    def log(self) -> str:
        """What it wrote to stderr so far."""
        return (self.home / "log").read_text(errors="replace")

    def processes(self) -> list[str]:
        """The numbers of its processes, executors and their Python among them."""
        return members_of_session(self.process.pid)

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to each of its processes."""
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(int(process), number)

    def kill(self) -> None:
        """Pulls the plug: every process of the machine ends by SIGKILL."""
        self.send(signal.SIGKILL)
        self.process.wait()


@dataclass(frozen=True)
class StandaloneCluster:
    """A running cluster.

    Args:
        home: holds everything that Spark writes.
        address: of the master, and of the driver.
        master: machine of the master.
        workers: machines of the workers.
        environment: for a driver.
        separate: whether every machine has a network namespace of its own.
        start_worker: starts the worker of that number, which has ended, from 0.
    """

    home: Path
    address: str
    master: Machine
    workers: list[Machine]
    environment: Mapping[str, str]
    separate: bool
    start_worker: Callable[[int], Machine]
    drivers: list[Machine] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Of the master."""
        return f"spark://{self.address}:{_PORT}"

    def whole(self) -> StandaloneCluster:
        """The same with a worker again where one was killed."""
        for number, worker in enumerate(self.workers):
            if worker.process.poll() is not None:
                self.workers[number] = self.start_worker(number)
        return self

    @contextmanager
    def narrowgate(
        self, at: datetime, *arguments: object, settings: Mapping[str, str] | None = None, **environment: str
    ) -> Iterator[Machine]:
        """A command line that runs while the block does; what it writes is in its log.

        Args:
            at: the time it believes it is.
            arguments: of ``narrowgate``.
            settings: of Spark, in place of those that the command makes.
            environment: what it has more.
        """
        home = self.home / f"driver-{len(self.drivers)}"
        (home / "local").mkdir(parents=True)
        own = {"SPARK_LOCAL_DIRS": str(home / "local"), "TMPDIR": str(home / "local")}
        command = [sys.executable, "-c", _PROGRAM, at.isoformat(), repr(dict(settings or {}))]
        with (home / "log").open("wb") as log, (home / "out").open("wb") as out:
            process = subprocess.Popen(
                [*command, *map(str, arguments)],
                env={**self.environment, **own, **environment},
                stdout=out,
                stderr=log,
                start_new_session=True,
            )
        driver = Machine(process, home)
        self.drivers.append(driver)
        try:
            yield driver
        finally:
            driver.kill()

    def run(self, at: datetime, *arguments: object, **options: object) -> tuple[int, str]:
        """Exit code and stderr of a command line."""
        with self.narrowgate(at, *arguments, **options) as driver:  # type: ignore[arg-type]
            code = driver.process.wait(timeout=240)
        return code, driver.log


@contextmanager
def standalone_cluster(home: Path, *, apart: bool = True, **defaults: str) -> Iterator[StandaloneCluster]:
    """A cluster with workers of one core and 1 GB each, or a skip that says what is missing.

    Args:
        home: for everything that Spark writes; not there yet, or empty.
        apart: whether each machine has a network of its own, where root allows; all share the loopback otherwise.
        defaults: more settings of Spark.
    """
    if find_spec("pyspark") is None or not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("PySpark or Java is not installed: a cluster of Spark is NOT tested")
    conf = home / "conf"
    conf.mkdir(parents=True)
    file = conf / "spark-defaults.conf"
    file.touch(0o600)
    named = DEFAULTS | {"spark.authenticate.secret": secrets.token_hex(32)} | defaults
    file.write_text("".join(f"{name} {value}\n" for name, value in named.items()))
    with ExitStack() as machines:
        networks, addresses = machines.enter_context(_networks(1 + WORKERS, apart=apart))
        separate = bool(networks[0])
        driver = addresses[0].rpartition(".")[0] + ".254" if separate else addresses[0]
        environment = _environment(conf)

        def start(number: int, name: str, *arguments: object) -> Machine:
            machine = _start(home / name, networks[number], environment, *arguments)
            machines.callback(machine.kill)
            return machine

        master = start(
            0, "master", "master.Master", "--host", addresses[0], "--port", _PORT, "--webui-port", 8080
        )
        wait_for(lambda: "I have been elected leader" in master.log, [master])
        url = f"spark://{addresses[0]}:{_PORT}"
        resources = ("--cores", 1, "--memory", "1g", "--webui-port", 0)
        generations = count()

        def start_worker(number: int) -> Machine:
            name = f"worker-{number}-{next(generations)}"
            place = ("--host", addresses[1 + number], "--work-dir", home / name / "work")
            worker = start(1 + number, name, "worker.Worker", *place, *resources, url)
            wait_for(lambda: "Successfully registered with master" in worker.log, [worker])
            return worker

        workers = [start_worker(number) for number in range(WORKERS)]
        of_driver = environment | {"SPARK_LOCAL_IP": driver}
        yield StandaloneCluster(home, addresses[0], master, workers, of_driver, separate, start_worker)


def wait_for(true: Callable[[], bool], machines: list[Machine], seconds: float = _START_SECONDS) -> None:
    """Returns when ``true`` is, and fails with what the machines wrote when one of them ends before that."""
    until = time.monotonic() + seconds
    while not true():
        for machine in machines:
            if machine.process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{machine.home.name} did not get so far:\n{machine.log[-4000:]}")
        time.sleep(0.01)


def _environment(conf: Path) -> dict[str, str]:
    import pyspark

    named = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    home = str(Path(pyspark.__file__).parent)
    return named | {"SPARK_HOME": home, "SPARK_CONF_DIR": str(conf), "PYTHONUNBUFFERED": "1"}


def _start(
    home: Path, network: str, environment: Mapping[str, str], role: str, *arguments: object
) -> Machine:
    (home / "local").mkdir(parents=True)
    inside = ["ip", "netns", "exec", network] if network else []
    # A test run that is killed takes its machines with it.
    mortal = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    program = [f"{environment['SPARK_HOME']}/bin/spark-class", f"org.apache.spark.deploy.{role}"]
    own = {
        "SPARK_LOCAL_DIRS": str(home / "local"),
        "SPARK_DAEMON_MEMORY": "256m",
        "TMPDIR": str(home / "local"),
    }
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [*inside, *mortal, *program, *map(str, arguments)],
            env={**environment, **own},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return Machine(process, home)


@contextmanager
def _networks(number: int, *, apart: bool) -> Iterator[tuple[list[str], list[str]]]:
    """Names of network namespaces and an address in each; no names, and the loopback, where root is missing."""
    prefix, subnet = f"ng{os.getpid()}", f"10.213.{os.getpid() % 250}"
    names = [f"{prefix}-{each}" for each in range(number)]
    addresses = [f"{subnet}.{each}" for each in range(1, number + 1)]
    if not apart or not _bridge(prefix):
        yield [""] * number, ["127.0.0.1"] * number
        return
    try:
        _ip("address", "add", f"{subnet}.254/24", "dev", prefix)
        _ip("link", "set", prefix, "up")
        for name, address in zip(names, addresses, strict=True):
            _ip("netns", "add", name)
            _ip("link", "add", f"{name}a", "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", f"{name}a", "master", prefix, "up")
            _ip("-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
            _ip("-n", name, "link", "set", "lo", "up")
        yield names, addresses
    finally:
        for name in names:
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "delete", name)
        _ip("link", "delete", prefix)


def _bridge(name: str) -> bool:
    try:
        _ip("link", "add", name, "type", "bridge")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
