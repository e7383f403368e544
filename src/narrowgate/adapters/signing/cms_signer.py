"""Detached CMS signatures (CAdES-BES) made with a person's key, wherever it is kept.

Source: RFC 5652 (CMS), RFC 5035 (signing-certificate-v2), ETSI EN 319 122-1 (CAdES baseline B-B).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.sign.attributes import CMSAttributeProvider, SigningTimeProvider
from pyhanko.sign.signers.pdf_cms import (
    CAdESSignedAttributeProviderSpec,
    PdfCMSSignedAttributes,
    Signer,
)
from pyhanko_certvalidator.registry import SimpleCertificateStore

from narrowgate.adapters.private_keys.digests import digest_for
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.private_keys.port import SigningKey
from narrowgate.adapters.signing.certificates import RecipientKey
from narrowgate.adapters.signing.shown import ShownProvider


class CmsSigner:
    """Signs with the key of one person.

    Args:
        key: in memory or in a token, with the certificates that name its holder.
    """

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def sign(self, data: bytes, at: datetime, shown: str | None = None) -> bytes:
        """A detached CMS signature (DER) over ``data`` that claims the time ``at``.

        Not to be called inside a running event loop.

        Args:
            data: the signed bytes.
            at: aware UTC time.
            shown: the text that the signer was shown; its digest becomes a signed attribute.

        Raises:
            ConfigurationError, OperationalError: as the key raises them.
        """
        raw = _RawSigner(self._key, at, shown)
        signing = raw.async_sign_general_data(data, raw.digest_name, detached=True, use_cades=True)
        # Not asyncio.run: it takes Ctrl-C for itself, and a PIN is asked for in here.
        loop = asyncio.new_event_loop()
        try:
            return bytes(loop.run_until_complete(signing).dump())
        finally:
            loop.close()


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


class _RawSigner(Signer):
    """pyHanko's signer, with the operation of the key left to ours."""

    def __init__(self, key: SigningKey, at: datetime, shown: str | None) -> None:
        # pyhanko-certvalidator leaves this constructor without annotations.
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([_asn1(between) for between in key.chain[1:]])
        public_key = key.chain[0].public_key()
        self.digest_name = digest_for(public_key).name
        kind = "rsa" if isinstance(public_key, rsa.RSAPublicKey) else "ecdsa"
        signer = _asn1(key.chain[0])
        super().__init__(
            signing_cert=signer,
            cert_registry=store,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": f"{self.digest_name}_{kind}"}),
            embed_roots=False,
        )
        self._person = key
        self.signed_attr_prov_spec = _Attributes(signer, at, shown)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """The signature value; nothing is estimated here, so that a token is used once."""
        return self._person.sign(data)


class _Attributes(CAdESSignedAttributeProviderSpec):
    """What CAdES wants signed, and what the signer was shown."""

    def __init__(self, signer: asn1_x509.Certificate, at: datetime, shown: str | None) -> None:
        super().__init__(
            attr_settings=PdfCMSSignedAttributes(signing_time=at),
            signing_cert=signer,
            is_pades=False,
            timestamper=None,
        )
        self._at = at
        self._shown = shown

    def signed_attr_providers(
        self, data_digest: bytes, digest_algorithm: str
    ) -> Iterable[CMSAttributeProvider]:
        """One provider for each attribute."""
        for provider in super().signed_attr_providers(data_digest, digest_algorithm):
            is_time = provider.attribute_type == SigningTimeProvider.attribute_type
            yield _SigningTime(self._at) if is_time else provider
        if self._shown is not None:
            yield ShownProvider(self._shown)


class _SigningTime(SigningTimeProvider):
    """The time of signing, in the one form that RFC 5652 section 11.3 has for its year; pyHanko's ends with 2049."""

    async def build_attr_value(self, dry_run: bool = False) -> cms.Time:
        """UTCTime for the years 1950 to 2049, GeneralizedTime for every other."""
        if 1950 <= self.timestamp.year < 2050:
            return await super().build_attr_value(dry_run)
        return cms.Time({"generalized_time": core.GeneralizedTime(self.timestamp)})


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
