"""Who opened the Home tab lately, so that it can be made again when the data changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from tiercore.access import SlackUser
from tiercore.storage.bulk import table
from tiercore.storage.tables.people import HomeViewRow

LATELY = timedelta(days=7)


def record_home_view(connection: Connection, user: SlackUser, shown: str, now: datetime) -> bool:
    """Note what the user's Home tab shows now; whether it is their first time."""
    seen = table(HomeViewRow)
    same = (seen.c.team_id == user.team_id) & (seen.c.user_id == user.user_id)
    first = not connection.execute(delete(seen).where(same)).rowcount
    row = {"team_id": user.team_id, "user_id": user.user_id, "seen_at": now, "shown": shown}
    connection.execute(insert(seen), [row])
    return first


def recent_home_views(connection: Connection, now: datetime) -> Sequence[tuple[SlackUser, str]]:
    """Everyone whose Home tab was opened LATELY, and what it shows."""
    seen = table(HomeViewRow)
    columns = (seen.c.team_id, seen.c.user_id, seen.c.shown)
    rows = connection.execute(select(*columns).where(seen.c.seen_at >= now - LATELY).order_by(seen.c.seen_at.desc()))
    return [(SlackUser(row.team_id, row.user_id), row.shown) for row in rows]
