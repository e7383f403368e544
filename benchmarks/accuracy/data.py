"""The labeled data, read as text."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Label(StrEnum):
    """What a labeled pair is."""

    SAME = "1"
    DIFFERENT = "0"
    AMBIGUOUS = "A"


@dataclass(frozen=True, slots=True)
class Address:
    """One side of a pair, as written."""

    line: str
    city: str = ""
    state: str = ""
    zip: str = ""

    @property
    def text(self) -> str:
        """The address in one line."""
        tail = " ".join(part for part in (self.state, self.zip) if part)
        return ", ".join(part for part in (self.line, self.city, tail) if part)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two addresses and whether they are the same delivery point."""

    source: str
    cls: str
    label: Label
    a: Address
    b: Address


def data_directory() -> Path:
    """Where the labeled data lies: ``NARROWGATE_DATA``, else beside the project.

    Raises:
        SystemExit: it is not there.
    """
    directory = Path(os.environ.get("NARROWGATE_DATA") or ROOT.parent / "shared" / "data")
    if not (directory / "address_pairs.csv").is_file():
        raise SystemExit(
            "The labeled data is not here. Set NARROWGATE_DATA to the directory of address_pairs.csv."
        )
    return directory


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file, every cell text."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def load_pairs(path: Path) -> list[Pair]:
    """Every labeled pair, in file order."""
    return [
        Pair(row["source"], row["cls"], Label(row["label"]), _side(row, "a"), _side(row, "b"))
        for row in rows(path)
    ]


def _side(row: dict[str, str], side: str) -> Address:
    return Address(*(row[f"{side}_{part}"] for part in ("line1", "city", "state", "zip")))
