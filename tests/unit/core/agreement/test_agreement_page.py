"""The page for the signing table shows every clause, every rule in words, every figure, and escapes what it shows."""

from __future__ import annotations

from dataclasses import replace

from narrowgate.core.agreement.page import agreement_html, agreement_text, figures
from narrowgate.core.eligibility.ruleset import rule_of
from support.requests import example_agreement

AGREEMENT = example_agreement()


def test_text_and_page_hold_every_clause_and_the_words_of_its_rules() -> None:
    text, page = " ".join(agreement_text(AGREEMENT, ()).split()), agreement_html(AGREEMENT, ())
    for clause in AGREEMENT.clauses:
        assert clause.citation in text
        assert f"<td>{clause.id}</td>" in page
    assert rule_of("R-22").title in text
    assert rule_of("R-22").title in page
    assert AGREEMENT.digest in text
    assert AGREEMENT.digest in page


def test_a_clause_that_binds_people_says_so() -> None:
    assert any(not clause.rules for clause in AGREEMENT.clauses)
    assert "it binds people" in agreement_html(AGREEMENT, ())


def test_figures_are_in_words() -> None:
    assert dict(figures(AGREEMENT))["Items in one package"] == str(AGREEMENT.limits.items_per_package)


def test_the_page_escapes_what_the_file_says_and_has_no_script() -> None:
    page = agreement_html(replace(AGREEMENT, title="<script>alert(1)</script>"), ["<b>"])
    assert "<script" not in page
    assert "<b>R-" in page  # its own markup
    assert "<li>&lt;b&gt;</li>" in page
