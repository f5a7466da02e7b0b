"""Rate limits, shared by all replicas: one message per second and channel, a limit per workspace, and as many searches
as Slack allows.

A target is reserved while a message to it is being sent and for a second afterwards. A second from the claim would be
too short for Slack: one message may take long to compose and the next one may not.

A reservation keeps how long it was made for. It never holds longer than that from now on: one made by a clock that was
ahead ends at once when the clock is right again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, select, update

from tiercore.notifications.outbox_types import SendPolicy
from tiercore.storage.bulk import dialect_named, table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import RateLimitRow

_WORKSPACE = "workspace"
_SEARCH = "search"
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
    """How many messages the workspace may be sent now: the unused part of the last second, from `since` on."""

    limit: int
    since: int


def allowed(connection: Connection, now: datetime, policy: SendPolicy) -> Allowance:
    """The messages that may be sent now; `since` is in milliseconds."""
    row = connection.execute(_RESERVED, {"name": _WORKSPACE}).first()
    free_at = row.free_at if row and row.free_at <= as_ms(now) + row.gap + CLOCKS_APART else 0
    unused = int((as_ms(now) - free_at) * policy.per_second / _SECOND)
    return Allowance(max(0, min(unused, max(1, int(policy.per_second)))), max(free_at, as_ms(now) - _SECOND))


def reserve(connection: Connection, now: datetime, policy: SendPolicy, targets: Sequence[str], since: int) -> None:
    """Reserve each target for a message, out of an allowance that starts at `since`."""
    if not targets:
        return
    free = dict.fromkeys(targets, as_ms(now + policy.lease))
    free[_WORKSPACE] = since + int(len(targets) * _SECOND / policy.per_second)
    _put(connection, now, free)


def keep(connection: Connection, now: datetime, policy: SendPolicy, targets: Select[tuple[str]]) -> None:
    """Reserve the targets for another lease: their messages are being posted now."""
    _move(connection, now, targets, policy.lease)


def release(connection: Connection, now: datetime, targets: Select[tuple[str]]) -> None:
    """Free each target a second from now: sending to it has ended."""
    _move(connection, now, targets, timedelta(seconds=_CHANNEL_SECONDS))


def take_searches(connection: Connection, now: datetime, limit: int) -> int:
    """How many searches may be made now, at most `limit`: one per gap after Slack has asked for one, or none yet."""
    row = connection.execute(_RESERVED, {"name": _SEARCH}).first()
    if row is None:
        return limit
    if _holds(row, now):
        return 0
    if as_ms(now) > row.free_at + _IDLE_GAPS * row.gap:
        connection.execute(delete(_rate_limit).where(_rate_limit.c.name == _SEARCH))
        return limit
    _put(connection, now, {_SEARCH: as_ms(now) + row.gap})
    return 1


def slow_searches(connection: Connection, now: datetime, seconds: float) -> None:
    """Slack asks to wait so many seconds: from now on searches are that far apart, or as far as they are already."""
    row = connection.execute(_RESERVED, {"name": _SEARCH}).first()
    gap = max(int(seconds * _SECOND), row.gap if row else 0)
    statement = _upsert(connection.dialect.name)
    free_at = as_ms(now) + int(seconds * _SECOND)
    connection.execute(statement, [{"name": _SEARCH, "free_at": free_at, "gap": gap}])


def start_turns(connection: Connection, now: datetime, name: str, first: timedelta) -> None:
    """Let the first turn called `name` come after a gap, unless turns of that name have begun."""
    if connection.execute(_RESERVED, {"name": name}).first() is None:
        _put(connection, now, {name: as_ms(now + first)})


def take_turn(connection: Connection, now: datetime, name: str, first: timedelta, most: timedelta) -> bool:
    """Whether the turn called `name` has come; if so, the next one comes after a gap twice as long, up to `most`."""
    row = connection.execute(_RESERVED, {"name": name}).first()
    if row is not None and _holds(row, now):
        return False
    gap = min(2 * row.gap, most // timedelta(milliseconds=1)) if row else first // timedelta(milliseconds=1)
    _put(connection, now, {name: as_ms(now) + gap})
    return True


def end_turns(connection: Connection, name: str) -> None:
    """Forget a turn: the next one comes at once, and begins with the first gap again."""
    connection.execute(delete(_rate_limit).where(_rate_limit.c.name == name))


def _holds(row: Any, now: datetime) -> bool:
    return bool(as_ms(now) < row.free_at <= as_ms(now) + row.gap + CLOCKS_APART)


def _move(connection: Connection, now: datetime, targets: Select[tuple[str]], by: timedelta) -> None:
    moved = update(_rate_limit).where(_rate_limit.c.name.in_(targets))
    connection.execute(moved.values(free_at=as_ms(now + by), gap=as_ms(now + by) - as_ms(now)))


def _put(connection: Connection, now: datetime, free: dict[str, int]) -> None:
    rows = [{"name": name, "free_at": at, "gap": max(0, at - as_ms(now))} for name, at in sorted(free.items())]
    connection.execute(_upsert(connection.dialect.name), rows)


@cache
def _upsert(dialect: str) -> Any:
    statement = dialect_named(dialect).insert(_rate_limit)
    new = statement.excluded
    return statement.on_conflict_do_update(index_elements=["name"], set_={"free_at": new.free_at, "gap": new.gap})
