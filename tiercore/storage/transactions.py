"""Transactions for changes and occasional reads, run off the event loop."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from tiercore.storage.engine import FACTS_LOCK, PATIENCE_SECONDS, Busy, reading, snapshot, writing
from tiercore.turns import in_thread

_PAUSE_SECONDS = 0.1
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

    async def write(self, change: Change[T], patience: float = PATIENCE_SECONDS) -> T:
        """Run the change in a transaction and return its result. An exception rolls it back.

        It waits for another writer, such as an import, without holding a thread. Raises Busy after `patience` seconds.
        """
        ends = time.monotonic() + patience
        while True:
            try:
                return await asyncio.to_thread(self._write, change, 0)
            except Busy:
                if time.monotonic() >= ends:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)

    async def read(self, read: Read[T]) -> T:
        """Run the read without a lock and return its result."""
        return await in_thread(self.read_now, read)

    async def snapshot(self, read: Read[T]) -> T:
        """Like `read`, but all that it reads is of one state of the data, whatever is written meanwhile."""
        return await in_thread(self._snapshot, read)

    def _snapshot(self, read: Read[T]) -> T:
        with snapshot(self._engine) as connection:
            return read(connection)

    def write_now(self, change: Change[T]) -> T:
        """Like `write`, but in the caller's thread."""
        return self._write(change, PATIENCE_SECONDS)

    def _write(self, change: Change[T], patience: float) -> T:
        with writing(self._engine, self._lock, patience) as connection:
            return change(connection, self.clock())

    def read_now(self, read: Read[T]) -> T:
        """Like `read`, but in the caller's thread."""
        with reading(self._engine) as connection:
            return read(connection)
