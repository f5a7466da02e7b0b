"""When the app is removed from a workspace: nothing more goes there at once, and what is known of it is purged later
(slack#workspaces).

Points and clients are the program's own and stay; goals, cases and proposals are a partner's. So does the audit log,
which names the workspace and its users by their IDs: who was given access, and by whom, has to remain known.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, or_, select, update

from tiercore.notifications.outbox_types import State
from tiercore.notifications.subscriptions import end_all_in, end_all_of
from tiercore.people.audit import record
from tiercore.people.people import links_of
from tiercore.storage.bulk import table
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
from tiercore.workspaces.storing import workspace_of
from tiercore.workspaces.types import PURGED_AFTER

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


def remove(connection: Connection, team_id: str, actor: str, now: datetime) -> bool:
    """End an installation: its token is forgotten, subscriptions end, and what waits in the outbox is dropped. Whether
    there was one.
    """
    workspace = workspace_of(connection, team_id)
    if workspace is None or workspace.is_removed:
        return False
    tokens = table(WorkspaceTokenRow)
    connection.execute(delete(tokens).where(tokens.c.team_id == team_id))
    removed = {"removed_at": as_ms(now), "removed_by": actor, "purge_at": as_ms(now + PURGED_AFTER)}
    connection.execute(update(_workspace).where(_workspace.c.team_id == team_id).values(removed))
    ended = end_all_in(connection, team_id, now)
    unsent = (_outbox.c.team_id == team_id) & _outbox.c.state.in_([each.value for each in _UNSENT])
    dropped = {"state": State.DROPPED.value, "fault": None, "done_at": as_ms(now), "reason": "the app was removed"}
    count = connection.execute(update(_outbox).where(unsent).values(dropped)).rowcount
    detail = f"{workspace.name}: {ended} subscriptions ended, {count} messages dropped"
    record(connection, now, actor, "removed the app from", team_id, detail)
    return True


def due(connection: Connection, now: datetime) -> list[str]:
    """The IDs of removed workspaces that are to be purged."""
    is_due = _workspace.c.removed_at.is_not(None) & (_workspace.c.purge_at <= as_ms(now))
    return list(connection.scalars(select(_workspace.c.team_id).where(is_due).order_by(_workspace.c.team_id)))


def purge_due(connection: Connection, now: datetime) -> list[str]:
    """Purge the workspaces whose time has come. Returns their IDs."""
    for team_id in (found := due(connection, now)):
        purge(connection, team_id, "tierbot", now)
    return found


def purge(connection: Connection, team_id: str, actor: str, now: datetime) -> dict[str, int]:
    """Delete everything that is known of a workspace and its people there. Returns how many rows, by table."""
    gone = dict[str, int]()
    theirs = select(_subscription.c.subscription_id).where(_subscription.c.team_id == team_id)
    for rows in (table(RunRow), table(AlertResponseRow)):
        _delete(connection, gone, rows, rows.c.subscription_id.in_(theirs))
    for model in BY_TEAM:
        rows = table(model)
        _delete(connection, gone, rows, rows.c.team_id == team_id)
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
            _subscription.c.team_id == user.team_id,
            or_(_subscription.c.place == user.user_id, _subscription.c.made_by == user.user_id),
        )
        for rows in (table(RunRow), table(AlertResponseRow)):
            _delete(connection, gone, rows, rows.c.subscription_id.in_(theirs))
        for model, column in _BY_USER:
            rows = table(model)
            _delete(connection, gone, rows, (rows.c.team_id == user.team_id) & (rows.c[column] == user.user_id))
    for rows in (table(each) for each in _BY_EMAIL):
        _delete(connection, gone, rows, rows.c.email == email)
    found = ", ".join(f"{name} {count}" for name, count in gone.items())
    record(connection, now, actor, "forgot a person", email, found or "nothing was known")
    return gone


def _delete(connection: Connection, gone: dict[str, int], rows: Table, condition: ColumnElement[bool]) -> None:
    if count := connection.execute(delete(rows).where(condition)).rowcount:
        gone[rows.name] = gone.get(rows.name, 0) + count
