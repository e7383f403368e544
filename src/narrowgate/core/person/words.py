"""Words in name fields that are not names: particles, suffixes, titles, placeholders."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DROPPABLE_PARTICLES = _words(
    """
    DE DEL DELA LA LAS LOS LE DA DAS DO DOS DI DU DES DELLA DELLO DEGLI DALLA
    VAN VON DER DEN TEN TER ZU ZUR ZUM AF AV
    AL EL UL BIN BEN IBN BINT
    """
)
"""Joined to the surname after them; beside a TIN the surname without them is evidence too."""

KEPT_PARTICLES = _words("O D MC MAC FITZ ST SAN SANTA SANTO ABU ABD ABDUL ABDEL")
"""Joined to the surname after them, and part of it: BRIEN is not O'BRIEN, MARTIN not SAN MARTIN."""

GIVEN_PARTICLES = _words("DE DEL LA LAS LOS LE DA ABU ABD UL ABDUL ABDEL")
"""Joined to the given name after them: DE SHAWN, LA TOYA, ABDUL RAHMAN."""

SAINTS = {"SAINT": "ST", "SAINTE": "ST", "STE": "ST", "STA": "SANTA", "STO": "SANTO"}
"""How a saint is written before another word: SAINT JAMES and STE MARIE with ``ST``, STA MARIA and STO DOMINGO in
full."""

CONNECTIVES = frozenset({"Y"})
"""Between two surnames, no name: ORTEGA Y GASSET. (The Portuguese E falls away as every single letter does.)"""

FORMER_NAME = "NEE"
"""Between two surnames: the one behind it is that of before a marriage."""

ONE_LETTER_NAMES = frozenset("EOU")
"""Surnames and given names of one letter: Korean and Chinese O, E and U, Burmese U. Any other letter is an initial."""

KINSHIP_SUFFIXES = _words("FILHO NETO SOBRINHO BISNETO HIJO FILS")
"""Behind a surname they say whose son, grandson or nephew bears it (Portuguese, Spanish, Haitian), as JR does."""

ABBREVIATED_GIVEN_NAMES = {"MA": "MARIA"}
"""Written in full before another given name: MA. GUADALUPE and Mª DEL CARMEN; MA alone is a name."""

NAMES_BEHIND_JOSE = _words(
    """
    ASCENCION ASCENSION ASUNCION CARMEN CONCEPCION CRUZ DOLORES ENCARNACION GUADALUPE INES ISABEL JESUS LUZ MERCED
    MERCEDES NATIVIDAD PILAR REFUGIO REMEDIOS REYES ROSARIO SALOME SALUD SANTOS SOCORRO SOLEDAD TRINIDAD
    """
)
"""Devotional names that Mexican men bear behind JOSE, written J or left out: J. JESUS is JOSE JESUS and JESUS."""

GENERATIONS = _words("JR SR II III IV 2ND 3RD 4TH 5TH")
"""Generational suffixes that are never a name; the birth date or the TIN tells father from son."""

TRAILING_GENERATIONS = _words("JUNIOR SENIOR V VI")
"""Suffixes after a name, names when they come first (VI TRAN)."""

CREDENTIALS = _words("MD PHD ESQ CPA DDS DVM RN JD")
"""Removed at the end of a surname only: MD before a name is short for a given name."""

TITLES = _words("MR MRS MS MISS MISTER MX DR DRA REV PROF HON SRA SRTA LIC")
"""Removed at the start of the given names where another word follows."""

SEVERAL_NAMES = _words("AKA ALIAS FKA NKA DBA AND ESTATE TRUST TRUSTEE LLC INC CORP")
"""Words that show that the field names more, or something else, than one natural person."""

PLACEHOLDERS = _words(
    """
    UNKNOWN UNK UNKN UNKNOWNNAME NAMEUNKNOWN NOTKNOWN UNAVAILABLE NOTAVAILABLE NOTGIVEN NOTPROVIDED REFUSED
    WITHHELD FNU LNU MNU FNULNU NFN NLN NMN NMI NFNNLN NONAME NOFIRSTNAME NOLASTNAME NOSURNAME NOGIVENNAME
    NAMELESS FIRSTNAMEUNKNOWN LASTNAMEUNKNOWN SURNAMEUNKNOWN FIRSTNAME LASTNAME GIVENNAME SURNAME FULLNAME
    NONE NOTAPPLICABLE ANONYMOUS UNIDENTIFIED UNNAMED TBD TEST TESTING BABY BABYBOY BABYGIRL BABYMALE
    BABYFEMALE INFANT INFANTBOY INFANTGIRL NEWBORN MALECHILD FEMALECHILD DESCONOCIDO DESCONOCIDA
    NOMBREDESCONOCIDO SINNOMBRE SINAPELLIDO SINAPELLIDOS NOTIENE NINGUNO NINGUNA NOSABE NOAPLICA ANONIMO XX
    XXX XXXX XXXXX XXXXXX
    """
)
"""Texts that say that no name is known, spaces removed. JOHN DOE is a name people have, and NULL and NA are
surnames."""

O_SURNAMES = _words(
    """
    BANNON BOYLE BRIEN BRYAN BRYANT CALLAGHAN CONNELL CONNER CONNOR CONOR DAY DELL DONNELL DONOGHUE DONOHUE
    DONOVAN DOWD DRISCOLL DWYER FARRELL FLAHERTY FLYNN GARA GORMAN GRADY HAGAN HALLORAN HANLON HARA HARE
    HEARN HERN KANE KEEFE KEEFFE KELLEY KELLY LEARY LOUGHLIN MALLEY MARA MEARA MELIA NEAL NEIL NEILL QUINN
    REGAN REILLY RILEY ROARKE ROURKE SHAUGHNESSY SHEA SHIELDS SULLIVAN TOOLE
    """
)
"""Surnames that follow ``O``: in an unmarked full name any other ``O`` is a middle initial."""
