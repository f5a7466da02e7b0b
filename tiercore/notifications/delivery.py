"""The outbox for senders (claim, record, verify) and for the operator (counts, entries, resend)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from tiercore.notifications import claims, duplicates, faults, outcomes, rate_limit, reports
from tiercore.notifications.fault import FaultCount
from tiercore.notifications.outbox_types import ClaimedMessage, OutboxEntry, Outcome, SendPolicy, State, StateCount
from tiercore.notifications.sent import NextCheck, SentMessage
from tiercore.notifications.timetable import week_of
from tiercore.notifications.told import record_told
from tiercore.notifications.types import WeekReport
from tiercore.questions.hindsight import KnownAt
from tiercore.storage.transactions import Transactions

_NOTHING: Mapping[int, KnownAt | None] = {}
_NONE: Mapping[str, int] = {}


class Claims(NamedTuple):
    """Messages leased to a sender: those to post, and those in doubt, to be looked for in Slack. The calls that post
    the messages `begun` may be made now.
    """

    to_post: list[ClaimedMessage]
    to_verify: list[ClaimedMessage]
    begun: frozenset[int] = frozenset()


class Outbox:
    """One database's outbox, shared by any number of senders. `in_slack` gives Slack's time, by default ours."""

    def __init__(self, transactions: Transactions, in_slack: Callable[[], datetime] | None = None) -> None:
        self._transactions, self._in_slack = transactions, in_slack or transactions.clock

    def now(self) -> datetime:
        """The current time, by which messages are due."""
        return self._transactions.clock()

    async def exchange(
        self,
        owner: str,
        results: Sequence[Outcome],
        policy: SendPolicy,
        *,
        begin: Mapping[int, KnownAt | None] = _NOTHING,
        limit: int,
        verify: int,
        sending: Mapping[str, int] = _NONE,
        searching: Mapping[str, int] = _NONE,
    ) -> Claims:
        """In one transaction: record the outcomes, record that the calls for the messages to `begin` begin, each with
        the state of the data that it tells if it is a digest, lease at most `limit` messages, and those in doubt of at
        most `verify` conversations. `sending` and `searching` count what the owner has under way, by workspace.
        """

        def exchange(db: Connection, now: datetime) -> Claims:
            outcomes.record_outcomes(db, owner, results, now, policy)
            begun = claims.begin(db, owner, list(begin), now, self._in_slack(), policy)
            record_told(db, {each: known for each in begun if (known := begin[each]) is not None})
            unconfirmed = claims.claim_unconfirmed(db, owner, now, verify, policy, searching) if verify else []
            return Claims(claims.claim(db, owner, now, limit, policy, sending), unconfirmed, begun)

        return await self._transactions.write(exchange)

    async def record(self, owner: str, results: Sequence[Outcome], policy: SendPolicy) -> None:
        """Record the outcomes of claimed messages; one whose lease has passed to another sender is left alone."""
        await self._transactions.write(lambda db, now: outcomes.record_outcomes(db, owner, results, now, policy))

    async def claim_for_duplicate_check(self, limit: int, policy: SendPolicy) -> list[SentMessage]:
        """At most `limit` sent messages due for a duplicate check, withheld from other processes for a lease."""
        return await self._transactions.write(lambda db, now: duplicates.claim(db, now, limit, policy))

    async def schedule_duplicate_checks(self, checks: Mapping[int, NextCheck | None]) -> None:
        """Set when each message (by outbox ID) is checked for a duplicate next; None for never."""
        await self._transactions.write(lambda db, _: duplicates.schedule(db, checks))

    async def may_search(self, team_id: str) -> bool:
        """Whether a conversation of the workspace may be searched now. After Slack has asked for a pause, one search at
        a time may.
        """
        return await self._transactions.write(lambda db, now: rate_limit.take_searches(db, now, team_id, 1)) > 0

    async def slow_searches(self, team_id: str, seconds: float) -> None:
        """Slack asks for so many seconds between two searches in a workspace: keep to it, in every replica."""
        await self._transactions.write(lambda db, now: rate_limit.slow_searches(db, now, team_id, seconds))

    async def faults(self) -> list[FaultCount]:
        """What has to be mended before messages can be sent, and how many wait for it."""
        return await self._transactions.read(faults.counts)

    async def try_now(self, target: str | None = None, team_id: str | None = None) -> None:
        """Try what faults hold at once, all of it, or what is for one target or workspace."""
        await self._transactions.write(lambda db, _: faults.try_now(db, target, team_id))

    async def counts(self) -> list[StateCount]:
        """How many messages are in each state."""
        return await self._transactions.read(reports.counts)

    async def most_of_a_workspace(self) -> dict[State, int]:
        """How many messages are pending and held in the workspace that has the most in that state."""
        return await self._transactions.read(reports.most_of_a_workspace)

    async def entries(self, states: Collection[State], limit: int) -> list[OutboxEntry]:
        """At most `limit` messages in the given states, newest first."""
        return await self._transactions.read(lambda db: reports.entries(db, states, limit))

    async def week(self, week: str) -> WeekReport:
        """The outcomes of an ISO week's digests ("2022-W36")."""
        return await self._transactions.read(lambda db: reports.week_of(db, week))

    async def this_week(self) -> WeekReport:
        """The outcomes of this week's digests."""
        return await self.week(week_of(self.now().date()))

    async def unplanned(self) -> int:
        """How many digests are due but not planned yet; a running bot plans them within a minute."""
        return await self._transactions.read(lambda db: reports.unplanned_count(db, self.now()))

    async def due_before(self, moment: datetime) -> int:
        """How many messages are due by the moment and neither sent nor abandoned."""
        return await self._transactions.read(lambda db: reports.pending_count(db, moment))

    async def resend(self, outbox_ids: Collection[int] | None = None, reason: str = "") -> list[int]:
        """Queue held and dead messages again: these, or (None) all whose reason contains the text. Their IDs."""
        return await self._transactions.write(lambda db, now: reports.resend(db, outbox_ids, reason, now))
