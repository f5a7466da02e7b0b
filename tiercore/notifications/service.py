"""What people change about their notifications, and what the scheduler does by itself, one method each."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from tiercore.access import SlackUser
from tiercore.notifications import alerts, planning, reports, subscriptions
from tiercore.notifications.timetable import Weekly
from tiercore.notifications.types import (
    ALL_KINDS,
    SNOOZED,
    AlertRef,
    Planned,
    QuietHours,
    Run,
    Subscription,
    Topic,
)
from tiercore.people.audit import last_audit_id
from tiercore.questions.signals import Kind, Signals
from tiercore.storage.transactions import Transactions


class Notifications:
    """Subscriptions and alerts of one database.

    What a person changes may raise InvalidChange (it can't be done) and NotAllowed (not by this person); with
    `channel`, it is the channel they ask in that is subscribed.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def now(self) -> datetime:
        """The moment by which notifications are due."""
        return self._transactions.clock()

    async def subscribe(
        self,
        user: SlackUser,
        topics: Sequence[Topic],
        weekly: Weekly,
        quiet: QuietHours,
        *,
        channel: bool = False,
        kinds: Collection[Kind] = ALL_KINDS,
    ) -> None:
        """Send the topics from now on, at this time of the week; alerts of these kinds, and not in quiet hours."""
        await self._transactions.write(
            lambda db, now: subscriptions.subscribe(db, user, topics, weekly, quiet, now, channel=channel, kinds=kinds)
        )

    async def unsubscribe(self, user: SlackUser, topics: Sequence[Topic], *, channel: bool = False) -> int:
        """Send the topics no more; how many subscriptions ended."""
        return await self._transactions.write(
            lambda db, now: subscriptions.unsubscribe(db, user, topics, now, channel=channel)
        )

    async def replace(
        self,
        user: SlackUser,
        topics: Sequence[Topic],
        weekly: Weekly,
        quiet: QuietHours,
        kinds: Collection[Kind],
    ) -> None:
        """Send these topics and no others."""

        def replaced(db: Connection, now: datetime) -> None:
            ended = [topic for topic in Topic if topic not in topics]
            subscriptions.unsubscribe(db, user, ended, now)
            subscriptions.subscribe(db, user, topics, weekly, quiet, now, kinds=kinds)

        await self._transactions.write(replaced)

    async def pause(self, user: SlackUser, *, channel: bool = False) -> Sequence[Subscription]:
        """Send nothing until `resume`; what is missed meanwhile is not made up for."""
        return await self._transactions.write(
            lambda db, now: subscriptions.pause(db, user, now, paused=True, channel=channel)
        )

    async def resume(self, user: SlackUser, *, channel: bool = False) -> Sequence[Subscription]:
        """Go on after a pause."""
        return await self._transactions.write(
            lambda db, now: subscriptions.pause(db, user, now, paused=False, channel=channel)
        )

    async def current(self, user: SlackUser, *, channel: bool = False) -> list[Subscription]:
        """What the user, or the channel they ask in, is subscribed to."""
        return await self._transactions.read(lambda db: subscriptions.current_subscriptions(db, user, channel=channel))

    async def of_target(self, team_id: str, target: str) -> list[Subscription]:
        """What a person or channel is subscribed to, whoever asks."""
        return await self._transactions.read(lambda db: subscriptions.subscriptions_of(db, team_id, target))

    async def find(self, subscription_id: str) -> Subscription | None:
        """The subscription, None for one that ended."""
        return await self._transactions.read(lambda db: subscriptions.by_id(db, subscription_id))

    async def active(self) -> list[Subscription]:
        """Every subscription that is not paused."""
        return await self._transactions.read(subscriptions.every)

    async def last_runs(self, of: Sequence[Subscription]) -> list[Run | None]:
        """What came of each subscription's last run, None before the first."""
        return await self._transactions.read(lambda db: [reports.last_run(db, each.subscription_id) for each in of])

    async def send_now(self, of: Sequence[Subscription]) -> int:
        """Send the digests of the subscriptions right away, besides their weekly run; how many."""
        return await self._transactions.write(lambda db, now: planning.send_now(db, of, now))

    async def plan(self, late: timedelta) -> Planned:
        """Put what is due into the outbox, some hundred subscriptions at a time; nothing `late` is ever sent."""
        return await self._transactions.write(lambda db, now: planning.plan(db, now, late))

    async def alert_subscribers(self) -> tuple[list[Subscription], int]:
        """Who gets alerts, and the number of the last audited change: another number means that who may see what may
        have changed.
        """
        return await self._transactions.read(lambda db: (subscriptions.every(db, Topic.ALERTS), last_audit_id(db)))

    async def record_signals(self, seen: Signals, subscribers: Sequence[Subscription]) -> int:
        """Compare a partner's colours with those announced last, and queue what is new; how many messages."""
        return await self._transactions.write(lambda db, now: alerts.record_crossings(db, seen, subscribers, now))

    async def find_alert(self, user: SlackUser, subscription_id: str, episode: int, token: str) -> AlertRef | None:
        """The alert that a button names, if it was sent to this user, or in the channel where they click."""

        def found(db: Connection) -> AlertRef | None:
            subscription = subscriptions.by_id(db, subscription_id)
            if subscription is None or subscription.team_id != user.team_id or subscription.topic is not Topic.ALERTS:
                return None
            if subscription.target != (user.channel_id if subscription.is_channel else user.user_id):
                return None
            return alerts.find(db, subscription_id, episode, token)

        return await self._transactions.read(found)

    async def acknowledge(self, alert: AlertRef, by: SlackUser) -> None:
        """Note that someone takes care of an alert; its message says so."""
        await self._transactions.write(lambda db, now: alerts.acknowledge(db, alert, by, now))

    async def acknowledged_by(self, alert: AlertRef) -> str | None:
        """The Slack user who takes care of an alert."""
        return await self._transactions.read(lambda db: alerts.acknowledged_by(db, alert))

    async def snooze(self, alert: AlertRef, by: SlackUser, until: date | None) -> None:
        """Send nothing more of an alert up to a day, or (None) until it changes."""
        await self._transactions.write(lambda db, now: alerts.mark(db, alert, by, SNOOZED, until, now))

    async def ask_for_help(self, alert: AlertRef, by: SlackUser, users: Sequence[str]) -> None:
        """Ask Slack users to look at an alert; once for each crossing, however often it is asked."""
        await self._transactions.write(lambda db, now: alerts.ask_for_help(db, alert, by, users, now))
