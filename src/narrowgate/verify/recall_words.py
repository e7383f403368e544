"""How far a recall is, in words and field by field."""

from __future__ import annotations

from typing import Any, Final

from narrowgate.verify.recall_book import Missing, RecallStatus

SHOWN: Final = 50
"""Recipients who have not answered that are named one by one."""


def status_document(found: RecallStatus) -> dict[str, Any]:
    """Returns the status field by field."""
    return {
        "act": found.act.number,
        "recalled": found.act.time,
        "answers": found.act.answers,
        "packages": found.packages,
        "receipts_expected": found.expected,
        "receipts": found.received,
        "longest_seconds": None if found.longest is None else int(found.longest.total_seconds()),
        "missing": [
            {
                "package": each.package,
                "office": each.office,
                "key_sha256": each.key_sha256,
                "is_office": each.is_office,
                "waiting_seconds": int(each.waiting.total_seconds()),
            }
            for each in found.missing
        ],
    }


def status_text(found: RecallStatus) -> str:
    """Returns a line for the recall, one for its receipts, and one for each who has not answered."""
    lines = [
        f"Recall by act {found.act.number} of {found.act.time}",
        f"  {found.act.answers:,} answers in {found.packages:,} packages",
        f"  {found.received:,} of {found.expected:,} receipts are in the log"
        + (
            "" if found.longest is None else f", the last one after {in_hours(found.longest.total_seconds())}"
        ),
        *map(_missing, found.missing[:SHOWN]),
    ]
    if len(found.missing) > SHOWN:
        lines.append(f"  and {len(found.missing) - SHOWN:,} more have not answered")
    return "\n".join(lines)


def in_hours(seconds: float) -> str:
    """Returns days and hours, or hours and minutes."""
    days, rest = divmod(int(seconds), 86_400)
    return f"{days} days {rest // 3_600} h" if days else f"{rest // 3_600} h {rest % 3_600 // 60} min"


def _missing(each: Missing) -> str:
    who = "the office" if each.is_office else "an officer"
    waiting = in_hours(each.waiting.total_seconds())
    return f"  no receipt for {waiting}: {each.package}  {each.office}  {who}, key {each.key_sha256}"
