"""Detached CMS signatures (RFC 5652) of officers, verified with the key that a charter or an agreement names.

The key is known beforehand by its SHA-256. What a certificate adds is a person's name, which a bundle does not show;
``without_certificates`` leaves a signature that verifies the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from narrowgate.core.base.errors import ProofError
from narrowgate.core.signatures.der import (
    INTEGER,
    NULL,
    OCTETS,
    OID,
    SEQUENCE,
    SET,
    Value,
    malformed,
    parse_der,
    tagged,
)
from narrowgate.core.signatures.keys import DIGESTS, EcKey, PublicKey, RsaKey, parse_public_key

MAX_SIGNATURE_BYTES: Final = 65_536

_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_DATA: Final = bytes.fromhex("2a864886f70d010701")
_CONTENT_TYPE: Final = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST: Final = bytes.fromhex("2a864886f70d010904")
_RSA_ANY_DIGEST: Final = bytes.fromhex("2a864886f70d010101")
_RSA_PSS: Final = bytes.fromhex("2a864886f70d01010a")
_MGF1: Final = bytes.fromhex("2a864886f70d010108")
_SALT: Final = 20
"""Bytes of the salt where a signature does not say how many (RFC 4055 section 3.1)."""
_RSA: Final = {
    bytes.fromhex("2a864886f70d01010b"): "sha256",
    bytes.fromhex("2a864886f70d01010c"): "sha384",
    bytes.fromhex("2a864886f70d01010d"): "sha512",
}
_ECDSA: Final = {
    bytes.fromhex("2a8648ce3d040302"): "sha256",
    bytes.fromhex("2a8648ce3d040303"): "sha384",
    bytes.fromhex("2a8648ce3d040304"): "sha512",
}


@dataclass(frozen=True, slots=True)
class DetachedSignature:
    """The parts of one signature by one signer; nothing is verified yet.

    Args:
        version: of the SignedData.
        announced: its list of digests.
        digest: such as ``sha256``; the same in every place that names one.
        certificates: DER of the certificates beside it.
        signer: the SignerInfo without what is not signed.
        attributes: the signed attributes, as the SET that is signed.
        algorithm: of the signature.
        value: of the signature.
    """

    version: Value
    announced: Value
    digest: str
    certificates: tuple[bytes, ...]
    signer: tuple[Value, ...]
    attributes: Value
    algorithm: Value
    value: bytes

    def certified_keys(self) -> tuple[bytes, ...]:
        """Returns the SubjectPublicKeyInfo of each certificate beside the signature; none of them is believed.

        Raises:
            ProofError: a certificate is malformed.
        """
        return tuple(_key_of(certificate) for certificate in self.certificates)

    def require(self, data: bytes, spki: bytes) -> None:
        """Returns only if the holder of the key signed exactly ``data``.

        Args:
            data: what was signed.
            spki: the key as SubjectPublicKeyInfo, which the caller knows to be the right one.

        Raises:
            ProofError: the signature is of other data, or not made with the key.
        """
        self.require_of(data)
        try:
            made = self._is_made_with(parse_public_key(spki))
        except (ValueError, LookupError) as error:
            raise malformed() from error
        if not made:
            raise ProofError("The signature does not verify.", why="It was not made with the key.")

    def require_of(self, data: bytes) -> None:
        """Returns only if it claims to be a signature over exactly ``data``, whoever made it.

        Raises:
            ProofError: it is of other data, or malformed.
        """
        try:
            attributes = _attributes(self.attributes)
        except (ValueError, LookupError) as error:
            raise malformed() from error
        if attributes.get(_CONTENT_TYPE) != Value(OID, _DATA):
            raise malformed()
        if attributes.get(_MESSAGE_DIGEST) != Value(OCTETS, hashlib.new(self.digest, data).digest()):
            raise ProofError(
                "The data was changed after it was signed.", why="Its digest is not the signed one."
            )

    def _is_made_with(self, key: PublicKey) -> bool:
        signed = self.attributes.encoded(SET)
        name, *parameters = self.algorithm.children()
        kind = name.of(OID)
        if isinstance(key, EcKey):
            if _ECDSA.get(kind) != self.digest or parameters:
                return False
            return key.is_signature(self.digest, signed, self.value)
        if kind == _RSA_PSS:
            return _is_pss(key, self.digest, parameters, signed, self.value)
        named = self.digest if kind == _RSA_ANY_DIGEST else _RSA.get(kind)
        if named != self.digest or parameters not in ([], [Value(NULL, b"")]):
            return False
        return key.is_signature(self.digest, signed, self.value)

    def without_certificates(self) -> bytes:
        """Returns the same signature without certificates, lists and unsigned attributes: no person's name is left."""
        content = Value(SEQUENCE, Value(OID, _DATA).encoded())
        signer = Value(SEQUENCE, b"".join(each.encoded() for each in self.signer))
        parts = (self.version, self.announced, content, Value(SET, signer.encoded()))
        signed = Value(SEQUENCE, b"".join(each.encoded() for each in parts))
        wrapped = Value(OID, _SIGNED_DATA).encoded() + Value(tagged(0), signed.encoded()).encoded()
        return Value(SEQUENCE, wrapped).encoded()


def parse_signature(signature: bytes) -> DetachedSignature:
    """Returns the parts of a detached signature of exactly one signer, in DER.

    Raises:
        ProofError: it has another form.
    """
    if len(signature) > MAX_SIGNATURE_BYTES:
        raise ProofError("The signature file is too large.")
    try:
        return _parse(signature)
    except (ValueError, LookupError, RecursionError) as error:
        raise malformed() from error


def _parse(signature: bytes) -> DetachedSignature:
    outer = parse_der(signature)
    outer.of(SEQUENCE)
    kind, wrapped = outer.children()
    if kind.of(OID) != _SIGNED_DATA:
        raise malformed()
    (signed,) = Value(wrapped.tag, wrapped.of(tagged(0))).children()
    signed.of(SEQUENCE)
    version, algorithms, content, *rest = signed.children()
    version.of(INTEGER)
    if content != Value(SEQUENCE, Value(OID, _DATA).encoded()):
        raise ProofError(
            "The signature is not detached: content inside it could differ from what lies beside it."
        )
    certificates: tuple[bytes, ...] = ()
    if rest and rest[0].tag == tagged(0):
        certificates = tuple(each.encoded() for each in rest.pop(0).children())
    if rest and rest[0].tag == tagged(1):
        rest.pop(0)
    (signers,) = rest
    signers.of(SET)
    (signer,) = signers.children()
    signer.of(SEQUENCE)
    signed_parts = signer.children()[:6]
    _, _, digest, attributes, algorithm, value = signed_parts
    algorithms.of(SET)
    (announced,) = algorithms.children()
    attributes.of(tagged(0))
    algorithm.of(SEQUENCE)
    name = _digest(digest)
    if _digest(announced) != name or len(signer.children()) > 7:
        raise malformed()
    return DetachedSignature(
        version, algorithms, name, certificates, tuple(signed_parts), attributes, algorithm, value.of(OCTETS)
    )


def _digest(algorithm: Value) -> str:
    algorithm.of(SEQUENCE)
    name, *parameters = algorithm.children()
    found = DIGESTS.get(name.of(OID))
    if found is None or parameters not in ([], [Value(NULL, b"")]):
        raise malformed()
    return found


def _attributes(attributes: Value) -> dict[bytes, Value]:
    """Type to the one value of each attribute; an attribute comes once, in the order of their bytes (X.690 11.6)."""
    encoded = [each.encoded() for each in attributes.children()]
    if encoded != sorted(encoded):
        raise malformed()
    found: dict[bytes, Value] = {}
    for attribute in attributes.children():
        attribute.of(SEQUENCE)
        kind, values = attribute.children()
        values.of(SET)
        (value,) = values.children()
        if kind.of(OID) in found:
            raise malformed()
        found[kind.content] = value
    return found


def _is_pss(key: RsaKey, digest: str, parameters: list[Value], message: bytes, value: bytes) -> bool:
    """RSASSA-PSS-params (RFC 4055 section 3.1) that name one digest everywhere."""
    (sequence,) = parameters
    named = {each.tag: each.children()[0] for each in sequence.children()}
    hashed, generator = named[tagged(0)], named[tagged(1)]
    salt = named[tagged(2)].number() if tagged(2) in named else _SALT
    name, inner = generator.children()
    if name.of(OID) != _MGF1 or _digest(hashed) != digest or _digest(inner) != digest:
        return False
    return named.keys() <= {tagged(0), tagged(1), tagged(2)} and key.is_pss_signature(
        digest, salt, message, value
    )


def _key_of(certificate: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a certificate (RFC 5280 section 4.1)."""
    try:
        fields = parse_der(certificate).children()[0].children()
        # [0] is the version; then come serial number, algorithm, issuer, validity, subject.
        return fields[6 if fields[0].tag == tagged(0) else 5].encoded()
    except IndexError as error:
        raise malformed() from error
