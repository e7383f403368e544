"""The peers' answers to a whole case file, as JSON: ``python -m benchmarks.accuracy.peer_persons RECORDS CASES OUT``.

Every method is given the keys that the match rule has: an item with a TIN asks for that TIN, another one for
its birth date; and only records of a tax year that the item names count.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pyarrow as pa
import splink.comparison_library as cl
from benchmarks.accuracy.data import Address, rows
from benchmarks.accuracy.peer_address import Components, components, same_place
from benchmarks.accuracy.peer_splink import ADDRESS_COMPARISONS, SEED, linker, table
from rapidfuzz.distance import OSA
from splink import block_on

THRESHOLDS = (0.99, 0.999)
_U_PAIRS = 5e6
_PERSON_COMPARISONS = (
    cl.JaroWinklerAtThresholds("given", [0.92, 0.8]),
    cl.JaroWinklerAtThresholds("surname", [0.92, 0.8]),
    cl.LevenshteinAtThresholds("tin", 1),
    cl.ExactMatch("birth_date"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """One filer of one year, or one item."""

    given: str
    surname: str
    tin: str
    birth_date: str
    address: Address
    years: tuple[str, ...]
    item: str = ""

    @property
    def parsed(self) -> Components | None:
        """The address as usaddress reads it."""
        return _components(self.address)

    @property
    def names(self) -> list[str]:
        """Every word of the name, in capitals."""
        return f"{self.given} {self.surname}".replace("-", " ").upper().split()


_components = cache(components)


def filers(path: Path) -> list[Person]:
    """Every filer of every return, the spouse beside the primary taxpayer."""
    return [
        Person(
            row[f"{prefix}first_name"],
            row[f"{prefix}last_name"],
            row[f"{prefix}ssn"].replace("-", ""),
            row[f"{prefix}date_of_birth"],
            Address(
                ", ".join(part for part in (row["mailing_line_1"], row["mailing_line_2"]) if part),
                row["mailing_city"],
                row["mailing_state"],
                row["mailing_zipcode"],
            ),
            (row["tax_year"],),
        )
        for row in rows(path)
        for prefix in ("", "spouse_")
        if row[f"{prefix}last_name"] or row[f"{prefix}ssn"]
    ]


def items(path: Path) -> list[Person]:
    """Every item of the case file."""
    return [
        Person(
            row["given_names"],
            row["surnames"],
            row["tin"].replace("-", ""),
            row["birth_date"].replace("-", ""),
            Address(
                ", ".join(part for part in (row["address_line_1"], row["address_line_2"]) if part),
                row["city"],
                row["state"],
                row["zip"],
            ),
            tuple(row["tax_years"].split()),
            row["item"],
        )
        for row in rows(path)
    ]


def in_capitals(person: Person) -> Person:
    """The person with every text in capitals and single spaces."""

    def fold(text: str) -> str:
        return " ".join(text.upper().split())

    address = person.address
    return replace(
        person,
        given=fold(person.given),
        surname=fold(person.surname),
        address=Address(fold(address.line), fold(address.city), fold(address.state), fold(address.zip)),
    )


def joined(file: list[Person], asked: list[Person], agree: Callable[[Person, Person], bool]) -> list[str]:
    """Items for which a record with the item's TIN, or else its birth date, agrees in a year named."""
    by_key: dict[tuple[Hashable, ...], list[Person]] = defaultdict(list)
    for record in file:
        for year in record.years:
            by_key["tin", record.tin, year].append(record)
            by_key["birth_date", record.birth_date, year].append(record)
    found = []
    for item in asked:
        key = ("tin", item.tin) if item.tin else ("birth_date", item.birth_date)
        candidates = (record for year in item.years for record in by_key.get((*key, year), ()))
        if any(agree(record, item) for record in candidates):
            found.append(item.item)
    return found


def exactly(record: Person, item: Person) -> bool:
    """Names and address letter by letter."""
    return (record.given, record.surname, record.address) == (item.given, item.surname, item.address)


def components_and_names(record: Person, item: Person) -> bool:
    """Every usaddress component equal, and every word of the shorter name in the longer one, give or take a letter."""
    a, b = record.parsed, item.parsed
    if a is None or b is None or a.delivery != b.delivery or not same_place(a, b):
        return False
    shorter, longer = sorted((record.names, item.names), key=len)
    return bool(shorter) and all(any(_alike(word, other) for other in longer) for word in shorter)


def _alike(word: str, other: str) -> bool:
    initial = len(word.rstrip(".")) == 1 or len(other.rstrip(".")) == 1
    return word[0] == other[0] if initial else OSA.distance(word, other, score_cutoff=1) <= 1


def splink_confirms(file: list[Person], asked: list[Person]) -> dict[str, list[str]]:
    """Items that a Splink model of person and address links to a record of a year named, by threshold."""
    model = linker(
        _table(file),
        _table(asked),
        (*_PERSON_COMPARISONS, *ADDRESS_COMPARISONS),
        [block_on("tin"), block_on("birth_date", "surname"), block_on("number", "street_name", "zip5")],
    )
    training = model.training
    training.estimate_probability_two_random_records_match([block_on("tin", "surname")], recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=_U_PAIRS, seed=SEED)
    for rule in (block_on("tin"), block_on("birth_date", "surname")):
        training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=1.0)
    links = model.inference.predict(threshold_match_probability=min(THRESHOLDS), warning_mode="never")
    found: dict[str, set[str]] = {f"Splink person model, p >= {limit}": set() for limit in THRESHOLDS}
    linked = links.as_pyarrow_table().select(["unique_id_l", "unique_id_r", "match_probability"])
    for left, right, probability in zip(*(column.to_pylist() for column in linked.columns), strict=True):
        if set(file[left].years) & set(asked[right].years):
            for limit in THRESHOLDS:
                if probability >= limit:
                    found[f"Splink person model, p >= {limit}"].add(asked[right].item)
    return {name: sorted(confirmed) for name, confirmed in found.items()}


def _table(people: list[Person]) -> pa.Table:
    return table(
        (person.parsed for person in people),
        given=[person.given.upper() or None for person in people],
        surname=[person.surname.upper() or None for person in people],
        tin=[person.tin or None for person in people],
        birth_date=[person.birth_date or None for person in people],
    )


def main() -> None:
    """Read records and cases, write the items that each method confirms."""
    records, cases, target = map(Path, sys.argv[1:])
    file, asked = filers(records), items(cases)
    folded = [in_capitals(person) for person in file], [in_capitals(person) for person in asked]
    found = {
        "exact string join": joined(file, asked, exactly),
        "case-folded join": joined(*folded, exactly),
        "usaddress components and aligned names": joined(file, asked, components_and_names),
        **splink_confirms(file, asked),
    }
    target.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
