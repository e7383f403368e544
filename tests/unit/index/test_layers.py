"""Layers: a new year, a person kept out, and all merged; the index below is never changed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
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
from narrowgate.index.street_reference import ReferenceRow
from support.index_worlds import CREATED, KEY, MAPPING, Row, ask, is_held, settings, write_rows

MARIA = Row("212345671", "MARIA", "GARCIA LOPEZ", "1980-01-02", "538 HOWELL AVE")
ROBERT = Row("212345672", "ROBERT", "HALVORSEN", "1971-05-06", "540 HOWELL AVE")
MOVED = MARIA._replace(address_line_1="9 LUDLOW AVE", tax_year="2023")
LAYER = LayerSettings(CREATED)


def first(
    tmp_path: Path, rows: list[Row], name: str = "base", streets: Sequence[ReferenceRow] | None = None
) -> Base:
    source = write_rows(tmp_path / f"{name}.csv", rows)
    build_index(source, MAPPING, tmp_path / name, KEY, settings(tmp_path, streets=streets))
    return open_base(tmp_path / name, KEY, None)


def with_layer(
    tmp_path: Path, below: Base, rows: list[Row], name: str, streets: Sequence[ReferenceRow] | None = None
) -> Base:
    source = write_rows(tmp_path / f"{name}.csv", rows)
    later = replace(settings(tmp_path, streets=streets), created=CREATED + timedelta(days=1))
    build_index(source, MAPPING, tmp_path / name, KEY, later, base=below)
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


STREET = ("45220", "HOWELL", "AVE")
SLIP = MARIA._replace(address_line_1="538 HOWEL AVE")
BLANK = MARIA._replace(address_line_1="538 HOWELL")


def test_a_reference_of_any_layer_covers_its_zip_codes_in_all(tmp_path: Path) -> None:
    """A street of the new rows adds nothing to what the reference below knows."""
    other_suffix = ROBERT._replace(address_line_1="540 HOWELL ST")
    below = first(tmp_path, [MARIA], streets=[STREET])
    above = with_layer(tmp_path, below, [other_suffix], "layered")
    assert confirmed(above, ask(SLIP), ask(BLANK)) == [True, True]
    assert above.manifest.has_street_reference


def test_a_reference_of_a_later_layer_counts_for_the_rows_below(tmp_path: Path) -> None:
    below = first(tmp_path, [MARIA])
    assert confirmed(below, ask(SLIP)) == [False]
    assert confirmed(with_layer(tmp_path, below, [MOVED], "layered", [STREET]), ask(SLIP)) == [True]


def test_a_second_suffix_in_any_layer_ends_the_bridge_to_a_blank_one(tmp_path: Path) -> None:
    below = first(tmp_path, [MARIA])
    assert confirmed(below, ask(BLANK)) == [True]
    same = with_layer(tmp_path, below, [ROBERT], "same")
    other = with_layer(tmp_path, same, [ROBERT._replace(address_line_1="1 HOWELL ST")], "other")
    assert confirmed(same, ask(BLANK)) == [True]
    assert confirmed(other, ask(BLANK)) == [False]


def test_a_suppression_takes_effect_at_once_for_every_way_to_ask(tmp_path: Path) -> None:
    below = first(tmp_path, [MARIA, ROBERT])
    persons = [RawPerson("MARIA", "GARCIA LOPEZ", "", "1980-01-02", "212345671")]
    manifest = suppress(below, persons, tmp_path / "after", KEY, LAYER)
    after = open_base(tmp_path / "after", KEY, None)
    assert confirmed(after, ask(MARIA), ask(MARIA._replace(tin="")), ask(ROBERT)) == [False, False, True]
    assert manifest.data_as_of == below.manifest.data_as_of


HALF = [
    (RawPerson(tin="212-34-5671"), "birth date"),
    (RawPerson("MARIA", "GARCIA LOPEZ", "", "1980-01-02"), "TIN"),
]


@pytest.mark.parametrize(("person", "missing"), HALF)
def test_an_entry_that_keeps_a_person_out_of_one_way_to_ask_only_is_refused(
    tmp_path: Path, person: RawPerson, missing: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"Entry 1 .*{missing}") as caught:
        suppress(first(tmp_path, [MARIA]), [person], tmp_path / "after", KEY, LAYER)
    assert not (tmp_path / "after").exists()
    assert "GARCIA" not in str(caught.value)


@pytest.mark.parametrize(("person", "missing"), HALF)
def test_half_an_entry_keeps_a_person_out_as_far_as_it_goes_where_that_is_wanted(
    tmp_path: Path, person: RawPerson, missing: str
) -> None:
    """An item that gives both is one about the person either way."""
    settings = replace(LAYER, allows_half=True)
    suppress(first(tmp_path, [MARIA]), [person], tmp_path / "after", KEY, settings)
    asked = ask(MARIA), ask(MARIA._replace(tin="")), ask(MARIA._replace(birth_date=""))
    expected = [False, missing == "birth date", missing == "TIN"]
    assert confirmed(open_base(tmp_path / "after", KEY, None), *asked) == expected


def test_how_many_persons_a_suppression_keeps_out_stands_nowhere_in_the_index(tmp_path: Path) -> None:
    below = first(tmp_path, [MARIA, ROBERT])
    persons = [
        RawPerson(row.given_names, row.surnames, "", row.birth_date, row.tin) for row in (MARIA, ROBERT)
    ]
    one, two = (suppress(below, persons[:count], tmp_path / f"after-{count}", KEY, LAYER) for count in (1, 2))
    assert [file.rows for file in one.files] == [file.rows for file in two.files]
    assert one.layers == two.layers


def test_only_owner_and_group_may_read_the_files_of_an_index(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        made = with_layer(tmp_path, first(tmp_path, [MARIA]), [MOVED], "layered")
    finally:
        os.umask(old)
    assert {oct(path.stat().st_mode & 0o777) for path in made.directory.rglob("*") if path.is_file()} == {
        "0o640"
    }


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
    below = first(tmp_path, [MARIA, ROBERT], streets=[STREET])
    again = MARIA._replace(tax_year="2021")
    second = with_layer(tmp_path, below, [MOVED, again], "second")
    hidden = RawPerson("ROBERT", "HALVORSEN", "", "1971-05-06", ROBERT.tin)
    suppress(second, [hidden], tmp_path / "third", KEY, LAYER)
    third = open_base(tmp_path / "third", KEY, None)
    compact(third, tmp_path / "merged", KEY, LAYER, DuckDBMerge("200MB", 1))
    merged = open_base(tmp_path / "merged", KEY, None)
    asked = [
        ask(MARIA),
        ask(MOVED, years=(2023,)),
        ask(ROBERT),
        ask(SLIP),
        ask(MARIA, years=(2021,)),
        ask(MARIA, years=(2020,)),
    ]
    assert confirmed(merged, *asked) == confirmed(third, *asked) == [True, True, False, True, True, False]
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
