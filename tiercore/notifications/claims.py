"""Sending what is in the outbox: leases, what is in doubt, and what came of it; see tiercore.deeds.outbox."""

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

from tiercore.notifications.rate_limit import BUSY, allowed, rest, take
from tiercore.notifications.types import UNVERIFIED, ClaimedMessage, Outcome, Posted, SendPolicy, State
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.notifications import OutboxRow

_outbox = table(OutboxRow)
_root = _outbox.alias("root")


def claim(connection: Connection, owner: str, now: datetime, wanted: int, policy: SendPolicy) -> list[ClaimedMessage]:
    """At most `wanted` letters that are due and may be posted now, leased to `owner`.

    One whose root is not in Slack yet waits for it, and keeps nobody else waiting.
    """
    most, begins = allowed(connection, now, policy)
    most = min(most, wanted)
    if most <= 0:
        return []
    first = dict[str, Any]()
    for row in connection.execute(_TO_SEND, {"now": as_ms(now), "most": 2 * most}):
        first.setdefault(row.place, row)
    claimed = [_claimed(row, now, policy) for row in islice(first.values(), most)]
    _lease(connection, _LEASED_TO_SEND, owner, now, policy, claimed)
    take(connection, now, policy, [each.target for each in claimed], begins)
    return claimed


def claim_unconfirmed(
    connection: Connection, owner: str, now: datetime, most: int, policy: SendPolicy
) -> list[ClaimedMessage]:
    """Letters of which it is not known whether they were sent, and whose time to be looked for has come.

    Those that a sender did not finish in its time are such from now on.
    """
    _give_up_leases(connection, now, policy)
    rows = connection.execute(_TO_LOOK_FOR, {"now": as_ms(now), "most": most})
    claimed = [_claimed(row, now, policy) for row in rows]
    _lease(connection, _LEASED_TO_LOOK, owner, now, policy, claimed)
    return claimed


def settle(connection: Connection, owner: str, outcomes: Sequence[Outcome], now: datetime, policy: SendPolicy) -> None:
    """Write down what came of letters; one whose lease was lost is another's business by now."""
    rows = []
    for each in outcomes:
        over = each.state in (State.SENT, State.DEAD, State.DROPPED)
        again = each.retry_at or (now + policy.settle if each.state is State.UNKNOWN else now)
        rows.append(
            {
                "id": each.outbox_id,
                "to": each.state.value,
                "at": as_ms(again),
                "more": int(each.state is State.UNKNOWN),
                "in_channel": each.posted.channel if each.posted else None,
                "as_ts": each.posted.ts if each.posted else None,
                "done": as_ms(now) if over else None,
                "why": each.reason[:300] if each.reason else None,
                "by": owner,
                "look": as_ms(now + policy.settle) if each.state is State.SENT else None,
            }
        )
    if rows:
        rest(connection, now, _ON_ITS_WAY.params(ids=[row["id"] for row in rows], by=owner))
        connection.execute(_SETTLED, rows)


_ON_ITS_WAY = select(_outbox.c.place).where(
    _outbox.c.outbox_id.in_(bindparam("ids", expanding=True)),
    _outbox.c.owner == bindparam("by"),
    _outbox.c.state == State.SENDING.value,
)


_SETTLED = (
    update(_outbox)
    .where(_outbox.c.outbox_id == bindparam("id"), _outbox.c.owner == bindparam("by"))
    .values(
        state=bindparam("to"),
        due_at=bindparam("at"),
        doubts=_outbox.c.doubts + bindparam("more"),
        channel=func.coalesce(bindparam("in_channel"), _outbox.c.channel),
        ts=func.coalesce(bindparam("as_ts"), _outbox.c.ts),
        done_at=bindparam("done"),
        reason=bindparam("why"),
        sweep_at=case((_outbox.c.doubts > 0, cast(bindparam("look"), BigInteger))),
        owner=None,
        leased_until=None,
    )
)


def _give_up_leases(connection: Connection, now: datetime, policy: SendPolicy) -> None:
    """What a sender did not finish in its time: nobody knows whether Slack took it."""
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
    """At most `most` letters in a state that are due `now`, each with where its root is, the longest due first."""
    columns = (_outbox.c.outbox_id, _outbox.c.key, _outbox.c.team_id, _outbox.c.place, _outbox.c.what)
    more = (_outbox.c.doubts, _outbox.c.stale_at, _outbox.c.tried_at, _outbox.c.reason)
    return (
        select(*columns, *more, _root.c.channel.label("root_channel"), _root.c.ts.label("root_ts"))
        .select_from(_outbox.outerjoin(_root, _root.c.key == _outbox.c.root_key))
        .where(_outbox.c.state == state.value, _outbox.c.due_at <= bindparam("now"), *where)
        .order_by(_outbox.c.due_at, _outbox.c.outbox_id)
        .limit(bindparam("most"))
    )


_WAITS = _root.c.state.in_([State.PENDING.value, State.SENDING.value, State.UNKNOWN.value])
_TO_SEND = _due(State.PENDING, _outbox.c.place.not_in(BUSY), or_(_root.c.state.is_(None), ~_WAITS))
_TO_LOOK_FOR = _due(State.UNKNOWN, or_(_outbox.c.leased_until.is_(None), _outbox.c.leased_until < bindparam("now")))


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


_LEASED_TO_LOOK = (
    update(_outbox)
    .where(_outbox.c.outbox_id.in_(bindparam("ids", expanding=True)))
    .values(
        owner=bindparam("by"),
        leased_until=bindparam("until"),
        tried_at=func.coalesce(_outbox.c.tried_at, bindparam("at")),
    )
)
_LEASED_TO_SEND = _LEASED_TO_LOOK.values(state=State.SENDING.value, attempts=_outbox.c.attempts + 1)


def _lease(
    connection: Connection, leased: Update, owner: str, now: datetime, policy: SendPolicy, claimed: list[ClaimedMessage]
) -> None:
    if claimed:
        ids = [each.outbox_id for each in claimed]
        connection.execute(leased, {"ids": ids, "by": owner, "until": as_ms(now + policy.lease), "at": as_ms(now)})
