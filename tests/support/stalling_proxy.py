"""A proxy that can stop forwarding: what is behind it stays connected and never answers again."""

import asyncio
from collections.abc import Awaitable, Callable

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class StallingProxy:
    """Forwards TCP connections until `stall()`; then it accepts new ones, and nothing comes back."""

    def __init__(self, connect: Connect) -> None:
        self._connect, self._flowing = connect, asyncio.Event()
        self._flowing.set()
        self._tasks = set[asyncio.Task[None]]()
        self.port = 0

    async def __aenter__(self) -> "StallingProxy":
        self._server = await asyncio.start_server(self._on_connection, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()

    def stall(self) -> None:
        """Forward nothing any more."""
        self._flowing.clear()

    async def _on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flowing.wait()
        behind = await self._connect()
        for source, target in ((reader, behind[1]), (behind[0], writer)):
            task = asyncio.create_task(self._forward(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _forward(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            await self._flowing.wait()
            target.write(data)
            await target.drain()
        target.close()
