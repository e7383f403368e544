"""A synthetic world for ``narrowgate demo``: a tax file, a case file, and what is true of every item.

Nobody in it is real: common names combined at random, numbers drawn at random, real ZIP codes and made-up
houses. The truth comes from how the world was drawn, never from the code that decides.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from random import Random

from narrowgate.core.request.item import ITEM_COLUMNS
from narrowgate.entrypoints.sandbox.synthetic_cases import Case, CaseFile, Truth
from narrowgate.entrypoints.sandbox.synthetic_paperwork import Paperwork
from narrowgate.entrypoints.sandbox.synthetic_people import (
    MAPPING,
    RECORD_COLUMNS,
    Registry,
    World,
    record_rows,
)

ITEMS_PER_OFFICER = 40


def write_world(
    directory: Path, people: int, items: int, seed: int, today: date
) -> dict[str, tuple[Truth, str]]:
    """The same arguments write the same tax file, mapping, street reference, case file and truth.

    Args:
        directory: exists; gets ``records.csv``, ``mapping.toml``, ``streets.csv``, ``cases.csv`` and ``truth.csv``.
        people: filers, at least 100.
        items: cases, at least 1.
        seed: another seed, another world.
        today: the day of the package; every date lies at its distance from it.

    Returns:
        For each item its truth and the block it belongs to.
    """
    random = Random(seed)  # noqa: S311 a world that can be drawn again holds no secret
    world = write_tax_file(directory, people, random, today)
    paperwork = Paperwork(random, today, max(2, items // ITEMS_PER_OFFICER))
    cases = CaseFile(world, random, paperwork, today.year - 1).draw(items)
    numbered = {f"C{number:07d}": case for number, case in enumerate(cases, 1)}
    rows = (case_row(item, case, paperwork) for item, case in numbered.items())
    write_rows(directory / "cases.csv", ITEM_COLUMNS, rows)
    truth = {item: (case.truth, case.block) for item, case in numbered.items()}
    write_rows(
        directory / "truth.csv", ("item", "truth", "block"), ((item, *known) for item, known in truth.items())
    )
    return truth


def write_tax_file(directory: Path, people: int, random: Random, today: date) -> World:
    """The filers of a world, with their tax file, its mapping and the street reference in ``directory``.

    Args:
        directory: exists; gets ``records.csv``, ``mapping.toml`` and ``streets.csv``.
        people: filers, at least 100.
        random: drawn from in a fixed order.
        today: the day of the package.
    """
    world = Registry(random, today).draw(people)
    write_rows(directory / "records.csv", RECORD_COLUMNS, record_rows(world, random, today))
    (directory / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    streets = (
        (zip5, name, suffix) for (zip5, name), known in world.suffixes_of_street.items() for suffix in known
    )
    write_rows(directory / "streets.csv", ("zip", "street_name", "suffix"), sorted(streets))
    return world


def case_row(item: str, case: Case, paperwork: Paperwork) -> tuple[str, ...]:
    """The cells of one line of a case file, with paperwork of its own."""
    person, written = case.person, case.written
    values = {
        **paperwork.columns(),
        "item": item,
        "given_names": person.given_name.title(),
        "surnames": " ".join(person.surnames).title(),
        "birth_date": case.birth_date,
        "tin": case.tin,
        "address_line_1": written.line_1,
        "address_line_2": written.line_2,
        "city": written.city,
        "state": written.state,
        "zip": written.zip,
        "tax_years": " ".join(map(str, case.years)),
        **case.changes,
    }
    return tuple(values[column] for column in ITEM_COLUMNS)


def write_rows(path: Path, header: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    """Comma-separated text: a header, and the rows as they come."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
