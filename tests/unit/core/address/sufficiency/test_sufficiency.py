"""What the words of an address alone refuse, and what they must leave alone.

A case is a line; ``|`` parts it into line 1, line 2, city, state and ZIP.
"""

from __future__ import annotations

import csv
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import Defect, RawAddress
from narrowgate.core.address.sufficiency.judge import early_defects
from narrowgate.core.address.sufficiency.placeholders import says_nothing
from narrowgate.core.address.words.placeholder_lexicon import ANYWHERE
from support.labelled_data import LABELLED

WITH_DATA = pytest.mark.skipif(
    not LABELLED.exists(), reason="the labelled data is not here (NARROWGATE_DATA)"
)

ORDINARY = """
123 CHURCH ST
100 CHURCH ST||NEW YORK|NY|10007
100 CHURCH||NEW YORK|NY|10007
4512 UNION GROVE CHURCH RD||HICKORY|NC|28601
500 COURT ST APT 4, BROOKLYN NY 11231
12 HOSPITAL DR STE 4||MORGANTOWN|WV|26505
200 PRISON CAMP RD||WHITEVILLE|NC|28472
1400 MISSION BLVD||RIVERSIDE|CA|92509
44 TEMPLE AVE, HACKENSACK, NJ 07601
201 REFLECTION DR S USP S 910
77 JAIL CREEK RD
12 COURTHOUSE RD APT 3||STAFFORD|VA|22554
90 INN RD
8 HOTEL RD
1 POLICE PLAZA
10 PARK PLACE CT
1200 SHERIFF RD||LANDOVER|MD|20785
12 SHELTER COVE LN||HILTON HEAD ISLAND|SC|29928
100 MAIN ST||MISSION|TX|78572
100 MAIN ST MISSION TX 78572
100 MAIN ST CHURCH HILL TN 37642
100 MAIN ST, FALLS CHURCH, VA 22046
100 OAK ST||WASHINGTON COURT HOUSE|OH|43160
10 MEXICO RD||MEXICO|MO|65265
10 LOVE ST MEXICO MO 65265
10 LOVE ST LEBANON PA 17042
10 LOVE ST PERU IN
12 CANADA DR||AUSTIN|TX|78701
12 GERMANY RD
100-10 JAMAICA AVE, JAMAICA, QUEENS, NY 11432
123 N A ST||OXNARD|CA|93030
4512 TEST RD
77 NANA ST
12 FAIL CREEK RD
12 NAVAJO TRL
44 HOPE ST
77 KNOWN RD
12 NONE SUCH RD
12 NONESUCH RD
3 NOWHERE RD||ATHENS|GA|30601
12 NO NAME RD
12 FORGET ME NOT LN
12 TRANSIT RD
45 W SAMPLE RD||POMPANO BEACH|FL|33064
88000 OVERSEAS HWY||ISLAMORADA|FL|33036
500 DITTO AVE
12 ATTORNEY ST||NEW YORK|NY|10002
12 ESQUIRE DR
12 CALLE IGLESIA
12 CALLE HOSPITAL||CABO ROJO|PR|00623
100 CALLE GENERAL DEL VALLE||SAN JUAN|PR|00924
333 CO RD 12
12 MAIN ST|APT TBA2
12 NO HOME AVE
12 SAME LN
12 ELMER ST
PO BOX 12||RENO|NV|89501
RR 2 BOX 18||CUBA|MO|65453
12 MAIN ST|N/A|CUBA|NY|14727
12 MAIN ST|NONE|CUBA|NY|14727
12 MAIN ST||CHINA|ME|04358
12 MAIN ST||Panama City|FL|32401
12 JORDAN ST||JORDAN|MN|
12 SE HAWTHORNE BLVD||PORTLAND|OR|97214
12 ICE HOUSE RD
12 HEALTH CENTER DR
1 MEDICAL CENTER BLVD||LEBANON|NH|03756
300 MEDICAL CENTER DR E
12 OLD COURT HOUSE RD
12 PLEASANT HILL BAPTIST CHURCH RD
12 CHURCH OF GOD RD
55 MISSION CHAPEL APTS DR
12 OLD MISSION INN RD
12 NEW HOPE CHURCH RD|TRLR 4
0 COUNTY ROAD MM, AMHERST JUNCTION, WI 54407
101 MAIN ST APT 12 PUTNAM CT 06260
5 SUPERIOR CT
5 SUPERIOR COURT
12 DISTRICT COURT||ROCKVILLE|MD|20850
742 EVERGREEN TER||SPRINGFIELD|OR|97477
12 UNION MISSION RD
12 FINN AVE
12 RUE SEINE
47 LARGE AVE||HILLSDALE|NJ|07642
600 W SANTA ANA BLVD
W156N8480 PILGRIM RD
112-10 QUEENS BLVD
123 WEST STREET||NEW YORK|NY|10014
111 NORTH STREET||PITTSFIELD|MA|01201
999 SOUTH STREET APT 5||PHILADELPHIA|PA|19147
5775 CHURCH STRT
360 W 1000 S NO D100||OREM|UT|84057
360 W 1000 S APT NO D100||OREM|UT|84057
CALLE 5 123||SAN JUAN|PR|00926
1200 MI CASITA WAY
"""

PLACEHOLDERS = """
UNKNOWN
unknownnn
UNKN0WN
U N K N O W N
un-known address
123 UNKNOWN ST||CHICAGO|IL|60614
123 UNKWOWN ST
000 UNKNOWN ST
Don't Care 12345
DONTCARE
FAILED TO PROVIDE
FAILEDTOPROVIDE 60614
F4iled  t0 pr0vide
PROTECTED
1367 PROTECTED
1 NO NAME ST
1 NO NAME
1 TEST
CALLE
NA NA
N/A
n.a.
N/A|N/A|CHICAGO|IL|60614
SAME AS ABOVE
SEE NOTES 20001
NFA
NFA||MIAMI|FL|33125
HOMELESS
123 HOMELESS AVE
TRANSIENT
TBD
TEST
TEST TEST
123 TEST ST
ASDF
asdfasdf 123
DESCONOCIDO
Sin domicilio fijo
NO SABE
NO TIENE
MISMO
lka unknown
IN CUSTODY
DETAINED
DEPORTED
AT LARGE
LIVES WITH FRIENDS MIAMI FL 33125
REFUSED
DECLINED TO STATE
NOT PROVIDED
PENDING
XXX XXXXXX ST
X X X
999 X X X
123 XXX ST
123 FAKE ST
123 NONE ST||CHICAGO|IL|60614
1 NO ADDRESS LN
UNKNOWN|UNKNOWN|UNKNOWN|IL|60614
123 MAIN ST||UNKNOWN|IL|60614
123UNKNOWN
UNKNOWN60614
NONE GIVEN
does not know
No proporcionó
NO SE SABE
dirección desconocida
12 NOT AVAILABLE RD
ADDRESS UNKNOWN CHICAGO IL 60614
unk
none
None Chicago IL 60614
NULL
-- none --
no fixed abode
NO PERMANENT ADDRESS
REDACTED
blank
same
123 MAIN STREET UNKNOWN CITY
"""

NO_ADDRESSES = """
-
?
12345
00000
60614-1234
606141234
(312) 555-0134
312-555-0134
foo@example.org
123-45-6789
A123456789
A 123 456 789
www.example.com
CA
LOS ANGELES, CA 90012
||LOS ANGELES|CA|90012
123||CHICAGO|IL|60614
CORNER OF MAIN AND 3RD
MILE MARKER 12 I-95
USA
.....
1 MI N OF HWY 50||DENVER|CO|80204
8 USC 1367||YAKIMA|WA|98901
8 U.S.C. 1367
"""

INSTITUTIONS = """
COUNTY JAIL||HOUSTON|TX|77002
HARRIS COUNTY JAIL, 1200 BAKER ST, HOUSTON TX 77002
1200 BAKER ST HARRIS COUNTY JAIL
1200 BAKER ST|HARRIS COUNTY JAIL|HOUSTON|TX|77002
FCI DANBURY
FDC PHILADELPHIA 700 ARCH ST
ICE ERO DETAINED
C/O ICE DETENTION
12 MAIN ST COMFORT INN RM 12
DAYS INN 100 MAIN ST
MOTEL 6 ROOM 12
123 MAIN ST FIRST BAPTIST CHURCH
ST MARYS HOSPITAL
ST MARYS HOSPITAL, 12 MAIN ST, RENO NV 89501
100 JAIL
SHERIFFS OFFICE 12 MAIN ST
SALVATION ARMY SHELTER
MEXICAN CONSULATE
EMBASSY OF PERU 12 MASS AVE NW
USCIS FIELD OFFICE
SUPERIOR COURT OF CALIFORNIA
CENTRO DE DETENCION
IGLESIA BAUTISTA 12 CALLE SOL
NORTHWEST DETENTION CENTER
"""

CARE_OF = """
C/O JOHN SMITH 123 MAIN ST
123 MAIN ST|c/o Maria Lopez|RENO|NV|89501
% SMITH 123 MAIN ST
ATTN LEGAL 12 MAIN ST
IN CARE OF SMITH
LAW OFFICES OF SMITH 12 MAIN ST
LAW OFFICE OF J DOE
al cuidado de Juan
J DOE ESQ 12 MAIN ST
J DOE, ESQ., 12 MAIN ST
"""

GENERAL_DELIVERY = """
GENERAL DELIVERY
GENERAL DELIVERY BETHEL AK 99559
GEN DEL ANCHORAGE AK 99501
Gen. Delivery||BETHEL|AK|99559
"""

PRIVATE_MAILBOXES = """
12 MAIN ST PMB 204
12 MAIN ST|PMB204|RENO|NV|89501
UPS STORE 204 12 MAIN ST
12 MAIN ST MAIL BOXES ETC 12
"""

FOREIGN = """
Mexico
10 KING ST TORONTO ON M5V 2T6
10 KING ST||TORONTO|ON|M5V 2T6
10 KING ST, TORONTO, ONTARIO, CANADA
AV REFORMA 222 COL CENTRO C.P. 06600
AV REVOLUCION 1, TIJUANA, BC 22000
12 CALLE 3||TIJUANA|BAJA CALIFORNIA|22000
12 CALLE 3|MEXICO|TIJUANA||
12 CALLE 3||GUATEMALA||
10 DOWNING ST LONDON SW1A 2AA
10 DOWNING ST, LONDON, UNITED KINGDOM
CALLE 5 ZONA 1 GUATEMALA
12 MAIN ST, SAN SALVADOR, EL SALVADOR
12 MAIN ST||||MEXICO
"""


def raw_of(line: str) -> RawAddress:
    return RawAddress(*line.split("|"))


def cases(text: str) -> list[str]:
    return text.strip("\n").splitlines()


@pytest.mark.parametrize("line", cases(ORDINARY))
def test_an_ordinary_address_is_left_alone(line: str) -> None:
    assert early_defects(raw_of(line)) == ()


@pytest.mark.parametrize(
    ("line", "defect"),
    [
        (line, defect)
        for text, defect in (
            (PLACEHOLDERS, Defect.PLACEHOLDER),
            (NO_ADDRESSES, Defect.NOT_AN_ADDRESS),
            (INSTITUTIONS, Defect.INSTITUTION_WORD),
            (CARE_OF, Defect.CARE_OF),
            (GENERAL_DELIVERY, Defect.GENERAL_DELIVERY),
            (PRIVATE_MAILBOXES, Defect.PRIVATE_MAILBOX),
            (FOREIGN, Defect.FOREIGN),
        )
        for line in cases(text)
    ],
)
def test_a_text_that_is_no_home_address_is_refused_for_what_it_is(line: str, defect: Defect) -> None:
    assert defect in early_defects(raw_of(line))


def test_a_blank_address_is_no_address() -> None:
    assert early_defects(RawAddress()) == (Defect.NOT_AN_ADDRESS,)
    assert early_defects(RawAddress(" ", "\t", "", "", "")) == (Defect.NOT_AN_ADDRESS,)


def test_a_text_longer_than_any_address_is_no_address() -> None:
    assert early_defects(RawAddress("12 MAIN ST " * 900)) == (Defect.NOT_AN_ADDRESS,)


def test_every_defect_of_a_text_is_named() -> None:
    found = early_defects(RawAddress("C/O COUNTY JAIL, UNKNOWN"))
    assert found == (Defect.PLACEHOLDER, Defect.INSTITUTION_WORD, Defect.CARE_OF)


@pytest.mark.parametrize("filled", ["N/A", "NONE", "n.a.", "Null"])
def test_a_second_line_filled_with_nothing_says_nothing(filled: str) -> None:
    words = tuple(filled.upper().replace("/", " ").replace(".", " ").split())
    assert says_nothing(words)
    assert early_defects(RawAddress("12 MAIN ST", filled, "CUBA", "NY", "14727")) == ()


@pytest.mark.parametrize(
    "answered_in_2025",
    ["Don't Care 12345", "00000", "Failed to Provide", "Unknown Address", "Unknown Address 60614", "NA NA"],
)
def test_every_deficient_address_of_the_2025_run_is_refused(answered_in_2025: str) -> None:
    """Jails and offices passed in August 2025."""
    assert early_defects(RawAddress(answered_in_2025)) != ()
    assert early_defects(RawAddress(answered_in_2025, "", "CHICAGO", "IL", "60614")) != ()


LETTERS = {"O": "0", "I": "1", "E": "3", "A": "4@", "S": "5$", "T": "7", "L": "1"}
NAMED = """UNKNOWN|UNKNOWN ADDRESS|FAILED TO PROVIDE|NOT PROVIDED|NO ADDRESS|HOMELESS|TRANSIENT|DONT CARE|SAME AS ABOVE
SEE NOTES|DESCONOCIDO|SIN DOMICILIO|NO SABE|NO TIENE|IN CUSTODY|DETAINED|DEPORTED|LIVES WITH FRIENDS|REFUSED|DECLINED
PENDING|LKA UNKNOWN|NO FIXED ABODE|NONE GIVEN|NOT AVAILABLE|UNDISCLOSED|REFUSED TO STATE|DOES NOT KNOW|NO PROPORCIONO
ADDRESS UNKNOWN|WITHHELD|NO PERMANENT ADDRESS|DOMICILIO DESCONOCIDO|NO CONOCIDO""".replace("\n", "|").split(
    "|"
)


def typed(phrase: str, chance: random.Random) -> str:
    """The phrase with random spaces, case, punctuation, repeated letters, and digits and symbols for letters."""
    spaced, marked, leet, repeated = (chance.random() < 0.4 for _ in range(4))
    letters: list[str] = []
    digits = 0
    for at, letter in enumerate(phrase.replace(" ", chance.choice((" ", "  ", "-", "_", "")))):
        shown = letter
        if leet and at and letter in LETTERS and 4 * digits < len(phrase) and chance.random() < 0.25:
            shown = chance.choice(LETTERS[letter])
            digits += 1
        if repeated and shown.isalpha() and chance.random() < 0.2:
            shown *= chance.randint(2, 4)
        letters.append(shown.lower() if chance.random() < 0.5 else shown)
        letters.append(" " * (spaced and chance.random() < 0.2))
        letters.append(chance.choice(".,-_/*") * (marked and chance.random() < 0.15))
    return "".join(letters)


@given(st.sampled_from(NAMED), st.randoms(), st.sampled_from(["", " 60614", ", CHICAGO, IL 60614"]))
def test_a_placeholder_is_refused_however_it_is_typed(
    phrase: str, chance: random.Random, locality: str
) -> None:
    assert early_defects(RawAddress(typed(phrase, chance) + locality)) != ()


@pytest.mark.parametrize("frame", ["{}", "{} 60614", "123 {} ST", "4217 {}, RENO, NV 89501"])
def test_every_phrase_of_the_lexicon_is_refused_alone_and_as_a_street(frame: str) -> None:
    texts = [frame.format(phrase) for phrase in sorted(ANYWHERE)]
    assert [text for text in texts if Defect.PLACEHOLDER not in early_defects(RawAddress(text))] == []


@given(st.tuples(*[st.text(max_size=80)] * 5))
def test_no_text_raises_and_the_same_text_has_the_same_defects(fields: tuple[str, ...]) -> None:
    raw = RawAddress(*fields)
    assert early_defects(raw) == early_defects(raw)


@given(st.integers(1, 99999), st.sampled_from(cases(ORDINARY)))
def test_the_house_number_of_an_ordinary_street_changes_nothing(number: int, line: str) -> None:
    _, _, rest = line.partition(" ")
    if line[0].isdigit() and line[:1] != "0":
        assert Defect.INSTITUTION_WORD not in early_defects(raw_of(f"{number} {rest}"))


def rows(name: str) -> list[dict[str, str]]:
    with (LABELLED / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@WITH_DATA
def test_every_labelled_placeholder_is_refused_and_every_valid_form_accepted() -> None:
    for row in rows("not_an_address.csv"):
        assert (examine_address(RawAddress(row["text"])).delivery_point is None) == (
            row["cls"] == "placeholder"
        )


@WITH_DATA
def test_at_most_two_of_a_thousand_real_addresses_are_refused_by_their_words() -> None:
    real = {
        RawAddress(row[f"{side}_line1"], "", row[f"{side}_city"], row[f"{side}_state"], row[f"{side}_zip"])
        for row in rows("address_pairs.csv")
        for side in "ab"
        if row["cls"] not in {"N-zip-only", "N-number-missing"}
        and " PMB " not in row[f"{side}_line1"].upper()
    }
    refused = [raw for raw in real if early_defects(raw)]
    assert len(refused) <= 0.002 * len(real)


@pytest.mark.parametrize(
    ("line", "defect"),
    [
        ("I-95 HOUSTON TX 77002", Defect.NOT_UNDERSTOOD),
        ("I-10 EAST, NEW YORK, NY 10027", Defect.NUMBER_MISSING),
        ("KM 5 CARRETERA A LEON, DENVER CO 80204", Defect.NOT_UNDERSTOOD),
        ("123 AVE CHICAGO IL 60614", Defect.STREET_MISSING),
        ("1 X LOS ANGELES CA 90012", Defect.STREET_MISSING),
        ("PO BOX 0, DENVER CO 80204", Defect.BOX_MISSING),
        ("CALLE 5, SAN JUAN PR 00926", Defect.NUMBER_MISSING),
        ("123 & 125 MAIN ST, SPRINGFIELD IL 62704", Defect.NOT_UNDERSTOOD),
        ("SIX CONCOURSE PKWY, ATLANTA GA 30328", Defect.NUMBER_MISSING),
        ("123 MAIN ST BLDG, SPRINGFIELD IL 62704", Defect.UNIT_MISSING),
    ],
)
def test_a_road_a_box_or_a_number_alone_is_no_delivery_point(line: str, defect: Defect) -> None:
    assert defect in examine_address(RawAddress(line)).defects


@pytest.mark.parametrize(
    "joint", [".", "..", "'", "\u2019", "\u02bb", '"', "\u2026", "-", "_", "/", "\u00ad "]
)
@pytest.mark.parametrize(
    ("text", "defect"),
    [
        ("COUNTY JAIL", Defect.INSTITUTION_WORD),
        ("NA NA", Defect.PLACEHOLDER),
        ("IN CUSTODY", Defect.PLACEHOLDER),
    ],
)
def test_a_sign_between_words_hides_nothing_that_the_parser_reads_apart(
    text: str, defect: Defect, joint: str
) -> None:
    raw = RawAddress(f"1 {joint.join(text.split())}", "", "Atlanta", "GA", "30301")
    assert defect in early_defects(raw)
    assert examine_address(raw).delivery_point is None


@pytest.mark.parametrize("street", ["O'BRIEN ST", "NA'ALAE RD", "ST.CHARLES AVE", "N.MAIN ST", "U.S.HWY 12"])
def test_a_sign_in_a_streets_name_is_no_defect(street: str) -> None:
    assert early_defects(RawAddress(f"1 {street}", "", "Atlanta", "GA", "30301")) == ()


@pytest.mark.parametrize(
    "street",
    [
        "HOSPITALITY LN",
        "HOSPITAL RD",
        "J C PENNEY DR",
        "N A ST",
        "HOSTA CT",
        "PO VALLEY RD",
        "JA MES ST",
        "CO RD 5",
        "AS YOU LIKE IT CT",
    ],
)
def test_a_street_that_is_meant_as_written_is_no_defect(street: str) -> None:
    assert early_defects(RawAddress(f"4217 {street}", "", "Atlanta", "GA", "30301")) == ()
