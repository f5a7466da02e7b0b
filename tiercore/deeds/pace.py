"""How fast one posts: Slack takes a message a second and channel, and a workspace is spared; shared by all replicas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, select

from tiercore.deeds.moments import as_ms
from tiercore.storage.bulk import dialect_of, table
from tiercore.storage.clockwork_tables import PaceRow

_WORKSPACE = "workspace"
_CHANNEL_SECONDS = 1.05  # a message a second and channel; Slack's clock is not ours
_pace = table(PaceRow)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one may post: messages a second of the whole workspace, how long a sender has a lease, how long a doubt
    is left alone before the message is looked for, and how long after it was sent one looks for a second copy.
    """

    a_second: float = 5.0
    lease: timedelta = timedelta(seconds=60)
    settle: timedelta = timedelta(seconds=120)
    sweep: timedelta = timedelta(seconds=900)


def allowed(connection: Connection, now: datetime, pace: Pace) -> int:
    """How many messages the workspace may be sent now: what was not used of the last second may be."""
    free_at = connection.scalar(select(_pace.c.free_at).where(_pace.c.name == _WORKSPACE)) or 0
    return max(0, min(int((as_ms(now) - free_at) * pace.a_second / 1_000), max(1, int(pace.a_second))))


def busy(now: datetime) -> Select[tuple[str]]:
    """The places that were sent a message less than a second ago."""
    return select(_pace.c.name).where(_pace.c.free_at > as_ms(now))


def take(connection: Connection, now: datetime, pace: Pace, places: Sequence[str]) -> None:
    """Note that a message is sent to each of the places."""
    if not places:
        return
    held = connection.scalar(select(_pace.c.free_at).where(_pace.c.name == _WORKSPACE)) or 0
    begins = max(held, as_ms(now) - 1_000)
    free = {place: as_ms(now) + int(_CHANNEL_SECONDS * 1_000) for place in places}
    _set_pace(connection, {**free, _WORKSPACE: begins + int(len(places) * 1_000 / pace.a_second)})


def _set_pace(connection: Connection, free: Mapping[str, int]) -> None:
    statement = dialect_of(connection).insert(_pace)
    later = statement.on_conflict_do_update(index_elements=["name"], set_={"free_at": statement.excluded.free_at})
    connection.execute(later, [{"name": name, "free_at": at} for name, at in sorted(free.items())])
