"""Every confirmation index keeps the same promises: on DuckDB, on Spark, and the simulated one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.adapters.engines.spark.spark_index import SparkIndex
from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.matching.guard_facts import GuardFacts
from narrowgate.core.matching.match_rule import Question, Relaxations, street_guard_tokens
from narrowgate.core.matching.tax_years import ALL_YEARS
from narrowgate.gate.ports import ConfirmationIndex
from support.index_worlds import (
    KEY,
    LIMIT,
    MAPPING,
    Row,
    ask,
    guards_of,
    resolved_by,
    settings,
    write_rows,
)
from support.simulated_index import SimulatedIndex
from support.spark_cluster import Cluster

Build = Callable[[Sequence[Row]], ConfirmationIndex]

MARIA = Row("212345671", "MARIA", "GARCIA LOPEZ", "1980-01-02", "538 HOWELL AVE")
ROBERT = Row("212345672", "ROBERT", "HALVORSEN", "1971-05-06", "540 HOWELL AVE")
ANNA = Row("212345673", "ANNA", "HALVORSEN", "1972-07-08", "12 CLIFTON ST APT 4")


def build_on_duckdb(tmp_path: Path, rows: Sequence[Row]) -> DuckDBIndex:
    number = len(list(tmp_path.iterdir()))
    work = tmp_path / str(number)
    work.mkdir()
    source = write_rows(work / "records.csv", rows)
    build_index(source, MAPPING, work / "index", KEY, settings(work))
    return DuckDBIndex.open(work / "index", KEY.key_id, spill=work / "spill")


def probed_on_spark(cluster: Cluster, tmp_path: Path, rows: Sequence[Row]) -> SparkIndex:
    """Both engines build the same bytes (``test_spark_build.py``); here the quicker one does."""
    built = build_on_duckdb(tmp_path, rows).directory
    return SparkIndex.open(built, KEY.key_id, master=cluster.master, spill=built.parent / "spill")


@pytest.fixture(params=["duckdb", "spark", "simulated"])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    if request.param == "simulated":
        return lambda rows: SimulatedIndex(rows, KEY, LIMIT)
    if request.param == "spark":
        cluster: Cluster = request.getfixturevalue("cluster")
        return lambda rows: probed_on_spark(cluster, tmp_path, rows)
    return lambda rows: build_on_duckdb(tmp_path, rows)


def confirmed(index: ConfirmationIndex, *questions: Question) -> list[bool]:
    """What step 9 does: guards, resolution, and one pass of membership."""
    resolved = resolved_by(index, *questions)
    tokens = b"".join(token for those in resolved for token in those)
    years = [question.years for question, those in zip(questions, resolved, strict=True) for _ in those]
    found = iter(index.members(tokens, years))
    return [any(tuple(islice(found, len(those)))) for those in resolved]


def test_a_record_is_confirmed_for_its_person_address_and_year(build: Build) -> None:
    index = build([MARIA, ROBERT, ANNA])
    assert confirmed(index, ask(MARIA), ask(ROBERT), ask(ANNA)) == [True, True, True]


def test_neither_another_person_nor_address_nor_year_is_confirmed(build: Build) -> None:
    index = build([MARIA, ROBERT, ANNA])
    assert (
        confirmed(
            index,
            ask(MARIA._replace(tin=ROBERT.tin)),
            ask(MARIA._replace(address_line_1=ROBERT.address_line_1)),
            ask(MARIA._replace(zip="45202")),
            ask(ANNA._replace(address_line_1="12 CLIFTON ST")),
            ask(MARIA, years=(2021, 2023)),
        )
        == [False] * 5
    )


def test_a_person_without_tin_in_the_item_is_found_by_birth_date_and_full_name(build: Build) -> None:
    index = build([MARIA])
    full = MARIA._replace(tin="")
    assert confirmed(index, ask(full), ask(full._replace(surnames="GARCIA"))) == [True, False]


def test_rows_of_several_years_answer_for_each_of_them(build: Build) -> None:
    index = build([MARIA, MARIA._replace(tax_year="2019")])
    assert confirmed(index, ask(MARIA, years=(2019,)), ask(MARIA, years=(2020, 2021))) == [True, False]


def test_a_suppressed_person_is_gone_with_every_row_number_and_spelling(build: Build) -> None:
    """26 USC 6103(i)(6): the other row shares only the birth date and name, a third only its number."""
    hidden = MARIA._replace(suppressed="yes")
    with_itin = MARIA._replace(tin="912701234", address_line_1="77 LUDLOW AVE")
    without_birth_date = with_itin._replace(birth_date="", address_line_1="79 LUDLOW AVE")
    index = build([hidden, with_itin, without_birth_date, ROBERT])
    assert confirmed(
        index, ask(MARIA), ask(MARIA._replace(tin="")), ask(with_itin), ask(without_birth_date), ask(ROBERT)
    ) == [False, False, False, False, True]


def test_a_suppressed_person_costs_as_many_tokens_as_anybody(build: Build) -> None:
    shown, hidden = build([MARIA, ROBERT]), build([MARIA._replace(suppressed="yes"), ROBERT])
    asked = ask(MARIA)
    (one,), (other,) = resolved_by(shown, asked), resolved_by(hidden, asked)
    assert len(one) == len(other)
    assert not set(one) & set(other)


@pytest.mark.parametrize(("filers", "expected"), [(LIMIT, True), (LIMIT + 1, False)])
def test_an_address_without_units_is_left_out_beyond_the_limit_of_filers(
    build: Build, filers: int, expected: bool
) -> None:
    people = [MARIA._replace(tin=f"21234567{number}") for number in range(filers)]
    index = build([*people, people[0]._replace(tax_year="2021")])
    assert confirmed(index, ask(people[0])) == [expected]


def test_an_address_with_units_is_kept_whatever_its_number_of_filers(build: Build) -> None:
    people = [ANNA._replace(tin=f"21234567{number}") for number in range(LIMIT + 2)]
    assert confirmed(build(people), ask(people[0])) == [True]


def test_a_blank_suffix_is_bridged_where_the_street_has_only_one(build: Build) -> None:
    blank = MARIA._replace(address_line_1="538 HOWELL")
    assert confirmed(build([MARIA, ROBERT]), ask(blank)) == [True]
    assert confirmed(build([blank, ROBERT]), ask(MARIA)) == [True]


def test_a_blank_suffix_is_not_bridged_where_the_number_has_two(build: Build) -> None:
    index = build([MARIA, ROBERT._replace(address_line_1="538 HOWELL ST")])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 HOWELL"))) == [False]


def test_of_two_streets_of_one_name_the_number_decides(build: Build) -> None:
    index = build([MARIA, ROBERT._replace(address_line_1="9 HOWELL ST")])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 HOWELL"))) == [True]


def test_a_written_suffix_never_becomes_another(build: Build) -> None:
    index = build([MARIA, ROBERT])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 HOWELL ST"))) == [False]


@pytest.mark.parametrize("name", ["HOWEL", "HOWELLL", "HOWLEL", "HOVELL"])
def test_one_edit_leads_to_the_only_known_street_of_two_filers(build: Build, name: str) -> None:
    index = build([MARIA, ROBERT])
    assert confirmed(index, ask(MARIA._replace(address_line_1=f"538 {name} AVE"))) == [True]


def test_one_edit_leads_nowhere_when_the_written_street_is_known(build: Build) -> None:
    """538 HOWELL AVE and 538 LOWELL AVE both stand in 45220."""
    index = build([MARIA, ROBERT, ANNA._replace(address_line_1="538 LOWELL AVE")])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 LOWELL AVE"))) == [False]


def test_one_edit_leads_nowhere_when_two_known_streets_are_near(build: Build) -> None:
    lowell = [row._replace(address_line_1="7 LOWELL AVE") for row in (MARIA, ROBERT)]
    index = build([MARIA, ROBERT, *lowell])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 IOWELL AVE"))) == [False]


@pytest.mark.parametrize("name", ["HOWEL", "HOWELLL", "HOWLEL", "HOVELL", "HOWE11"])
def test_one_edit_leads_to_a_street_of_one_filer_where_no_other_is_near(build: Build, name: str) -> None:
    index = build([MARIA, MARIA._replace(tax_year="2021"), ANNA])
    expected = name != "HOWE11"  # two letters misread
    assert confirmed(index, ask(MARIA._replace(address_line_1=f"538 {name} AVE"))) == [expected]


@pytest.mark.parametrize(("filers", "expected"), [(1, False), (2, True)])
def test_of_two_near_streets_only_one_of_two_filers_is_meant(
    build: Build, filers: int, expected: bool
) -> None:
    lowell = ANNA._replace(address_line_1="7 LOWELL AVE")
    index = build([MARIA, *[ROBERT][: filers - 1], lowell])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 IOWELL AVE"))) == [expected]


@pytest.mark.parametrize("written", ["538 LOWELL AVE", "538 ROWELL AVE", "538 AVENUE D"])
def test_a_name_that_looks_like_a_street_is_never_corrected(build: Build, written: str) -> None:
    """538 LOWELL AVE is real, and nobody in the file lives on it."""
    near = [MARIA, MARIA._replace(address_line_1="538 AVENUE C")]
    for rows in (near, [*near, ROBERT, ROBERT._replace(address_line_1="1 AVENUE C")]):
        assert confirmed(build(rows), ask(MARIA._replace(address_line_1=written))) == [False]


def test_a_name_that_stands_anywhere_in_the_file_is_never_corrected(build: Build) -> None:
    elsewhere = ANNA._replace(address_line_1="4 HOVELL ST", zip="45202")
    index = build([MARIA, ROBERT, elsewhere])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 HOVELL AVE"))) == [False]


@pytest.mark.parametrize(("known", "written"), [("QUILLING", "QUILLINGS"), ("QUILLINGS", "QUILLING")])
@pytest.mark.parametrize("filers", [1, 2])
def test_a_street_and_its_plural_are_two(build: Build, known: str, written: str, filers: int) -> None:
    rows = [row._replace(address_line_1=f"538 {known} AVE") for row in (MARIA, ROBERT)]
    assert confirmed(build(rows[:filers]), ask(MARIA._replace(address_line_1=f"538 {written} AVE"))) == [
        False
    ]


def test_a_relaxation_switched_off_adds_nothing(build: Build) -> None:
    index = build([MARIA, ROBERT])
    none = Relaxations(suffix_blank=False, street_one_edit=False)
    assert confirmed(
        index,
        ask(MARIA._replace(address_line_1="538 HOWELL"), relaxations=none),
        ask(MARIA._replace(address_line_1="538 HOWEL AVE"), relaxations=none),
        ask(MARIA, relaxations=none),
    ) == [False, False, True]


def test_each_batch_gets_the_facts_under_its_own_tokens(build: Build) -> None:
    index = build([MARIA, ROBERT, ANNA])
    maria, robert = (street_guard_tokens(ask(row)) for row in (MARIA, ROBERT))
    batches = [b"".join(maria), b"", b"".join(dict.fromkeys((*robert, *maria))), bytes(16)]
    alone, nothing, both, unknown = (facts.by_token() for facts in index.guards(batches))
    assert alone == guards_of(index, maria)
    assert alone
    assert both == {**alone, **guards_of(index, robert)}
    assert nothing == unknown == {}


def test_no_tokens_cause_no_read(build: Build) -> None:
    index = build([MARIA])
    assert list(index.members(b"", [])) == []
    assert list(index.guards([])) == []
    assert list(index.guards([b""])) == [GuardFacts()]
    assert index.reads == 0  # type: ignore[attr-defined]  # both indexes of this test count


def test_the_same_token_may_be_asked_twice(build: Build) -> None:
    index = build([MARIA])
    (tokens,) = resolved_by(index, ask(MARIA))
    answers = list(index.members(b"".join((*tokens, *tokens)), [ALL_YEARS] * 2 * len(tokens)))
    assert answers[: len(tokens)] == answers[len(tokens) :]
    assert any(answers)


def test_a_snapshot_names_the_key_and_the_canonical_form(build: Build) -> None:
    snapshot = build([MARIA]).snapshot()
    assert (snapshot.key_id, snapshot.canonical_form_version) == (KEY.key_id, CANONICAL_FORM_VERSION)


rows = st.builds(
    Row,
    tin=st.sampled_from(["212345671", "212345672", "912701234", ""]),
    given_names=st.sampled_from(["MARIA", "ROBERT"]),
    surnames=st.sampled_from(["GARCIA LOPEZ", "HALVORSEN"]),
    birth_date=st.sampled_from(["1980-01-02", "1971-05-06"]),
    address_line_1=st.builds(
        lambda number, name, suffix: f"{number} {name} {suffix}".strip(),
        st.sampled_from(["12", "538"]),
        st.sampled_from(["HOWELL", "LOWELL", "HOWEL", "CLIFTON"]),
        st.sampled_from(["AVE", "ST", ""]),
    ),
    city=st.just("CINCINNATI"),
    state=st.just("OH"),
    zip=st.sampled_from(["45220", "45202", ""]),
    tax_year=st.sampled_from(["2021", "2022"]),
    suppressed=st.sampled_from(["no", "no", "no", "no", "yes"]),
)


@hypothesis_settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(records=st.lists(rows, min_size=1, max_size=8), items=st.lists(rows, min_size=1, max_size=8))
def test_both_indexes_answer_every_question_alike(
    tmp_path: Path, records: list[Row], items: list[Row]
) -> None:
    on_disk, simulated = build_on_duckdb(tmp_path, records), SimulatedIndex(records, KEY, LIMIT)
    questions = [ask(item) for item in items]
    assert resolved_by(on_disk, *questions) == resolved_by(simulated, *questions)
    assert confirmed(on_disk, *questions) == confirmed(simulated, *questions)
