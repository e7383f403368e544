"""Case files for programs: everything that the gate would refuse, before anybody signs."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.core.eligibility.lint import Severity
from narrowgate.core.eligibility.lint_file import lint_file
from narrowgate.entrypoints.documents import read_agreement, read_facilities_of


@dataclass(frozen=True, slots=True)
class CaseRemark:
    """One thing about one item of a case file, in words that repeat no cell of it.

    Args:
        line: of the case file, from 1, the header counted.
        item: the requester's own id of the item.
        refuses: whether the gate would refuse the item for it; otherwise the remark is a warning, or what the gate
            would refuse once the form of a value is corrected.
        rule: id of the rule; empty for a warning.
        detail: in which way the rule is not met.
        hint: what to do about it.
    """

    line: int
    item: str
    refuses: bool
    rule: str
    detail: str
    hint: str


class EveryOfficer(Container[str]):
    """Holds every id: the custodian knows who is registered, and a case file is linted at the requester's."""

    def __contains__(self, officer: object) -> bool:
        return True


def lint_case_file(cases: Path, agreement: Path, today: date) -> Iterator[CaseRemark]:
    """Gives everything for which the gate would refuse an item of the file, line by line, and every warning.

    The budgets are kept within the file as the gate keeps them; what earlier packages used up, only the custodian
    can tell.

    Args:
        cases: CSV (UTF-8) or Parquet with the columns of ``docs/reference/protocol/request.md``.
        agreement: the TOML of the agreement; a facility list that it names is read from beside it.
        today: the UTC day from which ages and windows count.

    Raises:
        ConfigurationError: the agreement or its facility list cannot be used.
        RefusedError, EnvelopeError, NothingToProcessError: the file is no case file, or is empty.
    """
    terms = read_agreement(agreement)
    facilities = read_facilities_of(terms, agreement)
    found = lint_file(
        read_case_file(cases), terms, today, EveryOfficer(), facilities, SystemEntropy().draw(32)
    )
    for linted in found.remarked:
        for remark in linted.remarks:
            rule = remark.rule.id if remark.rule else ""
            refuses = remark.severity is Severity.REFUSAL
            yield CaseRemark(linted.line, linted.item, refuses, rule, remark.detail, remark.hint)
