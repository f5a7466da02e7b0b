"""Connections of the HTTP server: how many there may be, and how long one may take to send its request."""

import asyncio
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

READ_SECONDS = 10.0
BACKLOG = 64  # connections that are accepted at a time
_MOST, _FEWEST = 1_000, 16
_RESERVED = 100  # descriptors for the database, for Slack, and for files


def most_connections() -> int:
    """How many connections the process may have at once, within its limit of open files."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _MOST
    return max(_FEWEST, min(_MOST, files - BACKLOG - _RESERVED))


class Connections:
    """Makes the protocol of each connection. A connection whose first request isn't there after READ_SECONDS is closed.

    When there are as many as there may be, a new one takes the place of the one that has waited for a request longest.
    One whose request has been read keeps its place until it is answered.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[asyncio.BaseTransport, _Connection] = {}  # those that wait for a request, longest first
        self._answering: dict[asyncio.BaseTransport, _Connection] = {}

    def of(self, server: web.Server) -> Callable[[], asyncio.Protocol]:
        """What makes the protocol of each connection to the server."""
        return lambda: _Connection(server(), self)

    def admit(self, connection: "_Connection", transport: asyncio.Transport) -> None:
        """Make room for the connection, or close it where all others are being answered."""
        if len(self._open) + len(self._answering) >= self._most:
            waiting = next(iter(self._open), transport)
            if waiting is not transport:
                self.forget(waiting)
            _abort(waiting)
        self._open[transport] = connection

    def forget(self, transport: asyncio.BaseTransport) -> None:
        """The connection is closed, or will be."""
        self._open.pop(transport, None)
        self._answering.pop(transport, None)

    @contextmanager
    def answering(self, request: web.Request) -> Iterator[None]:
        """Keep the connection of a request that has been read for as long as it is being answered."""
        transport = request.transport
        connection = self._open.pop(transport, None) if transport else None
        if transport is None or connection is None:
            yield
            return
        self._answering[transport] = connection
        try:
            yield
        finally:
            if self._answering.pop(transport, None):
                self._open[transport] = connection

    async def on_response(self, request: web.Request, _response: web.StreamResponse) -> None:
        """The first request was there in time."""
        for known in (self._open, self._answering):
            if request.transport in known:
                known[request.transport].is_in_time()


class _Connection(asyncio.Protocol):
    """A connection of aiohttp's, with a time limit for its first request."""

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self._inner, self._connections = inner, connections
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._timer = asyncio.get_running_loop().call_later(READ_SECONDS, _abort, transport)
        self._inner.connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        self._connections.admit(self, transport)

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def is_in_time(self) -> None:
        """The time limit is kept."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_in_time()
        if self._transport is not None:
            self._connections.forget(self._transport)
        self._inner.connection_lost(exc)


def _abort(transport: asyncio.BaseTransport) -> None:
    if isinstance(transport, asyncio.Transport):
        transport.abort()
