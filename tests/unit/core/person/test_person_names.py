"""Names as people write them come down to one canonical form, or are refused."""

import pytest

from narrowgate.core.person.examine import examine
from narrowgate.core.person.identity import record_identities, request_identities
from narrowgate.core.person.model import Person, PersonDefect, RawPerson

TIN = "212-45-6789"
BORN = "1980-02-29"


def person_named(
    given: str = "", surnames: str = "", full: str = "", tin: str = TIN, born: str = BORN
) -> Person:
    person = examine(RawPerson(given, surnames, full, born, tin)).person
    assert person is not None
    return person


def name_defects(given: str = "", surnames: str = "", full: str = "") -> tuple[PersonDefect, ...]:
    return examine(RawPerson(given, surnames, full, BORN, TIN)).defects


def meet_beside_tin(record: Person, request: Person) -> bool:
    return not set(record_identities(record)).isdisjoint(request_identities(request))


def meet_beside_birth_date(record: Person, request: Person) -> bool:
    asked = Person(request.given_names, request.surnames, request.birth_date)
    return not set(record_identities(record)).isdisjoint(request_identities(asked))


EQUAL_EVERYWHERE = [
    (("José", "Muñoz"), ("JOSE", "MUNOZ")),
    (("Jose\u0301", "Mun\u0303oz"), ("José", "Muñoz")),
    (("Hans", "Müller"), ("Hans", "MUELLER")),
    (("Hans", "Müller"), ("Hans", "Muller")),
    (("Jürgen", "Großmann"), ("JUERGEN", "GROSSMANN")),
    (("Søren", "Kjær"), ("Soeren", "Kjaer")),
    (("Łukasz", "Wałęsa"), ("LUKASZ", "WALESA")),
    (("Thị", "Đặng"), ("THI", "DANG")),
    (("Sean", "O'Brien"), ("SEAN", "O BRIEN")),
    (("Sean", "O\u2019Brien"), ("SEAN", "OBRIEN")),
    (("Anna", "D'Angelo"), ("ANNA", "DANGELO")),
    (("Ann", "McDonald"), ("ANN", "MC DONALD")),
    (("Juan", "de la Cruz"), ("JUAN", "DELACRUZ")),
    (("Juan", "DeLaCruz"), ("JUAN", "De La Cruz")),
    (("Pieter", "Van der Berg"), ("PIETER", "VANDERBERG")),
    (("Amir", "al-Masri"), ("AMIR", "ALMASRI")),
    (("John", "St. James"), ("JOHN", "SAINT JAMES")),
    (("Rosa", "García-López"), ("ROSA", "GARCIA LOPEZ")),
    (("Rosa", "Ortega y Gasset"), ("ROSA", "ORTEGA GASSET")),
    (("Rosa", "García López"), ("ROSA", "LOPEZ GARCIA")),
    (("Erin", "AlonsoTellez"), ("ERIN", "ALONSO TELLEZ")),
    (("John", "Smith Jr."), ("JOHN", "SMITH")),
    (("John", "Smith, III"), ("JOHN", "SMITH")),
    (("John Jr", "Smith"), ("JOHN", "SMITH")),
    (("Dr. John", "Smith MD"), ("JOHN", "SMITH")),
    (("John Q.", "Smith"), ("JOHN", "SMITH")),
    (("Maria Elena", "Smith"), ("MARIA", "SMITH")),
    (("Jean-Pierre", "Martin"), ("JEAN", "MARTIN")),
    (("De Shawn", "Martin"), ("DESHAWN", "MARTIN")),
    (("Abdul Rahman", "Khan"), ("ABDULRAHMAN", "KHAN")),
    (("  john\t", " smith  "), ("JOHN", "SMITH")),
    (("Jo\u00adhn", "Smi\u200bth"), ("JOHN", "SMITH")),
]


@pytest.mark.parametrize(("left", "right"), EQUAL_EVERYWHERE)
def test_another_spelling_of_one_name_meets_on_both_paths(
    left: tuple[str, str], right: tuple[str, str]
) -> None:
    one, other = person_named(*left), person_named(*right)
    for record, request in ((one, other), (other, one)):
        assert meet_beside_tin(record, request)
        assert meet_beside_birth_date(record, request)


EQUAL_BESIDE_TIN_ONLY = [
    (("Rosa", "García López"), ("ROSA", "GARCIA")),
    (("Rosa", "García López"), ("ROSA", "LOPEZ")),
    (("Rosa", "García López"), ("ROSA", "GARCIALOPEZ")),
    (("Rosa", "Smith-Jones"), ("ROSA", "JONES")),
    (("Juan", "de la Cruz"), ("JUAN", "CRUZ")),
    (("Juan", "DELACRUZ"), ("JUAN", "CRUZ")),
    (("Pieter", "van der Berg"), ("PIETER", "BERG")),
    (("Mary-Ann", "Smith"), ("MARYANN", "SMITH")),
    (("Susan", "Smith"), ("SUSIE", "SMITH")),
    (("Anthony", "Smith"), ("TONY", "SMITH")),
    (("José", "Smith"), ("PEPE", "SMITH")),
]


@pytest.mark.parametrize(("left", "right"), EQUAL_BESIDE_TIN_ONLY)
def test_a_part_of_a_name_is_evidence_beside_a_tin_only(
    left: tuple[str, str], right: tuple[str, str]
) -> None:
    one, other = person_named(*left), person_named(*right)
    for record, request in ((one, other), (other, one)):
        assert meet_beside_tin(record, request)
        assert not meet_beside_birth_date(record, request)


DIFFERENT = [
    (("John", "Smith"), ("JOHN", "SMYTH")),
    (("John", "Smith"), ("JON", "SMITHE")),
    (("Maria", "Lopez"), ("MARIO", "LOPEZ")),
    (("Sean", "O'Brien"), ("SEAN", "BRIEN")),
    (("Juan", "San Martin"), ("JUAN", "MARTIN")),
    (("Joe", "Martin"), ("JOEY", "MARTINEZ")),
    (("Michael", "Martin"), ("MICHAL", "MARTIN")),
    (("Chloe", "Martin"), ("CHLO", "MARTIN")),
    (("Catherine", "Martin"), ("KATHERIN", "MARTIN")),
    (("Robert", "Rodríguez"), ("ROBERT", "RODRIGUZ")),
    (("Santiago", "Fujii"), ("Jorge", "Fujii")),
]


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_similar_names_do_not_meet(left: tuple[str, str], right: tuple[str, str]) -> None:
    one, other = person_named(*left), person_named(*right)
    for record, request in ((one, other), (other, one)):
        assert not meet_beside_tin(record, request)
        assert not meet_beside_birth_date(record, request)


def test_given_and_family_name_swapped_meet_beside_a_birth_date_only() -> None:
    one, other = person_named("Min", "Park"), person_named("Park", "Min")
    assert meet_beside_birth_date(one, other)
    assert not meet_beside_tin(one, other)


def test_joined_surnames_in_capitals_cannot_be_split_so_only_the_tin_path_meets() -> None:
    joined, apart = person_named("Erin", "ALONSOTELLEZ"), person_named("Erin", "Alonso Tellez")
    assert meet_beside_tin(joined, apart)
    assert meet_beside_tin(apart, joined)
    assert not meet_beside_birth_date(joined, apart)


FULL_NAMES = [
    ("GARCIA LOPEZ, JUAN CARLOS", ("JUAN", "CARLOS"), ("GARCIA", "LOPEZ")),
    ("JUAN CARLOS GARCIA LOPEZ", ("JUAN", "CARLOS"), ("GARCIA", "LOPEZ")),
    ("JUAN GARCIA LOPEZ", ("JUAN",), ("GARCIA", "LOPEZ")),
    ("JOHN MICHAEL SMITH", ("JOHN", "MICHAEL"), ("SMITH",)),
    ("Smith, John, Jr.", ("JOHN",), ("SMITH",)),
    ("John Smith, Jr.", ("JOHN",), ("SMITH",)),
    ("John Smith III", ("JOHN",), ("SMITH",)),
    ("Mr. John Q. Smith", ("JOHN",), ("SMITH",)),
    ("J. Robert Smith", ("ROBERT",), ("SMITH",)),
    ("María del Carmen López", ("MARIA", "DELCARMEN"), ("LOPEZ",)),
    ("Juan de la Cruz", ("JUAN",), ("DELACRUZ",)),
    ("Sean O Brien", ("SEAN",), ("OBRIEN",)),
    ("Hans O Friedrich", ("HANS",), ("FRIEDRICH",)),
    ("Vincent van Gogh", ("VINCENT",), ("VANGOGH",)),
    ("KENNEDY-SMITH, MARY-ANN", ("MARY", "ANN"), ("KENNEDY", "SMITH")),
]


@pytest.mark.parametrize(("text", "given", "surnames"), FULL_NAMES)
def test_a_full_name_is_read_into_given_names_and_surnames(
    text: str, given: tuple[str, ...], surnames: tuple[str, ...]
) -> None:
    person = person_named(full=text)
    assert (person.given_names, person.surnames) == (given, surnames)


@pytest.mark.parametrize(("given", "surnames"), [("", "GARCIA, JUAN"), ("GARCIA, JUAN", "")])
def test_comma_order_inside_one_field_is_understood(given: str, surnames: str) -> None:
    person = person_named(given, surnames)
    assert (person.given_names, person.surnames) == (("JUAN",), ("GARCIA",))


NOT_UNDERSTOOD = [
    ("Иван", "Petrov"),
    ("J\u043ehn", "Smith"),  # a Cyrillic o
    ("John", "Sm\u0456th"),  # a Cyrillic i
    ("Γιώργος", "Papas"),
    ("浩", "Tanaka"),
    ("JosÃ©", "Garcia"),
    ("Jose", "MuÃ±oz"),
    ("Jose", "NuÃ\u0160ez"),
    ("Mar\ufffda", "Garcia"),
    ("Jose", "Mu?oz"),
    ("J0hn", "Smith"),
    ("John", "Smith 2"),
    ("John & Mary", "Smith"),
    ("John and Mary", "Smith"),
    ("John", "Smith AKA Jones"),
    ("John", "Smith/Jones"),
    ('Robert "Bob"', "Smith"),
    ("Robert (Bob)", "Smith"),
    ("\uff2a\uff4f\uff48\uff4e", "Smith"),  # full-width letters
    ("John", "\u202ehtimS"),
    ("John", "Smith, Mary"),
    ("John", "Smi\x00th"),
    ("John", "s" * 501),
    ("John", " ".join("ABCDEFGHIJKLM"[i] * 4 for i in range(13))),
]


@pytest.mark.parametrize(("given", "surnames"), NOT_UNDERSTOOD)
def test_a_name_with_anything_not_understood_is_refused(given: str, surnames: str) -> None:
    assert name_defects(given, surnames) == (PersonDefect.NAME_NOT_UNDERSTOOD,)


INCOMPLETE = [
    ("J", "Smith"),
    ("J.", "Smith"),
    ("J. Q.", "Smith"),
    ("John", "S"),
    ("", "Smith"),
    ("John", ""),
    ("John", "   "),
    ("FNU", "Khan"),
    ("Khan", "LNU"),
    ("Unknown", "Smith"),
    ("John", "UNK"),
    ("Baby Boy", "Smith"),
    ("No Name", "Smith"),
    ("Desconocido", "Lopez"),
    ("N/A", "Lopez"),
    ("Jr.", "Smith"),
    ("XXX", "Smith"),
]


@pytest.mark.parametrize(("given", "surnames"), INCOMPLETE)
def test_an_initial_a_blank_or_a_placeholder_never_stands_for_a_name(given: str, surnames: str) -> None:
    assert name_defects(given, surnames) == (PersonDefect.NAME_INCOMPLETE,)


@pytest.mark.parametrize("text", ["CHER", "J SMITH", "Smith,", "Smith, J."])
def test_a_full_name_without_given_name_or_surname_is_incomplete(text: str) -> None:
    assert name_defects(full=text) == (PersonDefect.NAME_INCOMPLETE,)


@pytest.mark.parametrize(
    ("given", "surnames"), [("", ""), (" ", "\t"), ("FNU", "LNU"), ("unknown", "UNKNOWN"), ("-", "?")]
)
def test_a_name_of_blanks_and_placeholders_is_missing(given: str, surnames: str) -> None:
    assert name_defects(given, surnames) == (PersonDefect.NAME_MISSING,)


@pytest.mark.parametrize(
    ("given", "surnames"),
    [("John", "Doe"), ("Rosa", "Null"), ("Min", "Na"), ("Vi", "Tran"), ("Junior", "Garcia"), ("Van", "Le")],
)
def test_names_that_look_like_placeholders_or_suffixes_are_names(given: str, surnames: str) -> None:
    person = person_named(given, surnames)
    assert (person.given_names, person.surnames) == ((given.upper(),), (surnames.upper(),))


def test_a_name_of_two_hundred_letters_is_a_name() -> None:
    assert person_named("wolfgang" * 25, "zwetschge" * 22).surnames == ("ZWETSCHGE" * 22,)
