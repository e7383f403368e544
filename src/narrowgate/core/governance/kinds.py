"""The kinds of acts: what each is about, how many persons sign it, and whether it brakes or releases.

One key brakes, two keys release: an act that lets the gate answer less needs one custody officer, an act that lets it
answer, or answer again, needs the charter's quorum.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from narrowgate.core.governance.incident import DISCOVERED
from narrowgate.core.request.office import Office

ALL: Final = "all"
"""The scope of a hold that stops everything."""

_WORD = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_OFFICE = "|".join(office.value for office in Office)
_PACKAGE = r"[a-z0-9][a-z0-9-]{7,63}"


class Kind(StrEnum):
    """Every kind of act there is; any other is refused."""

    AGREEMENT_IN_FORCE = "agreement-in-force"
    AGREEMENT_WITHDRAWN = "agreement-withdrawn"
    INDEX_IN_FORCE = "index-in-force"
    INDEX_WITHDRAWN = "index-withdrawn"
    REGISTER_IN_FORCE = "register-in-force"
    FACILITIES_IN_FORCE = "facilities-in-force"
    RULES_IN_FORCE = "rules-in-force"
    HOLD = "hold"
    HOLD_LIFTED = "hold-lifted"
    OFFICE_OFF = "office-off"
    OFFICE_ON = "office-on"
    KEY_REVOKED = "key-revoked"
    SUPPRESSION = "suppression"
    ACCOUNTS_DELAYED = "accounts-delayed"
    PACKAGE_ABANDONED = "package-abandoned"
    INCIDENT = "incident"
    INCIDENT_REPORTED = "incident-reported"
    INCIDENT_CLOSED = "incident-closed"
    RECALL = "recall"
    CHARTER_REPLACED = "charter-replaced"


class Digest(StrEnum):
    """What the digest of an act is of."""

    DOCUMENT = "a document"
    """Kept with the acts, and read when the act is applied."""
    COMMITMENT = "a commitment"
    """Of something that stays closed."""
    NOTHING = "nothing"
    """The subject says all; the digest is empty."""


@dataclass(frozen=True, slots=True)
class KindOfAct:
    """One row of the table of acts.

    Args:
        kind: its name.
        subject: the form of the subject.
        about: what the subject is, in words.
        digest: what the digest is of.
        brakes: whether one officer is enough; otherwise the charter's quorum signs.
        dated: whether it may begin later than its leaf, and end by itself.
        effect: what it does, in one sentence, with ``{subject}`` and ``{sha256}``.
    """

    kind: Kind
    subject: re.Pattern[str]
    about: str
    digest: Digest
    brakes: bool
    dated: bool
    effect: str

    def signatures(self, quorum: int) -> int:
        """How many persons must sign it, where the charter's quorum is ``quorum``."""
        return 1 if self.brakes else quorum


SCOPE: Final = re.compile(
    rf"{ALL}|office:(?:{_OFFICE})|statute:[a-z0-9-]{{1,80}}|index:{_WORD}|package:{_PACKAGE}"
)
"""What a hold can stop."""

_SCOPE_WORDS = "'all', 'office:ID', 'statute:ID', 'index:ID' or 'package:ID'"
_NAMED = re.compile(_WORD)
_THE_OFFICE = re.compile(_OFFICE)
_KEY = re.compile(r"[0-9a-f]{64}")
_COUNT = re.compile(r"0|[1-9][0-9]{0,8}")
_THE_PACKAGE = re.compile(_PACKAGE)
_AN_ACT = re.compile(r"[1-9][0-9]{0,5}")
_ANSWERS = re.compile(r"[1-9][0-9]{0,8}")

_ROWS = (
    KindOfAct(
        Kind.AGREEMENT_IN_FORCE,
        _NAMED,
        "the agreement's id",
        Digest.DOCUMENT,
        False,
        True,
        "Packages may be decided under the agreement {subject} ({sha256}), and under no other.",
    ),
    KindOfAct(
        Kind.AGREEMENT_WITHDRAWN,
        _NAMED,
        "the agreement's id",
        Digest.DOCUMENT,
        True,
        False,
        "No package may be decided under the agreement {subject} ({sha256}) any more.",
    ),
    KindOfAct(
        Kind.INDEX_IN_FORCE,
        _NAMED,
        "the index's id",
        Digest.DOCUMENT,
        False,
        True,
        "The index {subject} ({sha256}) is asked, and no older one any more.",
    ),
    KindOfAct(
        Kind.INDEX_WITHDRAWN,
        _NAMED,
        "the index's id",
        Digest.DOCUMENT,
        True,
        False,
        "The index {subject} ({sha256}) is not asked any more.",
    ),
    KindOfAct(
        Kind.REGISTER_IN_FORCE,
        _NAMED,
        "the register's name",
        Digest.DOCUMENT,
        False,
        True,
        "Answers go to the officers of the register {subject} ({sha256}), and to no others.",
    ),
    KindOfAct(
        Kind.FACILITIES_IN_FORCE,
        _NAMED,
        "the list's name",
        Digest.DOCUMENT,
        False,
        True,
        "Addresses on the facility list {subject} ({sha256}) are refused.",
    ),
    KindOfAct(
        Kind.RULES_IN_FORCE,
        _NAMED,
        "the rule set's version",
        Digest.DOCUMENT,
        False,
        True,
        "Packages are decided with the rule set {subject} and the software of {sha256}.",
    ),
    KindOfAct(
        Kind.HOLD,
        SCOPE,
        _SCOPE_WORDS,
        Digest.NOTHING,
        True,
        False,
        "Decisions and releases stop for {subject}, packages under way included.",
    ),
    KindOfAct(
        Kind.HOLD_LIFTED,
        SCOPE,
        _SCOPE_WORDS,
        Digest.NOTHING,
        False,
        False,
        "The hold of {subject} ends; packages that it stopped go on.",
    ),
    KindOfAct(
        Kind.OFFICE_OFF,
        _THE_OFFICE,
        "the office's id",
        Digest.NOTHING,
        True,
        False,
        "No package of the office {subject} is decided or released.",
    ),
    KindOfAct(
        Kind.OFFICE_ON,
        _THE_OFFICE,
        "the office's id",
        Digest.NOTHING,
        False,
        False,
        "Packages of the office {subject} may be decided again, as the agreement says.",
    ),
    KindOfAct(
        Kind.KEY_REVOKED,
        _KEY,
        "the SHA-256 of a public key",
        Digest.NOTHING,
        True,
        False,
        "Nothing that the key {subject} signs counts any more, for good.",
    ),
    KindOfAct(
        Kind.SUPPRESSION,
        _COUNT,
        "the number of entries",
        Digest.COMMITMENT,
        False,
        False,
        "An exclusion of {subject} entries is in force; its commitment is {sha256}.",
    ),
    KindOfAct(
        Kind.ACCOUNTS_DELAYED,
        _NAMED,
        "the list's name",
        Digest.COMMITMENT,
        False,
        True,
        "Accounts that persons are given leave out what is on the list {subject}; its commitment is {sha256}.",
    ),
    KindOfAct(
        Kind.PACKAGE_ABANDONED,
        _THE_PACKAGE,
        "the package's id",
        Digest.NOTHING,
        False,
        False,
        "The package {subject} is ended for good: no answer of it leaves, and its id cannot be used again.",
    ),
    KindOfAct(
        Kind.INCIDENT,
        re.compile(rf"(?:{SCOPE.pattern}){DISCOVERED.pattern}"),
        f"what it concerns ({_SCOPE_WORDS}), a slash, and the time of its discovery",
        Digest.COMMITMENT,
        True,
        False,
        "A possible incident ({subject}) is on record; it is to be reported within 24 hours of its discovery. "
        "Its report is {sha256}.",
    ),
    KindOfAct(
        Kind.INCIDENT_REPORTED,
        _AN_ACT,
        "the number of the act that recorded the incident",
        Digest.COMMITMENT,
        True,
        False,
        "The incident of act {subject} was reported to the agencies' safeguards office and inspector; the report is "
        "{sha256}.",
    ),
    KindOfAct(
        Kind.INCIDENT_CLOSED,
        _AN_ACT,
        "the number of the act that recorded the incident",
        Digest.COMMITMENT,
        False,
        False,
        "The incident of act {subject} is closed; the last report is {sha256}. Holds stay until they are lifted.",
    ),
    KindOfAct(
        Kind.RECALL,
        _ANSWERS,
        "the number of answers on its list",
        Digest.DOCUMENT,
        False,
        False,
        "{subject} answer(s), those of the list {sha256}, are recalled for good: they must not be acted on.",
    ),
    KindOfAct(
        Kind.CHARTER_REPLACED,
        _NAMED,
        "the gate's name",
        Digest.DOCUMENT,
        False,
        False,
        "The charter {sha256} of the gate {subject} takes the place of the one before it.",
    ),
)

KINDS: Final = {row.kind: row for row in _ROWS}
"""The table of acts."""
