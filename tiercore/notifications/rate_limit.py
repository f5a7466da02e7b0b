"""How fast one posts: Slack takes a message a second and channel, and a workspace is spared; shared by all replicas.

A place is taken while a message to it is on its way, and rests for a second after that: a second since it was claimed
would be less than a second for Slack, when one message takes long to be made and the next one doesn't.
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
_CHANNEL_SECONDS = 1.05  # a message a second and channel; Slack's clock is not ours
_policy = table(RateLimitRow)


# The places that a message is on its way to, or was a second before the time `now`.
BUSY = select(_policy.c.name).where(_policy.c.free_at > bindparam("now"))
_HELD = select(_policy.c.free_at).where(_policy.c.name == _WORKSPACE)


class Allowance(NamedTuple):
    """How many messages the workspace may be sent now: what was not used of the last second, since `begins`, may be."""

    most: int
    begins: int


def allowed(connection: Connection, now: datetime, policy: SendPolicy) -> Allowance:
    """What may be sent now."""
    held = connection.scalar(_HELD) or 0
    unused = int((as_ms(now) - held) * policy.a_second / 1_000)
    return Allowance(max(0, min(unused, max(1, int(policy.a_second)))), max(held, as_ms(now) - 1_000))


def take(connection: Connection, now: datetime, policy: SendPolicy, places: Sequence[str], begins: int) -> None:
    """Note that a message is on its way to each of the places, of an allowance since `begins`."""
    if not places:
        return
    free = dict.fromkeys(places, as_ms(now + policy.lease))
    free[_WORKSPACE] = begins + int(len(places) * 1_000 / policy.a_second)
    connection.execute(
        _later(connection.dialect.name), [{"name": name, "free_at": at} for name, at in sorted(free.items())]
    )


def rest(connection: Connection, now: datetime, places: Select[tuple[str]]) -> None:
    """Note that what was on its way to each of the places came to an end now."""
    rested = update(_policy).where(_policy.c.name.in_(places))
    connection.execute(rested.values(free_at=as_ms(now) + int(_CHANNEL_SECONDS * 1_000)))


@cache
def _later(dialect: str) -> Any:
    statement = dialect_named(dialect).insert(_policy)
    return statement.on_conflict_do_update(index_elements=["name"], set_={"free_at": statement.excluded.free_at})
