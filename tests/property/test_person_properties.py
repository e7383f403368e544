"""What holds for every person that can be written."""

import string
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.exclusion_subjects import birth_date_subject, exclusion_subjects
from narrowgate.core.person.identity import record_identities, request_identities
from narrowgate.core.person.model import Person, RawPerson
from narrowgate.core.person.name_order import FAMILY_NAMES_FIRST
from narrowgate.core.person.nicknames import KNOWN_GIVEN_NAMES

TIN = "212456789"
BORN = "1984-11-07"
names = st.text(string.ascii_uppercase, min_size=2, max_size=9)
fields = st.lists(names, min_size=1, max_size=3).map(" ".join)
anything = st.text(max_size=60)


def written(given_names: str, surnames: str) -> Person | None:
    return examine_person(RawPerson(given_names, surnames, "", BORN, TIN)).person


def beside_birth_date(person: Person) -> tuple[str, ...]:
    return request_identities(person._replace(tin=""))


def meet(record: Person, request: Person) -> bool:
    return not set(record_identities(record)).isdisjoint(request_identities(request))


def meet_beside_birth_date(record: Person, request: Person) -> bool:
    return not set(record_identities(record)).isdisjoint(beside_birth_date(request))


@given(st.builds(RawPerson, anything, anything, anything, anything, anything))
def test_any_text_is_a_canonical_person_or_has_defects_and_never_both(raw: RawPerson) -> None:
    examined = examine_person(raw)
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


@given(names, st.permutations(["GARCIA", "LOPEZ", "MENDOZA"]))
def test_the_order_of_surnames_does_not_matter(given_name: str, surnames: list[str]) -> None:
    record, request = written(given_name, "GARCIA LOPEZ MENDOZA"), written(given_name, " ".join(surnames))
    if record is not None and request is not None:
        assert meet_beside_birth_date(record, request)
        assert meet(record, request)


@given(names, names, st.data())
def test_another_letter_in_the_only_surname_meets_beside_tin_and_birth_date_alone(
    given_name: str, surname: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(surname) - 1))
    letter = data.draw(st.sampled_from(sorted(set(string.ascii_uppercase) - {surname[place]})))
    record = written(given_name, surname)
    request = written(given_name, surname[:place] + letter + surname[place + 1 :])
    if record is not None and request is not None:
        assert not meet(record, request._replace(birth_date=""))
        assert not meet_beside_birth_date(record, request)
        assert meet(record, request)


@given(
    names,
    names,
    st.sampled_from(["\u0301", "\u0300", "\u0303", "\u0302", "\u030c"]),
    st.sampled_from([" ", "\t ", "."]),
)
def test_case_accents_and_space_do_not_matter(given_name: str, surname: str, accent: str, space: str) -> None:
    plain = written(given_name, surname)
    accented = unicodedata.normalize("NFC", surname[0] + accent + surname[1:])
    dressed = written(f"{space}{given_name.lower()}{space}", f" {accented.lower()}{space}")
    if plain is not None:
        assert dressed is not None
        assert record_identities(dressed) == record_identities(plain)


@given(
    st.text("BDMNRST", min_size=1, max_size=4),
    st.sampled_from("AOU"),
    st.text("LNRST", min_size=1, max_size=4),
)
def test_a_marked_vowel_has_both_spellings_and_they_do_not_meet_each_other(
    start: str, vowel: str, end: str
) -> None:
    marked = written("GITA", unicodedata.normalize("NFC", f"{start}{vowel}\u0308{end}"))
    plain, long = written("GITA", start + vowel + end), written("GITA", f"{start}{vowel}E{end}")
    if marked and plain and long:
        for other in (plain, long):
            for record, request in ((marked, other), (other, marked)):
                assert meet(record, request._replace(birth_date=""))
                assert meet_beside_birth_date(record, request)
        assert not meet(plain, long._replace(birth_date=""))
        assert not meet_beside_birth_date(plain, long)


syllables = st.sampled_from(["HAE", "JIN", "MING", "XIAO", "JEAN", "PIERRE", "ANA", "MARIA", "YU", "LUIS"])


@given(syllables, syllables, st.sampled_from([" ", "-"]))
def test_a_double_given_name_meets_itself_run_together_in_both_directions(
    first: str, second: str, between: str
) -> None:
    apart, joined = written(first + between + second, "OKAFOR"), written(first + second, "OKAFOR")
    assert apart is not None
    assert joined is not None
    for record, request in ((apart, joined), (joined, apart)):
        assert meet(record, request._replace(birth_date=""))
        assert meet_beside_birth_date(record, request)


seconds = st.sampled_from(["", "E", "J", "ELENA", "ESTHER", "JOSE", "JUANA", "DEL CARMEN", "CARMEN"])


def agree(one: str, other: str) -> bool:
    """Whether two second given names can be one, by the sentence of the rule and not by its tokens."""
    one, other = one.removeprefix("DEL "), other.removeprefix("DEL ")
    if not one or not other:
        return True
    return one[0] == other[0] if 1 in {len(one), len(other)} else one == other


@given(seconds, seconds)
def test_beside_a_birth_date_second_given_names_agree_where_both_sides_have_one(one: str, other: str) -> None:
    record, request = written(f"MARIA {one}", "LOPEZ"), written(f"MARIA {other}", "LOPEZ")
    assert record is not None
    assert request is not None
    assert meet_beside_birth_date(record, request) is agree(one, other)
    assert meet(record, request)


given_of_the_table = st.sampled_from(sorted(KNOWN_GIVEN_NAMES))


@given(given_of_the_table | names, given_of_the_table | names)
@example("JAMES", "THOMAS")
@example("MARTIN", "GARCIA")
@example("MINH", "NGUYEN")
def test_given_name_and_surname_change_places_only_where_one_of_them_is_a_family_name_that_comes_first(
    one: str, other: str
) -> None:
    record, request = written(one, other), written(other, one)
    if record is not None and request is not None and one != other:
        words = {*record.given_names, *record.surnames}
        swaps = len(words & FAMILY_NAMES_FIRST) == 1 and not words & KNOWN_GIVEN_NAMES
        assert meet_beside_birth_date(record, request) is swaps
        assert not meet(record, request._replace(birth_date=""))


@given(names, fields)
def test_a_request_asks_under_its_own_tin_alone(given_name: str, surnames: str) -> None:
    person = written(given_name, surnames)
    if person is not None:
        assert all(TIN in identity for identity in request_identities(person))


@given(names, fields)
def test_every_person_meets_the_own_record(given_name: str, surnames: str) -> None:
    person = written(given_name, surnames)
    if person is not None:
        assert meet(person, person)
        assert meet(person, person._replace(birth_date=""))
        assert meet_beside_birth_date(person, person)


@given(fields, fields, fields, fields)
def test_two_that_meet_beside_a_birth_date_share_what_keeps_a_person_out(
    given_one: str, one: str, given_other: str, other: str
) -> None:
    record, request = written(given_one, one), written(given_other, other)
    if record is not None and request is not None and meet_beside_birth_date(record, request):
        kept_out = birth_date_subject(BORN, record.surnames)
        assert kept_out in exclusion_subjects(request._replace(tin=""))
