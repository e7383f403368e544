"""The accounting in the formats that need a library."""

from __future__ import annotations

from narrowgate.adapters.reports.pdf import PdfTable, pdf_bytes
from narrowgate.verify.accounting.lines import PACKAGES, SHOWN
from narrowgate.verify.accounting.publication import Publication, Value, in_figures
from narrowgate.verify.accounting.report import FULL, TITLE, notes
from narrowgate.verify.accounting.rows import DICTIONARY, Row, rows


def as_parquet(publication: Publication) -> bytes:
    """The rows of the CSV as Parquet, each column with its meaning."""
    from narrowgate.adapters.reports.parquet import parquet_bytes  # noqa: PLC0415 - the other forms need no Arrow

    meanings = {entry.name: entry.meaning for entry in DICTIONARY}
    return parquet_bytes(
        Row._fields, rows(publication), frozenset({"value"}), [meanings[name] for name in Row._fields]
    )


def as_pdf(publication: Publication) -> bytes:
    """The tables of the report as PDF/UA-1.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    log = f"Log {publication.origin}, {publication.size:,} entries, root {publication.root}"
    openings = f"{in_figures(publication.openings)} openings"
    through = f"Counted through {publication.through or 'no month: none is over'}; {openings}"
    return pdf_bytes(
        TITLE,
        [FULL] if publication.is_full else [],
        [log, through, *notes(publication)],
        [
            PdfTable(
                "Items and answers by period, office and statute",
                ("period", "office", "statute", *SHOWN),
                [
                    (
                        line.period,
                        _spaced(line.office),
                        line.statute,
                        *(_told(line.counts[name]) for name in SHOWN),
                    )
                    for line in publication.lines
                ],
            ),
            PdfTable(
                "Packages by period and office",
                ("period", "office", *(_spaced(name) for name in PACKAGES)),
                [
                    (line.period, _spaced(line.office), *(_told(line.counts[name]) for name in PACKAGES))
                    for line in publication.packages
                ],
            ),
            PdfTable(
                "Items refused by each rule",
                ("period", "office", "rule", "items"),
                [
                    (line.period, _spaced(line.office), line.rule, _told(line.items))
                    for line in publication.rules
                ],
            ),
        ],
    )


def _told(value: Value) -> str:
    return f"{value:,}" if isinstance(value, int) else value


def _spaced(name: str) -> str:
    """An id as words, which a narrow column can break."""
    return name.replace("_", " ")
