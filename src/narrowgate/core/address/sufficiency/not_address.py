"""Texts that are something other than an address: a telephone number, a ZIP alone, a description."""

from __future__ import annotations

import re
from itertools import chain

from narrowgate.core.address.sufficiency.reading import AddressReading
from narrowgate.core.address.words.word_list import words

LONGEST_ADDRESS = 240
"""Characters in all fields; the longest of 31,000 real addresses has 102."""

_CONTACT_SIGN = re.compile(r"[@(:.-]")
_CONTACT = re.compile(
    r"\w@\w[\w-]*\.\w"  # e-mail
    r"|\bHTTPS?:|\bWWW\.|\w\.(?:COM|ORG|NET|GOV)\b"
    r"|\(\d{3}\)\s?\d{3}[-. ]?\d{4}|(?<![\d-])\d{3}[-.]\d{3}[-.]\d{4}(?![\d-])"  # telephone
    r"|(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"  # SSN or ITIN
    r"|\b(?:PHONE|TEL|CELL|TELEFONO|SSN|EMAIL|E-MAIL|ALIEN NO|A-NUMBER)\b\s?[:.]"
)
_ALIEN_NUMBER = re.compile(r"(?:ALIEN )?A ?(?:NUMBER |NO |NUM )?\d{3} ?\d{3} ?\d{2,3}\b")
DESCRIPTION_WORDS = words(
    """
    CORNER INTERSECTION ACROSS NEXT FRONT MI MILE MILES MILEMARKER ESQUINA FRENTE LADO DETRAS CERCA JUNTO NEAR BEHIND
    BETWEEN BESIDE OFF OUTSIDE ENTRE 1367 PAST DOWN END TURN LAST HOUSE HOUSES BLOCK BLOCKS DOORS LEFT RIGHT CASAS
    CUADRAS CUADRA ULTIMA PASANDO ORILLAS ATRAS VUELTA FINAL RUMBO STORE
    """
)
_DESCRIPTION = re.compile(
    r"\b(?:CORNER OF|INTERSECTION OF|ACROSS (?:THE STREET )?FROM|NEXT TO|IN FRONT OF|MILE ?MARKER"
    r"|ESQUINA DE|FRENTE AL?|AL LADO DE|DETRAS DE|CERCA DE|JUNTO AL?)\b"
    r"|\bMI(?:LES?)? (?:N|S|E|W|NE|NW|SE|SW|NORTH|SOUTH|EAST|WEST) (?:OF|FROM)\b"
    r"|\bU ?S ?C (?:SECTION |SEC )?1367\b"  # 8 U.S.C. 1367 protects some addresses
    r"|\b[0-9]+ (?:HOUSES?|DOORS?|BLOCKS?|STREETS?|MILES?|LOTS?|TRAILERS?|CASAS?|CUADRAS?|MILLAS?|PUERTAS?)"
    r" (?:PAST|DOWN|FROM|UP|BEFORE|AFTER|BEYOND|BEHIND|AWAY|OFF|OVER|DESPUES|ANTES|ABAJO|ARRIBA|DE|DEL|PASANDO|OUT"
    r"|(?:NORTH|SOUTH|EAST|WEST|N|S|E|W) (?:OF|FROM))\b"
    r"|\b(?:PAST|BY|NEAR|FROM|ACROSS) THE"
    r" (?:STORE|CHURCH|SCHOOL|BRIDGE|GAS|STATION|LIGHT|SIGN|BARN|TRACKS|CREEK|DAM|PARK)\b"
    r"|\b(?:FIRST|LAST|SECOND|THIRD|NEXT|[0-9]+(?:ST|ND|RD|TH)) (?:HOUSE|TRAILER|DOOR|LEFT|RIGHT)"
    r" (?:ON|TO|PAST|FROM|AT|AFTER)\b"
    r"|\b(?:HOUSE|TRAILER|DOOR) (?:ON|TO) (?:THE )?(?:LEFT|RIGHT|CORNER)\b|\bTURN (?:LEFT|RIGHT)\b"
    r"|\bDOWN THE (?:ROAD|STREET|HILL|BLOCK)\b|\b(?:AT THE )?END OF (?:THE )?(?:ROAD|STREET|BLOCK|LANE)\b"
    r"|\bULTIMA CASA\b|\bPASANDO (?:EL|LA)\b|\bA LA VUELTA\b|\bAL FINAL DE\b|\bA ORILLAS? DEL?\b"
    r"|\bATRAS DEL?\b|\bRUMBO AL?\b"
    r"|^(?:NEAR|BEHIND|BETWEEN|BESIDE|OFF OF|OUTSIDE|ENTRE)\b"
)


def is_no_address(reading: AddressReading) -> bool:
    """Whether the text cannot be an address: blank, digits or a locality only, or another thing.

    Source: the 2025 run took any text with five or nine digits in it for an address.
    """
    return (
        all(map(str.isdigit, chain.from_iterable(reading.street)))
        or _has_contact(reading.text)
        or any(_ALIEN_NUMBER.match(" ".join(line)) for line in reading.street if line[0][0] == "A")
        or _is_description(reading)
    )


def _has_contact(text: str) -> bool:
    return _CONTACT_SIGN.search(text) is not None and _CONTACT.search(text) is not None


def _is_description(reading: AddressReading) -> bool:
    return not DESCRIPTION_WORDS.isdisjoint(reading.words) and any(
        _DESCRIPTION.search(" ".join(line)) for line in reading.street
    )
