"""Storing workspaces: installed, tied to partners, removed, purged."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from tiercore.people.audit import record
from tiercore.people.enterprise import record_team
from tiercore.people.types import OPERATOR, InvalidChange
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.ledger import PartnerRow
from tiercore.storage.tables.workspaces import WorkspacePartnerRow, WorkspaceRow
from tiercore.workspaces.arrival_messages import tell_of_installation, tell_of_tie
from tiercore.workspaces.invitations import redeem
from tiercore.workspaces.tokens import keep_token, upsert
from tiercore.workspaces.types import (
    Installed,
    InstalledBy,
    InstalledToken,
    Workspace,
    WorkspaceRole,
)

_workspace, _tie = table(WorkspaceRow), table(WorkspacePartnerRow)
_partner = table(PartnerRow)


def install(
    connection: Connection, by: InstalledBy, token: InstalledToken, invitation: str | None, now: datetime
) -> Installed:
    """Store an installation, or that one was renewed; what it was of, it stays. Raises InvalidChange for an invitation
    that was used meanwhile, or is for the other kind of workspace, and without one where the operator removed it: then
    nothing is stored, nor is the invitation used.
    """
    found = redeem(connection, invitation, now) if invitation is not None else None
    before = workspace_of(connection, by.team_id)
    if found and before:
        _require_fits(before, found.role)
    if before and before.removed_by == OPERATOR and found is None:
        raise InvalidChange(
            "The program has removed tierbot from this workspace. Ask your CAM for a new invitation, and open its link."
        )
    role = found.role if found else before.role if before else WorkspaceRole.PARTNER
    is_new = before is None or before.is_removed
    row = {
        "team_id": by.team_id,
        "enterprise_id": by.enterprise_id,
        "name": by.name,
        "role": role.value,
        "is_org_wide": by.is_org_wide,
        "installed_by": by.user_id,
        "installed_at": as_ms(before.installed_at if before and not is_new else now),
        "removed_at": None,
        "removed_by": None,
        "purge_at": None,
    }
    upsert(connection, _workspace, row)
    keep_token(connection, by.team_id, token)
    record_team(connection, by.team_id, by.enterprise_id, now)
    who = f"{by.team_id}/{by.user_id}"
    record(connection, now, who, "installed" if is_new else "installed again", by.team_id, f"{by.name}, {role.value}")
    new = [each for each in (found.partners if found else ()) if not before or each not in before.partners]
    for each in new:
        _tie_to(connection, by.team_id, each, who, now)
    workspace = workspace_of(connection, by.team_id)
    assert workspace is not None
    installed = Installed(workspace, is_new, tuple(new), found.made_by if found else None)
    tell_of_installation(connection, installed, now)
    return installed


def _require_fits(workspace: Workspace, invited_as: WorkspaceRole) -> None:
    """Raises InvalidChange where the program's workspace would become a partner's, or a partner's the program's."""
    if workspace.role is WorkspaceRole.PROGRAM and invited_as is WorkspaceRole.PARTNER:
        raise InvalidChange(
            f"{workspace.name} is the program's own workspace, and the invitation is for a partner's. Open the link "
            "again and choose the partner's workspace on Slack's page."
        )
    if workspace.partners and invited_as is WorkspaceRole.PROGRAM:
        raise InvalidChange(
            f"{workspace.name} is a partner's workspace, and the invitation is for one of the program's. Open the link "
            "again and choose that one on Slack's page."
        )


def tie(connection: Connection, team_id: str, partner_id: str, actor: str, now: datetime) -> None:
    """Make a workspace one of this partner's. Raises InvalidChange for a workspace or partner that isn't known."""
    workspace = require(connection, team_id)
    if workspace.role is WorkspaceRole.PROGRAM:
        raise InvalidChange(f"{workspace.name} is the program's own workspace: it is of no partner.")
    if connection.scalar(select(_partner.c.partner_id).where(_partner.c.partner_id == partner_id)) is None:
        raise InvalidChange(f"There is no partner {partner_id}. Give its ID, as it is in partners.csv.")
    if partner_id not in workspace.partners:
        _tie_to(connection, team_id, partner_id, actor, now)
        tell_of_tie(connection, workspace, partner_id, now)


def _tie_to(connection: Connection, team_id: str, partner_id: str, actor: str, now: datetime) -> None:
    connection.execute(insert(_tie), [{"team_id": team_id, "partner_id": partner_id}])
    record(connection, now, actor, "tied a workspace to", partner_id, team_id)


def untie(connection: Connection, team_id: str, partner_id: str, actor: str, now: datetime) -> None:
    """Undo `tie`. Raises InvalidChange where there is none, and for the last one: a workspace that is of nobody shows
    its people all partners that they are linked to.
    """
    workspace = require(connection, team_id)
    if partner_id not in workspace.partners:
        raise InvalidChange(f"{workspace.name} isn't tied to {partner_id}.")
    if len(workspace.partners) == 1:
        raise InvalidChange(
            f"{partner_id} is the only partner of {workspace.name}: tie another one first, or remove it."
        )
    is_it = (_tie.c.team_id == team_id) & (_tie.c.partner_id == partner_id)
    connection.execute(delete(_tie).where(is_it))
    record(connection, now, actor, "untied a workspace from", partner_id, team_id)


def set_role(connection: Connection, team_id: str, role: WorkspaceRole, actor: str, now: datetime) -> None:
    """Make a workspace the program's own, or a partner's. Raises InvalidChange where it is of partners."""
    workspace = require(connection, team_id)
    if role is WorkspaceRole.PROGRAM and workspace.partners:
        raise InvalidChange(f"{workspace.name} is tied to {', '.join(workspace.partners)}: it can't be the program's.")
    connection.execute(update(_workspace).where(_workspace.c.team_id == team_id).values(role=role.value))
    record(connection, now, actor, "made a workspace", role.value, team_id)


def workspaces(connection: Connection) -> list[Workspace]:
    """Every workspace, also those that were removed and not purged yet, by name."""
    ties = defaultdict[str, list[str]](list)
    for row in connection.execute(select(_tie).order_by(_tie.c.partner_id)):
        ties[row.team_id].append(row.partner_id)
    rows = connection.execute(select(_workspace).order_by(_workspace.c.name, _workspace.c.team_id))
    return [_as_workspace(row, ties[row.team_id]) for row in rows]


def workspace_of(connection: Connection, team_id: str) -> Workspace | None:
    """The workspace with this ID, None for an unknown one."""
    row = connection.execute(select(_workspace).where(_workspace.c.team_id == team_id)).first()
    ties = select(_tie.c.partner_id).where(_tie.c.team_id == team_id).order_by(_tie.c.partner_id)
    return _as_workspace(row, connection.scalars(ties).all()) if row else None


def require(connection: Connection, team_id: str) -> Workspace:
    """The workspace with this ID. Raises InvalidChange for an unknown one."""
    found = workspace_of(connection, team_id)
    if found is None:
        raise InvalidChange(f"The app isn't installed in {team_id}. tierbot workspaces lists where it is.")
    return found


def number(connection: Connection) -> int:
    """How many workspaces the app is in: those that it is installed in by OAuth, or the one of a token."""
    installed = func.count().filter(_workspace.c.removed_at.is_(None))
    known, current = connection.execute(select(func.count(), installed).select_from(_workspace)).one()
    return int(current) if known else 1


def _as_workspace(row: Row[Any], partners: Sequence[str]) -> Workspace:
    get = row._mapping
    removed_at, purge_at = get["removed_at"], get["purge_at"]
    return Workspace(
        get["team_id"],
        get["enterprise_id"],
        get["name"],
        WorkspaceRole(get["role"]),
        get["is_org_wide"],
        get["installed_by"],
        from_ms(get["installed_at"]),
        tuple(partners),
        from_ms(removed_at) if removed_at is not None else None,
        get["removed_by"],
        from_ms(purge_at) if purge_at is not None else None,
    )
