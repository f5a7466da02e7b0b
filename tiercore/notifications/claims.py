"""Leasing outbox messages to senders; tiercore.notifications.outbox describes the states."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Connection, Select, Update, bindparam, func, or_, select, update

from tiercore.notifications import faults
from tiercore.notifications.outbox_types import ClaimedMessage, Posted, SendPolicy, State
from tiercore.notifications.rate_limit import BUSY, CLOCKS_APART, allowed, keep, reserve, take_searches
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.notifications import OutboxRow

_outbox = table(OutboxRow)
_root = _outbox.alias("root")
_MOST_IN_A_SEARCH = 200


def claim(connection: Connection, owner: str, now: datetime, limit: int, policy: SendPolicy) -> list[ClaimedMessage]:
    """At most `limit` messages that are due and may be posted now, leased to `owner`: one per target.

    A reply whose root is not in Slack yet waits for it without holding up other messages. Of what a fault holds, one
    message is tried now and then; where the fault stops everything, only that one.
    """
    if limit <= 0:
        return []
    allowance, since = allowed(connection, now, policy)
    limit = min(allowance, limit)
    if limit <= 0:
        return []
    stopped = faults.stopped_targets(connection, now, policy)
    first = dict[str, Any]()
    parameters = {"now": as_ms(now), "limit": 2 * limit, "open": not stopped.everything, "stopped": stopped.targets}
    for row in connection.execute(_TO_SEND, parameters):
        first.setdefault(row.place, row)
    claimed = [_claimed(row, now, policy) for row in islice(first.values(), limit)]
    _lease(connection, _LEASED_TO_SEND, owner, now, policy, claimed)
    reserve(connection, now, policy, [each.target for each in claimed], since)
    return claimed


def begin(
    connection: Connection, owner: str, ids: Sequence[int], now: datetime, in_slack: datetime, policy: SendPolicy
) -> frozenset[int]:
    """Record that the calls which post these messages begin now; the IDs of those whose lease is still the owner's, and
    under which no call has begun yet.

    Only these may be posted. Their lease begins anew. `in_slack` is Slack's time.
    """
    if not ids:
        return frozenset()
    held = (_outbox.c.owner == owner) & (_outbox.c.state == State.SENDING.value) & _outbox.c.begun_at.is_(None)
    found = frozenset(connection.scalars(select(_outbox.c.outbox_id).where(_outbox.c.outbox_id.in_(ids), held)))
    connection.execute(
        update(_outbox)
        .where(_outbox.c.outbox_id.in_(found))
        .values(
            begun_at=as_ms(in_slack),
            tried_at=func.coalesce(_outbox.c.tried_at, as_ms(in_slack)),
            last_tried_at=as_ms(in_slack),
            leased_until=as_ms(now + policy.lease),
            searched_to=None,
        )
    )
    keep(connection, now, policy, select(_outbox.c.place).where(_outbox.c.outbox_id.in_(found)))
    return found


def claim_unconfirmed(
    connection: Connection, owner: str, now: datetime, limit: int, policy: SendPolicy
) -> list[ClaimedMessage]:
    """Messages in doubt that are due to be looked for, in at most `limit` conversations, leased to `owner`.

    First, leases that have expired end: their messages are in doubt if their call had begun, and pending otherwise.
    """
    _expire_leases(connection, now, policy)
    rows = connection.execute(_TO_VERIFY, {"now": as_ms(now), "limit": _MOST_IN_A_SEARCH}).all()
    if not rows:
        return []
    conversations = dict[tuple[str, str | None], list[Any]]()
    for row in rows:
        conversations.setdefault((row.place, row.root_ts), []).append(row)
    searches = take_searches(connection, now, min(limit, len(conversations)))
    chosen = [row for group in islice(conversations.values(), searches) for row in group]
    claimed = [_claimed(row, now, policy) for row in chosen]
    _lease(connection, _LEASED, owner, now, policy, claimed)
    return claimed


def _expire_leases(connection: Connection, now: datetime, policy: SendPolicy) -> None:
    """End the leases of senders that did not finish. A lease that a clock set back makes longer than one is over,
    too.
    """
    over = {"now": as_ms(now), "longest": as_ms(now + policy.lease) + CLOCKS_APART}
    connection.execute(_EXPIRED_UNBEGUN, over)
    connection.execute(
        _EXPIRED, {**over, "due": as_ms(now + policy.settle), "settle": as_ms(now + policy.settle) - as_ms(now)}
    )


_IS_EXPIRED = (_outbox.c.state == State.SENDING.value) & or_(
    _outbox.c.leased_until < bindparam("now"), _outbox.c.leased_until > bindparam("longest")
)
_FREE: dict[str, Any] = {"owner": None, "leased_until": None}
_EXPIRED_UNBEGUN = (
    update(_outbox).where(_IS_EXPIRED, _outbox.c.begun_at.is_(None)).values(state=State.PENDING.value, **_FREE)
)
_EXPIRED = (
    update(_outbox)
    .where(_IS_EXPIRED)
    .values(
        state=State.UNKNOWN.value,
        doubts=_outbox.c.doubts + 1,
        due_at=bindparam("due"),
        wait=bindparam("settle"),
        reason="sending was interrupted",
        **_FREE,
    )
)


def _due(state: State, *where: ColumnElement[bool]) -> Select[Any]:
    """At most `limit` messages in a state, due by `now`, longest due first, each with its root's channel and ts.

    One that waits is due at the latest after its wait, whatever the clock was when it began to.
    """
    columns = (_outbox.c.outbox_id, _outbox.c.key, _outbox.c.team_id, _outbox.c.place, _outbox.c.what)
    timing = (_outbox.c.doubts, _outbox.c.stale_at, _outbox.c.tried_at, _outbox.c.last_tried_at)
    search = (_outbox.c.searched_to, _outbox.c.unverified)
    due = or_(_outbox.c.due_at <= bindparam("now"), _outbox.c.due_at > bindparam("now") + _outbox.c.wait + CLOCKS_APART)
    return (
        select(*columns, *timing, *search, _root.c.channel.label("root_channel"), _root.c.ts.label("root_ts"))
        .select_from(_outbox.outerjoin(_root, _root.c.key == _outbox.c.root_key))
        .where(_outbox.c.state == state.value, due, *where)
        .order_by(_outbox.c.due_at, _outbox.c.outbox_id)
        .limit(bindparam("limit"))
    )


_ROOT_UNSENT = _root.c.state.in_([State.PENDING.value, State.SENDING.value, State.UNKNOWN.value])
_IS_TRY = _outbox.c.fault.is_not(None)
_MAY_BE_SENT = bindparam("open", type_=Boolean()) & _outbox.c.place.not_in(bindparam("stopped", expanding=True))
_TO_SEND = _due(
    State.PENDING,
    _outbox.c.place.not_in(BUSY),
    or_(_IS_TRY, _MAY_BE_SENT),
    or_(_root.c.state.is_(None), ~_ROOT_UNSENT),
)
_TO_VERIFY = _due(State.UNKNOWN, or_(_outbox.c.leased_until.is_(None), _outbox.c.leased_until < bindparam("now")))


def _claimed(row: Any, now: datetime, policy: SendPolicy) -> ClaimedMessage:
    return ClaimedMessage(
        row.outbox_id,
        row.key,
        row.team_id,
        row.place,
        json.loads(row.what),
        row.doubts,
        from_ms(row.stale_at) if row.stale_at else None,
        from_ms(row.tried_at) if row.tried_at else now,
        now + policy.lease,
        Posted(row.root_channel, row.root_ts) if row.root_ts else None,
        unverified=row.unverified,
        last_tried=from_ms(row.last_tried_at) if row.last_tried_at else None,
        searched_to=row.searched_to,
    )


_LEASED = (
    update(_outbox)
    .where(_outbox.c.outbox_id.in_(bindparam("ids", expanding=True)))
    .values(owner=bindparam("by"), leased_until=bindparam("until"))
)
_LEASED_TO_SEND = _LEASED.values(state=State.SENDING.value, attempts=_outbox.c.attempts + 1, begun_at=None)


def _lease(
    connection: Connection,
    statement: Update,
    owner: str,
    now: datetime,
    policy: SendPolicy,
    claimed: Collection[ClaimedMessage],
) -> None:
    if claimed:
        ids = [each.outbox_id for each in claimed]
        connection.execute(statement, {"ids": ids, "by": owner, "until": as_ms(now + policy.lease)})
