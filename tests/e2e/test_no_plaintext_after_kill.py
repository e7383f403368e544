"""A build killed from the command line leaves no value of a record, and the next one stands in its place."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.processes import members_of_session

WORDS = ("QUIXOTRIA", "ZELVANDERHOOK", "XYLOPHANE", "WOVENGATE", "QXZJV", "21234")
MAPPING = "\n".join(
    f'{role} = "{role}"'
    for role in ("tin", "full_name", "address_line_1", "city", "state", "zip", "tax_year")
)
ROWS = 34_000
"""Three batches: both processes have work when the first entries are written."""
KEY = "5a" * 32


def write_records(home: Path) -> None:
    """Canaries, some of them for the quarantine: a bad year, a bad number, a street that is none."""
    with (home / "records.csv").open("w") as file:
        file.write("tin,full_name,address_line_1,city,state,zip,tax_year\n")
        for number in range(ROWS):
            year = "QXZJV" if number % 50 == 0 else "2022"
            street = "NO XYLOPHANE" if number % 51 == 0 else f"{100 + number % 900} XYLOPHANE ST"
            tin = f"21234{number % 10_000:04}{'X' * (number % 52 == 0)}"
            file.write(f"{tin},QUIXOTRIA ZELVANDERHOOK,{street},WOVENGATE,OH,4522{number % 10},{year}\n")
    (home / "mapping.toml").write_text(f"[columns]\n{MAPPING}\n")
    (home / "index.key").write_text(KEY)
    (home / "index.key").chmod(0o600)


def left(home: Path) -> dict[str, bytes]:
    """Every file but the custodian's own."""
    own = {"records.csv", "mapping.toml", "index.key"}
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and path.name not in own
    }


@pytest.mark.parametrize(
    ("engine", "begun"), [("embedded", "entries.parquet"), ("spark", "parts-*/*/entries.parquet")]
)
def test_a_killed_build_leaves_tokens_only_and_the_next_one_clears_them_away(
    tmp_path: Path, engine: str, begun: str
) -> None:
    if engine == "spark" and (find_spec("pyspark") is None or not shutil.which("java")):
        pytest.skip("PySpark or Java is not installed: a killed build on Spark is NOT tested")
    write_records(tmp_path)
    (tmp_path / "temporary").mkdir()
    command = [
        sys.executable,
        "-c",
        "from narrowgate.entrypoints.cli.main import main; main()",
        "index",
        "build",
        "records.csv",
        "index",
    ]
    options = [
        "--mapping",
        "mapping.toml",
        "--key",
        "file:index.key",
        "--as-of",
        "2026-01-31",
        "--workers",
        "2",
    ]
    surroundings = {
        **os.environ,
        "TMPDIR": str(tmp_path / "temporary"),
        "SPARK_LOCAL_DIRS": str(tmp_path / "temporary"),
    }
    way = ["--engine", engine, *(["--passes", "3"] if engine == "embedded" else [])]
    with (tmp_path / "output.log").open("wb") as output:
        build = subprocess.Popen(
            [*command, *options, *way],
            cwd=tmp_path,
            env=surroundings,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        until = time.monotonic() + 120
        while not any((tmp_path / ".index.building").glob(begun)) and build.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.01)
        build.send_signal(signal.SIGKILL)
        assert build.wait() == -signal.SIGKILL, (tmp_path / "output.log").read_text()
    # Java and its Python processes work on for a moment before they notice.
    while members_of_session(build.pid):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert not (tmp_path / "index").exists()
    forbidden = [*(word.encode() for word in WORDS), KEY.encode(), bytes.fromhex(KEY)]
    kept = left(tmp_path)
    assert any(name.startswith(".index.building/") for name in kept)
    assert [name for name, data in kept.items() if any(word in data for word in forbidden)] == []

    again = subprocess.run(
        [*command, *options, "--passes", "3"],
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    kept = left(tmp_path)
    assert (tmp_path / "index.quarantine.csv").stat().st_size > 1000
    assert not any(name.startswith(".index") for name in kept)
    assert [name for name, data in kept.items() if any(word in data for word in forbidden)] == []
