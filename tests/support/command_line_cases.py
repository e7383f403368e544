"""Cases of the command line, one a folder of ``tests/vectors/command_line`` (its README states the form)."""

from __future__ import annotations

import csv
import io
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from narrowgate.core.log.merkle import CompactRange, leaf_hash
from narrowgate.core.request.manifest import Rows, manifest_bytes, parse_manifest
from support.requests import PROJECT
from support.sandbox_acts import put_in_force

FOLDER = PROJECT / "tests" / "vectors" / "command_line"
BASE = FOLDER / "base"
SPECIFICATION = "case.toml"
ANSWERS = "answers.csv"
_DAY = re.compile(r"\{today([+-]\d+)?\}")
_PERSONAL = (
    *(
        "given_names",
        "surnames",
        "birth_date",
        "tin",
        "alien_number",
        "address_line_1",
        "address_line_2",
        "zip",
    ),
    *("investigation_number", "removal_order_number", "reason", "address_source"),
    *("TIN", "FIRST_NAMES", "LAST_NAMES", "DOB", "STREET", "STREET_2", "ZIP"),
)
"""Columns whose cells no message may repeat."""
_WORDS_OF_MESSAGES = {"UNKNOWN"}


@dataclass(frozen=True)
class Case:
    """One folder, read."""

    name: str
    why: str
    run: tuple[str, ...]
    code: int = 0
    says: tuple[str, ...] = ()
    out: tuple[str, ...] = ()
    start: str = "files"
    days_later: int = 0
    may_change: tuple[str, ...] = ()
    change: tuple[dict[str, Any], ...] = field(default=())

    @property
    def fails(self) -> bool:
        """Whether the folder's name says so."""
        return self.name.endswith("_fail")


def cases() -> list[Case]:
    """Every case, in the order of the names."""
    return [_case(path) for path in sorted(FOLDER.glob(f"*/{SPECIFICATION}"))]


def _case(path: Path) -> Case:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
    return Case(path.parent.name, **{**table, **lists})


def copy_files(source: Path, target: Path, today: date) -> None:
    """The files of a folder with every ``{today-20}`` written out; the specification stays behind."""
    for path in source.iterdir():
        if path.name not in {SPECIFICATION, ANSWERS}:
            (target / path.name).write_bytes(on_day(path.read_text(encoding="utf-8"), today).encode())


def on_day(text: str, today: date) -> str:
    """The text with days relative to ``today`` written out."""
    return _DAY.sub(lambda match: (today + timedelta(days=int(match[1] or 0))).isoformat(), text)


def apply(change: dict[str, Any], home: Path, today: date) -> None:
    """One entry of ``[[change]]``: its ``file`` (a pattern that fits one file) becomes what the change says."""
    (path,) = sorted(home.glob(change["file"])) or [home / change["file"]]
    (kind,) = _CHANGES.keys() & change.keys()
    options = {name: value for name, value in change.items() if name not in {"file", kind}}
    value = change[kind]
    if isinstance(value, str):
        value = on_day(value, today)
    _CHANGES[kind](path, value, **options)


def _replace(path: Path, texts: list[str]) -> None:
    old, new = texts
    text = path.read_bytes().decode()
    assert old in text, f"the text to replace does not stand in {path.name}"
    path.write_bytes(text.replace(old, new).encode())


def _flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


def _copy(path: Path, name: str) -> None:
    copy = shutil.copytree if path.is_dir() else shutil.copyfile
    copy(path, path.parent / name)


def _remove(path: Path, _: bool) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _parquet(path: Path, name: str, numbers: Sequence[str] = ()) -> None:
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    for row in rows:
        row.update({column: int(row[column].replace("-", "") or 0) for column in numbers})
    pq.write_table(pa.Table.from_pylist(rows), path.with_name(name))


def _recount(manifest_file: Path, _: bool) -> None:
    """The manifest is that of the rows as they are now, as a requester's own program could write it."""
    data = manifest_file.with_name("rows.ndjson").read_bytes()
    tree = CompactRange()
    for row in data.split(b"\n")[:-1]:
        tree.add(leaf_hash(row))
    rows = Rows(tree.size, len(data), sha256(data).hexdigest(), tree.root().hex())
    manifest = parse_manifest(manifest_file.read_bytes(), "manifest.json")
    manifest_file.write_bytes(manifest_bytes(replace(manifest, rows=rows)))


_CHANGES: dict[str, Callable[..., object]] = {
    "replace": _replace,
    "append": lambda path, text: path.write_bytes(path.read_bytes() + text.encode()),
    "write": lambda path, text: path.write_bytes(text.encode()),
    "pad": lambda path, length: path.write_bytes(path.read_bytes() + b"x" * length),
    "cut": lambda path, length: path.write_bytes(path.read_bytes()[:-length]),
    "flip": _flip,
    "encoding": lambda path, name: path.write_bytes(path.read_bytes().decode().encode(name)),
    "copy": _copy,
    "remove": _remove,
    "parquet": _parquet,
    "recount": _recount,
    "in_force": lambda path, _: put_in_force(path.parent, "agreement"),
}


def contents(home: Path, apart_from: tuple[str, ...] = ()) -> dict[str, bytes | None]:
    """Everything below a directory, hidden files too: bytes of files, None for directories."""
    found = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if not any(fnmatch(name, pattern) for pattern in apart_from):
            found[name] = path.read_bytes() if path.is_file() else None
    return found


def personal_values(folder: Path) -> set[str]:
    """Cells of the records and cases of a folder that no message may repeat, in capitals; of names every word."""
    values: set[str] = set()
    for path in (BASE / "records.csv", BASE / "cases.csv", folder / "cases.csv"):
        if path.exists():
            for cell in _personal_cells(path):
                values |= {cell, cell.replace("-", "")}
                values.update(cell.split() if cell.replace(" ", "").isalpha() else ())
    return {value for value in values if len(value) > 4} - _WORDS_OF_MESSAGES


def _personal_cells(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield from (value.upper() for column, value in row.items() if column in _PERSONAL)
