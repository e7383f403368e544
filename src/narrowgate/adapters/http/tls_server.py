"""uvicorn behind an accept loop of our own: bounded, patient with no one, and aware of the peer's certificate.

uvicorn tells an application nothing of the client certificate, waits a minute for a handshake and for ever for a
request's head, and counts connections only once they speak HTTP. Here a connection counts when it is accepted, has five
seconds for its handshake and as many for the head of each request, and its certificate stands in the state of each
request.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from narrowgate.adapters.http.rate import Rate

PEER_CERTIFICATE: Final = "peer_certificate"
"""In the state of a request: the client's certificate, DER."""

TOO_MANY: Final = "too_many"
CERTIFICATE: Final = "certificate"
HANDSHAKE: Final = "handshake"
"""Why a connection got no further than its handshake: too many, its certificate, or anything else."""

_OF_CERTIFICATES: Final = {"PEER_DID_NOT_RETURN_A_CERTIFICATE", "CERTIFICATE_VERIFY_FAILED"}
"""What OpenSSL calls the lack of a certificate, and one that does not lead to the root."""

_REMEMBERED: Final = 10_000
"""Addresses whose rate is kept at a time."""

Application = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How much of the machine connections may hold.

    Args:
        total: connections at a time.
        per_address: of one network address (IPv6: of its network of 64 bits) at a time, and as many new ones at once.
        new_per_minute: new ones of one address on average; a handshake costs the server more than the caller.
        handshake_seconds: until the TLS handshake is done.
        head_seconds: until the head of a request is there, from the first moment the server waits for one.
        idle_seconds: between two requests.
    """

    total: int = 512
    per_address: int = 64
    new_per_minute: int = 1_200
    handshake_seconds: float = 5.0
    head_seconds: float = 5.0
    idle_seconds: int = 15


class BoundedServer(uvicorn.Server):
    """Serves one application on one socket with TLS until ``should_exit`` is set.

    Args:
        application: ASGI 3.
        listening: bound and listening socket.
        context: of TLS; clients without a certificate of its root get no further than the handshake.
        limits: on connections.
        refusal: body of the answer to what is no HTTP.

    ``refused`` counts the connections that got no further than their handshake, by why.
    """

    def __init__(
        self,
        application: Application,
        listening: socket.socket,
        context: ssl.SSLContext,
        limits: ConnectionLimits,
        refusal: bytes,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http="h11",
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=limits.idle_seconds,
                timeout_graceful_shutdown=5,
            )
        )
        self._listening = listening
        self._context = context
        self._limits = limits
        self._refusal = refusal
        self._open: Counter[str] = Counter()
        self._rates: dict[str, Rate] = {}
        self.refused: Counter[str] = Counter()
        self._handshakes: set[asyncio.Task[None]] = set()
        self._accepting: asyncio.Task[None] | None = None

    @property
    def open_connections(self) -> int:
        """Connections that are open now, those in their handshake among them."""
        return sum(list(self._open.values()))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The application has started, and connections are accepted."""
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            self.should_exit = True
            return
        self.servers = []
        self._listening.setblocking(False)
        self._accepting = asyncio.create_task(self._accept())
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """No connection is accepted any more, and those that are open have had five seconds to end."""
        if self._accepting is not None:
            self._accepting.cancel()
        for task in list(self._handshakes):
            task.cancel()
        self._listening.close()
        await super().shutdown(sockets)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(self._listening)
            except OSError:
                await asyncio.sleep(0.1)  # no descriptor is free, or the peer has gone already
                continue
            name = _network(str(address[0]))
            if not self._may_enter(name, loop.time()):
                self.refused[TOO_MANY] += 1
                connection.close()
                continue
            self._open[name] += 1
            task = asyncio.create_task(self._shake_hands(connection, name))
            self._handshakes.add(task)
            task.add_done_callback(self._handshakes.discard)

    async def _shake_hands(self, connection: socket.socket, name: str) -> None:
        """The connection speaks HTTP from now on, or is closed."""
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        protocol = PeerAwareProtocol(
            self.config,
            self.server_state,
            self.lifespan.state,
            self._limits,
            self._refusal,
            lambda: self._leave(name),
        )
        try:
            await loop.connect_accepted_socket(
                lambda: protocol,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=self._limits.handshake_seconds,
                ssl_shutdown_timeout=1.0,
            )
        except (OSError, asyncio.CancelledError) as error:
            # No certificate, one of another root, no TLS at all, too slow: only how often is of interest to others.
            reason = getattr(error, "reason", "")
            self.refused[CERTIFICATE if reason in _OF_CERTIFICATES else HANDSHAKE] += 1
            with suppress(OSError):
                connection.close()
            protocol.leave()

    def _may_enter(self, name: str, now: float) -> bool:
        limits = self._limits
        if self._open.total() >= limits.total or self._open[name] >= limits.per_address:
            return False
        if len(self._rates) >= _REMEMBERED:
            # An address whose bucket is full again is as good as a new one.
            full = [one for one, rate in self._rates.items() if rate.filled(now) >= limits.per_address]
            for one in full or list(self._rates):
                del self._rates[one]
        rate = self._rates.setdefault(name, Rate(limits.new_per_minute, limits.per_address))
        return rate.take(now) == 0.0

    def _leave(self, name: str) -> None:
        self._open[name] -= 1
        if self._open[name] <= 0:
            del self._open[name]


class PeerAwareProtocol(H11Protocol):
    """HTTP/1.1 whose requests know the peer's certificate, and whose heads must come in time.

    Args:
        config: of the server.
        server_state: of the server.
        app_state: what the application's start left in the state of each request.
        limits: on connections.
        refusal: body of the answer to what is no HTTP.
        left: called once, when the connection is no more or never came about.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        limits: ConnectionLimits,
        refusal: bytes,
        left: Callable[[], None],
    ) -> None:
        super().__init__(config, server_state, app_state)
        self._limits = limits
        self._refusal = refusal
        self._left: Callable[[], None] | None = left
        self._head: asyncio.TimerHandle | None = None

    def leave(self) -> None:
        """The connection counts no more."""
        if self._left is not None:
            left, self._left = self._left, None
            left()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The handshake is done."""
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        peer = tls.getpeercert(binary_form=True) if tls is not None else None
        self.app_state = {**self.app_state, PEER_CERTIFICATE: peer}
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more."""
        self._head_came()
        super().connection_lost(exc)
        self.leave()

    def handle_events(self) -> None:
        """Requests begin as their heads are whole; a head that has begun must be whole in time."""
        super().handle_events()
        if self.conn.their_state is not h11.IDLE:
            self._head_came()
        elif self.conn.trailing_data[0] and self._head is None:
            self._expect_head()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP gets one problem document, and the connection ends."""
        self._head_came()
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            headers = [
                ("content-type", "application/problem+json"),
                ("content-length", str(len(self._refusal))),
                ("cache-control", "no-store"),
                ("connection", "close"),
            ]
            for event in (
                h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
                h11.Data(data=self._refusal),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _expect_head(self) -> None:
        self._head = self.loop.call_later(self._limits.head_seconds, self.transport.abort)

    def _head_came(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None


def _network(address: str) -> str:
    """What counts as one caller: an IPv4 address, or the network of an IPv6 address that its holder fills at will."""
    if ":" not in address:
        return address
    return str(ip_network((address.partition("%")[0], 64), strict=False))


def run_until_ended(server: uvicorn.Server) -> None:
    """Serves until the process is interrupted or terminated, then lets what is under way end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    # Its public method would raise the signal again, as if an end that was asked for were a failure.
    asyncio.run(server._serve())


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises:
        OSError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


def allow_descriptors() -> None:
    """The process may open as many files as the system lets it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
