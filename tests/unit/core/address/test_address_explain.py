"""``explain`` shows the stages that ``examine`` runs."""

from __future__ import annotations

from narrowgate.core.address.examine import delivery_point, examine_address
from narrowgate.core.address.explain import explain
from narrowgate.core.address.model import RawAddress
from narrowgate.core.address.parse.parse import STAGES, parse


def test_each_stage_that_changes_something_is_shown_with_before_after_and_why() -> None:
    stages = explain(RawAddress("123 n. Main Street, Apt. 5", "", "Springfield", "Illinois", "62704-1234"))
    assert [stage.name for stage in stages] == ["fold", "locality fields", "delivery line"]
    assert stages[0].after == "unread: 123 N MAIN STREET , APT 5"
    assert stages[-1].after == (
        "number: 123 | predirectional: N | street name: MAIN | suffix: ST | units: 5 | "
        "city: SPRINGFIELD | state: IL | ZIP: 62704"
    )
    assert all(stage.why and stage.before != stage.after for stage in stages)


def test_a_refusal_shows_its_defect_in_the_last_stage() -> None:
    assert (
        "defects: number_missing"
        in explain(RawAddress("Main St", "", "Springfield", "IL", "62704"))[-1].after
    )


def test_explain_and_examine_end_in_the_same_parts() -> None:
    raw = RawAddress("PO Box 12", "123 Main St", "Springfield", "IL", "62704")
    assert delivery_point(parse(raw)) == examine_address(raw).delivery_point
    assert {stage.name for stage in explain(raw)} <= {stage.name for stage in STAGES}


def test_a_text_refused_before_any_parse_shows_that_judgement_alone() -> None:
    stages = explain(RawAddress("UNKNOWN", "", "Springfield", "IL", "62704"))
    assert [(stage.name, stage.after) for stage in stages] == [("text", "defects: placeholder")]


def test_a_refusal_after_the_parse_is_shown_last() -> None:
    stages = explain(RawAddress("123 Main St", "", "Chicago", "IL", "90012"))
    assert (stages[-1].name, stages[-1].after) == ("delivery point", "defects: zip_state_conflict")


def test_a_city_that_can_begin_at_two_words_is_refused_in_its_own_stage() -> None:
    stages = explain(RawAddress("123 Main St N Little Rock AR"))
    assert [stage.name for stage in stages][1:3] == ["locality in the line", "delivery line"]
    assert stages[1].after == "unread: 123 MAIN ST N LITTLE ROCK | state: AR | defects: not_understood"


def test_the_number_of_queens_is_shown_where_it_is_hyphenated() -> None:
    stages = explain(RawAddress("7507 Astoria Blvd", "", "East Elmhurst", "NY", "11370"))
    assert stages[-1].name == "completeness"
    assert "number: 7507 " in stages[-1].before
    assert "number: 75-07 " in stages[-1].after
    assert "Queens" in stages[-1].why
