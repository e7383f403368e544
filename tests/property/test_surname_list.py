"""No two surnames of the Census share a key, but those in the published table of equalities.

Publication: U.S. Census Bureau, Frequently Occurring Surnames from the Census 2000 (public domain).
"""

from collections import defaultdict
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.tables import read_table
from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.identity import record_identities, request_identities
from narrowgate.core.person.model import RawPerson
from narrowgate.core.person.names import NameReading, read_given_names, read_surnames
from narrowgate.core.person.words import GENERATIONS, PLACEHOLDERS, SEVERAL_NAMES

LIST = Path(__file__).parents[1] / "vectors" / "person" / "surnames.txt"
SURNAMES = [line for line in LIST.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
EQUAL = {frozenset(row.split()[:2]) for row in read_table("narrowgate.core.person", "joined_articles.txt")}
NO_NAMES = GENERATIONS | PLACEHOLDERS | SEVERAL_NAMES


def test_every_surname_of_the_list_is_read_as_itself() -> None:
    assert len(SURNAMES) > 20_000
    unread = [name for name in SURNAMES if name not in NO_NAMES and read_surnames(name).names != (name,)]
    assert unread == []


def shared_keys(readings: dict[str, NameReading]) -> set[frozenset[str]]:
    """Pairs of words of which one counts as the other."""
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for name, reading in readings.items():
        for key in {*reading.names, *reading.alternatives, *reading.forms}:
            holders[key].add(name)
    return {
        frozenset((name, key)) for key, names in holders.items() if len(names) > 1 for name in names - {key}
    }


def test_no_two_surnames_of_the_list_count_as_one_but_those_of_the_published_table() -> None:
    assert shared_keys({name: read_surnames(name) for name in SURNAMES}) <= EQUAL


def test_no_two_words_of_the_list_count_as_one_given_name() -> None:
    assert shared_keys({name: read_given_names(name) for name in SURNAMES}) == set()


def test_the_published_table_of_equalities_has_a_reason_for_each_row() -> None:
    rows = [row.split() for row in read_table("narrowgate.core.person", "joined_articles.txt")]
    assert all(len(row) == 3 and row[2] in {"Spanish", "French", "Portuguese"} for row in rows)
    assert all(joined.removesuffix(bare) in {"DELA", "DELAS", "DELOS"} for joined, bare, _ in rows)


@given(st.sampled_from(SURNAMES), st.sampled_from(SURNAMES), st.sampled_from(["", "212456789"]))
def test_two_surnames_of_the_list_do_not_meet(one: str, other: str, tin: str) -> None:
    born = "" if tin else "1984-11-07"
    record = examine_person(RawPerson("Gita", one, "", born, tin)).person
    request = examine_person(RawPerson("Gita", other, "", born, tin)).person
    if record and request and one != other and frozenset((one, other)) not in EQUAL:
        assert set(record_identities(record)).isdisjoint(request_identities(request))
