"""The database of a simulated run: SQLite in memory, and transactions that chance delays and fails."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, create_engine, delete, literal, select, union_all
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel

from bench.simulation.world import World
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, PATIENCE_SECONDS, reading
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import (
    AlertResponseRow,
    OutboxRow,
    RateLimitRow,
    RunRow,
    SignalRow,
    SubscriptionRow,
)
from tiercore.storage.transactions import Change, Read, T, Transactions

_TABLES = [table(each) for each in (SubscriptionRow, RunRow, OutboxRow, RateLimitRow, SignalRow, AlertResponseRow)]
_JUST_NOW, _LOOK_AGAIN = 3_000, 60_000  # milliseconds
_outbox, _pace, _subscription = table(OutboxRow), table(RateLimitRow), table(SubscriptionRow)


def empty_database() -> Engine:
    """A database in memory with the tables of notifications."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    SQLModel.metadata.create_all(engine, _TABLES)
    return engine


def clear(engine: Engine) -> None:
    """Empty all tables."""
    with engine.begin() as connection:
        for each in _TABLES:
            connection.execute(delete(each))


class SimulatedTransactions(Transactions):
    """One process's transactions, which another one may come between; some fail, before or after they are committed."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], world: World, failing: float) -> None:
        super().__init__(engine, clock, NOTIFICATIONS_LOCK)
        self._world, self._failing, self._connection = world, failing, engine.connect()

    async def write(self, change: Change[T], patience: float = PATIENCE_SECONDS) -> T:
        """See Transactions. Nobody else has the lock."""
        await self._wait()
        luck = self._world.chance.random()
        if luck < self._failing:
            self._world.note("the database refuses a change")
            raise OperationalError("the database is being restarted", None, Exception())
        result = self.write_now(change)
        if luck > 1 - self._failing:
            self._world.note("the database doesn't confirm a change")
            raise OperationalError("the connection was lost", None, Exception())
        await self._wait()
        return result

    def write_now(self, change: Change[T]) -> T:
        """See Transactions."""
        with self._connection.begin():
            return change(self._connection, self.clock())

    async def read(self, read: Read[T]) -> T:
        """See Transactions."""
        await self._wait()
        return self.read_now(read)

    async def _wait(self) -> None:
        await asyncio.sleep(self._world.chance.choice((0.0, 0.0, 0.0, 0.001, 0.05)))


def next_moment(engine: Engine, now: datetime) -> datetime | None:
    """When something in the database becomes due; None where something has just become due, by some clock.

    A message that has been due for longer waits for something else that is due later, such as its channel.
    """
    with reading(engine) as connection:
        found = [(kind, at - as_ms(now)) for kind, at in connection.execute(_MOMENTS) if at is not None]
    waits = any(kind == _MESSAGE and left <= 0 for kind, left in found)
    if any(left <= 0 and (kind == _MUST or left > -_JUST_NOW) for kind, left in found if waits or kind != _MAY):
        return None
    ahead = [left for kind, left in found if left > 0 and (waits or kind != _MAY)]
    ahead += [_LOOK_AGAIN] if waits else []
    return now + timedelta(milliseconds=min(ahead)) if ahead else datetime.max.replace(tzinfo=UTC)


_MESSAGE, _MUST, _MAY = "message", "must", "may"
_MOMENTS: Any = union_all(
    select(literal(_MESSAGE), _outbox.c.due_at).where(
        _outbox.c.state.in_(("pending", "unknown")) | (_outbox.c.fault > "")
    ),
    select(literal(_MUST), _outbox.c.leased_until),
    select(literal(_MUST), _outbox.c.sweep_at),
    select(literal(_MUST), _subscription.c.next_at),
    select(literal(_MAY), _pace.c.free_at),
)
