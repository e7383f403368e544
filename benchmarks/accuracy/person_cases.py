"""The cases of ``field_cases.csv`` about persons: same or different, by class of report."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from benchmarks.accuracy.data import rows
from benchmarks.accuracy.scoring import Share

from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.identity import record_identities, request_identities
from narrowgate.core.person.model import Person, RawPerson

_BY_TIN = "person TIN"
_BY_BIRTH_DATE = "person birth date only"
_KINDS = {_BY_TIN: RawPerson(tin="212456789"), _BY_BIRTH_DATE: RawPerson(birth_date="1984-11-07")}


def measure(source: Path) -> dict[tuple[str, str, str], Share]:
    """By identifier, expected answer and class: the cases decided as expected, whichever side is the record.

    Args:
        source: ``field_cases.csv``.
    """
    found: defaultdict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for row in rows(source):
        if identified := _KINDS.get(row["kind"]):
            one, other = (_person(row[side], identified) for side in ("a", "b"))
            meets = [_meet(one, other), _meet(other, one)]
            wanted = row["expected"] == "same"
            found[row["kind"], row["expected"], row["class"]].append(meets == [wanted, wanted])
    return {told: Share(sum(right), len(right)) for told, right in sorted(found.items())}


def _person(text: str, identified: RawPerson) -> Person | None:
    given_names, _, surnames = text.partition(" / ")
    return examine_person(identified._replace(given_names=given_names, surnames=surnames)).person


def _meet(record: Person | None, request: Person | None) -> bool:
    if record is None or request is None:
        return False
    return not set(record_identities(record)).isdisjoint(request_identities(request))
