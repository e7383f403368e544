"""Certificates of officers against the agreed root, before anything is sealed to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from narrowgate.adapters.sealing.recipients import require_usable
from narrowgate.core.base.errors import ConfigurationError


class OfficerCertificates:
    """Accepts certificates of officers that lead to one root and hold at one time.

    The path is built and verified by the cryptography library (RFC 5280 section 6), which is much faster than pyHanko:
    a register has thousands of officers, and each is checked whenever a gate starts. No revocation list is looked at.

    Args:
        root: the one certificate that every path must end in.
        at: aware time at which the certificates must hold.
    """

    def __init__(self, root: x509.Certificate, at: datetime) -> None:
        self._at = at
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
                to the root.
        """
        certificate = chain[0]
        require_usable(certificate)
        if self._at < certificate.not_valid_before_utc:
            raise ConfigurationError(f"It holds only from {certificate.not_valid_before_utc:%Y-%m-%d}.")
        if self._at > certificate.not_valid_after_utc:
            raise ConfigurationError(f"It expired on {certificate.not_valid_after_utc:%Y-%m-%d}.")
        try:
            self._verifier.verify(certificate, list(chain[1:]))
        except VerificationError as error:
            raise ConfigurationError("No path leads from it to the agreed root.") from error
