"""Subscriptions: who gets which notifications, and when."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, insert, select, update

from tiercore.access import SlackUser
from tiercore.notifications.subscription_rows import subscriptions_of, subscriptions_where
from tiercore.notifications.targets import target_of
from tiercore.notifications.timetable import Schedule, next_slot
from tiercore.notifications.types import ALL_KINDS, DIGESTS, HALVES, Subscription, Topic
from tiercore.people.audit import record
from tiercore.people.types import SLACK, InvalidChange
from tiercore.questions.signals import Kind
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.notifications import AlertResponseRow, RunRow, SubscriptionRow

_subscription, _run = table(SubscriptionRow), table(RunRow)
_LONGEST_PERIOD = timedelta(days=40)  # a month, and the most that two time zones differ
_REPLACED = {Topic.DIGEST: (Topic.PROGRESS, Topic.EXPIRY), **dict.fromkeys(HALVES, (Topic.DIGEST,))}


def subscribe(
    connection: Connection,
    user: SlackUser,
    topics: Sequence[Topic],
    schedule: Schedule,
    quiet: tuple[int, int] | None,
    now: datetime,
    *,
    channel: bool = False,
    kinds: Collection[Kind] = ALL_KINDS,
    follows_profile: bool = False,
    shared: bool = False,
    only_news: bool = False,
) -> None:
    """Subscribe the user (or the `channel` they ask in) to the topics, replacing any settings they had.

    The digest takes the place of its halves, progress and expiry, and one of these takes that of the digest. If the
    digest of a period (week, day, month) or of today has already been planned, the next one is due in the next, also
    after an end in between. A channel must be about a partner, and only that partner's CAM or CC, or an admin, may
    subscribe it. `shared` confirms it for a channel that is shared with another organization. Raises InvalidChange,
    NotAllowed.
    """
    if Topic.DIGEST in topics and HALVES & set(topics):
        raise InvalidChange("The digest says both progress and expiry: choose it, or one of them.")
    target = target_of(connection, user, channel=channel)
    of_target = in_same_enterprise(_subscription.c.team_id, user.team_id) & (_subscription.c.place == target)
    known = connection.execute(select(_subscription.c.topic, _subscription.c.subscription_id).where(of_target))
    current = {Topic(row.topic): row.subscription_id for row in known}
    replaced = {each for topic in topics for each in _REPLACED.get(topic, ())}
    unsubscribe(connection, user, [*replaced], now, channel=channel)
    for topic in topics:
        existing_id = current.get(topic)
        same = [current[each] for each in (topic, *_REPLACED.get(topic, ())) if each in current]
        values = {
            "weekday": schedule.weekday,
            "minute": schedule.minute,
            "timezone": schedule.timezone,
            "paused": False,
            "quiet_from": quiet[0] if quiet else None,
            "quiet_until": quiet[1] if quiet else None,
            "kinds": None if frozenset(kinds) == ALL_KINDS else " ".join(sorted(kinds)),
            "made_by": user.user_id,
            "made_at": as_ms(now),
            "next_at": _next_due_at(connection, same, schedule, now) if topic in DIGESTS else None,
            "ended": False,
            "follows_profile": follows_profile,
            "shared_confirmed": shared,
            "rhythm": schedule.rhythm.value,
            "day_of_month": schedule.day_of_month,
            "only_news": only_news,
        }
        if existing_id:
            same = _subscription.c.subscription_id == existing_id
            connection.execute(update(_subscription).where(same).values(values))
        else:
            key = {"team_id": user.team_id, "place": target, "topic": topic.value}
            connection.execute(insert(_subscription), [{"subscription_id": secrets.token_urlsafe(9), **key, **values}])
        record(connection, now, f"{user.team_id}/{user.user_id}", f"subscribed to {topic.value}", target)


def _next_due_at(connection: Connection, of: Sequence[str], schedule: Schedule, now: datetime) -> int:
    """The next slot, in milliseconds since 1970, in a period and on a day without a run of these subscriptions."""
    is_recent = _run.c.due_at > as_ms(now - _LONGEST_PERIOD)
    runs = connection.execute(select(_run.c.period, _run.c.due_at).where(_run.c.subscription_id.in_(of), is_recent))
    zone, taken = ZoneInfo(schedule.timezone), set[str | date]()
    for run in runs:
        taken |= {run.period, from_ms(run.due_at).astimezone(zone).date()}
    slot = next_slot(schedule, now)
    while not taken.isdisjoint({slot.period, slot.at.astimezone(zone).date()}):
        slot = next_slot(schedule, slot.at)
    return as_ms(slot.at)


def unsubscribe(
    connection: Connection, user: SlackUser, topics: Sequence[Topic], now: datetime, *, channel: bool = False
) -> int:
    """End the subscriptions to the topics. Returns how many there were. Raises NotAllowed."""
    target = target_of(connection, user, channel=channel, is_new=False)
    ended = [each for each in subscriptions_of(connection, user.team_id, target) if each.topic in topics]
    for subscription in ended:
        _end(connection, subscription, f"{user.team_id}/{user.user_id}", now)
    return len(ended)


def _end(connection: Connection, subscription: Subscription, actor: str, now: datetime) -> None:
    same = _subscription.c.subscription_id == subscription.subscription_id
    connection.execute(update(_subscription).where(same).values(ended=True, next_at=None))
    responses = table(AlertResponseRow)
    connection.execute(delete(responses).where(responses.c.subscription_id == subscription.subscription_id))
    record(connection, now, actor, f"unsubscribed from {subscription.topic.value}", subscription.target)


def end_all_of(connection: Connection, user: SlackUser, now: datetime) -> int:
    """End what a user who has left the workspace gets, and what they subscribed channels to. Returns how many."""
    theirs = (_subscription.c.place == user.user_id) | (_subscription.c.made_by == user.user_id)
    ended = list(subscriptions_where(connection, in_same_enterprise(_subscription.c.team_id, user.team_id) & theirs))
    for subscription in ended:
        _end(connection, subscription, SLACK, now)
    return len(ended)


def end_all_in(connection: Connection, team_id: str, now: datetime) -> int:
    """End every subscription of a workspace that the app was removed from. Returns how many."""
    ended = list(subscriptions_where(connection, _subscription.c.team_id == team_id))
    for subscription in ended:
        _end(connection, subscription, SLACK, now)
    return len(ended)


def follow_profile(connection: Connection, user: SlackUser, timezone: str, now: datetime) -> int:
    """Move the subscriptions that follow the user's profile to its time zone. Returns how many."""
    in_team = in_same_enterprise(_subscription.c.team_id, user.team_id)
    of_user = in_team & (_subscription.c.made_by == user.user_id)
    moved = [
        each
        for each in subscriptions_where(connection, of_user & _subscription.c.follows_profile)
        if each.schedule.timezone != timezone
    ]
    for each in moved:
        schedule = replace(each.schedule, timezone=timezone)
        is_due = each.topic in DIGESTS and not each.paused
        next_at = _next_due_at(connection, [each.subscription_id], schedule, now) if is_due else None
        same = _subscription.c.subscription_id == each.subscription_id
        connection.execute(update(_subscription).where(same).values(timezone=timezone, next_at=next_at))
    return len(moved)


def confirm_shared(connection: Connection, user: SlackUser, now: datetime) -> int:
    """Confirm the channel's subscriptions now that it is shared with another organization. Returns how many.

    Raises NotAllowed.
    """
    target = target_of(connection, user, channel=True, is_new=False)
    confirmed = [each for each in subscriptions_of(connection, user.team_id, target) if not each.shared_confirmed]
    for each in confirmed:
        same = _subscription.c.subscription_id == each.subscription_id
        connection.execute(update(_subscription).where(same).values(shared_confirmed=True))
        change = f"confirmed {each.topic.value} for a shared channel"
        record(connection, now, f"{user.team_id}/{user.user_id}", change, target)
    return len(confirmed)


def pause(
    connection: Connection, user: SlackUser, now: datetime, *, paused: bool, channel: bool = False
) -> list[Subscription]:
    """Pause or resume all subscriptions of the user or channel, and return them. Runs missed while paused are not sent,
    nor is what alerts would have told: who resumes counts as subscribed from then on.

    Raises NotAllowed.
    """
    target = target_of(connection, user, channel=channel, is_new=False)
    for subscription in subscriptions_of(connection, user.team_id, target):
        subscription_id, next_at = subscription.subscription_id, None
        if subscription.topic in DIGESTS and not paused:
            next_at = _next_due_at(connection, [subscription_id], subscription.schedule, now)
        same = _subscription.c.subscription_id == subscription_id
        resumed = {"made_at": as_ms(now)} if subscription.paused and not paused else {}
        connection.execute(update(_subscription).where(same).values(paused=paused, next_at=next_at, **resumed))
    return subscriptions_of(connection, user.team_id, target)


def set_only_news(
    connection: Connection, user: SlackUser, now: datetime, *, only_news: bool, channel: bool = False
) -> list[Subscription]:
    """Skip digests with nothing to say, or send those, too; returns all subscriptions of the user or channel.

    Raises NotAllowed.
    """
    target = target_of(connection, user, channel=channel, is_new=False)
    for subscription in subscriptions_of(connection, user.team_id, target):
        if subscription.topic in DIGESTS and subscription.only_news is not only_news:
            same = _subscription.c.subscription_id == subscription.subscription_id
            connection.execute(update(_subscription).where(same).values(only_news=only_news))
            change = f"{subscription.topic.value}: {'only with news' if only_news else 'always'}"
            record(connection, now, f"{user.team_id}/{user.user_id}", change, target)
    return subscriptions_of(connection, user.team_id, target)


def current_subscriptions(connection: Connection, user: SlackUser, *, channel: bool) -> list[Subscription]:
    """The subscriptions of the user, or of the `channel` they ask in. Raises NotAllowed."""
    return subscriptions_of(connection, user.team_id, target_of(connection, user, channel=channel, is_new=False))


def by_id(connection: Connection, subscription_id: str) -> Subscription | None:
    """The subscription, None if it has ended."""
    return next(subscriptions_where(connection, _subscription.c.subscription_id == subscription_id), None)


def active(connection: Connection, topic: Topic | None = None) -> list[Subscription]:
    """The subscriptions that are not paused, to one topic or to any."""
    where = _subscription.c.paused.is_(False)
    return list(subscriptions_where(connection, where & (_subscription.c.topic == topic.value) if topic else where))


def due(connection: Connection, now: datetime, limit: int) -> list[Subscription]:
    """At most `limit` active subscriptions with a run due, longest due first."""
    is_due = (_subscription.c.next_at <= as_ms(now)) & _subscription.c.paused.is_(False)
    return list(subscriptions_where(connection, is_due, limit=limit))


def schedule_next(connection: Connection, subscription: Subscription, now: datetime) -> None:
    """Schedule the next run for the first slot after `now`, unless the subscription was changed or paused meanwhile."""
    assert subscription.next is not None
    connection.execute(
        update(_subscription)
        .where(
            _subscription.c.subscription_id == subscription.subscription_id,
            _subscription.c.next_at == as_ms(subscription.next),
            _subscription.c.paused.is_(False),
        )
        .values(next_at=as_ms(next_slot(subscription.schedule, now).at))
    )
