"""Attack: files named like modules lie where a command is run, such as among the files that a requester handed over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.attacked_world import AttackedWorld

COMMAND = "from narrowgate.entrypoints.cli.main import main\nif __name__ == '__main__':\n    main()\n"
LIKE_MODULES = (
    "concurrent", "cryptography", "duckdb", "hashlib", "json", "multiprocessing", "narrowgate", "numpy", "orjson",
    "pickle", "pyarrow", "signal", "sitecustomize", "socket", "struct", "usercustomize",
)  # fmt: skip
HOSTILE = "import os, sys\nos.write(os.open({mark!r}, os.O_CREAT | os.O_APPEND | os.O_WRONLY), b'{name} ')\n"
BUILD_INDEX = (
    "index build records.csv new --mapping mapping.toml --key file:world/keys/index.key --as-of 2026-01-01"
    " --workers 2"
)


def test_no_process_loads_a_module_from_the_working_directory(world: AttackedWorld, tmp_path: Path) -> None:
    world.package("signed")
    mark = tmp_path / "loaded"
    (tmp_path / "installed").mkdir()
    command = tmp_path / "installed" / "narrowgate-command.py"
    command.write_text(COMMAND)
    for name in LIKE_MODULES:
        (world.home / f"{name}.py").write_text(HOSTILE.format(mark=str(mark), name=name))
    for words in ("gate run signed --config world", BUILD_INDEX):
        done = subprocess.run([sys.executable, command, *words.split()], capture_output=True, check=False)
        assert not mark.exists(), mark.read_text()
        assert done.returncode == 0, done.stderr
