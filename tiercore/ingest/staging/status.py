"""How syncs are doing, and when the next one is due (data#hubspot)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from tiercore.ingest.staging.leases import is_leased, not_before
from tiercore.ingest.staging.runs import Outcome, SyncRun, last_complete, last_run
from tiercore.storage.engine import SYNC_LOCK
from tiercore.storage.transactions import Transactions, utc_now

RETRY_AFTER = timedelta(minutes=15)  # of a sync that was interrupted
NOT_SCHEDULED = timedelta(0)
INTERRUPTED = "it broke off while it was reading or storing; the next one goes on from there"
_LATE_BY = 2  # so many times the interval without a complete sync is late


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """The last sync, the last with which the ledger agrees, whether one is running, and when the next is due, None if
    they aren't scheduled; `every` is how often, `now` when this was looked up.
    """

    last: SyncRun | None
    complete: SyncRun | None
    is_running: bool
    next_at: datetime | None
    every: timedelta
    now: datetime

    @property
    def lag(self) -> timedelta | None:
        """How old what the ledger has is, None before the first complete sync."""
        return None if self.complete is None else max(self.now - self.complete.started_at, timedelta(0))

    @property
    def is_late(self) -> bool:
        """Whether it has been too long since a complete sync, where syncs are scheduled."""
        return bool(self.every) and (self.lag is None or self.lag > _LATE_BY * self.every)

    @property
    def error(self) -> str:
        """Why the last sync isn't complete; "" if it is, or is still running."""
        if self.last is None or self.is_running or self.last.outcome.is_complete:
            return ""
        return INTERRUPTED if self.last.outcome is Outcome.RUNNING else self.last.message


class Syncs:
    """The syncs of one database, scheduled every so often; every zero hours is never."""

    def __init__(
        self, engine: Engine, every: timedelta = NOT_SCHEDULED, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._every = every
        self._transactions = Transactions(engine, clock, SYNC_LOCK)

    async def status(self) -> SyncStatus | None:
        """How syncs are doing; None where there was none and none is scheduled."""
        now = self._transactions.clock()
        return await self._transactions.read(lambda db: status_of(db, self._every, now))

    async def is_due(self) -> bool:
        """Whether a scheduled sync is due, and none is running."""
        if not self._every:
            return False
        status = await self.status()
        if status is None or status.next_at is None:
            return False
        return not status.is_running and status.now >= status.next_at


def status_of(connection: Connection, every: timedelta, now: datetime) -> SyncStatus | None:
    """The same, over an open connection."""
    last = last_run(connection)
    if last is None and not every:
        return None
    next_at = _next_at(last, every, not_before(connection), now) if every else None
    return SyncStatus(last, last_complete(connection), is_leased(connection, now), next_at, every, now)


def _next_at(last: SyncRun | None, every: timedelta, earliest: datetime | None, now: datetime) -> datetime:
    if last is None:
        return now
    if last.outcome.can_go_on:
        due = (last.finished_at or last.started_at) + min(every, RETRY_AFTER)
    elif last.outcome in (Outcome.ABANDONED, Outcome.TRIED):
        due = now
    else:
        due = (last.finished_at or last.started_at) + every
    return due if earliest is None else max(due, earliest)
