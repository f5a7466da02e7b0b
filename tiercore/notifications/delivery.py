"""The outbox for senders (claim, record, verify) and for the operator (counts, entries, resend)."""

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
    """Messages leased to a sender: those to post, and those in doubt, to be looked for in Slack."""

    to_post: list[ClaimedMessage]
    to_verify: list[ClaimedMessage]


class Outbox:
    """One database's outbox, shared by any number of senders."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def now(self) -> datetime:
        """The current time, by which messages are due."""
        return self._transactions.clock()

    async def exchange(
        self, owner: str, outcomes: Sequence[Outcome], policy: SendPolicy, *, limit: int, verify: int
    ) -> Claims:
        """Record the outcomes, then lease at most `limit` messages, of which at most `verify` are in doubt."""

        def exchange(db: Connection, now: datetime) -> Claims:
            claims.record_outcomes(db, owner, outcomes, now, policy)
            if limit <= 0:
                return Claims([], [])
            unconfirmed = claims.claim_unconfirmed(db, owner, now, min(limit, verify), policy) if verify else []
            return Claims(claims.claim(db, owner, now, limit - len(unconfirmed), policy), unconfirmed)

        return await self._transactions.write(exchange)

    async def record(self, owner: str, outcomes: Sequence[Outcome], policy: SendPolicy) -> None:
        """Record the outcomes of claimed messages; one whose lease has passed to another sender is left alone."""
        await self._transactions.write(lambda db, now: claims.record_outcomes(db, owner, outcomes, now, policy))

    async def claim_for_duplicate_check(self, limit: int, lease: timedelta) -> list[SentMessage]:
        """At most `limit` sent messages due for a duplicate check, withheld from other processes for `lease`."""
        return await self._transactions.write(lambda db, now: duplicates.claim(db, now, limit, lease))

    async def schedule_duplicate_checks(self, moments: Mapping[int, datetime | None]) -> None:
        """Set when each message (by outbox ID) is checked for a duplicate next; None for never."""
        await self._transactions.write(lambda db, _: duplicates.schedule(db, moments))

    async def counts(self) -> list[StateCount]:
        """How many messages are in each state."""
        return await self._transactions.read(reports.counts)

    async def entries(self, states: Collection[State], limit: int) -> list[OutboxEntry]:
        """At most `limit` messages in the given states, newest first."""
        return await self._transactions.read(lambda db: reports.entries(db, states, limit))

    async def week(self, week: str) -> WeekReport:
        """The outcomes of an ISO week's digests ("2022-W36")."""
        return await self._transactions.read(lambda db: reports.week_of(db, week))

    async def this_week(self) -> WeekReport:
        """The outcomes of this week's digests."""
        year, week, _ = self.now().isocalendar()
        return await self.week(f"{year}-W{week:02d}")

    async def unplanned(self) -> int:
        """How many digests are due but not planned yet; a running bot plans them within a minute."""
        return await self._transactions.read(lambda db: reports.unplanned_count(db, self.now()))

    async def due_before(self, moment: datetime) -> int:
        """How many messages are due by the moment and neither sent nor abandoned."""
        return await self._transactions.read(lambda db: reports.pending_count(db, moment))

    async def resend(self, outbox_id: int) -> bool:
        """Queue a held or dead message again. False if there is no such message."""
        return await self._transactions.write(lambda db, now: reports.resend(db, outbox_id, now))
