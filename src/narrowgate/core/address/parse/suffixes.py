"""Street suffixes: which words end a street name, and the one spelling of each.

A suffix is read as a suffix only when it is one of the words that name a kind of thoroughfare and nothing else. Words
that as often belong to the name (``COTTAGE GROVE``, ``STONY ISLAND``, ``CENTRAL PARK``) stay in the name, in
one spelling: so the same street is equal whether or not its ``AVE`` follows.
"""

from __future__ import annotations

from narrowgate.core.address.words.word_list import words as word_set
from narrowgate.core.base.tables import read_table

_THOROUGHFARES = word_set(
    """
    ALY AVE BLVD BYP CIR CIRS CORS CRES CSWY CT CTS CURV CV CVS DR DRS EXPY EXT EXTS FWY HWY LN LOOP
    MALL MEWS MTWY OPAS PASS PATH PIKE PKWY PL PLZ PSGE RAMP RD RDS ROW RUE SKWY SQ SQS ST STRA STS
    TER TPKE TRFY TRL TRWY TUNL UPAS WALK WAY WAYS XING XRD XRDS
    """
)
"""Standard abbreviations of the suffixes that name a thoroughfare."""

_ELSEWHERE_SEEN = {
    "AVENIDA": "AVE", "AVDA": "AVE", "BLV": "BLVD", "BVD": "BLVD", "BLVRD": "BLVD", "BULEVAR": "BLVD", "CRT": "CT",
    "CIRCL": "CIR", "DRIV": "DR", "EXPWY": "EXPY", "EXPRWY": "EXPY", "HGWY": "HWY", "HY": "HWY",
    "HWYS": "HWY", "LNE": "LN", "PLC": "PL", "PRKWY": "PKWY", "PARKWY": "PKWY", "PWY": "PKWY", "PKWAY": "PKWY",
    "STRE": "ST", "TPK": "TPKE", "TRC": "TRCE", "TR": "TRL", "CROSSINGS": "XING", "TERRANCE": "TER",
    "HGTS": "HTS", "BL": "BLVD",
}  # fmt: skip
"""Spellings in common use that the appendix does not list, by standard abbreviation."""

STREET_SUFFIXES: dict[str, str] = {}
"""Every spelling of a thoroughfare suffix, and its standard abbreviation."""

LAST_WORDS: dict[str, str] = {}
"""Every spelling of any suffix, and the word that denotes it where it ends a street that has no suffix."""

SUFFIX_WORDS: dict[str, str] = {}
"""Every standard abbreviation, and its word."""

NAME_WORDS: dict[str, str] = {}
"""Every spelling that is written out inside a street name, before its suffix, and its word.

Only an abbreviation that is no word and no surname of its own is, because the appendix abbreviates suffixes, not
names: ``FRY RD`` is not ``FERRY RD``, nor ``TRAILS DR`` ``TRAIL DR``.
"""

PLAIN_SUFFIXES = frozenset(("ST", "AVE", "RD", "BLVD", "DR", "LN", "HWY", "FWY", "EXPY", "TPKE", "PKWY"))
"""Suffixes behind which a word that is no part of a delivery line is not understood."""


def _read_table() -> None:
    for row in read_table("narrowgate.core.address.words", "suffixes.txt"):
        primary, standard, *others = row.split()
        word = SUFFIX_WORDS.setdefault(standard, primary)
        for spelling in (primary, standard, *others):
            LAST_WORDS.setdefault(spelling, word)
            if standard in _THOROUGHFARES:
                STREET_SUFFIXES[spelling] = standard
    for spelling, standard in _ELSEWHERE_SEEN.items():
        LAST_WORDS.setdefault(spelling, SUFFIX_WORDS.get(standard, spelling))
        if standard in _THOROUGHFARES:
            STREET_SUFFIXES[spelling] = standard
    for row in read_table("narrowgate.core.address.words", "name_words.txt"):
        spelling, word, _ = row.split(maxsplit=2)
        NAME_WORDS[spelling] = word


_read_table()
