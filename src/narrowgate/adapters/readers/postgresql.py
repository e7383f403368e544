"""A PostgreSQL query as a tax file: a server-side cursor in a read-only transaction, every value as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from narrowgate.core.base.errors import ConfigurationError, OperationalError
from narrowgate.core.person.birth_date import BirthDateForm
from narrowgate.core.taxfile.mapping import Mapping
from narrowgate.index.rows import BATCH_ROWS, RowBatch, check_columns

_TEXT_TYPES = frozenset({"text", "varchar", "bpchar", "name"})
_HARMLESS_TYPES = {
    "tax_year": frozenset({"int2", "int4", "int8"}),
    "birth_date": frozenset({"date"}),
    "suppressed": frozenset({"bool"}),
}
_DATE_FORMS = {
    BirthDateForm.ISO: "YYYY-MM-DD",
    BirthDateForm.COMPACT: "YYYYMMDD",
    BirthDateForm.US: "MM/DD/YYYY",
}
_WHERE = "query"


def read_postgresql(connection_text: str, mapping: Mapping) -> Iterator[RowBatch]:
    """The rows of the mapping's query, in the order the server gives them.

    Args:
        connection_text: libpq connection string or URI, best without a password (``PGPASSFILE`` holds it).
        mapping: its ``query`` is one SELECT statement.

    Raises:
        ConfigurationError: the connection string is none, or a column is missing, or of a type that cannot be trusted
            for its role.
        OperationalError: the server cannot be reached, or refuses the query.
    """
    try:
        with _connected(connection_text) as connection:
            connection.read_only = True
            with connection.cursor(name="narrowgate") as cursor:
                cursor.itersize = BATCH_ROWS
                cursor.execute(_as_text(connection, mapping))
                following = 1
                while rows := cursor.fetchmany(BATCH_ROWS):
                    arrays = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
                    batch = pa.RecordBatch.from_arrays(arrays, names=list(mapping.columns))
                    yield RowBatch(batch, range(following, following + len(rows)))
                    following += len(rows)
    except psycopg.Error as error:
        # The server's message may quote the query or a value.
        raise OperationalError(
            "The database does not give the records.",
            why=f"It stopped with {type(error).__name__}, SQLSTATE {error.sqlstate or 'unknown'}.",
            next_step="Run the query of the mapping in psql, which shows the server's message.",
            where=_WHERE,
        ) from None


def rows_planned(connection_text: str, mapping: Mapping) -> int | None:
    """About how many rows the mapping's query gives, as the server plans it; None of a query that it does not plan.

    Raises:
        ConfigurationError: the connection string is none.
        OperationalError: the server cannot be reached.
    """
    query = sql.SQL("EXPLAIN (FORMAT JSON) {}").format(_query(mapping))
    with _connected(connection_text) as connection:
        connection.read_only = True
        try:
            plans: Any = connection.execute(query).fetchall()[0][0]
        except psycopg.Error:
            return None  # the reader meets the same, and explains it
    return int(plans[0]["Plan"]["Plan Rows"])


def _connected(connection_text: str) -> psycopg.Connection[tuple[object, ...]]:
    # The messages of libpq may quote the connection string, and with it a password.
    try:
        return psycopg.connect(connection_text)
    except psycopg.ProgrammingError:
        raise ConfigurationError(
            "The connection string of the database is not one.",
            next_step="Write it as libpq takes it: 'host=... dbname=... user=...', or postgresql://...",
        ) from None
    except psycopg.Error:
        raise OperationalError(
            "The database cannot be reached.",
            why="There is no server at that address, or it does not let this user in.",
            next_step="Try the same connection string with psql, which shows the server's message; "
            "a password belongs in the file that PGPASSFILE names.",
        ) from None


def _as_text(connection: psycopg.Connection[tuple[object, ...]], mapping: Mapping) -> sql.Composed:
    query = _query(mapping)
    probe = connection.execute(sql.SQL("SELECT * FROM ({}) AS source LIMIT 0").format(query))
    described = list(probe.description or ())
    check_columns([column.name for column in described], mapping, _WHERE)
    types = {column.name: _type_name(connection, column.type_code) for column in described}
    columns = [_text_of(name, types[name], mapping) for name in mapping.columns]
    return sql.SQL("SELECT {} FROM ({}) AS source").format(sql.SQL(", ").join(columns), query)


def _query(mapping: Mapping) -> sql.SQL:
    # The query is the custodian's own file; it runs read-only and under the custodian's own rights.
    return sql.SQL(mapping.source.query.rstrip().rstrip(";"))


def _type_name(connection: psycopg.Connection[tuple[object, ...]], code: int) -> str:
    found = connection.adapters.types.get(code)
    return found.name if found else ""


def _text_of(name: str, kind: str, mapping: Mapping) -> sql.Composed:
    role = mapping.role_of(name)
    column = sql.Identifier(name)
    if kind not in _TEXT_TYPES and kind not in _HARMLESS_TYPES.get(role, frozenset()):
        raise ConfigurationError(
            f"Column '{name}', mapped as {role}, is not text.",
            why="A number has lost its leading zeros.",
            next_step="Select it as text with its zeros, as in lpad(tin::text, 9, '0').",
            where=_WHERE,
        )
    if kind == "date":
        form = sql.Literal(_DATE_FORMS[mapping.source.birth_date_form])
        return sql.SQL("coalesce(to_char({}, {}), '')").format(column, form)
    if kind == "bool":
        return sql.SQL("CASE WHEN {} THEN 'yes' ELSE 'no' END").format(column)
    return sql.SQL("coalesce({}::text, '')").format(column)
