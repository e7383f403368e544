"""Every confirmation index keeps the same promises: on DuckDB, on Spark, and the simulated one."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.adapters.engines.spark.spark_index import SparkIndex
from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.matching.match_rule import Question, Relaxations, guard_tokens
from narrowgate.core.matching.tax_years import ALL_YEARS
from narrowgate.gate.gathering import RowsAsked
from narrowgate.gate.ports import ConfirmationIndex
from narrowgate.index.street_reference import ReferenceRow
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

Streets = Sequence[ReferenceRow]


class Build(Protocol):
    """Makes an index of rows, and of a street reference where there is one."""

    def __call__(self, rows: Sequence[Row], streets: Streets | None = None) -> ConfirmationIndex: ...


MARIA = Row("212345671", "MARIA", "GARCIA LOPEZ", "1980-01-02", "538 HOWELL AVE")
ROBERT = Row("212345672", "ROBERT", "HALVORSEN", "1971-05-06", "540 HOWELL AVE")
ANNA = Row("212345673", "ANNA", "HALVORSEN", "1972-07-08", "12 CLIFTON ST APT 4")


def build_on_duckdb(tmp_path: Path, rows: Sequence[Row], streets: Streets | None = None) -> DuckDBIndex:
    number = len(list(tmp_path.iterdir()))
    work = tmp_path / str(number)
    work.mkdir()
    source = write_rows(work / "records.csv", rows)
    build_index(source, MAPPING, work / "index", KEY, settings(work, streets=streets))
    return DuckDBIndex.open(work / "index", KEY.key_id, spill=work / "spill")


def probed_on_spark(
    cluster: Cluster, tmp_path: Path, rows: Sequence[Row], streets: Streets | None = None
) -> SparkIndex:
    """Both engines build the same bytes (``test_spark_build.py``); here the quicker one does."""
    built = build_on_duckdb(tmp_path, rows, streets).directory
    return SparkIndex.open(built, KEY.key_id, master=cluster.master, spill=built.parent / "spill")


@pytest.fixture(params=["duckdb", "spark", "simulated"])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    if request.param == "simulated":
        return lambda rows, streets=None: SimulatedIndex(rows, KEY, LIMIT, streets=streets or ())
    if request.param == "spark":
        cluster: Cluster = request.getfixturevalue("cluster")
        return lambda rows, streets=None: probed_on_spark(cluster, tmp_path, rows, streets)
    return lambda rows, streets=None: build_on_duckdb(tmp_path, rows, streets)


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


BLANK = MARIA._replace(address_line_1="538 HOWELL")
HOWELL_AVE = ("45220", "HOWELL", "AVE")
HOWELL_BLANK = ("45220", "HOWELL", "")


def test_a_blank_suffix_is_asked_with_the_only_one_the_file_knows(build: Build) -> None:
    assert confirmed(build([MARIA, ROBERT]), ask(BLANK)) == [True]


def test_a_blank_suffix_is_one_of_the_suffixes_a_street_is_known_with(build: Build) -> None:
    """The file knows HOWELL and HOWELL AVE: either may be meant."""
    assert confirmed(build([BLANK, ROBERT]), ask(MARIA)) == [False]
    assert confirmed(build([MARIA, ROBERT._replace(address_line_1="9 HOWELL")]), ask(BLANK)) == [False]


def test_a_suffix_is_asked_as_blank_where_the_file_knows_the_street_without_one_only(build: Build) -> None:
    assert confirmed(build([BLANK]), ask(MARIA)) == [True]


@pytest.mark.parametrize("number", ["538", "9"])
def test_a_blank_suffix_is_not_bridged_where_the_file_knows_two(build: Build, number: str) -> None:
    index = build([MARIA, ROBERT._replace(address_line_1=f"{number} HOWELL ST")])
    assert confirmed(index, ask(BLANK)) == [False]


def test_a_blank_suffix_of_another_zip_code_decides_nothing(build: Build) -> None:
    index = build([MARIA, ROBERT._replace(address_line_1="538 HOWELL ST", zip="45202")])
    assert confirmed(index, ask(BLANK)) == [True]


@pytest.mark.parametrize(
    ("streets", "expected"),
    [
        ([HOWELL_AVE], [True, True]),
        ([HOWELL_AVE, ("45220", "HOWELL", "ST")], [False, False]),
        ([HOWELL_AVE, HOWELL_BLANK], [False, False]),
        ([("45220", "N HOWELL AVENUE", ""), ("45220", "CLIFTON", "AVE")], [True, True]),
        ([("45220", "CLIFTON", "AVE")], [False, False]),
    ],
)
def test_where_a_reference_covers_the_zip_code_it_says_which_suffixes_there_are(
    build: Build, streets: Streets, expected: list[bool]
) -> None:
    """Whatever the file knows: a record without the suffix is met, and a question without it."""
    without = ROBERT._replace(address_line_1="540 HOWELL")
    index = build([MARIA, without], streets)
    assert confirmed(index, ask(BLANK), ask(ROBERT)) == expected


def test_the_file_says_which_suffixes_there_are_where_the_reference_does_not_cover_the_zip_code(
    build: Build,
) -> None:
    index = build([MARIA, ROBERT], [("45202", "HOWELL", "ST")])
    assert confirmed(index, ask(BLANK)) == [True]


def test_a_record_without_a_zip_code_is_met_by_the_suffix_that_the_zip_code_of_the_question_knows(
    build: Build,
) -> None:
    record = MARIA._replace(zip="", address_line_1="538 HOWELL")
    index = build([record, ANNA], [HOWELL_AVE])
    assert confirmed(index, ask(MARIA), ask(MARIA._replace(zip="45202"))) == [True, False]


def test_a_question_without_a_zip_code_is_bridged_where_all_zip_codes_of_the_city_know_one_suffix(
    build: Build,
) -> None:
    asked = ask(BLANK._replace(zip=""))
    assert confirmed(build([MARIA], [HOWELL_AVE]), asked) == [True]
    no_zip = MARIA._replace(zip="")
    assert confirmed(build([no_zip], [HOWELL_AVE]), asked) == [True]
    assert confirmed(build([no_zip], [HOWELL_AVE, ("45202", "HOWELL", "ST")]), asked) == [False]
    two_in_one = [HOWELL_AVE, ("45202", "HOWELL", "ST"), ("45202", "HOWELL", "AVE")]
    assert confirmed(build([no_zip], two_in_one), asked) == [False]


WHOLE = ["DEER RUN", "FOX HOLLOW", "COTTAGE GROVE", "BROADWAY", "COUNTY ROAD 12", "US HIGHWAY 50", "AVENUE B"]
WHOLE += ["THE OAKS", "CAMINO REAL", "AVENUE OF THE AMERICAS", "79TH"]


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("covered", [False, True])
def test_a_name_that_is_whole_without_a_suffix_is_never_relaxed(
    build: Build, name: str, covered: bool
) -> None:
    record = MARIA._replace(address_line_1=f"538 {name} CT")
    index = build([record], [("45220", name, "CT")] if covered else None)
    asked = (record._replace(address_line_1=f"538 {name}"), record)
    assert confirmed(index, *map(ask, asked)) == [False, True]


def test_a_written_suffix_never_becomes_another(build: Build) -> None:
    index = build([MARIA, ROBERT], [HOWELL_AVE])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 HOWELL ST"))) == [False]


SLIPS = ["HOWEL", "HOWELLL", "HOWLEL", "HOVELL", "HWELL", "HOWEL1"]


@pytest.mark.parametrize("name", SLIPS)
def test_one_edit_leads_to_the_only_street_the_reference_knows(build: Build, name: str) -> None:
    index = build([MARIA], [HOWELL_AVE])
    assert confirmed(index, ask(MARIA._replace(address_line_1=f"538 {name} AVE"))) == [True]


@pytest.mark.parametrize("name", SLIPS)
@pytest.mark.parametrize("streets", [None, [("45202", "HOWELL", "AVE")]])
def test_one_edit_does_nothing_where_no_reference_covers_the_zip_code(
    build: Build, name: str, streets: Streets | None
) -> None:
    index = build([MARIA, ROBERT], streets)
    assert confirmed(index, ask(MARIA._replace(address_line_1=f"538 {name} AVE"))) == [False]


@pytest.mark.parametrize("name", ["LOWELL", "HOWARD", "OWELL", "OHWELL", "SHOWELL"])
def test_the_first_letter_never_changes_and_two_edits_are_none(build: Build, name: str) -> None:
    index = build([MARIA], [HOWELL_AVE])
    assert confirmed(index, ask(MARIA._replace(address_line_1=f"538 {name} AVE"))) == [False]


def test_one_edit_leads_nowhere_when_the_reference_knows_the_written_street(build: Build) -> None:
    index = build([MARIA], [HOWELL_AVE, ("45220", "HOVELL", "AVE")])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 HOVELL AVE"))) == [False]


def test_one_edit_leads_nowhere_when_two_known_streets_are_near(build: Build) -> None:
    index = build([MARIA], [HOWELL_AVE, ("45220", "HOTELL", "AVE")])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 HOVELL AVE"))) == [False]


def test_a_street_that_only_the_file_knows_is_no_target_and_no_obstacle(build: Build) -> None:
    """In a covered ZIP Code the reference knows the streets; another spelling in a record may be a slip too."""
    other = ROBERT._replace(address_line_1="540 HOTELL AVE")
    index = build([MARIA, other], [HOWELL_AVE])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 HOVELL AVE"))) == [True]
    assert confirmed(index, ask(other._replace(address_line_1="540 HOTTELL AVE"))) == [False]


@pytest.mark.parametrize(("known", "written"), [("QUILLING", "QUILLINGS"), ("QUILLINGS", "QUILLING")])
def test_a_street_and_its_plural_are_two(build: Build, known: str, written: str) -> None:
    index = build([MARIA._replace(address_line_1=f"538 {known} AVE")], [("45220", known, "AVE")])
    assert confirmed(index, ask(MARIA._replace(address_line_1=f"538 {written} AVE"))) == [False]


@pytest.mark.parametrize(("known", "written"), [("3RD", "33RD"), ("OAK", "OAR"), ("ROUTE 12", "ROUTE 21")])
def test_digits_never_change_and_three_letters_are_too_few(build: Build, known: str, written: str) -> None:
    index = build([MARIA._replace(address_line_1=f"538 {known} AVE")], [("45220", known, "AVE")])
    assert confirmed(index, ask(MARIA._replace(address_line_1=f"538 {written} AVE"))) == [False]


def test_an_edit_and_a_blank_suffix_are_never_combined(build: Build) -> None:
    index = build([MARIA], [HOWELL_AVE])
    assert confirmed(index, ask(MARIA._replace(address_line_1="538 HOWEL"))) == [False]


@pytest.mark.parametrize(
    "written", ["538 HOWELL AVE", "538 HOWELL", "538 HOWEL AVE", "538 XYLOPHONE AVE", "538 HOWELL ST"]
)
def test_as_many_rows_are_asked_for_whatever_the_index_holds(build: Build, written: str) -> None:
    asked = ask(MARIA._replace(address_line_1=written))
    worlds = [
        build([MARIA], [HOWELL_AVE]),
        build([MARIA._replace(suppressed="yes"), ROBERT], [HOWELL_AVE]),
        build([ANNA]),
        build([ANNA], [HOWELL_AVE, ("45220", "HOTEL", "AVE")]),
    ]
    assert len({len(rows) for world in worlds for rows in resolved_by(world, asked)}) == 1


def test_a_relaxation_switched_off_adds_nothing(build: Build) -> None:
    index = build([MARIA, ROBERT], [HOWELL_AVE])
    none = Relaxations(suffix_blank=False, street_one_edit=False)
    assert confirmed(
        index,
        ask(MARIA._replace(address_line_1="538 HOWELL"), relaxations=none),
        ask(MARIA._replace(address_line_1="538 HOWEL AVE"), relaxations=none),
        ask(MARIA, relaxations=none),
    ) == [False, False, True]


def test_each_batch_gets_a_fact_for_each_of_its_own_tokens(build: Build) -> None:
    index = build([MARIA, ROBERT, ANNA])
    maria, anna = (b"".join(dict.fromkeys(guard_tokens(ask(row)))) for row in (MARIA, ANNA))
    alone, nothing, both, unknown = index.guards([maria, b"", anna + maria, bytes(16)])
    assert [len(facts.found) for facts in (alone, nothing, both, unknown)] == [
        len(maria) // 16,
        0,
        len(anna + maria) // 16,
        1,
    ]
    assert any(alone.found)
    assert both.by_token(anna + maria) == {
        **guards_of(index, guard_tokens(ask(ANNA))),
        **guards_of(index, guard_tokens(ask(MARIA))),
    }
    assert list(unknown.found) == list(unknown.first) == list(unknown.last) == [0]


def test_no_tokens_cause_no_read(build: Build) -> None:
    index = build([MARIA])
    assert list(index.members(b"", [])) == []
    assert list(index.guards([])) == []
    assert [list(facts.found) for facts in index.guards([b""])] == [[]]
    assert index.reads == 0  # type: ignore[attr-defined]  # both indexes of this test count


def test_the_same_token_may_be_asked_twice(build: Build) -> None:
    index = build([MARIA])
    (tokens,) = resolved_by(index, ask(MARIA))
    answers = list(index.members(b"".join((*tokens, *tokens)), [ALL_YEARS] * 2 * len(tokens)))
    assert answers[: len(tokens)] == answers[len(tokens) :]
    assert any(answers)


def test_the_rows_of_several_batches_are_answered_question_by_question(build: Build) -> None:
    index = build([MARIA, ROBERT])
    (maria, anna, nothing) = [*resolved_by(index, ask(MARIA), ask(ANNA)), []]
    both = RowsAsked(b"".join(maria + anna), array("Q", [len(maria), len(anna)]), array("Q", [ALL_YEARS] * 2))
    none = RowsAsked(b"", array("Q"), array("Q"))
    empty_last = RowsAsked(
        b"".join(anna + maria), array("Q", [len(anna) + len(maria), 0]), array("Q", [ALL_YEARS] * 2)
    )
    with index.gather() as rows:
        deal = rows.dealer()
        for asked in (both, none, empty_last):
            rows.add(deal(asked))
        assert list(rows.answers()) == [True, False, True, bool(nothing)]
    with index.gather() as rows:
        assert list(rows.answers()) == []


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


reference = st.tuples(
    st.sampled_from(["45220", "45202"]), st.sampled_from(["HOWELL", "HOWELL AVE", "LOWELL ST"]), st.just("")
)


@hypothesis_settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    records=st.lists(rows, min_size=1, max_size=8),
    items=st.lists(rows, min_size=1, max_size=8),
    streets=st.lists(reference, max_size=4),
)
def test_both_indexes_answer_every_question_alike(
    tmp_path: Path, records: list[Row], items: list[Row], streets: list[ReferenceRow]
) -> None:
    on_disk = build_on_duckdb(tmp_path, records, streets or None)
    simulated = SimulatedIndex(records, KEY, LIMIT, streets=streets)
    questions = [ask(item) for item in items]
    assert resolved_by(on_disk, *questions) == resolved_by(simulated, *questions)
    assert confirmed(on_disk, *questions) == confirmed(simulated, *questions)
