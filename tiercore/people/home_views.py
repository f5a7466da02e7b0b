"""Who opened their Home tab recently, so that it can be refreshed when the data changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from tiercore.access import SlackUser
from tiercore.storage.bulk import table
from tiercore.storage.tables.people import HomeViewRow

RECENT = timedelta(days=7)


def record_home_view(connection: Connection, user: SlackUser, shown: str, now: datetime) -> bool:
    """Record what the user's Home tab shows. True if they opened it for the first time."""
    home_view = table(HomeViewRow)
    same = (home_view.c.team_id == user.team_id) & (home_view.c.user_id == user.user_id)
    first = not connection.execute(delete(home_view).where(same)).rowcount
    row = {"team_id": user.team_id, "user_id": user.user_id, "seen_at": now, "shown": shown}
    connection.execute(insert(home_view), [row])
    return first


def recent_home_views(connection: Connection, now: datetime) -> Sequence[tuple[SlackUser, str]]:
    """The users who opened their Home tab within RECENT, latest first, and what each tab shows."""
    home_view = table(HomeViewRow)
    columns = (home_view.c.team_id, home_view.c.user_id, home_view.c.shown)
    recent = select(*columns).where(home_view.c.seen_at >= now - RECENT).order_by(home_view.c.seen_at.desc())
    return [(SlackUser(row.team_id, row.user_id), row.shown) for row in connection.execute(recent)]
