"""Statements of PostgreSQL that nearly every request runs: those that wait go to the server together, in one round trip
(architecture#hot-path).

Each is a transaction of its own, so none sees what another has set, and one that fails spoils no other.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.pq.abc import PGconn, PGresult
    from psycopg_pool import AsyncConnectionPool

    Connection = AsyncConnection[Any]

_MOST_TOGETHER = 64
_PARAMETER = re.compile(r"%\((\w+)\)s")
_NUMBERS = count()
Values = Sequence[bytes | None]


class ShortStatement:
    """One statement with named parameters (`%(name)s`), all of them text. It is prepared once for each connection.

    Who comes while others are served waits for the next round trip; it begins after they came, so a read never shows a
    state from before it was asked for.
    """

    def __init__(self, pool: "AsyncConnectionPool[Any]", sql: str, patience: float) -> None:
        self._pool, self._patience = pool, patience
        self._names = list(dict.fromkeys(_PARAMETER.findall(sql)))
        self._sql = _PARAMETER.sub(lambda found: f"${self._names.index(found[1]) + 1}", sql).replace("%%", "%").encode()
        self._prepared: WeakKeyDictionary[Connection, bytes] = WeakKeyDictionary()
        self._waiting: list[tuple[Values, asyncio.Future[PGresult]]] = []
        self._others: asyncio.Task[None] | None = None
        self._busy = False

    async def run(self, parameters: Mapping[str, str | None]) -> "PGresult":
        """What the server answers. The driver's errors pass through; raises PoolTimeout after `patience` seconds."""
        values = [None if (value := parameters[name]) is None else value.encode() for name in self._names]
        if self._busy:
            result = asyncio.get_running_loop().create_future()
            self._waiting.append((values, result))
            return _checked(await result)
        self._busy = True
        try:
            [alone] = await self._together([values])
        finally:
            self._go_on()
        return _checked(alone)

    def _go_on(self) -> None:
        """Serve those who came meanwhile."""
        self._busy = bool(self._waiting)
        if self._busy:
            self._others = asyncio.get_running_loop().create_task(self._serve_others())

    async def _serve_others(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST_TOGETHER], self._waiting[_MOST_TOGETHER:]
            try:
                results = await self._together([values for values, _ in batch])
            except BaseException as error:
                failed = error if isinstance(error, Exception) else ConnectionError("the bot is stopping")
                for _, waiting in batch:
                    if not waiting.done():
                        waiting.set_exception(failed)
                if failed is not error:
                    raise
                continue
            for (_, waiting), result in zip(batch, results, strict=True):
                if not waiting.done():
                    waiting.set_result(result)
        self._busy = False

    async def _together(self, batch: Sequence[Values]) -> list["PGresult"]:
        """The result of each, in one round trip."""
        try:
            async with asyncio.timeout(self._patience):
                return await self._on_a_connection(batch)
        except TimeoutError as error:
            from psycopg_pool import PoolTimeout

            raise PoolTimeout(f"no answer after {self._patience} seconds") from error

    async def _on_a_connection(self, batch: Sequence[Values]) -> list["PGresult"]:
        connection: Connection = await self._pool.getconn()
        try:
            return await self._exchange(connection, batch)
        except BaseException:  # broken off: what the server still answers would be taken for the next answer
            await connection.close()
            raise
        finally:
            await self._pool.putconn(connection)

    async def _exchange(self, connection: "Connection", batch: Sequence[Values]) -> list["PGresult"]:
        from psycopg.pq import ExecStatus

        pgconn, name = connection.pgconn, self._prepared.get(connection)
        preparing = name is None
        if name is None:
            name = self._prepared[connection] = f"tierbot_{next(_NUMBERS)}".encode()
        pgconn.enter_pipeline_mode()
        if preparing:
            pgconn.send_prepare(name, self._sql)
            pgconn.pipeline_sync()
        for values in batch:
            pgconn.send_query_prepared(name, values)
            pgconn.pipeline_sync()
        results = await _results(pgconn, len(batch) + preparing)
        pgconn.exit_pipeline_mode()
        if any(each.status == ExecStatus.FATAL_ERROR for each in results):
            del self._prepared[connection]  # it may have been made for tables that have changed since
        return [_checked(results[0]), *results[1:]][1:] if preparing else results


async def _results(pgconn: "PGconn", number: int) -> list["PGresult"]:
    """The results of so many statements, each of which a synchronization follows."""
    from psycopg.pq import ExecStatus

    loop, moved, results, synced = asyncio.get_running_loop(), asyncio.Event(), list[Any](), 0
    file = pgconn.socket
    loop.add_reader(file, moved.set)
    try:
        while synced < number:
            if pgconn.flush():
                loop.add_writer(file, moved.set)
            else:
                loop.remove_writer(file)
            await moved.wait()
            moved.clear()
            pgconn.consume_input()
            while synced < number and not pgconn.is_busy():
                result = pgconn.get_result()
                if result is not None and result.status == ExecStatus.PIPELINE_SYNC:
                    synced += 1
                elif result is not None:
                    results.append(result)
    finally:
        loop.remove_reader(file)
        loop.remove_writer(file)
    return results


def _checked(result: "PGresult") -> "PGresult":
    from psycopg.errors import error_from_result
    from psycopg.pq import ExecStatus

    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise error_from_result(result)
    return result
