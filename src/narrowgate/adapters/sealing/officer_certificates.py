"""Certificates of officers against the agreed root, before anything is sealed to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from narrowgate.adapters.sealing.recipients import require_usable
from narrowgate.adapters.signing.path import require_valid_path
from narrowgate.adapters.signing.revocation_directory import (
    RevocationEvidence,
    is_named_by_answer,
    revoked_serial_numbers,
)
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError

loaded_certificate = lru_cache(maxsize=4_096)(x509.load_der_x509_certificate)
"""Kept, because a worker reads the register in force anew for each package; what is looked at anew is the time."""

_require_usable = lru_cache(maxsize=4_096)(require_usable)


class OfficerCertificates:
    """Accepts certificates of officers that lead to one root and hold at one time.

    The path is built and verified by the cryptography library (RFC 5280 section 6), which is much faster than pyHanko:
    a register has thousands of officers, and each is checked whenever a gate starts. Of each authority one certificate
    needs fresh revocation evidence (``revocation.require_unrevoked``); none may be named by a list or answer at all,
    whether that one is fresh or not.

    Args:
        root: the one certificate that every path must end in.
        at: aware time at which the certificates must hold.
        revocation: the evidence; ``None`` where revocation is not looked at.
    """

    def __init__(
        self, root: x509.Certificate, at: datetime, revocation: RevocationEvidence | None = None
    ) -> None:
        self._root = root
        self._at = at
        self._revocation = revocation
        self._named = frozenset() if revocation is None else revoked_serial_numbers(revocation)
        self._numbers = {number for _, number in self._named}
        self._spoken_for: set[x509.Name] = set()
        # What an officer's own certificate must say is for require_usable: the library knows servers and clients only.
        policy = PolicyBuilder().store(Store([root])).time(at)
        self._verifier = policy.extension_policies(
            ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
        ).build_client_verifier()

    def require_good(self, chain: Sequence[x509.Certificate]) -> None:
        """Returns only if answers may be sealed to the holder of the first certificate.

        Args:
            chain: the officer's certificate, then those between it and the root, if any.

        Raises:
            ConfigurationError: its key or purpose is another, it does not hold at the time, or no path leads from it
                to the root; it is revoked.
            UnavailableError: there is no fresh evidence about its authority.
        """
        certificate = chain[0]
        self.require_holding(certificate)
        try:
            path = self._verifier.verify(certificate, list(chain[1:])).chain[:-1]
        except VerificationError as error:
            raise ConfigurationError(
                "No path leads from it to the agreed root.",
                next_step="Put a certificate into the register that was issued under that root.",
            ) from error
        if self._revocation is not None:
            self._require_unrevoked(path, self._revocation)

    def require_holding(self, certificate: x509.Certificate) -> None:
        """Returns only if the certificate holds at the time, is meant for receiving, and no list names it as revoked.

        Whether a path leads from it to the root was looked at when its register was drawn up, with the certificates
        in between; of those that the root issued itself the evidence must be fresh here, too.

        Raises:
            ConfigurationError: its key or purpose is another, it does not hold at the time, or it is revoked.
            UnavailableError: there is no fresh evidence about the root's own certificates.
        """
        _require_usable(certificate)
        self._require_not_named(certificate)
        if self._revocation is not None and certificate.issuer == self._root.subject:
            self._require_unrevoked([certificate], self._revocation)
        if self._at < certificate.not_valid_before_utc:
            raise ConfigurationError(
                f"It holds only from {certificate.not_valid_before_utc:%Y-%m-%d}.",
                next_step="Wait for that day, or put a certificate that holds now into the register.",
            )
        if self._at > certificate.not_valid_after_utc:
            raise ConfigurationError(
                f"It expired on {certificate.not_valid_after_utc:%Y-%m-%d}.",
                next_step="Put a renewed certificate into the register.",
            )

    def _require_unrevoked(self, path: Sequence[x509.Certificate], evidence: RevocationEvidence) -> None:
        certificate = path[0]
        self._require_not_named(certificate)
        if certificate.issuer in self._spoken_for:
            return
        try:
            asyncio.run(require_valid_path(path, self._root, self._at, revocation=evidence))
        except EnvelopeError as error:
            raise ConfigurationError(error.why, next_step=error.next_step) from error
        self._spoken_for.add(certificate.issuer)

    def _require_not_named(self, certificate: x509.Certificate) -> None:
        """Return only if no list or answer names the certificate, whether that one is fresh or not."""
        if self._revocation is None:
            return
        number = certificate.serial_number  # first, for to write the issuer out takes longer
        named = number in self._numbers and (certificate.issuer.public_bytes(), number) in self._named
        if named or is_named_by_answer(certificate, self._revocation):
            raise ConfigurationError("It is revoked.", next_step="Put a new certificate into the register.")
