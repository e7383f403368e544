"""Incidents on record, in words and field by field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from narrowgate.core.base.times import format_time
from narrowgate.core.governance.incident import Incident


def incidents_document(found: Sequence[Incident], at: datetime) -> dict[str, Any]:
    """Returns the incidents field by field, as of ``at``."""
    return {"incidents": [_fields(each, at) for each in found]}


def incidents_text(found: Sequence[Incident], at: datetime) -> str:
    """Returns a line for each incident, as of ``at``."""
    return "\n".join(_text(each, at) for each in found) or "No incident is on record."


def _fields(each: Incident, at: datetime) -> dict[str, object]:
    return {
        "act": each.number,
        "scope": each.scope,
        "discovered": format_time(each.discovered),
        "recorded": format_time(each.recorded),
        "report_until": format_time(each.due),
        "reported": format_time(each.reported) if each.reported else None,
        "in_time": each.left(at) >= timedelta(0),
        "closed": format_time(each.closed) if each.closed else None,
    }


def _text(each: Incident, at: datetime) -> str:
    late = "" if each.left(at) >= timedelta(0) else ", LATE"
    reported = f"reported {format_time(each.reported)}" if each.reported else "not reported"
    closed = f"closed {format_time(each.closed)}" if each.closed else "open"
    return (
        f"act {each.number}: {each.scope}, discovered {format_time(each.discovered)}, recorded "
        f"{format_time(each.recorded)}, to be reported until {format_time(each.due)}: {reported}{late}; {closed}"
    )
