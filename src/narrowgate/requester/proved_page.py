"""A verified proof of one answer in words: what was asked, what was answered, what was checked against what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from narrowgate.core.answers.answer_proof import ProvedAnswer
from narrowgate.core.base.times import format_time
from narrowgate.core.log.note import VerifierKey
from narrowgate.requester.asked import asked_item
from narrowgate.requester.opened import meaning_of, rule_fields, rule_lines, witness_fields

_CHECKED: Final = (
    "The key given signed the checkpoint of the log {origin} over {size:,} entries with the root {root}.",
    "Entry {decided:,} of that log names the manifest of the answers in this file by its SHA-256.",
    "This manifest names the manifest of the package in this file by its SHA-256.",
    "The row in this file is row {row:,} of {rows:,} under the Merkle root in that manifest.",
    "Entry {leaf:,} of the log is the decision of this row of this package, at the place where the answers put it.",
    "The outcome in this file, with its salt, opens the commitment of that entry; its findings are those of the entry.",
)

_OTHER_LOG: Final = (
    "Whether the custodian keeps another log beside this one: compare the checkpoint with one kept elsewhere."
)

_NOT_CHECKED: Final = (
    "Whether the address was right, and whether the person lives, lived or can be found there.",
    "Whether the custodian recalled the answer since, unless the newest log was named with --recalls.",
    "The official's signature of the package: the log's entry of its receipt names its digest and the key.",
)


def proved_text(proved: ProvedAnswer, key: VerifierKey, now: datetime) -> str:
    """The proof as lines of text.

    Args:
        proved: verified.
        key: that it was verified with.
        now: an aware UTC time, which the expiry of the answer is compared with.
    """
    return "\n".join(_lines(proved, key, now))


def _lines(proved: ProvedAnswer, key: VerifierKey, now: datetime) -> Iterator[str]:
    item, answers = proved.item, proved.answers
    asked = asked_item(proved.row + 1, item)
    yield f"PROVED: the log {proved.checkpoint.origin} holds the answer {proved.outcome} to this question."
    yield ""
    yield f"Asked by the office {proved.request.office.value}, package {proved.request.package_id}"
    yield f"  made {format_time(proved.request.created)}, under the agreement {answers.agreement_sha256}"
    yield f"  Item              {item.item} (row {proved.row + 1:,} of {answers.rows:,})"
    yield f"  Person as asked   {asked.person}, born {item.birth_date or '(blank)'}"
    yield f"  Address as asked  {asked.address}"
    yield f"  Tax years asked   {asked.tax_years}"
    yield f"  Investigation     {item.investigation_number}, {item.statute}"
    yield f"  Officers          {item.officers}"
    yield ""
    yield f"Answered: {proved.outcome}"
    yield f"  {meaning_of(proved.outcome, item.tax_years)}"
    for finding in proved.findings:
        yield from rule_lines(finding)
    yield f"  issued {format_time(answers.issued)}, data as of {answers.data_as_of}"
    yield f"  to be read and used until {format_time(answers.expires)} (R-41){_expired(proved, now)}"
    yield ""
    yield "Checked"
    yield from (f"  - {line}" for line in checked_against_what(proved))
    yield f"  The key given is {key}"
    yield ""
    yield "Not checked, because no such file can show it"
    yield from (f"  - {line}" for line in not_checked(proved))


def _expired(proved: ProvedAnswer, now: datetime) -> str:
    return "; that time has passed" if now >= proved.answers.expires else ""


def checked_against_what(proved: ProvedAnswer) -> tuple[str, ...]:
    """What the verification compared, in the order in which one thing vouches for the next."""
    values = {
        "origin": proved.checkpoint.origin,
        "size": proved.checkpoint.size,
        "root": proved.checkpoint.root.hex(),
        "decided": proved.answers.last_leaf + 1,
        "row": proved.row + 1,
        "rows": proved.answers.rows,
        "leaf": proved.leaf_index,
    }
    lines = tuple(line.format(**values) for line in _CHECKED)
    return (*lines, proved.witnessed.sentence()) if proved.witnessed.demanded else lines


def not_checked(proved: ProvedAnswer) -> tuple[str, ...]:
    """What no such file can show; a quorum of witnesses shows that there is no other log, if one of them is honest."""
    if proved.witnessed.cosigners:
        return _NOT_CHECKED
    if proved.witnessed.demanded is None:
        return (*_NOT_CHECKED, _OTHER_LOG, proved.witnessed.sentence())
    return (*_NOT_CHECKED, _OTHER_LOG)


def proved_fields(proved: ProvedAnswer, key: VerifierKey, now: datetime) -> dict[str, Any]:
    """The same as data for JSON; arguments as for ``proved_text``."""
    answers = proved.answers
    return {
        "proved": True,
        "asked": proved.item._asdict(),
        "row": proved.row + 1,
        "rows": answers.rows,
        "package_id": answers.package_id,
        "office": proved.request.office.value,
        "created": format_time(proved.request.created),
        "agreement_sha256": answers.agreement_sha256,
        "outcome": proved.outcome.value,
        "meaning": meaning_of(proved.outcome, proved.item.tax_years),
        "findings": [rule_fields(finding) for finding in proved.findings],
        "issued": format_time(answers.issued),
        "expires": format_time(answers.expires),
        "expired": now >= answers.expires,
        "data_as_of": answers.data_as_of,
        "leaf": proved.leaf_index,
        "checkpoint": {
            "origin": proved.checkpoint.origin,
            "size": proved.checkpoint.size,
            "root": proved.checkpoint.root.hex(),
        },
        "log_key": str(key),
        "witnesses": witness_fields(proved.witnessed),
        "checked": list(checked_against_what(proved)),
        "not_checked": list(not_checked(proved)),
    }
