"""Recording the outcomes of claimed messages; tiercore.notifications.outbox describes the states."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, case, cast, func, or_, select, update

from tiercore.notifications import faults
from tiercore.notifications.outbox_types import UNVERIFIED, Outcome, SendPolicy, State
from tiercore.notifications.rate_limit import name_of, release
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import OutboxRow

_outbox = table(OutboxRow)
_FINAL = frozenset({State.SENT, State.DEAD, State.DROPPED})


def record_outcomes(
    connection: Connection, owner: str, outcomes: Sequence[Outcome], now: datetime, policy: SendPolicy
) -> None:
    """Record the outcomes of claimed messages; one whose lease has passed to another sender is left alone.

    A message sent after all shows that its fault is mended: what waits for the same is pending again.
    """
    if not outcomes:
        return
    ids = [each.outbox_id for each in outcomes]
    mine = select(_outbox.c.outbox_id).where(_outbox.c.outbox_id.in_(ids), _outbox.c.owner == owner)
    recorded = frozenset(connection.scalars(mine))
    release(connection, now, _TARGETS_IN_USE.params(ids=ids, by=owner))
    faults.record(connection, [each for each in outcomes if each.outbox_id in recorded], now, policy)
    connection.execute(_OUTCOME_RECORDED, [_values(each, owner, now, policy) for each in outcomes])


def _values(outcome: Outcome, owner: str, now: datetime, policy: SendPolicy) -> dict[str, Any]:
    waits = outcome.retry_at or (now + policy.settle if outcome.state is State.UNKNOWN else None)
    return {
        "id": outcome.outbox_id,
        "by": owner,
        "new_state": outcome.state.value,
        "due": as_ms(waits) if waits else None,
        "now": as_ms(now),
        "new_wait": max(0, as_ms(waits) - as_ms(now)) if waits else None,
        "new_doubts": int(outcome.state is State.UNKNOWN and not outcome.is_searched),
        "posted_channel": outcome.posted.channel if outcome.posted else None,
        "posted_ts": outcome.posted.ts if outcome.posted else None,
        "done": as_ms(now) if outcome.state in _FINAL else None,
        "why": outcome.reason[:300] if outcome.reason else None,
        "held_for": str(outcome.fault)[:300] if outcome.fault else None,
        "may_repeat": (outcome.reason or "").startswith(UNVERIFIED),
        "seen_to": outcome.searched_to,
        "sweep": as_ms(now + policy.settle) if outcome.state is State.SENT else None,
    }


_TARGETS_IN_USE = select(name_of(_outbox.c.team_id, _outbox.c.place)).where(
    _outbox.c.outbox_id.in_(bindparam("ids", expanding=True)),
    _outbox.c.owner == bindparam("by"),
    _outbox.c.state.in_([State.SENDING.value, State.DROPPED.value]),
)
_OUTCOME_RECORDED = (
    update(_outbox)
    .where(
        _outbox.c.outbox_id == bindparam("id"),
        _outbox.c.owner == bindparam("by"),
        # What was dropped meanwhile, because the app was removed, stays so, unless Slack took it before that.
        or_(_outbox.c.state != State.DROPPED.value, bindparam("new_state") == State.SENT.value),
    )
    .values(
        state=bindparam("new_state"),
        # Without a wait a message keeps its place in the order.
        due_at=func.coalesce(
            cast(bindparam("due"), BigInteger),
            case((_outbox.c.due_at > bindparam("now"), cast(bindparam("now"), BigInteger)), else_=_outbox.c.due_at),
        ),
        wait=cast(bindparam("new_wait"), BigInteger),
        doubts=_outbox.c.doubts + bindparam("new_doubts"),
        channel=func.coalesce(bindparam("posted_channel"), _outbox.c.channel),
        ts=func.coalesce(bindparam("posted_ts"), _outbox.c.ts),
        done_at=bindparam("done"),
        reason=bindparam("why"),
        fault=bindparam("held_for"),
        unverified=or_(_outbox.c.unverified, bindparam("may_repeat")),
        searched_to=bindparam("seen_to"),
        sweep_at=case((_outbox.c.doubts > 0, cast(bindparam("sweep"), BigInteger))),
        begun_at=None,
        owner=None,
        leased_until=None,
    )
)
