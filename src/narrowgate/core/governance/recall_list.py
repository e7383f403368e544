"""The list of answers that a recall is about: canonical JSON whose digest its act names.

The format is stated in ``docs/reference/protocol/recall.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import SHA256, WORD, Fields, read_document
from narrowgate.core.base.times import TIME
from narrowgate.core.log.recalls import AnswersRecalled

RECALL_LIST_SCHEMA: Final = "narrowgate/recall-list/v1"

_CRITERION: Final = re.compile(rf"(?:{WORD.pattern})?")
_TIME: Final = re.compile(rf"(?:{TIME.pattern})?")
_ITEMS: Final = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9._-]{0,199})(?:[:#](0|[1-9][0-9]{0,8})(?:-(0|[1-9][0-9]{0,8}))?)?"
)
"""A package, and rows of it: no id of a package has a colon (``core.request.manifest.PACKAGE_ID``)."""
_RANGES_OF_A_LEAF: Final = 2_000
"""A range has at most 23 bytes in a leaf, and a leaf 65,535."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which answers are recalled: those that every criterion given picks; an empty one picks all.

    Args:
        rule_set: version of the rule set in the item's leaf.
        canonical_form: version of the canonical form in the item's leaf.
        match_rule: version of the match rule that was in force when the package was received, decided, or between.
        index: id of the index snapshot in the *package decided* leaf.
        agreement: hex digest of the agreement.
        office: id of the office that signed the package.
        signer: hex digest of the key that signed it.
        recipient: hex digest of a key that answers of the package were sealed to; all answers of the package are
            recalled, because the log does not say which rows are in which part.
        start: decided at this time or later, RFC 3339.
        end: decided before this time, RFC 3339.
        items: ``PACKAGE`` or ``PACKAGE:FIRST-LAST``, rows from 0; lists of before have ``#`` for the colon.
    """

    rule_set: str = ""
    canonical_form: str = ""
    match_rule: str = ""
    index: str = ""
    agreement: str = ""
    office: str = ""
    signer: str = ""
    recipient: str = ""
    start: str = ""
    end: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowsRecalled:
    """Rows that follow one another.

    Args:
        first: row, from 0.
        last: row.
        answers: answered items among them; a refused one has no answer.
    """

    first: int
    last: int
    answers: int


@dataclass(frozen=True, slots=True)
class PackageRecalled:
    """The answers of one package that are recalled.

    Args:
        package: its id.
        office: that signed it.
        signer_key_sha256: hex digest of the key that signed it.
        agreement_sha256: hex digest of the agreement.
        received_leaf: index of its *package received* leaf.
        decided_leaf: index of its *package decided* leaf.
        rows: ranges in rising order.
        recipients: hex digests of the keys that its answers were sealed to, rising; empty where they are not known.
    """

    package: str
    office: str
    signer_key_sha256: str
    agreement_sha256: str
    received_leaf: int
    decided_leaf: int
    rows: tuple[RowsRecalled, ...]
    recipients: tuple[str, ...] = ()

    @property
    def answers(self) -> int:
        """How many answers are recalled."""
        return sum(each.answers for each in self.rows)

    def expected(self) -> tuple[str, ...]:
        """The keys whose holders are told and answer: the office's signer first, then each recipient."""
        return tuple(dict.fromkeys((self.signer_key_sha256, *self.recipients)))


@dataclass(frozen=True, slots=True)
class RecallList:
    """All answers of one recall.

    Args:
        log_origin: of the log.
        log_size: leaves that were looked through.
        criteria: that picked them.
        packages: in the order of their receipt.
    """

    log_origin: str
    log_size: int
    criteria: Criteria
    packages: tuple[PackageRecalled, ...] = field(default=())

    @property
    def answers(self) -> int:
        """How many answers are recalled."""
        return sum(package.answers for package in self.packages)

    @property
    def digest(self) -> str:
        """Hex SHA-256 of its bytes, which the act names."""
        return sha256(recall_list_bytes(self)).hexdigest()

    def leaves(self, act_number: int, time: datetime) -> Iterator[AnswersRecalled]:
        """What the log says of each package, behind the leaf of the act; a package of many ranges has several."""
        for package in self.packages:
            for start in range(0, len(package.rows), _RANGES_OF_A_LEAF):
                rows = package.rows[start : start + _RANGES_OF_A_LEAF]
                yield AnswersRecalled(
                    act_number,
                    package.package,
                    [(each.first, each.last) for each in rows],
                    sum(each.answers for each in rows),
                    time,
                )


def recall_list_bytes(recall: RecallList) -> bytes:
    """The only byte string that denotes the list."""
    return canonical_bytes(
        {
            "schema": RECALL_LIST_SCHEMA,
            "log_origin": recall.log_origin,
            "log_size": recall.log_size,
            "criteria": {**asdict(recall.criteria), "items": list(recall.criteria.items)},
            "packages": [_package(each) for each in recall.packages],
        }
    )


def _package(each: PackageRecalled) -> dict[str, Any]:
    return {**asdict(each), "rows": [asdict(rows) for rows in each.rows], "recipients": list(each.recipients)}


def parse_recall_list(data: bytes, where: str) -> RecallList:
    """The list that the bytes denote: at least one answer, packages in order, each once.

    Raises:
        EnvelopeError: they denote none.
    """
    fields = read_document(data, where)
    fields.constant("schema", RECALL_LIST_SCHEMA)
    recall = RecallList(
        log_origin=fields.text("log_origin", WORD),
        log_size=fields.count("log_size"),
        criteria=_criteria(Fields(fields.table("criteria"), where, "criteria.")),
        packages=tuple(map(_read_package, fields.objects("packages"))),
    )
    received = [package.received_leaf for package in recall.packages]
    if not received or received != sorted(set(received)):
        raise fields.refused("packages", "are none, or not in the order of their receipt")
    if any(package.decided_leaf >= recall.log_size for package in recall.packages):
        raise fields.refused("packages", "hold one that was decided later")
    fields.close()
    return recall


def _criteria(fields: Fields) -> Criteria:
    names = (
        "rule_set",
        "canonical_form",
        "match_rule",
        "index",
        "agreement",
        "office",
        "signer",
        "recipient",
    )
    found = Criteria(
        **{name: fields.text(name, _CRITERION) for name in names},
        start=fields.text("start", _TIME),
        end=fields.text("end", _TIME),
        items=fields.texts("items", _ITEMS),
    )
    fields.close()
    return found


def _read_package(fields: Fields) -> PackageRecalled:
    package = PackageRecalled(
        package=fields.text("package", WORD),
        office=fields.text("office", WORD),
        signer_key_sha256=fields.text("signer_key_sha256", SHA256),
        agreement_sha256=fields.text("agreement_sha256", SHA256),
        received_leaf=fields.count("received_leaf"),
        decided_leaf=fields.count("decided_leaf"),
        rows=_read_rows(fields),
        recipients=fields.texts("recipients", SHA256),
    )
    fields.close()
    return package


def _read_rows(fields: Fields) -> tuple[RowsRecalled, ...]:
    found: list[RowsRecalled] = []
    before = -1
    for each in fields.objects("rows"):
        rows = RowsRecalled(each.count("first"), each.count("last"), each.count("answers"))
        each.close()
        if not before < rows.first <= rows.last or not 1 <= rows.answers <= rows.last - rows.first + 1:
            raise fields.refused("rows", "do not follow one another, or hold no answer or too many")
        before = rows.last
        found.append(rows)
    if not found:
        raise fields.refused("rows", "are none")
    return tuple(found)


def rows_of(item: str) -> tuple[str, int, int | None]:
    """Package, first and last row, from 0, of one of the criteria's ``items``; no last row where all are meant.

    Raises:
        ValueError: it names no package, or behind the package is no row and no range.
    """
    match = _ITEMS.fullmatch(item)
    if match is None:
        raise ValueError(item)
    package, first, last = match.groups()
    return (package, int(first), int(last or first)) if first else (package, 0, None)
