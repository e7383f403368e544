"""Paths, places and terminals as people have them; data on stdout and nothing else there."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.command_line_cases import contents
from support.sandbox_files import SANDBOX, base_files

FILES = ["--records", "records.csv", "--mapping", "mapping.toml", "--cases", "cases.csv", "--workers", "1"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The base files in the working directory."""
    base_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands_to_try_next_work_whatever_the_paths_are_called(
    home: Path, narrowgate: CommandLine
) -> None:
    (home / "my files").mkdir()
    (home / "cases.csv").rename(home / "my files" / "Fälle & Akten.csv")
    arguments = [
        *("--records", "records.csv", "--mapping", "mapping.toml", "--workers", "1"),
        *("--cases", "my files/Fälle & Akten.csv"),
    ]
    shown = narrowgate("sandbox", "my files/the wörld", *arguments)
    assert shown.code == 0, shown.err
    following = shown.out.partition("Try next\n")[2].splitlines()
    assert len(following) == 3
    for line in following:
        program, *words = shlex.split(line)
        assert program == "narrowgate"
        assert narrowgate(*words).code == 0


def test_a_link_to_an_empty_directory_is_followed_and_stays_a_link(
    home: Path, narrowgate: CommandLine
) -> None:
    (home / "disk").mkdir()
    (home / "world").symlink_to("disk")
    assert narrowgate(*SANDBOX.split()).code == 0
    assert (home / "world").is_symlink()
    assert (home / "disk" / "answers.csv").exists()


def test_files_read_through_links_are_taken_as_they_are(home: Path, narrowgate: CommandLine) -> None:
    for name in ("records.csv", "mapping.toml", "cases.csv"):
        (home / name).rename(home / f"real-{name}")
        (home / name).symlink_to(f"real-{name}")
    assert narrowgate(*SANDBOX.split()).code == 0
    assert not (home / "world" / "mapping.toml").is_symlink()


def test_a_world_may_be_moved_and_used_from_elsewhere(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert narrowgate(*SANDBOX.split()).code == 0
    (home / "elsewhere").mkdir()
    shutil.move(home / "world", home / "elsewhere" / "moved")
    monkeypatch.chdir("/")
    moved = home / "elsewhere" / "moved"
    assert narrowgate("log", "verify", moved).code == 0
    assert narrowgate("gate", "run", moved / "package", "--config", moved / "gate.toml").code == 0


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("mount"), reason="READ-ONLY DISK IS NOT TESTED: needs root"
)
def test_a_disk_that_cannot_be_written_is_named_and_a_world_on_it_verifies(
    home: Path, narrowgate: CommandLine
) -> None:
    assert narrowgate(*SANDBOX.split()).code == 0
    if subprocess.run(
        ["mount", "--bind", "-o", "ro", home, home], capture_output=True, check=False
    ).returncode:
        pytest.skip("READ-ONLY DISK IS NOT TESTED: mounting is not allowed")
    try:
        os.chdir(home)
        before = contents(home)
        refused = narrowgate("sandbox", "other", *FILES)
        assert (refused.code, refused.out) == (1, "")
        assert "other: Could not write the world: Read-only file system" in refused.err
        assert narrowgate("log", "verify", "world").code == 0
        assert contents(home) == before
    finally:
        os.chdir("/")
        subprocess.run(["umount", "-l", home], check=True)


def test_a_summary_for_programs_is_the_only_thing_on_stdout(home: Path, narrowgate: CommandLine) -> None:
    result = narrowgate("sandbox", "world", *FILES, "--json")
    summary = json.loads(result.out)
    assert summary == json.loads((home / "world" / "summary.json").read_text())
    assert (summary["items"], summary["outcomes"]) == (4, {"CONFIRMED": 2, "NOT_CONFIRMED": 1, "REFUSED": 1})
    assert "limits" in result.err or "lifted" in result.err


def test_no_progress_is_shown_where_nobody_looks(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = narrowgate(*SANDBOX.split())
    assert result.code == 0
    assert "gate 6: items" not in result.err
    assert "\x1b[?25l" not in result.err


def test_a_plain_locale_reads_and_writes_unicode_all_the_same(home: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LC_", "LANG", "PYTHONUTF8"))
    }
    finished = subprocess.run(
        [
            sys.executable,
            "-c",
            "from narrowgate.entrypoints.cli.main import main; main()",
            "address",
            "standardize",
        ],
        input='"12 Calle Peña, Bayamón PR 00961"\n'.encode(),
        capture_output=True,
        env=environment | {"LC_ALL": "C"},
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, b"")
    assert "PENA" in json.loads(finished.stdout)["components"]["street_name"]


def test_a_reader_that_goes_away_early_is_no_error_of_ours(home: Path) -> None:
    command = "from narrowgate.entrypoints.cli.main import main; main()"
    arguments = ["address", "standardize"]
    process = subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(b'"1 MAIN ST, BOSTON MA 02139"\n' * 2000)
    assert (process.returncode, err) == (141, b"")


def test_the_process_that_the_network_reaches_loads_nothing_that_opens_log_index_or_state() -> None:
    program = (
        "import sys, narrowgate.entrypoints.cli.serve_intake;"
        "print(*sorted({'duckdb', 'pyarrow', 'pyhanko', 'sqlalchemy'} & sys.modules.keys()))"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.split() == []


COMMAND = f"{shlex.quote(sys.executable)} -m narrowgate"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"{COMMAND} address standardize <&-", 0),
        (f"{COMMAND} rules show R-51 >&-", 0),
        (f"{COMMAND} rules show R-999 2>&-", 2),
        (f"{COMMAND} rules show R-999 <&- >&- 2>&-", 2),
    ],
    ids=["input", "output", "error", "all"],
)
def test_a_closed_stream_is_an_empty_one(line: str, code: int) -> None:
    finished = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert finished.returncode == code, finished.stderr
    assert "Internal error" not in finished.stderr


def test_head_ends_a_command_without_a_word() -> None:
    line = f"{COMMAND} docs cli | head -1; echo ${{PIPESTATUS[0]}}"
    finished = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert finished.stdout.splitlines()[0] == "# Command line"
    assert finished.stdout.splitlines()[1] in {"0", "141"}  # 0 where everything was written before head went
    assert finished.stderr == ""


def test_a_full_disk_behind_stdout_is_said() -> None:
    line = f"{COMMAND} rules list --json > /dev/full"
    finished = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    failure = json.loads(finished.stderr)
    assert "No space is left" in failure["why"]
    assert "Free some space" in failure["next_step"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_an_encoding_without_the_letters_stops_no_command(encoding: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "narrowgate", "address", "explain", "12 Calle Peña Č, Bayamón PR 00961"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=True,
    )
    assert "Bayamón".encode() in finished.stdout


def test_a_working_directory_that_cannot_be_written_stops_no_command_that_writes_nothing(
    tmp_path: Path,
) -> None:
    before = contents(tmp_path)
    tmp_path.chmod(0o555)
    for words in ("rules list", "doctor", "docs", "address explain '1 Main St, 62704'"):
        subprocess.run(["bash", "-c", f"{COMMAND} {words}"], cwd=tmp_path, capture_output=True, check=True)
    tmp_path.chmod(0o755)
    assert contents(tmp_path) == before
