"""The mapping of a tax file: which source column plays which role, and nothing else enters.

    [source]
    format = "csv"                # csv, parquet, excel, fixed_width, ebcdic, postgresql
    birth_date_form = "YYYYMMDD"

    [columns]                     # one person and one address a row, or what all of a row share
    tax_year = "TAX_PERIOD"

    [[person]]                    # several persons a row: the primary taxpayer, the spouse; never dependents
    tin = "SSN"
    full_name = "NAME"

    [[address]]                   # several addresses a row
    address_line_1 = "STREET"

The full reference is ``docs/reference/mapping.md``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass, fields
from typing import Any

from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.shown import key_shown, toml_reason
from narrowgate.core.taxfile.mapping_source import CORRECT_IT, Field, SourceForm, parse_fields, parse_source

PERSON_ROLES = ("tin", "given_names", "surnames", "full_name", "birth_date", "suppressed")
ADDRESS_ROLES = ("address_line_1", "address_line_2", "city", "state", "zip")
ROW_ROLES = ("tax_year",)
ROLES = (*PERSON_ROLES, *ADDRESS_ROLES, *ROW_ROLES)
"""Everything an index may be made from (26 USC 6103(i)(2); R-7)."""

_RULE = "R-7"


@dataclass(frozen=True, slots=True)
class PersonColumns:
    """Source columns of one filer of a row; an empty string where the source has none."""

    tin: str = ""
    given_names: str = ""
    surnames: str = ""
    full_name: str = ""
    birth_date: str = ""
    suppressed: str = ""


@dataclass(frozen=True, slots=True)
class AddressColumns:
    """Source columns of one address of a row; an empty string where the source has none."""

    address_line_1: str = ""
    address_line_2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping whose every role is allowed and whose needed roles are all there.

    Args:
        source: how the source is written.
        persons: one for each filer a row may hold, at least one.
        addresses: one for each address a row may hold, at least one.
        tax_year: source column, or empty when ``source.tax_year`` gives one year for the whole file.
        fields: byte ranges, for fixed-width sources only.
    """

    source: SourceForm
    persons: tuple[PersonColumns, ...]
    addresses: tuple[AddressColumns, ...]
    tax_year: str
    fields: tuple[Field, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every source column named, once, in the order of the mapping."""
        return tuple(dict.fromkeys(column for column, _ in self._columns_and_roles()))

    def role_of(self, column: str) -> str:
        """The first role that ``column`` plays."""
        return next(role for name, role in self._columns_and_roles() if name == column)

    def _columns_and_roles(self) -> list[tuple[str, str]]:
        parts: tuple[PersonColumns | AddressColumns, ...] = (*self.persons, *self.addresses)
        named = [(getattr(part, field.name), field.name) for part in parts for field in fields(part)]
        return [(column, role) for column, role in (*named, (self.tax_year, "tax_year")) if column]


def parse_mapping(text: str, where: str) -> Mapping:
    """The mapping that ``text`` writes; it names no role but identity, address, tax year and suppression.

    Args:
        text: TOML.
        where: file name for messages.

    Raises:
        ConfigurationError: not TOML, an unknown table or key, a role that may not enter an index (R-7), a
            role missing, or one given twice.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            "The mapping is not TOML.",
            why=f"{toml_reason(error)}.",
            where=where,
            next_step=CORRECT_IT,
        ) from None
    unknown = sorted(set(document) - {"source", "columns", "person", "address", "field"})
    if unknown:
        raise ConfigurationError(
            f"The mapping has an unknown table: {key_shown(unknown[0])}.",
            next_step="Tables are source, columns, person, address and field.",
            where=where,
        )
    source = parse_source(_table(document.get("source", {}), "source", where), where)
    shared = _roles(document.get("columns", {}), ROLES, "columns", where)
    person_tables = _tables(document, "person", PERSON_ROLES, where)
    address_tables = _tables(document, "address", ADDRESS_ROLES, where)
    mapping = Mapping(
        source=source,
        persons=_persons(person_tables, shared, where),
        addresses=_addresses(address_tables, shared, where),
        tax_year=shared.get("tax_year", ""),
        fields=parse_fields(document.get("field", []), source, where),
    )
    _check_tax_year(mapping, where)
    _check_fields(mapping, where)
    return mapping


def _persons(tables: list[dict[str, str]], shared: dict[str, str], where: str) -> tuple[PersonColumns, ...]:
    own = {role: column for role, column in shared.items() if role in PERSON_ROLES}
    if tables and set(own) - {"suppressed"}:
        _given_twice(sorted(set(own) - {"suppressed"})[0], "person", where)
    if tables and "suppressed" in own and any("suppressed" in table for table in tables):
        _given_twice("suppressed", "person", where)
    persons = tuple(PersonColumns(**{**own, **table}) for table in tables or [{}])
    for order, person in enumerate(persons, 1):
        _check_person(person, f"[[person]] {order}" if tables else "[columns]", where)
    return persons


def _check_person(person: PersonColumns, table: str, where: str) -> None:
    if not (person.tin or person.birth_date):
        _missing("'tin' or 'birth_date'", table, "A name alone identifies nobody.", where)
    split = person.given_names and person.surnames
    if not (person.full_name or split):
        _missing("'full_name' (or both 'given_names' and 'surnames')", table, "", where)
    if person.full_name and (person.given_names or person.surnames):
        raise ConfigurationError(
            f"{table} gives a person's name twice.",
            next_step="Keep 'full_name', or 'given_names' and 'surnames'.",
            where=where,
        )


def _addresses(
    tables: list[dict[str, str]], shared: dict[str, str], where: str
) -> tuple[AddressColumns, ...]:
    own = {role: column for role, column in shared.items() if role in ADDRESS_ROLES}
    if tables and own:
        _given_twice(sorted(own)[0], "address", where)
    addresses = tuple(AddressColumns(**table) for table in tables or [own])
    for order, address in enumerate(addresses, 1):
        table = f"[[address]] {order}" if tables else "[columns]"
        if not address.address_line_1:
            _missing("'address_line_1'", table, "", where)
    return addresses


def _check_tax_year(mapping: Mapping, where: str) -> None:
    if not mapping.tax_year and not mapping.source.tax_year:
        _missing("'tax_year'", "[columns]", "A whole file of one year may give it in [source].", where)
    if mapping.tax_year and mapping.source.tax_year:
        raise ConfigurationError(
            "[source] and [columns] both give 'tax_year'.",
            where=where,
            next_step=CORRECT_IT,
        )


def _check_fields(mapping: Mapping, where: str) -> None:
    if not mapping.fields:
        return
    named = {field.name for field in mapping.fields}
    for column in mapping.columns:
        if column not in named:
            raise ConfigurationError(
                f"Column '{column}' is no [[field]] of this mapping.",
                next_step="Add a [[field]] with its name, start and length.",
                where=where,
            )


def _tables(document: Table[str, Any], name: str, roles: tuple[str, ...], where: str) -> list[dict[str, str]]:
    tables = document.get(name, [])
    if not isinstance(tables, list):
        raise ConfigurationError(
            f"'{name}' is written [[{name}]], once for each {name}.",
            where=where,
            next_step=CORRECT_IT,
        )
    return [_roles(table, roles, f"[[{name}]] {order}", where) for order, table in enumerate(tables, 1)]


def _table(value: Any, name: str, where: str) -> Table[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError(
            f"'{name}' is not a table.",
            where=where,
            next_step=CORRECT_IT,
        )
    return value


def _roles(value: Any, allowed: tuple[str, ...], table: str, where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, column in _table(value, table, where).items():
        if role not in allowed:
            _refuse_role(role, table, where)
        if not isinstance(column, str) or not column:
            raise ConfigurationError(
                f"'{role}' in {table} is not the name of a column.",
                where=where,
                next_step=CORRECT_IT,
            )
        found[role] = column
    return found


def _refuse_role(role: str, table: str, where: str) -> None:
    if role in ROLES:
        raise ConfigurationError(
            f"'{role}' does not belong in {table}.",
            where=where,
            next_step=CORRECT_IT,
        )
    raise ConfigurationError(
        f"The mapping names the role {key_shown(role)}, which never enters an index.",
        why="Only identity, mailing address, tax year and suppression do (26 USC 6103(i)(2)).",
        next_step=f"Remove it. Roles are {', '.join(ROLES)}.",
        rule=_RULE,
        where=where,
    )


def _missing(what: str, table: str, why: str, where: str) -> None:
    raise ConfigurationError(
        f"{table} lacks {what}.", why=why, next_step="Name the source column.", where=where
    )


def _given_twice(role: str, table: str, where: str) -> None:
    raise ConfigurationError(
        f"'{role}' is in [columns] although there are [[{table}]] tables.",
        next_step=f"Move it into each [[{table}]].",
        where=where,
    )
