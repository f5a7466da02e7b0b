"""What digests have told: each says which state of the data it was made from, so that the next one goes on from there
(digests-and-alerts#in-hindsight).
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from tiercore.notifications.outbox_types import State
from tiercore.notifications.subscription_rows import subscriptions_of
from tiercore.notifications.subscriptions import by_id
from tiercore.notifications.types import Subscription, Topic
from tiercore.questions.hindsight import KnownAt
from tiercore.storage.bulk import table
from tiercore.storage.tables.notifications import OutboxRow, RunRow

_DIGESTS = (Topic.PORTFOLIO, Topic.DIGEST, Topic.PROGRESS, Topic.EXPIRY)
_run, _outbox = table(RunRow), table(OutboxRow)


_TELLS = (
    update(_outbox)
    .where(_outbox.c.outbox_id == bindparam("of"))
    .values(known_day=bindparam("day"), known_version=bindparam("version"))
)


class Told(NamedTuple):
    """A subscription, the active topics of its target, digests first, and the state of the data that its last scheduled
    digest told, None before the first. A reader who sees several partners gets one digest of all of them, in place of
    the first topic; the others are dropped.
    """

    subscription: Subscription
    topics: list[Topic]
    known: KnownAt | None


def record_told(connection: Connection, told: Mapping[int, KnownAt]) -> None:
    """Record for each digest, by its outbox ID, the state of the data that it tells; sent again, it replaces that."""
    rows = [{"of": each, "day": known.day.toordinal(), "version": known.version} for each, known in told.items()]
    if rows:
        connection.execute(_TELLS, rows)


def told(connection: Connection, subscription_id: str) -> Told | None:
    """The subscription with what decides what its next digest says, None if it has ended."""
    subscription = by_id(connection, subscription_id)
    if subscription is None:
        return None
    beside = subscriptions_of(connection, subscription.team_id, subscription.target)
    active, ordered = {each.topic for each in beside if not each.paused}, (*_DIGESTS, subscription.topic)
    topics = [each for each in ordered if each in active]
    return Told(subscription, topics, last_told(connection, subscription_id))


def last_told(connection: Connection, subscription_id: str) -> KnownAt | None:
    """The state of the data that the subscription's last scheduled digest told, None before the first."""
    key = "digest:" + _run.c.subscription_id + ":" + _run.c.period
    row = connection.execute(
        select(_outbox.c.known_day, _outbox.c.known_version)
        .select_from(_run.join(_outbox, _outbox.c.key == key))
        .where(
            _run.c.subscription_id == subscription_id,
            _outbox.c.state == State.SENT.value,
            _outbox.c.known_version.is_not(None),
        )
        .order_by(_run.c.due_at.desc())
        .limit(1)
    ).first()
    return KnownAt(date.fromordinal(row.known_day), row.known_version) if row else None
