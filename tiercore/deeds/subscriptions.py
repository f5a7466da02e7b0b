"""Who is told what by itself, and when: subscriptions, and the runs that come of them (reliability.md)."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from tiercore.access import SlackUser
from tiercore.deeds.audit import note
from tiercore.deeds.moments import as_ms, from_ms
from tiercore.deeds.outbox import Letter, insert_new, put
from tiercore.deeds.people import BadDeed, NotAllowed, bound_to
from tiercore.deeds.wishes import channel_partner
from tiercore.storage.clockwork_tables import MarkRow, RunRow, SubscriptionRow
from tiercore.storage.derive import table
from tiercore.timetable import Slot, Weekly, next_slot

_subscription, _run = table(SubscriptionRow), table(RunRow)
_AT_ONCE = 500


class Topic(StrEnum):
    """What one can be told: two weekly digests of a partner, one of all partners that one looks after, and alerts."""

    PROGRESS = "progress"
    EXPIRY = "expiry"
    PORTFOLIO = "portfolio"
    ALERTS = "alerts"


WEEKLY = frozenset({Topic.PROGRESS, Topic.EXPIRY, Topic.PORTFOLIO})


@dataclass(frozen=True, slots=True)
class Subscription:
    """One wish. `place` is the Slack user or channel that is told; `next` is when, None for alerts and for a pause.

    `quiet` are two minutes of the day between which no alert is sent, by the clocks of the weekly's zone.
    """

    subscription_id: str
    team_id: str
    place: str
    topic: Topic
    weekly: Weekly
    paused: bool
    quiet: tuple[int, int] | None
    made_by: str
    next: datetime | None

    @property
    def is_a_channels(self) -> bool:
        """Whether a channel is told, and not a person."""
        return self.place[:1] not in ("U", "W")

    @property
    def reader(self) -> SlackUser:
        """The Slack user whose leave decides what may be told, in the channel that it is about."""
        return SlackUser(self.team_id, self.made_by, self.place if self.is_a_channels else None)


class Planned(NamedTuple):
    """What a look at the timetable came to: digests put into the outbox, and turns that are missed for good."""

    digests: int
    late: int


def subscribe(
    connection: Connection,
    user: SlackUser,
    topics: Sequence[Topic],
    weekly: Weekly,
    quiet: tuple[int, int] | None,
    now: datetime,
    *,
    channel: bool = False,
) -> None:
    """Tell `user` (or the `channel` they ask in) of the topics from now on, at another time than before if they were.

    A channel must be about a partner, and only who looks after partners may subscribe one. Raises BadDeed, NotAllowed.
    """
    place = _place(connection, user, channel=channel)
    for topic in topics:
        values = {
            "weekday": weekly.weekday,
            "minute": weekly.minute,
            "timezone": weekly.timezone,
            "paused": False,
            "quiet_from": quiet[0] if quiet else None,
            "quiet_until": quiet[1] if quiet else None,
            "made_by": user.user_id,
            "made_at": as_ms(now),
            "next_at": as_ms(next_slot(weekly, now).at) if topic in WEEKLY else None,
        }
        key = {"team_id": user.team_id, "place": place, "topic": topic.value}
        if not connection.execute(update(_subscription).where(_is(key)).values(values)).rowcount:
            connection.execute(insert(_subscription), [{"subscription_id": secrets.token_urlsafe(9), **key, **values}])
        note(connection, now, f"{user.team_id}/{user.user_id}", f"subscribed to {topic.value}", place)


def unsubscribe(
    connection: Connection, user: SlackUser, topics: Sequence[Topic], now: datetime, *, channel: bool = False
) -> int:
    """Tell of the topics no more; how many subscriptions ended. Raises NotAllowed."""
    place = _place(connection, user, channel=channel, ending=True)
    ended = [each for each in of_place(connection, user.team_id, place) if each.topic in topics]
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
    held = of_place(connection, user.team_id, place)
    for each in held:
        coming = next_slot(each.weekly, now).at if each.topic in WEEKLY and not paused else None
        values = {"paused": paused, "next_at": as_ms(coming) if coming else None}
        connection.execute(
            update(_subscription).where(_subscription.c.subscription_id == each.subscription_id).values(values)
        )
    return of_place(connection, user.team_id, place)


def of_place(connection: Connection, team_id: str, place: str) -> list[Subscription]:
    """What a person or a channel is subscribed to."""
    return list(_found(connection, (_subscription.c.team_id == team_id) & (_subscription.c.place == place)))


def by_id(connection: Connection, subscription_id: str) -> Subscription | None:
    """The subscription, None for one that ended."""
    return next(_found(connection, _subscription.c.subscription_id == subscription_id), None)


def every(connection: Connection, topic: Topic | None = None) -> list[Subscription]:
    """Every subscription that is not paused, or those to a topic."""
    where = _subscription.c.paused.is_(False)
    return list(_found(connection, where & (_subscription.c.topic == topic.value) if topic else where))


def plan(connection: Connection, now: datetime, late: timedelta) -> Planned:
    """Put what is due into the outbox, some hundred subscriptions at once; call it until nothing more is planned.

    A turn that is missed by more than `late` is noted and never sent. Whoever plans, there is one run a week.
    """
    due = (_subscription.c.next_at <= as_ms(now)) & _subscription.c.paused.is_(False)
    chosen = list(_found(connection, due, most=_AT_ONCE))
    turns = [(each, slot) for each in chosen for slot in _turns(each, now)]
    runs = [_run_row(each, slot, now - slot.at > late) for each, slot in turns]
    new = {tuple(row) for row in insert_new(connection, _run, runs)}
    fresh = [(each, slot) for each, slot in turns if (each.subscription_id, slot.week) in new]
    letters = [_letter(each, slot, late) for each, slot in fresh if now - slot.at <= late]
    digests = put(connection, letters, now)
    for each in chosen:
        coming = as_ms(next_slot(each.weekly, now).at)
        connection.execute(
            update(_subscription).where(_subscription.c.subscription_id == each.subscription_id).values(next_at=coming)
        )
    return Planned(digests, len(fresh) - len(letters))


def send_now(connection: Connection, held: Sequence[Subscription], now: datetime) -> int:
    """Put the digests of the subscriptions into the outbox at once, besides their turn; how many."""
    letters = [
        Letter(
            f"now:{each.subscription_id}:{as_ms(now) // 10_000}", each.team_id, each.place, _what(each, "now"), due=now
        )
        for each in held
        if each.topic in WEEKLY
    ]
    return put(connection, letters, now)


def _turns(subscription: Subscription, now: datetime) -> Iterator[Slot]:
    """The slots from the next one on that are over."""
    assert subscription.next is not None
    slot = next_slot(subscription.weekly, subscription.next - timedelta(milliseconds=1))
    while slot.at <= now:
        yield slot
        slot = next_slot(subscription.weekly, slot.at)


def _run_row(subscription: Subscription, slot: Slot, missed: bool) -> dict[str, Any]:
    outcome = "skipped_late" if missed else "planned"
    key = {"subscription_id": subscription.subscription_id, "week": slot.week}
    return {**key, "due_at": as_ms(slot.at), "outcome": outcome}


def _letter(subscription: Subscription, slot: Slot, late: timedelta) -> Letter:
    key = f"digest:{subscription.subscription_id}:{slot.week}"
    what = _what(subscription, slot.week)
    return Letter(key, subscription.team_id, subscription.place, what, due=slot.at, stale=slot.at + late)


def _what(subscription: Subscription, week: str) -> dict[str, Any]:
    return {"kind": "digest", "subscription": subscription.subscription_id, "week": week}


def _place(connection: Connection, user: SlackUser, *, channel: bool, ending: bool = False) -> str:
    """Who is told: the user, or the channel they ask in where they may decide that. Raises BadDeed, NotAllowed."""
    person = bound_to(connection, user)
    if not channel:
        if person is None and not ending:
            raise NotAllowed("I don't know yet who you are: /tier link")
        return user.user_id
    if person is None or not person.is_of_the_program:
        raise NotAllowed("Only a CAM, a CC or an admin may decide what a channel is told.")
    if not ending and (not user.channel_id or channel_partner(connection, user) is None):
        raise BadDeed("This channel is about no partner yet: /tier here PARTNER, then ask again.")
    return str(user.channel_id)


def _is(key: dict[str, str]) -> Any:
    return (
        (_subscription.c.team_id == key["team_id"])
        & (_subscription.c.place == key["place"])
        & (_subscription.c.topic == key["topic"])
    )


def _found(connection: Connection, where: Any, most: int | None = None) -> Iterator[Subscription]:
    order = (_subscription.c.next_at, _subscription.c.team_id, _subscription.c.place, _subscription.c.topic.desc())
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
        )
