"""Delivery reports: the outcome of a subscription's last run, of a week's digests, and of the whole outbox."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, case, func, or_, select, true, update

from tiercore.notifications.outbox_types import OutboxEntry, State, StateCount
from tiercore.notifications.types import Run, WeekReport
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import OutboxRow, RunRow, SubscriptionRow
from tiercore.storage.workspaces import is_single

_run, _outbox, _link = table(RunRow), table(OutboxRow), table(LinkRow)


def last_run(connection: Connection, subscription_id: str) -> Run | None:
    """The subscription's last run and its outcome, None before the first."""
    key = "digest:" + _run.c.subscription_id + ":" + _run.c.period
    row = connection.execute(
        select(_run.c.period, _run.c.due_at, _run.c.outcome, _outbox.c.state, _outbox.c.done_at, _outbox.c.reason)
        .select_from(_run.outerjoin(_outbox, _outbox.c.key == key))
        .where(_run.c.subscription_id == subscription_id)
        .order_by(_run.c.due_at.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    done = from_ms(row.done_at) if row.done_at else None
    return Run(row.period, from_ms(row.due_at), row.state or row.outcome, done, row.reason)


def week_of(connection: Connection, week: str) -> WeekReport:
    """The outcomes of an ISO week's digests: the weekly ones of that week, and the others that were due in it (UTC)."""
    year, _, number = week.partition("-W")
    monday = datetime.combine(date.fromisocalendar(int(year), int(number), 1), time(), UTC)
    is_due_in_it = _run.c.due_at.between(as_ms(monday), as_ms(monday + timedelta(7)) - 1)
    in_week = (_run.c.period == week) | (_run.c.period.not_like("%W%") & is_due_in_it)
    key = "digest:" + _run.c.subscription_id + ":" + _run.c.period
    outcome = func.coalesce(_outbox.c.state, _run.c.outcome)
    rows = connection.execute(
        select(outcome, func.count())
        .select_from(_run.outerjoin(_outbox, _outbox.c.key == key))
        .where(in_week)
        .group_by(outcome)
    )
    outcomes = {str(state): int(number) for state, number in rows}
    return WeekReport(week, sum(outcomes.values()), outcomes)


def counts(connection: Connection) -> list[StateCount]:
    """How many messages are in each state, in the order of State."""
    grouped = select(_outbox.c.state, func.count(), func.min(_outbox.c.due_at)).group_by(_outbox.c.state)
    rows = [StateCount(State(state), number, from_ms(oldest)) for state, number, oldest in connection.execute(grouped)]
    return sorted(rows, key=lambda each: list(State).index(each.state))


def most_of_a_workspace(connection: Connection) -> dict[State, int]:
    """How many messages are pending and held in the workspace that has the most in that state."""
    waiting = _outbox.c.state.in_([State.PENDING.value, State.HELD.value])
    by_team = select(_outbox.c.state, func.count().label("number")).where(waiting)
    each = by_team.group_by(_outbox.c.state, _outbox.c.team_id).subquery()
    most = select(each.c.state, func.max(each.c.number)).group_by(each.c.state)
    return {State(state): int(number) for state, number in connection.execute(most)}


def entries(connection: Connection, states: Collection[State], limit: int) -> list[OutboxEntry]:
    """At most `limit` messages in the given states, newest first."""
    is_linked = in_same_enterprise(_link.c.team_id, _outbox.c.team_id) & (_link.c.user_id == _outbox.c.place)
    rows = connection.execute(
        select(_outbox, _link.c.email)
        .select_from(_outbox.outerjoin(_link, is_linked))
        .where(_outbox.c.state.in_([each.value for each in states]))
        .order_by(_outbox.c.outbox_id.desc())
        .limit(limit)
    )
    single = connection.scalar(select(is_single()))
    return [
        OutboxEntry(
            row.outbox_id,
            row.key,
            None if single else row.team_id,
            row.place,
            row.email,
            State(row.state),
            row.attempts,
            from_ms(row.due_at),
            row.reason or "",
        )
        for row in rows
    ]


def pending_count(connection: Connection, now: datetime) -> int:
    """How many messages are due and neither sent nor abandoned."""
    unsent = _outbox.c.state.in_([State.PENDING.value, State.SENDING.value, State.UNKNOWN.value])
    return int(connection.scalar(select(func.count()).where(unsent, _outbox.c.due_at <= as_ms(now))) or 0)


def unplanned_count(connection: Connection, now: datetime) -> int:
    """How many subscriptions have a run that is due but not planned; a running bot plans it within a minute."""
    subscription = table(SubscriptionRow)
    due = (subscription.c.next_at <= as_ms(now)) & subscription.c.paused.is_(False) & ~subscription.c.ended
    return int(connection.scalar(select(func.count()).where(due)) or 0)


def resend(connection: Connection, outbox_ids: Collection[int] | None, reason: str, now: datetime) -> list[int]:
    """Queue held and dead messages again, even ones past their expiry: those with these IDs, or (None) all whose reason
    contains the text. Their IDs.

    One that may have been posted is looked for first where the bot can look, and marked as a repeat where it can't.
    """
    abandoned = _outbox.c.state.in_([State.HELD.value, State.DEAD.value])
    chosen = _outbox.c.outbox_id.in_(outbox_ids) if outbox_ids is not None else true()
    if reason:
        chosen &= func.lower(_outbox.c.reason).contains(reason.lower(), autoescape=True)
    in_doubt = _outbox.c.doubts > 0
    found = list(connection.scalars(select(_outbox.c.outbox_id).where(chosen, abandoned).order_by(_outbox.c.outbox_id)))
    connection.execute(
        update(_outbox)
        .where(_outbox.c.outbox_id.in_(found))
        .values(
            state=case((in_doubt, State.UNKNOWN.value), else_=State.PENDING.value),
            due_at=case((_outbox.c.due_at > as_ms(now), as_ms(now)), else_=_outbox.c.due_at),
            wait=0,  # due at once, should this machine's clock be ahead of the bot's
            unverified=or_(_outbox.c.unverified, in_doubt),
            fault=None,
            doubts=case((in_doubt, 1), else_=0),
            searched_to=None,
            stale_at=None,
            done_at=None,
        )
    )
    return found
