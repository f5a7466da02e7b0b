"""Where changes are made: each in a transaction of its own, off the event loop."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from tiercore.storage.engine import FACTS_LOCK, reading, writing

T = TypeVar("T")
Change = Callable[[Connection, datetime], T]
Read = Callable[[Connection], T]


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Transactions:
    """Changes and reads of one database; `clock` gives the moment that changes are dated with.

    Changes under the same `lock` are made one after the other, whatever process makes them. Reads wait for nobody.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now, lock: int = FACTS_LOCK) -> None:
        self._engine, self.clock, self._lock = engine, clock, lock

    async def write(self, change: Change[T]) -> T:
        """What the change gives. An exception it raises undoes it."""
        return await asyncio.to_thread(self.write_now, change)

    async def read(self, read: Read[T]) -> T:
        """What is read, without a lock."""
        return await asyncio.to_thread(self.read_now, read)

    def write_now(self, change: Change[T]) -> T:
        """The same as `write`, in the caller's own thread."""
        with writing(self._engine, self._lock) as connection:
            return change(connection, self.clock())

    def read_now(self, read: Read[T]) -> T:
        """The same as `read`, in the caller's own thread."""
        with reading(self._engine) as connection:
            return read(connection)
