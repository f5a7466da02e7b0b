"""Which workspaces belong to an Enterprise Grid organization: inside it, a Slack user's ID names one person
(slack#grid).

Only what Slack itself has said is recorded. When a workspace joins, what is there twice for one person is merged.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select

from tiercore.access import SlackUser
from tiercore.people.audit import record
from tiercore.people.types import OPERATOR
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import AlertResponseRow, SubscriptionRow
from tiercore.storage.tables.people import ChannelRow, EnterpriseTeamRow, HomeViewRow

_team, _link, _subscription = table(EnterpriseTeamRow), table(LinkRow), table(SubscriptionRow)
_KEYS = (
    (_link, ("user_id",)),
    (table(ChannelRow), ("channel_id",)),
    (table(HomeViewRow), ("user_id",)),
    (_subscription, ("place", "topic")),
)


def enterprise_of(connection: Connection, team_id: str) -> str | None:
    """The enterprise that the workspace is recorded as part of, None for none."""
    found: str | None = connection.scalar(select(_team.c.enterprise_id).where(_team.c.team_id == team_id))
    return found


def enterprises(connection: Connection) -> dict[str, str]:
    """The enterprise of each workspace that is recorded as part of one."""
    return {row.team_id: row.enterprise_id for row in connection.execute(select(_team))}


def users_elsewhere(connection: Connection, team_id: str) -> list[SlackUser]:
    """A linked user of each workspace that isn't recorded as part of the team's enterprise."""
    users = select(_link.c.team_id, func.min(_link.c.user_id)).group_by(_link.c.team_id).order_by(_link.c.team_id)
    elsewhere = users.where(~in_same_enterprise(_link.c.team_id, team_id))
    return [SlackUser(*row) for row in connection.execute(elsewhere)]


def record_team(connection: Connection, team_id: str, enterprise_id: str | None, now: datetime) -> None:
    """Record the enterprise that Slack says the workspace is part of; None: of none. It decides who is linked there,
    so what changes is in the audit log.
    """
    before = enterprise_of(connection, team_id)
    if before == enterprise_id:
        return
    connection.execute(delete(_team).where(_team.c.team_id == team_id))
    if before is not None:
        record(connection, now, OPERATOR, "took out of its enterprise", team_id, before)
    if enterprise_id is None:
        return
    record(connection, now, OPERATOR, "put in an enterprise", team_id, enterprise_id)
    for each in (enterprise_id, team_id):
        if enterprise_of(connection, each) is None:
            connection.execute(insert(_team), [{"team_id": each, "enterprise_id": enterprise_id}])
    _merge(connection, team_id, now)


def _merge(connection: Connection, team_id: str, now: datetime) -> None:
    """Remove the newcomer's rows about a person or channel that the enterprise's other workspaces have rows about."""
    for row in connection.execute(select(_link).where(_is_elsewhere(_link, ("user_id",), team_id))).all():
        detail = f"{row.email}: linked in another workspace of the enterprise"
        record(connection, now, OPERATOR, "unlinked", f"{row.team_id}/{row.user_id}", detail)
    _drop_ended(connection, team_id)
    twice = select(_subscription.c.subscription_id).where(_is_elsewhere(_subscription, ("place", "topic"), team_id))
    responses = table(AlertResponseRow)
    connection.execute(delete(responses).where(responses.c.subscription_id.in_(twice)))
    for rows, keys in _KEYS:
        connection.execute(delete(rows).where(_is_elsewhere(rows, keys, team_id)))


def _drop_ended(connection: Connection, team_id: str) -> None:
    """Remove subscriptions of the enterprise that have ended where another of its workspaces has one that hasn't."""
    other = _subscription.alias()
    active = select(other.c.subscription_id).where(
        in_same_enterprise(other.c.team_id, team_id),
        other.c.place == _subscription.c.place,
        other.c.topic == _subscription.c.topic,
        other.c.ended.is_(False),
    )
    in_enterprise = in_same_enterprise(_subscription.c.team_id, team_id)
    exists = active.correlate(_subscription).exists()
    connection.execute(delete(_subscription).where(in_enterprise, _subscription.c.ended.is_(True), exists))


def _is_elsewhere(rows: Table, keys: tuple[str, ...], team_id: str) -> ColumnElement[bool]:
    """Whether a row is the workspace's, and another workspace of its enterprise has one with the same keys."""
    other = rows.alias()
    same = [other.c[key] == rows.c[key] for key in keys]
    elsewhere = select(other.c.team_id).where(
        in_same_enterprise(other.c.team_id, team_id), other.c.team_id != team_id, *same
    )
    return (rows.c.team_id == team_id) & elsewhere.correlate(rows).exists()
