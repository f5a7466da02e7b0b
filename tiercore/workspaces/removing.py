"""When the app is removed from a workspace: nothing more goes there at once, and what is known of it is purged later
(slack#workspaces).

Points and clients are the program's own and stay; goals, cases and proposals are a partner's. So does the audit log,
which names the workspace and its users by their IDs: who was given access, and by whom, has to remain known.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, delete, or_, select, update

from tiercore.notifications.outbox_types import State
from tiercore.notifications.subscriptions import end_all_in, end_all_of
from tiercore.people.audit import record
from tiercore.people.people import links_of
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.approvals import ProposalRow
from tiercore.storage.tables.cases import FigureCaseRow
from tiercore.storage.tables.goals import GoalRow
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import AlertResponseRow, OutboxRow, RunRow, SubscriptionRow
from tiercore.storage.tables.people import (
    ChannelRow,
    EnterpriseTeamRow,
    FeedbackRow,
    HomeViewRow,
    LinkCodeRow,
    LinkRequestRow,
    PreferenceRow,
    ReadRow,
)
from tiercore.storage.tables.uploads import UploadRow
from tiercore.storage.tables.workspaces import WorkspacePartnerRow, WorkspaceRow, WorkspaceTokenRow
from tiercore.workspaces.storing import require, workspace_of
from tiercore.workspaces.tokens import installed_for
from tiercore.workspaces.types import PURGED_AFTER, Workspace

_workspace, _outbox, _subscription = table(WorkspaceRow), table(OutboxRow), table(SubscriptionRow)
_UNSENT = (State.PENDING, State.SENDING, State.UNKNOWN, State.HELD)
BY_TEAM = (
    *(LinkRow, LinkRequestRow, ChannelRow, FeedbackRow, ReadRow, HomeViewRow),
    *(SubscriptionRow, OutboxRow, UploadRow, EnterpriseTeamRow, WorkspacePartnerRow, WorkspaceTokenRow),
)
# What is a partner's, and stays with the ID of who made it.
KEPT = (GoalRow, FigureCaseRow, ProposalRow)
_BY_USER = (
    *((SubscriptionRow, "place"), (SubscriptionRow, "made_by"), (OutboxRow, "place"), (HomeViewRow, "user_id")),
    *((ReadRow, "user_id"), (UploadRow, "user_id"), (LinkRequestRow, "user_id"), (LinkRow, "user_id")),
)
_BY_EMAIL = (PreferenceRow, LinkCodeRow, LinkRequestRow, FeedbackRow)


def remove(connection: Connection, team_id: str, actor: str, now: datetime, at: datetime | None = None) -> bool:
    """End an installation: its token is forgotten, subscriptions end, and what waits in the outbox is dropped. Whether
    there was one, `at` that time (to the second) if it is given.
    """
    workspace = workspace_of(connection, team_id)
    if workspace is None or workspace.is_removed:
        return False
    if at is not None and at + timedelta(seconds=1) < workspace.installed_at:
        return False
    tokens = table(WorkspaceTokenRow)
    connection.execute(delete(tokens).where(tokens.c.team_id == team_id))
    removed = {"removed_at": as_ms(now), "removed_by": actor, "purge_at": as_ms(now + PURGED_AFTER)}
    connection.execute(update(_workspace).where(_workspace.c.team_id == team_id).values(removed))
    stopped = _stop(connection, served_by(connection, workspace), now)
    record(connection, now, actor, "removed the app from", team_id, f"{workspace.name}: {stopped}")
    return True


def leave_team(connection: Connection, team_id: str, enterprise_id: str, actor: str, now: datetime) -> bool:
    """The organization's installation no longer reaches one of its workspaces: nothing more goes there. What is known
    of it is purged with the installation. Whether the workspace was one that it served.
    """
    organization = workspace_of(connection, enterprise_id)
    if organization is None or team_id not in served_by(connection, organization)[1:]:
        return False
    stopped = _stop(connection, [team_id], now)
    record(connection, now, actor, "removed the app from", team_id, f"{organization.name}: {stopped}")
    return True


def served_by(connection: Connection, workspace: Workspace) -> list[str]:
    """The IDs of an installation's workspaces, its own first. An organization's are all that are recorded as part of
    it, but for those with an installation of their own.
    """
    if not workspace.is_org_wide:
        return [workspace.team_id]
    teams, team_id = table(EnterpriseTeamRow), workspace.team_id
    on_their_own = select(_workspace.c.team_id).where(_workspace.c.removed_at.is_(None))
    found = connection.scalars(
        select(teams.c.team_id)
        .where(teams.c.enterprise_id == team_id, teams.c.team_id != team_id, teams.c.team_id.not_in(on_their_own))
        .order_by(teams.c.team_id)
    )
    return [team_id, *found]


def _stop(connection: Connection, teams: Sequence[str], now: datetime) -> str:
    """End what goes to the workspaces by itself; how much that was, in words."""
    ended = sum(end_all_in(connection, each, now) for each in teams)
    unsent = _outbox.c.team_id.in_(teams) & _outbox.c.state.in_([each.value for each in _UNSENT])
    dropped = {"state": State.DROPPED.value, "fault": None, "done_at": as_ms(now), "reason": "the app was removed"}
    count = connection.execute(update(_outbox).where(unsent).values(dropped)).rowcount
    return f"{ended} subscriptions ended, {count} messages dropped"


def due(connection: Connection, now: datetime) -> list[str]:
    """The IDs of removed workspaces that are to be purged."""
    is_due = _workspace.c.removed_at.is_not(None) & (_workspace.c.purge_at <= as_ms(now))
    return list(connection.scalars(select(_workspace.c.team_id).where(is_due).order_by(_workspace.c.team_id)))


def purge_due(connection: Connection, now: datetime) -> list[str]:
    """Purge the workspaces whose time has come. Returns their IDs. What is known of one that an organization's
    installation serves by now stays.
    """
    for team_id in (found := due(connection, now)):
        workspace = require(connection, team_id)
        if workspace.enterprise_id and installed_for(connection, team_id, workspace.enterprise_id):
            for rows in (table(WorkspacePartnerRow), _workspace):
                connection.execute(delete(rows).where(rows.c.team_id == team_id))
        else:
            purge(connection, team_id, "tierbot", now)
    return found


def purge(connection: Connection, team_id: str, actor: str, now: datetime) -> dict[str, int]:
    """Delete everything that is known of a workspace, or of an organization's, and its people there. Returns how many
    rows, by table.
    """
    gone, workspace = dict[str, int](), workspace_of(connection, team_id)
    teams = served_by(connection, workspace) if workspace else [team_id]
    theirs = select(_subscription.c.subscription_id).where(_subscription.c.team_id.in_(teams))
    for rows in (table(RunRow), table(AlertResponseRow)):
        _delete(connection, gone, rows, rows.c.subscription_id.in_(theirs))
    for model in BY_TEAM:
        rows = table(model)
        _delete(connection, gone, rows, rows.c.team_id.in_(teams))
    connection.execute(delete(_workspace).where(_workspace.c.team_id == team_id))
    record(connection, now, actor, "purged", team_id, ", ".join(f"{name} {count}" for name, count in gone.items()))
    return gone


def forget_person(connection: Connection, email: str, actor: str, now: datetime) -> dict[str, int]:
    """Delete what is known of a person's Slack users: links, requests, codes, preferences, subscriptions, what they
    read, dropped and were sent. Returns how many rows, by table.

    Their row in people.csv is the program's own and stays, and so do the entries that they typed, with their names.
    """
    gone = dict[str, int]()
    for user in links_of(connection, email):
        end_all_of(connection, user, now)
        theirs = select(_subscription.c.subscription_id).where(
            in_same_enterprise(_subscription.c.team_id, user.team_id),
            or_(_subscription.c.place == user.user_id, _subscription.c.made_by == user.user_id),
        )
        for rows in (table(RunRow), table(AlertResponseRow)):
            _delete(connection, gone, rows, rows.c.subscription_id.in_(theirs))
        for model, column in _BY_USER:
            rows = table(model)
            _delete(
                connection,
                gone,
                rows,
                in_same_enterprise(rows.c.team_id, user.team_id) & (rows.c[column] == user.user_id),
            )
    for rows in (table(each) for each in _BY_EMAIL):
        _delete(connection, gone, rows, rows.c.email == email)
    found = ", ".join(f"{name} {count}" for name, count in gone.items())
    record(connection, now, actor, "forgot a person", email, found or "nothing was known")
    return gone


def _delete(connection: Connection, gone: dict[str, int], rows: Table, condition: ColumnElement[bool]) -> None:
    if count := connection.execute(delete(rows).where(condition)).rowcount:
        gone[rows.name] = gone.get(rows.name, 0) + count
