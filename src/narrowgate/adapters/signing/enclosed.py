"""The certificate that a detached signature names as its signer's, before anything of it is verified."""

from __future__ import annotations

from cryptography import x509

from narrowgate.adapters.signing import chain
from narrowgate.adapters.signing.signed_data import PARSER_ERRORS, garbled, parse_detached


def enclosed_signer(signature: bytes) -> x509.Certificate:
    """The certificate, from which it is found out whose key may have signed; the verification comes after it.

    Raises:
        EnvelopeError: the signature is not of the form accepted.
    """
    signed_data = parse_detached(signature).signed_data
    try:
        return chain.signer_certificate(signed_data["signer_infos"][0], chain.certificates_of(signed_data))
    except PARSER_ERRORS as error:
        raise garbled() from error
