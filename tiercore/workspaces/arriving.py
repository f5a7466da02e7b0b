"""What a partner's workspace has of its first steps, as somebody there sees it, and as the program's people do."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from tiercore.access import SlackUser
from tiercore.facts.entries import Role
from tiercore.first_steps import PartnersWorkspace
from tiercore.people.linking import pending_link_emails
from tiercore.people.people import identity_of, is_user
from tiercore.people.types import InvalidChange, NotAllowed
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.tables.notifications import SubscriptionRow
from tiercore.storage.tables.workspaces import WorkspacePartnerRow, WorkspaceRow
from tiercore.storage.workspaces import is_single
from tiercore.workspaces.arrival_messages import ask_colleagues, has_asked_colleagues, linked_in, tell_of_link
from tiercore.workspaces.storing import workspace_of
from tiercore.workspaces.types import Arrival, Arrived, Workspace, WorkspaceRole

MOST_COLLEAGUES = 20
_workspace, _tie, _person = table(WorkspaceRow), table(WorkspacePartnerRow), table(PersonRow)
_link, _subscription = table(LinkRow), table(SubscriptionRow)


def arrival(connection: Connection, user: SlackUser) -> Arrival | None:
    """What there is in the user's workspace; None where it isn't a partner's."""
    workspace = _partners_workspace(connection, user.team_id)
    if workspace is None:
        return None
    person = identity_of(connection, user)
    email: str | None = connection.scalar(select(func.min(_link.c.email)).where(is_user(_link, user)))
    pending = pending_link_emails(connection, user)
    of_team = in_same_enterprise(_subscription.c.team_id, user.team_id) & _subscription.c.ended.is_(False)
    subscription = connection.scalar(select(_subscription.c.subscription_id).where(of_team).limit(1))
    found = PartnersWorkspace(
        person is not None,
        pending[0] if pending else None,
        len(linked_in(connection, user.team_id)),
        has_asked_colleagues(connection, workspace),
        subscription is not None,
    )
    return Arrival(workspace, _cam_names(connection, workspace), found, email if person is None else None)


def arrived(connection: Connection, team_id: str) -> Arrived | None:
    """What the program's people are told of a partner's workspace; None where the app isn't installed any more."""
    workspace = workspace_of(connection, team_id)
    if workspace is None or workspace.is_removed:
        return None
    return Arrived(workspace, linked_in(connection, team_id))


def somebody_was_linked(connection: Connection, user: SlackUser, now: datetime) -> None:
    """Tell the program's people, if the user is the first one to be linked in a partner's workspace."""
    if (workspace := _partners_workspace(connection, user.team_id)) is not None:
        tell_of_link(connection, user, workspace, now)


def invite_colleagues(connection: Connection, by: SlackUser, user_ids: list[str], now: datetime) -> int:
    """Invite colleagues of the same workspace to be linked. Returns how many weren't invited before.

    Raises InvalidChange for too many, and elsewhere than in a partner's workspace; NotAllowed to somebody who neither
    is linked nor has installed the app.
    """
    workspace = _partners_workspace(connection, by.team_id)
    if workspace is None:
        raise InvalidChange("Colleagues are invited in a partner's workspace. Here: /tier invite E-MAIL.")
    if len(user_ids) > MOST_COLLEAGUES:
        raise InvalidChange(f"Choose at most {MOST_COLLEAGUES} colleagues at a time.")
    if identity_of(connection, by) is None and by.user_id != workspace.installed_by:
        raise NotAllowed("Link yourself first: type /tier link. Then you can invite colleagues.")
    others = [each for each in user_ids if each != by.user_id]
    return ask_colleagues(connection, by, workspace, others, now)


def has_workspace(connection: Connection, partner_id: str) -> bool:
    """Whether the app is installed in a workspace of this partner."""
    is_its = (_tie.c.partner_id == partner_id) & _workspace.c.removed_at.is_(None)
    found = select(_tie.c.team_id).join(_workspace, _workspace.c.team_id == _tie.c.team_id).where(is_its).limit(1)
    return connection.scalar(found) is not None


def programs_team(connection: Connection) -> str | None:
    """The program's own workspace that was installed first; None where there is none by OAuth."""
    is_its = (_workspace.c.role == WorkspaceRole.PROGRAM.value) & _workspace.c.removed_at.is_(None)
    rows = select(_workspace.c.team_id).where(is_its).order_by(_workspace.c.installed_at, _workspace.c.team_id)
    team_id: str | None = connection.scalar(rows.limit(1))
    return team_id


def name_of(connection: Connection, team_id: str) -> str:
    """What the workspace of a user is called; "" where it isn't known."""
    of_team = in_same_enterprise(_workspace.c.team_id, team_id)
    return connection.scalar(select(_workspace.c.name).where(of_team).order_by(_workspace.c.team_id).limit(1)) or ""


def _partners_workspace(connection: Connection, team_id: str) -> Workspace | None:
    """The installed partner's workspace that the team, or its enterprise, is; None where it isn't one."""
    if connection.scalar(select(is_single())):
        return None
    of_team = in_same_enterprise(_workspace.c.team_id, team_id) & _workspace.c.removed_at.is_(None)
    found = list(connection.execute(select(_workspace.c.team_id, _workspace.c.role).where(of_team)))
    if not found or any(row.role == WorkspaceRole.PROGRAM.value for row in found):
        return None
    return workspace_of(connection, min(row.team_id for row in found))


def _cam_names(connection: Connection, workspace: Workspace) -> tuple[str, ...]:
    is_cam = (_person.c.role == Role.CAM.value) & _person.c.partner_id.in_(workspace.partners)
    return tuple(connection.scalars(select(_person.c.name).where(is_cam).distinct().order_by(_person.c.name)))
