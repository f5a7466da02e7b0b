"""What came of what was to be sent: of a subscription's turn, of a week, of the whole outbox."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from tiercore.notifications.types import OutboxEntry, Run, State, StateCount, WeekReport
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import OutboxRow, RunRow, SubscriptionRow

_run, _outbox, _link = table(RunRow), table(OutboxRow), table(LinkRow)


def last_run(connection: Connection, subscription_id: str) -> Run | None:
    """What came of the subscription's last turn, None before the first."""
    key = "digest:" + _run.c.subscription_id + ":" + _run.c.week
    found = connection.execute(
        select(_run.c.week, _run.c.due_at, _run.c.outcome, _outbox.c.state, _outbox.c.done_at, _outbox.c.reason)
        .select_from(_run.outerjoin(_outbox, _outbox.c.key == key))
        .where(_run.c.subscription_id == subscription_id)
        .order_by(_run.c.due_at.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    done = from_ms(found.done_at) if found.done_at else None
    return Run(found.week, from_ms(found.due_at), found.state or found.outcome, done, found.reason)


def week_of(connection: Connection, week: str) -> WeekReport:
    """What came of a week's digests: it is complete when all of them are sent."""
    key = "digest:" + _run.c.subscription_id + ":" + _run.c.week
    outcome = func.coalesce(_outbox.c.state, _run.c.outcome)
    found = connection.execute(
        select(outcome, func.count())
        .select_from(_run.outerjoin(_outbox, _outbox.c.key == key))
        .where(_run.c.week == week)
        .group_by(outcome)
    )
    outcomes = {str(state): int(number) for state, number in found}
    return WeekReport(week, sum(outcomes.values()), outcomes)


def counts(connection: Connection) -> list[StateCount]:
    """The outbox by state."""
    grouped = select(_outbox.c.state, func.count(), func.min(_outbox.c.due_at)).group_by(_outbox.c.state)
    found = [StateCount(State(state), number, from_ms(oldest)) for state, number, oldest in connection.execute(grouped)]
    return sorted(found, key=lambda each: list(State).index(each.state))


def entries(connection: Connection, states: Collection[State], most: int) -> list[OutboxEntry]:
    """The newest letters in some states."""
    found = connection.execute(
        select(_outbox, _link.c.email)
        .outerjoin(_link, (_link.c.team_id == _outbox.c.team_id) & (_link.c.user_id == _outbox.c.place))
        .where(_outbox.c.state.in_([each.value for each in states]))
        .order_by(_outbox.c.outbox_id.desc())
        .limit(most)
    )
    return [
        OutboxEntry(
            row.outbox_id,
            row.key,
            row.place,
            row.email,
            State(row.state),
            row.attempts,
            from_ms(row.due_at),
            row.reason or "",
        )
        for row in found
    ]


def under_way(connection: Connection, now: datetime) -> int:
    """How many letters are due and neither sent nor given up."""
    open_ = _outbox.c.state.in_([State.PENDING.value, State.SENDING.value, State.UNKNOWN.value])
    found = connection.scalar(select(func.count()).where(open_, _outbox.c.due_at <= as_ms(now)))
    return int(found or 0)


def unplanned_count(connection: Connection, now: datetime) -> int:
    """How many subscriptions' turn has come and nobody has planned it: a serving bot does so within a minute."""
    subscription = table(SubscriptionRow)
    due = (subscription.c.next_at <= as_ms(now)) & subscription.c.paused.is_(False)
    return int(connection.scalar(select(func.count()).where(due)) or 0)


def resend(connection: Connection, outbox_id: int, now: datetime) -> bool:
    """Let a letter that is held or dead be sent after all, even if it is stale; whether there is such a one."""
    given_up = _outbox.c.state.in_([State.HELD.value, State.DEAD.value])
    values = {"state": State.PENDING.value, "due_at": as_ms(now), "stale_at": None, "doubts": 0, "done_at": None}
    changed = connection.execute(update(_outbox).where(_outbox.c.outbox_id == outbox_id, given_up).values(values))
    return bool(changed.rowcount)
