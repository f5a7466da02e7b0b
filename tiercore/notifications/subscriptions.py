"""Who is told what by itself, and when."""

import secrets
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from tiercore.access import SlackUser
from tiercore.notifications.timetable import Weekly, next_slot
from tiercore.notifications.types import ALL_KINDS, WEEKLY, Subscription, Topic
from tiercore.people.audit import note
from tiercore.people.people import identity_of
from tiercore.people.preferences import channel_partner
from tiercore.people.types import Identity, InvalidChange, NotAllowed
from tiercore.questions.signals import Kind
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.notifications import MarkRow, RunRow, SubscriptionRow

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
) -> None:
    """Tell `user` (or the `channel` they ask in) of the topics from now on, at another time than before if they were.

    One who had this week's digest already has the next one next week.

    A channel must be about a partner, and only that partner's CAM, CC or an admin may subscribe it.
    Raises InvalidChange, NotAllowed.
    """
    place = _place(connection, user, channel=channel)
    held = {each.topic: each.subscription_id for each in subscriptions_of(connection, user.team_id, place)}
    for topic in topics:
        known = held.get(topic)
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
            "next_at": _coming(connection, known, weekly, now) if topic in WEEKLY else None,
        }
        if known:
            connection.execute(update(_subscription).where(_subscription.c.subscription_id == known).values(values))
        else:
            key = {"team_id": user.team_id, "place": place, "topic": topic.value}
            connection.execute(insert(_subscription), [{"subscription_id": secrets.token_urlsafe(9), **key, **values}])
        note(connection, now, f"{user.team_id}/{user.user_id}", f"subscribed to {topic.value}", place)


def _coming(connection: Connection, subscription_id: str | None, weekly: Weekly, now: datetime) -> int:
    """The next slot, in a week of which there is no digest yet."""
    slot = next_slot(weekly, now)
    had = select(_run.c.week).where(_run.c.subscription_id == subscription_id, _run.c.week == slot.week)
    return as_ms((next_slot(weekly, slot.at) if subscription_id and connection.scalar(had) else slot).at)


def unsubscribe(
    connection: Connection, user: SlackUser, topics: Sequence[Topic], now: datetime, *, channel: bool = False
) -> int:
    """Tell of the topics no more; how many subscriptions ended. Raises NotAllowed."""
    place = _place(connection, user, channel=channel, ending=True)
    ended = [each for each in subscriptions_of(connection, user.team_id, place) if each.topic in topics]
    for each in ended:
        for target in (_subscription, table(MarkRow)):
            connection.execute(delete(target).where(target.c.subscription_id == each.subscription_id))
        note(connection, now, f"{user.team_id}/{user.user_id}", f"unsubscribed from {each.topic.value}", place)
    return len(ended)


def pause(
    connection: Connection, user: SlackUser, now: datetime, *, paused: bool, channel: bool = False
) -> list[Subscription]:
    """Stop telling for a while, or go on; what it is about. A turn that is missed meanwhile is not made up for."""
    place = _place(connection, user, channel=channel, ending=True)
    held = subscriptions_of(connection, user.team_id, place)
    for each in held:
        on = each.topic in WEEKLY and not paused
        values = {
            "paused": paused,
            "next_at": _coming(connection, each.subscription_id, each.weekly, now) if on else None,
        }
        connection.execute(
            update(_subscription).where(_subscription.c.subscription_id == each.subscription_id).values(values)
        )
    return subscriptions_of(connection, user.team_id, place)


def subscriptions_of(connection: Connection, team_id: str, place: str) -> list[Subscription]:
    """What a person or a channel is subscribed to."""
    return list(_found(connection, (_subscription.c.team_id == team_id) & (_subscription.c.place == place)))


def current_subscriptions(connection: Connection, user: SlackUser, *, channel: bool) -> list[Subscription]:
    """What the user, or the `channel` that they ask in, is subscribed to. Raises NotAllowed."""
    return subscriptions_of(connection, user.team_id, _place(connection, user, channel=channel, ending=True))


def by_id(connection: Connection, subscription_id: str) -> Subscription | None:
    """The subscription, None for one that ended."""
    return next(_found(connection, _subscription.c.subscription_id == subscription_id), None)


def every(connection: Connection, topic: Topic | None = None) -> list[Subscription]:
    """Every subscription that is not paused, or those to a topic."""
    where = _subscription.c.paused.is_(False)
    return list(_found(connection, where & (_subscription.c.topic == topic.value) if topic else where))


def due(connection: Connection, now: datetime, most: int) -> list[Subscription]:
    """Those whose turn has come, the longest due first; not the paused ones."""
    come = (_subscription.c.next_at <= as_ms(now)) & _subscription.c.paused.is_(False)
    return list(_found(connection, come, most=most))


def schedule_next(connection: Connection, each: Subscription, now: datetime) -> None:
    """Its next turn is the first slot after `now`; one that was changed or paused meanwhile is left as it is."""
    assert each.next is not None
    planned_digests = as_ms(next_slot(each.weekly, now).at)
    connection.execute(
        update(_subscription)
        .where(
            _subscription.c.subscription_id == each.subscription_id,
            _subscription.c.next_at == as_ms(each.next),
            _subscription.c.paused.is_(False),
        )
        .values(next_at=planned_digests)
    )


def _place(connection: Connection, user: SlackUser, *, channel: bool, ending: bool = False) -> str:
    """The user, or the channel they ask in where they may decide for it. Raises InvalidChange, NotAllowed."""
    person = identity_of(connection, user)
    if not channel:
        if person is None and not ending:
            raise NotAllowed("I don't know who you are yet. Type /tier link.")
        return user.user_id
    about = channel_partner(connection, user) if user.channel_id else None
    if about is None and not ending:
        _require_program(person)
        raise InvalidChange("This channel isn't about a partner yet. Type /tier here PARTNER first.")
    if about is None:
        held = subscriptions_of(connection, user.team_id, str(user.channel_id))
        theirs = all(each.created_by == user.user_id for each in held)
        if not (_require_program(person).is_admin or theirs):
            raise NotAllowed("Only an admin, or the person who subscribed this channel, can change that.")
    elif not _require_program(person).is_admin and about not in _require_program(person).looks_after:
        raise NotAllowed("Only this partner's CAM or CC, or an admin, can change this channel's notifications.")
    return str(user.channel_id)


def _require_program(person: Identity | None) -> Identity:
    if person is None or not person.is_program_staff:
        raise NotAllowed("Only a CAM, a CC or an admin can change a channel's notifications.")
    return person


def _found(connection: Connection, where: Any, most: int | None = None) -> Iterator[Subscription]:
    soonest = (_subscription.c.next_at.is_(None), _subscription.c.next_at)  # alerts last, on either engine
    order = (*soonest, _subscription.c.team_id, _subscription.c.place, _subscription.c.topic.desc())
    for row in connection.execute(select(_subscription).where(where).order_by(*order).limit(most)).all():
        yield Subscription(
            row.subscription_id,
            row.team_id,
            row.place,
            Topic(row.topic),
            Weekly(row.weekday, row.minute, row.timezone),
            row.paused,
            None if row.quiet_from is None or row.quiet_until is None else (row.quiet_from, row.quiet_until),
            row.made_by,
            from_ms(row.next_at) if row.next_at is not None else None,
            ALL_KINDS if row.kinds is None else frozenset(map(Kind, row.kinds.split())),
            from_ms(row.made_at),
        )
