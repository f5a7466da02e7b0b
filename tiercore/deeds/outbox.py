"""The outbox: what is to be sent, once, whatever is killed (reliability.md, "Outbox").

pending → sending (owner and lease, committed before anything is posted) → sent, or
  pending again: Slack said no for now, and when to ask again;
  unknown: nobody knows whether Slack took it; it is looked for before it is sent again, or held where nobody may look;
  dead: Slack will never take it; dropped: nobody wants it any more.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, case, cast, func, or_, select, update

from tiercore.deeds.moments import as_ms, from_ms
from tiercore.deeds.pace import Pace, allowed, busy, take
from tiercore.storage.bulk import insert_new, table
from tiercore.storage.clockwork_tables import OutboxRow

Json = dict[str, Any]
_outbox = table(OutboxRow)
_LATELY = timedelta(seconds=10)
_root = _outbox.alias("root")
UNLOOKED = "in doubt, and "  # begins the reason of what is sent again although nobody could look for it


class State(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    HELD = "held"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to be told in a channel or to a user (`place`), once under its `key`; `what` is told when it is sent.

    It is sent from `due` on, and not after `stale`. With a `root_key` it belongs under, or into, that letter's message.
    """

    key: str
    team_id: str
    place: str
    what: Mapping[str, Any]
    due: datetime
    stale: datetime | None = None
    root_key: str | None = None


class Posted(NamedTuple):
    """Where Slack has a message."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter in the hands of one sender, who has the lease. `root` is where its root's message is.

    `doubts` counts how often it was not known whether Slack took it; `tried` is when it was first tried. One that is
    sent again is `unlooked` where nobody may look whether the first one is there.
    """

    outbox_id: int
    key: str
    team_id: str
    place: str
    what: Json
    doubts: int
    stale: datetime | None
    tried: datetime
    leased_until: datetime
    root: Posted | None = None
    unlooked: bool = False

    @property
    def mark(self) -> str:
        """What the message's metadata says, for finding it again: opaque, because a workspace can read it."""
        return mark_of(self.key)


def mark_of(key: str) -> str:
    """The mark of the letter with a key."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a claimed letter: its new state, with the message's place, a reason, or when to go on."""

    outbox_id: int
    state: State
    posted: Posted | None = None
    reason: str | None = None
    again: datetime | None = None


def put(connection: Connection, letters: Iterable[Letter], now: datetime) -> int:
    """Put letters into the outbox; one whose key is known already is there already. How many are new."""
    rows = [
        {
            "key": each.key,
            "team_id": each.team_id,
            "place": each.place,
            "what": json.dumps(dict(each.what), sort_keys=True),
            "root_key": each.root_key,
            "state": State.PENDING.value,
            "due_at": as_ms(each.due),
            "stale_at": as_ms(each.stale) if each.stale else None,
            "made_at": as_ms(now),
            "attempts": 0,
            "doubts": 0,
        }
        for each in letters
    ]
    return len(insert_new(connection, _outbox, rows))


def asked_lately(connection: Connection, prefix: str, now: datetime) -> bool:
    """Whether a letter whose key begins so is on its way, or was made within the last seconds."""
    under_way = _outbox.c.state.in_([State.PENDING.value, State.SENDING.value, State.UNKNOWN.value])
    lately = _outbox.c.made_at > as_ms(now - _LATELY)
    found = select(_outbox.c.outbox_id).where(_outbox.c.key.startswith(prefix, autoescape=True), under_way | lately)
    return connection.scalar(found.limit(1)) is not None


def claim(connection: Connection, owner: str, now: datetime, most: int, pace: Pace) -> list[Claimed]:
    """At most `most` letters that are due and may be posted now, leased to `owner`.

    One whose root is not in Slack yet waits for it, and keeps nobody else waiting.
    """
    most = min(most, allowed(connection, now, pace))
    if most <= 0:
        return []
    waits = _root.c.state.in_([State.PENDING.value, State.SENDING.value, State.UNKNOWN.value])
    due = _outbox.c.place.not_in(busy(now)) & or_(_root.c.state.is_(None), ~waits)
    chosen = dict[str, Claimed]()
    for each in _due(connection, State.PENDING, due, now, 2 * most, pace):
        chosen.setdefault(each.place, each)
    claimed = list(chosen.values())[:most]
    _lease(connection, owner, now, pace, [each.outbox_id for each in claimed], sending=True)
    take(connection, now, pace, [each.place for each in claimed])
    return claimed


def doubtful(connection: Connection, owner: str, now: datetime, most: int, pace: Pace) -> list[Claimed]:
    """Letters of which it is not known whether they were sent, and whose time to be looked for has come.

    Those that a sender did not finish in its time are such from now on.
    """
    _give_up_leases(connection, now, pace)
    free = or_(_outbox.c.leased_until.is_(None), _outbox.c.leased_until < as_ms(now))
    claimed = _due(connection, State.UNKNOWN, free, now, most, pace)
    _lease(connection, owner, now, pace, [each.outbox_id for each in claimed], sending=False)
    return claimed


def settle(connection: Connection, owner: str, outcomes: Sequence[Outcome], now: datetime, pace: Pace) -> None:
    """Write down what came of letters; one whose lease was lost is another's business by now."""
    rows = []
    for each in outcomes:
        over = each.state in (State.SENT, State.DEAD, State.DROPPED)
        again = each.again or (now + pace.settle if each.state is State.UNKNOWN else now)
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
                "look": as_ms(now + pace.settle) if each.state is State.SENT else None,
            }
        )
    if rows:
        connection.execute(_SETTLED, rows)


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


def _give_up_leases(connection: Connection, now: datetime, pace: Pace) -> None:
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
            due_at=as_ms(now + pace.settle),
            reason="its sender was lost",
        )
    )


def _due(
    connection: Connection, state: State, where: ColumnElement[bool], now: datetime, most: int, pace: Pace
) -> list[Claimed]:
    """The letters in a state that are due, each with where its root is, the longest due first."""
    columns = (_outbox.c.outbox_id, _outbox.c.key, _outbox.c.team_id, _outbox.c.place, _outbox.c.what)
    more = (_outbox.c.doubts, _outbox.c.stale_at, _outbox.c.tried_at, _outbox.c.reason)
    found = connection.execute(
        select(*columns, *more, _root.c.channel.label("root_channel"), _root.c.ts.label("root_ts"))
        .select_from(_outbox.outerjoin(_root, _root.c.key == _outbox.c.root_key))
        .where(_outbox.c.state == state.value, _outbox.c.due_at <= as_ms(now), where)
        .order_by(_outbox.c.due_at, _outbox.c.outbox_id)
        .limit(most)
    )
    return [
        Claimed(
            row.outbox_id,
            row.key,
            row.team_id,
            row.place,
            json.loads(row.what),
            row.doubts,
            from_ms(row.stale_at) if row.stale_at else None,
            from_ms(row.tried_at) if row.tried_at else now,
            now + pace.lease,
            Posted(row.root_channel, row.root_ts) if row.root_ts else None,
            unlooked=(row.reason or "").startswith(UNLOOKED),
        )
        for row in found
    ]


def _lease(connection: Connection, owner: str, now: datetime, pace: Pace, ids: Sequence[int], *, sending: bool) -> None:
    if not ids:
        return
    values: dict[str, Any] = {"owner": owner, "leased_until": as_ms(now + pace.lease)}
    if sending:
        tried = func.coalesce(_outbox.c.tried_at, as_ms(now))
        values.update(state=State.SENDING.value, attempts=_outbox.c.attempts + 1, tried_at=tried)
    connection.execute(update(_outbox).where(_outbox.c.outbox_id.in_(ids)).values(values))
