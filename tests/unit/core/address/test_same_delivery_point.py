"""Which spellings are the same door, and which are not."""

from __future__ import annotations

import itertools

import pytest

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import RawAddress

SPRINGFIELD = ("Springfield", "IL", "62704")
SALT_LAKE_CITY = ("Salt Lake City", "UT", "84105")
SAN_JUAN = ("San Juan", "PR", "00926")
AUSTIN = ("Austin", "TX", "78701")


def keys_of(line: str, place: tuple[str, str, str], second_line: str = "") -> set[str]:
    examined = examine_address(RawAddress(line, second_line, *place))
    assert examined.delivery_point, (line, examined.defects)
    return set(keys(examined.delivery_point))


SAME = {
    "condominium": (
        AUSTIN,
        "12 Oak St Condo 5",
        "12 Oak St COND 5",
        "12 Oak St, CND 5",
        "12 Oak St Condominium 5",
    ),
    "county's road without the word": (
        ("Yellville", "AR", "72687"),
        "2488 Marion County 172",
        "2488 Marion County 172 Road",
        "2488 County Road 172",
    ),
    "part of a county's number apart": (
        ("Darien", "IL", "60561"),
        "9S 60 Stratford Pl",
        "9S 060 Stratford Pl",
        "9S060 Stratford Pl",
    ),
    "Beach in Queens": (("Rockaway Park", "NY", "11694"), "168 BCH 131 ST", "168 Beach 131st St"),
    "another apostrophe": (SPRINGFIELD, "12 Miller`s Run Rd", "12 Miller's Run Rd"),
    "suffix": (
        SPRINGFIELD,
        "123 Main St",
        "123 MAIN STREET",
        "123 main str.",
        "123 Main Strt",
    ),
    "directional": (
        SPRINGFIELD,
        "123 N Main St",
        "123 North Main St",
        "123N MAIN ST",
        "123 N. Main St.",
    ),
    "two-letter directional": (
        SPRINGFIELD,
        "123 Main St NW",
        "123 Main St N.W.",
        "123 Main St North West",
        "123 Main St Northwest",
        "123 Main St, NW",
    ),
    "ordinal": (
        SPRINGFIELD,
        "123 22nd St",
        "123 Twenty-Second St",
        "123 TWENTY SECOND ST",
        "123 22 St",
        "123 22d St",
    ),
    "number": (
        SPRINGFIELD,
        "123 Main St",
        "00123 Main St",
        "123  Main St",
        "\uff11\uff12\uff13 Main St",
    ),
    "fraction": (
        SPRINGFIELD,
        "123 1/2 Main St",
        "123½ Main St",
        "123-1/2 Main St",
        "123 ½ Main St",
    ),
    "lettered number": (
        SPRINGFIELD,
        "123A Main St",
        "123-A Main St",
        "123 A Main St",
        "123a Main St",
    ),
    "grid": (
        SALT_LAKE_CITY,
        "842 E 1700 S",
        "842 East 1700 South",
        "842 E. 1700 S.",
    ),
    "unit": (
        SPRINGFIELD,
        "123 Main St Apt 5B",
        "123 Main St #5B",
        "123 Main St # 5-B",
        "123 Main St Unit 5B",
        "123 Main St, Suite 5B",
        "123 Main St STE # 5B",
        "123 Main St Apt. No. 5B",
        "123 Main St 5B",
        "123 Main St Apt 5 B",
        "Apt 5B, 123 Main St",
        "UNIT 5B 123 MAIN ST",
        "123 Main St (Apt 5B)",
        "123 Main St Apt5B",
        "123 Main St Apto 5B",
    ),
    "two units": (
        SPRINGFIELD,
        "123 Main St Bldg 1 Ste 100",
        "123 Main St Building 1, Apt 100",
        "123 Main St # 100 Bldg. 1",
    ),
    "floor": (
        SPRINGFIELD,
        "123 Main St Fl 2",
        "123 Main St 2nd Floor",
        "123 Main St Second Floor",
        "123 Main St Floor 2",
        "123 Main St 2nd Fl.",
        "123 Main St 2FL",
    ),
    "basement": (
        SPRINGFIELD,
        "123 Main St Bsmt",
        "123 Main St Basement",
        "123 Main St, Basement Apt",
        "123 Main St Apt Bsmt",
    ),
    "lower": (
        SPRINGFIELD,
        "123 Main St Lowr",
        "123 Main St Lower",
        "123 Main St Lower Level",
    ),
    "saint": (
        SPRINGFIELD,
        "123 St. James Pl",
        "123 Saint James Place",
        "123 ST JAMES PL",
    ),
    "fort and mount": (
        SPRINGFIELD,
        "123 Ft Hill Rd",
        "123 Fort Hill Road",
        "123 Ft. Hl Rd",
    ),
    "possessive": (
        SPRINGFIELD,
        "123 St Mary's Rd",
        "123 Saint Marys Rd",
        "123 St. Mary\u2019s Rd",
    ),
    "spaces in a name": (
        SPRINGFIELD,
        "123 La Salle St",
        "123 LaSalle St",
        "123 LASALLE ST",
    ),
    "accents": (
        SPRINGFIELD,
        "123 Peña Ct",
        "123 Pena Ct",
        "123 PEN\u0303A CT",
    ),
    "and": (
        SPRINGFIELD,
        "123 Town & Country Rd",
        "123 Town and Country Rd",
    ),
    "number words in a name": (
        SPRINGFIELD,
        "123 Seven Oaks Dr",
        "123 7 Oaks Dr",
    ),
    "suffix words in a name": (
        SPRINGFIELD,
        "123 Stony Is Ave",
        "123 Stony Island Ave",
        "123 Stony Islnd Avenue",
    ),
    "king": (
        SPRINGFIELD,
        "123 MLK Blvd",
        "123 Martin Luther King Jr Blvd",
        "123 Dr. Martin Luther King, Jr. Blvd",
        "123 M L King Blvd",
    ),
    "US highway": (
        AUSTIN,
        "123 US 290",
        "123 U.S. Hwy 290",
        "123 US-290",
        "123 United States Highway 290",
        "123 US Rte 290",
    ),
    "interstate": (
        AUSTIN,
        "123 N I-35",
        "123 N Interstate 35",
        "123 N IH 35",
        "123 North Interstate Hwy 35",
    ),
    "state route": (
        AUSTIN,
        "123 State Highway 71 W",
        "123 SH 71 W",
        "123 TX-71 W",
        "123 Texas Highway 71 West",
        "123 State Rd 71 W",
    ),
    "county road": (
        AUSTIN,
        "123 County Road 12",
        "123 CR 12",
        "123 Co Rd 12",
        "123 Cnty Rd 12",
        "123 C.R. 12",
    ),
    "farm road": (
        AUSTIN,
        "123 FM 1960",
        "123 F.M. 1960",
        "123 FM Rd 1960",
        "123 Farm to Market Road 1960",
        "123 FM-1960",
    ),
    "PO box": (
        SPRINGFIELD,
        "PO Box 12",
        "P.O. Box 12",
        "P O BOX #12",
        "POB 12",
        "Box 12",
        "Post Office Box 12",
        "PO BOX 0012",
    ),
    "rural route": (
        SPRINGFIELD,
        "RR 2 Box 45",
        "R.R. 2, Box 45",
        "RFD 2 BX 45",
        "Rural Route 2 Box 45",
        "RT 2 BOX #45",
        "Box 45, RR 2",
    ),
    "highway contract": (
        SPRINGFIELD,
        "HC 68 Box 23A",
        "HCR 68 Box 23-A",
        "Highway Contract 68 Box 23A",
        "Star Route 68 Box 23A",
    ),
    "calle": (
        SAN_JUAN,
        "123 Calle Sol",
        "Calle Sol 123",
        "Calle Sol #123",
        "C/ Sol 123",
        "CALLE SOL NUM 123",
    ),
    "urbanization": (
        SAN_JUAN,
        "URB Las Flores, 15 Calle A",
        "Urb. Las Flores 15 Calle A",
        "15 Calle A Urbanizacion Las Flores",
    ),
    "block and house": (
        SAN_JUAN,
        "H10 Ave Flamboyán",
        "H-10 Avenida Flamboyan",
        "Blq H Casa 10 Ave Flamboyan",
    ),
    "kilometer": (
        SAN_JUAN,
        "Carr 2 Km 14.5",
        "Carretera 2 Km. 14.5",
        "PR-2 KM 14 HM 5",
    ),
    "number sign": (
        SPRINGFIELD,
        "123 Main St Apt B",
        "123 Main St No B",
        "123 Main St No. B",
        "123 Main St NBR B",
    ),
    "number sign behind a street without suffix": (
        SPRINGFIELD,
        "123 Broadway Apt E",
        "123 Broadway No. E",
        "123 Broadway #E",
    ),
    "number sign before the number": (
        SPRINGFIELD,
        "123 Main St",
        "No. 123 Main St",
        "# 123 Main St",
    ),
    "thousands": (SPRINGFIELD, "1200 Main St", "1,200 Main St"),
    "number sign with a letter behind a state road": (
        SPRINGFIELD,
        "123 W State Rd Apt A",
        "123 W State Rd No. A",
    ),
    "directional street with a unit": (
        SPRINGFIELD,
        "53 West Rd Apt C",
        "53 West Rd Apartment C",
        "53 West Rd No C",
        "53 West Rd #C",
    ),
    "unit words": (
        SPRINGFIELD,
        "123 Main St Apt 4",
        "123 Main St Ap 4",
        "123 Main St Aptmnt 4",
        "123 Main St Aprt 4",
        "123 Main St Depto 4",
    ),
    "floor behind a sign": (
        SPRINGFIELD,
        "123 Main St Fl 2",
        "123 Main St # 2 Flr",
        "123 Main St Apt 2nd Floor",
        "123 Main St 2nd Story",
    ),
    "top floor": (SPRINGFIELD, "123 Main St Top Floor", "123 Main St Fl Top"),
    "penthouse": (SPRINGFIELD, "123 Main St PHA", "123 Main St PH-A", "123 Main St Penthouse A"),
    "name of a complex": (
        SPRINGFIELD,
        "123 Berkeley St Apt 5",
        "123 Berkeley St Forest Cove Apartments Apt 5",
        "123 Berkeley St, Forest Cove Apartments, Apt 5",
    ),
    "a second line that says nothing": (
        SPRINGFIELD,
        "123 Main St",
        "123 Main St, N/A",
        "123 Main St, none",
        "123 Main St, -",
    ),
    "coordinate with its directional": (SALT_LAKE_CITY, "1200 S 4700 W", "1200 S 4700W", "1200 So 4700 West"),
    "Queens": (("Corona", "NY", "11368"), "37-12 103rd St", "37 12 103rd St", "37-12 103 Street"),
    "Spanish street words": (
        AUSTIN,
        "1200 Camino del Cerro",
        "1200 Cam del Cerro",
        "1200 Cmo. del Cerro",
    ),
    "paseo": (AUSTIN, "1200 Paseo Real", "1200 Pso Real"),
    "lettered avenue": (AUSTIN, "1200 Avenue D", "1200 Ave D", "1200 Avnue D", "1200 Aven D"),
    "A1A": (
        ("Vero Beach", "FL", "32963"),
        "4550 State Road A1A",
        "4550 Highway A1A",
        "4550 Hwy A1A",
        "4550 A1A",
    ),
    "county trunk": (("Ripon", "WI", "54971"), "W5555 County Road KK", "W5555 Cty Trk KK", "W5555 CTH KK"),
    "block and house of two letters": (
        SAN_JUAN,
        "QQ17 Calle 25",
        "Calle 25 #QQ-17",
        "Calle 25 QQ17",
    ),
    "number behind a numbered calle": (SAN_JUAN, "123 Calle 5", "Calle 5 #123", "Calle 5 123"),
    "Villa Fontana": (SAN_JUAN, "Via 5 4FN-3", "4FN3 Via 5", "4FN-3 Via 5"),
    "kilometro": (SAN_JUAN, "Carr 833 Km 2.1", "Carretera 833 Kilometro 2.1"),
    "buzon": (SAN_JUAN, "HC 2 Box 12345", "HC 02 Bzn 12345", "HC 2 Buzon 12345"),
    "box letter apart": (SPRINGFIELD, "RR 2 Box 44A", "RR 2 Box 44 A", "RR 2 Box 44-A"),
}

DIFFERENT = {
    "condominium and apartment": (AUSTIN, "12 Oak St Condo 5", "12 Oak St Apt 5"),
    "road of another county": (
        ("Yellville", "AR", "72687"),
        "2488 Marion County 172",
        "2488 Baxter County Road 172",
    ),
    "number": (
        SPRINGFIELD,
        "123 Main St",
        "124 Main St",
        "1123 Main St",
        "12 Main St",
        "132 Main St",
        "123 1/2 Main St",
        "123A Main St",
    ),
    "hyphen": (
        SPRINGFIELD,
        "112-10 35th Ave",
        "11210 35th Ave",
        "112-01 35th Ave",
        "112 35th Ave",
    ),
    "directional": (
        SPRINGFIELD,
        "123 Main St",
        "123 N Main St",
        "123 S Main St",
        "123 Main St N",
        "123 NW Main St",
        "123 N Main St N",
    ),
    "suffix": (
        SPRINGFIELD,
        "123 Main St",
        "123 Main Ave",
        "123 Main Rd",
        "123 Main",
        "123 Main St Ct",
    ),
    "name": (
        SPRINGFIELD,
        "123 Howell Ave",
        "123 Lowell Ave",
        "123 Old Howell Ave",
        "123 Howell Park Ave",
    ),
    "ordinal": (
        SPRINGFIELD,
        "123 3rd St",
        "123 33rd St",
        "123 13th St",
        "123 31st St",
    ),
    "lettered street": (
        SPRINGFIELD,
        "123 E St",
        "123 East St",
        "123 Avenue E",
        "123 E Ave",
        "123 N St",
        "123 North St",
    ),
    "unit": (
        SPRINGFIELD,
        "123 Main St",
        "123 Main St Apt 5",
        "123 Main St Apt 5B",
        "123 Main St Apt B",
        "123 Main St Apt 50",
    ),
    "kind of unit": (
        SPRINGFIELD,
        "123 Main St Apt 2",
        "123 Main St Fl 2",
        "123 Main St Bldg 2",
        "123 Main St Rm 2",
        "123 Main St Lot 2",
    ),
    "two units": (
        SPRINGFIELD,
        "123 Main St Bldg 1 Apt 2",
        "123 Main St Bldg 2 Apt 1",
        "123 Main St Apt 12",
        "123 Main St Apt 1-2",
    ),
    "number or unit": (
        SPRINGFIELD,
        "12 Main St Apt 3",
        "123 Main St",
        "3 Main St Apt 12",
        "12-3 Main St",
    ),
    "highway": (
        AUSTIN,
        "123 US 50",
        "123 Highway 50",
        "123 State Route 50",
        "123 County Road 50",
        "123 FM 50",
        "123 Interstate 50",
    ),
    "route letters": (
        AUSTIN,
        "123 Route 9",
        "123 Route 9W",
        "123 Route 9 W",
        "123 W Route 9",
    ),
    "boxes": (
        SPRINGFIELD,
        "PO Box 12",
        "PO Box 21",
        "RR 1 Box 12",
        "RR 2 Box 12",
        "HC 1 Box 12",
        "12 Main St",
        "12 Main St PO Box 12",
    ),
    "urbanization": (
        SAN_JUAN,
        "15 Calle A",
        "URB Las Flores, 15 Calle A",
        "URB Las Palmas, 15 Calle A",
        "BO Las Palmas, 15 Calle A",
    ),
    "building": (
        SPRINGFIELD,
        "1 Market Plz Spear Tower Ste 100",
        "1 Market Plz Steuart Tower Ste 100",
        "1 Market Plz Ste 100",
    ),
    "scanned letters": (
        SPRINGFIELD,
        "123 Bail St",
        "123 Ball St",
        "123 Ba1l St",
    ),
    "via and viaduct": (SPRINGFIELD, "123 Via Roma", "123 Viaduct Roma", "123 Roma"),
    "number sign and directional": (
        SPRINGFIELD,
        "123 Main St N Apt B",
        "123 Main St Apt B",
        "123 N Main St Apt B",
    ),
    "side of a number": (SPRINGFIELD, "123 Main St Apt 2 East", "123 Main St Apt 2E", "123 Main St Apt E2"),
    "house in the yard": (
        SPRINGFIELD,
        "123 Main St",
        "123 Main St Rear",
        "123 Main St Back",
        "123 Main St Rear House",
        "123 Main St Guest House",
        "123 Main St Casita",
        "123 Main St Studio",
    ),
    "no name": (SPRINGFIELD, "12 No Name Rd", "12 N Name Rd"),
    "number sign behind a road": (
        SPRINGFIELD,
        "123 W State Rd Apt A",
        "123 W State Rd",
        "123 W County Road 5",
        "123 W County Road 5 Apt 5",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_these_spellings_are_one_door(name: str) -> None:
    place, *lines = SAME[name]
    found = [keys_of(line, place) for line in lines]
    assert found == [found[0]] * len(lines)


@pytest.mark.parametrize("name", DIFFERENT)
def test_these_are_different_doors(name: str) -> None:
    place, *lines = DIFFERENT[name]
    for one, other in itertools.combinations(lines, 2):
        assert not keys_of(one, place) & keys_of(other, place), (one, other)


def test_the_unit_may_stand_in_line_1_or_line_2() -> None:
    expected = keys_of("123 Main St Apt 5", SPRINGFIELD)
    assert keys_of("123 Main St", SPRINGFIELD, "Apt 5") == expected
    assert keys_of("Apt 5", SPRINGFIELD, "123 Main St") == expected


def test_one_line_and_four_fields_are_the_same() -> None:
    expected = keys_of("123 Main St Apt 5", SPRINGFIELD)
    for line in (
        "123 Main St Apt 5, Springfield, IL 62704",
        "123 main st apt 5 springfield illinois 62704-1234",
        "123 MAIN ST APT 5 SPRINGFIELD IL 627041234 USA",
        "123 Main St, Apt 5, Springfield, Ill., 62704, United States",
    ):
        assert keys_of(line, ("", "", "")) == expected, line


def test_a_city_that_repeats_in_the_line_is_no_street() -> None:
    assert keys_of("465 East 170th Street South Holland", ("Chicago", "IL", "60473")) == keys_of(
        "465 E 170th St", ("South Holland", "IL", "60473")
    )


def test_inside_a_zip_the_city_is_no_evidence() -> None:
    assert keys_of("123 Main St", ("Springfield", "IL", "62704")) == keys_of(
        "123 Main St", ("Chatham", "IL", "62704")
    )


def test_a_lost_leading_zero_comes_back_where_the_state_accepts_it() -> None:
    assert keys_of("123 Main St", ("Framingham", "MA", "1701")) == keys_of(
        "123 Main St", ("Framingham", "MA", "01701")
    )
    assert examine_address(RawAddress("123 Main St", "", "Springfield", "IL", "1701")).delivery_point is None


def test_a_unit_letter_before_the_city_is_no_part_of_the_city() -> None:
    """East Providence is a city of that ZIP Code too."""
    place = ("Providence", "RI", "02903")
    assert keys_of("1 Common St Apt E Providence RI 02903", ("", "", "")) == keys_of(
        "1 Common St Apt E", place
    )
