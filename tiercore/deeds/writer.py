"""Where deeds are done: each in a transaction of its own, off the event loop."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from tiercore.storage.engine import writing

T = TypeVar("T")
Deed = Callable[[Connection, datetime], T]


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Writer:
    """Does deeds against one database; `clock` gives the moment that they are dated with."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine, self._clock = engine, clock

    async def do(self, deed: Deed[T]) -> T:
        """The deed's answer. What it raises undoes it."""
        return await asyncio.to_thread(self.now, deed)

    def now(self, deed: Deed[T]) -> T:
        """The same, in the caller's own thread."""
        with writing(self._engine) as connection:
            return deed(connection, self._clock())
