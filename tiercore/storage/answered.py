"""Signatures of answered requests, shared by all replicas and kept over restarts (architecture#front-door).

SQLite has one process, which remembers them itself and stores them in batches; PostgreSQL decides for each request.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from sqlalchemy import Engine, delete, select
from sqlalchemy.engine import URL

from tiercore.storage.bulk import store_new, table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, is_sqlite, reading, writing
from tiercore.storage.short_statements import ShortStatement
from tiercore.storage.tables.people import AnsweredRequestRow

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_answered = table(AnsweredRequestRow)
_FLUSH_SECONDS = 0.5
_CLOSE_SECONDS = 1.0
_CHECK_SECONDS = 1.0
_INSERT = "INSERT INTO answered_request (signature, at) VALUES (%(signature)s, %(at)s) ON CONFLICT DO NOTHING"
_FORGET = "DELETE FROM answered_request WHERE at < %s"
log = structlog.get_logger()


class AnsweredRequests(Protocol):
    """Remembers the signatures of requests for `window` seconds."""

    async def open(self, now: float) -> Sequence[tuple[str, float]]:
        """Begin. Returns the signatures that this process must remember, with their times, earliest first."""

    async def is_new(self, signature: str, now: float) -> bool:
        """Remember the signature; False if any replica has remembered it before."""

    async def close(self) -> None:
        """Store what is not stored yet."""


def create_answered_requests(engine: Engine, window: float) -> AnsweredRequests:
    """The memory in the engine's database."""
    return SQLiteAnswered(engine, window) if is_sqlite(engine.url) else PostgreSQLAnswered(engine.url, window)


class SQLiteAnswered:
    """The one process remembers; what it remembers is stored in batches, for the next one."""

    def __init__(self, engine: Engine, window: float) -> None:
        self._engine, self._window = engine, window
        self._waiting: list[tuple[str, float]] = []
        self._task: asyncio.Task[None] | None = None

    async def open(self, now: float) -> Sequence[tuple[str, float]]:
        self._task = asyncio.create_task(self._run())
        return await asyncio.to_thread(self._load, now - self._window)

    async def is_new(self, signature: str, now: float) -> bool:
        self._waiting.append((signature, now))
        return True

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        await self._flush(_CLOSE_SECONDS)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            await self._flush()

    async def _flush(self, patience: float = 0) -> None:
        """Store what is waiting, if the database can be had within `patience` seconds; if not, it goes on waiting."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            await asyncio.to_thread(self._store, waiting, patience)
        except Exception as error:
            self._waiting = waiting + self._waiting
            log.warning("signatures_not_stored", waiting=len(waiting), error=type(error).__name__)

    def _load(self, since: float) -> Sequence[tuple[str, float]]:
        columns = (_answered.c.signature, _answered.c.at)
        with reading(self._engine) as connection:
            rows = connection.execute(select(*columns).where(_answered.c.at >= int(since)).order_by(_answered.c.at))
            return [(row.signature, float(row.at)) for row in rows]

    def _store(self, waiting: Sequence[tuple[str, float]], patience: float) -> None:
        with writing(self._engine, NOTIFICATIONS_LOCK, patience) as connection:
            store_new(connection, _answered, [{"signature": each, "at": int(at)} for each, at in waiting])
            connection.execute(delete(_answered).where(_answered.c.at < int(waiting[-1][1] - self._window)))


class PostgreSQLAnswered:
    """The database decides, for all replicas; while it can't be reached, each replica by itself."""

    def __init__(self, url: URL, window: float) -> None:
        from psycopg_pool import AsyncConnectionPool

        conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._pool = AsyncConnectionPool(
            conninfo, min_size=1, max_size=4, open=False, configure=_configure, timeout=_CHECK_SECONDS
        )
        self._insert = ShortStatement(self._pool, _INSERT, _CHECK_SECONDS)
        self._window, self._forget_at = window, 0.0

    async def open(self, now: float) -> Sequence[tuple[str, float]]:
        await self._pool.open(wait=True)
        return []

    async def is_new(self, signature: str, now: float) -> bool:
        try:
            inserted = await self._insert.run({"signature": signature, "at": str(int(now))})
            if now >= self._forget_at:
                self._forget_at = now + self._window
                await self._forget(now)
            return inserted.command_tuples == 1
        except Exception as error:
            log.warning("replay_not_checked", error=type(error).__name__)
            return True

    async def _forget(self, now: float) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(_FORGET, (int(now - self._window),))

    async def close(self) -> None:
        with suppress(Exception):
            await self._pool.close(timeout=1)


async def _configure(connection: "AsyncConnection[Any]") -> None:
    """A signature lost in a crash of the server is no harm; waiting for its disk at each request would be."""
    await connection.set_autocommit(True)
    await connection.execute("SET synchronous_commit = off")
