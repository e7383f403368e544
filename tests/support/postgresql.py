"""A throw-away PostgreSQL server of this machine's own binaries, on a socket in a directory of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@contextmanager
def running_server() -> Iterator[Path]:
    """The directory of the server's socket; the server is gone afterwards. Skips where there are no binaries."""
    if not _BINARIES:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    binaries = _BINARIES[-1].parent
    home = Path(tempfile.mkdtemp(prefix="narrowgate-postgresql-"))
    as_owner = _owner(home)
    try:
        data = home / "data"
        _run(
            as_owner, binaries / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync"
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off"
        _run(
            as_owner, binaries / "pg_ctl", "-D", data, "-w", "-l", home / "server.log", "-o", options, "start"
        )
        try:
            yield home
        finally:
            _run(as_owner, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def connection_text(socket: Path, database: str = "postgres") -> str:
    """What psycopg takes."""
    return f"host={socket} user=tests dbname={database}"


def sqlalchemy_url(socket: Path, database: str = "postgres") -> str:
    """What SQLAlchemy takes."""
    return f"postgresql+psycopg://tests@/{database}?host={quote(str(socket), safe='')}"


def _owner(home: Path) -> list[str]:
    """PostgreSQL refuses to run as root, so root runs it as another user, who then owns the directory."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(home, user.pw_uid, user.pw_gid)
        return ["runuser", "-u", name, "--"]
    pytest.skip("PostgreSQL does not run as root, and there is no other user")


def _run(as_owner: list[str], *command: object) -> None:
    subprocess.run([*as_owner, *map(str, command)], check=True, capture_output=True, cwd="/tmp")  # noqa: S108
