"""From ``intake.toml`` to a server that listens; nothing of a gate is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Scope

from narrowgate.adapters.files.intake_directory import IntakeDirectory
from narrowgate.adapters.files.notice_directory import NoticeDirectory
from narrowgate.adapters.http.tls_server import BoundedServer, ConnectionLimits, allow_descriptors, listen
from narrowgate.adapters.signing.client_certificates import client_key_sha256
from narrowgate.core.base.system_errors import refused_by_system
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.intake_settings import IntakeSettings
from narrowgate.entrypoints.observability.observation import Observation
from narrowgate.entrypoints.tls_settings import client_side
from narrowgate.entrypoints.web.accepted_certificates import AcceptedCertificates
from narrowgate.entrypoints.web.intake.app import IntakeApplication
from narrowgate.entrypoints.web.intake.guard import OFFICE, Guard
from narrowgate.entrypoints.web.intake.service import IntakeService
from narrowgate.entrypoints.web.problems import NOT_HTTP
from narrowgate.gate.ports import Clock


@contextmanager
def opened_intake(
    settings: IntakeSettings,
    clock: Clock,
    limits: ConnectionLimits | None = None,
    observation: Observation | None = None,
) -> Iterator[tuple[BoundedServer, str]]:
    """A server that listens, not yet running, and its address.

    Args:
        settings: from ``intake.toml``.
        clock: asked at each request.
        limits: on connections; the usual ones where none are named.
        observation: of its requests and connections; None where it is not observed.

    Raises:
        ConfigurationError: a certificate, key or list cannot be used.
        InUseError: another intake writes in the directory.
        OperationalError: the address or a directory cannot be had.
    """
    context, certificates = client_side(
        settings.certificate,
        settings.key,
        settings.client_root,
        settings.client_authorities,
        settings.revocation,
    )

    def require_good(shown: bytes) -> None:
        certificates.require_good(shown, clock.now())

    notices = NoticeDirectory(settings.notices)
    uploads = IntakeDirectory(settings.directory, settings.max_package_bytes, settings.max_uploads)
    try:
        service = IntakeService(uploads, notices, settings.answers, clock)
        application = IntakeApplication(service).application
        guarded = Guard(
            application,
            client_key_sha256,
            AcceptedCertificates(require_good),
            settings.clients,
            settings.requests_per_minute,
        )
        allow_descriptors()
        host, port = settings.listen
        try:
            listening = listen(host, port)
        except OSError as error:
            raise refused_by_system(
                error, "The intake cannot listen there.", where=f"{host}:{port}"
            ) from error
        with listening:
            shown = f"[{host}]" if ":" in host else host
            address = f"https://{shown}:{listening.getsockname()[1]}"
            app = guarded if observation is None else observation.requests_of(guarded, _office)
            server = BoundedServer(app, listening, context, limits or ConnectionLimits(), NOT_HTTP)
            if observation is not None:
                observation.connections_of(server)
            yield server, address
    finally:
        uploads.close()


def _office(scope: Scope) -> str:
    """The office whose certificate the request came with; empty where the guard let none through."""
    office = scope["state"].get(OFFICE)
    return office.value if isinstance(office, Office) else ""
