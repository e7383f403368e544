"""The signature of an index: who built it, or put a layer upon it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from narrowgate.adapters.signing.certificates import load_certificates, public_key_sha256
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.adapters.signing.signature_verifier import RootVerifier
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError
from narrowgate.index.integrity import VerifySignature


def custodian_only(
    root: Path, signer: Path, now: datetime, where: str, revocation: RevocationDirectory | None = None
) -> VerifySignature:
    """Accepts an index that was signed with the custodian's own certificate, valid now, and no other.

    Args:
        root: PEM of the root that the certificate comes from.
        signer: PEM of the certificate.
        now: the time at which it must be valid.
        where: the index, for messages.
        revocation: the directory of revocation lists; without one revocation is not looked at.

    Raises:
        ConfigurationError: a file holds no certificate.
    """
    verifier = RootVerifier(root, revocation)
    expected = public_key_sha256(load_certificates(signer)[0])

    def verify(manifest: bytes, signature: bytes) -> None:
        try:
            verifier.verify(manifest, signature, now, {expected})
        except EnvelopeError as error:
            # Not the requester's fault: an exit code 12 would tell to ask for the package again.
            raise ConfigurationError(
                f"The signature of the index is refused. {error.what}",
                why=error.why,
                next_step="Restore the index from its copy, or build it again; or name who signs indexes in gate.toml.",
                where=where,
            ) from error

    return verify
