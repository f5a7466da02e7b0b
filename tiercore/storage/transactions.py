"""Transactions for changes and occasional reads, run off the event loop."""

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
    """The current time, in UTC."""
    return datetime.now(UTC)


class Transactions:
    """Changes and reads of one database; `clock` gives the time that a change is dated with.

    Changes with the same `lock` run one after the other, across all processes. Reads don't wait.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now, lock: int = FACTS_LOCK) -> None:
        self._engine, self.clock, self._lock = engine, clock, lock

    async def write(self, change: Change[T]) -> T:
        """Run the change in a transaction and return its result. An exception rolls it back."""
        return await asyncio.to_thread(self.write_now, change)

    async def read(self, read: Read[T]) -> T:
        """Run the read without a lock and return its result."""
        return await asyncio.to_thread(self.read_now, read)

    def write_now(self, change: Change[T]) -> T:
        """Like `write`, but in the caller's thread."""
        with writing(self._engine, self._lock) as connection:
            return change(connection, self.clock())

    def read_now(self, read: Read[T]) -> T:
        """Like `read`, but in the caller's thread."""
        with reading(self._engine) as connection:
            return read(connection)
