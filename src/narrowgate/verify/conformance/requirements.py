"""The table of requirements: what a log can show of each, read from the data file beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement, and what entries of a log say of it.

    Args:
        id: such as ``R-52``.
        title: what is required, in a few words.
        shown_by: names of evidence (``evidence.Evidence``), one of which is enough.
        broken_by: topics of findings that contradict it.
        says: what the entries show.
        limit: what they do not show; may be empty.
        elsewhere: where it is shown instead; empty where entries can bear on it.
        never: why no software can show it; empty where some can.
        command: lists the entries or recomputes them; may be empty.
    """

    id: str
    title: str
    shown_by: tuple[str, ...] = ()
    broken_by: tuple[str, ...] = ()
    says: str = ""
    limit: str = ""
    elsewhere: str = ""
    never: str = ""
    command: str = ""


@cache
def requirements() -> tuple[Requirement, ...]:
    """Returns every requirement R-1 to R-81, in order."""
    table = tomllib.loads((files(__package__) / "requirements.toml").read_text(encoding="utf-8"))
    return tuple(_requirement(row) for row in table["requirement"])


def _requirement(row: dict[str, Any]) -> Requirement:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    return Requirement(**values)
