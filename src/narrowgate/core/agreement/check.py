"""What a reader of an agreement should know before signing it: nothing of it stops the gate by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.eligibility.construction import HELD_BY_CONSTRUCTION
from narrowgate.core.eligibility.ruleset import RULES


def check_agreement(agreement: Agreement, today: date) -> tuple[str, ...]:
    """Sentences on what is in doubt in a readable agreement; empty when nothing is.

    Args:
        agreement: as parsed, so inside the code's ceilings.
        today: the UTC date to judge dates by.
    """
    return (*_clause_doubts(agreement, today), *_date_doubts(agreement, today), *_other_doubts(agreement))


def _clause_doubts(agreement: Agreement, today: date) -> Iterator[str]:
    known = {rule.id for rule in RULES}
    named: set[str] = set()
    for clause in agreement.clauses:
        named.update(clause.rules)
        for rule in clause.rules:
            if rule not in known and rule not in HELD_BY_CONSTRUCTION:
                yield f"Clause {clause.id} names {rule}, which the software does not have."
        if not clause.valid_from <= today <= clause.valid_to:
            yield f"Clause {clause.id} is not in force on {today}."
    for rule in sorted(known - named):
        yield f"No clause names {rule}; the software holds it all the same."


def _date_doubts(agreement: Agreement, today: date) -> Iterator[str]:
    if not agreement.effective <= today <= agreement.expires:
        yield f"The agreement is not in force on {today}: every package is refused (R-51)."
    safeguards = agreement.safeguards
    if not safeguards.approved <= today <= safeguards.expires or safeguards.open_finding:
        yield f"The safeguards approval does not hold on {today}: every package is refused (R-51)."
    if agreement.hold and agreement.hold.since <= today:
        yield "A hold is in the agreement (R-52)."
    for grant in agreement.offices:
        if not grant.enabled:
            yield f"The office {grant.role} is switched off (R-22)."
        elif not any(key.is_in_force(today) for key in grant.keys):
            yield f"No key holds the office {grant.role} on {today} (R-21)."


def _other_doubts(agreement: Agreement) -> Iterator[str]:
    if agreement.sandbox:
        yield "This is a sandbox agreement: it is refused outside the sandbox."
    if agreement.addresses.facility_list is None:
        yield "No list of facilities is named: facilities are refused by their words only (R-65b)."
