"""The openings that an accounting is given, each to be checked against its leaf before it counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from narrowgate.core.agreement.ceilings import STATUTES
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import EnvelopeError, OperationalError, ProofError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.eligibility.reading import normalize_citation
from narrowgate.core.log.opening import MAX_LINE_BYTES, Opened, Opening, parse_opening
from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.model import RawPerson
from narrowgate.core.person.tin import parse_tin
from narrowgate.core.request.item import Item, parse_item

OTHER_STATUTE: Final = "other"
"""What an item cites that is on no list of this software: free text of the requester is never published."""


@dataclass(slots=True)
class Grant:
    """What is opened of one item.

    Args:
        commitments: of what is opened.
        statute: that the row cites, or ``OTHER_STATUTE``.
        person: 16 bytes that are equal for rows of the same person; empty where the row identifies none.
        outcome: that was opened.
    """

    commitments: dict[Opened, bytes] = field(default_factory=dict)
    statute: str = ""
    person: bytes = b""
    outcome: str = ""


class Grants:
    """Openings by package and row; ``take`` checks them against the leaves, ``conclude`` that none is left over.

    Args:
        files: openings files; the same opening may be in several.

    Raises:
        EnvelopeError: a line is no opening.
        ProofError: two openings of one commitment differ.
        OperationalError: the machine cannot read a file.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._waiting: dict[str, dict[int, Grant]] = {}
        self._where: dict[str, str] = {}
        self.orders: dict[str, int] = {}
        self.openings = 0
        for file in files:
            for opening, where in _read(file):
                self._add(opening, where)
        self.packages = frozenset(name.encode() for name in self._waiting)

    def take(self, package: str, row: int, held: Mapping[Opened, str]) -> Grant | None:
        """What is opened of the item of one leaf, after comparison; nothing where it is not opened.

        Args:
            package: id.
            row: of the item.
            held: the commitments of its leaf, hexadecimal.

        Raises:
            ProofError: the leaf commits to something else.
        """
        grant = self._waiting[package].pop(row, None)
        if grant is None:
            return None
        for what, given in grant.commitments.items():
            if given.hex() != held[what]:
                raise ProofError(
                    f"The opening of the {what} is not what the log holds.",
                    why="The leaf commits to another value, or to this one with another salt.",
                    next_step="Do not use the file; keep it as evidence, and report it.",
                    where=f"{package}, row {row}",
                )
        return grant

    def conclude(self) -> None:
        """Returns only if every opening was of a leaf of the log.

        Raises:
            ProofError: the log holds no such item.
        """
        for package, rows in self._waiting.items():
            for row in rows:
                raise ProofError(
                    "The log holds no item of an opening.",
                    why="It is of another log, of a row that there is not, or of an item not decided yet.",
                    next_step="Ask the custodian for openings of this log.",
                    where=f"{package}, row {row}, first named in {self._where[package]}",
                )

    def _add(self, opening: Opening, where: str) -> None:
        self.orders[opening.order_sha256] = self.orders.get(opening.order_sha256, 0) + 1
        self._where.setdefault(opening.package, where)
        grant = self._waiting.setdefault(opening.package, {}).setdefault(opening.row, Grant())
        commitment = opening.commitment
        if (before := grant.commitments.get(opening.what)) is not None:
            _require_same(before, commitment, where)
            return
        self.openings += 1
        grant.commitments[opening.what] = commitment
        if opening.what is Opened.ROW:
            grant.statute, grant.person = _statute_and_person(opening.value)
        elif opening.what is Opened.OUTCOME:
            grant.outcome = opening.value.decode("ascii", "replace")
            if grant.outcome not in tuple(Outcome):
                raise EnvelopeError("The opened outcome is none that there is.", where=where)


def _require_same(before: bytes, now: bytes, where: str) -> None:
    if before != now:
        raise ProofError(
            "Two openings of one commitment differ.",
            why="One of them is not what the log holds.",
            next_step="Do not use the files; keep them as evidence, and report it.",
            where=where,
        )


def _statute_and_person(line: bytes) -> tuple[str, bytes]:
    try:
        item = parse_item(line, "an opened row")
    except EnvelopeError:
        return OTHER_STATUTE, b""  # refused by: it cites nothing that can be read
    citation = item.statute if item.statute in STATUTES else normalize_citation(item.statute)
    return citation if citation in STATUTES else OTHER_STATUTE, _person(item)


def _person(item: Item) -> bytes:
    """The same bytes for the same taxpayer: by number, or by name and birth date where there is no number."""
    if tin := parse_tin(item.tin):
        return sha256(f"T{tin}".encode()).digest()[:16]
    person = examine_person(RawPerson(item.given_names, item.surnames, "", item.birth_date, "")).person
    if person is None:
        return b""
    names = " ".join(person.given_names), " ".join(sorted(person.surnames))
    return sha256("|".join(("B", person.birth_date, *names)).encode()).digest()[:16]


def _read(file: Path) -> Iterator[tuple[Opening, str]]:
    try:
        with file.open("rb") as lines:
            number = 0
            while line := lines.readline(MAX_LINE_BYTES + 1):
                number += 1
                where = f"{file}:{number}"
                if not line.endswith(b"\n"):
                    raise EnvelopeError("The last line is torn, or a line is too long.", where=where)
                yield parse_opening(line[:-1], where), where
    except OSError as error:
        why, next_step = system_reason(error)
        raise OperationalError(
            "The openings cannot be read.", why=why, next_step=next_step, where=str(file)
        ) from error
