"""The conformance report as text, as JSON and as a page that prints; the same report gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise
from typing import Any, Final

from narrowgate.core.base.times import parse_time
from narrowgate.verify.charts import Lane, Span, timeline
from narrowgate.verify.conformance.evidence import Period
from narrowgate.verify.conformance.report import Conformance, Judged, Verdict
from narrowgate.verify.report_page import (
    Column,
    Html,
    bullets,
    code,
    facts,
    figure,
    heading,
    page,
    paragraph,
    table,
    text,
)

CONFORMANCE_SCHEMA: Final = "narrowgate/conformance/v1"
_TITLE: Final = "Conformance of a gate"
_SAYS: Final = (
    "Made from the log and what lies beside it alone. Every entry was hashed and leads to the root that the checkpoint "
    "signs. The same log gives the same bytes; anybody who has it can make this report again and compare."
)
_VERDICTS: Final = (
    (Verdict.SHOWN, "entries of the log bear on it, and none contradicts it"),
    (Verdict.CONTRADICTED, "entries of the log contradict it; they are named"),
    (Verdict.NOT_HERE, "no entry of this log bears on it, or it is shown elsewhere, as said"),
    (Verdict.NEVER, "why is said"),
)
_KINDS: Final = {
    "entries": "entries",
    "items": "items decided",
    "answered": "items answered",
    "refused": "items refused",
    "received": "packages received",
    "decided": "packages decided",
    "released": "releases",
    "expired": "packages whose answers expired",
    "refused-whole": "packages refused whole",
    "within-quota": "packages within the quotas of their agreement",
    "act": "acts",
    "charter": "charter",
    "rule": "items refused by {name}",
    "whole": "packages refused whole by {name}",
}
_COSIGNED_BY_NONE: Final = (
    "No checkpoint that enough witnesses cosigned lies beside the log: all {size:,} entries are without a "
    "cosignature."
)
_NO_WITNESS: Final = " The charter names no witness."
_COSIGNED: Final = (
    "The first {cosigned:,} entries are under a checkpoint that {lines} of the charter's {witnesses} witnesses "
    "cosigned; {rest:,} entries after them are without a cosignature."
)
_COSIGNED_BY_OTHERS: Final = (
    "The first {cosigned:,} entries are under a checkpoint with {lines} signature(s) of others, whose keys are not at "
    "hand and which were not verified; {rest:,} entries after them are without one."
)


def document(report: Conformance) -> dict[str, Any]:
    """Returns the report as one JSON object."""
    return {
        "schema": CONFORMANCE_SCHEMA,
        "log": {
            "origin": report.origin,
            "key": report.key,
            "key_given": report.key_given,
            "size": report.size,
            "root": report.root,
            "first_time": report.first_time,
            "last_time": report.last_time,
        },
        "says": _SAYS,
        "documents": list(report.documents),
        "counts": {verdict.value: report.count(verdict) for verdict in Verdict},
        "requirements": [_judged(each) for each in report.judged],
        "holds": [asdict(each) for each in report.holds],
        "not_in_force": [asdict(each) for each in report.gaps],
        "days_without_entry": [asdict(each) for each in report.silent],
        "packages": {"counts": dict(report.late), "listed": [asdict(each) for each in report.waiting]},
        "cosigned": {
            "entries": max(report.cosigned, 0),
            "without": report.size - max(report.cosigned, 0),
            "signatures": report.cosignatures,
            "witnesses": report.witnesses if report.witnesses >= 0 else None,
        },
        "versions": [asdict(each) for each in report.versions],
    }


def lines(report: Conformance) -> list[str]:
    """Returns the report as lines of text."""
    told = [
        f"{_TITLE}: {report.origin}",
        f"  {report.size:,} entries, {report.first_time or 'no time'} to {report.last_time or 'no time'}",
        f"  root {report.root}",
        f"  signed by {report.key} ({_source(report)})",
        "  " + ", ".join(f"{report.count(verdict)} {verdict.value}" for verdict in Verdict),
        "",
    ]
    for each in report.judged:
        told.append(f"{each.requirement.id}  {each.verdict.value.upper()}  {each.requirement.title}")
        told.append(f"    {each.sentence}")
        told += [f"    {words}" for words in _evidence(each)]
        if each.requirement.limit:
            told.append(f"    Not shown by it: {each.requirement.limit}")
        if each.shown and each.requirement.command:
            told.append(f"    $ {each.requirement.command}")
    for title, listed in _gap_lists(report):
        told += ["", title, *(f"  {words}" for words in listed or ["none"])]
    return told


def report_page(report: Conformance) -> bytes:
    """Returns the report as an HTML page."""
    parts = [
        paragraph(_SAYS),
        facts(
            (
                ("log", report.origin),
                ("entries", f"{report.size:,}"),
                ("from, to", f"{report.first_time}, {report.last_time}"),
                ("root", code(report.root)),
                ("key", Html(f"{code(report.key)} ({_source(report)})")),
                ("beside it", ", ".join(report.documents) or "nothing"),
            )
        ),
        heading(2, "Verdicts"),
        table(
            "verdicts",
            "How many requirements have which verdict",
            (Column("verdict"), Column("requirements", True), Column("it means")),
            [(verdict.value, report.count(verdict), words) for verdict, words in _VERDICTS],
        ),
        heading(2, "Requirements"),
        table(
            "requirements",
            "Each requirement and its verdict",
            (Column("id"), Column("requirement"), Column("verdict")),
            [(_whole(each.requirement.id), each.requirement.title, _verdict(each)) for each in report.judged],
        ),
        heading(2, "What shows each, and what does not"),
        *(part for each in report.judged for part in _section(each)),
        heading(2, "Holds and gaps"),
    ]
    if report.first_time and (report.holds or report.gaps):
        parts.append(figure(_time_line(report), "Holds, and when nothing was in force"))
    for title, listed in _gap_lists(report):
        parts += [heading(3, title), bullets(listed) if listed else paragraph("None.")]
    parts += [
        heading(2, "Make it again"),
        bullets(
            (
                code("narrowgate inspector conformance SOURCE --key log.vkey --html report.html"),
                code("narrowgate inspector verify SOURCE --key log.vkey"),
            )
        ),
    ]
    return page(f"{_TITLE}: {report.origin}", parts)


def _judged(each: Judged) -> dict[str, Any]:
    return {
        "id": each.requirement.id,
        "title": each.requirement.title,
        "verdict": each.verdict.value,
        "sentence": each.sentence,
        "limit": each.requirement.limit,
        "command": each.requirement.command,
        "shown": [asdict(shown) for shown in each.shown],
        "contradictions": [asdict(found) for found in each.contradictions],
    }


def _whole(words: str) -> Html:
    """Words that no line end parts."""
    return Html(f'<span style="white-space: nowrap">{text(words)}</span>')


def _verdict(each: Judged) -> str:
    verdict = each.verdict.value
    return Html(f"<strong>{verdict.upper()}</strong>") if each.verdict is Verdict.CONTRADICTED else verdict


def _section(each: Judged) -> Iterator[Html]:
    yield heading(3, f"{each.requirement.id}: {each.requirement.title}")
    yield paragraph(Html(f"<strong>{each.verdict.value.capitalize()}.</strong> {text(each.sentence)}"))
    entries: list[str] = list(_evidence(each))
    if each.shown and each.requirement.command:
        entries.append(code(each.requirement.command))
    if entries:
        yield bullets(entries)
    if each.requirement.limit:
        yield paragraph(f"Not shown by it: {each.requirement.limit}")


def _evidence(each: Judged) -> Iterator[str]:
    for shown in each.shown:
        yield f"{shown.count:,} {_kind(shown.what)}, leaves {shown.first} to {shown.last}"
    for found in each.contradictions:
        where = ", ".join(map(str, found.leaves))
        more = " and more" if found.count > len(found.leaves) > 0 else ""
        yield f"AGAINST IT, {found.count:,} times: {found.sentence}" + (
            f" Leaves {where}{more}." if where else ""
        )


def _kind(what: str) -> str:
    """A kind of entry in words."""
    kind, _, name = what.partition(":")
    return f"acts '{name}'" if kind == "act" and name else _KINDS[kind].format(name=name)


def _gap_lists(report: Conformance) -> Iterator[tuple[str, list[str]]]:
    yield "Holds and offices switched off", [_period(each) for each in report.holds]
    yield (
        "Periods in which something that every decision needs was not in force",
        [f"no {_period(each)}" for each in report.gaps],
    )
    yield "Days (UTC) without any entry", [f"{each.start} to {each.end}" for each in report.silent]
    counts = ", ".join(f"{count:,} {state}" for state, count in report.late.items())
    listed = [
        f"{each.package} (leaf {each.leaf}): {each.state}, slot {each.slot}, "
        + (f"released {each.released} after {each.delays} delay(s)" if each.released else "not released")
        for each in report.waiting
    ]
    more = sum(report.late.values()) - len(report.waiting)
    if more:
        listed.append(f"and {more:,} more")
    yield f"Packages late, waiting or ended: {counts}", listed
    yield "Entries without a cosignature", [_cosigned(report)]
    yield (
        "Versions that entries name",
        [
            f"{each.what}: {' and '.join(each.names)}; {each.count:,} entries, leaves {each.first} to {each.last}"
            for each in report.versions
        ],
    )


def _period(each: Period) -> str:
    act = f" (act {each.act})" if each.act else ""
    return f"{each.what}: {each.start} to {each.end or 'the end of the log'}{act}"


def _cosigned(report: Conformance) -> str:
    if report.cosigned < 0:
        return _COSIGNED_BY_NONE.format(size=report.size) + (_NO_WITNESS if report.witnesses == 0 else "")
    words = _COSIGNED_BY_OTHERS if report.witnesses < 0 else _COSIGNED
    return words.format(
        cosigned=report.cosigned,
        lines=report.cosignatures,
        witnesses=report.witnesses,
        rest=report.size - report.cosigned,
    )


def _source(report: Conformance) -> str:
    return "given" if report.key_given else "found beside the log: compare it with the published one"


def _time_line(report: Conformance) -> Html:
    begin, end = _seconds(report.first_time), _seconds(report.last_time)
    lanes: dict[str, list[Span]] = {}
    for each in report.holds:
        lanes.setdefault(each.what, []).append(_span(each))
    for each in report.gaps:
        lanes.setdefault(f"no {each.what}", []).append(_span(each))
    marks = [(begin, report.first_time[:10])]
    months = sorted({report.first_time[:7], *_months(report.first_time[:7], report.last_time[:7])})
    marks += [(_seconds(f"{month}-01T00:00:00Z"), month) for _, month in pairwise(months)]
    return timeline(
        "stops",
        "Holds, and when nothing was in force",
        [Lane(name, spans) for name, spans in lanes.items()],
        marks,
        end,
    )


def _months(first: str, last: str) -> Iterator[str]:
    year, month = int(first[:4]), int(first[5:])
    while f"{year:04}-{month:02}" <= last:
        yield f"{year:04}-{month:02}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _span(each: Period) -> Span:
    return Span(_seconds(each.start), _seconds(each.end) if each.end else None, _period(each))


def _seconds(time: str) -> int:
    return int(parse_time(time).timestamp())
