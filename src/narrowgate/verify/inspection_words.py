"""An inspection in words: what was checked against what, reasons, what is missing; and field by field for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from narrowgate.core.governance.in_force import Placed
from narrowgate.core.log.leaf import PACKAGE_RECEIVED

if TYPE_CHECKING:
    from narrowgate.verify.inspection import Inspection
    from narrowgate.verify.ledger import PackageLedger

_WIDTH = 12
_LISTED = 20
"""Reasons that the text shows; ``--json`` has more."""


def say_what_was_checked(found: Inspection) -> None:
    """Adds a sentence for each subject that was looked at to the findings."""
    log, ledger, checked = found.log, found.ledger, found.findings.checked
    if log is None:
        return
    source = "the key that you gave" if log.key_given else "the key found beside the log"
    checked["signature"] = f"The checkpoint against {source}: {log.key}"
    if not log.key_given:
        found.findings.notes.append(
            "Compare the log's key with the one that the custodian published (--key)."
        )
    checked["tree"] = (
        f"{log.size:,} entries re-hashed, {log.tiles:,} files compared with their hashes, the root with the "
        f"checkpoint: "
        f"{log.root}"
    )
    _say_acts(found)
    packages = packages_counted(found)
    checked["order"] = (
        "Each package in its order: received, every row decided once, decided, released at its slot and under no hold."
    )
    checked["counts"] = (
        f"{packages['handed_in']:,} packages handed in = {packages['decided']:,} decided + "
        f"{packages['refused_whole']:,} refused whole + {packages['abandoned']:,} abandoned + "
        f"{packages['in_progress']:,} in progress; "
        f"{ledger.contents.answered + ledger.contents.refused:,} items = {ledger.contents.answered:,} answered + "
        f"{ledger.contents.refused:,} refused."
    )
    if ledger.contents.first_time:
        checked["times"] = (
            f"Never backwards, from {ledger.contents.first_time} to {ledger.contents.last_time}."
        )
    _say_in_force(found)


def _say_acts(found: Inspection) -> None:
    acts, checked = found.acts, found.findings.checked
    if acts.charter is None:
        return
    officers = ", ".join(officer.id for officer in acts.charter.officers)
    checked["charter"] = (
        f"The file against entry 0, signed by a quorum of {acts.charter.quorum} of its officers ({officers}); in force "
        f"now: {acts.charter.digest}"
    )
    checked["acts"] = (
        f"{acts.acts:,} acts: each file against its entry, its number and the act before it; {acts.signatures:,} "
        "signatures against the keys that the charter gives the officers; as many persons as the kind of act needs."
    )
    closed = f"; {acts.closed:,} registers are known by their digest only" if acts.closed else ""
    checked["documents"] = f"{acts.documents:,} documents against the digest that their act names{closed}."


def _say_in_force(found: Inspection) -> None:
    groups = decisions_by_conditions(found)
    if groups:
        checked = "; ".join(f"{count:,} under {what}" for what, count in groups.items())
        found.findings.checked["in force"] = f"At each decision, as the acts before it say: {checked}."
    placed, held = found.ledger.holds_placed, sorted(found.ledger.holds)
    if placed:
        found.findings.checked["holds"] = (
            f"{placed:,} placed; in force at the end: {', '.join(held) or 'none'}; nothing received, decided or "
            "released under one."
        )


def decisions_by_conditions(found: Inspection) -> dict[str, int]:
    """Returns agreement, index and rules in words to the number of packages decided under them, in the log's order."""
    groups: Counter[str] = Counter()
    for package in found.ledger.packages.values():
        if package.decided is not None and package.at_decision:
            groups[_conditions(package.at_decision)] += 1
    return dict(groups)


def _conditions(placed: Mapping[str, Placed | None]) -> str:
    return ", ".join(f"{what} {each.subject} (act {each.number})" for what, each in placed.items() if each)


def packages_counted(found: Inspection) -> dict[str, int]:
    """Returns how many packages were handed in, and what became of each of them."""
    packages = found.ledger.packages.values()
    abandoned = sum(package.abandoned for package in packages)
    decided = sum(package.decided is not None and not package.abandoned for package in packages)
    received = found.ledger.contents.kinds.get(PACKAGE_RECEIVED, 0)
    refused = found.ledger.packages_refused
    return {
        "handed_in": received + refused,
        "received": received,
        "decided": decided,
        "refused_whole": refused,
        "abandoned": abandoned,
        "in_progress": len(packages) - decided - abandoned,
    }


def as_dict(found: Inspection) -> dict[str, Any]:
    """Returns the inspection field by field."""
    findings, log = found.findings, found.log
    return {
        "verdict": found.verdict.value,
        "source": found.kind.value,
        "log": None
        if log is None
        else {
            "origin": log.origin,
            "size": log.size,
            "root": log.root,
            "key": log.key,
            "key_given": log.key_given,
        },
        "checked": dict(findings.checked),
        "reasons": [{"what": each.what, "why": each.why, "where": each.where} for each in findings.reasons],
        "reasons_left_off": findings.left_off,
        "missing": list(findings.missing),
        "notes": list(findings.notes),
        "packages": packages_counted(found)
        | {"each": [_package(name, each) for name, each in found.ledger.packages.items()]},
        "contents": found.ledger.contents.as_dict(),
        "holds_in_force": sorted(found.ledger.holds),
    }


def _package(name: str, package: PackageLedger) -> dict[str, Any]:
    state = "decided" if package.decided is not None else "in progress"
    return {
        "package": name,
        "rows": package.received["rows"],
        "answered": package.answered,
        "refused": package.refused,
        "state": "abandoned" if package.abandoned else state,
        "released": package.released,
        "in_force": {
            what: {"subject": each.subject, "sha256": each.sha256, "act": each.number}
            for what, each in (package.at_decision or package.at_receipt).items()
            if each is not None
        },
    }


def as_text(found: Inspection) -> str:
    """Returns the inspection for people."""
    findings = found.findings
    name = f" of {found.log.origin}, {found.log.size:,} entries" if found.log else ""
    lines = [f"{found.verdict}: {found.kind}{name}", ""]
    if findings.reasons:
        lines.append("Reasons")
        lines += [f"  {number}. {reason}" for number, reason in enumerate(findings.reasons[:_LISTED], 1)]
        more = len(findings.reasons) - _LISTED + findings.left_off
        lines += [f"  and {more:,} more; --json lists a thousand"] if more > 0 else []
        lines.append("")
    if findings.missing:
        lines += ["Missing", *(f"  {each}" for each in findings.missing), ""]
    if findings.checked:
        lines.append("Compared" + (", but for the reasons above" if findings.reasons else ""))
        lines += [f"  {subject:<{_WIDTH}}{said}" for subject, said in findings.checked.items()]
    if findings.notes:
        lines += ["", "Note", *(f"  {each}" for each in findings.notes)]
    return "\n".join(lines)
