"""Secondary unit designators, Publication 28 Appendix C2, with their Spanish forms (section 29)."""

from __future__ import annotations

from narrowgate.core.address.words.word_list import words as word_set

ANY_UNIT = ""
"""The designator of an apartment, suite, unit or number: these words are equal and leave no trace."""


def _spellings(table: dict[str, str]) -> dict[str, str]:
    return {spelling: designator for designator, spellings in table.items() for spelling in spellings.split()}


DESIGNATORS: dict[str, str] = _spellings(
    {
        ANY_UNIT: "APT APTS APARTMENT APMT APTMNT APRT AP APTO APARTAMENTO DEPTO DPTO DEPARTAMENTO UNIT STE SUITE SUIT "
        "# NO NUM NUMBER NUMERO NBR FLAT",
        "BLDG": "BLDG BUILDING BLG BLD EDIF EDIFICIO EDF",
        "ACCT": "ACCT ACCOUNT",
        "BAY": "BAY",
        "BED": "BED",
        "BLK": "BLK BLOCK BLQ BLOQUE",
        "CABIN": "CABIN",
        "CONDO": "CONDO CND COND CONDOMINIUM",
        "COTTAGE": "COTTAGE",
        "DEPT": "DEPT DEPARTMENT",
        "DOCK": "DOCK",
        "DOOR": "DOOR",
        "DORM": "DORM DORMITORY",
        "DUPLEX": "DUPLEX DUPL",
        "FL": "FL FLOOR FLR PISO",
        "HNGR": "HNGR HANGAR HANGER",
        "HOUSE": "HSE CASA",
        "INT": "INT INTERIOR",
        "KEY": "KEY",
        "LEVEL": "LEVEL LVL",
        "LOCAL": "LOCAL",
        "LOCKBOX": "LOCKBOX LBX LB",
        "LOT": "LOT LT LOTE",
        "MC": "MC MAILCODE",
        "OFC": "OFC OFFICE OFICINA OFIC",
        "PAD": "PAD",
        "PH": "PH PENTHOUSE",
        "PIER": "PIER",
        "RM": "RM ROOM CUARTO",
        "SITE": "SITE",
        "SLIP": "SLIP",
        "SPC": "SPC SPACE SP",
        "STUDIO": "STUDIO",
        "STALL": "STALL",
        "STOP": "STOP",
        "TH": "TH TOWNHOUSE TWNHSE TOWNHOME TWNHM",
        "TOWER": "TOWER TWR TORRE",
        "TRIPLEX": "TRIPLEX TRI",
        "TRLR": "TRLR TRAILER",
        "WING": "WING",
    }
)
"""Every spelling of a designator that an identifier follows."""

GENERAL: dict[str, str] = _spellings(
    {
        "APT": "APT APTS APARTMENT APMT APTMNT APRT AP APTO APARTAMENTO DEPTO DPTO DEPARTAMENTO FLAT",
        "UNIT": "UNIT UT",
        "STE": "STE SUITE SUIT",
    }
)
"""The general designators that say which of two general units an identifier is (``APT 2 UNIT 3``)."""

STANDING_ALONE: dict[str, str] = _spellings(
    {
        "ATTIC": "ATTIC",
        "BACK": "BACK",
        "CASITA": "CASITA",
        "COACH HOUSE": "CH COACHHOUSE",
        "CONFERENCE": "CONFERENCE",
        "COTTAGE": "COTTAGE",
        "BSMT": "BSMT BASEMENT BSMNT SOTANO",
        "DOWN": "DOWN DOWNSTAIRS DNSTRS",
        "FRNT": "FRNT FRONT",
        "GARAGE": "GARAGE GRG",
        "GARDEN": "GARDEN GDN GRDN",
        "INT": "INT INTERIOR",
        "LBBY": "LBBY LOBBY",
        "LEFT": "LEFT LFT",
        "LOWR": "LOWR LOWER LWR BAJOS",
        "MEZZ": "MEZZ MEZZANINE",
        "OFC": "OFC OFFICE",
        "PH": "PH PENTHOUSE",
        "REAR": "REAR",
        "RIGHT": "RIGHT RGHT",
        "SIDE": "SIDE",
        "STUDIO": "STUDIO",
        "UP": "UP UPSTAIRS UPSTRS",
        "UPPR": "UPPR UPPER UPR ALTOS",
    }
)
"""Every spelling of a designator that needs no identifier."""

TWO_WORDS: dict[tuple[str, str], str] = {
    (word, "HOUSE"): f"{word} HOUSE" for word in ("GUEST", "CARRIAGE", "BACK", "REAR", "COACH", "FRONT")
} | {("CONFERENCE", "ROOM"): "CONFERENCE", ("CONFERENCE", "RM"): "CONFERENCE"}
"""Designators of two words, kept apart from ``BACK`` and ``REAR``."""

UNMISTAKABLE = word_set(
    """
    APT APARTMENT APMT APTMNT APRT AP APTO APARTAMENTO DEPTO DPTO UNIT STE SUITE # FLAT
    BLDG BUILDING BLG EDIF EDIFICIO FL FLOOR FLR
    PISO RM ROOM LOT LT SPC SPACE TRLR TRAILER DEPT DEPARTMENT HNGR HANGAR PH PENTHOUSE OFC OFFICE
    LOCKBOX LBX LB MC SLIP
    """
)
"""Designators that end a street name wherever an identifier follows them."""

NEEDING_AN_IDENTIFIER = word_set("APT APARTMENT APMT APTO APARTAMENTO UNIT STE SUITE #")
"""Designators that say "a unit" even at the end of the line, where the identifier is missing."""

NAMED_BUILDINGS = {
    "BLDG": "BLDG", "BUILDING": "BLDG", "TOWER": "TOWER", "TWR": "TOWER", "HALL": "HALL", "WING": "WING",
}  # fmt: skip
"""Words behind the name of a building that has a secondary address of its own."""

OUTERMOST_FIRST: dict[str, int] = {
    "BLK": 0, "BLDG": 1, "TOWER": 2, "WING": 2, "HALL": 2, "DORM": 2, "HOUSE": 2, "FL": 3, "LEVEL": 3,
}  # fmt: skip
"""The order of several units; designators not listed come last."""

FLOOR_WORDS = frozenset(("FL", "FLOOR", "FLR", "PISO", "STORY"))
FLOOR_NAMES: dict[str, str] = {
    "GROUND": "FL G", "MAIN": "FL MAIN", "TOP": "FL TOP", "LOWER": "LOWR", "LOWR": "LOWR",
    "UPPER": "UPPR", "UPPR": "UPPR", "BASEMENT": "BSMT", "GARDEN": "FL GARDEN",
}  # fmt: skip
"""Floors with a name instead of a number: what comes before ``FLOOR`` or ``LEVEL``."""
