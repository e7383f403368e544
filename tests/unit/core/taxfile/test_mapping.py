"""A mapping names identity, address, tax year and suppression, and nothing else."""

from __future__ import annotations

import pytest

from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.person.birth_date import BirthDateForm
from narrowgate.core.taxfile.mapping import AddressColumns, PersonColumns, parse_mapping
from narrowgate.core.taxfile.mapping_source import Field, FieldType, SourceFormat

ONE = """
[columns]
tin = "SSN"
full_name = "NAME"
address_line_1 = "STREET"
zip = "ZIP"
tax_year = "YEAR"
"""

COUPLE = """
[source]
birth_date_form = "YYYYMMDD"
[columns]
tax_year = "YEAR"
suppressed = "HOLD"
[[person]]
tin = "SSN1"
full_name = "NAME1"
[[person]]
tin = "SSN2"
given_names = "FIRST2"
surnames = "LAST2"
birth_date = "DOB2"
[[address]]
address_line_1 = "HOME"
zip = "HOMEZIP"
[[address]]
address_line_1 = "MAIL"
zip = "MAILZIP"
"""


def test_a_row_of_one_person_and_one_address() -> None:
    mapping = parse_mapping(ONE, "m.toml")
    assert mapping.persons == (PersonColumns(tin="SSN", full_name="NAME"),)
    assert mapping.addresses == (AddressColumns(address_line_1="STREET", zip="ZIP"),)
    assert mapping.columns == ("SSN", "NAME", "STREET", "ZIP", "YEAR")


def test_a_row_of_a_couple_with_two_addresses_shares_what_stands_in_columns() -> None:
    mapping = parse_mapping(COUPLE, "m.toml")
    assert [person.suppressed for person in mapping.persons] == ["HOLD", "HOLD"]
    assert [address.zip for address in mapping.addresses] == ["HOMEZIP", "MAILZIP"]
    assert mapping.source.birth_date_form is BirthDateForm.COMPACT
    assert mapping.role_of("DOB2") == "birth_date"


@pytest.mark.parametrize("role", ["income", "employer", "job", "wages", "dependent_tin", "phone"])
@pytest.mark.parametrize("table", ["[columns]", "[[person]]", "[[address]]"])
def test_a_role_that_never_enters_an_index_is_refused_by_name(role: str, table: str) -> None:
    with pytest.raises(ConfigurationError, match=f"'{role}'") as caught:
        parse_mapping(f'{table}\n{role} = "X"\n', "m.toml")
    assert (caught.value.rule, caught.value.where) == ("R-7", "m.toml")


BROKEN = {
    "not TOML": "tin = ",
    "an unknown table": ONE + "[extra]\n",
    "an unknown key of the source": '[source]\ncompression = "gzip"\n' + ONE,
    "no identifier": ONE.replace('tin = "SSN"\n', ""),
    "no name": ONE.replace('full_name = "NAME"\n', ""),
    "a name twice": ONE + 'surnames = "LAST"\n',
    "half a name": ONE.replace("full_name", "surnames"),
    "no street": ONE.replace('address_line_1 = "STREET"\n', ""),
    "no tax year": ONE.replace('tax_year = "YEAR"\n', ""),
    "two tax years": '[source]\ntax_year = "2022"\n' + ONE,
    "a tax year that is none": '[source]\ntax_year = "22"\n' + ONE.replace('tax_year = "YEAR"\n', ""),
    "a column that is no text": ONE + "suppressed = 3\n",
    "a person role beside person tables": ONE + '[[person]]\ntin = "T"\nfull_name = "N"\n',
    "an address role beside address tables": ONE + '[[address]]\naddress_line_1 = "A"\n',
    "suppression twice": COUPLE.replace('tin = "SSN1"', 'tin = "SSN1"\nsuppressed = "H1"'),
    "endless nesting": "a = " + "[" * 20_000,
    "an endless number": "a = " + "9" * 5_000,
    "an unknown format": '[source]\nformat = "avro"\n' + ONE,
    "an unknown encoding": '[source]\nencoding = "utf-16"\n' + ONE,
    "a long delimiter": '[source]\ndelimiter = "||"\n' + ONE,
    "a query without a database": '[source]\nquery = "SELECT 1"\n' + ONE,
    "a database without a query": '[source]\nformat = "postgresql"\n' + ONE,
    "byte ranges without fields": '[source]\nformat = "fixed_width"\n' + ONE,
    "fields without byte ranges": ONE + '[[field]]\nname = "SSN"\nstart = 1\nlength = 9\n',
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_mapping_is_refused_for(what: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_mapping(BROKEN[what], "m.toml")
    assert caught.value.where == "m.toml"


FIELDS = (
    """
[source]
format = "ebcdic"
encoding = "cp037"
record_length = 80
"""
    + ONE
    + "".join(
        f'[[field]]\nname = "{name}"\nstart = {start}\nlength = {length}\ntype = "{kind}"\n'
        for name, start, length, kind in [
            ("SSN", 1, 5, "packed"),
            ("NAME", 6, 30, "text"),
            ("STREET", 36, 30, "text"),
            ("ZIP", 66, 5, "zoned"),
            ("YEAR", 71, 4, "text"),
        ]
    )
)


def test_byte_ranges_are_fields() -> None:
    mapping = parse_mapping(FIELDS, "m.toml")
    assert mapping.source.format is SourceFormat.EBCDIC
    assert mapping.fields[0] == Field("SSN", 1, 5, FieldType.PACKED)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("record_length = 80", ""),
        ("record_length = 80", "record_length = 70"),
        ("start = 6", "start = 0"),
        ("length = 30", "length = 0"),
        ('name = "ZIP"', 'name = "SSN"'),
        ('name = "ZIP"\n', ""),
        ('name = "ZIP"', 'name = "OTHER"'),
        ('type = "packed"', 'type = "binary"'),
        ("start = 1", 'start = "1"'),
        ("cp037", "utf-8"),
    ],
)
def test_byte_ranges_are_refused_when(before: str, after: str) -> None:
    assert before in FIELDS
    with pytest.raises(ConfigurationError):
        parse_mapping(FIELDS.replace(before, after), "m.toml")


def test_a_whole_file_of_one_year_needs_no_column_for_it() -> None:
    text = '[source]\ntax_year = "2022"\n' + ONE.replace('tax_year = "YEAR"\n', "")
    assert parse_mapping(text, "m.toml").source.tax_year == "2022"
