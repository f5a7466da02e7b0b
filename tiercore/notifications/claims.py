"""Leasing outbox messages to senders and recording the outcomes; tiercore.notifications.outbox describes the states."""

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Update,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    update,
)

from tiercore.notifications.rate_limit import BUSY, allowed, release, reserve
from tiercore.notifications.types import UNVERIFIED, ClaimedMessage, Outcome, Posted, SendPolicy, State
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.notifications import OutboxRow

_outbox = table(OutboxRow)
_root = _outbox.alias("root")


def claim(connection: Connection, owner: str, now: datetime, limit: int, policy: SendPolicy) -> list[ClaimedMessage]:
    """At most `limit` messages that are due and may be posted now, leased to `owner`: one per target.

    A reply whose root is not in Slack yet waits for it without holding up other messages.
    """
    allowance, since = allowed(connection, now, policy)
    limit = min(allowance, limit)
    if limit <= 0:
        return []
    first = dict[str, Any]()
    for row in connection.execute(_TO_SEND, {"now": as_ms(now), "limit": 2 * limit}):
        first.setdefault(row.place, row)
    claimed = [_claimed(row, now, policy) for row in islice(first.values(), limit)]
    _lease(connection, _LEASED_TO_SEND, owner, now, policy, claimed)
    reserve(connection, now, policy, [each.target for each in claimed], since)
    return claimed


def claim_unconfirmed(
    connection: Connection, owner: str, now: datetime, limit: int, policy: SendPolicy
) -> list[ClaimedMessage]:
    """At most `limit` messages in doubt that are due to be looked for in Slack, leased to `owner`.

    Messages whose lease has expired become messages in doubt.
    """
    _expire_leases(connection, now, policy)
    rows = connection.execute(_TO_VERIFY, {"now": as_ms(now), "limit": limit})
    claimed = [_claimed(row, now, policy) for row in rows]
    _lease(connection, _LEASED_TO_VERIFY, owner, now, policy, claimed)
    return claimed


def record_outcomes(
    connection: Connection, owner: str, outcomes: Sequence[Outcome], now: datetime, policy: SendPolicy
) -> None:
    """Record the outcomes of claimed messages; one whose lease has passed to another sender is left alone."""
    rows = []
    for outcome in outcomes:
        is_final = outcome.state in (State.SENT, State.DEAD, State.DROPPED)
        due = outcome.retry_at or (now + policy.settle if outcome.state is State.UNKNOWN else now)
        rows.append(
            {
                "id": outcome.outbox_id,
                "new_state": outcome.state.value,
                "due": as_ms(due),
                "new_doubts": int(outcome.state is State.UNKNOWN),
                "posted_channel": outcome.posted.channel if outcome.posted else None,
                "posted_ts": outcome.posted.ts if outcome.posted else None,
                "done": as_ms(now) if is_final else None,
                "why": outcome.reason[:300] if outcome.reason else None,
                "by": owner,
                "sweep": as_ms(now + policy.settle) if outcome.state is State.SENT else None,
            }
        )
    if rows:
        release(connection, now, _TARGETS_IN_USE.params(ids=[row["id"] for row in rows], by=owner))
        connection.execute(_OUTCOME_RECORDED, rows)


_TARGETS_IN_USE = select(_outbox.c.place).where(
    _outbox.c.outbox_id.in_(bindparam("ids", expanding=True)),
    _outbox.c.owner == bindparam("by"),
    _outbox.c.state == State.SENDING.value,
)


_OUTCOME_RECORDED = (
    update(_outbox)
    .where(_outbox.c.outbox_id == bindparam("id"), _outbox.c.owner == bindparam("by"))
    .values(
        state=bindparam("new_state"),
        due_at=bindparam("due"),
        doubts=_outbox.c.doubts + bindparam("new_doubts"),
        channel=func.coalesce(bindparam("posted_channel"), _outbox.c.channel),
        ts=func.coalesce(bindparam("posted_ts"), _outbox.c.ts),
        done_at=bindparam("done"),
        reason=bindparam("why"),
        sweep_at=case((_outbox.c.doubts > 0, cast(bindparam("sweep"), BigInteger))),
        owner=None,
        leased_until=None,
    )
)


def _expire_leases(connection: Connection, now: datetime, policy: SendPolicy) -> None:
    """Messages whose sender did not finish within its lease are in doubt: Slack may or may not have them."""
    expired = (_outbox.c.state == State.SENDING.value) & (_outbox.c.leased_until < as_ms(now))
    connection.execute(
        update(_outbox)
        .where(expired)
        .values(
            state=State.UNKNOWN.value,
            owner=None,
            leased_until=None,
            doubts=_outbox.c.doubts + 1,
            due_at=as_ms(now + policy.settle),
            reason="sending was interrupted",
        )
    )


def _due(state: State, *where: ColumnElement[bool]) -> Select[Any]:
    """At most `limit` messages in a state, due by `now`, longest due first, each with its root's channel and ts."""
    columns = (_outbox.c.outbox_id, _outbox.c.key, _outbox.c.team_id, _outbox.c.place, _outbox.c.what)
    timing = (_outbox.c.doubts, _outbox.c.stale_at, _outbox.c.tried_at, _outbox.c.reason)
    return (
        select(*columns, *timing, _root.c.channel.label("root_channel"), _root.c.ts.label("root_ts"))
        .select_from(_outbox.outerjoin(_root, _root.c.key == _outbox.c.root_key))
        .where(_outbox.c.state == state.value, _outbox.c.due_at <= bindparam("now"), *where)
        .order_by(_outbox.c.due_at, _outbox.c.outbox_id)
        .limit(bindparam("limit"))
    )


_ROOT_UNSENT = _root.c.state.in_([State.PENDING.value, State.SENDING.value, State.UNKNOWN.value])
_TO_SEND = _due(State.PENDING, _outbox.c.place.not_in(BUSY), or_(_root.c.state.is_(None), ~_ROOT_UNSENT))
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
        unverified=(row.reason or "").startswith(UNVERIFIED),
    )


_LEASED_TO_VERIFY = (
    update(_outbox)
    .where(_outbox.c.outbox_id.in_(bindparam("ids", expanding=True)))
    .values(
        owner=bindparam("by"),
        leased_until=bindparam("until"),
        tried_at=func.coalesce(_outbox.c.tried_at, bindparam("at")),
    )
)
_LEASED_TO_SEND = _LEASED_TO_VERIFY.values(state=State.SENDING.value, attempts=_outbox.c.attempts + 1)


def _lease(
    connection: Connection,
    statement: Update,
    owner: str,
    now: datetime,
    policy: SendPolicy,
    claimed: list[ClaimedMessage],
) -> None:
    if claimed:
        ids = [each.outbox_id for each in claimed]
        connection.execute(statement, {"ids": ids, "by": owner, "until": as_ms(now + policy.lease), "at": as_ms(now)})
