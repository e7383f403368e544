"""Whose certificate a CMS signature names, and the few paths from it to the root, found in bounded work.

A library that searches paths on its own can be kept busy for hours by thirty kilobytes of certificates that
vouch for each other. Here a link counts only when its signature verifies, each is verified once, and no more
than a handful of certificates and paths is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from narrowgate.adapters.signing.certificates import public_key_sha256
from narrowgate.core.base.errors import EnvelopeError

MAX_CERTIFICATES = 8
"""The signer's and those above it; a chain of the Federal PKI has four or five."""

MAX_PATHS = 4
"""Certificates that renew one another give two; more is not a chain but a maze."""

_CURVES = (ec.SECP256R1, ec.SECP384R1)
_RSA_BITS = range(2048, 8193)
_RSA_EXPONENTS = range(65_537, 1 << 64)

_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""RFC 9336."""
_DOCUMENT_SIGNING_OF_MICROSOFT = x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12")

_USES = frozenset(
    {
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        _DOCUMENT_SIGNING,
        _DOCUMENT_SIGNING_OF_MICROSOFT,
    }
)


def certificates_of(signed_data: cms.SignedData) -> list[x509.Certificate]:
    """The X.509 certificates inside a signature, at most eight.

    Raises:
        EnvelopeError: there are more, or one of another kind.
        ValueError: one cannot be read.
    """
    enclosed = list(signed_data["certificates"])
    if len(enclosed) > MAX_CERTIFICATES:
        raise EnvelopeError(
            f"The signature holds more than {MAX_CERTIFICATES} certificates.",
            why="It needs the signer's and those between it and the root, each once.",
            next_step="Sign the package again with the chain of the office's card alone.",
            rule="R-21",
        )
    if any(each.name != "certificate" for each in enclosed):
        raise EnvelopeError("The signature holds a certificate that is not X.509.", rule="R-21")
    if any(each.chosen["tbs_certificate"]["serial_number"].native <= 0 for each in enclosed):
        # RFC 5280 section 4.1.2.2; cryptography reads such a certificate under protest, and soon not at all.
        raise EnvelopeError(
            "The signature holds a certificate whose serial number is not positive.", rule="R-21"
        )
    return [x509.load_der_x509_certificate(each.chosen.dump()) for each in enclosed]


def signer_certificate(
    signer_info: cms.SignerInfo, certificates: Sequence[x509.Certificate]
) -> x509.Certificate:
    """The one certificate that the signature names as the signer's.

    Raises:
        EnvelopeError: it is not inside, or there twice.
    """
    found = [each for each in certificates if _is_named(signer_info["sid"], each)]
    if len(found) != 1:
        raise EnvelopeError(
            "The signature does not hold the signer's certificate exactly once.",
            next_step="Sign the package again with the certificate enclosed.",
            rule="R-21",
        )
    return found[0]


def require_key(signer: x509.Certificate, keys: Collection[str]) -> None:
    """Return only for a certificate whose key is one of ``keys`` (``public_key_sha256``).

    Raises:
        EnvelopeError: it is another.
    """
    if public_key_sha256(signer) not in keys:
        raise EnvelopeError(
            "The signature was made with a key that is none of those expected.",
            why="It is bound to no office of the agreement, or to nothing the gate relies on.",
            next_step="Sign with the key that the agreement names, or amend the agreement.",
            rule="R-21",
        )


def require_signer(signer: x509.Certificate) -> None:
    """Return only for the certificate of a person's signature key (PIV slot 9C), not an authority's or a server's.

    ``nonRepudiation`` tells slot 9C (signature, PIN each time) from 9A (log-on): FIPS 201-3 section 4.2.2.
    A certificate that limits its uses must allow signed mail or documents (RFC 5280 section 4.2.1.12).

    Raises:
        EnvelopeError: the certificate is for another use.
        ValueError: an extension cannot be read.
    """
    extensions = {each.oid: each.value for each in signer.extensions}
    usage = extensions.get(x509.KeyUsage.oid)
    constraints = extensions.get(x509.BasicConstraints.oid)
    uses = extensions.get(x509.ExtendedKeyUsage.oid)
    if (
        not isinstance(usage, x509.KeyUsage)
        or not usage.content_commitment
        or usage.key_cert_sign
        or (isinstance(constraints, x509.BasicConstraints) and constraints.ca)
        or (isinstance(uses, x509.ExtendedKeyUsage) and not _USES & set(uses))
    ):
        raise not_accepted("The certificate is not meant for signatures of this kind.")


def paths(
    signer: x509.Certificate, others: Sequence[x509.Certificate], root: x509.Certificate
) -> Iterator[tuple[x509.Certificate, ...]]:
    """The certificates from the signer's to the last one below the root; every link's signature verifies.

    Nothing else about them is verified: not validity, use, constraints or revocation. Each link is looked at once,
    however the certificates vouch for each other.

    Raises:
        EnvelopeError: there are more than four paths.
        ValueError: a key cannot be read.
    """
    between = [each for each in dict.fromkeys(others) if each not in (signer, root)]
    issued: dict[tuple[x509.Certificate, x509.Certificate], bool] = {}

    def links(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
        pair = (certificate, issuer)
        if pair not in issued:
            issued[pair] = _is_issued_by(certificate, issuer)
        return issued[pair]

    connected = [root]  # certificates from which a path leads to the root; the others are left alone
    for certificate in connected:
        connected += [each for each in between if each not in connected and links(each, certificate)]
    found = 0
    waiting: list[tuple[x509.Certificate, ...]] = [(signer,)]
    while waiting:
        path = waiting.pop()
        if links(path[-1], root):
            found += 1
            yield path
        waiting += [(*path, each) for each in connected[1:] if each not in path and links(path[-1], each)]
        if found + len(waiting) > MAX_PATHS:
            raise not_accepted("Too many paths lead from the certificate to the agreed root.")


def not_accepted(why: str) -> EnvelopeError:
    """The error about a signer's certificate."""
    return EnvelopeError("The signer's certificate is not accepted.", why=why, rule="R-21")


def _is_named(identifier: cms.SignerIdentifier, certificate: x509.Certificate) -> bool:
    if identifier.name == "issuer_and_serial_number":
        issuer = identifier.chosen["issuer"].dump()
        serial = identifier.chosen["serial_number"].native
        return bool(issuer == certificate.issuer.public_bytes() and serial == certificate.serial_number)
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.SubjectKeyIdentifier):
            return bool(extension.value.digest == identifier.chosen.native)
    return False


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether ``issuer`` has the name that ``certificate`` gives (RFC 5280 section 7.1) and the key that signed it."""
    named, given = asn1_x509.Certificate.load(der(certificate)), asn1_x509.Certificate.load(der(issuer))
    if named.issuer != given.subject or not _is_accepted_key(issuer):
        return False
    if named["tbs_certificate"]["signature"].dump() != named["signature_algorithm"].dump():
        return False
    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    try:
        key, parameters = issuer.public_key(), certificate.signature_algorithm_parameters
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(parameters, ec.ECDSA):
            key.verify(signature, signed, parameters)
        elif isinstance(key, rsa.RSAPublicKey) and isinstance(parameters, padding.PKCS1v15 | padding.PSS):
            if certificate.signature_hash_algorithm is None:
                return False
            key.verify(signature, signed, parameters, certificate.signature_hash_algorithm)
        else:
            return False
    except (InvalidSignature, TypeError, ValueError, UnsupportedAlgorithm):
        return False
    return True


def require_accepted_key(certificate: x509.Certificate) -> None:
    """Return only for a key on P-256 or P-384, or an RSA key of 2,048 to 8,192 bits (NIST SP 800-78-5, FIPS 186-5).

    Raises:
        EnvelopeError: the key is of another kind or size.
    """
    if not _is_accepted_key(certificate):
        raise not_accepted("Its key is of a kind or size that is not accepted.")


def _is_accepted_key(certificate: x509.Certificate) -> bool:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return False
    if isinstance(key, ec.EllipticCurvePublicKey):
        return isinstance(key.curve, _CURVES)
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size in _RSA_BITS and key.public_numbers().e in _RSA_EXPONENTS
    return False


def der(certificate: x509.Certificate) -> bytes:
    """The certificate's bytes."""
    return certificate.public_bytes(Encoding.DER)
