"""Who opened their Home tab recently, so that it can be refreshed when the data changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from tiercore.access import SlackUser
from tiercore.people.people import is_user
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.tables.people import HomeViewRow

RECENT = timedelta(days=7)


def record_home_view(connection: Connection, user: SlackUser, shown: str, now: datetime) -> bool:
    """Record what the user's Home tab shows. True if they opened it for the first time."""
    home_view = table(HomeViewRow)
    first = not connection.execute(delete(home_view).where(is_user(home_view, user))).rowcount
    row = {"team_id": user.team_id, "user_id": user.user_id, "seen_at": now, "shown": shown}
    connection.execute(insert(home_view), [row])
    return first


def recent_home_views(connection: Connection, now: datetime, team_id: str) -> Sequence[tuple[SlackUser, str]]:
    """The users of the team, or of its enterprise, who opened their Home tab within RECENT, latest first, and what each
    tab shows.
    """
    return _recent(connection, now, in_same_enterprise(table(HomeViewRow).c.team_id, team_id))


def recent_teams(connection: Connection, now: datetime) -> Sequence[str]:
    """The workspaces in which somebody opened their Home tab within RECENT."""
    home_view = table(HomeViewRow)
    teams = select(home_view.c.team_id).where(home_view.c.seen_at >= now - RECENT).distinct()
    return connection.scalars(teams.order_by(home_view.c.team_id)).all()


def recent_home_view_of(connection: Connection, now: datetime, user: SlackUser) -> str | None:
    """What the user's Home tab shows, None unless they opened it within RECENT."""
    found = _recent(connection, now, is_user(table(HomeViewRow), user))
    return found[0][1] if found else None


def _recent(connection: Connection, now: datetime, whose: ColumnElement[bool]) -> Sequence[tuple[SlackUser, str]]:
    home_view = table(HomeViewRow)
    columns = (home_view.c.team_id, home_view.c.user_id, home_view.c.shown)
    recent = select(*columns).where(home_view.c.seen_at >= now - RECENT, whose).order_by(home_view.c.seen_at.desc())
    return [(SlackUser(row.team_id, row.user_id), row.shown) for row in connection.execute(recent)]
