"""The signed attribute that says what a person was shown before they signed.

A signature covers bytes; what its signer read was a text made of them. The SHA-256 of that text travels in the
signature, so that anybody who has the text can prove that it, and no other, was on the screen of the command that
signed.

``id-narrowgate-shown ::= { 2.25.25350111262952320254704781523337706588.1.1 }``, one value, an OCTET STRING of 32 bytes:
the SHA-256 of the text in UTF-8 (``docs/reference/protocol/signatures.md``).

Source: RFC 5652 section 5.3 (signed attributes); ITU-T X.667 (identifiers below 2.25 made of a UUID, which need no
registration).
"""

from __future__ import annotations

import hashlib

from asn1crypto import cms, core
from pyhanko.sign.attributes import CMSAttributeProvider

from narrowgate.core.base.errors import EnvelopeError

ARC = "2.25.25350111262952320254704781523337706588"
"""Of this project: the UUID 131240fb-7e58-4e68-aab3-db77fc057c5c."""

SHOWN = f"{ARC}.1.1"
"""The attribute's type."""

_NAME = "narrowgate_shown"
_DIGEST_BYTES = 32


# asn1crypto reads and writes the attributes that it has in these two tables, as pyHanko adds its own.
cms.CMSAttributeType._map[SHOWN] = _NAME
cms.CMSAttribute._oid_specs[_NAME] = cms.SetOfOctetString


class ShownProvider(CMSAttributeProvider):
    """Puts the digest of the text into the signature.

    Args:
        text: what the signer was shown.
    """

    attribute_type = _NAME

    def __init__(self, text: str) -> None:
        self._digest = shown_sha256(text)

    async def build_attr_value(self, dry_run: bool = False) -> core.OctetString:
        """The value of the attribute."""
        return core.OctetString(bytes.fromhex(self._digest))


def shown_sha256(text: str) -> str:
    """The digest that the attribute holds of a text: hex SHA-256 of its UTF-8 form."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_shown(signed_attributes: cms.CMSAttributes) -> str | None:
    """The digest of what the signer was shown, in hex; None where the signature does not say.

    Raises:
        EnvelopeError: it says it twice, or not in 32 bytes.
    """
    found = [each for each in signed_attributes if each["type"].dotted == SHOWN]
    if not found:
        return None
    values = list(found[0]["values"])
    if len(found) != 1 or len(values) != 1 or len(values[0].native) != _DIGEST_BYTES:
        raise EnvelopeError(
            "The signature says more than once, or unclearly, what its signer was shown.",
            next_step="Sign again.",
            rule="R-10",
        )
    return bytes(values[0].native).hex()


def require_shown(signed: str | None, text: str) -> None:
    """Returns only if the signature says that its signer was shown exactly ``text``.

    Args:
        signed: the digest in the verified signature (``CertifiedSigner.shown_sha256``), or None.
        text: what the signer must have been shown.

    Raises:
        EnvelopeError: the signature does not say what was shown, or it names another text.
    """
    require_some_shown(signed)
    if signed != shown_sha256(text):
        raise EnvelopeError(
            "The signer was shown another text.",
            why="Its digest in the signature is not that of this text.",
            next_step="Find the text that was shown; if there is none, have it signed again.",
            rule="R-10",
        )


def require_some_shown(signed: str | None) -> None:
    """Returns only if the signature says what its signer was shown.

    Args:
        signed: as for :func:`require_shown`.

    Raises:
        EnvelopeError: it does not.
    """
    if signed is None:
        raise EnvelopeError(
            "The signature does not say what its signer was shown.",
            why="It was made with another program, or by an older version of this one.",
            next_step="Sign again with 'narrowgate'.",
            rule="R-10",
        )
