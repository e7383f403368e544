"""Addresses of somebody else: in care of, a law office, general delivery, a private mailbox."""

from __future__ import annotations

import re

from narrowgate.core.address.sufficiency.reading import AddressReading
from narrowgate.core.address.words.word_list import words

_CARE_OF_SIGN = re.compile(r"[/\\%]")
CARE_OF_WORDS = words(
    """
    CO ATTN ATTENTION INCARE CARE CARGO CUIDADO ATENCION LAW ESQ ESQUIRE ATTORNEY ATTORNEYS LAWYER LAWYERS
    ABOGADO ABOGADA ABOGADOS ABOGADAS BUFETE NOTARIO TAX BLOCK
    """
)
_CARE_OF = re.compile(
    r"\bC\s?[/\\]\s?O\b|\bC\.O\.|(?<![\w%])%(?!\w*%)|\bA/C\b"
    r"|\b(?:ATTN|ATTENTION|(?:IN ?)?CARE OF|A CARGO DE|AL? CUIDADO DE|ATENCION A)\b"
    r"|\bLAW (?:OFFICES?|FIRM|GROUP|CENTER)\b|\b(?:ATTORNEYS?|LAWYERS?|COUNSELORS?) AT LAW\b"
    r"|\bESQ(?:UIRE)?\b\.?(?=[\s,]*(?:$|\d))"
    r"|\b(?:IMMIGRATION|DEFENSE|HIS|HER|THEIR) (?:ATTORNEYS?|LAWYERS?)\b"
    r"|\b(?:ABOGAD[OA]S?|BUFETE|NOTARIO PUBLICO)\b"
    r"|\b(?:INCOME TAX|TAX (?:SERVICES?|PREPARERS?|PREPARATION|OFFICE|CONSULTANTS?))\b"
    r"|\bH ?(?:&|AND) ?R BLOCK\b",
    re.MULTILINE,
)
GENERAL_DELIVERY_WORDS = words(
    """
    GEN GENERAL GENL GENRL GENDEL GENDELIVERY GENERALDELIVERY GD ENTREGA LISTA POSTE
    """
)
_GENERAL_DELIVERY = re.compile(
    r"\bGEN(?:ERAL|L|RL)? ?DEL(?:IV|VRY|IVRY|IVERY|VY)\b|^GEN(?:ERAL|L|RL)? ?DEL\b|^GD$"
    r"|\bENTREGA GENERAL\b|\bLISTA DE CORREOS\b|\bPOSTE RESTANTE\b"
)
PRIVATE_MAILBOX_WORDS = words(
    """
    P PRIVATE MAIL MAILBOX MAILBOXES BOXES STORE POSTNET POSTAL PARCEL IPOSTAL IPOSTAL1 FEDEX
    """
)
_PRIVATE_MAILBOX = re.compile(
    r"\bPMB ?\d*\b|\bP M B\b|\bPRIVATE MAIL ?BOX"
    r"|\bMAIL ?BOXES ETC|\bU ?P ?S STORE\b|\bPOSTNET\b|\bPA[CK]K? MAIL\b|\bPOSTAL ANNEX"
    r"|\bMAIL ?BOX(?:ES)? (?:PLUS|AND|N|USA|RENTALS?|STORE)\b|\b(?:ANYTIME|VIRTUAL) MAIL ?BOX\b"
    r"|\bIPOSTAL1?\b|\bEARTH CLASS MAIL\b|\bGOIN POSTAL\b|\bPARCEL PLUS\b"
    r"|\bPOSTAL (?:CONNECTIONS?|PLUS)\b|\bFEDEX OFFICE\b"
)


def is_care_of(reading: AddressReading) -> bool:
    """Whether the mail goes through somebody else: in care of, attention, a lawyer, a tax preparer."""
    if CARE_OF_WORDS.isdisjoint(reading.words) and not _CARE_OF_SIGN.search(reading.text):
        return False
    return _CARE_OF.search(reading.text) is not None or any(
        _CARE_OF.search(" ".join(line)) for line in reading.street
    )


def is_general_delivery(reading: AddressReading) -> bool:
    """Whether the mail waits at a post office (Publication 28 section 281)."""
    return not GENERAL_DELIVERY_WORDS.isdisjoint(reading.words) and any(
        says_general_delivery(" ".join(line)) for line in reading.street
    )


def says_general_delivery(line: str) -> bool:
    """The same of one line in capital letters without signs."""
    return _GENERAL_DELIVERY.search(line) is not None


def is_private_mailbox(reading: AddressReading) -> bool:
    """Whether the mail waits at a commercial mail receiving agency (Publication 28 section 284)."""
    if PRIVATE_MAILBOX_WORDS.isdisjoint(reading.words) and "PMB" not in reading.text:
        return False
    return any(says_private_mailbox(" ".join(line)) for line in reading.street)


def says_private_mailbox(line: str) -> bool:
    """The same of one line in capital letters without signs."""
    return _PRIVATE_MAILBOX.search(line) is not None
