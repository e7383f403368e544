"""A world of the base files whose gate is attacked through the command line, copied for each test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

from narrowgate.core.governance.kinds import Kind
from support.command_line import CommandLine, Result
from support.command_line_cases import apply
from support.sandbox_acts import commanded
from support.sandbox_files import BUILD, GATE, OPEN, SANDBOX, SIGN, VERIFY, base_files


@contextmanager
def made_world() -> Iterator[Path]:
    """A directory with the base files and ``world``, made once for the tests of a module."""
    home = Path(mkdtemp(prefix="narrowgate-attacked-"))
    base_files(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        assert CommandLine(patch, None)(*SANDBOX.split()).code == 0
    yield home
    shutil.rmtree(home)


class AttackedWorld:
    """Commands of both agencies over one copy of the world, which is the working directory.

    Args:
        home: the copy.
        narrowgate: the command line.
    """

    def __init__(self, home: Path, narrowgate: CommandLine) -> None:
        self.home = home
        self.narrowgate = narrowgate

    def package(self, name: str, *, person: str = "") -> Path:
        """A signed package of the case file; with another given name in it, when ``person`` is one."""
        cases = self.home / "cases.csv"
        kept = cases.read_bytes()
        if person:
            apply({"file": "cases.csv", "replace": ["Quillana", person]}, self.home, None)
        built = self.narrowgate(*BUILD.replace("package-2", name).split())
        assert built.code == 0, built.err
        cases.write_bytes(kept)
        assert self.narrowgate(*SIGN.replace("package-2", name).split()).code == 0
        return self.home / name

    def put_rows(self, package: Path, rows: list[bytes]) -> None:
        """The package has exactly these rows, and is signed over them by its office."""
        (package / "rows.ndjson").write_bytes(b"".join(row + b"\n" for row in rows))
        apply({"file": f"{package.name}/manifest.json", "recount": True}, self.home, None)
        assert self.narrowgate(*SIGN.replace("package-2", package.name).split()).code == 0

    def hold(self, scope: str = "all") -> Result:
        """One officer places a hold."""
        return commanded(self.narrowgate, Kind.HOLD, scope)

    def lift(self, scope: str = "all") -> Result:
        """Two officers lift it."""
        return commanded(self.narrowgate, Kind.HOLD_LIFTED, scope, (1, 2))

    def gate(self, name: str) -> tuple[int, str]:
        """Exit code and message of the gate over one package."""
        result = self.narrowgate(*GATE.replace("package-2", name).split())
        return result.code, result.err

    def answers(self, name: str) -> list[str]:
        """The answers of a package as its first officer opens them, a line each."""
        identifier = json.loads((self.home / name / "manifest.json").read_bytes())["package_id"]
        opened = self.narrowgate(*OPEN.replace("{answers}", f"world/answers/{identifier}").split())
        assert opened.code == 0, opened.err
        return opened.out.splitlines()[1:]

    def verify(self) -> str:
        """What an inspector is told of the world, which must verify."""
        result = self.narrowgate(*VERIFY.split())
        assert result.code == 0, result.err
        return result.out

    def next_honest_package_is_answered(self) -> None:
        """Whatever was done to the gate, the next package gets its answers, and the world verifies."""
        honest = self.package("honest")
        code, message = self.gate("honest")
        assert code == 0, message
        assert [line.split(",")[2] for line in self.answers(honest.name)] == [
            "CONFIRMED",
            "CONFIRMED",
            "NOT_CONFIRMED",
            "REFUSED",
        ]
        self.verify()
