"""Rows of subscriptions as values."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from tiercore.notifications.timetable import Rhythm, Schedule
from tiercore.notifications.types import ALL_KINDS, NIGHT, Subscription, Topic
from tiercore.questions.signals import Kind
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.moments import from_ms
from tiercore.storage.tables.notifications import SubscriptionRow

_subscription = table(SubscriptionRow)


def subscriptions_of(connection: Connection, team_id: str, target: str) -> list[Subscription]:
    """The subscriptions of a Slack user or channel, made in whichever workspace of the team's enterprise."""
    in_team = in_same_enterprise(_subscription.c.team_id, team_id)
    return list(subscriptions_where(connection, in_team & (_subscription.c.place == target)))


def subscriptions_where(connection: Connection, where: Any, limit: int | None = None) -> Iterator[Subscription]:
    """The subscriptions that have not ended and meet the condition, soonest due first."""
    return map(_subscription_of, _rows_where(connection, where, limit))


def _rows_where(connection: Connection, where: Any, limit: int | None = None) -> Sequence[Any]:
    soonest_first = (_subscription.c.next_at.is_(None), _subscription.c.next_at)  # alerts last, on either engine
    order = (*soonest_first, _subscription.c.team_id, _subscription.c.place, _subscription.c.topic.desc())
    here = select(_subscription).where(where, _subscription.c.ended.is_(False))
    return connection.execute(here.order_by(*order).limit(limit)).all()


def _subscription_of(row: Any) -> Subscription:
    return Subscription(
        row.subscription_id,
        row.team_id,
        row.place,
        Topic(row.topic),
        Schedule(row.weekday, row.minute, row.timezone, Rhythm(row.rhythm), row.day_of_month),
        row.paused,
        NIGHT if row.quiet_from is None or row.quiet_until is None else (row.quiet_from, row.quiet_until),
        row.made_by,
        from_ms(row.next_at) if row.next_at is not None else None,
        ALL_KINDS if row.kinds is None else frozenset(map(Kind, row.kinds.split())),
        from_ms(row.made_at),
        row.follows_profile,
        row.shared_confirmed,
        row.only_news,
    )


class KnownSubscriptions:
    """The active subscriptions to a topic, which thousands may have: the same list as long as their rows are."""

    def __init__(self, topic: Topic) -> None:
        self._where = _subscription.c.paused.is_(False) & (_subscription.c.topic == topic.value)
        self._known: tuple[Sequence[Any], list[Subscription]] = ([], [])

    def active(self, connection: Connection) -> list[Subscription]:
        """The subscriptions as they are now, for reading only."""
        rows, (before, found) = _rows_where(connection, self._where), self._known
        if rows != before:
            found = [_subscription_of(row) for row in rows]
            self._known = rows, found
        return found
