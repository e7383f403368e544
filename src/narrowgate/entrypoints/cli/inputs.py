"""The files that commands take: regular ones, looked at before anything waits for them."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import click


class RegularFile(click.Path):
    """The path of a file that exists and is no pipe, device or socket: those may never come to an end."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, or a usage error."""
        path: Any = super().convert(value, param, ctx)
        if not stat.S_ISREG(path.stat().st_mode):
            self.fail(f"File '{path}' is not a regular file.", param, ctx)
        return path


EXISTING_FILE = RegularFile()
