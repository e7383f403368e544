"""The check of people who are taken for one another: relatives and namesakes who are in the tax file themselves."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from narrowgate.core.request.item import Item
from narrowgate.entrypoints.assure.asking import at_home_of, never_confirmed, spread
from narrowgate.entrypoints.assure.check import Size, Tried
from narrowgate.entrypoints.assure.other_addresses import Question
from narrowgate.entrypoints.assure.stage import Stage

_INDEX: Final = "families"
_YEARS_APART: Final = 27
_CONTROLS: Final = 20

Row = Mapping[str, str]


class Relative(NamedTuple):
    """Somebody who is easily taken for a filer, and files from another address.

    Args:
        kind: of whom.
        filer: who was confirmed.
        item: the relative, asked about where the relative lives.
    """

    kind: str
    filer: Item
    item: Item


def namesakes(stage: Stage, size: Size, planted: bool) -> Tried:
    """Twins, parents of one name, and others of one name and birth date are never confirmed for each other.

    All of them are in the tax file, at addresses of their own, where they are confirmed; and so is the filer.
    """
    relatives = _put_into_the_file(stage, -(-size.cases // 5))
    asked = spread([*_mistaken(relatives), *_strangers(stage)], size.cases)
    # Of one name and birth date are two: who is asked about by these alone is neither.
    controls = [each.item for each in relatives if each.item.tin][:_CONTROLS] + [
        each.filer for each in relatives[:_CONTROLS]
    ]
    return never_confirmed(stage, "namesakes", asked, planted, _INDEX, list(dict.fromkeys(controls)))


def _put_into_the_file(stage: Stage, most: int) -> list[Relative]:
    """Three relatives of each of so many confirmed filers, and an index of the tax file with them in it."""
    rows = stage.records()
    of_number: dict[str, list[Row]] = {}
    for row in rows:
        of_number.setdefault(row["TIN"].replace("-", ""), []).append(row)
    filers = [item for item in stage.confirmed if item.tin.replace("-", "") in of_number][:most]
    relatives: list[Relative] = []
    for number, filer in enumerate(filers):
        theirs = of_number[filer.tin.replace("-", "")]
        homes = [
            other
            for step in range(1, len(stage.confirmed))
            for other in [stage.confirmed[(number + step) % len(stage.confirmed)]]
            if other.zip != filer.zip and other.surnames != filer.surnames
        ]
        for place, (kind, changes) in enumerate(_changes(filer)):
            own = 3 * number + place
            tin = f"{701 + own % 60}-{11 + own % 80}-{1000 + own % 9000}"
            if tin.replace("-", "") in of_number:
                continue
            item = at_home_of(filer, homes[place], f"f{own}")._replace(
                tin=tin,
                alien_number="",
                investigation_number=f"INV-2026-{800_000 + own}",
                removal_order_number=f"RO-2025-{800_000 + own}",
                **changes,
            )
            relatives.append(Relative(kind, filer, item))
            rows += [dict(_filed(row, item)) for row in theirs]
    if not (stage.home / _INDEX).exists():
        path = stage.home / f"{_INDEX}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        stage.build(_INDEX, path)
    return relatives


def _changes(filer: Item) -> Iterator[tuple[str, dict[str, str]]]:
    """What of a filer is another's."""
    yield "twin", {"given_names": "Quillon" if filer.given_names[:1].upper() != "Q" else "Ulric"}
    yield (
        "parent of this name",
        {"birth_date": f"{int(filer.birth_date[:4]) - _YEARS_APART}{filer.birth_date[4:]}"},
    )
    yield "other person of this name and birth date", {}


def _filed(row: Row, item: Item) -> Row:
    """The row of a relative for a year in which the filer filed."""
    return {
        **row,
        "TIN": item.tin,
        "FIRST_NAMES": item.given_names,
        "LAST_NAMES": item.surnames,
        "DOB": item.birth_date,
        "STREET": item.address_line_1,
        "STREET_2": item.address_line_2,
        "CITY": item.city,
        "STATE": item.state,
        "ZIP": item.zip,
    }


def _mistaken(relatives: list[Relative]) -> Iterator[Question]:
    """Each at the other's address, by the number and, where that names one of them, without."""
    for number, (kind, filer, item) in enumerate(relatives):
        here = at_home_of(item, filer, f"n{number}a")
        there = at_home_of(filer, item, f"n{number}b")
        yield f"the {kind}, at the filer's address", here
        yield f"the filer, at the address of the {kind}", there
        if kind != "other person of this name and birth date":
            yield (
                f"the {kind}, at the filer's address, without a number",
                here._replace(item=f"n{number}c", tin=""),
            )
            yield (
                f"the filer, at the address of the {kind}, without a number",
                there._replace(item=f"n{number}d", tin=""),
            )


def _strangers(stage: Stage) -> Iterator[Question]:
    """People who have nothing to do with the filer, and a name that is in no file."""
    people = stage.confirmed
    for number, item in enumerate(people):
        other = people[(number + 1) % len(people)]
        if other.surnames != item.surnames and other.birth_date != item.birth_date:
            yield "somebody else at this address", at_home_of(other, item, f"n{number}s")
        yield (
            "another surname, without a number",
            item._replace(item=f"n{number}t", surnames="Quizzenbury", tin=""),
        )
