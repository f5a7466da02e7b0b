"""Whose messages come next: workspaces take turns, first the one that was served longest ago, and in each, the message
that has been due the longest is first (digests-and-alerts#fairness).

Finding them takes a look into the index for each workspace that has any, and one for each message found: the thousands
that may wait in one workspace aren't read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from sqlalchemy import JSON, Alias, ColumnElement, Connection, FromClause, Select, and_, cast, func, or_, select
from sqlalchemy import bindparam as given
from sqlalchemy import true as always

from tiercore.notifications.outbox_types import State
from tiercore.notifications.rate_limit import BUSY, SEARCHING, SENDING, name_of
from tiercore.storage.bulk import table
from tiercore.storage.tables.notifications import OutboxRow, RateLimitRow

_outbox, _pace = table(OutboxRow), table(RateLimitRow)
_UNSENT = (State.PENDING, State.SENDING, State.UNKNOWN)
_COLUMNS = (
    *("outbox_id", "key", "team_id", "place", "what", "doubts", "stale_at", "tried_at", "last_tried_at"),
    *("searched_to", "unverified", "due_at"),
)


@dataclass(frozen=True, slots=True)
class Queue:
    """Messages in a state that may be taken now, and the limit that says when a workspace was served last."""

    state: State
    limit: str

    def of(self, message: Any, team_id: Any) -> ColumnElement[bool]:
        """Whether a message of the workspace is in the queue, by `now` and the targets and workspaces `stopped`."""
        mine = and_(message.c.state == self.state.value, message.c.team_id == team_id, message.c.due_at <= given("now"))
        if self is TO_VERIFY:
            return and_(mine, or_(message.c.leased_until.is_(None), message.c.leased_until < given("now")))
        root, name = _outbox.alias(), name_of(message.c.team_id, message.c.place)
        unsent = select(root.c.key).where(root.c.key == message.c.root_key, root.c.state.in_([*_UNSENT]))
        is_stopped = or_(
            message.c.team_id.in_(given("stopped_teams", expanding=True)),
            name.in_(given("stopped_targets", expanding=True)),
        )
        is_try = message.c.fault.is_not(None)
        return and_(mine, name.not_in(BUSY), or_(is_try, ~is_stopped), _has_none(unsent.correlate_except(root)))


TO_SEND, TO_VERIFY = Queue(State.PENDING, SENDING), Queue(State.UNKNOWN, SEARCHING)


def workspaces(connection: Connection, queue: Queue, parameters: Mapping[str, Any]) -> list[Any]:
    """The workspaces with messages in a queue, first the one served longest ago, each with its limit's `free_at` and
    `gap`, None where it has none yet.
    """
    return [*connection.execute(workspaces_with(queue), parameters)]


def messages(
    connection: Connection, queue: Queue, team_ids: Iterable[str], limit: int, parameters: Mapping[str, Any]
) -> list[Any]:
    """At most `limit` messages of a queue for each of the workspaces, longest due first, each with its root's channel
    and ts.
    """
    chosen = {"team_ids": orjson.dumps([*team_ids]).decode(), "limit": limit}
    return [*connection.execute(messages_of(queue, connection.dialect.name), {**parameters, **chosen})]


def shared_out(room: Mapping[str, int], limit: int) -> dict[str, int]:
    """How many of `limit` each workspace gets that has room for so many: one each in their order, round after round."""
    shares = dict[str, int]()
    waiting = [team_id for team_id, places in room.items() if places > 0]
    while limit > 0 and waiting:
        served = waiting[:limit]
        limit -= len(served)
        for team_id in served:
            shares[team_id] = shares.get(team_id, 0) + 1
        waiting = [team_id for team_id in served if shares[team_id] < room[team_id]]
    return shares


@cache
def workspaces_with(queue: Queue) -> Select[Any]:
    """The statement of `workspaces`. The index is read from one workspace's first message to the next one's."""
    first, after = _outbox.alias(), _outbox.alias()
    first_team = select(func.min(first.c.team_id).label("team_id")).where(first.c.state == queue.state.value)
    team = first_team.cte("team", recursive=True)
    next_team = select(func.min(after.c.team_id)).where(
        after.c.state == queue.state.value, after.c.team_id > team.c.team_id
    )
    team = team.union_all(
        select(next_team.correlate(team).scalar_subquery()).select_from(team).where(team.c.team_id.is_not(None))
    )
    due = select(_outbox.c.outbox_id).where(queue.of(_outbox, team.c.team_id)).correlate_except(_outbox)
    return (
        select(team.c.team_id, _pace.c.free_at, _pace.c.gap)
        .select_from(team.outerjoin(_pace, _pace.c.name == name_of(team.c.team_id, queue.limit)))
        .where(team.c.team_id.is_not(None), ~_has_none(due))
        .order_by(func.coalesce(_pace.c.free_at, 0), team.c.team_id)
    )


@cache
def messages_of(queue: Queue, dialect: str) -> Select[Any]:
    """The statement of `messages`: PostgreSQL joins sideways, SQLite finds each workspace's messages by their IDs."""
    if dialect == "postgresql":
        chosen = func.json_array_elements_text(cast(given("team_ids"), JSON)).table_valued("value", name="chosen")
        of_each = _first(select(*_with_root(_outbox)).select_from(_rooted(_outbox)), queue, _outbox, chosen)
        each = of_each.lateral("each")
        return select(each).select_from(chosen.join(each, always())).order_by(each.c.due_at, each.c.outbox_id)
    chosen = func.json_each(given("team_ids")).table_valued("value", name="chosen")
    inner = _outbox.alias("inner")
    ids = _first(select(inner.c.outbox_id), queue, inner, chosen)
    joined = _rooted(chosen.join(_outbox, _outbox.c.outbox_id.in_(ids)))
    return select(*_with_root(_outbox)).select_from(joined).order_by(_outbox.c.due_at, _outbox.c.outbox_id)


def _has_none(rows: Select[Any]) -> ColumnElement[bool]:
    """Whether there is no such row. PostgreSQL would join an EXISTS, and read all messages for it."""
    return rows.limit(1).scalar_subquery().is_(None)


_root: Alias = _outbox.alias("root")


def _first(statement: Select[Any], queue: Queue, message: Any, chosen: Any) -> Select[Any]:
    ordered = statement.where(queue.of(message, chosen.c.value)).order_by(message.c.due_at, message.c.outbox_id)
    return ordered.limit(given("limit")).correlate(chosen)


def _rooted(rows: Any) -> FromClause:
    joined: FromClause = rows.outerjoin(_root, _root.c.key == _outbox.c.root_key)
    return joined


def _with_root(message: Any) -> list[Any]:
    return [
        *(message.c[each] for each in _COLUMNS),
        _root.c.channel.label("root_channel"),
        _root.c.ts.label("root_ts"),
    ]
