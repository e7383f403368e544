"""The reference list of detention facilities, read from CSV."""

from __future__ import annotations

import csv
from io import TextIOWrapper
from pathlib import Path

from narrowgate.adapters.files.regular import open_regular
from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import RawAddress
from narrowgate.core.address.sufficiency.facilities import facility_entries
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.system_errors import system_reason

COLUMNS = ("name", "address", "city", "state", "zip", "type")


def read_facility_list(path: Path) -> frozenset[str]:
    """The entries by which :func:`narrowgate.core.address.examine.examine_address` refuses the listed facilities.

    A facility whose address is not sufficient is entered by its name only: its address is refused in a
    question for that insufficiency.

    Args:
        path: UTF-8 CSV with the columns ``name, address, city, state, zip, type`` in this order, all text.

    Raises:
        ConfigurationError: the file cannot be read, has other columns, or a line with too many or too few.
    """
    entries: set[str] = set()
    try:
        with TextIOWrapper(open_regular(path), encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            _check_header(next(reader, []), path)
            for row in reader:
                entries |= _entries(row, f"{path}:{reader.line_num}")
    except OSError as error:
        raise ConfigurationError(
            "The facility list cannot be read.",
            why=system_reason(error)[0],
            where=str(path),
            next_step=system_reason(error)[1],
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(
            "The facility list is not CSV in UTF-8.", next_step="Export it again.", where=str(path)
        ) from error
    return frozenset(entries)


def _check_header(header: list[str], path: Path) -> None:
    if tuple(header) != COLUMNS:
        raise ConfigurationError(
            "The facility list has other columns.",
            why=f"Its first line must be: {','.join(COLUMNS)}.",
            where=f"{path}:1",
            next_step="Correct the first line of the list.",
        )


def _entries(row: list[str], where: str) -> frozenset[str]:
    if len(row) != len(COLUMNS):
        raise ConfigurationError(
            f"The line has {len(row)} columns and not {len(COLUMNS)}.",
            next_step="Quote a cell that holds a comma.",
            where=where,
        )
    name, address, city, state, zip_code, _ = row
    return facility_entries(
        name, examine_address(RawAddress(address, "", city, state, zip_code)).delivery_point
    )
