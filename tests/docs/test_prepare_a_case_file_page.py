"""The commands of the page on preparing a case file, run as they are written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.requests import PROJECT
from support.sandbox_files import SANDBOX, base_files

PAGE = PROJECT / "docs" / "how-to" / "prepare-a-case-file.md"


def test_the_page_leads_from_an_empty_sheet_to_a_package_to_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, narrowgate: CommandLine
) -> None:
    base_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert narrowgate(*SANDBOX.split()).code == 0
    for name in ("agreement.toml", "officers/officers.csv"):
        shutil.copy(Path("world") / name, Path(name).name)
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    codes = []
    for line in "".join(blocks).splitlines():
        command, _, source = line.removeprefix("narrowgate ").partition(" < ")
        result = narrowgate(*command.split(), stdin=Path(source).read_bytes() if source else b"")
        codes.append(result.code)
    # One of the base's four items asks at a placeholder, so --strict ends with the code of a refusal.
    assert codes == [0, 0, 11, 0, 0]
    for name in ("cases.xlsx", "lint.html", "package", "package.html"):
        assert Path(name).exists()
