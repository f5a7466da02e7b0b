"""The outbox as a sender sees it: claim, record, verify; and as the operator sees it: counts, entries, resend."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from tiercore.notifications import claims, duplicates, reports
from tiercore.notifications.types import (
    ClaimedMessage,
    OutboxEntry,
    Outcome,
    SendPolicy,
    SentMessage,
    State,
    StateCount,
    WeekReport,
)
from tiercore.storage.transactions import Transactions


class Claims(NamedTuple):
    """Messages leased to a sender: those to post, and those of which nobody knows whether they were posted."""

    to_post: list[ClaimedMessage]
    to_verify: list[ClaimedMessage]


class Outbox:
    """The outbox of one database, shared by any number of senders."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def now(self) -> datetime:
        """The moment by which messages are due."""
        return self._transactions.clock()

    async def exchange(
        self, owner: str, outcomes: Sequence[Outcome], policy: SendPolicy, *, limit: int, verify: int
    ) -> Claims:
        """Record the outcomes, then lease at most `limit` messages, of which at most `verify` are to be looked for."""

        def exchanged(db: Connection, now: datetime) -> Claims:
            claims.settle(db, owner, outcomes, now, policy)
            if limit <= 0:
                return Claims([], [])
            doubtful = claims.claim_unconfirmed(db, owner, now, min(limit, verify), policy) if verify else []
            return Claims(claims.claim(db, owner, now, limit - len(doubtful), policy), doubtful)

        return await self._transactions.write(exchanged)

    async def record(self, owner: str, outcomes: Sequence[Outcome], policy: SendPolicy) -> None:
        """Record what came of messages; one whose lease was lost is somebody else's by now."""
        await self._transactions.write(lambda db, now: claims.settle(db, owner, outcomes, now, policy))

    async def take_for_duplicates(self, limit: int, hold: timedelta) -> list[SentMessage]:
        """Sent messages whose time for another look has come; nobody else is given them for so long (`hold`)."""
        return await self._transactions.write(lambda db, now: duplicates.take(db, now, limit, hold))

    async def look_again(self, moments: Mapping[int, datetime | None]) -> None:
        """When each message is to be looked for again; None for never."""
        await self._transactions.write(lambda db, _: duplicates.settle(db, moments))

    async def counts(self) -> list[StateCount]:
        """The outbox by state."""
        return await self._transactions.read(reports.counts)

    async def entries(self, states: Collection[State], limit: int) -> list[OutboxEntry]:
        """The newest messages in some states."""
        return await self._transactions.read(lambda db: reports.entries(db, states, limit))

    async def week(self, week: str) -> WeekReport:
        """What came of an ISO week's digests ("2022-W36")."""
        return await self._transactions.read(lambda db: reports.week_of(db, week))

    async def this_week(self) -> WeekReport:
        """What came of this week's digests."""
        year, week, _ = self.now().isocalendar()
        return await self.week(f"{year}-W{week:02d}")

    async def unplanned(self) -> int:
        """How many digests are due and not planned yet: a serving bot plans them within a minute."""
        return await self._transactions.read(lambda db: reports.unplanned_count(db, self.now()))

    async def due_before(self, moment: datetime) -> int:
        """How many messages are due by the moment and neither sent nor given up."""
        return await self._transactions.read(lambda db: reports.under_way(db, moment))

    async def resend(self, outbox_id: int) -> bool:
        """Send a held or dead message after all; whether there is one."""
        return await self._transactions.write(lambda db, now: reports.resend(db, outbox_id, now))
