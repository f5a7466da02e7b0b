"""Rate limits: one message per second and channel, and a limit per workspace, shared by all replicas.

A target is reserved while a message to it is being sent and for a second afterwards. A second from the claim would be
too short for Slack: one message may take long to compose and the next one may not.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, select, update

from tiercore.notifications.types import SendPolicy
from tiercore.storage.bulk import dialect_named, table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import RateLimitRow

_WORKSPACE = "workspace"
_CHANNEL_SECONDS = 1.05  # Slack allows one message per second and channel; the margin is for its clock
_rate_limit = table(RateLimitRow)

# Targets that a message is being sent to, or was within the second before `now`.
BUSY = select(_rate_limit.c.name).where(_rate_limit.c.free_at > bindparam("now"))
_WORKSPACE_FREE_AT = select(_rate_limit.c.free_at).where(_rate_limit.c.name == _WORKSPACE)


class Allowance(NamedTuple):
    """How many messages the workspace may be sent now: the unused part of the last second, from `since` on."""

    limit: int
    since: int


def allowed(connection: Connection, now: datetime, policy: SendPolicy) -> Allowance:
    """The messages that may be sent now; `since` is in milliseconds."""
    free_at = connection.scalar(_WORKSPACE_FREE_AT) or 0
    unused = int((as_ms(now) - free_at) * policy.per_second / 1_000)
    return Allowance(max(0, min(unused, max(1, int(policy.per_second)))), max(free_at, as_ms(now) - 1_000))


def reserve(connection: Connection, now: datetime, policy: SendPolicy, targets: Sequence[str], since: int) -> None:
    """Reserve each target for a message, out of an allowance that starts at `since`."""
    if not targets:
        return
    free = dict.fromkeys(targets, as_ms(now + policy.lease))
    free[_WORKSPACE] = since + int(len(targets) * 1_000 / policy.per_second)
    connection.execute(
        _upsert(connection.dialect.name), [{"name": name, "free_at": at} for name, at in sorted(free.items())]
    )


def release(connection: Connection, now: datetime, targets: Select[tuple[str]]) -> None:
    """Free each target a second from now: sending to it has ended."""
    released = update(_rate_limit).where(_rate_limit.c.name.in_(targets))
    connection.execute(released.values(free_at=as_ms(now) + int(_CHANNEL_SECONDS * 1_000)))


@cache
def _upsert(dialect: str) -> Any:
    statement = dialect_named(dialect).insert(_rate_limit)
    return statement.on_conflict_do_update(index_elements=["name"], set_={"free_at": statement.excluded.free_at})
