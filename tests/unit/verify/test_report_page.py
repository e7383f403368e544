"""Pages and charts of reports: everything is escaped, nothing is loaded, and equal values have equal bytes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from narrowgate.verify.charts import Lane, Series, Span, bars, columns, timeline
from narrowgate.verify.report_page import (
    Column,
    bullets,
    csv_bytes,
    facts,
    figure,
    heading,
    page,
    paragraph,
    table,
)

NASTY = '<script>alert("1")</script>&'


class Tags(HTMLParser):
    """Every tag that is opened, and whether each is closed in order."""

    VOID = ("meta", "rect", "line")

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        assert self.open.pop() == tag


def sample() -> bytes:
    chart = columns("volume", NASTY, ["2026-01", NASTY], [Series("a", [3, None]), Series(NASTY, [0, 9])])
    ranked = bars("ranked", "Ranked", [(NASTY, 3), ("b", None), ("c", 0)])
    line = timeline("line", "Line", [Lane(NASTY, [Span(1, 3, NASTY), Span(4, None, "b")])], [(0, "x")], 9)
    return page(
        NASTY,
        [
            heading(2, NASTY),
            paragraph(NASTY, is_mark=True),
            bullets([NASTY]),
            facts([(NASTY, NASTY)]),
            table("t", NASTY, [Column(NASTY), Column("n", is_count=True)], [(NASTY, 1234), ("b", NASTY)]),
            figure(chart, NASTY),
            figure(ranked, "r"),
            figure(line, "l"),
        ],
    )


def test_whatever_text_a_page_is_given_is_escaped_and_every_tag_is_closed() -> None:
    tags = Tags()
    tags.feed(sample().decode())
    assert "script" not in tags.seen
    assert tags.open == []
    assert len(tags.ids) == len(set(tags.ids))


def test_a_page_loads_nothing_and_says_the_same_each_time() -> None:
    assert sample() == sample()
    assert b"default-src 'none'" in sample()
    assert b"src=" not in sample().replace(b"default-src", b"").replace(b"style-src", b"")


def test_a_chart_is_xml_with_a_title_and_every_number_in_words() -> None:
    chart = columns("v", "Items", ["2026-01", "2026-02"], [Series("answered", [1200, None])])
    root = ET.fromstring(chart)  # noqa: S314 - our own text
    names = {element.tag.rpartition("}")[2]: element.text for element in root if element.text}
    assert names["title"] == "Items"
    assert names["desc"] == "2026-01: answered 1,200; 2026-02: answered not shown"


def test_a_number_that_is_not_shown_is_marked_and_has_no_column() -> None:
    shown = columns("v", "Items", ["a"], [Series("s", [None])])
    assert "\N{MULTIPLICATION SIGN}" in shown
    assert "<rect x" not in shown.replace('<rect x="80.0" y="8.0"', "")


def test_no_cell_of_a_csv_is_a_formula() -> None:
    assert csv_bytes(["a", "b"], [("=1+1", -5), ("plain, with comma", 7)]) == (
        b'a,b\r\n\'=1+1,-5\r\n"plain, with comma",7\r\n'
    )


def test_an_empty_chart_is_a_chart() -> None:
    for chart in (
        columns("v", "t", [], [Series("s", [])]),
        bars("v", "t", []),
        timeline("v", "t", [], [], 0),
    ):
        ET.fromstring(chart)  # noqa: S314 - our own text
