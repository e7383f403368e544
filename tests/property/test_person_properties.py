"""What holds for every person anybody can write."""

import string
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from narrowgate.core.person.examine import examine
from narrowgate.core.person.fold import without_umlaut_e
from narrowgate.core.person.identity import record_identities, request_identities
from narrowgate.core.person.model import Person, RawPerson

TIN = "212456789"
BORN = "1984-11-07"
names = st.text(string.ascii_uppercase, min_size=2, max_size=9)
fields = st.lists(names, min_size=1, max_size=3).map(" ".join)
anything = st.text(max_size=60)


def written(given_names: str, surnames: str) -> Person | None:
    return examine(RawPerson(given_names, surnames, "", BORN, TIN)).person


def beside_birth_date(person: Person) -> tuple[str, ...]:
    return request_identities(Person(person.given_names, person.surnames, person.birth_date))


@given(st.builds(RawPerson, anything, anything, anything, anything, anything))
def test_any_text_is_a_canonical_person_or_has_defects_and_never_both(raw: RawPerson) -> None:
    examined = examine(raw)
    assert (examined.person is None) == bool(examined.defects)


@given(anything, anything)
@example("Jürgen", "von der Größe-Mueller")
@example("\uff21", "\ufb01")
def test_canonical_names_are_capital_letters_alone(given_names: str, surnames: str) -> None:
    person = written(given_names, surnames)
    if person is not None:
        for name in (*person.given_names, *person.surnames, *person.surname_alternatives):
            assert name
            assert set(name) <= set(string.ascii_uppercase)


@given(fields, fields)
@example("ABDUL RAHMAN", "DE LA CRUZ Y MUELLER")
@example("MARY", "D OA EL")
def test_the_canonical_form_of_a_canonical_form_is_itself(given_names: str, surnames: str) -> None:
    person = written(given_names, surnames)
    if person is not None:
        again = written(" ".join(person.given_names), " ".join(person.surnames))
        assert again is not None
        assert (again.given_names, again.surnames) == (person.given_names, person.surnames)


@given(st.text(string.ascii_uppercase, max_size=12))
def test_dropping_the_umlaut_e_twice_is_dropping_it_once(token: str) -> None:
    assert without_umlaut_e(without_umlaut_e(token)) == without_umlaut_e(token)


@given(names, st.permutations(["GARCIA", "LOPEZ", "MENDOZA"]))
def test_the_order_of_surnames_does_not_matter(given_name: str, surnames: list[str]) -> None:
    record, request = written(given_name, "GARCIA LOPEZ MENDOZA"), written(given_name, " ".join(surnames))
    if record is not None and request is not None:
        kept = set(record_identities(record))
        assert kept.issuperset(beside_birth_date(request))
        assert not kept.isdisjoint(request_identities(request))


@given(names, names, st.data())
def test_another_letter_in_the_only_surname_shares_no_identity(
    given_name: str, surname: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(surname) - 1))
    letter = data.draw(st.sampled_from(sorted(set(string.ascii_uppercase) - {surname[place]})))
    record = written(given_name, surname)
    request = written(given_name, surname[:place] + letter + surname[place + 1 :])
    if record is not None and request is not None:
        kept = set(record_identities(record))
        assert kept.isdisjoint(request_identities(request))
        assert kept.isdisjoint(beside_birth_date(request))


@given(
    names,
    names,
    st.sampled_from(["\u0301", "\u0300", "\u0303", "\u0308", "\u0302"]),
    st.sampled_from([" ", "\t ", "."]),
)
def test_case_accents_and_space_do_not_matter(given_name: str, surname: str, accent: str, space: str) -> None:
    plain = written(given_name, surname)
    accented = unicodedata.normalize("NFC", surname[0] + accent + surname[1:])
    dressed = written(f"{space}{given_name.lower()}{space}", f" {accented.lower()}{space}")
    if plain is not None:
        assert dressed is not None
        assert record_identities(dressed) == record_identities(plain)


@given(names, fields)
def test_a_request_asks_under_its_own_tin_alone(given_name: str, surnames: str) -> None:
    person = written(given_name, surnames)
    if person is not None:
        assert all(identity.startswith(f"T|{TIN}|") for identity in request_identities(person))


@given(names, fields)
def test_everybody_meets_their_own_record(given_name: str, surnames: str) -> None:
    person = written(given_name, surnames)
    if person is not None:
        kept = set(record_identities(person))
        assert not kept.isdisjoint(request_identities(person))
        assert kept.issuperset(beside_birth_date(person))
