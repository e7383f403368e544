"""TLS contexts in which both sides show a certificate of one root, TLS 1.2 or newer."""

from __future__ import annotations

import ssl
from pathlib import Path

from narrowgate.core.base.errors import ConfigurationError


def server_context(certificate: Path, key: Path, client_root: Path) -> ssl.SSLContext:
    """A server that lets in only clients whose certificate leads to ``client_root`` and is meant for clients.

    Args:
        certificate: PEM of the server's certificate, chain following.
        key: PEM of its private key.
        client_root: PEM of the one root of client certificates.

    Raises:
        ConfigurationError: a file is missing or not what it should be, or key and certificate do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load(context, certificate, key, client_root)
    context.verify_mode = ssl.CERT_REQUIRED
    # A session that is taken up again would show no certificate anew.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    return context


def client_context(certificate: Path, key: Path, server_root: Path) -> ssl.SSLContext:
    """A client that shows its certificate, and speaks only with a server of ``server_root`` that has the name called.

    Raises:
        ConfigurationError: a file is missing or not what it should be, or key and certificate do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _load(context, certificate, key, server_root)
    return context


def _load(context: ssl.SSLContext, certificate: Path, key: Path, root: Path) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        context.load_verify_locations(root)
    except (OSError, ssl.SSLError) as error:
        raise _unusable("root certificate", root, error) from error
    try:
        # Without a passphrase given OpenSSL would ask on the terminal.
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except (OSError, ssl.SSLError) as error:
        raise _unusable("certificate and its private key", certificate, error) from error


def _no_passphrase() -> str:
    raise ConfigurationError(
        "The private key of the connection is encrypted.",
        why="A machine's connection is opened when nobody is there to type.",
        next_step="Name a key without a passphrase, in a file that its user alone can read.",
    )


def _unusable(what: str, path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"The {what} of the connection cannot be used.",
        why=f"{type(error).__name__}: the file is missing, is no PEM file, or the two do not belong together.",
        next_step="Name a PEM file of the certificate and one of its own private key.",
        where=str(path),
    )
