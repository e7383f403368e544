"""The base files of ``tests/vectors/command_line``, the world they make, and commands over it."""

from __future__ import annotations

from pathlib import Path

from narrowgate.adapters.clock import SystemClock
from support.command_line_cases import BASE, copy_files

SANDBOX = "sandbox world --records records.csv --mapping mapping.toml --cases cases.csv --workers 1"
BUILD = "package build cases.csv package-2 --agreement world/agreement.toml"
SIGN = (
    "package sign package-2 --key world/keys/secretary_of_homeland_security.key.pem"
    " --certificate world/keys/secretary_of_homeland_security.pem --yes"
)
GATE = "gate run package-2 --config world"
VERIFY = "log verify world"
OPEN = (
    "answers open {answers} --key world/officers/1.key.pem --certificate world/officers/1.pem"
    " --log-key world/log/log.vkey --acknowledge --csv"
)


UNASKED = SANDBOX.replace("cases.csv", "refused.csv")
"""A world in which no case of the base was asked about yet; a question is answered once, and then remembered."""


def refused_file(home: Path) -> None:
    """The case file of ``UNASKED``: the one case of the base that is refused."""
    header, *cases = (home / "cases.csv").read_text().splitlines()
    (home / "refused.csv").write_text("\n".join([header, cases[-1]]) + "\n")


def base_files(home: Path) -> None:
    """Records, mapping and case file of the base, the dates of the cases being those of today."""
    copy_files(BASE, home, SystemClock().now().date())


def base_files_with_key(home: Path) -> None:
    """The base files, and a key of an index beside them."""
    base_files(home)
    key = home / "index.key"
    key.write_text("5a" * 32)
    key.chmod(0o600)
