"""Names as people write them come down to one canonical form, or are refused."""

import pytest

from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.identity import record_identities, request_identities
from narrowgate.core.person.model import Person, PersonDefect, RawPerson

TIN = "212-45-6789"
BORN = "1980-02-29"


def person_named(
    given: str = "", surnames: str = "", full: str = "", tin: str = TIN, born: str = BORN
) -> Person:
    person = examine_person(RawPerson(given, surnames, full, born, tin)).person
    assert person is not None
    return person


def name_defects(given: str = "", surnames: str = "", full: str = "") -> tuple[PersonDefect, ...]:
    return examine_person(RawPerson(given, surnames, full, BORN, TIN)).defects


def meet_beside_tin(record: Person, request: Person) -> bool:
    asked = request._replace(birth_date="")
    return not set(record_identities(record)).isdisjoint(request_identities(asked))


def meet_beside_birth_date(record: Person, request: Person) -> bool:
    asked = request._replace(tin="")
    return not set(record_identities(record)).isdisjoint(request_identities(asked))


EQUAL_EVERYWHERE = [
    (("José", "Muñoz"), ("JOSE", "MUNOZ")),
    (("Jose\u0301", "Mun\u0303oz"), ("José", "Muñoz")),
    (("Hans", "Müller"), ("Hans", "MUELLER")),
    (("Hans", "Müller"), ("Hans", "Muller")),
    (("Jürgen", "Großmann"), ("JUERGEN", "GROSSMANN")),
    (("Søren", "Kjær"), ("Soeren", "Kjaer")),
    (("Dieter", "Bäcker"), ("DIETER", "BAECKER")),
    (("Bjørn", "Ågård"), ("BJOERN", "AAGAARD")),
    (("Ana", "Agüero"), ("ANA", "AGUERO")),
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
    (("Hae Jin", "Kim"), ("HAEJIN", "KIM")),
    (("Hae-Jin", "Kim"), ("HAE JIN", "KIM")),
    (("Xiao Ming", "Li"), ("XIAOMING", "LI")),
    (("Jean Pierre", "Baptiste"), ("JEANPIERRE", "BAPTISTE")),
    (("Ana-Maria", "Lopez"), ("ANAMARIA", "LOPEZ")),
    (("Ana-Maria", "Lopez"), ("ANA", "LOPEZ")),
    (("Mary-Ann", "Smith"), ("MARYANN", "SMITH")),
    (("Ma. Guadalupe", "Garcia"), ("MARIA GUADALUPE", "GARCIA")),
    (("Mª del Carmen", "Garcia"), ("MARIA DEL CARMEN", "GARCIA")),
    (("Ma Luz", "Garcia"), ("MARIA LUZ", "GARCIA")),
    (("Ma.", "Garcia"), ("MARIA", "GARCIA")),
    (("Mª", "Garcia"), ("MARIA", "GARCIA")),
    (("Juan", "de la O"), ("JUAN", "DELAO")),
    (("Juan", "Garcia de la O"), ("JUAN", "GARCIA DELAO")),
    (("Marie", "Sainte-Rose"), ("MARIE", "STE ROSE")),
    (("Sean", "O\u2019Brien (Ann)"), ("SEAN", "OBRIEN")),
    (("J Jesus", "Garcia"), ("JOSE JESUS", "GARCIA")),
    (("J. Jesus", "Garcia"), ("JESUS", "GARCIA")),
    (("J Guadalupe", "Garcia"), ("GUADALUPE", "GARCIA")),
    (("Maria del Carmen", "Ruiz"), ("MARIA CARMEN", "RUIZ")),
    (("Maria E.", "Ruiz"), ("MARIA ELENA", "RUIZ")),
    (("Rosa", "García López"), ("ROSA", "GARCIALOPEZ")),
    (("Juan", "Montes de Oca"), ("JUAN", "MONTESDEOCA")),
    (("Juan", "Ponce de León"), ("JUAN", "PONCEDELEON")),
    (("Ana", "Sta Maria"), ("ANA", "SANTA MARIA")),
    (("Ana", "Sta. Cruz"), ("ANA", "SANTACRUZ")),
    (("Ana", "Sto Domingo"), ("ANA", "SANTO DOMINGO")),
    (("João", "Silva Filho"), ("JOAO", "SILVA")),
    (("José", "Costa Neto"), ("JOSE", "COSTA")),
    (("Luís", "Rocha Sobrinho"), ("LUIS", "ROCHA")),
    (("Maria", "Souza e Silva"), ("MARIA", "SOUZA SILVA")),
    (("Mary", "Smith (Jones)"), ("MARY", "SMITH")),
    (("Mary", "Smith (née Jones)"), ("MARY", "SMITH")),
    (("Mary", "Smith née Jones"), ("MARY", "SMITH")),
    (("Robert (Bob)", "Smith"), ("ROBERT", "SMITH")),
    (('Robert "Bob"', "Smith"), ("ROBERT", "SMITH")),
    (("Jose", "O"), ("JOSE", "O")),
    (("Aung", "U"), ("AUNG", "U.")),
    (("Min", "E"), ("MIN", "E")),
    (("U", "Kim"), ("U", "KIM")),
    (("Andrew", "Ma"), ("ANDREW", "MA")),
    (("Ma", "Li"), ("MA", "LI")),
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
    (("Rosa", "Smith-Jones"), ("ROSA", "JONES")),
    (("Juan", "de la Cruz"), ("JUAN", "CRUZ")),
    (("Juan", "DELACRUZ"), ("JUAN", "CRUZ")),
    (("Pieter", "van der Berg"), ("PIETER", "BERG")),
    (("Mary", "Smith (Jones)"), ("MARY", "JONES")),
    (("Mary", "Smith nee Jones"), ("MARY", "JONES")),
    (("Maria", "Silva Neto"), ("MARIA", "NETO")),
    (("Muhammad", "Khan"), ("MOHAMMED", "KHAN")),
    (("Maria Elena", "Lopez"), ("MARIA JOSE", "LOPEZ")),
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
    (("Juan", "Saenz"), ("JUAN", "SANZ")),
    (("Juan", "Paez"), ("JUAN", "PAZ")),
    (("Juan", "Loera"), ("JUAN", "LORA")),
    (("Ana", "Suero"), ("ANA", "SURO")),
    (("Wai", "Yuen"), ("WAI", "YUN")),
    (("Ann", "Delahunt"), ("ANN", "HUNT")),
    (("Ann", "Delaware"), ("ANN", "WARE")),
    (("Haejin", "Kim"), ("HAJIN", "KIM")),
    (("Xuefei", "Li"), ("XUFEI", "LI")),
    (("Hans", "Mueller"), ("HANS", "MULLER")),
    (("Robert (Mary)", "Smith"), ("MARY", "SMITH")),
    (("James", "Thomas"), ("THOMAS", "JAMES")),
    (("Martin", "Garcia"), ("GARCIA", "MARTIN")),
    (("Kim", "Lee"), ("LEE", "KIM")),
    (("Wang", "Zhang"), ("ZHANG", "WANG")),
    (("Maria", "Sto"), ("MARIA", "SANTO")),
    (("Jose", "O"), ("JOSE", "U")),
]


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_similar_names_do_not_meet(left: tuple[str, str], right: tuple[str, str]) -> None:
    one, other = person_named(*left), person_named(*right)
    for record, request in ((one, other), (other, one)):
        assert not meet_beside_tin(record, request)
        assert not meet_beside_birth_date(record, request)


@pytest.mark.parametrize(
    ("written", "exchanged"),
    [
        (("Min", "Park"), ("Park", "Min")),
        (("Minh", "Nguyen"), ("NGUYEN", "MINH")),
        (("Hae Jin", "Park"), ("PARK", "HAE JIN")),
        (("Haejin", "Park"), ("PARK", "HAE JIN")),
        (("Wei", "Zhang"), ("ZHANG", "WEI")),
    ],
)
def test_given_and_family_name_in_each_others_place_meet_beside_a_birth_date_where_the_family_name_comes_first(
    written: tuple[str, str], exchanged: tuple[str, str]
) -> None:
    one, other = person_named(*written), person_named(*exchanged)
    for record, request in ((one, other), (other, one)):
        assert meet_beside_birth_date(record, request)
        assert not meet_beside_tin(record, request)


TWINS = [
    (("Maria Elena", "Lopez"), ("MARIA JOSE", "LOPEZ")),
    (("Maria Elena", "Lopez"), ("MARIA ESTHER", "LOPEZ")),
    (("Maria E", "Lopez"), ("MARIA J", "LOPEZ")),
    (("Maria E", "Lopez"), ("MARIA JOSE", "LOPEZ")),
    (("Jose Luis", "Lopez"), ("JOSE ANGEL", "LOPEZ")),
    (("Hae Jin", "Kim"), ("HAE JU", "KIM")),
    (("Hae Jin", "Kim"), ("HAEJU", "KIM")),
    (("Jean-Pierre", "Kim"), ("JEAN-PAUL", "KIM")),
]


@pytest.mark.parametrize(("left", "right"), TWINS)
def test_twins_who_share_the_first_given_name_do_not_meet_beside_their_birth_date(
    left: tuple[str, str], right: tuple[str, str]
) -> None:
    one, other = person_named(*left), person_named(*right)
    assert not meet_beside_birth_date(one, other)
    assert not meet_beside_birth_date(other, one)


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
    ("Mary Smith (Jones)", ("MARY",), ("SMITH",)),
    ("Ma. Guadalupe Garcia", ("MARIA", "GUADALUPE"), ("GARCIA",)),
    ("Jose O", ("JOSE",), ("O",)),
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
    ("Robert (Bob", "Smith"),
    ('Robert "Bob', "Smith"),
    ("Robert", "Smith (Ivanov\u0456)"),
    ("Robert (7)", "Smith"),
    ("Mary", "Smith (estate)"),
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
    ("E", "Smith"),
    ("O.", "Garcia"),
    ("John", "A."),
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
