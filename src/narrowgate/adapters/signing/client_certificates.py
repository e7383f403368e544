"""Certificates of machines that call the intake: a path to the requester's root, unrevoked now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from narrowgate.adapters.signing.certificates import public_key_sha256
from narrowgate.adapters.signing.chain import paths, require_accepted_key
from narrowgate.adapters.signing.path import require_valid_path
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.core.base.errors import ClientRefusedError, EnvelopeError, RevokedCertificateError

_USES = frozenset({ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


def client_key_sha256(certificate: bytes) -> str:
    """Hex SHA-256 of the public key of a client's certificate (DER); nothing else of it is looked at.

    Raises:
        ClientRefusedError: it cannot be read.
    """
    try:
        return public_key_sha256(x509.load_der_x509_certificate(certificate))
    except ValueError as error:
        raise ClientRefusedError(
            "The client certificate cannot be read.",
            next_step="Call with the certificate that the custodian bound to your office.",
        ) from error


class ClientCertificates:
    """Accepts certificates of TLS clients that lead to one root and are revoked by no fresh list.

    The handshake has verified that the caller holds the private key; whether the certificate still holds is looked at
    anew here, because a connection may live longer than it.

    Args:
        root: the one certificate that every path must end in.
        between: certificates of authorities between it and the clients'.
        revocation: the directory of revocation lists; ``None`` only in a sandbox.
    """

    def __init__(
        self,
        root: x509.Certificate,
        between: Sequence[x509.Certificate],
        revocation: RevocationDirectory | None,
    ) -> None:
        self._root = root
        self._between = between
        self._revocation = revocation

    def require_good(self, certificate: bytes, at: datetime) -> None:
        """Return only for a client for whom the root vouches at ``at``.

        Args:
            certificate: DER, as the handshake showed it.
            at: aware UTC time.

        Raises:
            ClientRefusedError: no path leads from it to the root, it does not hold, or it is for another use.
            RevokedCertificateError: it, or one above it, is revoked.
            UnavailableError: there is no fresh revocation evidence.
        """
        try:
            client = x509.load_der_x509_certificate(certificate)
            require_accepted_key(client)
            self._require_client(client)
            path = self._path(client)
            evidence = None if self._revocation is None else self._revocation.read()
            asyncio.run(require_valid_path(path, self._root, at, revocation=evidence))
        except RevokedCertificateError:
            raise
        except (EnvelopeError, ValueError) as error:
            raise ClientRefusedError(
                "The client certificate is not accepted.",
                why=error.why or error.what if isinstance(error, EnvelopeError) else "It cannot be read.",
                next_step="Call with a certificate for clients that the agreed root vouches for today.",
            ) from error

    def _path(self, client: x509.Certificate) -> tuple[x509.Certificate, ...]:
        for path in paths(client, self._between, self._root):
            return path
        raise EnvelopeError("No path leads from the certificate to the root of the clients.")

    def _require_client(self, client: x509.Certificate) -> None:
        extensions = {each.oid: each.value for each in client.extensions}
        uses = extensions.get(x509.ExtendedKeyUsage.oid)
        usage = extensions.get(x509.KeyUsage.oid)
        is_signing = isinstance(usage, x509.KeyUsage) and usage.content_commitment
        if not isinstance(uses, x509.ExtendedKeyUsage) or not _USES & set(uses) or is_signing:
            raise EnvelopeError(
                "It is not one for TLS clients: a card's signing certificate opens no connection."
            )
