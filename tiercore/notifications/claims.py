"""Leasing outbox messages to senders; tiercore.notifications.outbox describes the states."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Update, bindparam, func, or_, select, update

from tiercore.notifications import faults
from tiercore.notifications.outbox_types import ClaimedMessage, Posted, SendPolicy, State
from tiercore.notifications.rate_limit import CLOCKS_APART, allowed, holds, keep, name_of, reserve, take_searches
from tiercore.notifications.whose_turn import TO_SEND, TO_VERIFY, messages, shared_out, workspaces
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.notifications import OutboxRow

_outbox = table(OutboxRow)
_name = name_of(_outbox.c.team_id, _outbox.c.place)
_MOST_IN_A_SEARCH = 200
_SEARCHES_IN_A_WORKSPACE = 3
_NOTHING: Mapping[str, int] = {}


def claim(
    connection: Connection,
    owner: str,
    now: datetime,
    limit: int,
    policy: SendPolicy,
    under_way: Mapping[str, int] = _NOTHING,
) -> list[ClaimedMessage]:
    """At most `limit` messages that are due and may be posted now, leased to `owner`: one per target, and from each
    workspace in turn, within its own allowance. `under_way` says how many the owner is sending in each.

    A reply whose root is not in Slack yet waits for it without holding up other messages. Of what a fault holds, one
    message is tried now and then; where the fault stops a workspace, only that one.
    """
    if limit <= 0:
        return []
    stopped = faults.stopped(connection, now, policy)
    parameters = {"now": as_ms(now), "stopped_teams": stopped.teams, "stopped_targets": stopped.targets}
    due = workspaces(connection, TO_SEND, parameters)
    allowances = {row.team_id: allowed(row.free_at, row.gap, now, policy) for row in due}
    room = {
        team_id: min(allowance.limit, policy.at_once - under_way.get(team_id, 0))
        for team_id, allowance in allowances.items()
    }
    shares = shared_out(room, limit)
    if not shares:
        return []
    first = dict[str, dict[str, Any]]()
    for row in messages(connection, TO_SEND, shares, 2 * max(shares.values()), parameters):
        first.setdefault(row.team_id, {}).setdefault(row.place, row)
    chosen = [row for team_id, rows in first.items() for row in islice(rows.values(), shares[team_id])]
    claimed = [_claimed(row, now, policy) for row in chosen]
    _lease(connection, _LEASED_TO_SEND, owner, now, policy, claimed)
    targets = dict[str, list[str]]()
    for each in claimed:
        targets.setdefault(each.team_id, []).append(each.target)
    reserve(connection, now, policy, targets, allowances)
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
    keep(connection, now, policy, select(_name).where(_outbox.c.outbox_id.in_(found)))
    return found


def claim_unconfirmed(
    connection: Connection,
    owner: str,
    now: datetime,
    limit: int,
    policy: SendPolicy,
    under_way: Mapping[str, int] = _NOTHING,
) -> list[ClaimedMessage]:
    """Messages in doubt that are due to be looked for, in at most `limit` conversations, leased to `owner`: from each
    workspace in turn. `under_way` says how many conversations the owner is searching in each.

    First, leases that have expired end: their messages are in doubt if their call had begun, and pending otherwise.
    What a clock that was ahead put off is due now.
    """
    _expire_leases(connection, now, policy)
    connection.execute(_PUT_OFF_TOO_FAR, {"now": as_ms(now)})
    found = workspaces(connection, TO_VERIFY, {"now": as_ms(now)})
    room = {
        row.team_id: _SEARCHES_IN_A_WORKSPACE - under_way.get(row.team_id, 0)
        for row in found
        if not holds(row.free_at, row.gap, now)
    }
    shares = shared_out(room, limit)
    if not shares:
        return []
    conversations = dict[str, dict[tuple[str, str | None], list[Any]]]()
    for row in messages(connection, TO_VERIFY, shares, _MOST_IN_A_SEARCH, {"now": as_ms(now)}):
        conversations.setdefault(row.team_id, {}).setdefault((row.place, row.root_ts), []).append(row)
    chosen = list[Any]()
    for team_id, of_team in conversations.items():
        searches = take_searches(connection, now, team_id, min(shares[team_id], len(of_team)))
        chosen += [row for group in islice(of_team.values(), searches) for row in group]
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


# One that waits is due at the latest after its wait, whatever the clock was when it began to.
_PUT_OFF_TOO_FAR = (
    update(_outbox)
    .where(
        _outbox.c.state.in_([State.PENDING.value, State.UNKNOWN.value]),
        _outbox.c.due_at > bindparam("now") + CLOCKS_APART,
        _outbox.c.due_at > bindparam("now") + _outbox.c.wait + CLOCKS_APART,
    )
    .values(due_at=bindparam("now"), wait=None)
)


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
