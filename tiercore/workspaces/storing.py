"""Storing workspaces: installed, tied to partners, removed, purged."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from tiercore.people.audit import record
from tiercore.people.enterprise import record_team
from tiercore.people.types import InvalidChange
from tiercore.storage.bulk import dialect_of, table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.ledger import PartnerRow
from tiercore.storage.tables.workspaces import WorkspacePartnerRow, WorkspaceRow, WorkspaceTokenRow
from tiercore.workspaces.invitations import redeem
from tiercore.workspaces.types import (
    Installed,
    InstalledBy,
    InstalledToken,
    Workspace,
    WorkspaceRole,
)

_workspace, _token, _tie = table(WorkspaceRow), table(WorkspaceTokenRow), table(WorkspacePartnerRow)
_partner = table(PartnerRow)


def install(
    connection: Connection, by: InstalledBy, token: InstalledToken, invitation: str | None, now: datetime
) -> Installed:
    """Store an installation, or that one was renewed; what it was of, it stays. Raises InvalidChange for an invitation
    that was used meanwhile: then nothing is stored.
    """
    found = redeem(connection, invitation, now) if invitation is not None else None
    before = workspace_of(connection, by.team_id)
    role = found.role if found else before.role if before else WorkspaceRole.PARTNER
    row = {
        "team_id": by.team_id,
        "enterprise_id": by.enterprise_id,
        "name": by.name,
        "role": role.value,
        "is_org_wide": by.is_org_wide,
        "installed_by": by.user_id,
        "installed_at": as_ms(now),
        "removed_at": None,
        "removed_by": None,
        "purge_at": None,
    }
    _put(connection, _workspace, row)
    keep_token(connection, by.team_id, token)
    record_team(connection, by.team_id, by.enterprise_id, now)
    who, is_new = f"{by.team_id}/{by.user_id}", before is None or before.is_removed
    record(connection, now, who, "installed" if is_new else "installed again", by.team_id, f"{by.name}, {role.value}")
    new = [each for each in (found.partners if found else ()) if not before or each not in before.partners]
    for each in new:
        _tie_to(connection, by.team_id, each, who, now)
    workspace = workspace_of(connection, by.team_id)
    assert workspace is not None
    return Installed(workspace, is_new, tuple(new), found.made_by if found else None)


def keep_token(connection: Connection, team_id: str, token: InstalledToken) -> None:
    """Store a workspace's token in place of the one before."""
    row = {
        "team_id": team_id,
        "app_id": token.app_id,
        "bot_id": token.bot_id,
        "bot_user_id": token.bot_user_id,
        "scopes": " ".join(sorted(token.scopes)),
        "token": token.token,
        "refresh_token": token.refresh_token,
        "expires_at": as_ms(token.expires_at) if token.expires_at else None,
    }
    _put(connection, _token, row)


def _put(connection: Connection, target: object, row: Mapping[str, object]) -> None:
    statement = dialect_of(connection).insert(target)
    new = {name: statement.excluded[name] for name in row if name != "team_id"}
    connection.execute(statement.on_conflict_do_update(index_elements=["team_id"], set_=new), [row])


def tie(connection: Connection, team_id: str, partner_id: str, actor: str, now: datetime) -> None:
    """Make a workspace one of this partner's. Raises InvalidChange for a workspace or partner that isn't known."""
    workspace = require(connection, team_id)
    if workspace.role is WorkspaceRole.PROGRAM:
        raise InvalidChange(f"{workspace.name} is the program's own workspace: it is of no partner.")
    if connection.scalar(select(_partner.c.partner_id).where(_partner.c.partner_id == partner_id)) is None:
        raise InvalidChange(f"There is no partner {partner_id}. Give its ID, as it is in partners.csv.")
    if partner_id not in workspace.partners:
        _tie_to(connection, team_id, partner_id, actor, now)


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


def installation_for(
    connection: Connection, team_id: str | None, enterprise_id: str | None
) -> tuple[Workspace, InstalledToken] | None:
    """The installation that serves a team: its own, or its organization's; None where there is none, or no longer."""
    of_organization = (_workspace.c.team_id == enterprise_id) & _workspace.c.is_org_wide.is_(True)
    rows = connection.execute(
        select(_workspace.c.team_id, _token)
        .join(_token, _token.c.team_id == _workspace.c.team_id)
        .where(or_(_workspace.c.team_id == team_id, of_organization), _workspace.c.removed_at.is_(None))
    ).mappings()
    found = {row["team_id"]: row for row in rows}
    row = found.get(team_id) or found.get(enterprise_id)
    workspace = workspace_of(connection, row["team_id"]) if row else None
    return (workspace, _as_token(row)) if row and workspace else None


def number(connection: Connection) -> int:
    """How many workspaces the app is in: those that it is installed in by OAuth, or the one of a token."""
    installed = func.count().filter(_workspace.c.removed_at.is_(None))
    known, current = connection.execute(select(func.count(), installed).select_from(_workspace)).one()
    return int(current) if known else 1


def tokens(connection: Connection) -> list[tuple[str, InstalledToken]]:
    """The tokens of all workspaces, by team."""
    rows = connection.execute(select(_token).order_by(_token.c.team_id)).mappings()
    return [(row["team_id"], _as_token(row)) for row in rows]


def reseal(connection: Connection, sealed_anew: Callable[[str], str]) -> int:
    """Replace what is sealed of every token. Returns how many workspaces that were."""
    for team_id, token in (found := tokens(connection)):
        renewed = token.refresh_token and sealed_anew(token.refresh_token)
        values = {"token": sealed_anew(token.token), "refresh_token": renewed}
        connection.execute(update(_token).where(_token.c.team_id == team_id).values(values))
    return len(found)


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


def _as_token(get: Mapping[Any, Any]) -> InstalledToken:
    expires_at = get["expires_at"]
    return InstalledToken(
        get["app_id"],
        get["bot_id"],
        get["bot_user_id"],
        frozenset(get["scopes"].split()),
        get["token"],
        get["refresh_token"],
        from_ms(expires_at) if expires_at is not None else None,
    )
