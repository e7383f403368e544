"""The PostgreSQL reader against a real, throw-away server."""

from __future__ import annotations

from pathlib import Path

import pytest

from narrowgate.adapters.readers import read_rows
from narrowgate.adapters.readers.expect import rows_expected
from narrowgate.core.base.errors import ConfigurationError, OperationalError
from narrowgate.core.taxfile.mapping import Mapping, parse_mapping
from support.postgresql import connection_text

psycopg = pytest.importorskip("psycopg")

ROLES = """
[columns]
tin = "tin"
full_name = "name"
birth_date = "born"
address_line_1 = "street"
tax_year = "year"
suppressed = "hold"
"""


def mapping(query: str) -> Mapping:
    source = f'[source]\nformat = "postgresql"\nbirth_date_form = "MM/DD/YYYY"\nquery = """{query}"""\n'
    return parse_mapping(source + ROLES, "m.toml")


@pytest.fixture(scope="module")
def filers(postgresql: Path) -> str:
    with psycopg.connect(connection_text(postgresql), autocommit=True) as connection:
        connection.execute("CREATE DATABASE filers")
    server = connection_text(postgresql, "filers")
    with psycopg.connect(server) as connection:
        connection.execute(
            "CREATE TABLE filers (tin text, number int, name varchar, born date, street text, year int, hold bool)"
        )
        connection.execute(
            "INSERT INTO filers VALUES ('012345678', 12345678, 'ANNA BERGSTRÖM', '1972-07-08', NULL, 2022, true)"
        )
        connection.execute(
            "INSERT INTO filers SELECT '212345678', 1, 'N', '1980-01-02', 'S', 2021, NULL "
            "FROM generate_series(1, 40000)"
        )
    return server


def test_text_dates_and_flags_come_as_the_mapping_wants_them(filers: str) -> None:
    first = next(iter(read_rows(filers, mapping("SELECT * FROM filers;"))))
    row = {name: first.columns.column(name)[0].as_py() for name in first.columns.schema.names}
    assert row == {
        "tin": "012345678",
        "name": "ANNA BERGSTRÖM",
        "born": "07/08/1972",
        "street": "",
        "year": "2022",
        "hold": "yes",
    }


def test_rows_come_in_batches_with_consecutive_numbers(filers: str) -> None:
    numbers = [list(batch.numbers) for batch in read_rows(filers, mapping("SELECT * FROM filers"))]
    assert len(numbers) > 1
    assert [number for batch in numbers for number in batch] == list(range(1, 40002))


def test_the_server_says_about_how_many_rows_will_come(filers: str) -> None:
    with psycopg.connect(filers, autocommit=True) as connection:
        connection.execute("ANALYZE filers")
    assert rows_expected(filers, mapping("SELECT * FROM filers;")) == 40_001
    assert rows_expected(filers, mapping("SELECT * FROM nowhere")) is None


def test_a_number_in_the_place_of_a_tin_is_refused(filers: str) -> None:
    query = "SELECT number AS tin, name, born, street, year, hold FROM filers"
    with pytest.raises(ConfigurationError, match="not text"):
        list(read_rows(filers, mapping(query)))


def test_a_missing_column_is_named(filers: str) -> None:
    with pytest.raises(ConfigurationError, match="no column 'hold'"):
        list(read_rows(filers, mapping("SELECT tin, name, born, street, year FROM filers")))


def test_a_query_can_change_nothing(filers: str) -> None:
    query = "WITH gone AS (DELETE FROM filers RETURNING *) SELECT * FROM gone"
    with pytest.raises(OperationalError):
        list(read_rows(filers, mapping(query)))
    assert next(iter(read_rows(filers, mapping("SELECT * FROM filers")))).numbers


def test_a_query_the_server_refuses_is_an_error_that_quotes_nothing(filers: str) -> None:
    with pytest.raises(OperationalError) as caught:
        list(read_rows(filers, mapping("SELECT * FROM filers WHERE tin = '012345678' AND nowhere = 1")))
    assert "012345678" not in str(caught.value)
    assert "42703" in str(caught.value)


def test_a_server_that_is_not_there_is_an_error_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(OperationalError):
        list(read_rows(f"host={tmp_path} dbname=none", mapping("SELECT 1")))
