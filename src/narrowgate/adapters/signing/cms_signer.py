"""Detached CMS signatures (CAdES-BES) made with a person's key, wherever it is kept.

Source: RFC 5652 (CMS), RFC 5035 (signing-certificate-v2), ETSI EN 319 122-1 (CAdES baseline B-B).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from narrowgate.adapters.private_keys.digests import digest_for
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.private_keys.port import SigningKey
from narrowgate.adapters.signing.certificates import RecipientKey
from narrowgate.adapters.signing.shown import shown_attribute


class CmsSigner:
    """Signs with the key of one person.

    Args:
        key: in memory or in a token, with the certificates that name its holder.
    """

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def sign(self, data: bytes, at: datetime, shown: str | None = None) -> bytes:
        """A detached CMS signature (DER) over ``data`` that claims the time ``at``.

        Args:
            data: the signed bytes.
            at: aware UTC time.
            shown: the text that the signer was shown; its digest becomes a signed attribute.

        Raises:
            ConfigurationError, OperationalError: as the key raises them.
        """
        signer = _asn1(self._key.chain[0])
        public_key = self._key.chain[0].public_key()
        digest = digest_for(public_key).name
        kind = "rsa" if isinstance(public_key, rsa.RSAPublicKey) else "ecdsa"
        attributes = _attributes(signer, hashlib.new(digest, data).digest(), at, shown)
        between = [_asn1(each) for each in self._key.chain[1:]]
        named = {"issuer": signer.issuer, "serial_number": signer.serial_number}
        info = cms.SignerInfo(
            {
                "version": "v1",
                "sid": {"issuer_and_serial_number": cms.IssuerAndSerialNumber(named)},
                "digest_algorithm": {"algorithm": digest},
                "signed_attrs": attributes,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": f"{digest}_{kind}"}),
                "signature": self._key.sign(attributes.dump()),
            }
        )
        signed_data = cms.SignedData(
            {
                "version": "v1",
                "digest_algorithms": [info["digest_algorithm"]],
                "encap_content_info": {"content_type": "data"},
                "certificates": [signer, *(each for each in between if each.self_signed == "no")],
                "signer_infos": [info],
            }
        )
        return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed_data}).dump())


class FileSigner(CmsSigner):
    """Signs with a private key in memory.

    Args:
        key: the private key of ``certificate``.
        certificate: names the signer.
        chain: the certificates between it and the root, without the root.
    """

    def __init__(
        self, key: RecipientKey, certificate: x509.Certificate, chain: Sequence[x509.Certificate] = ()
    ) -> None:
        super().__init__(KeyInMemory(key, (certificate, *chain)))


def _attributes(
    signer: asn1_x509.Certificate, digest: bytes, at: datetime, shown: str | None
) -> cms.CMSAttributes:
    """What CAdES wants signed (EN 319 122-1 section 6.3), and what the signer was shown."""
    issuer = asn1_x509.GeneralName({"directory_name": signer.issuer})
    named = tsp.ESSCertIDv2(
        {
            "hash_algorithm": {"algorithm": "sha256"},
            "cert_hash": hashlib.sha256(signer.dump()).digest(),
            "issuer_serial": {"issuer": [issuer], "serial_number": signer.serial_number},
        }
    )
    values = {
        "content_type": cms.ContentType("data"),
        "message_digest": core.OctetString(digest),
        "signing_certificate_v2": tsp.SigningCertificateV2({"certs": [named]}),
        "signing_time": cms.Time({"utc_time": core.UTCTime(at)}),
    }
    attributes = [
        cms.CMSAttribute({"type": cms.CMSAttributeType(name), "values": (value,)})
        for name, value in values.items()
    ]
    return cms.CMSAttributes(attributes if shown is None else [*attributes, shown_attribute(shown)])


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
