"""The register of officers as one document: who may be answered, and the certificate each is answered to.

Its digest is in the *package received* leaf. The format is stated in ``docs/reference/protocol/officers.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import read_document
from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.note import decode_base64, encode_base64

OFFICERS_SCHEMA: Final = "narrowgate/officers/v1"

_OFFICER = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]+")


def officers_document(certificates: Mapping[str, bytes]) -> bytes:
    """The only byte string that denotes a register.

    Args:
        certificates: officer's id to the DER of the officer's certificate.

    Raises:
        EnvelopeError: an id does not have the form the protocol states.
    """
    officers = [
        {"certificate": encode_base64(der), "officer": officer}
        for officer, der in sorted(certificates.items())
    ]
    data = canonical_bytes({"officers": officers, "schema": OFFICERS_SCHEMA})
    parse_officers_document(data, "the register of officers")
    return data


def parse_officers_document(data: bytes, where: str) -> dict[str, bytes]:
    """Officer's id to the DER of the officer's certificate, of a document that :func:`officers_document` writes.

    Raises:
        EnvelopeError: the bytes are no such document; the certificates are not looked at.
    """
    fields = read_document(data, where)
    fields.constant("schema", OFFICERS_SCHEMA)
    certificates: dict[str, bytes] = {}
    before = ""
    for entry in fields.objects("officers"):
        officer = entry.text("officer", _OFFICER)
        if officer <= before:
            raise fields.refused("officers", "are not in rising order of their ids")
        text = entry.text("certificate", _BASE64)
        entry.close()
        try:
            certificates[officer] = decode_base64(text, where)
        except ProofError as error:
            raise fields.refused("officers", "holds a certificate that is not base64") from error
        before = officer
    fields.close()
    return certificates
