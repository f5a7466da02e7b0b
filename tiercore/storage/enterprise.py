"""Workspaces of one Enterprise Grid organization, within which a Slack user's ID names one person (slack#grid)."""

from sqlalchemy import BindParameter, ColumnElement, Connection, or_, select

from tiercore.storage.bulk import table
from tiercore.storage.tables.people import EnterpriseTeamRow

_team = table(EnterpriseTeamRow)


def in_same_enterprise(
    column: ColumnElement[str], team: "ColumnElement[str] | BindParameter[str] | str"
) -> ColumnElement[bool]:
    """Whether the column's workspace is `team`, or is recorded as one of the same enterprise."""
    given, other = _team.alias(), _team.alias()
    others = (
        select(other.c.team_id)
        .select_from(given.join(other, other.c.enterprise_id == given.c.enterprise_id))
        .where(given.c.team_id == team)
        .correlate_except(given, other)
    )
    return or_(column == team, column.in_(others))


def are_in_same_enterprise(connection: Connection, one: str, other: str) -> bool:
    """Whether the two workspaces are the same, or are recorded as workspaces of one enterprise."""
    same = select(_team.c.team_id).where(_team.c.team_id == one, in_same_enterprise(_team.c.team_id, other))
    return one == other or connection.scalar(same) is not None
