"""Every provision of an agreement as one line: a path, a name in words, and which way it can widen what may leave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, Final

from narrowgate.core.agreement.model import Agreement

PRESENT: Final = "present"
"""The value of a provision that is there or is not: a clause, an office, a key, a statute."""

LIFTED: Final = "lifted"

_BRACKETS: Final = re.compile(r"\[[^]]*\]")


class Widens(Enum):
    """What makes a provision allow more than before."""

    GREATER = "a greater value"
    SMALLER = "a smaller value"
    TRUE = "true in place of false"
    FALSE = "false in place of true"
    ADDED = "one more"
    REMOVED = "one fewer"
    NOTHING = "nothing: it reads otherwise and allows neither more nor less"
    ANYTHING = "any change: read with care"


@dataclass(frozen=True, slots=True)
class Provision:
    """One line of an agreement.

    Args:
        path: its place, with the name of the clause, office or key in brackets, such as ``limits.items_per_package``.
        value: what it says, or ``PRESENT``.
    """

    path: str
    value: Any

    @property
    def kind(self) -> str:
        """The path without what is in brackets."""
        return _BRACKETS.sub("[]", self.path)

    @property
    def of(self) -> str:
        """What is in the last brackets, or nothing."""
        return self.path.rpartition("[")[2].partition("]")[0] if "[" in self.path else ""


NAMES: Final[dict[str, tuple[str, Widens]]] = {
    "title": ("title", Widens.NOTHING),
    "version": ("version", Widens.NOTHING),
    "effective": ("first day in force", Widens.SMALLER),
    "expires": ("last day in force", Widens.GREATER),
    "sandbox": ("throw-away keys and lifted limits", Widens.TRUE),
    "custodian": ("name of the custodian", Widens.ANYTHING),
    "requester": ("name of the requester", Widens.ANYTHING),
    "clauses[]": ("clause", Widens.NOTHING),
    "clauses[].text": ("words of clause", Widens.NOTHING),
    "clauses[].citation": ("law cited by clause", Widens.NOTHING),
    "clauses[].valid_from": ("first day of clause", Widens.NOTHING),
    "clauses[].valid_to": ("last day of clause", Widens.NOTHING),
    "clauses[].rules[]": ("rule named by clause", Widens.NOTHING),
    "offices[]": ("office that may sign requests:", Widens.ADDED),
    "offices[].enabled": ("switched on:", Widens.TRUE),
    "offices[].keys[]": ("key that holds an office:", Widens.ADDED),
    "offices[].keys[].valid_from": ("first day of key", Widens.SMALLER),
    "offices[].keys[].valid_to": ("last day of key", Widens.GREATER),
    "trust_roots[]": ("root certificate that signers' chains may end in:", Widens.ADDED),
    "timestamp_authority": ("authority whose time stamp signatures must carry", Widens.ANYTHING),
    "safeguards.approved": ("day of the safeguards approval", Widens.SMALLER),
    "safeguards.expires": ("last day of the safeguards approval", Widens.GREATER),
    "safeguards.open_finding": ("open safeguards finding", Widens.FALSE),
    "match.canonical_form_version": ("version of the canonical form", Widens.ANYTHING),
    "match.rule_version": ("version of the match rule", Widens.ANYTHING),
    "match.identity_keys[]": ("way to identify a person:", Widens.ADDED),
    "match.suffix_blank": ("a street name without its suffix may match", Widens.TRUE),
    "match.street_one_edit": ("one slip in a street name may match", Widens.TRUE),
    "addresses.classes[]": ("class of address:", Widens.ADDED),
    "addresses.facility_list": ("list of detention facilities", Widens.REMOVED),
    "addresses.facility_list.file": ("file of the list of facilities", Widens.NOTHING),
    "addresses.facility_list.sha256": ("content of the list of facilities", Widens.ANYTHING),
    "statutes[]": ("Federal criminal statute that an item may cite:", Widens.ADDED),
    "tax_years.first": ("first tax year", Widens.SMALLER),
    "tax_years.last": ("last tax year", Widens.GREATER),
    "tax_years.per_item": ("tax years that one item may name", Widens.GREATER),
    "limits.items_per_package": ("items in one package", Widens.GREATER),
    "limits.packages_per_day": ("packages of one office in one day", Widens.GREATER),
    "limits.items_per_day_per_office": ("items of one office in one day", Widens.GREATER),
    "limits.caseload_per_officer": ("items that name one officer", Widens.GREATER),
    "limits.distinct_addresses_per_subject": ("addresses that may be asked about one person", Widens.GREATER),
    "limits.subjects_per_address": ("persons that may be asked about at one address", Widens.GREATER),
    "limits.identical_reasons": ("items with the same reason", Widens.GREATER),
    "limits.filers_per_address": ("filers who may share an address without units", Widens.GREATER),
    "release.schedule[]": ("time at which answers leave:", Widens.NOTHING),
    "release.time_zone": ("time zone of the times at which answers leave", Widens.NOTHING),
    "release.processing_hours": (
        "hours between the receipt of a package and its answers, at least",
        Widens.NOTHING,
    ),
    "release.answers_expire_days": ("days for which answers can be opened", Widens.GREATER),
    "retention.package_days": ("days for which rows are kept", Widens.GREATER),
    "hold": ("hold", Widens.REMOVED),
    "hold.since": ("first day of the hold", Widens.GREATER),
    "hold.reason": ("reason of the hold", Widens.NOTHING),
    "hold.offices[]": ("office that the hold is for:", Widens.ANYTHING),
}
"""Each kind of provision: what it is in words, and what widens it; a kind not here counts as ``ANYTHING``."""

_NAMED_BY: Final = {"clauses": "id", "offices": "role", "keys": "sha256"}
_IDENTITY: Final = {"id", "digest", "role", "sha256"}


def provisions_of(agreement: Agreement) -> dict[str, Provision]:
    """Every provision of the agreement by its path, in the order of the file; its id and digest apart."""
    return {term.path: term for term in _walk(agreement, "")}


def name_of(kind: str) -> tuple[str, Widens]:
    """What a kind of provision is in words, and what widens it."""
    return NAMES.get(kind, (kind, Widens.ANYTHING))


def _walk(value: Any, path: str) -> Iterator[Provision]:
    for field in fields(value):
        part = getattr(value, field.name)
        below = f"{path}.{field.name}" if path else field.name
        if field.name in _IDENTITY and not path.endswith("facility_list"):
            continue
        if isinstance(part, tuple):
            for entry in part:
                if is_dataclass(entry):
                    named = f"{below}[{getattr(entry, _NAMED_BY[field.name])}]"
                    yield Provision(named, PRESENT)
                    yield from _walk(entry, named)
                else:
                    yield Provision(f"{below}[{entry}]", PRESENT)
        elif is_dataclass(part):
            if field.name in {"facility_list", "hold"}:
                yield Provision(below, PRESENT)
            yield from _walk(part, below)
        elif part is not None:
            yield Provision(below, part)
        elif path == "limits":
            yield Provision(below, LIFTED)


def in_words(value: Any) -> str:
    """A value as a reader of an agreement expects it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
