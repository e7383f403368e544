"""The accounting as a page: for whom it is, the numbers in tables and charts, and how to make them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from narrowgate.core.eligibility.ruleset import RULE_IDS, rule_of
from narrowgate.verify.accounting.force import Period
from narrowgate.verify.accounting.lines import ANSWERED, ITEMS, PACKAGES, REFUSED, SHOWN
from narrowgate.verify.accounting.protect import RELEASED, TAXPAYERS
from narrowgate.verify.accounting.publication import (
    ALL_OFFICES,
    ALL_STATUTES,
    NOT_OPENED,
    Line,
    Publication,
    Value,
    in_figures,
)
from narrowgate.verify.charts import Lane, Series, Span, bars, columns, timeline
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
)

FULL: Final = "For the inspector alone: nothing is withheld. Do not publish or pass on."
TITLE: Final = "Accounting of disclosures"
_HEADS: Final = {
    ITEMS: "Items",
    ANSWERED: "Answered",
    REFUSED: "Refused",
    RELEASED: "Answers released",
    "confirmed": "Confirmations",
    TAXPAYERS: "Taxpayers",
}
_PACKAGE_HEADS: Final = {
    "received": "Received",
    "refused_whole": "Refused whole",
    "decided": "Decided",
    "abandoned": "Abandoned",
    "released": "Released",
    "expired": "Expired",
}
_DAYS_BEFORE: Final = date(1970, 1, 1).toordinal()


def notes(publication: Publication) -> list[str]:
    """What a reader must know of the numbers, a sentence or two each."""
    told = [
        (
            "Counted from the entries of the log, and from openings that were each compared with the entry they open. "
            "No counter of the gate plays a part."
        ),
        (
            "An answer counts in the month in which it was released, an item where it was received, a refusal where "
            "it was decided (UTC). An item may be refused by several rules."
        ),
        f"'{NOT_OPENED}' says that the custodian has not opened everything that the number needs.",
        "Taxpayers are persons whom released answers are about, each once in a line; lines have no sum of them.",
    ]
    if not publication.is_full:
        told.append(
            f"No number from 1 to {publication.threshold - 1} is told. 'withheld' says that a number of the line, or "
            "one that the line would reveal, is one of these; it may be any of them for all that is published. A rule "
            f"that is not listed refused fewer than {publication.threshold} items, or none."
        )
    return told


def as_html(publication: Publication, force: Sequence[Period]) -> bytes:
    """Returns the report as one page.

    Args:
        publication: what is told.
        force: what was in force over time.
    """
    parts: list[Html] = [paragraph(FULL, is_mark=True)] if publication.is_full else []
    parts += [
        paragraph(
            "26 USC 6103(p)(3): requests, disclosures and taxpayers, by agency, office, statute and month."
        ),
        facts(
            (
                ("Log", code(publication.origin)),
                ("Entries", f"{publication.size:,}"),
                ("Root", code(publication.root)),
                ("Counted through", publication.through or "nothing is over yet"),
                ("Least number told", f"{publication.threshold}"),
                ("Openings checked", in_figures(publication.openings)),
                *((f"by {in_figures(count)} of", code(order)) for order, count in publication.orders.items()),
            )
        ),
        heading(2, "How to read the numbers"),
        bullets(notes(publication)),
        heading(2, "Volume over time"),
        *_volume(publication),
        heading(2, "Items and answers"),
        _items(publication),
        heading(2, "Packages"),
        _packages(publication),
        heading(2, "Refusals by rule"),
        *_refusals(publication),
        heading(2, "In force over time"),
        *_force(force),
        heading(2, "Make these numbers again"),
        paragraph(code("narrowgate inspector verify SOURCE --key log.vkey")),
        paragraph(code(_command(publication))),
    ]
    return page(TITLE, parts)


def _command(publication: Publication) -> str:
    options = " --openings FILE" if publication.openings else ""
    kind = " --full" if publication.is_full else f" --threshold {publication.threshold}"
    through = f" --through {publication.through}" if publication.through else ""
    return f"narrowgate inspector accounting SOURCE --key log.vkey{options}{kind}{through} --html accounting.html"


def _months(publication: Publication) -> list[Line]:
    return [
        line
        for line in publication.lines
        if line.office == ALL_OFFICES and line.statute == ALL_STATUTES and len(line.period) > len("2026")
    ]


def _number(value: Value) -> int | None:
    return value if isinstance(value, int) else None


def _volume(publication: Publication) -> list[Html]:
    lines = _months(publication)
    periods = [line.period for line in lines]
    both = [
        Series("answered", [_number(line.counts[ANSWERED]) for line in lines]),
        Series("refused", [_number(line.counts[REFUSED]) for line in lines]),
    ]
    shares = [
        None
        if answered is None or refused is None or not answered + refused
        else 100 * answered // (answered + refused)
        for answered, refused in zip(both[0].values, both[1].values, strict=True)
    ]
    return [
        figure(columns("volume", "Items decided in each month", periods, both), "Items decided, all offices"),
        figure(
            columns("share", "Answered items in each hundred decided", periods, [Series("percent", shares)]),
            "Share of items answered, in percent, rounded down",
        ),
    ]


def _items(publication: Publication) -> Html:
    heads = [Column(name) for name in ("Period", "Agency", "Office", "Statute")]
    return table(
        "items",
        "Items and answers by period, office and statute",
        [*heads, *(Column(_HEADS[name], is_count=True) for name in SHOWN)],
        (
            (line.period, line.agency, line.office, line.statute, *(line.counts[name] for name in SHOWN))
            for line in publication.lines
        ),
    )


def _packages(publication: Publication) -> Html:
    heads = [Column(name) for name in ("Period", "Agency", "Office")]
    return table(
        "packages",
        "Packages by period and office",
        [
            *heads,
            *(Column(_PACKAGE_HEADS[name], is_count=True) for name in PACKAGES),
            Column("Refused whole by"),
        ],
        (
            (
                line.period,
                line.agency,
                line.office,
                *(line.counts[name] for name in PACKAGES),
                ", ".join(f"{rule} {count:,}" for rule, count in line.refused_whole_by_rule.items()),
            )
            for line in publication.packages
        ),
    )


def _refusals(publication: Publication) -> list[Html]:
    sums: dict[str, int] = {}
    for line in publication.rules:
        if len(line.period) > len("2026") and isinstance(line.items, int):
            sums[line.rule] = sums.get(line.rule, 0) + line.items
    ranked = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    parts = [
        figure(
            bars("rules", "Items refused by each rule", [(_titled(rule), count) for rule, count in ranked]),
            "Items refused by each rule, sum of the months told",
        ),
        table(
            "refusals",
            "Items refused by each rule, by period and office",
            [
                Column("Period"),
                Column("Office"),
                Column("Rule"),
                Column("Title"),
                Column("Items", is_count=True),
            ],
            (
                (line.period, line.office, line.rule, _title(line.rule), line.items)
                for line in publication.rules
            ),
        ),
    ]
    if publication.rules_withheld:
        withheld = ", ".join(f"{office} in {period}" for office, period in publication.rules_withheld)
        parts.append(paragraph(f"No number by rule is told of {withheld}."))
    return parts


def _title(rule: str) -> str:
    return rule_of(rule).title if rule in RULE_IDS else ""


def _titled(rule: str) -> str:
    return f"{rule} {_title(rule)}".strip()


def _force(force: Sequence[Period]) -> list[Html]:
    if not force:
        return [paragraph("Nothing was put in force.")]
    last = max(_day(moment) for period in force for moment in (period.start, period.end) if moment) + 1
    first = min(_day(period.start) for period in force)
    lanes: dict[str, list[Span]] = {}
    for period in force:
        words = f"{period.subject} from {period.start} to {period.end or 'now'} (act {period.act})"
        end = _day(period.end) if period.end else None
        lanes.setdefault(period.what, []).append(Span(_day(period.start), end, words))
    rows = (
        (period.what, period.subject, f"{period.act}", period.start, period.end or "in force")
        for period in force
    )
    heads = [Column(name) for name in ("What", "Subject", "Act", "From", "Until")]
    return [
        figure(
            timeline(
                "force",
                "What acts put in force, and when",
                [Lane(name, spans) for name, spans in lanes.items()],
                _marks(first, last),
                last,
            ),
            "In force over time",
        ),
        table("periods", "Everything that acts put in force", heads, rows),
    ]


def _day(moment: str) -> int:
    return date.fromisoformat(moment[:10]).toordinal() - _DAYS_BEFORE


def _marks(first: int, last: int) -> list[tuple[int, str]]:
    """The first day, and the first of each month after it."""
    start = date.fromordinal(first + _DAYS_BEFORE)
    marks = [(first, start.isoformat())]
    year, month = start.year, start.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        day = date(year, month, 1).toordinal() - _DAYS_BEFORE
        if day >= last:
            return marks
        marks.append((day, f"{year:04d}-{month:02d}"))
