"""Where deeds are done: each in a transaction of its own, off the event loop."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from tiercore.storage.engine import FACTS_LOCK, reading, writing

T = TypeVar("T")
Subcommand = Callable[[Connection, datetime], T]


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Transactions:
    """Does deeds against one database; `clock` gives the moment that they are dated with.

    Deeds under the same `lock` are done one after the other, whatever process does them.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now, lock: int = FACTS_LOCK) -> None:
        self._engine, self.clock, self._lock = engine, clock, lock

    async def do(self, deed: Subcommand[T]) -> T:
        """The deed's answer. What it raises undoes it."""
        return await asyncio.to_thread(self.now, deed)

    async def look(self, read: Callable[[Connection], T]) -> T:
        """What is read, without a lock."""

        def looked() -> T:
            with reading(self._engine) as connection:
                return read(connection)

        return await asyncio.to_thread(looked)

    def now(self, deed: Subcommand[T]) -> T:
        """The same, in the caller's own thread."""
        with writing(self._engine, self._lock) as connection:
            return deed(connection, self.clock())
