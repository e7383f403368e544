"""The container file names what is there, holds no secret and no rights, and its page runs commands that exist."""

from __future__ import annotations

import re

import pytest

from support.command_line import CommandLine
from support.requests import PROJECT

LINES = re.sub(r"\\\n", " ", (PROJECT / "Containerfile").read_text(encoding="utf-8")).splitlines()
STEPS = [tuple(line.split(maxsplit=1)) for line in LINES if line and not line.startswith("#")]
PAGE = (PROJECT / "docs" / "how-to" / "deploy.md").read_text(encoding="utf-8")
(SECTION,) = [part for part in PAGE.split("\n## ") if part.startswith("In containers\n")]


def test_what_is_copied_is_of_the_release_or_of_the_stage_before() -> None:
    sources = [rest.split() for kind, rest in STEPS if kind == "COPY"]
    taken = [source for *names, _ in sources for source in names]
    assert taken == ["requirements/run.txt", "dist/", "--from=build", "/opt/narrowgate"]
    assert (PROJECT / "requirements" / "run.txt").exists()
    assert "dist:" in (PROJECT / "Makefile").read_text(encoding="utf-8")


def test_every_package_is_installed_by_its_hash_or_from_the_release() -> None:
    for install in [rest for kind, rest in STEPS if kind == "RUN" and "pip install" in rest]:
        assert "--no-deps" in install
        assert ("--require-hashes" in install) != ("--no-index" in install)


def test_it_runs_as_a_user_without_rights_and_the_base_is_named_by_whoever_builds_it() -> None:
    users = [rest for kind, rest in STEPS if kind == "USER"]
    assert users == ["7102:7100"]
    assert {rest for kind, rest in STEPS if kind == "FROM"} == {"${BASE} AS build", "${BASE}"}
    assert [rest for kind, rest in STEPS if kind == "ARG"] == ["BASE"], "no base is taken that nobody chose"
    assert not [rest for kind, rest in STEPS if kind == "ADD"]


def test_its_users_are_those_of_the_page() -> None:
    made = dict(
        re.findall(r"useradd --uid (\d+) .*? (narrowgate-\w+)(?= |$)", " ; ".join(LINES).replace("&&", "\n"))
    )
    assert made == {"7100": "narrowgate-gate", "7101": "narrowgate-index", "7102": "narrowgate-intake"}
    for number, name in made.items():
        assert f"{number} `{name}`" in SECTION
        group = "narrowgate-index" if name == "narrowgate-index" else "narrowgate"
        assert f"--gid {group} {name}\n" in PAGE


@pytest.mark.parametrize(
    "command", re.findall(r"narrowgate ((?:serve intake|gate work|release run) --config .*)", SECTION)
)
def test_the_commands_of_the_page_exist(command: str, narrowgate: CommandLine) -> None:
    words, options = command.split(" --config ", maxsplit=1)[0].split(), re.findall(r"--[a-z]+", command)
    shown = narrowgate(*words, "--help")
    assert shown.code == 0
    assert all(option in shown.out for option in options)


def test_a_containers_mounts_leave_out_what_its_service_never_sees() -> None:
    runs = re.findall(r"podman run .*?(?=\n    podman run|\n\n)", SECTION, re.DOTALL)
    mounts = [set(re.findall(r"-v (\S+?):", run)) for run in runs]
    intake, gate, release = mounts
    assert not {
        each for each in intake if each.startswith("/var/lib/narrowgate-") or each == "/var/lib/narrowgate"
    }
    assert "/var/lib/narrowgate-index" in gate
    assert not {"/var/lib/narrowgate-index", "/etc/narrowgate"} & release
    assert all("$hardened" in run for run in runs)
    assert all("--network=none" in run for run in runs[1:])


def test_the_health_check_is_a_command_of_the_image() -> None:
    (check,) = [rest for kind, rest in STEPS if kind == "HEALTHCHECK"]
    assert "/opt/narrowgate/bin/python" in check
    assert "127.0.0.1:9464/healthz" in check
