"""The tokens of installations, sealed, and which of them serves a workspace."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, case, or_, select, update

from tiercore.storage.bulk import dialect_of, table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.workspaces import WorkspaceRow, WorkspaceTokenRow
from tiercore.workspaces.types import InstalledToken

_workspace, _token = table(WorkspaceRow), table(WorkspaceTokenRow)


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
    upsert(connection, _token, row)


def upsert(connection: Connection, target: Table, row: Mapping[str, object]) -> None:
    """Store a row, by its `team_id`, in place of the one before."""
    statement = dialect_of(connection).insert(target)
    new = {name: statement.excluded[name] for name in row if name != "team_id"}
    connection.execute(statement.on_conflict_do_update(index_elements=["team_id"], set_=new), [row])


def token_of(connection: Connection, team_id: str) -> InstalledToken | None:
    """The token of an installation; None where there is none, or no longer."""
    row = connection.execute(select(_token).where(_token.c.team_id == team_id)).mappings().first()
    return _as_token(row) if row else None


def renew(
    connection: Connection, team_id: str, was_renewed: Callable[[InstalledToken], bool], token: InstalledToken
) -> InstalledToken | None:
    """Store a token in place of the one that was renewed, which `was_renewed` recognizes. One that was stored meanwhile
    stays, and one that was removed isn't stored again. Returns what is stored then.
    """
    stored = token_of(connection, team_id)
    if stored is None or not was_renewed(stored):
        return stored
    keep_token(connection, team_id, token)
    return token_of(connection, team_id)


def installed_for(
    connection: Connection, team_id: str | None, enterprise_id: str | None
) -> tuple[str, InstalledToken] | None:
    """The ID of the installation that serves a team, and its token: its own, or its organization's. None where there is
    none, or no longer.

    Without an enterprise it is the one that the team is recorded in; then any other of its workspaces serves the team,
    too, because a user is the same in all.
    """
    is_own = _workspace.c.team_id == team_id
    serves = or_(is_own, (_workspace.c.team_id == enterprise_id) & _workspace.c.is_org_wide)
    if enterprise_id is None and team_id is not None:
        serves = in_same_enterprise(_workspace.c.team_id, team_id)
    rank = case((is_own, 0), (_workspace.c.is_org_wide, 1), else_=2)
    found = (
        select(_token)
        .join(_workspace, _workspace.c.team_id == _token.c.team_id)
        .where(serves, _workspace.c.removed_at.is_(None))
        .order_by(rank, _workspace.c.installed_at, _workspace.c.team_id)
    )
    row = connection.execute(found).mappings().first()
    return (row["team_id"], _as_token(row)) if row else None


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
