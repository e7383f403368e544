"""What a SignerInfo says of its content, and whether it was made with the key of one certificate.

Nothing here says whom to trust: the certificate was found, and its path is judged, elsewhere (``chain``, ``path``).

Source: RFC 5652 sections 5.3, 5.4 and 11 (signed attributes), RFC 5035 (signing-certificate, signing-certificate-v2),
RFC 6211 (algorithm protection). ADR 39 says why this is not left to pyHanko, which is what the tests compare it with.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final, cast

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator, SignatureValidationContext

_SHA_1: Final = "sha1"
"""What the first signing-certificate attribute identifies a certificate by (RFC 2634)."""


def only_value(attributes: cms.CMSAttributes, name: str) -> Any:
    """The one value of the attribute, or None where there is no such attribute.

    Args:
        attributes: of a SignerInfo.
        name: as asn1crypto calls the type.

    Raises:
        ValueError: it has several values, or comes several times.
    """
    found = [value for each in attributes if each["type"].native == name for value in each["values"]]
    if len(found) > 1:
        raise ValueError(name)
    return found[0] if found else None


def signed_digest(signer: cms.SignerInfo, certificate: asn1_x509.Certificate, content_type: str) -> bytes:
    """The digest of the content that the signature covers.

    Args:
        signer: with signed attributes.
        certificate: the one that must have made it.
        content_type: of the content, as asn1crypto calls it.

    Raises:
        ValueError: the attributes name another certificate, content type or algorithm, or lack what every one has.
        TypeError, LookupError, AttributeError: as asn1crypto raises them on what it cannot read.
    """
    attributes = signer["signed_attrs"]
    if isinstance(attributes, core.Void):
        raise ValueError("signed_attrs")  # noqa: TRY004 - what is missing is in the bytes
    _require_protected(attributes, signer)
    _require_certificate(attributes, certificate)
    kind, digest = (only_value(attributes, name) for name in ("content_type", "message_digest"))
    if kind is None or digest is None or kind.native != content_type:
        raise ValueError(content_type)
    return cast("bytes", digest.native)


def require_made_with(signer: cms.SignerInfo, certificate: asn1_x509.Certificate) -> None:
    """Returns only if the signature over the signed attributes was made with the certificate's key.

    Args:
        signer: with signed attributes, which ``signed_digest`` has read.
        certificate: holds the public key.

    Raises:
        InvalidSignature: it was not, or its algorithm is not one of the key.
        ValueError, TypeError: as the libraries raise them on a key or parameters that they cannot read.
    """
    algorithm = signer["signature_algorithm"]
    context = SignatureValidationContext(
        contextual_md_algorithm=signer["digest_algorithm"]["algorithm"].native
    )
    try:
        DefaultSignatureValidator().validate_signature(
            signer["signature"].native,
            signer["signed_attrs"].untag().dump(),  # signed as a SET OF (RFC 5652 section 5.4)
            certificate.public_key,
            algorithm,
            context,
        )
    except AssertionError as error:  # how it says that a key is of another kind than the algorithm
        raise InvalidSignature from error


def _require_protected(attributes: cms.CMSAttributes, signer: cms.SignerInfo) -> None:
    """The algorithms are those that were signed, where the signature protects them (RFC 6211 section 2)."""
    protection = only_value(attributes, "cms_algorithm_protection")
    if protection is None:
        return
    for name in ("digest_algorithm", "signature_algorithm"):
        if protection[name].native != signer[name].native:
            raise ValueError(name)


def _require_certificate(attributes: cms.CMSAttributes, certificate: asn1_x509.Certificate) -> None:
    """The first certificate of the attribute is this one (RFC 5035 section 5); further ones are authorities."""
    name, kind = "signing_certificate_v2", tsp.SigningCertificateV2
    value = only_value(attributes, name)
    if value is None:
        name, kind = "signing_certificate", tsp.SigningCertificate
        value = only_value(attributes, name)
    if value is None:
        return
    # Read from a copy: to read asn1crypto's own value can make it write the attributes anew.
    named = kind.load(value.dump())["certs"][0]
    by = named["hash_algorithm"]["algorithm"].native if name.endswith("_v2") else _SHA_1
    if hashlib.new(by, certificate.dump()).digest() != named["cert_hash"].native:
        raise ValueError(name)
    if named["issuer_serial"] and not _is_of(named["issuer_serial"], certificate):
        raise ValueError(name)


def _is_of(issuer_serial: tsp.IssuerSerial, certificate: asn1_x509.Certificate) -> bool:
    """Whether issuer and serial number are the certificate's."""
    issuers = issuer_serial["issuer"]
    if len(issuers) != 1 or issuers[0].name != "directory_name":
        return False
    issuer = issuers[0].chosen
    same = issuer.dump() == certificate.issuer.dump() or issuer == certificate.issuer
    return same and bool(issuer_serial["serial_number"].native == certificate.serial_number)
