"""The gate's verifier of officials' signatures: CMS against exactly one root."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from narrowgate.adapters.signing.certificates import certificate_sha256, load_root
from narrowgate.adapters.signing.cms import verify_detached
from narrowgate.adapters.signing.path import CertificatePolicies
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.adapters.signing.shown import require_some_shown
from narrowgate.adapters.signing.trust import Trust
from narrowgate.gate.package_ports import SignerIdentity


class RootVerifier:
    """Accepts signatures whose chain ends in the one root of a PEM file.

    A second root would weaken the check of revocation, so exactly one is taken.

    Args:
        path: the PEM file.
        revocation: the directory of revocation lists, read at each verification; without one revocation is not
            looked at, which only a sandbox's settings allow.
        card_policies: dotted OIDs of which one must hold along the whole path, and then the signature must say what its
            signer was shown; empty where a key in a file will do.
        timestamp_authority: hex SHA-256 of the certificate of the authority whose time stamp every signature must
            carry; ``None`` where none is needed.

    Raises:
        ConfigurationError: it holds no certificate, or several.
    """

    def __init__(
        self,
        path: Path,
        revocation: RevocationDirectory | None = None,
        card_policies: Collection[str] = frozenset(),
        timestamp_authority: str | None = None,
    ) -> None:
        self._timestamp_authority = timestamp_authority
        self._policies = CertificatePolicies(
            frozenset(card_policies), explicit=bool(card_policies), inhibit_any=bool(card_policies)
        )
        self._root = load_root(path)
        self._revocation = revocation
        self._root_sha256 = certificate_sha256(self._root)

    @property
    def root_sha256(self) -> str:
        """SHA-256 of the root's certificate."""
        return self._root_sha256

    def verify(
        self,
        data: bytes,
        signature: bytes,
        at: datetime,
        keys: Collection[str],
        earliest: datetime | None = None,
    ) -> SignerIdentity:
        """The holder of one of ``keys`` who signed exactly ``data``, vouched for by the root at ``at``.

        Raises:
            EnvelopeError: there is none.
            UnavailableError: the revocation evidence is missing, stale or unusable.
        """
        evidence = None if self._revocation is None else self._revocation.read()
        trust = Trust(self._root, evidence, self._policies, self._timestamp_authority)
        signer = verify_detached(data, signature, trust, at, keys, earliest=earliest)
        if self._policies.accepted:
            require_some_shown(signer.shown_sha256)
        return SignerIdentity(signer.public_key_sha256, self._root_sha256)
