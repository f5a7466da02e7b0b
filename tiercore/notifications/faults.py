"""What somebody has to mend before messages can be sent: by the operator (a revoked token, a missing scope), or by the
people of a channel (the bot isn't in it, it is archived).

A message that meets a fault is held. Now and then the oldest of each fault is tried; when one is sent, the rest follows
in order (digests-and-alerts#faults). A pending message that still has its fault is such a try.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, and_, case, cast, func, literal, or_, select, update

from tiercore.notifications.fault import Fault, FaultCount, Stops
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage, Outcome, SendPolicy, State
from tiercore.notifications.rate_limit import end_turns, name_of, start_turns, take_turn
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.notifications import OutboxRow, SubscriptionRow
from tiercore.storage.workspaces import is_single

_outbox, _subscription = table(OutboxRow), table(SubscriptionRow)
_EVERYTHING = f"{Stops.WORKSPACE.value}: "
_TARGET = f"{Stops.TARGET.value}: "
_TOLD_FOR = timedelta(days=3)
_HAS_FAULT = _outbox.c.fault > ""  # a range, which both engines look up in the index
_IS_HELD = _HAS_FAULT & (_outbox.c.state == State.HELD.value)
_ANY = select(_outbox.c.outbox_id).where(_HAS_FAULT).limit(1)
_name = name_of(_outbox.c.team_id, _outbox.c.place)
_GROUPS = (
    select(
        _outbox.c.fault,
        _outbox.c.team_id,
        _outbox.c.place,
        func.min(case((_outbox.c.state == State.HELD.value, _outbox.c.due_at))).label("oldest"),
        func.sum(cast(_outbox.c.state != State.HELD.value, Integer)).label("tried"),
    )
    .where(_HAS_FAULT)
    .group_by(_outbox.c.fault, _outbox.c.team_id, _outbox.c.place)
)


class Stopped(NamedTuple):
    """What is not to be sent now, except the tries: the messages to these workspaces (`teams`), and to these `targets`,
    as rate_limit.name_of names them.
    """

    teams: list[str]
    targets: list[str]


def stopped(connection: Connection, now: datetime, policy: SendPolicy) -> Stopped:
    """What faults stop now; makes the oldest message of each fault pending where it is time to try it."""
    if connection.scalar(_ANY) is None:
        return Stopped([], [])
    too_late = _IS_HELD & (_outbox.c.stale_at < as_ms(now))
    connection.execute(
        update(_outbox)
        .where(too_late)
        .values(state=State.DROPPED.value, fault=None, done_at=as_ms(now), reason="too late to send")
    )
    groups = connection.execute(_GROUPS).all()
    turns: dict[str, list[Any]] = {}
    for row in groups:
        turns.setdefault(_turn(row.fault, row.team_id, row.place), []).append(row)
    for name, rows in turns.items():
        waiting = [row for row in rows if row.oldest is not None]
        if not waiting or any(row.tried for row in rows):
            continue
        if take_turn(connection, now, name, policy.probe, policy.probe_most):
            _try_oldest(connection, min(waiting, key=lambda row: row.oldest), now)
    teams = {row.team_id for row in groups if row.fault.startswith(_EVERYTHING)}
    targets = [name_of(row.team_id, row.place) for row in groups if row.fault.startswith(_TARGET)]
    return Stopped(sorted(teams), targets)


def record(connection: Connection, outcomes: Sequence[Outcome], now: datetime, policy: SendPolicy) -> None:
    """Release what the sent messages show to be mended, and tell subscribers where a target can't be reached any more.

    To be called before the outcomes are recorded.
    """
    faulty = {each.outbox_id: each.fault for each in outcomes if each.fault is not None}
    sent = [each.outbox_id for each in outcomes if each.state is State.SENT]
    if not faulty and (not sent or connection.scalar(_ANY) is None):
        return
    rows = connection.execute(
        select(_outbox.c.outbox_id, _outbox.c.team_id, _outbox.c.place, _outbox.c.what, _outbox.c.fault).where(
            _outbox.c.outbox_id.in_([*faulty, *sent]), _outbox.c.state == State.SENDING.value
        )
    ).all()
    mended = [row for row in rows if row.outbox_id in sent]
    if mended:
        _release(connection, mended, now)
    held = [row for row in rows if row.outbox_id in faulty]
    for row in held:
        start_turns(connection, now, _turn(str(faulty[row.outbox_id]), row.team_id, row.place), policy.probe)
    put(connection, list(_told(connection, held, faulty, now)), now)


def counts(connection: Connection) -> list[FaultCount]:
    """The faults that hold messages, with how many they hold and since when the oldest waits; in each workspace, where
    there is more than one.
    """
    counted = select(_outbox.c.fault, func.count(), func.min(_outbox.c.due_at)).where(_HAS_FAULT)
    if connection.scalar(select(is_single())):
        rows = connection.execute(counted.group_by(_outbox.c.fault).order_by(_outbox.c.fault))
        return [FaultCount(_read(fault), number, from_ms(oldest)) for fault, number, oldest in rows]
    by_team = (_outbox.c.fault, _outbox.c.team_id)
    rows = connection.execute(counted.add_columns(_outbox.c.team_id).group_by(*by_team).order_by(*by_team))
    return [FaultCount(_read(fault), number, from_ms(oldest), team_id) for fault, number, oldest, team_id in rows]


def try_now(connection: Connection, place: str | None = None, team_id: str | None = None) -> None:
    """Try what faults hold at once, all of it, or what is for one target or workspace: something was mended, it
    seems.
    """
    for row in connection.execute(_GROUPS).all():
        if place in (None, row.place) and team_id in (None, row.team_id):
            end_turns(connection, _turn(row.fault, row.team_id, row.place))


def _turn(fault: str, team_id: str, place: str) -> str:
    """The name of the turn in which messages with this fault are tried: one for all that have one cause."""
    match _read(fault).stops:
        case Stops.WORKSPACE:
            cause = "fault"
        case Stops.TARGET:
            cause = f"fault:{place}"
        case Stops.MESSAGE:
            cause = f"fault:{fault}"
    return str(name_of(team_id, cause))


def _read(fault: str) -> Fault:
    stops, _, word = fault.partition(": ")
    return Fault(Stops(stops), word)


def _try_oldest(connection: Connection, of: Any, now: datetime) -> None:
    same = (_outbox.c.fault == of.fault) & (_outbox.c.team_id == of.team_id) & (_outbox.c.place == of.place)
    oldest = select(_outbox.c.outbox_id).where(_IS_HELD, same).order_by(_outbox.c.due_at, _outbox.c.outbox_id).limit(1)
    connection.execute(update(_outbox).where(_outbox.c.outbox_id == connection.scalar(oldest)).values(_again(now)))


def _again(now: datetime) -> dict[str, Any]:
    """Pending, in its old place in the order."""
    due = case((_outbox.c.due_at > as_ms(now), as_ms(now)), else_=_outbox.c.due_at)
    return {"state": State.PENDING.value, "due_at": due, "wait": None}


def _release(connection: Connection, sent: Sequence[Any], now: datetime) -> None:
    """What messages that were sent, by their rows, show to be mended in their workspaces."""
    of_teams = _outbox.c.team_id.in_({row.team_id for row in sent})
    of_targets = _name.in_({name_of(row.team_id, row.place) for row in sent})
    same = [
        and_(_outbox.c.team_id == team_id, _outbox.c.fault == fault)
        for team_id, fault in {(row.team_id, row.fault) for row in sent if row.fault}
    ]
    mended = or_(
        and_(_outbox.c.fault.startswith(_EVERYTHING), of_teams),
        and_(_outbox.c.fault.startswith(_TARGET), of_targets),
        *same,
    )
    for row in connection.execute(_GROUPS.where(mended)).all():
        end_turns(connection, _turn(row.fault, row.team_id, row.place))
    connection.execute(update(_outbox).where(_IS_HELD, mended).values(fault=literal(None), **_again(now)))


def _told(
    connection: Connection, rows: Sequence[Any], faults: dict[int, Fault], now: datetime
) -> Iterator[OutboxMessage]:
    """A direct message to whoever subscribed a channel that can't be reached, once until it can be again."""
    told = set[tuple[str, Fault]]()
    for row in rows:
        fault, name = faults[row.outbox_id], name_of(row.team_id, row.place)
        known = select(_outbox.c.outbox_id).where(_outbox.c.fault == str(fault), _name == name)
        if fault.stops is not Stops.TARGET or (name, fault) in told or connection.scalar(known.limit(1)):
            continue
        told.add((name, fault))
        subscriber = connection.scalar(
            select(_subscription.c.made_by).where(
                _subscription.c.subscription_id == str(json.loads(row.what).get("subscription"))
            )
        )
        if subscriber and subscriber != row.place:
            key = f"unreachable:{row.place}:{fault.word}:{row.outbox_id}"
            content = {"kind": "unreachable", "channel": row.place, "word": fault.word}
            yield OutboxMessage(key, row.team_id, subscriber, content, now, expires=now + _TOLD_FOR)
