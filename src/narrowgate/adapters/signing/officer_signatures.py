"""The signatures of the custodian's officers, verified against the one root that the charter names."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.adapters.signing.signature_verifier import RootVerifier
from narrowgate.core.base.errors import ConfigurationError


class RootOfficerSignatures:
    """``OfficerSignatures`` against the root of a PEM file.

    Args:
        root: PEM of the root.
        revocation: the directory of revocation lists; without one revocation is not looked at, which only a sandbox's
            settings allow.
    """

    def __init__(self, root: Path, revocation: RevocationDirectory | None = None) -> None:
        self._root = root
        self._verifier = RootVerifier(root, revocation)

    def signer(
        self, data: bytes, signature: bytes, keys: Collection[str], root_sha256: str, at: datetime
    ) -> str:
        """See ``OfficerSignatures.signer``."""
        identity = self._verifier.verify(data, signature, at, keys)
        if identity.root_sha256 != root_sha256:
            raise ConfigurationError(
                "The root of the custody officers is not the one that the charter names.",
                next_step="Restore root.pem in the directory of the charter.",
                where=str(self._root),
            )
        return identity.public_key_sha256
