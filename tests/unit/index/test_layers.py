"""Layers: a new year, a person kept out, and all merged; the index below is never changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.adapters.engines.duckdb.merge import DuckDBMerge
from narrowgate.core.base.errors import ConfigurationError, UnavailableError
from narrowgate.core.matching.match_rule import Question
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.person.model import RawPerson
from narrowgate.index.base import Base, open_base
from narrowgate.index.integrity import verify_index
from narrowgate.index.layers import LayerSettings, compact, suppress
from support.index_worlds import CREATED, KEY, MAPPING, Row, ask, is_held, settings, write_rows

MARIA = Row("212345671", "MARIA", "GARCIA LOPEZ", "1980-01-02", "538 HOWELL AVE")
ROBERT = Row("212345672", "ROBERT", "HALVORSEN", "1971-05-06", "540 HOWELL AVE")
MOVED = MARIA._replace(address_line_1="9 LUDLOW AVE", tax_year="2023")
LAYER = LayerSettings(CREATED)


def first(tmp_path: Path, rows: list[Row], name: str = "base") -> Base:
    source = write_rows(tmp_path / f"{name}.csv", rows)
    build_index(source, MAPPING, tmp_path / name, KEY, settings(tmp_path))
    return open_base(tmp_path / name, KEY, None)


def with_layer(tmp_path: Path, below: Base, rows: list[Row], name: str) -> Base:
    source = write_rows(tmp_path / f"{name}.csv", rows)
    build_index(source, MAPPING, tmp_path / name, KEY, settings(tmp_path), base=below)
    return open_base(tmp_path / name, KEY, None)


def confirmed(base: Base, *questions: Question) -> list[bool]:
    index = DuckDBIndex.open(base.directory, KEY.key_id, spill=base.directory.parent / "spill")
    return [is_held(index, question) for question in questions]


def test_a_new_year_adds_its_rows_and_keeps_the_old_ones(tmp_path: Path) -> None:
    below = first(tmp_path, [MARIA, ROBERT])
    above = with_layer(tmp_path, below, [MOVED], "layered")
    asked = [ask(MARIA), ask(MOVED, years=(2023,)), ask(MOVED, years=(2022,))]
    assert confirmed(below, *asked) == [True, False, False]
    assert confirmed(above, *asked) == [True, True, False]
    assert len(above.manifest.layers) == 2


def test_a_layer_leaves_the_index_below_unchanged(tmp_path: Path) -> None:
    below = first(tmp_path, [MARIA])
    with_layer(tmp_path, below, [MOVED], "layered")
    assert verify_index(below.directory, None) == below.manifest


def test_a_person_kept_out_below_stays_out_in_a_later_layer_under_another_number(tmp_path: Path) -> None:
    below = first(tmp_path, [MARIA._replace(suppressed="yes"), ROBERT])
    other_number = MOVED._replace(tin="912701234")
    above = with_layer(tmp_path, below, [other_number], "layered")
    assert confirmed(above, ask(other_number, years=(2023,)), ask(ROBERT)) == [False, True]


def test_a_person_kept_out_in_a_later_layer_is_out_in_all(tmp_path: Path) -> None:
    below = first(tmp_path, [MARIA, ROBERT])
    above = with_layer(tmp_path, below, [MOVED._replace(suppressed="yes")], "layered")
    assert confirmed(above, ask(MARIA), ask(MARIA._replace(tin="")), ask(ROBERT)) == [False, False, True]


@pytest.mark.parametrize(("second", "expected"), [(ROBERT, True), (MARIA._replace(tax_year="2021"), False)])
def test_a_street_counts_as_shared_over_layers_when_another_filer_comes(
    tmp_path: Path, second: Row, expected: bool
) -> None:
    """One letter of IOWELL may be wrong in two ways: the street of two filers is meant, if there is one."""
    near = ROBERT._replace(address_line_1="7 LOWELL AVE")
    above = with_layer(tmp_path, first(tmp_path, [MARIA, near]), [second], "layered")
    assert confirmed(above, ask(MARIA._replace(address_line_1="538 IOWELL AVE"))) == [expected]


def test_a_name_known_in_any_layer_is_never_corrected(tmp_path: Path) -> None:
    elsewhere = ROBERT._replace(address_line_1="7 HOVELL ST", zip="45202")
    written = ask(MARIA._replace(address_line_1="538 HOVELL AVE"))
    below = first(tmp_path, [MARIA])
    assert confirmed(below, written) == [True]
    assert confirmed(with_layer(tmp_path, below, [elsewhere], "layered"), written) == [False]


def test_a_suppression_takes_effect_at_once_for_every_way_to_ask(tmp_path: Path) -> None:
    below = first(tmp_path, [MARIA, ROBERT])
    persons = [RawPerson("MARIA", "GARCIA LOPEZ", "", "1980-01-02", "212345671")]
    manifest = suppress(below, persons, tmp_path / "after", KEY, LAYER)
    after = open_base(tmp_path / "after", KEY, None)
    assert confirmed(after, ask(MARIA), ask(MARIA._replace(tin="")), ask(ROBERT)) == [False, False, True]
    assert manifest.data_as_of == below.manifest.data_as_of


def test_a_tin_alone_is_enough_to_keep_a_person_out(tmp_path: Path) -> None:
    suppress(first(tmp_path, [MARIA]), [RawPerson(tin="212-34-5671")], tmp_path / "after", KEY, LAYER)
    assert confirmed(open_base(tmp_path / "after", KEY, None), ask(MARIA)) == [False]


@pytest.mark.parametrize(
    "person",
    [RawPerson(), RawPerson("MARIA", "GARCIA"), RawPerson("MARIA", "GARCIA", "", "1980-01-02", "123")],
)
def test_an_entry_that_identifies_nobody_is_refused_without_naming_it(
    tmp_path: Path, person: RawPerson
) -> None:
    with pytest.raises(ConfigurationError, match="Entry 1") as caught:
        suppress(first(tmp_path, [MARIA]), [person], tmp_path / "after", KEY, LAYER)
    assert "GARCIA" not in str(caught.value)


def test_a_damaged_index_is_not_sealed_under_a_new_manifest(tmp_path: Path) -> None:
    below = first(tmp_path, [MARIA])
    path = next((below.directory / "guards").iterdir())
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(UnavailableError):
        open_base(below.directory, KEY, None)


def test_a_layer_of_another_key_or_limit_is_refused(tmp_path: Path) -> None:
    below = first(tmp_path, [MARIA])
    with pytest.raises(ConfigurationError, match="key"):
        open_base(below.directory, IndexKey(bytes(32)), None)
    source = write_rows(tmp_path / "r.csv", [MOVED])
    with pytest.raises(ConfigurationError, match="limit"):
        build_index(source, MAPPING, tmp_path / "new", KEY, settings(tmp_path, limit=9), base=below)


def test_layers_of_layers_merge_into_one_with_the_same_answers(tmp_path: Path) -> None:
    second = with_layer(tmp_path, first(tmp_path, [MARIA, ROBERT]), [MOVED], "second")
    suppress(second, [RawPerson(tin=ROBERT.tin)], tmp_path / "third", KEY, LAYER)
    third = open_base(tmp_path / "third", KEY, None)
    compact(third, tmp_path / "merged", KEY, LAYER, DuckDBMerge("200MB", 1))
    merged = open_base(tmp_path / "merged", KEY, None)
    asked = [
        ask(MARIA),
        ask(MOVED, years=(2023,)),
        ask(ROBERT),
        ask(MARIA._replace(address_line_1="538 HOWEL AVE")),
    ]
    assert confirmed(merged, *asked) == confirmed(third, *asked) == [True, True, False, True]
    assert len(merged.manifest.layers) == 1
    assert {file.path.partition("/")[2][:5] for file in merged.manifest.files} == {"0000-"}


rows = st.builds(
    Row,
    tin=st.sampled_from(["212345671", "212345672"]),
    given_names=st.just("MARIA"),
    surnames=st.just("GARCIA"),
    birth_date=st.sampled_from(["1980-01-02", "1971-05-06"]),
    address_line_1=st.builds(
        lambda name, suffix: f"12 {name} {suffix}".strip(),
        st.sampled_from(["HOWELL", "LOWELL", "HOWEL", "IOWELL"]),
        st.sampled_from(["AVE", "ST", ""]),
    ),
    city=st.just("CINCINNATI"),
    state=st.just("OH"),
    zip=st.just("45220"),
    tax_year=st.sampled_from(["2021", "2022"]),
    suppressed=st.just("no"),
)


@hypothesis_settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(rows, min_size=1, max_size=4), st.lists(rows, min_size=1, max_size=4), st.lists(rows, max_size=5)
)
def test_a_layered_index_answers_like_a_rebuilt_one(
    tmp_path_factory: pytest.TempPathFactory, old: list[Row], new: list[Row], asked: list[Row]
) -> None:
    work = tmp_path_factory.mktemp("world")
    layered = with_layer(work, first(work, old), new, "layered")
    rebuilt = first(work, [*old, *new], "rebuilt")
    questions = [ask(row) for row in asked]
    assert confirmed(layered, *questions) == confirmed(rebuilt, *questions)
