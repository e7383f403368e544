"""The forms of the log's leaves: which kinds there are, and what each of their fields is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.base.times import DATE, TIME
from narrowgate.core.governance.kinds import Kind

PACKAGE_RECEIVED = "package-received"
PACKAGE_REFUSED = "package-refused"
ITEM_DECIDED = "item-decided"
PACKAGE_DECIDED = "package-decided"
PACKAGE_RELEASED = "package-released"
RELEASE_DELAYED = "release-delayed"
ANSWERS_EXPIRED = "answers-expired"
CHARTER = "charter"
ACT = "act"
ANSWERS_RECALLED = "answers-recalled"
DISPOSAL_RECEIPT = "disposal-receipt"
DATA_KEY_DESTROYED = "data-key-destroyed"
HISTORY_CARRIED = "history-carried"

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DIGEST_OR_NOTHING = re.compile(r"(?:[0-9a-f]{64})?")
_TIME_OR_NOTHING = re.compile(f"(?:{TIME.pattern})?")
_RANGE = re.compile(r"(?:0|[1-9][0-9]{0,8})-(?:0|[1-9][0-9]{0,8})")
_ACTS = re.compile("|".join(Kind))


def require_word(value: object, where: str = "") -> None:
    """Return only for a plain word: an id, a version, an origin.

    Raises:
        EnvelopeError: it is none.
    """
    _require(_WORD, value, where)


def _require(pattern: re.Pattern[str], value: object, where: str = "") -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise EnvelopeError("A field of a leaf does not have its form.", where=where)


def _require_count(value: object, where: str) -> None:
    if type(value) is not int or value < 0:
        raise EnvelopeError("A count of a leaf is not a whole number.", where=where)


def _require_words(value: object, where: str) -> None:
    if not isinstance(value, list):
        raise EnvelopeError("A field of a leaf is not a list.", where=where)
    for word in value:
        _require(_WORD, word, where)


def _require_digests(value: object, where: str) -> None:
    if not isinstance(value, list) or len(set(map(str, value))) < len(value):
        raise EnvelopeError("A field of a leaf is not a list of different digests.", where=where)
    for digest in value:
        _require(_DIGEST, digest, where)


def _require_ranges(value: object, where: str) -> None:
    """Ranges ``FIRST-LAST`` in rising order, none touching another's rows."""
    if not isinstance(value, list) or not value:
        raise EnvelopeError("A field of a leaf is not a list of ranges.", where=where)
    before = -1
    for text in value:
        _require(_RANGE, text, where)
        first, _, last = text.partition("-")
        if not before < int(first) <= int(last):
            raise EnvelopeError("The ranges of a leaf do not follow one another.", where=where)
        before = int(last)


def _require_counts(value: object, where: str) -> None:
    if not isinstance(value, dict):
        raise EnvelopeError("A field of a leaf is not an object.", where=where)
    for word, count in value.items():
        _require(_WORD, word, where)
        _require_count(count, where)


_COUNT, _WORDS, _COUNTS, _DIGESTS, _RANGES = "count", "words", "counts", "digests", "ranges"
_CLASS = re.compile(r"(?:answered|refused)")

_FORMS: dict[str, dict[str, re.Pattern[str] | str]] = {
    PACKAGE_RECEIVED: {
        "package": _WORD,
        "manifest_sha256": _DIGEST,
        "signature_sha256": _DIGEST,
        "agreement_sha256": _DIGEST,
        "officers_sha256": _DIGEST,
        "rows": _COUNT,
        "rows_sha256": _DIGEST,
        "office": _WORD,
        "signer_key_sha256": _DIGEST,
        "slot": TIME,
        "time": TIME,
    },
    PACKAGE_REFUSED: {
        "package": _WORD,
        "manifest_sha256": _DIGEST,
        "office": _WORD,
        "signer_key_sha256": _DIGEST_OR_NOTHING,
        "rules": _WORDS,
        "time": TIME,
    },
    ITEM_DECIDED: {
        "package": _WORD,
        "row": _COUNT,
        "class": _CLASS,
        "findings": _WORDS,
        "row_commitment": _DIGEST,
        "address_commitment": _DIGEST,
        "outcome_commitment": _DIGEST,
        "canonical_form": _WORD,
        "rule_set": _WORD,
    },
    PACKAGE_DECIDED: {
        "package": _WORD,
        "answered": _COUNT,
        "refused": _COUNT,
        "refusals_by_rule": _COUNTS,
        "answers_sha256": _DIGEST,
        "index_snapshot": _WORD,
        "index_data_as_of": DATE,
        "index_commitment": _DIGEST,
        "time": TIME,
    },
    PACKAGE_RELEASED: {"package": _WORD, "slot": TIME, "time": TIME},
    RELEASE_DELAYED: {"package": _WORD, "slot": TIME, "next_slot": TIME, "time": TIME},
    ANSWERS_EXPIRED: {"package": _WORD, "time": TIME},
    CHARTER: {"gate": _WORD, "charter_sha256": _DIGEST, "signer_keys_sha256": _DIGESTS, "time": TIME},
    ACT: {
        "number": _COUNT,
        "act": _ACTS,
        "subject": _WORD,
        "sha256": _DIGEST_OR_NOTHING,
        "from": _TIME_OR_NOTHING,
        "until": _TIME_OR_NOTHING,
        "act_sha256": _DIGEST,
        "signer_keys_sha256": _DIGESTS,
        "time": TIME,
    },
    ANSWERS_RECALLED: {
        "act_number": _COUNT,
        "package": _WORD,
        "rows": _RANGES,
        "answers": _COUNT,
        "time": TIME,
    },
    DISPOSAL_RECEIPT: {
        "act_number": _COUNT,
        "package": _WORD,
        "recipient_key_sha256": _DIGEST,
        "signer_key_sha256": _DIGEST,
        "receipt_sha256": _DIGEST,
        "time": TIME,
    },
    DATA_KEY_DESTROYED: {"package": _WORD, "due": TIME, "time": TIME},
    HISTORY_CARRIED: {
        "predecessor": _WORD,
        "size": _COUNT,
        "root": _DIGEST,
        "packages": _COUNT,
        "items_by_office": _COUNTS,
        "uncharged": _COUNT,
        "history_sha256": _DIGEST,
        "time": TIME,
    },
}
KINDS = tuple(_FORMS)
"""Every kind of leaf there is."""

_CHECKS = {
    _COUNT: _require_count,
    _WORDS: _require_words,
    _COUNTS: _require_counts,
    _DIGESTS: _require_digests,
    _RANGES: _require_ranges,
}


def require_form(fields: Mapping[str, object], where: str) -> None:
    """Return only if the fields are exactly those of a known kind of leaf, each of its form.

    Raises:
        EnvelopeError: they are not.
    """
    kind = fields.get("type")
    forms = _FORMS.get(kind) if isinstance(kind, str) else None
    if forms is None or fields.keys() != {"type", *forms}:
        raise EnvelopeError(
            "The leaf is of no known type, or its fields are not those of its type.", where=where
        )
    for name, form in forms.items():
        if isinstance(form, str):
            _CHECKS[form](fields[name], where)
        else:
            _require(form, fields[name], where)
