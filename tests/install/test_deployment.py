"""docs/how-to/deploy.md done for real: its own commands, processes of its users, and what each of them cannot do."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import pytest

from support.requests import PROJECT
from support.throwaway_machine import Machine, throwaway_machine

PAGE = (PROJECT / "docs" / "how-to" / "deploy.md").read_text(encoding="utf-8")
NARROWGATE: Final = "/opt/narrowgate/bin/narrowgate"
PACKAGES = next(Path(path) for path in sys.path if path.endswith("site-packages"))

AS: Final = {
    "gate": ("--reuid", "narrowgate-gate", "--regid", "narrowgate", "--groups", "narrowgate-index"),
    "release": ("--reuid", "narrowgate-gate", "--regid", "narrowgate", "--clear-groups"),
    "intake": ("--reuid", "narrowgate-intake", "--regid", "narrowgate", "--clear-groups"),
    "index": ("--reuid", "narrowgate-index", "--regid", "narrowgate-index", "--clear-groups"),
    "requester": ("--reuid", "narrowgate-requester", "--regid", "narrowgate-requester", "--clear-groups"),
    "witness": ("--reuid", "narrowgate-witness", "--regid", "narrowgate-witness", "--clear-groups"),
}
"""The user and the groups of each process, as its unit says."""

GATE, SECOND, INDEX = "/var/lib/narrowgate", "/var/lib/narrowgate-second", "/var/lib/narrowgate-index"
READS: Final = {
    f"{GATE}/keys/log.key": {"gate", "release"},
    f"{GATE}/keys/commitment.key": {"gate", "release"},
    "/etc/narrowgate/index.key": {"gate", "index"},
    f"{INDEX}/index/manifest.json": {"gate", "index"},
    f"{GATE}/vault": {"gate", "release"},
    f"{GATE}/staging/released": {"gate", "release"},
    f"{GATE}/state.sqlite": {"gate", "release"},
    f"{GATE}/log/checkpoint": {"gate", "release"},
    f"{GATE}/governance/charter.toml": {"gate", "release"},
    f"{SECOND}/checkpoints": {"gate", "release"},
    f"{GATE}/answers": {"gate", "release", "intake"},
    f"{GATE}/notices/terms.json": {"gate", "release", "intake"},
    f"{GATE}/intake/queue": {"gate", "release", "intake"},
    "/etc/narrowgate/server.key.pem": {"intake"},
}
"""Who can read what; everybody else cannot."""

WRITES: Final = {
    f"{GATE}/keys": {"gate", "release"},
    f"{GATE}/log": {"gate", "release"},
    f"{GATE}/answers": {"gate", "release"},
    f"{GATE}/notices": {"gate", "release"},
    f"{GATE}/staging/waiting": {"gate", "release"},
    f"{GATE}/vault": {"gate", "release"},
    SECOND: {"gate", "release"},
    f"{GATE}/intake": {"intake"},
    INDEX: {"index"},
    "/etc/narrowgate": set(),
    "/opt/narrowgate/bin": set(),
}
"""Who can make a file where."""


def blocks_of(title: str) -> list[str]:
    """The commands of a section of the page."""
    (section,) = [part for part in PAGE.split("\n## ")[1:] if part.startswith(title + "\n")]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def wait_until(is_so: Callable[[], bool], seconds: float = 600.0) -> None:
    """Returns as soon as it is so."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.1)


class Deployment:
    """A deployed gate on a machine of its own."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def script(self, commands: str) -> str:
        """Commands with the page's short names and the papers' functions."""
        names = blocks_of("Found the gate")[0]
        return self.machine.bash(f"source /srv/deployment.sh\n{names}\ncd /srv\n{commands}")

    def as_(self, who: str, *command: object) -> subprocess.CompletedProcess[str]:
        """A command with the rights of a process."""
        return self.machine.run("setpriv", *AS[who], "--no-new-privs", *command)

    def service(self, who: str, *arguments: object) -> AbstractContextManager[subprocess.Popen[str]]:
        """A service with the rights of its unit."""
        return self.machine.service("setpriv", *AS[who], "--no-new-privs", NARROWGATE, *arguments)

    @contextmanager
    def intake(self) -> Iterator[None]:
        """An intake that listens."""
        with self.service("intake", "serve", "intake", "--config", "/etc/narrowgate/intake.toml"):
            connect = "exec 3<> /dev/tcp/127.0.0.1/18443"
            wait_until(lambda: self.machine.run("bash", "-c", connect).returncode == 0)
            yield


def install(machine: Machine, dist: Path, *, from_registry: bool) -> None:
    """The first section of the page, beside a release."""
    machine.bash("mkdir -m 0755 /srv/release")
    for source in (*dist.glob("*.whl"), PROJECT / "requirements", PROJECT / "examples"):
        copy_into(machine, source, f"/srv/release/{source.name}")
    copy_into(machine, PROJECT / "tests" / "support" / "deployment.sh", "/srv/deployment.sh")
    copy_into(machine, PROJECT / "tests" / "support" / "later.py", "/srv/later.py")
    (commands,) = blocks_of("Program and users")
    if not from_registry:  # the packages of this environment, which the lock names, instead of a registry's
        commands = commands.replace(
            "/opt/narrowgate/bin/python -m pip install --no-deps --require-hashes -r requirements/run.txt",
            f"mkdir /opt/packages && mount --bind {PACKAGES} /opt/packages\n"
            "echo /opt/packages > $(echo /opt/narrowgate/lib/python3*/site-packages)/packages.pth",
        ).replace("pip install --no-deps", "pip install --quiet --no-index --no-deps")
    machine.bash(f"cd /srv/release\n{commands}")
    # Whoever waits for a slot has the clock put forward.
    machine.bash(
        "mv /opt/narrowgate/bin/narrowgate /opt/narrowgate/bin/narrowgate.real\n"
        "install -D -m 0644 /srv/later.py /opt/later/later.py\n"
        "printf '#!/bin/sh\\nexport NARROWGATE_TEST_CLOCK=/opt/later/clock\\n"
        'exec /opt/narrowgate/bin/python /opt/later/later.py "$@"\\n\' > /opt/narrowgate/bin/narrowgate\n'
        "chmod 0755 /opt/narrowgate/bin/narrowgate"
    )


def copy_into(machine: Machine, source: Path, target: str) -> None:
    """A file or a folder of this machine, readable to everybody."""
    machine.bash(f"cp -r {source} {target} && chmod -R a+rX {target}")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Program, users, a gate that is founded, and settings, as the page says; nothing runs yet."""
    if shutil.which("openssl") is None:
        pytest.skip("NOT TRIED: openssl is not installed")
    dist = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(dist), "-t", "wheel"]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    with throwaway_machine() as machine:
        version = machine.run("python3", "-c", "import sys, ensurepip; print(sys.version_info[:2])")
        if version.stdout.strip() != str(sys.version_info[:2]):
            pytest.skip(f"NOT TRIED: the machine's python3 is {version.stdout or 'without venv'}")
        install(machine, dist, from_registry=False)
        deployment = Deployment(machine)
        founded = "people\nfounding\nfound\nintake_settings\n" + blocks_of("Found the gate")[1]
        deployment.script(founded)
        yield deployment


def test_each_process_reads_and_writes_what_the_page_says_and_nothing_else(deployed: Deployment) -> None:
    require_apart(deployed)
    require_powerless(deployed)


def test_a_key_of_roots_is_read_by_the_processes_of_its_group_and_by_no_others(deployed: Deployment) -> None:
    uri = "file:/etc/narrowgate/index.key"
    load = f"from narrowgate.adapters.keys import load_secret_key; load_secret_key({uri!r})"
    command = ("/opt/narrowgate/bin/python", "-c", load)
    assert [who for who in AS if deployed.as_(who, *command).returncode == 0] == ["gate", "index"]
    assert "Others than its owner" in deployed.machine.run(*command).stderr, (
        "root's own commands go on refusing it"
    )


def test_a_back_up_holds_no_key_and_a_state_of_the_version_before_is_upgraded_by_the_page(
    deployed: Deployment,
) -> None:
    commands = {title: without_services(blocks_of(title)[0]) for title in ("Back up", "Upgrade")}
    deployed.script(commands["Back up"])
    names = deployed.machine.bash("tar -tf /srv/narrowgate.tar").split()
    assert "./log/checkpoint" in names
    assert not [name for name in names if "key" in name and not name.endswith(".vkey")]
    older = "import sqlite3; d = sqlite3.connect('/var/lib/narrowgate/state.sqlite'); d.execute('DROP TABLE writer')"
    older += "; d.execute('UPDATE schema_version SET version = 5'); d.commit()"
    assert deployed.as_("gate", "/opt/narrowgate/bin/python", "-c", older).returncode == 0
    refused = deployed.as_("release", NARROWGATE, "release", "status", "--config", GATE)
    assert "state upgrade" in refused.stderr
    deployed.script(commands["Upgrade"])
    assert deployed.as_("release", NARROWGATE, "release", "status", "--config", GATE).returncode == 0
    assert "schema-5" in deployed.as_("gate", "bash", "-c", f"ls {GATE}/state.sqlite*").stdout
    deployed.script(commands["Upgrade"])


def without_services(commands: str) -> str:
    """A block of the page on a machine without a service manager and a registry."""
    return "".join(line for line in commands.splitlines(True) if not re.search("systemctl|pip install", line))


@pytest.mark.scale
def test_a_package_goes_the_whole_way_through_processes_of_their_own_users(deployed: Deployment) -> None:
    deployed.script("papers\nput_in_force\nbuild_index\n")
    doctor = deployed.script(blocks_of("Build an index")[0])
    assert "failed" not in doctor
    with deployed.intake(), deployed.service("gate", "gate", "work", "--config", GATE) as worker:
        deployed.script(
            "install -m 0644 cards/agreement.toml* data/\n"
            "requester $NARROWGATE package build /srv/data/cases.csv package"
            " --agreement /srv/data/agreement.toml --quiet > id\n"
            "requester $NARROWGATE package sign package --key office.key.pem --certificate /srv/office.pem"
            " --agreement /srv/data/agreement.toml --root /srv/agreed.pem --yes --quiet"
        )
        assert "has arrived" in deployed.script("requester $NARROWGATE submit package $CALL 2>&1")
        package_id = deployed.script("cat id").strip()
        wait_until(lambda: bool(deployed.as_("gate", "ls", f"{GATE}/staging/waiting").stdout))
        require_hidden(deployed, "release", "gate work --config")
        wait_until(
            lambda: (
                package_id
                in deployed.as_("release", NARROWGATE, "release", "status", "--config", GATE).stdout
            )
        )
        early = deployed.as_("release", NARROWGATE, "release", "run", "--config", GATE)
        assert early.returncode == 3, early.stderr
        assert worker.poll() is None
    deployed.script(
        "waiting=$(narrowgate_gate release status --config /var/lib/narrowgate)\n"
        'echo $(( $(date -u -d "${waiting%% *}" +%s) - $(date +%s) + 1 )) > /opt/later/clock\n'
        "chmod 0644 /opt/later/clock"
    )
    released = deployed.as_("release", NARROWGATE, "release", "run", "--config", GATE)
    assert released.returncode == 0, released.stderr
    with deployed.intake():
        deployed.script(f"requester $NARROWGATE fetch {package_id} --into answers $CALL")
    deployed.script("install -m 0644 /var/lib/narrowgate/log/log.vkey /srv/log.vkey")
    opened = deployed.script(
        "requester $NARROWGATE answers open answers --key officer-1.key.pem --certificate /srv/officer-1.pem"
        " --log-key /srv/log.vkey --acknowledge --csv --quiet"
    )
    assert opened.startswith("row,item,outcome,")
    assert len(opened.splitlines()) > 1
    verified = deployed.as_("release", NARROWGATE, "log", "verify", GATE)
    assert verified.returncode == 0, verified.stderr
    # Everything that each must not reach is there by now.
    require_apart(deployed)
    require_powerless(deployed)


def require_hidden(deployed: Deployment, who: str, whose: str) -> None:
    """A process of the same user reads nothing of another one's memory."""
    (process,) = deployed.machine.bash(f"pgrep -u narrowgate-gate -f '{whose}'").split()
    assert deployed.as_(who, "cat", f"/proc/{process}/status").returncode == 0
    for name in ("mem", "environ", "maps"):
        assert deployed.as_(who, "head", "-c", 1, f"/proc/{process}/{name}").returncode == 1, name


def require_apart(deployed: Deployment) -> None:
    """Who reads and writes what is exactly what the tables say."""
    there = set(deployed.machine.bash(f"ls -d {' '.join({*READS, *WRITES})} 2> /dev/null || true").split())
    assert len(there) > 12
    script = "exec 2> /dev/null\n" + "".join(
        f"for path in {' '.join(each for each in paths if each in there)}; do\n"
        f'if {try_it}; then echo "{does} $path"; fi; done\n'
        for does, paths, try_it in (
            ("reads", READS, 'if [ -d "$path" ]; then ls "$path"; else cat "$path"; fi > /dev/null'),
            ("writes", WRITES, 'touch "$path/by-$0" && rm "$path/by-$0"'),
        )
    )
    for who in AS:
        told = deployed.as_(who, "bash", "-c", script, who).stdout.splitlines()
        expected = [f"reads {path}" for path, users in READS.items() if who in users and path in there]
        expected += [f"writes {path}" for path, users in WRITES.items() if who in users and path in there]
        assert told == expected, who


def require_powerless(deployed: Deployment) -> None:
    """Commands of the gate end with an error for whoever has not the gate's rights, and change nothing."""
    before = deployed.machine.bash("cat /var/lib/narrowgate/log/checkpoint")
    for who, *arguments in (
        ("intake", "release", "run", "--config", GATE),
        ("intake", "act", "propose", "hold", "all", "--reason", "x", "--config", GATE),
        ("requester", "gate", "work", "--once", "--config", GATE),
        ("requester", "doctor", "--config", GATE),
        ("index", "gate", "work", "--once", "--config", GATE),
        ("witness", "log", "verify", GATE),
        ("gate", "serve", "intake", "--config", "/etc/narrowgate/intake.toml"),
    ):
        tried = deployed.as_(who, NARROWGATE, *arguments)
        assert tried.returncode not in {0, 3}, (who, arguments)
        assert "Internal error" not in tried.stderr, (who, arguments, tried.stderr)
    # The release has the gate's user, and not the group of index and index key.
    tried = deployed.as_("release", NARROWGATE, "doctor", "--config", GATE)
    failed = [line.split()[1] for line in tried.stdout.splitlines() if line.startswith("failed")]
    assert {"keys", "index"} <= set(failed), tried.stdout
    assert deployed.machine.bash("cat /var/lib/narrowgate/log/checkpoint") == before
