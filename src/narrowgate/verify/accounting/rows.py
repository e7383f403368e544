"""The accounting as one table: a row for each number, and the dictionary that says what each column holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from narrowgate.verify.accounting.publication import Publication, Value
from narrowgate.verify.report_page import csv_bytes


class Row(NamedTuple):
    """One number of a report; the columns are described in ``DICTIONARY``."""

    agency: str
    office: str
    statute: str
    period: str
    measure: str
    rule: str
    value: int | None
    status: str


class Entry(NamedTuple):
    """One column, or one kind of number, of the table.

    Args:
        name: of the column, or ``count=NAME``.
        kind: ``text`` or ``whole number``.
        meaning: what it holds.
        source: the leaf or opening that it is counted from.
    """

    name: str
    kind: str
    meaning: str
    source: str


DICTIONARY: Final = (
    Entry("agency", "text", "Agency of the office; 'all' for sums over offices.", "the office"),
    Entry(
        "office",
        "text",
        "Id of the office that signed the package, or 'all offices'.",
        "leaf package-received or package-refused, office",
    ),
    Entry(
        "statute",
        "text",
        "Criminal statute that the item cites; 'other' for any that the gate knows not, 'not opened' where nobody "
        "opened the row, 'all statutes' for the sum; empty for counts of packages and by rule.",
        "opened row, statute",
    ),
    Entry("period", "text", "Month YYYY-MM (UTC), or year YYYY.", "time of the leaf that is counted"),
    Entry("measure", "text", "Which number it is; the kinds are listed below.", ""),
    Entry("rule", "text", "Id of the rule, for counts by rule; else empty.", "finding of the leaf"),
    Entry("value", "whole number", "The number; empty where there is none.", ""),
    Entry(
        "status",
        "text",
        "'told', 'withheld' (it, or one that it would reveal, is below the threshold), or 'not opened'.",
        "",
    ),
    Entry(
        "measure=items", "whole number", "Items received.", "leaf package-received, rows; month of receipt"
    ),
    Entry(
        "measure=answered", "whole number", "Items answered.", "leaves item-decided; month of the decision"
    ),
    Entry("measure=refused", "whole number", "Items refused.", "leaves item-decided; month of the decision"),
    Entry(
        "measure=released",
        "whole number",
        "Answers released: each makes something known, a negative one too (26 USC 6103(b)(8)).",
        "leaf package-released; its month",
    ),
    Entry(
        "measure=confirmed",
        "whole number",
        "Answers released that confirm an address.",
        "opened outcomes, all of the line's; month of the release",
    ),
    Entry(
        "measure=taxpayers",
        "whole number",
        "Persons whom the answers released are about, each once in a line: by number, or by name and birth date where "
        "the item has no number. Not a sum of other lines.",
        "opened rows, all of the line's; month of the release",
    ),
    Entry(
        "measure=refused by rule",
        "whole number",
        "Items that the rule refused.",
        "leaves item-decided, findings",
    ),
    Entry("measure=packages received", "whole number", "Packages received.", "leaf package-received"),
    Entry(
        "measure=packages refused_whole", "whole number", "Packages refused whole.", "leaf package-refused"
    ),
    Entry("measure=packages decided", "whole number", "Packages decided.", "leaf package-decided"),
    Entry(
        "measure=packages abandoned",
        "whole number",
        "Packages that an act ended.",
        "leaf act, package-abandoned",
    ),
    Entry(
        "measure=packages released", "whole number", "Packages whose answers left.", "leaf package-released"
    ),
    Entry(
        "measure=packages expired",
        "whole number",
        "Packages whose answers were taken away.",
        "leaf answers-expired",
    ),
    Entry(
        "measure=packages refused by rule",
        "whole number",
        "Packages that the rule refused whole.",
        "leaf package-refused, rules",
    ),
)
"""Every column of the table, and every kind of number in it."""

TOLD: Final = "told"


def rows(publication: Publication) -> Iterator[Row]:
    """Every number of a report, in a fixed order."""
    for line in publication.lines:
        for name, value in line.counts.items():
            yield _row(line.agency, line.office, line.statute, line.period, name, "", value)
    for package in publication.packages:
        for name, value in package.counts.items():
            yield _row(package.agency, package.office, "", package.period, f"packages {name}", "", value)
        for rule, count in package.refused_whole_by_rule.items():
            yield _row(
                package.agency, package.office, "", package.period, "packages refused by rule", rule, count
            )
    for told in publication.rules:
        yield _row(told.agency, told.office, "", told.period, "refused by rule", told.rule, told.items)


def as_csv(publication: Publication) -> bytes:
    """The table as CSV with a header."""
    return csv_bytes(
        Row._fields,
        ([*row[:6], "" if row.value is None else row.value, row.status] for row in rows(publication)),
    )


def dictionary_csv() -> bytes:
    """The data dictionary as CSV with a header."""
    return csv_bytes(Entry._fields, DICTIONARY)


def _row(agency: str, office: str, statute: str, period: str, count: str, rule: str, value: Value) -> Row:
    is_told = isinstance(value, int)
    return Row(
        agency,
        office,
        statute,
        period,
        count,
        rule,
        value if isinstance(value, int) else None,
        TOLD if is_told else str(value),
    )
