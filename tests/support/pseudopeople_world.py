"""A tax file and a case file about it, from simulated returns, with the truth of every item.

``build`` writes ``records.csv`` (or ``.parquet``), ``mapping.toml``, ``streets.csv``, ``cases.csv`` and ``truth.csv``
into a directory. The same arguments write the same bytes.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from support.pseudopeople_cases import case_row
from support.pseudopeople_questions import KINDS, File, Filing, Question, Truth
from support.pseudopeople_returns import Place, Return, Simulant, locality_of, returns

YEARS = 3
"""Tax years in the file, up to the one before the day of the question."""

NAMESAKES = 50
"""One filer in so many has a namesake: another person of the same name, in another place."""

MAPPING = """\
[source]
birth_date_form = "YYYYMMDD"

[columns]
address_line_1 = "mailing_line_1"
address_line_2 = "mailing_line_2"
city = "mailing_city"
state = "mailing_state"
zip = "mailing_zipcode"
tax_year = "tax_year"

[[person]]
tin = "ssn"
given_names = "first_name"
surnames = "last_name"
birth_date = "date_of_birth"

[[person]]
tin = "spouse_ssn"
given_names = "spouse_first_name"
surnames = "spouse_last_name"
birth_date = "spouse_date_of_birth"
"""
"""Both filers of a joint return; the dependents' columns of the file are not named and never enter."""


@dataclass(frozen=True)
class Expectation:
    """What is known of one item."""

    item: str
    kind: str
    truth: Truth

    @property
    def must_not_confirm(self) -> bool:
        """A confirmation would be wrong."""
        return self.truth is Truth.MUST_NOT_CONFIRM

    @property
    def should_confirm(self) -> bool:
        """Anything but a confirmation is a miss."""
        return self.truth is Truth.SHOULD_CONFIRM


@dataclass(frozen=True)
class World:
    """The files written, and the truth in item order."""

    records: Path
    mapping: Path
    streets: Path
    cases: Path
    expectations: tuple[Expectation, ...]


def build(
    directory: Path,
    *,
    people: int,
    items: int,
    seed: int,
    today: date,
    noise: bool = False,
    records_format: Literal["csv", "parquet"] = "csv",
) -> World:
    """Write the files of one world.

    Args:
        directory: exists; the files in it are written anew.
        people: primary taxpayers in the file, at most about 15,000.
        items: rows of the case file; several are about one person where there are more items than people.
        seed: of every choice made here; the returns themselves are always the same.
        today: day of the question; the file ends with the tax year before.
        noise: whether the records have the simulation's errors of writing; questions never do.
        records_format: of the tax file.
    """
    source = random.Random(seed)  # noqa: S311 - a simulation, to be repeated from its seed
    file = _file(people, today, noise, source)
    records = directory / f"records.{records_format}"
    _write_records(records, [filing.written for filing in file.filings])
    mapping = directory / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    streets = directory / "streets.csv"
    _write_csv(streets, _streets(today))
    questions = _questions(file, items, source)
    cases = directory / "cases.csv"
    rows = [case_row(number, question, today, source) for number, question in enumerate(questions, 1)]
    _write_csv(cases, rows)
    expectations = tuple(
        Expectation(row["item"], question.kind, question.truth)
        for row, question in zip(rows, questions, strict=True)
    )
    _write_csv(
        directory / "truth.csv",
        [{"item": told.item, "kind": told.kind, "truth": told.truth.value} for told in expectations],
    )
    return World(records, mapping, streets, cases, expectations)


def _streets(today: date) -> list[dict[str, str]]:
    """Every street of the simulation, as it is: what a county's list has."""
    places = [
        true.place for year in range(today.year - YEARS, today.year) for true in returns(year, noise=False)
    ]
    known = sorted({(place.zip5, place.street) for place in places if place.number and place.street})
    return [{"zip": zip5, "street_name": street} for zip5, street in known]


def _file(people: int, today: date, noise: bool, source: random.Random) -> File:
    years = range(today.year - YEARS, today.year)
    filings = [
        Filing(true, written)
        for year in years
        for true, written in zip(returns(year, noise=False), returns(year, noise=noise), strict=True)
    ]
    everybody = sorted({filing.true.primary.identifier for filing in filings})
    chosen = set(source.sample(everybody, min(people, len(everybody))))
    kept = [filing for filing in filings if filing.true.primary.identifier in chosen]
    in_file = {filer.tin for filing in kept for filer in filing.true.filers}
    others = (filing.true.primary for filing in filings)
    strangers = [simulant for simulant in others if simulant.tin not in in_file]
    return File([*kept, *_namesakes(kept, source)], strangers)


def _namesakes(kept: list[Filing], source: random.Random) -> list[Filing]:
    """Another person of the same name, elsewhere, with a number and a birth date of their own."""
    made = []
    persons = sorted({filing.true.primary.identifier: filing.true for filing in kept}.items())
    for number, (_, filed) in enumerate(source.sample(persons, max(1, len(persons) // NAMESAKES))):
        street = f"{source.choice(('maple', 'cedar', 'juniper', 'hickory'))} grove rd"
        city, state, zip5 = locality_of(street)
        place = Place(str(source.randrange(100, 9900)), street, "", "", city, state, zip5)
        tin = f"{source.randrange(700, 899)}-{source.randrange(10, 99)}-{source.randrange(1000, 9999)}"
        birth_date = (
            f"{source.randrange(1940, 2000)}-{source.randrange(1, 13):02d}-{source.randrange(1, 29):02d}"
        )
        namesake = replace(filed.primary, identifier=f"namesake-{number}", tin=tin, birth_date=birth_date)
        return_ = Return(filed.tax_year, f"namesake-{number}", namesake, None, (), place)
        made.append(Filing(return_, return_, namesake_of=filed))
    return made


def _questions(file: File, items: int, source: random.Random) -> list[Question]:
    """Questions of all kinds in proportion, each about a filing that it can be asked of."""
    filings = [filing for filing in file.filings if not filing.namesake_of]
    kinds = source.choices(list(KINDS), [weight for weight, _ in KINDS.values()], k=items)
    pools = {kind: source.sample(filings, len(filings)) for kind in KINDS}
    pools["namesake_address"] = [filing for filing in file.filings if filing.namesake_of]
    places = dict.fromkeys(KINDS, 0)
    return [_next_question(kind, pools[kind], places, file, source) for kind in kinds]


def _next_question(
    kind: str, pool: list[Filing], places: dict[str, int], file: File, source: random.Random
) -> Question:
    """The question of one kind about the next filing that it can be asked of."""
    ask = KINDS[kind][1]
    for step in range(1, len(pool) + 1):
        question = ask(file, pool[(places[kind] + step) % len(pool)], source)
        if question is not None and file.is_true(question, kind):
            places[kind] += step
            return replace(question, kind=kind)
    raise LookupError(f"no filing for the kind {kind}")


def _write_records(path: Path, filed: list[Return]) -> None:
    rows = [_record(return_) for return_ in filed]
    if path.suffix == ".csv":
        _write_csv(path, rows)
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(rows), path)


def _record(filed: Return) -> dict[str, str]:
    row = {"tax_year": str(filed.tax_year)}
    for prefix, filer in (("", filed.primary), ("spouse_", filed.spouse)):
        row |= _columns(prefix, filer)
        row[f"{prefix}date_of_birth"] = filer.birth_date.replace("-", "") if filer else ""
    for number in range(4):
        dependent = filed.dependents[number] if number < len(filed.dependents) else None
        row |= _columns(f"dependent_{number + 1}_", dependent)
    place = filed.place
    return row | {
        "mailing_line_1": place.line_1,
        "mailing_line_2": place.unit,
        "mailing_city": place.city,
        "mailing_state": place.state,
        "mailing_zipcode": place.zip5,
    }


def _columns(prefix: str, person: Simulant | None) -> dict[str, str]:
    return {
        f"{prefix}first_name": person.given_name if person else "",
        f"{prefix}middle_initial": person.initial if person else "",
        f"{prefix}last_name": person.surnames if person else "",
        f"{prefix}ssn": person.tin if person else "",
    }


def _write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
