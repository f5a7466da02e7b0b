"""Changes to notifications, by people and by the scheduler, one method each."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from tiercore.access import SlackUser
from tiercore.notifications import alerts, credit_days, crossings, planning, reports, sightings, subscriptions, told
from tiercore.notifications.credit_news import CreditDayMessage, CreditNews
from tiercore.notifications.subscription_rows import KnownSubscriptions
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.told import Told
from tiercore.notifications.types import (
    ALL_KINDS,
    AlertRef,
    Planned,
    QuietHours,
    Run,
    Snooze,
    Subscription,
    Topic,
)
from tiercore.notifications.visibility import Visibility, visibility
from tiercore.people.audit import last_audit_id
from tiercore.questions.credit_day import CreditDay
from tiercore.questions.signals import Kind, Level, Signals
from tiercore.storage.enterprise import are_in_same_enterprise
from tiercore.storage.transactions import Transactions


class Notifications:
    """Subscriptions and alerts of one database.

    Changes by a person may raise InvalidChange (they can't be made) and NotAllowed (this person may not make them).
    With `channel`, they apply to the channel the person asks in instead of the person.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._alerting = KnownSubscriptions(Topic.ALERTS)

    def now(self) -> datetime:
        """The current time, by which notifications are due."""
        return self._transactions.clock()

    async def subscribe(
        self,
        user: SlackUser,
        topics: Sequence[Topic],
        schedule: Schedule,
        quiet: QuietHours,
        *,
        channel: bool = False,
        kinds: Collection[Kind] = ALL_KINDS,
        follows_profile: bool = False,
        shared: bool = False,
        only: bool = False,
        only_news: bool = False,
    ) -> None:
        """Subscribe to the topics: digests by this schedule, alerts of these kinds outside quiet hours. With
        `only_news`, digests with nothing to say are skipped.

        The time zone `follows_profile` where it was taken from there; `shared` confirms it for a shared channel. With
        `only`, all other subscriptions end.
        """

        def subscribe(db: Connection, now: datetime) -> None:
            if only:
                others = [topic for topic in Topic if topic not in topics]
                subscriptions.unsubscribe(db, user, others, now, channel=channel)
            subscriptions.subscribe(
                db,
                user,
                topics,
                schedule,
                quiet,
                now,
                channel=channel,
                kinds=kinds,
                follows_profile=follows_profile,
                shared=shared,
                only_news=only_news,
            )

        await self._transactions.write(subscribe)

    async def confirm_shared(self, user: SlackUser) -> int:
        """Confirm the subscriptions of the channel that the user asks in, which is shared. Returns how many."""
        return await self._transactions.write(lambda db, now: subscriptions.confirm_shared(db, user, now))

    async def end_all_of(self, user: SlackUser) -> int:
        """End everything that a user who has left the workspace subscribed to. Returns how many subscriptions."""
        return await self._transactions.write(lambda db, now: subscriptions.end_all_of(db, user, now))

    async def follow_profile(self, user: SlackUser, timezone: str) -> int:
        """Move the subscriptions that follow the user's profile to its time zone. Returns how many."""
        return await self._transactions.write(lambda db, now: subscriptions.follow_profile(db, user, timezone, now))

    async def unsubscribe(self, user: SlackUser, topics: Sequence[Topic], *, channel: bool = False) -> int:
        """End the subscriptions to the topics. Returns how many there were."""
        return await self._transactions.write(
            lambda db, now: subscriptions.unsubscribe(db, user, topics, now, channel=channel)
        )

    async def pause(self, user: SlackUser, *, channel: bool = False) -> Sequence[Subscription]:
        """Send nothing until `resume`; what is missed in the meantime is not sent later."""
        return await self._transactions.write(
            lambda db, now: subscriptions.pause(db, user, now, paused=True, channel=channel)
        )

    async def resume(self, user: SlackUser, *, channel: bool = False) -> Sequence[Subscription]:
        """Resume sending after a pause."""
        return await self._transactions.write(
            lambda db, now: subscriptions.pause(db, user, now, paused=False, channel=channel)
        )

    async def set_only_news(self, user: SlackUser, *, only_news: bool, channel: bool = False) -> Sequence[Subscription]:
        """Skip digests with nothing to say, or send those, too."""
        return await self._transactions.write(
            lambda db, now: subscriptions.set_only_news(db, user, now, only_news=only_news, channel=channel)
        )

    async def current(self, user: SlackUser, *, channel: bool = False) -> list[Subscription]:
        """The subscriptions of the user, or of the channel they ask in."""
        return await self._transactions.read(lambda db: subscriptions.current_subscriptions(db, user, channel=channel))

    async def find(self, subscription_id: str) -> Told | None:
        """The subscription and what it was told, None if it has ended; without a permission check."""
        return await self._transactions.read(lambda db: told.told(db, subscription_id))

    async def active(self) -> list[Subscription]:
        """Every subscription that is not paused."""
        return await self._transactions.read(subscriptions.active)

    async def last_runs(self, of: Sequence[Subscription]) -> list[Run | None]:
        """Each subscription's last run and its outcome, None before the first."""
        return await self._transactions.read(lambda db: [reports.last_run(db, each.subscription_id) for each in of])

    async def send_now(self, of: Sequence[Subscription]) -> int:
        """Queue the subscriptions' digests immediately, in addition to their scheduled runs. Returns how many."""
        return await self._transactions.write(lambda db, now: planning.send_now(db, of, now))

    async def plan(self, late: timedelta) -> Planned:
        """Queue the digests that are due, for a batch of subscriptions; those more than `late` overdue are skipped."""
        return await self._transactions.write(lambda db, now: planning.plan(db, now, late))

    async def alert_subscribers(self) -> tuple[list[Subscription], int]:
        """The active alert subscriptions, and the latest audit entry's ID, which changes whenever permissions do."""
        return await self._transactions.read(lambda db: (self._alerting.active(db), last_audit_id(db)))

    async def visibility(self) -> Visibility:
        """What decides who sees which partners, and each partner's own version, from one state of the data."""
        return await self._transactions.snapshot(visibility)

    async def record_signals(self, signals: Signals, subscribers: Sequence[Subscription]) -> int:
        """Compare a partner's signals with their stored levels and queue messages about crossings. Returns how many."""
        return await self.record_signals_of_many([(signals, subscribers)])

    async def record_signals_of_many(self, looked_at: Sequence[tuple[Signals, Sequence[Subscription]]]) -> int:
        """The same for many partners in one transaction, each with its subscribers."""
        return await self._transactions.write(lambda db, now: crossings.record_crossings_of_many(db, looked_at, now))

    async def see_without_news(
        self, levels: Mapping[str, Mapping[str, Level | None]], day: date, version: int
    ) -> set[str]:
        """The partners of whose signals, by partner and name, nobody has to hear. That they were seen at these levels
        on the day, at this version of the data, is recorded, and nothing else has to be.
        """
        return await self._transactions.write(lambda db, _: sightings.see_without_news(db, levels, day, version))

    async def see_again(self, partner_ids: Sequence[str], day: date, version: int) -> None:
        """Record that the partners' signals are at their stored levels on the day, too."""
        await self._transactions.write(lambda db, _: sightings.see_again(db, partner_ids, day, version))

    async def queue_credit_news(
        self, news: CreditNews, subscribers: Sequence[Subscription], staff: Sequence[Subscription], today: date
    ) -> int:
        """Queue messages about a partner's credit days and recalibration, each once per subscription. What can't be
        judged is told to `staff` alone. Returns how many are new.
        """
        return await self._transactions.write(
            lambda db, now: credit_days.queue(db, news, subscribers, staff, today, now)
        )

    async def record_said(self, outbox_id: int, said: CreditDay) -> None:
        """Record what a message about a credit day says."""
        await self._transactions.write(lambda db, _: credit_days.record_said(db, outbox_id, said))

    async def unconfirmed_credit_days(self) -> tuple[list[CreditDayMessage], bool]:
        """The messages sent by the numbers alone whose credited tier hasn't been told since, and whether there may be
        more of them soon: some are still to be sent.
        """
        return await self._transactions.read(
            lambda db: (credit_days.are_awaited(db), credit_days.unconfirmed(db, self.now()))[::-1]
        )

    async def confirm_credit_day(self, of: Sequence[CreditDayMessage], found: CreditDay) -> int:
        """The credited tier is on file now: queue the updates of these messages, and a reply where they said another.
        Returns how many are new.
        """
        return await self._transactions.write(lambda db, now: credit_days.confirm(db, of, found, now))

    async def find_alert(self, user: SlackUser, subscription_id: str, episode: int, token: str) -> AlertRef | None:
        """The alert that a button refers to, None unless it was sent to this user or the channel they clicked in."""

        def find(db: Connection) -> AlertRef | None:
            subscription = subscriptions.by_id(db, subscription_id)
            if subscription is None or subscription.topic is not Topic.ALERTS:
                return None
            if not are_in_same_enterprise(db, subscription.team_id, user.team_id):
                return None
            if subscription.target != (user.channel_id if subscription.is_channel else user.user_id):
                return None
            return alerts.find(db, subscription_id, episode, token)

        return await self._transactions.read(find)

    async def acknowledge(self, alert: AlertRef, by: SlackUser) -> None:
        """Record that someone is taking care of an alert, and update its message."""
        await self._transactions.write(lambda db, now: alerts.acknowledge(db, alert, by, now))

    async def acknowledged_by(self, alert: AlertRef) -> str | None:
        """The Slack user who is taking care of an alert, None if nobody is."""
        return await self._transactions.read(lambda db: alerts.acknowledged_by(db, alert))

    async def snooze(self, alert: AlertRef, by: SlackUser, until: date | None) -> None:
        """Send nothing more about an alert through the day `until`, or (None) until it changes."""
        await self._transactions.write(lambda db, now: alerts.snooze(db, alert, by, until, now))

    async def snoozed(self, alert: AlertRef) -> Snooze | None:
        """Who has snoozed an alert, and until when; None if nobody has."""
        return await self._transactions.read(lambda db: alerts.snoozed(db, alert))

    async def ask_for_help(self, alert: AlertRef, by: SlackUser, users: Sequence[SlackUser]) -> None:
        """Ask Slack users to look at an alert; each is messaged once per crossing, however often someone asks."""
        await self._transactions.write(lambda db, now: alerts.ask_for_help(db, alert, by, users, now))
