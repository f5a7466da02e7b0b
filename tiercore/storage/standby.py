"""Reads from a streaming standby (running#standby), and from the primary wherever the standby would say less.

Positions are PostgreSQL's: how many bytes of its log the primary has written, and the standby has replayed.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from psycopg import OperationalError
from psycopg.errors import QueryCanceled
from sqlalchemy import BigInteger, String, cast, func, literal_column, select

from tiercore.storage.compiled import NOBODY, Query, Scope

WATCH_SECONDS = 1.0
_MARKS = 600

_START: Any = literal_column("'0/0'")
_IDENTITY = (
    cast(func.current_database(), String)
    + select(literal_column("'/' || system_identifier")).select_from(func.pg_control_system()).scalar_subquery()
)
_WRITTEN: Any = select(cast(func.pg_wal_lsn_diff(func.pg_current_wal_insert_lsn(), _START), BigInteger), _IDENTITY)
# NULL on a server that replays nothing.
_REPLAYED: Any = select(cast(func.pg_wal_lsn_diff(func.pg_last_wal_replay_lsn(), _START), BigInteger), _IDENTITY)

# The position on the primary of what the present task has read there.
_read_up_to: ContextVar[int] = ContextVar("read_up_to", default=0)


class _Server(Protocol):
    async def fetch(self, *queries: Query, scope: Scope = NOBODY) -> list[list[tuple[Any, ...]]]: ...

    async def open(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class StandbyStatus:
    """Whether the standby is read, and if not, why; by how many seconds at most it is behind, None for unknown; how
    many reads each server has answered.
    """

    is_read: bool
    why: str
    lag: float | None
    reads: dict[str, int]


@dataclass(slots=True)
class _Watched:
    """What is known of the standby."""

    why: str = "it hasn't been looked at yet"
    replayed: int = 0
    current_at: float | None = None
    marks: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=_MARKS))


class StandbyReader:
    """Reads the standby while it is at most `most_lag` seconds behind, and else the primary.

    It is read only once it has replayed what this process has written and what the task has read from the primary:
    nobody sees their own change undone, and no part of an answer is older than the one before. `writes` counts the
    transactions that this process has written.
    """

    immediate = False

    def __init__(
        self,
        primary: _Server,
        standby: _Server,
        writes: Callable[[], int],
        most_lag: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primary, self._standby, self._writes, self._clock = primary, standby, writes, clock
        self._most_lag = most_lag
        self._known, self._reads = _Watched(), Counter({"primary": 0, "standby": 0})
        self._written, self._writes_noted = 0, writes()
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect. The standby may come later. The driver's errors pass through."""
        await self._primary.open()
        await self._standby.open()
        await self.look()
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait((self._watching,))
        await self._standby.close()
        await self._primary.close()

    @property
    def status(self) -> StandbyStatus:
        """How the standby is doing."""
        lag = self._lag()
        return StandbyStatus(self._is_usable(), self._why(), lag, dict(self._reads))

    async def fetch(self, *queries: Query, scope: Scope = NOBODY) -> list[list[tuple[Any, ...]]]:
        """The rows of each query that `scope` may see, all from the same state of one of the servers."""
        if await self._standby_has_it_all():
            try:
                found = await self._standby.fetch(*queries, scope=scope)
            except QueryCanceled:  # it takes too long, there as here
                raise
            except OperationalError as error:
                self._known.why = _reason(error)
            else:
                self._reads["standby"] += 1
                return found
        found = await self._primary.fetch(*queries, scope=scope)
        _read_up_to.set(await self._position_written())
        self._reads["primary"] += 1
        return found

    async def look(self) -> None:
        """Find out how far the standby is behind."""
        known = self._known
        try:
            [[(written, own)]] = await self._primary.fetch((_WRITTEN, {}))
            known.marks.append((self._clock(), int(written)))
            [[(replayed, other)]] = await self._standby.fetch((_REPLAYED, {}))
        except OperationalError as error:
            known.why = _reason(error)
            return
        if replayed is None or own != other:
            known.why = "it replays nothing" if replayed is None else "it replays another database"
            return
        known.replayed, known.why = int(replayed), ""
        while known.marks and known.marks[0][1] <= known.replayed:
            known.current_at, _ = known.marks.popleft()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            with suppress(Exception):
                await self.look()

    async def _standby_has_it_all(self) -> bool:
        """Whether the standby may be read, and has replayed what this process wrote and this task has read."""
        if not self._is_usable():
            return False
        try:
            await self._note_writes()
            needed = max(self._written, _read_up_to.get())
            if needed > self._known.replayed:
                [[(replayed, _)]] = await self._standby.fetch((_REPLAYED, {}))
                self._known.replayed = int(replayed or 0)
        except OperationalError as error:
            self._known.why = _reason(error)
            return False
        return needed <= self._known.replayed

    async def _note_writes(self) -> None:
        """The position after the last transaction that this process has written."""
        writes = self._writes()
        if writes != self._writes_noted:
            self._written = max(self._written, await self._position_written())
            self._writes_noted = max(self._writes_noted, writes)

    async def _position_written(self) -> int:
        [[(written, _)]] = await self._primary.fetch((_WRITTEN, {}))
        return int(written)

    def _is_usable(self) -> bool:
        return not self._why()

    def _why(self) -> str:
        """Why the standby can't be read now; "" if it can."""
        lag = self._lag()
        if self._known.why or lag is None:
            return self._known.why or "it hasn't been seen up to date yet"
        return f"it is {lag:,.0f} seconds behind" if lag > self._most_lag else ""

    def _lag(self) -> float | None:
        """For how many seconds, at most, the standby has missed something."""
        return None if self._known.current_at is None else self._clock() - self._known.current_at


def _reason(error: OperationalError) -> str:
    return f"it can't be read: {type(error).__name__}"
