"""The term that an agreement's budgets run for: it outlives every amendment, and two terms never overlap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Term:
    """What stays the same while one agreement is amended; ``expires`` alone may change.

    Args:
        id: of the agreement.
        custodian: party.
        requester: party.
        effective: first day.
        expires: last day.
    """

    id: str
    custodian: str
    requester: str
    effective: date
    expires: date

    @property
    def digest(self) -> str:
        """Lower-case hex SHA-256 of all but ``expires``: budgets are kept under it."""
        values = {
            "id": self.id,
            "custodian": self.custodian,
            "requester": self.requester,
            "effective": self.effective.isoformat(),
        }
        return sha256(b"narrowgate agreement term 1\x1f" + canonical_bytes(values)).hexdigest()


def term_of(agreement: Agreement) -> Term:
    """The term of an agreement."""
    return Term(
        agreement.id, agreement.custodian, agreement.requester, agreement.effective, agreement.expires
    )


def require_continuous(known: Iterable[Term], current: Term) -> None:
    """Return only if ``current`` continues a known term, or begins after every known one has ended.

    Otherwise another id, another spelling of a party or another first day would start every budget anew.

    Args:
        known: terms of agreements that packages were decided under.
        current: of the agreement in force.

    Raises:
        ConfigurationError: the same id with other parties or another first day, or a second agreement while an
            earlier one runs.
    """
    for term in known:
        if term.id == current.id:
            if term.digest != current.digest:
                raise ConfigurationError(
                    f"The agreement {current.id} has other parties or another first day than before.",
                    why="Its budgets are kept for the parties and the term of the first time, whatever is amended.",
                    next_step="Correct the agreement, or make a new one, with an id of its own, for the time after it.",
                )
        elif term.effective <= current.expires and current.effective <= term.expires:
            raise ConfigurationError(
                f"The agreement {current.id} overlaps the agreement {term.id}, which runs until {term.expires}.",
                why="Two agreements for the same days would give every person and every address two budgets.",
                next_step="Amend the earlier agreement under its id, or let the new one begin after it.",
            )
