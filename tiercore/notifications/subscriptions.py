"""Subscriptions: who gets which notifications, and when."""

import secrets
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from tiercore.access import SlackUser
from tiercore.notifications.timetable import Weekly, next_slot
from tiercore.notifications.types import ALL_KINDS, NIGHT, WEEKLY, Subscription, Topic
from tiercore.people.audit import record
from tiercore.people.people import identity_of
from tiercore.people.preferences import channel_partner
from tiercore.people.types import SLACK, Identity, InvalidChange, NotAllowed
from tiercore.questions.signals import Kind
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.notifications import AlertResponseRow, RunRow, SubscriptionRow

_subscription, _run = table(SubscriptionRow), table(RunRow)


def subscribe(
    connection: Connection,
    user: SlackUser,
    topics: Sequence[Topic],
    weekly: Weekly,
    quiet: tuple[int, int] | None,
    now: datetime,
    *,
    channel: bool = False,
    kinds: Collection[Kind] = ALL_KINDS,
    follows_profile: bool = False,
    shared: bool = False,
) -> None:
    """Subscribe the user (or the `channel` they ask in) to the topics, replacing any settings they had.

    If this week's digest has already been planned, the next one is due next week, also after an end in between. A
    channel must be about a partner, and only that partner's CAM or CC, or an admin, may subscribe it. `shared` confirms
    it for a channel that is shared with another organization. Raises InvalidChange, NotAllowed.
    """
    target = _target(connection, user, channel=channel)
    of_target = in_same_enterprise(_subscription.c.team_id, user.team_id) & (_subscription.c.place == target)
    known = connection.execute(select(_subscription.c.topic, _subscription.c.subscription_id).where(of_target))
    current = {Topic(row.topic): row.subscription_id for row in known}
    for topic in topics:
        existing_id = current.get(topic)
        values = {
            "weekday": weekly.weekday,
            "minute": weekly.minute,
            "timezone": weekly.timezone,
            "paused": False,
            "quiet_from": quiet[0] if quiet else None,
            "quiet_until": quiet[1] if quiet else None,
            "kinds": None if frozenset(kinds) == ALL_KINDS else " ".join(sorted(kinds)),
            "made_by": user.user_id,
            "made_at": as_ms(now),
            "next_at": _next_due_at(connection, existing_id, weekly, now) if topic in WEEKLY else None,
            "ended": False,
            "follows_profile": follows_profile,
            "shared_confirmed": shared,
        }
        if existing_id:
            same = _subscription.c.subscription_id == existing_id
            connection.execute(update(_subscription).where(same).values(values))
        else:
            key = {"team_id": user.team_id, "place": target, "topic": topic.value}
            connection.execute(insert(_subscription), [{"subscription_id": secrets.token_urlsafe(9), **key, **values}])
        record(connection, now, f"{user.team_id}/{user.user_id}", f"subscribed to {topic.value}", target)


def _next_due_at(connection: Connection, subscription_id: str | None, weekly: Weekly, now: datetime) -> int:
    """The next slot in a week without a run, in milliseconds since 1970."""
    slot = next_slot(weekly, now)
    planned = select(_run.c.week).where(_run.c.subscription_id == subscription_id, _run.c.week == slot.week)
    return as_ms((next_slot(weekly, slot.at) if subscription_id and connection.scalar(planned) else slot).at)


def unsubscribe(
    connection: Connection, user: SlackUser, topics: Sequence[Topic], now: datetime, *, channel: bool = False
) -> int:
    """End the subscriptions to the topics. Returns how many there were. Raises NotAllowed."""
    target = _target(connection, user, channel=channel, is_new=False)
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
    ended = list(_select(connection, in_same_enterprise(_subscription.c.team_id, user.team_id) & theirs))
    for subscription in ended:
        _end(connection, subscription, SLACK, now)
    return len(ended)


def follow_profile(connection: Connection, user: SlackUser, timezone: str, now: datetime) -> int:
    """Move the subscriptions that follow the user's profile to its time zone. Returns how many."""
    in_team = in_same_enterprise(_subscription.c.team_id, user.team_id)
    of_user = in_team & (_subscription.c.made_by == user.user_id)
    moved = [
        each
        for each in _select(connection, of_user & _subscription.c.follows_profile)
        if each.weekly.timezone != timezone
    ]
    for each in moved:
        weekly = Weekly(each.weekly.weekday, each.weekly.minute, timezone)
        is_due = each.topic in WEEKLY and not each.paused
        next_at = _next_due_at(connection, each.subscription_id, weekly, now) if is_due else None
        same = _subscription.c.subscription_id == each.subscription_id
        connection.execute(update(_subscription).where(same).values(timezone=timezone, next_at=next_at))
    return len(moved)


def confirm_shared(connection: Connection, user: SlackUser, now: datetime) -> int:
    """Confirm the channel's subscriptions now that it is shared with another organization. Returns how many.

    Raises NotAllowed.
    """
    target = _target(connection, user, channel=True, is_new=False)
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
    target = _target(connection, user, channel=channel, is_new=False)
    for subscription in subscriptions_of(connection, user.team_id, target):
        subscription_id, next_at = subscription.subscription_id, None
        if subscription.topic in WEEKLY and not paused:
            next_at = _next_due_at(connection, subscription_id, subscription.weekly, now)
        same = _subscription.c.subscription_id == subscription_id
        resumed = {"made_at": as_ms(now)} if subscription.paused and not paused else {}
        connection.execute(update(_subscription).where(same).values(paused=paused, next_at=next_at, **resumed))
    return subscriptions_of(connection, user.team_id, target)


def subscriptions_of(connection: Connection, team_id: str, target: str) -> list[Subscription]:
    """The subscriptions of a Slack user or channel, made in whichever workspace of the team's enterprise."""
    in_team = in_same_enterprise(_subscription.c.team_id, team_id)
    return list(_select(connection, in_team & (_subscription.c.place == target)))


def current_subscriptions(connection: Connection, user: SlackUser, *, channel: bool) -> list[Subscription]:
    """The subscriptions of the user, or of the `channel` they ask in. Raises NotAllowed."""
    return subscriptions_of(connection, user.team_id, _target(connection, user, channel=channel, is_new=False))


def by_id(connection: Connection, subscription_id: str) -> Subscription | None:
    """The subscription, None if it has ended."""
    return next(_select(connection, _subscription.c.subscription_id == subscription_id), None)


def active(connection: Connection, topic: Topic | None = None) -> list[Subscription]:
    """The subscriptions that are not paused, to one topic or to any."""
    where = _subscription.c.paused.is_(False)
    return list(_select(connection, where & (_subscription.c.topic == topic.value) if topic else where))


def due(connection: Connection, now: datetime, limit: int) -> list[Subscription]:
    """At most `limit` active subscriptions with a run due, longest due first."""
    is_due = (_subscription.c.next_at <= as_ms(now)) & _subscription.c.paused.is_(False)
    return list(_select(connection, is_due, limit=limit))


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
        .values(next_at=as_ms(next_slot(subscription.weekly, now).at))
    )


def _target(connection: Connection, user: SlackUser, *, channel: bool, is_new: bool = True) -> str:
    """The user, or the channel they ask in if they may manage its notifications. Raises InvalidChange, NotAllowed."""
    person = identity_of(connection, user)
    if not channel:
        if person is None and is_new:
            raise NotAllowed("I don't know who you are yet. Type /tier link.")
        return user.user_id
    about = channel_partner(connection, user) if user.channel_id else None
    if about is None and is_new:
        _require_program_staff(person)
        raise InvalidChange("This channel isn't about a partner yet. Type /tier here PARTNER first.")
    if about is None:
        current = subscriptions_of(connection, user.team_id, str(user.channel_id))
        is_creator = all(each.created_by == user.user_id for each in current)
        if not (_require_program_staff(person).is_admin or is_creator):
            raise NotAllowed("Only an admin, or the person who subscribed this channel, can change that.")
    elif not _require_program_staff(person).is_admin and about not in _require_program_staff(person).looks_after:
        raise NotAllowed("Only this partner's CAM or CC, or an admin, can change this channel's notifications.")
    return str(user.channel_id)


def _require_program_staff(person: Identity | None) -> Identity:
    if person is None or not person.is_program_staff:
        raise NotAllowed("Only a CAM, a CC or an admin can change a channel's notifications.")
    return person


def _select(connection: Connection, where: Any, limit: int | None = None) -> Iterator[Subscription]:
    soonest_first = (_subscription.c.next_at.is_(None), _subscription.c.next_at)  # alerts last, on either engine
    order = (*soonest_first, _subscription.c.team_id, _subscription.c.place, _subscription.c.topic.desc())
    here = select(_subscription).where(where, _subscription.c.ended.is_(False))
    for row in connection.execute(here.order_by(*order).limit(limit)).all():
        yield Subscription(
            row.subscription_id,
            row.team_id,
            row.place,
            Topic(row.topic),
            Weekly(row.weekday, row.minute, row.timezone),
            row.paused,
            NIGHT if row.quiet_from is None or row.quiet_until is None else (row.quiet_from, row.quiet_until),
            row.made_by,
            from_ms(row.next_at) if row.next_at is not None else None,
            ALL_KINDS if row.kinds is None else frozenset(map(Kind, row.kinds.split())),
            from_ms(row.made_at),
            row.follows_profile,
            row.shared_confirmed,
        )
