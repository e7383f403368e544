"""Real ZIP codes with their cities and states, and the stuff that street names are made of."""

from __future__ import annotations

from typing import Final, NamedTuple


class SyntheticPlace(NamedTuple):
    """One ZIP code: its city and state, and another name of the city that the Postal Service accepts."""

    zip5: str
    city: str
    state: str
    other_city: str = ""


def _places(text: str) -> tuple[SyntheticPlace, ...]:
    return tuple(SyntheticPlace(*line.strip().split("|")) for line in text.strip().splitlines())


PLACES: Final = _places(
    """
    77036|HOUSTON|TX
    77081|HOUSTON|TX
    78207|SAN ANTONIO|TX
    79907|EL PASO|TX
    75217|DALLAS|TX
    76119|FORT WORTH|TX|FOREST HILL
    90011|LOS ANGELES|CA
    90044|LOS ANGELES|CA
    92105|SAN DIEGO|CA
    93307|BAKERSFIELD|CA
    95122|SAN JOSE|CA
    94601|OAKLAND|CA
    85009|PHOENIX|AZ
    85705|TUCSON|AZ
    89030|NORTH LAS VEGAS|NV|N LAS VEGAS
    87105|ALBUQUERQUE|NM
    80219|DENVER|CO
    66101|KANSAS CITY|KS
    64124|KANSAS CITY|MO
    68107|OMAHA|NE
    60623|CHICAGO|IL
    60804|CICERO|IL|CHICAGO
    46222|INDIANAPOLIS|IN
    48209|DETROIT|MI
    53204|MILWAUKEE|WI
    55407|MINNEAPOLIS|MN
    43207|COLUMBUS|OH|OBETZ
    40214|LOUISVILLE|KY
    37211|NASHVILLE|TN
    35215|BIRMINGHAM|AL|CENTER POINT
    30329|ATLANTA|GA|BROOKHAVEN
    30340|ATLANTA|GA|DORAVILLE
    28212|CHARLOTTE|NC
    23234|RICHMOND|VA|NORTH CHESTERFIELD
    22044|FALLS CHURCH|VA|SEVEN CORNERS
    20783|HYATTSVILLE|MD|ADELPHI
    20906|SILVER SPRING|MD|ASPEN HILL
    19140|PHILADELPHIA|PA|PHILA
    07105|NEWARK|NJ
    10456|BRONX|NY
    11368|CORONA|NY|FLUSHING
    11206|BROOKLYN|NY
    06606|BRIDGEPORT|CT
    02128|EAST BOSTON|MA|BOSTON
    02907|PROVIDENCE|RI|CRANSTON
    33010|HIALEAH|FL
    33125|MIAMI|FL
    33614|TAMPA|FL
    72209|LITTLE ROCK|AR
    73109|OKLAHOMA CITY|OK
    74115|TULSA|OK
    98108|SEATTLE|WA|TUKWILA
    97236|PORTLAND|OR
    83605|CALDWELL|ID
    05401|BURLINGTON|VT
    03102|MANCHESTER|NH
    """
)
"""Facts of the Postal Service, checked against the PyPI package ``zipcodes`` 3.0.0."""

RURAL_PLACES: Final = _places(
    """
    28328|CLINTON|NC
    39046|CANTON|MS
    35967|FORT PAYNE|AL
    38583|SPARTA|TN
    72736|GRAVETTE|AR
    65605|AURORA|MO
    31714|ASHBURN|GA
    """
)

PUERTO_RICO: Final = _places(
    """
    00924|SAN JUAN|PR
    00956|BAYAMON|PR
    00725|CAGUAS|PR
    """
)

STATE_NAMES: Final = {
    "TX": "Texas",
    "CA": "California",
    "AZ": "Arizona",
    "NV": "Nevada",
    "NM": "New Mexico",
    "CO": "Colorado",
    "IL": "Illinois",
    "FL": "Florida",
    "GA": "Georgia",
    "NC": "North Carolina",
    "NY": "New York",
    "NJ": "New Jersey",
    "VA": "Virginia",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "OH": "Ohio",
    "TN": "Tennessee",
    "WA": "Washington",
    "OR": "Oregon",
    "MO": "Missouri",
    "OK": "Oklahoma",
}

STREET_NAMES: Final = tuple(
    name.strip()
    for name in """
    OAK|MAPLE|CEDAR|WALNUT|CHESTNUT|MAGNOLIA|SYCAMORE|JUNIPER|MULBERRY|HICKORY|WASHINGTON|JEFFERSON|LINCOLN
    |MADISON|MONROE|ROOSEVELT|FRANKLIN|HAMILTON|HARRISON|CLEVELAND|LIBERTY|INDEPENDENCE|COMMERCE|INDUSTRIAL
    |RIVERSIDE|LAKEVIEW|HILLCREST|FAIRVIEW|SUNNYSIDE|WOODLAWN|BROOKSIDE|MEADOWBROOK|SHADY GROVE|COLLEGE
    |UNIVERSITY|MISSION|GUADALUPE|SAN PEDRO|SAN ANTONIO|SANTA FE|EL CAMINO REAL|LA CANADA|RIO GRANDE
    |MARTIN LUTHER KING JR|CESAR CHAVEZ|SAINT CHARLES|SAINT MARYS|MOUNT VERNON|MOUNT PLEASANT|FORT SUMTER
    |COLUMBUS|DEARBORN|KEDZIE|PULASKI|ASHLAND|HALSTED|CRENSHAW|WESTERN|VERMONT|NORMANDIE|BROADWAY
    |1ST|2ND|3RD|4TH|5TH|7TH|9TH|11TH|14TH|22ND|31ST|42ND|63RD|QUEENS|LEXINGTON|CONCORD|PROVIDENCE
    |COTTONWOOD|MESQUITE|PALMETTO|SAGEBRUSH|BUENA VISTA|LAS PALMAS|VISTA DEL SOL|PASEO VERDE
    """.replace("\n", "").split("|")
)
"""Names that streets have in many cities."""

WHOLE_NAMES: Final = frozenset(("BROADWAY", "BUENA VISTA", "PASEO VERDE", "SHADY GROVE"))
"""Of these, names that may stand without a suffix: none is left out where none is written."""

SUFFIXES: Final = {
    "ST": ("STREET", "STR", "St."),
    "AVE": ("AVENUE", "AV", "Ave."),
    "RD": ("ROAD", "Rd."),
    "DR": ("DRIVE", "DRV", "Dr."),
    "LN": ("LANE", "Ln."),
    "BLVD": ("BOULEVARD", "BOUL", "Blvd."),
    "CT": ("COURT", "Ct."),
    "PL": ("PLACE", "Pl."),
    "CIR": ("CIRCLE", "CIRC"),
    "TER": ("TERRACE", "TERR"),
    "PKWY": ("PARKWAY", "PKY"),
    "WAY": ("WY",),
}
"""Standard suffix to other writings of it (Publication 28 appendix C1)."""

DIRECTIONALS: Final = {
    "N": "North",
    "S": "South",
    "E": "East",
    "W": "West",
    "NE": "Northeast",
    "SW": "Southwest",
}

ORDINAL_WORDS: Final = {
    "1ST": "First",
    "2ND": "Second",
    "3RD": "Third",
    "4TH": "Fourth",
    "5TH": "Fifth",
    "7TH": "Seventh",
    "9TH": "Ninth",
    "11TH": "Eleventh",
    "14TH": "Fourteenth",
    "22ND": "Twenty Second",
    "31ST": "Thirty-First",
    "42ND": "Forty Second",
    "63RD": "Sixty-Third",
}

SHORT_WORDS: Final = {"SAINT": "St", "MOUNT": "Mt", "FORT": "Ft"}

URBANIZATIONS: Final = ("LAS GLADIOLAS", "VILLA CAROLINA", "LOS ANGELES", "EL COMANDANTE", "SANTA JUANITA")

CALLES: Final = ("AMAPOLA", "GARDENIA", "ORQUIDEA", "JAZMIN", "AZUCENA", "MARGARITA", "BEGONIA")
