"""Narrowgate's own verdicts: keys of two addresses, and whole questions through the sandbox command."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from benchmarks.accuracy.data import ROOT, Address, Pair, rows
from benchmarks.accuracy.streets import reference_of

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import RawAddress
from narrowgate.core.agreement.ceilings import ADDRESS_CLASSES
from narrowgate.core.agreement.clauses import standard_clauses
from narrowgate.core.agreement.model import (
    AddressTerms,
    Limits,
    OfficeGrant,
    Retention,
    Safeguards,
    TaxYears,
)
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.request.item import ITEM_COLUMNS

GIVEN_NAMES = ("Ana", "Boris", "Carla", "Dmitri", "Elena", "Farid", "Gita", "Hugo", "Irena", "Jorge")
SURNAMES = (
    "Abbott",
    "Brandt",
    "Castro",
    "Duarte",
    "Ekholm",
    "Ferrer",
    "Galvan",
    "Hidalgo",
    "Ibarra",
    "Jansen",
)
OFFICERS = 4
TAX_YEAR = "2023"
FIRST_TAX_YEAR = 2015


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one item."""

    outcome: Outcome
    findings: tuple[str, ...]

    @property
    def confirmed(self) -> bool:
        """Whether the answer is CONFIRMED."""
        return self.outcome is Outcome.CONFIRMED

    def __str__(self) -> str:
        return " ".join((self.outcome.value, *self.findings))


def raw(address: Address) -> RawAddress:
    """The address as the core takes it."""
    return RawAddress(address.line, "", address.city, address.state, address.zip)


def share_a_key(pair: Pair) -> bool:
    """Whether both sides are sufficient addresses of one delivery point, without any relaxation."""
    points = [examine_address(raw(side)).delivery_point for side in (pair.a, pair.b)]
    found = [set(keys(point)) for point in points if point is not None]
    return len(found) == 2 and bool(found[0] & found[1])


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the file of a run is made from the pairs.

    Args:
        file_holds_b: whether the file holds side b and side a is asked.
        has_reference: whether the index is built with a list of the streets as they are.
    """

    file_holds_b: bool = False
    has_reference: bool = True


def ask_pairs(home: Path, pairs: Sequence[Pair], today: date, arrangement: Arrangement) -> list[Verdict]:
    """Each pair as one person whose file holds one side and about whom the other is asked.

    Args:
        home: a new directory for the files of the run.
        pairs: labeled.
        today: the day of the run.
        arrangement: of the file.
    """
    home.mkdir(parents=True)
    sides = [(pair.b, pair.a) if arrangement.file_holds_b else (pair.a, pair.b) for pair in pairs]
    held = [{**_person(order), **_parts(side), "tax_year": TAX_YEAR} for order, (side, _) in enumerate(sides)]
    asked = [{**_person(order), **_parts(side)} for order, (_, side) in enumerate(sides)]
    write_rows(home / "records.csv", held)
    (home / "mapping.toml").write_text(_mapping(), encoding="utf-8")
    write_rows(home / "cases.csv", case_rows(asked, today, tax_years=TAX_YEAR))
    write_agreement(home / "agreement.toml", today)
    if arrangement.has_reference:
        streets = [
            dict(zip(("zip", "street_name", "suffix"), row, strict=True)) for row in reference_of(pairs)
        ]
        write_rows(home / "streets.csv", streets)
    return list(run_sandbox(home).values())


def _person(order: int) -> dict[str, str]:
    """A person with a number and a birth date that no other order has."""
    return {
        "given_names": GIVEN_NAMES[order % 10],
        "surnames": SURNAMES[order // 10 % 10],
        "birth_date": (date(1920, 1, 1) + timedelta(days=order)).isoformat(),
        "tin": f"{100 + order // 9000:03d}{10 + order % 90:02d}{1000 + order // 90 % 9000:04d}",
    }


def _mapping() -> str:
    columns = (*_person(0), *_parts(Address("")), "tax_year")
    return "\n".join(["[columns]", *(f'{name} = "{name}"' for name in columns)]) + "\n"


def _parts(address: Address) -> dict[str, str]:
    return {
        "address_line_1": address.line,
        "city": address.city,
        "state": address.state,
        "zip": address.zip,
    }


def case_rows(asked: Iterable[Mapping[str, str]], today: date, *, tax_years: str) -> list[dict[str, str]]:
    """Items that meet every rule about a request, so that person and address alone decide."""
    found = []
    for order, columns in enumerate(asked):
        item = {
            **dict.fromkeys(ITEM_COLUMNS, ""),
            "item": f"item-{order:06d}",
            "alien_number": f"A{order + 200_000_000:09d}",
            "address_source": "employment record of the investigation",
            "address_verified_on": (today - timedelta(days=20)).isoformat(),
            "tax_years": tax_years,
            "statute": "8 USC 1253(a)(1)",
            "investigation_number": f"HSI-{today.year}-{order:06d}",
            "investigation_opened_on": (today - timedelta(days=100)).isoformat(),
            "removal_order_number": f"RO-{order:06d}",
            "removal_order_date": (today - timedelta(days=400)).isoformat(),
            "removal_ground": "8 USC 1227(a)(1)(B)",
            "stayed": "no",
            "in_custody": "no",
            "reason_code": "CORROBORATE_RESIDENCE",
            "reason": f"The lease in exhibit {order} names this home; living there shows willful failure to depart.",
            "officers": f"officer-{order % OFFICERS + 1}",
        }
        found.append({**item, **columns})
    return found


def write_rows(path: Path, written: Sequence[Mapping[str, str]]) -> None:
    """A CSV file with the columns of the first row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(written[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(written)


def write_agreement(path: Path, today: date) -> None:
    """The example agreement in force today, PO boxes accepted and every quota and budget lifted."""
    example = parse_agreement((ROOT / "examples" / "agreement.toml").read_bytes(), "agreement.toml")
    expires = today + timedelta(days=365)
    lifted = replace(
        example,
        sandbox=True,
        effective=today,
        expires=expires,
        clauses=standard_clauses(today, expires),
        offices=tuple(_from_today(grant, today, expires) for grant in example.offices),
        safeguards=Safeguards(approved=today, expires=expires, open_finding=False),
        addresses=AddressTerms(classes=ADDRESS_CLASSES, facility_list=None),
        tax_years=TaxYears(first=FIRST_TAX_YEAR, last=today.year - 1, per_item=12),
        limits=Limits(*[None] * 8),
        retention=Retention(package_days=30),
    )
    path.write_text(render_agreement(lifted), encoding="utf-8")


def _from_today(grant: OfficeGrant, today: date, expires: date) -> OfficeGrant:
    return replace(grant, keys=tuple(replace(key, valid_from=today, valid_to=expires) for key in grant.keys))


def run_sandbox(home: Path) -> dict[str, Verdict]:
    """The answers of ``narrowgate sandbox`` to the files in ``home``, by item, in the order of the case file.

    Raises:
        SystemExit: the command failed; what it said stands on stderr.
    """
    command = Path(sys.executable).with_name("narrowgate")
    world = home / "world"
    options = [f"--{name}={home / file}" for name, file in _FILES.items() if (home / file).exists()]
    done = subprocess.run(
        [command, "sandbox", world, *options, "--json"], stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise SystemExit(f"narrowgate sandbox ended with {done.returncode}.")
    json.loads(done.stdout)
    return {
        row["item"]: Verdict(Outcome(row["outcome"]), tuple(row["findings"].split()))
        for row in rows(world / "answers.csv")
    }


_FILES = {
    "records": "records.csv",
    "mapping": "mapping.toml",
    "cases": "cases.csv",
    "agreement": "agreement.toml",
    "streets": "streets.csv",
}
