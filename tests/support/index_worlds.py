"""Small synthetic tax files, as rows of text, for tests of the index."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import RawAddress
from narrowgate.core.matching.match_rule import (
    Guards,
    Question,
    Relaxations,
    guard_tokens,
    question,
    resolve,
)
from narrowgate.core.matching.tax_years import mask_of
from narrowgate.core.matching.token import IndexKey, Token
from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.exclusion_subjects import exclusion_subjects
from narrowgate.core.person.identity import request_identities
from narrowgate.core.person.model import RawPerson
from narrowgate.core.taxfile.mapping import parse_mapping
from narrowgate.gate.ports import ConfirmationIndex
from narrowgate.index.build import BuildSettings
from narrowgate.index.street_reference import ReferenceRow

KEY = IndexKey(bytes(range(32)))
CREATED = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
LIMIT = 3
"""Filers who may share an address without units in these worlds."""

MAPPING_TEXT = """
[columns]
tin = "tin"
given_names = "given_names"
surnames = "surnames"
birth_date = "birth_date"
address_line_1 = "address_line_1"
city = "city"
state = "state"
zip = "zip"
tax_year = "tax_year"
suppressed = "suppressed"
"""
MAPPING = parse_mapping(MAPPING_TEXT, "mapping.toml")


class Row(NamedTuple):
    """One row of a tax file."""

    tin: str
    given_names: str
    surnames: str
    birth_date: str
    address_line_1: str
    city: str = "CINCINNATI"
    state: str = "OH"
    zip: str = "45220"
    tax_year: str = "2022"
    suppressed: str = "no"


def write_rows(path: Path, rows: Iterable[Row]) -> Path:
    """Writes ``rows`` as CSV with a header."""
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(Row._fields)
        writer.writerows(rows)
    return path


def settings(
    directory: Path,
    *,
    workers: int = 1,
    passes: int | None = None,
    limit: int = LIMIT,
    streets: Sequence[ReferenceRow] | None = None,
) -> BuildSettings:
    """Settings whose quarantine file lies in ``directory``."""
    return BuildSettings(
        shared_address_limit=limit,
        data_as_of="2026-01-31",
        created=CREATED,
        quarantine=directory / "quarantine.csv",
        memory_limit="200MB",
        workers=workers,
        passes=passes,
        streets=streets,
    )


def ask(
    row: Row,
    *,
    years: Iterable[int] = (2022,),
    relaxations: Relaxations | None = None,
) -> Question:
    """The question an item with the contents of ``row`` asks."""
    person = examine_person(RawPerson(row.given_names, row.surnames, "", row.birth_date, row.tin)).person
    point = examine_address(RawAddress(row.address_line_1, "", row.city, row.state, row.zip)).delivery_point
    assert person is not None
    assert point is not None
    return question(
        KEY,
        request_identities(person),
        exclusion_subjects(person),
        point,
        mask_of(years),
        relaxations or Relaxations(),
    )


def guards_of(index: ConfirmationIndex, tokens: Iterable[Token]) -> Guards:
    """The guard facts under ``tokens``, by token."""
    asked = b"".join(dict.fromkeys(tokens))
    (facts,) = index.guards([asked])
    return facts.by_token(asked)


def resolved_by(index: ConfirmationIndex, *questions: Question) -> list[list[bytes]]:
    """The rows every question asks for, with the guard facts of the index."""
    guards = guards_of(index, (token for one in questions for token in guard_tokens(one)))
    return [resolve(one, guards) for one in questions]


def is_held(index: ConfirmationIndex, question: Question) -> bool:
    """The bit of one question."""
    (rows,) = resolved_by(index, question)
    return any(index.members(b"".join(rows), [question.years] * len(rows)))
