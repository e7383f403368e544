"""A case file judged before anybody signs, for every way in which an analyst asks for it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from narrowgate.adapters.files.officers import registered_ids
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.eligibility.lint_file import LintedFile, lint_file
from narrowgate.core.eligibility.package_obstacles import obstacles_of_any_office
from narrowgate.core.eligibility.rule import Finding
from narrowgate.core.request.case_file import CaseItem
from narrowgate.entrypoints.documents import read_agreement, read_facilities_of
from narrowgate.entrypoints.library.cases import EveryOfficer
from narrowgate.gate.ports import Entropy


@dataclass(frozen=True, slots=True)
class CaseTerms:
    """What a case file is judged by.

    Args:
        agreement: that it is to be sent under.
        officers: ids of the registered officers; every id where no register is at hand.
        facilities: keys of the agreement's list of facilities.
    """

    agreement: Agreement
    officers: Container[str]
    facilities: Container[str]


@dataclass(frozen=True, slots=True)
class LintedCases:
    """What would be refused of a case file.

    Args:
        found: item by item, and of whole columns.
        obstacles: what would refuse a package of it whole.
    """

    found: LintedFile
    obstacles: tuple[Finding, ...]


def read_terms(agreement: Path, officers: Path | None) -> CaseTerms:
    """The agreement of a file with the facility list beside it, and the register of officers.

    Args:
        agreement: its file.
        officers: the register; without it every officer counts as registered.

    Raises:
        ConfigurationError: one of them cannot be used.
    """
    terms = read_agreement(agreement)
    registered = registered_ids(officers) if officers else EveryOfficer()
    return CaseTerms(terms, registered, read_facilities_of(terms, agreement))


def lint_cases(items: Iterable[CaseItem], terms: CaseTerms, today: date, entropy: Entropy) -> LintedCases:
    """Everything that the gate would refuse of the items, the budgets within the file included.

    Args:
        items: of a case file.
        terms: that they are judged by.
        today: the UTC day from which ages and windows count.
        entropy: the key under which identifiers are compared in this call.
    """
    found = lint_file(items, terms.agreement, today, terms.officers, terms.facilities, entropy.draw(32))
    return LintedCases(found, tuple(obstacles_of_any_office(found.items, terms.agreement, today)))
