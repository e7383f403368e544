"""The pages and examples that come with the program: in a wheel below the package, in a checkout below its root."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parents[2]


def documentation() -> Path:
    """The directory of the pages."""
    shipped = _PACKAGE / "docs"
    return shipped if shipped.is_dir() else _PACKAGE.parents[1] / "docs"


def page_file(name: str) -> Path | None:
    """The file of that name below the pages; None where it did not come with the program."""
    path = documentation() / name
    return path if path.is_file() else None
