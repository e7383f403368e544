"""Institutions named in an address: nobody's home, and never an answer about where a person lives."""

from __future__ import annotations

import re
from itertools import takewhile

from narrowgate.core.address.parse.suffixes import PLAIN_SUFFIXES, STREET_SUFFIXES
from narrowgate.core.address.sufficiency.reading import (
    DIRECTIONS,
    STREET_TYPES,
    UNIT_WORDS,
    AddressReading,
    Words,
)
from narrowgate.core.address.words.word_list import phrases, words

_CUSTODY = words(
    """
    JAIL JAILS PRISON PRISONS DETENTION CORRECTIONAL CORRECTIONS CORRECTION PENITENTIARY REFORMATORY
    STOCKADE IMMIGRATION SHERIFF SHERIFFS POLICE CONSTABLE COURTHOUSE EMBASSY CONSULATE PROBATION PAROLE
    INCARCERATION CARCEL PRISION PENITENCIARIA RECLUSORIO COMISARIA EMBAJADA CONSULADO TRIBUNAL JUZGADO
    """
)
_LODGING_AND_CARE = words(
    """
    HOTEL MOTEL HOSTEL TRAVELODGE HOSPITAL HOSP CLINIC SHELTER ALBERGUE YMCA YWCA GREYHOUND REHAB
    """
)
_NO_ROAD_OF_HOMES = words(
    "JAIL PRISON PENITENTIARY DETENTION CORRECTIONAL CORRECTIONS CORRECTION REFORMATORY INCARCERATION IMMIGRATION"
)
"""Words that a road is named by alone only where it leads to the place itself: ``100 PRISON RD``."""
_WORSHIP_AND_INNS = words(
    """
    INN CHURCH CHAPEL CATHEDRAL SYNAGOGUE MOSQUE TABERNACLE BASILICA RECTORY MINISTRIES CONVENT
    MONASTERY IGLESIA PARROQUIA CATEDRAL MEZQUITA
    """
)
"""Words that streets are named by themselves: ``100 CHURCH``."""

INSTITUTION_PHRASES = phrases(
    """
    MEDICAL CENTER|MEDICAL CTR|MED CTR|MED CENTER|HEALTH CENTER|HEALTH CTR|CENTRO MEDICO
    PROCESSING CENTER|PROCESSING CTR|PROC CENTER|PROC CTR|SERVICE PROCESSING|STAGING FACILITY
    HOLDING FACILITY|HOLD ROOM|HOLDROOM|FIELD OFFICE|SUB OFFICE|DISTRICT OFFICE|ASYLUM OFFICE
    BORDER PATROL|BORDER STATION|PORT OF ENTRY|CUSTOMS AND BORDER|IMMIGRATION AND CUSTOMS
    HOMELAND SECURITY|DEPARTMENT OF|DEPT OF|OFFICE OF THE|PUBLIC DEFENDER|DISTRICT ATTORNEY|CITY HALL
    TOWN HALL|JUSTICE CENTER|JUSTICE CTR|JUSTICE COMPLEX|LAW ENFORCEMENT|PUBLIC SAFETY|FEDERAL BUILDING
    FEDERAL BLDG|COURT OF|SUPERIOR COURT|DISTRICT COURT|MUNICIPAL COURT|IMMIGRATION COURT|CIRCUIT COURT
    COUNTY COURT|SUPREME COURT|CRIMINAL COURT|FAMILY COURT|FEDERAL COURT|COURT HOUSE|SOCIAL SERVICES
    HUMAN SERVICES|CATHOLIC CHARITIES|SALVATION ARMY|RESCUE MISSION|GOSPEL MISSION|UNION MISSION
    CITY MISSION|SOUP KITCHEN|HALFWAY HOUSE|WORK RELEASE|REENTRY CENTER|RE ENTRY CENTER|TREATMENT CENTER
    PRE RELEASE|BOOT CAMP|WORK CAMP|PRISON CAMP|JUVENILE HALL|JUVENILE CENTER|JUVENILE JUSTICE
    YOUTH CENTER|YOUTH SERVICES|YOUTH FACILITY|REGIONAL JUSTICE|EXTENDED STAY|SUPER 8|MOTEL 6|RED ROOF
    ECONO LODGE|BUS STATION|BUS TERMINAL|REFUGEE CENTER|CATHOLIC PARISH|PARISH OFFICE|PARISH CENTER
    MASONIC TEMPLE|HINDU TEMPLE|BUDDHIST TEMPLE|ISLAMIC CENTER|KINGDOM HALL|CENTRO DE DETENCION
    ESTACION MIGRATORIA|CASA DE MIGRANTES|CASA DEL MIGRANTE|RESIDENTIAL FACILITY|SECURE FACILITY
    STATE FACILITY|COUNTY FACILITY|STATE HOSP|STATE PEN|COUNTY PEN
    REHAB CENTER|REHAB CTR|REHABILITATION CENTER|TRANSITIONAL CENTER|TRANSITIONAL CTR|TRANSITIONAL HOUSING
    JUV HALL|JUV CTR|JUV CENTER|JUV DET|JUV JUSTICE|JUV FACILITY|JUVENILE DET|JUVENILE FACILITY|STUDIO 6|HOME2 SUITES
    INTOWN SUITES|IN TOWN SUITES|WOODSPRING SUITES|SIEGEL SUITES|COMFORT SUITES|QUALITY SUITES|SUBURBAN STUDIOS
    DET CENTER|DET CTR|DET FACILITY|DETN CENTER|DETN CTR|DETN FACILITY|CORR CENTER|CORR CTR|CORR FACILITY|CORR INST
    CORR INSTITUTION|US MARSHAL|US MARSHALS|U S MARSHAL|U S MARSHALS|NURSING HOME|GROUP HOME|SOBER HOUSE|SOBER LIVING
    ASSISTED LIVING|HOLDING CELL|CELL BLOCK|CITY LOCKUP|COUNTY LOCKUP|HOLIDAY INN
    HOMEWOOD SUITES|TOWNEPLACE SUITES|CANDLEWOOD SUITES|HOWARD JOHNSON|LA QUINTA INN|BEST WESTERN|MOTEL 168|BUDGET INN
    """
)
AGENCIES = words(
    "FCI USP FDC MDC MCC FMC FPC FTC CBP USCIS ERO TDCJ CDCR BOP EOIR FBI DEA USMS DHS ICE IGSA NCIC"
)
"""Names in capitals that count where a line starts with them; elsewhere they are units and initials."""

_ORDINARY_AFTER_ICE = words("HOUSE POND CREEK LAKE PLANT HARBOR CAVE CENTER AGE")
_PREFIX_TYPES = words("CALLE CALLEJON AVENIDA AVE CAMINO CARR CARRETERA VIA PASEO VEREDA RUE")
_MAIN_TYPES = frozenset(
    spelling
    for spelling, standard in STREET_SUFFIXES.items()
    if standard in PLAIN_SUFFIXES and spelling.isalpha()
) | words(
    """
    ST STREET STR AVE AVENUE AV RD ROAD DR DRIVE LN LANE BLVD BOULEVARD BLV CT CIR CIRCLE PL PKWY PKY
    PARKWAY HWY HIGHWAY WAY TER TERR TERRACE TRL TRAIL LOOP PIKE TPKE EXT RUN ALLEY ALY ROUTE RTE EXPY
    XING SQ
    """
)
_HOMES = words(
    """
    APTS APARTMENTS CONDO CONDOS CONDOMINIUM CONDOMINIUMS TOWERS MANOR ESTATES MHP TRAILER MOBILE
    TOWNHOMES TOWNHOUSES VILLAS VILLAGE RESIDENCES LOFTS SUBDIVISION SUBD URB URBANIZATION COND
    RESIDENCIAL BARRIO BO
    """
)
INSTITUTION_SINGLES = _CUSTODY | _LODGING_AND_CARE | _WORSHIP_AND_INNS
"""Words that name an institution wherever they are in a line."""
_PHRASE = re.compile(rf"\b(?:{'|'.join(sorted(INSTITUTION_PHRASES))})\b")
SINGLE_INSTITUTION_WORDS = INSTITUTION_SINGLES | AGENCIES
"""Words that name an institution by themselves."""
PHRASE_WORDS = frozenset(max(phrase.split(), key=len) for phrase in INSTITUTION_PHRASES)
"""One word of every phrase that names an institution; with others beside it, it names a street as well as any."""
INSTITUTION_WORDS = SINGLE_INSTITUTION_WORDS | PHRASE_WORDS
"""No text without one of these words names an institution."""


def has_phrase(text: str) -> bool:
    """Whether a phrase that names an institution stands in the text, be it a part of a street's name or not."""
    return _PHRASE.search(text) is not None


def names_institution(reading: AddressReading) -> bool:
    """Whether a jail, prison, court, police or agency office, hospital, shelter, hotel or church is named.

    A word counts unless it is part of a street's name (``CHURCH ST``, ``UNION GROVE CHURCH RD``,
    ``JAIL CREEK RD``, ``100 CHURCH``) or of the name of homes (``MISSION CHAPEL APTS``).
    """
    if INSTITUTION_WORDS.isdisjoint(reading.words):
        return False
    return any(_line_names_institution(line) for line in reading.street)


def names_institution_in_a_city(words: Words) -> bool:
    """Whether a place of custody, care or lodging is named where a city should be; churches name places too."""
    return not (_CUSTODY | _LODGING_AND_CARE).isdisjoint(words) or has_phrase(" ".join(words))


def _line_names_institution(line: Words) -> bool:
    return (
        any(word in INSTITUTION_SINGLES and not _is_in_name(line, at, at) for at, word in enumerate(line))
        or _phrase_names_institution(line)
        or _starts_with_agency(line)
    )


def _phrase_names_institution(line: Words) -> bool:
    text = " ".join(line)
    for found in _PHRASE.finditer(text):
        first = text.count(" ", 0, found.start())
        if not _is_in_name(line, first, first + found[0].count(" ")):
            return True
    return False


def _starts_with_agency(line: Words) -> bool:
    """Whether an agency begins the line, or is all of a street's name behind a house number: ``1 ICE``, ``1 FBI``."""
    if line[0].isdigit():
        line = line[1:]
        if not STREET_TYPES.isdisjoint(line):
            return False
    if not line or line[0] not in AGENCIES:
        return False
    return line[0] != "ICE" or len(line) == 1 or line[1] not in _ORDINARY_AFTER_ICE


def _is_in_name(line: Words, first: int, last: int) -> bool:
    """Whether the words from ``first`` to ``last`` are part of a street's name, or of the name of homes."""
    bare = line[first] in _WORSHIP_AND_INNS or (line[last] in STREET_TYPES and line[last] != "CAMP")
    if bare and not _HOMES.isdisjoint(line):
        return True
    number = next(
        (at for at, word in enumerate(line[:first]) if word[-1:].isdigit() or word[:1].isdigit()), -1
    )
    start = number + 1
    while start < first and line[start] in DIRECTIONS:
        start += 1
    is_whole_name = first == last == start and "".join(line[last + 1 : last + 2]) in _MAIN_TYPES | {"COURT"}
    if is_whole_name and line[first] in _NO_ROAD_OF_HOMES:
        return False
    if _is_typed(line, start, first, last, has_number=number >= 0):
        return True
    if not _PREFIX_TYPES.isdisjoint(line[:first]):
        return bare or line[last] == "HOSPITAL"
    return bare and number >= 0 and start == first and _ends(line[last + 1 :])


def _is_typed(line: Words, start: int, first: int, last: int, *, has_number: bool) -> bool:
    """Whether a street suffix follows the words, and the street was not complete before them."""
    following = line[last + 1 : last + 5]
    if following[:1] and following[0] in (STREET_TYPES if has_number else _MAIN_TYPES):
        return True
    complete = has_number and any(word in _MAIN_TYPES for word in line[start + 1 : first])
    name = takewhile(lambda word: not word.isdigit() and word not in UNIT_WORDS, following)
    return not complete and any(word in _MAIN_TYPES for word in name)


def _ends(rest: Words) -> bool:
    """Whether the street name is over: nothing follows but a directional or a unit."""
    rest = rest[1:] if rest and rest[0] in DIRECTIONS else rest
    return not rest or rest[0] in UNIT_WORDS or rest[0][0].isdigit()
