"""Rate limits, shared by all replicas: one message per second and channel, a limit per workspace, and as many searches
in each workspace as Slack allows.

A target is reserved while a message to it is being sent and for a second afterwards. A second from the claim would be
too short for Slack: one message may take long to compose and the next one may not.

A reservation keeps how long it was made for. It never holds longer than that from now on: one made by a clock that was
ahead ends at once when the clock is right again.

Every name begins with a workspace's ID, so no workspace waits for what Slack allows in another.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, select, update

from tiercore.notifications.outbox_types import SendPolicy
from tiercore.storage.bulk import dialect_named, table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import RateLimitRow

SENDING, SEARCHING = "workspace", "search"
_SECOND = 1_000
_CHANNEL_SECONDS = 1.05  # Slack allows one message per second and channel; the margin is for its clock
CLOCKS_APART = 2_000  # milliseconds between two replicas' clocks, which both follow Slack's
_IDLE_GAPS = 10  # a limit on searches is forgotten when none was needed for so many times its length
_rate_limit = table(RateLimitRow)

_AHEAD = _rate_limit.c.free_at > bindparam("now")
_OF_THIS_CLOCK = _rate_limit.c.free_at <= bindparam("now") + _rate_limit.c.gap + CLOCKS_APART
# Targets that a message is being sent to, or was within the second before `now`.
BUSY = select(_rate_limit.c.name).where(_AHEAD, _OF_THIS_CLOCK)
_RESERVED = select(_rate_limit.c.free_at, _rate_limit.c.gap).where(_rate_limit.c.name == bindparam("name"))


class Allowance(NamedTuple):
    """How many messages a workspace may be sent now: the unused part of the last second, from `since` on."""

    limit: int
    since: int


def name_of(team_id: Any, what: Any) -> Any:
    """The name of a workspace's limit: SENDING, SEARCHING, a target, or a turn. Both may be columns."""
    return team_id + ":" + what


def allowed(free_at: int | None, gap: int | None, now: datetime, policy: SendPolicy) -> Allowance:
    """The messages that a workspace may be sent now, by its row of SENDING; `since` is in milliseconds."""
    free = free_at if free_at is not None and free_at <= as_ms(now) + (gap or 0) + CLOCKS_APART else 0
    unused = int((as_ms(now) - free) * policy.per_second / _SECOND)
    return Allowance(max(0, min(unused, max(1, int(policy.per_second)))), max(free, as_ms(now) - _SECOND))


def reserve(
    connection: Connection,
    now: datetime,
    policy: SendPolicy,
    targets: Mapping[str, Sequence[str]],
    allowances: Mapping[str, Allowance],
) -> None:
    """Reserve each target, by workspace, for a message, out of the workspaces' allowances."""
    if not targets:
        return
    free = {name_of(team_id, each): as_ms(now + policy.lease) for team_id, some in targets.items() for each in some}
    for team_id, some in targets.items():
        free[name_of(team_id, SENDING)] = allowances[team_id].since + int(len(some) * _SECOND / policy.per_second)
    _put(connection, now, free)


def keep(connection: Connection, now: datetime, policy: SendPolicy, names: Select[tuple[str]]) -> None:
    """Reserve the targets for another lease: their messages are being posted now."""
    _move(connection, now, names, policy.lease)


def release(connection: Connection, now: datetime, names: Select[tuple[str]]) -> None:
    """Free each target a second from now: sending to it has ended."""
    _move(connection, now, names, timedelta(seconds=_CHANNEL_SECONDS))


def take_searches(connection: Connection, now: datetime, team_id: str, limit: int) -> int:
    """How many searches may be made now in a workspace, at most `limit`: one per gap after Slack has asked for one, or
    none yet.
    """
    name = name_of(team_id, SEARCHING)
    row = connection.execute(_RESERVED, {"name": name}).first()
    if row is not None and holds(row.free_at, row.gap, now):
        return 0
    if row is None or not row.gap or as_ms(now) > row.free_at + _IDLE_GAPS * row.gap:
        _put(connection, now, {name: as_ms(now)})  # no limit, and when it was searched last
        return limit
    _put(connection, now, {name: as_ms(now) + row.gap})
    return 1


def slow_searches(connection: Connection, now: datetime, team_id: str, seconds: float) -> None:
    """Slack asks to wait so many seconds in a workspace: from now on searches are that far apart there, or as far as
    they are already.
    """
    name = name_of(team_id, SEARCHING)
    row = connection.execute(_RESERVED, {"name": name}).first()
    gap = max(int(seconds * _SECOND), row.gap if row else 0)
    statement = _upsert(connection.dialect.name)
    free_at = as_ms(now) + int(seconds * _SECOND)
    connection.execute(statement, [{"name": name, "free_at": free_at, "gap": gap}])


def start_turns(connection: Connection, now: datetime, name: str, first: timedelta) -> None:
    """Let the first turn called `name` come after a gap, unless turns of that name have begun."""
    if connection.execute(_RESERVED, {"name": name}).first() is None:
        _put(connection, now, {name: as_ms(now + first)})


def take_turn(connection: Connection, now: datetime, name: str, first: timedelta, most: timedelta) -> bool:
    """Whether the turn called `name` has come; if so, the next one comes after a gap twice as long, up to `most`."""
    row = connection.execute(_RESERVED, {"name": name}).first()
    if row is not None and holds(row.free_at, row.gap, now):
        return False
    gap = min(2 * row.gap, most // timedelta(milliseconds=1)) if row else first // timedelta(milliseconds=1)
    _put(connection, now, {name: as_ms(now) + gap})
    return True


def end_turns(connection: Connection, name: str) -> None:
    """Forget a turn: the next one comes at once, and begins with the first gap again."""
    connection.execute(delete(_rate_limit).where(_rate_limit.c.name == name))


def holds(free_at: int | None, gap: int | None, now: datetime) -> bool:
    """Whether what was reserved until `free_at`, `gap` milliseconds long, is still to be waited for."""
    return free_at is not None and as_ms(now) < free_at <= as_ms(now) + (gap or 0) + CLOCKS_APART


def _move(connection: Connection, now: datetime, names: Select[tuple[str]], by: timedelta) -> None:
    moved = update(_rate_limit).where(_rate_limit.c.name.in_(names))
    connection.execute(moved.values(free_at=as_ms(now + by), gap=as_ms(now + by) - as_ms(now)))


def _put(connection: Connection, now: datetime, free: dict[str, int]) -> None:
    rows = [{"name": name, "free_at": at, "gap": max(0, at - as_ms(now))} for name, at in sorted(free.items())]
    connection.execute(_upsert(connection.dialect.name), rows)


@cache
def _upsert(dialect: str) -> Any:
    statement = dialect_named(dialect).insert(_rate_limit)
    new = statement.excluded
    return statement.on_conflict_do_update(index_elements=["name"], set_={"free_at": new.free_at, "gap": new.gap})
