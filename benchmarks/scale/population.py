"""A population of any size, drawn by hashes in DuckDB: the same person has the same records wherever asked.

Everybody files each year and may move after the first; years are the outer order, as tax files are, so that a
person's rows lie far apart. A case file is drawn from the same people, with the truth of every item.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from benchmarks.scale import words

from narrowgate.core.base.tables import read_table
from narrowgate.core.request.item import ITEM_COLUMNS, Item

YEARS = (2022, 2023, 2024)
PEOPLE_OF_A_ZIP = 7_000
"""About 290 million filers and spouses in about 41,700 ZIP codes."""
ALL_PLACES = 1_000_000
"""The whole country: no two items of a batch are likely to share a street."""
STREETS_OF_A_ZIP = 120
ITEMS_PER_OFFICER = 100

MAPPING = """\
[columns]
tax_year = "tax_year"
tin = "tin"
given_names = "given_names"
surnames = "surnames"
birth_date = "birth_date"
address_line_1 = "address_line_1"
city = "city"
state = "state"
zip = "zip"
suppressed = "suppressed"
"""

RECORD_COLUMNS = (
    "tax_year", "tin", "given_names", "surnames", "birth_date", "address_line_1", "city", "state", "zip",
    "suppressed",
)  # fmt: skip

_NO_HOMES = frozenset({"AA", "AE", "AP", "AS", "FM", "GU", "MH", "MP", "PR", "PW", "VI"})


def _places() -> pa.Table:
    found = []
    for row in read_table("narrowgate.core.address.words", "zip_codes.txt"):
        head, endings = row.split("=")
        prefix, state, cities = head.split(" ", 2)
        if state not in _NO_HOMES:
            city = cities.split(",")[0]
            found += [(prefix + endings[at : at + 2], city, state) for at in range(0, len(endings), 2)]
    unique = list({zip5: (zip5, city, state) for zip5, city, state in found}.values())
    zips, cities, states = zip(*unique, strict=True)
    numbers = pa.array(range(len(unique)), pa.int64())
    return pa.table({"place": numbers, "zip": list(zips), "city": list(cities), "state": list(states)})


def _list(values: list[str] | tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{value}'" for value in values) + "]"


_PEOPLE = f"""
    CREATE MACRO pick(choices, a, b) AS choices[1 + (hash(a, b) % len(choices))::INT];
    CREATE MACRO chance(a, b) AS hash(a, b) % 100;
    CREATE MACRO given_of(p) AS pick({_list(words.GIVEN_NAMES)}, p, 'given');
    CREATE MACRO surname_of(p) AS pick({_list(words.SURNAMES)}, p, 'surname')
        || CASE WHEN chance(p, 'double') < 20 THEN ' ' || pick({_list(words.SURNAMES)}, p, 'second') ELSE '' END;
    CREATE MACRO tin_of(p) AS printf('%03d-%02d-%04d',
        100 + (p // 989901)::INT, 1 + ((p // 9999) % 99)::INT, 1 + (p % 9999)::INT);
    CREATE MACRO birth_of(p) AS (DATE '1945-01-01' + (hash(p, 'birth') % 21900)::INT)::VARCHAR;
    CREATE MACRO is_suppressed(p) AS hash(p, 'suppressed') % 1000 = 0;
    CREATE MACRO home_of(p, moved) AS CASE WHEN moved AND chance(p, 'moves') < 30 THEN p * 2 + 1 ELSE p * 2 END;
    CREATE MACRO street_of(h) AS (hash(h, 'street') % {STREETS_OF_A_ZIP})::INT;
    CREATE MACRO number_of(h) AS 1 + (hash(h, 'number') % 9899)::INT;
    CREATE MACRO unit_of(h) AS CASE WHEN chance(h, 'has unit') < 25 THEN 1 + (hash(h, 'unit') % 400)::INT END;
    CREATE MACRO direction_at(place, k) AS
        CASE WHEN chance(place, k + 1000) < 15 THEN 1 + (hash(place, k + 2000) % 4)::INT END;
    CREATE MACRO suffix_at(place, k) AS 1 + (hash(place, k + 3000) % {len(words.SUFFIXES)})::INT;
"""


class Population:
    """Endless people, by number from 0, and what they file and are asked about.

    Args:
        places: into how many ZIP codes it is packed; as many as there are when that is more.
    """

    def __init__(self, places: int) -> None:
        names = pa.table({"name": words.street_names()})
        self.street_names = names.num_rows
        self._connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.register("given_places", _places())
        self._connection.register("given_streets", names)
        self._connection.execute("CREATE TABLE places AS SELECT * FROM given_places")
        self._connection.execute(
            "CREATE TABLE names AS SELECT row_number() OVER () - 1 AS id, name FROM given_streets"
        )
        (there_are,) = self._connection.execute("SELECT count(*) FROM places").fetchone()
        self.places = min(places, there_are)
        self._connection.execute(_PEOPLE)
        self._connection.execute(
            f"CREATE MACRO place_of(h) AS (hash(h, 'place') % {self.places} * {there_are // self.places})::INT;"
            f"CREATE MACRO name_at(place, k) AS (hash(place, k) % {self.street_names})::BIGINT;"
        )

    def write_records(self, path: Path, people: int, years: tuple[int, ...] = YEARS) -> None:
        """A record for each of the people and each of the years, into a Parquet file."""
        select = f"""
            SELECT CAST(y AS VARCHAR) AS tax_year, tin_of(p) AS tin, given_of(p) AS given_names,
                surname_of(p) AS surnames, birth_of(p) AS birth_date,
                concat_ws(' ', number_of(h), {_list([short for short, _ in words.DIRECTIONS])}[direction_at(place, k)],
                    name, {_list([short for short, _ in words.SUFFIXES])}[suffix_at(place, k)],
                    'APT ' || unit_of(h)) AS address_line_1,
                city, state, zip,
                CASE WHEN is_suppressed(p) THEN 'yes' ELSE '' END AS suppressed
            FROM (SELECT p, y, home_of(p, y > {YEARS[0]}) AS h, place_of(h) AS place, street_of(h) AS k,
                      name_at(place_of(h), street_of(h)) AS id
                  FROM (SELECT i % {people} AS p, {years[0]} + i // {people} AS y
                        FROM range({people * len(years)}) t(i)))
            JOIN names USING (id) JOIN places USING (place)
        """
        self._connection.execute(
            f"COPY ({select}) TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)"
        )

    def streets(self, people: int) -> list[tuple[str, str, str]]:
        """ZIP Code, name and suffix of every street that one of the people lives on last: a list of a public agency."""
        return self._connection.execute(f"""
            SELECT DISTINCT zip, name, {_list([short for short, _ in words.SUFFIXES])}[suffix_at(place, k)]
            FROM (SELECT place_of(h) AS place, street_of(h) AS k, name_at(place_of(h), street_of(h)) AS id
                  FROM (SELECT home_of(p, true) AS h FROM range({people}) t(p)))
            JOIN names USING (id) JOIN places USING (place)
            ORDER BY ALL
        """).fetchall()

    def items(self, count: int, people: int, today: date) -> Iterator[tuple[Item, str]]:
        """``count`` eligible or ineligible items about as many people out of ``people``, each with its truth."""
        self._connection.execute(_cases(count, people, today))
        reader = self._connection.sql("SELECT * FROM cases ORDER BY item").to_arrow_reader(20_000)
        for batch in reader:
            columns = [batch.column(name).to_pylist() for name in (*ITEM_COLUMNS, "truth")]
            for *values, truth in zip(*columns, strict=True):
                yield Item(*values), truth


def officers_of(count: int) -> list[str]:
    """The ids of all officers named in a case file of ``count`` items."""
    return [f"officer-{number:06d}" for number in range(max(2, count // ITEMS_PER_OFFICER))]


def _cases(count: int, people: int, today: date) -> str:
    officers = len(officers_of(count))
    day = {name: (today - timedelta(days=ago)).isoformat() for name, ago in
           (("verified", 20), ("opened", 100), ("ordered", 400))}  # fmt: skip
    long_suffix = _list([long for _, long in words.SUFFIXES])
    short_suffix = _list([short for short, _ in words.SUFFIXES])
    long_direction = _list([long for _, long in words.DIRECTIONS])
    return f"""
        CREATE OR REPLACE VIEW cases AS
        SELECT printf('C%09d', i) AS item, given_of(p) AS given_names, surname_of(p) AS surnames,
            birth_of(p) AS birth_date,
            CASE WHEN chance(i, 'identifier') < 70 THEN tin_of(p) ELSE '' END AS tin,
            printf('A%09d', 20000000 + i) AS alien_number,
            CASE kind WHEN 'placeholder' THEN 'UNKNOWN' WHEN 'no number' THEN name || ' ' || 'ST' ELSE
                concat_ws(' ', number_of(h) + CASE kind WHEN 'number' THEN 2 ELSE 0 END,
                    {long_direction}[direction_at(place, k)],
                    CASE WHEN kind = 'true typo' THEN name[:3] || name[5:] ELSE name END,
                    CASE WHEN kind = 'true blank suffix' THEN NULL
                         WHEN chance(i, 'long') < 60 THEN {long_suffix}[suffix_at(place, k)]
                         ELSE {short_suffix}[suffix_at(place, k)] END,
                    CASE chance(i, 'designator') % 3 WHEN 0 THEN '#' WHEN 1 THEN 'Apt ' ELSE 'Unit ' END ||
                        CASE kind WHEN 'unit' THEN 401 ELSE unit_of(h) END) END AS address_line_1,
            '' AS address_line_2, city, state,
            CASE WHEN kind = 'true' AND chance(i, 'no zip') < 2 THEN '' ELSE zip END AS zip,
            pick(['lease', 'utility bill', 'vehicle registration', 'court filing'], i, 'source')
                AS address_source,
            '{day["verified"]}' AS address_verified_on, '2022 2023 2024' AS tax_years,
            '8 USC 1253(a)(1)' AS statute, printf('INV-2026-%07d', i) AS investigation_number,
            '{day["opened"]}' AS investigation_opened_on, printf('RO-2025-%07d', i) AS removal_order_number,
            '{day["ordered"]}' AS removal_order_date, '8 USC 1227(a)(1)(B)' AS removal_ground,
            CASE WHEN kind = 'stayed' THEN 'yes' ELSE 'no' END AS stayed,
            CASE WHEN kind = 'custody' THEN 'yes' ELSE 'no' END AS in_custody,
            CASE WHEN kind = 'locate' THEN 'LOCATE_PERSON' ELSE 'CORROBORATE_RESIDENCE' END AS reason_code,
            concat_ws(' ', 'The landlord', given_of(i + 7), surname_of(i + 9), 'said that the subject rents from',
                given_of(i + 11), surname_of(i + 13), 'near', name, 'since the order.') AS reason,
            concat_ws(' ', printf('officer-%06d', i % {officers}),
                CASE WHEN i % 2 = 0 AND (i + 7) % {officers} <> i % {officers}
                     THEN printf('officer-%06d', (i + 7) % {officers}) END) AS officers,
            truth
        FROM (
            SELECT *, CASE WHEN kind LIKE 'true%' AND is_suppressed(p) THEN 'must_not_confirm'
                          WHEN kind = 'true' THEN 'must_confirm'
                          WHEN kind LIKE 'true %' THEN 'may_confirm'
                          WHEN kind IN ('number', 'unit', 'street', 'other person', 'place') THEN 'must_not_confirm'
                          ELSE 'refused' END AS truth,
                name_at(place, k) AS id
            FROM (
                SELECT *, CASE kind WHEN 'place' THEN (place_of(h) + 1) % (SELECT count(*) FROM places)
                              ELSE place_of(h) END AS place,
                    CASE kind WHEN 'street' THEN (street_of(h) + 1) % {STREETS_OF_A_ZIP} ELSE street_of(h) END AS k
                FROM (
                    SELECT i, p, kind,
                        CASE kind WHEN 'other person' THEN home_of(p + 1, true) ELSE home_of(p, true) END AS h
                    FROM (
                        SELECT i, i * {people // count} AS p,
                            CASE WHEN draw < 34 THEN 'true' WHEN draw < 37 THEN 'true typo'
                                 WHEN draw < 40 THEN 'true blank suffix' WHEN draw < 55 THEN 'number'
                                 WHEN draw < 60 THEN 'unit' WHEN draw < 70 THEN 'street'
                                 WHEN draw < 80 THEN 'other person' WHEN draw < 85 THEN 'place'
                                 WHEN draw < 89 THEN 'placeholder' WHEN draw < 93 THEN 'no number'
                                 WHEN draw < 96 THEN 'stayed' WHEN draw < 98 THEN 'custody'
                                 ELSE 'locate' END AS kind
                        FROM (SELECT i, chance(i, 'kind') AS draw FROM range({count}) t(i))
                    )
                )
            )
        )
        JOIN names USING (id) JOIN places USING (place)
    """
