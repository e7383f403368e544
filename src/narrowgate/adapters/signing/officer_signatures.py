"""The signatures of the custodian's officers, verified against the one root that the charter names."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.adapters.signing.signature_verifier import RootVerifier
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.gate.package_ports import SignerIdentity

_REMEMBERED_SIGNATURES: Final = 4096
"""Of acts, some kilobytes each; a gate at work verifies all of its log's with each package."""

_VERIFIED: dict[tuple[str, bytes, bytes, frozenset[str], datetime], SignerIdentity] = {}
"""Signatures that this process has verified, by everything that the verdict follows from; none that failed."""


class RootOfficerSignatures:
    """``OfficerSignatures`` against the root of a PEM file.

    Args:
        root: PEM of the root.
        revocation: the directory of revocation lists; without one revocation is not looked at, which only a sandbox's
            settings allow.
    """

    def __init__(self, root: Path, revocation: RevocationDirectory | None = None) -> None:
        self._root = root
        self._revocation = revocation
        self._verifier = RootVerifier(root, revocation)

    def signer(
        self, data: bytes, signature: bytes, keys: Collection[str], root_sha256: str, at: datetime
    ) -> str:
        """See ``OfficerSignatures.signer``."""
        identity = self._identity(data, signature, keys, at)
        if identity.root_sha256 != root_sha256:
            raise ConfigurationError(
                "The root of the custody officers is not the one that the charter names.",
                next_step="Restore root.pem in the directory of the charter.",
                where=str(self._root),
            )
        return identity.public_key_sha256

    def _identity(self, data: bytes, signature: bytes, keys: Collection[str], at: datetime) -> SignerIdentity:
        """Who signed; where nothing but these bytes decides it, what was verified once is not verified again."""
        if self._revocation is not None:
            return self._verifier.verify(data, signature, at, keys)
        asked = self._verifier.root_sha256, sha256(data).digest(), signature, frozenset(keys), at
        if (known := _VERIFIED.get(asked)) is None:
            known = self._verifier.verify(data, signature, at, keys)
            if len(_VERIFIED) >= _REMEMBERED_SIGNATURES:
                _VERIFIED.clear()
            _VERIFIED[asked] = known
        return known
