"""The certificates and keys of one token, chosen by a URI: one, or an error that says how to name it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from narrowgate.adapters.private_keys.uri import TokenUri
from narrowgate.core.base.errors import ConfigurationError

Purpose = Callable[[x509.Certificate], bool]
"""Whether a certificate is for what its key is to do."""


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """A certificate of a token.

    Args:
        label: CKA_LABEL.
        identifier: CKA_ID, which its private key shares.
        certificate: the certificate.
    """

    label: str
    identifier: bytes
    certificate: x509.Certificate


def signs(certificate: x509.Certificate) -> bool:
    """Whether the certificate is for a person's signatures (PIV slot 9C)."""
    usage = _usage(certificate)
    return usage is not None and usage.content_commitment and not usage.key_cert_sign


def opens(certificate: x509.Certificate) -> bool:
    """Whether the certificate is for what is sealed to its holder (PIV slot 9D)."""
    usage = _usage(certificate)
    return usage is not None and (usage.key_agreement or usage.key_encipherment) and not usage.key_cert_sign


def _usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def stored_certificates(session: Any) -> list[StoredCertificate]:
    """Every X.509 certificate of the token that can be read."""
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - an optional extra, and slow to load

    found = []
    for stored in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        try:
            certificate = x509.load_der_x509_certificate(bytes(stored[Attribute.VALUE]))
        except ValueError:
            continue  # a certificate that cannot be read is not the one that is looked for
        found.append(StoredCertificate(_label(stored), _identifier(stored), certificate))
    return found


def choose_certificate(
    session: Any, certificates: list[StoredCertificate], uri: TokenUri, purpose: Purpose
) -> StoredCertificate:
    """The one certificate that the URI names; where it fits several, the one among them that is for the purpose.

    A URI made for the private key fits too: its certificate shares the CKA_ID.

    Raises:
        ConfigurationError: there is none, or there are several.
    """
    named = [each for each in certificates if _fits(each.label, each.identifier, uri)]
    if not named and uri.identifier is not None:
        named = [each for each in certificates if each.identifier == uri.identifier]
    if not named and uri.label is not None:
        identifiers = _public_identifiers(session, uri)
        named = [each for each in certificates if each.identifier and each.identifier in identifiers]
    if len(named) > 1:
        named = [each for each in named if purpose(each.certificate)] or named
    if len(named) == 1:
        return named[0]
    if named:
        raise several("certificates", [each.label for each in named], uri)
    raise ConfigurationError(
        "The token holds no certificate that fits the PKCS#11 URI.",
        why=f"It holds {len(certificates)}: {_list(each.label for each in certificates)}."
        if certificates
        else "It holds none that can be read without a PIN.",
        next_step="Take the URI that 'narrowgate key list' prints, or name the certificate's file (--certificate).",
        where=str(uri),
    )


def issuers(first: x509.Certificate, certificates: list[StoredCertificate]) -> tuple[x509.Certificate, ...]:
    """The certificates of the token above ``first``, without a self-signed one."""
    chain = [first]
    for each in certificates * len(certificates):
        above = each.certificate
        if above.subject == chain[-1].issuer and above.subject != above.issuer and above not in chain:
            chain.append(above)
    return tuple(chain[1:])


def choose_private_key(
    session: Any, uri: TokenUri, identifier: bytes | None, certificate: x509.Certificate
) -> Any:
    """The one private key of the URI, which is the certificate's as far as the token tells.

    Args:
        session: of the logged-in user.
        uri: names the key.
        identifier: CKA_ID of the certificate, where that was read from the token.
        certificate: of the holder.

    Raises:
        ConfigurationError: there is none, there are several, or it is another key than the certificate's.
    """
    keys = private_keys(session)
    if identifier:
        found = [each for each in keys if _identifier(each) == identifier]
    else:
        found = [each for each in keys if _fits(_label(each), _identifier(each), uri)]
    if len(found) > 1:
        found = [each for each in found if is_key_of(session, each, certificate)] or found
    if len(found) > 1:
        raise several("private keys", [_label(each) for each in found], uri)
    if not found:
        raise ConfigurationError(
            "The token holds no such private key.",
            why=f"It holds {len(keys)}: {_list(map(_label, keys))}." if keys else "It holds none.",
            next_step="Take the URI that 'narrowgate key list --login' prints.",
            where=str(uri),
        )
    if is_key_of(session, found[0], certificate) is False:
        raise other_key(str(uri))
    return found[0]


def private_keys(session: Any) -> list[Any]:
    """The private keys that the session sees."""
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - an optional extra, and slow to load

    return list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))


def key_names(stored: Any) -> tuple[str, bytes]:
    """CKA_LABEL and CKA_ID of an object."""
    return _label(stored), _identifier(stored)


def is_key_of(session: Any, key: Any, certificate: x509.Certificate) -> bool | None:
    """Whether the private key is the certificate's; None where the token shows no public part of it."""
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - an optional extra, and slow to load
    from pkcs11.util.ec import encode_ec_public_key  # noqa: PLC0415

    public = certificate.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        modulus = attribute(key, Attribute.MODULUS)
        return None if modulus is None else int.from_bytes(modulus, "big") == public.public_numbers().n
    if not (identifier := _identifier(key)):
        return None
    wanted = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: identifier}
    for each in session.get_objects(wanted):
        if attribute(each, Attribute.EC_POINT) is None:
            return None
        return bool(encode_ec_public_key(each) == _key_info(certificate))
    return None


def attribute(stored: Any, name: Any) -> Any:
    """The value of an attribute of an object; None where the token does not give it out."""
    import pkcs11  # noqa: PLC0415 - an optional extra, and slow to load

    try:
        return stored[name]
    except (pkcs11.AttributeTypeInvalid, pkcs11.AttributeSensitive, pkcs11.FunctionFailed):
        return None


def several(what: str, labels: Iterable[str], uri: TokenUri) -> ConfigurationError:
    """The error where a URI fits more than one object."""
    return ConfigurationError(
        f"Several {what} of the token fit the PKCS#11 URI.",
        why=f"They are {_list(labels)}, and none is taken by guessing.",
        next_step="Add id=... or object=... as 'narrowgate key list' prints them.",
        where=str(uri),
    )


def other_key(where: str) -> ConfigurationError:
    """The error where key and certificate do not belong together."""
    return ConfigurationError(
        "The private key is not that of the certificate.",
        why="What it signs would not verify, and what is sealed to the certificate it could not open.",
        next_step="Name the key and the certificate of one card, or leave --certificate out.",
        where=where,
        rule="R-21",
    )


def _public_identifiers(session: Any, uri: TokenUri) -> frozenset[bytes]:
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - an optional extra, and slow to load

    keys = session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.LABEL: uri.label})
    return frozenset(_identifier(each) for each in keys)


def _fits(label: str, identifier: bytes, uri: TokenUri) -> bool:
    return uri.label in (None, label) and uri.identifier in (None, identifier)


def _label(stored: Any) -> str:
    from pkcs11 import Attribute  # noqa: PLC0415 - an optional extra, and slow to load

    return str(attribute(stored, Attribute.LABEL) or "")


def _identifier(stored: Any) -> bytes:
    from pkcs11 import Attribute  # noqa: PLC0415 - an optional extra, and slow to load

    return bytes(attribute(stored, Attribute.ID) or b"")


def _key_info(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _list(labels: Iterable[str]) -> str:
    return ", ".join(f"'{label}'" for label in labels)
