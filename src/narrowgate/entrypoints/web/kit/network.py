"""Pages on a network: one socket with mutual TLS, the names it answers to, and the persons who are let in."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from starlette.middleware import Middleware
from starlette.types import ASGIApp

from narrowgate.adapters.http.tls_server import BoundedServer, ConnectionLimits, allow_descriptors, listen
from narrowgate.adapters.signing.client_certificates import ClientCertificates
from narrowgate.core.base.system_errors import refused_by_system
from narrowgate.entrypoints.pages_settings import PagesSettings
from narrowgate.entrypoints.tls_settings import client_side
from narrowgate.entrypoints.web.kit.application import Served
from narrowgate.entrypoints.web.kit.certified import CertifiedClient
from narrowgate.entrypoints.web.kit.pages import Pages
from narrowgate.entrypoints.web.problems import NOT_HTTP
from narrowgate.gate.ports import Clock

_HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class Network:
    """A socket that listens for pages.

    Args:
        origins: scheme, name and port of each name it answers to.
        settings: from ``pages.toml``.
        clock: asked at each request.
        secret: 32 random bytes, of this run of the service.
        listening: bound and listening socket.
        context: of TLS.
        certificates: looks at those that clients show.
    """

    origins: tuple[str, ...]
    settings: PagesSettings
    clock: Clock
    secret: bytes = field(repr=False)
    listening: socket.socket
    context: ssl.SSLContext
    certificates: ClientCertificates

    def served(self, pages: Pages) -> Served:
        """How an application of pages is served here."""

        def require_good(shown: bytes) -> None:
            self.certificates.require_good(shown, self.clock.now())

        entry = Middleware(
            CertifiedClient,
            persons=self.settings.persons,
            require_good=require_good,
            secret=self.secret,
            pages=pages,
        )
        return Served(self.origins, entry, is_entry_first=True)

    def server(self, app: ASGIApp) -> BoundedServer:
        """What answers with the application; not yet running."""
        return BoundedServer(app, self.listening, self.context, ConnectionLimits(), NOT_HTTP)


@contextmanager
def network(settings: PagesSettings, clock: Clock, secret: bytes) -> Iterator[Network]:
    """A socket that listens, and is closed at the end.

    Args:
        settings: from ``pages.toml``.
        clock: asked at each request.
        secret: 32 random bytes.

    Raises:
        ConfigurationError: a certificate, key or list cannot be used.
        OperationalError: the address cannot be had.
    """
    context, certificates = client_side(
        settings.certificate,
        settings.key,
        settings.client_root,
        settings.client_authorities,
        settings.revocation,
    )
    allow_descriptors()
    host, port = settings.listen
    try:
        listening = listen(host, port)
    except OSError as error:
        raise refused_by_system(error, "The pages cannot listen there.", where=f"{host}:{port}") from error
    with listening:
        taken = listening.getsockname()[1]
        # As a browser names it: the usual port is not said (RFC 6454 section 4).
        behind = "" if taken == _HTTPS else f":{taken}"
        origins = tuple(f"https://{name}{behind}" for name in settings.names)
        yield Network(origins, settings, clock, secret, listening, context, certificates)
